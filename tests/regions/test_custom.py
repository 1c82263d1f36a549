"""A user's own region set."""

import math

import pytest

from ouhe import regions
from ouhe.errors import DataError

CITIES = """id,name_zh,name_en,code,aliases,capital,longitude,latitude,belt,coast
大连,大连市,Dalian,210200,DL|旅大,,121.6,38.9,north,yes
吉林市,,Jilin City,220200,,,,,north,
深圳,深圳市,Shenzhen,440300,,,114.06,22.54,south,yes
"""


def write(tmp_path, content, encoding="utf-8", name="cities.csv"):
    path = tmp_path / name
    path.write_bytes(content.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_reads_names_places_and_groups(tmp_path, encoding):
    cities = regions.load(write(tmp_path, CITIES, encoding))
    assert cities.ids == ("大连", "吉林市", "深圳")
    assert cities.groupings == {
        "belt": {"大连": "north", "吉林市": "north", "深圳": "south"},
        "coast": {"大连": "yes", "深圳": "yes"},
    }
    assert cities.table.loc["深圳", "latitude"] == 22.54
    assert math.isnan(cities.table.loc["吉林市", "longitude"])
    assert cities.borders == ()
    assert (cities.label("深圳", "en"), cities.label("吉林市", "zh")) == ("Shenzhen", "吉林市")
    assert cities.group_label("belt", "north", "en") == "north"


def test_its_names_win_over_the_usual_labels(tmp_path):
    cities = regions.load(str(write(tmp_path, CITIES)))
    found = {
        label: cities.recognise(label) for label in ("旅大", "dl", "210200", "Jilin City", "全国", "东部地区", "宁波")
    }
    assert [found[k].region for k in ("旅大", "dl", "210200", "Jilin City")] == ["大连", "大连", "大连", "吉林市"]
    assert (found["全国"].kind, found["东部地区"].kind) == ("national", "macro-region")
    # A city that the set does not name is not dropped as "other": it may be missing by mistake.
    assert found["宁波"].kind == "unknown"
    countries = regions.load(write(tmp_path, "id\n中国\n日本\n"))
    assert countries.recognise("中国").region == "中国"


def test_blank_lines_are_passed_over(tmp_path):
    assert regions.load(write(tmp_path, "id,code\n甲,1\n\n,\n乙,2\n\n")).ids == ("甲", "乙")


def test_short_names_are_given_or_the_beginning_of_the_name(tmp_path):
    content = (
        "id,name_zh,name_en,short_zh,short_en,tile_row,tile_column\n"
        "dalian,大连市,Dalian,连,DL,0,1\n吉林市,,Jilin City,,,1,1\n深圳,,,深,,2,0\nOslo,,,,,,\nA,,,,,,\n"
    )
    cities = regions.load(write(tmp_path, content))
    found = {r: (cities.short(r, "zh"), cities.short(r, "en")) for r in cities.ids}
    assert found == {
        "dalian": ("连", "DL"),
        "吉林市": ("吉林", "Jil"),
        "深圳": ("深", "深"),
        "Oslo": ("Oslo", "Oslo"),
        "A": ("A", "A"),
    }
    # What stands in a tile need not tell regions apart, so it is no name of theirs.
    assert cities.recognise("DL").kind == "unknown"


def test_a_map_shows_the_regions_of_the_file_and_those_left_out_where_they_have_a_tile(tmp_path):
    content = "id,tile_row,tile_column\n甲,0,0\n乙,0,1\n丙,,\n丁,,\n"
    shown = regions.load(write(tmp_path, content)).without(["乙", "丁"]).shown
    assert shown["studied"].to_dict() == {"甲": True, "乙": False, "丙": True}


def problems(tmp_path, content, encoding="utf-8"):
    with pytest.raises(DataError) as caught:
        regions.from_file(write(tmp_path, content, encoding))
    return [(p.key.removeprefix("regions."), p.place.line) for p in caught.value.problems]


def test_everything_wrong_is_told_together(tmp_path):
    content = "id,code,longitude,latitude,aliases\n甲,1,500,30,\n甲,2,100,abc,\n,3,1,1,\n乙,4,1,1,甲\n"
    assert problems(tmp_path, content) == [
        ("id_twice", 3),
        ("empty_id", 4),
        ("not_a_coordinate", 2),
        ("not_a_coordinate", 3),
        ("name_of_two", None),
    ]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("name,code\n甲,1\n", "no_id_column"),
        ("", "errors.empty_file"),
        ("  \n", "errors.empty_file"),
        ('id\n"甲\n', "not_a_table"),
        ("id,a\n甲,1,2\n", "row_length"),
        ("id,a,a\n甲,1,2\n", "column_twice"),
    ],
)
def test_files_that_are_no_region_set(tmp_path, content, key):
    assert [k for k, _ in problems(tmp_path, content)] == [key]


def test_an_encoding_that_is_neither(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"id\n\xff\xff\xff\n")
    with pytest.raises(DataError, match="neither UTF-8 nor GB18030"):
        regions.from_file(path)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ("id,名\n大连,大�\n".encode(), "decoding.lost_characters"),
        ("id,名\n大连,大连市\n".encode()[:-2] + b"\n", "decoding.damaged"),
        (b"id,\x00\n", "decoding.binary"),
        (b"PK\x03\x04", "decoding.other_kind"),
    ],
)
def test_a_damaged_file_is_told(tmp_path, data, key):
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    with pytest.raises(DataError) as caught:
        regions.from_file(path)
    assert [(p.key, p.place.file) for p in caught.value.problems] == [(key, "x.csv")]


def test_neighbours_are_borders_whichever_of_two_names_the_other(tmp_path):
    content = "id,neighbours,belt\n甲,乙| 丙 ,north\n乙,甲,south\n丙,,south\n丁,丙|,south\n"
    cities = regions.load(write(tmp_path, content))
    assert cities.borders == (("甲", "乙"), ("甲", "丙"), ("丙", "丁"))
    assert list(cities.groupings) == ["belt"]
    assert cities.without(["丙"]).borders == (("甲", "乙"),)


def test_neighbours_that_cannot_be_are_told_together(tmp_path):
    content = "id,neighbours\n甲市,乙市|丙市|甲市\n乙市,甲\n"
    assert problems(tmp_path, content) == [("unknown_neighbour", 2), ("own_neighbour", 2), ("unknown_neighbour", 3)]
    with pytest.raises(DataError) as caught:
        regions.from_file(write(tmp_path, content))
    assert 'did you mean "甲市"' in caught.value.problems[-1].message("en")
