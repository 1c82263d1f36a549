"""All files of one entry of a study."""

import pytest

from ouhe import regions
from ouhe.errors import OptionError
from ouhe.read import LAYOUTS, ReadOptions, read_entry

CHINA = regions.load("china-provinces")


def entry(tmp_path, contents, layout="auto", **options):
    paths = []
    for name, content in contents.items():
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        paths.append((path, name))
    return read_entry(paths, layout=layout, regions=CHINA, options=ReadOptions(**options))


def test_layouts_are_the_ones_a_study_may_name():
    assert list(LAYOUTS) == ["long", "wide", "sheet-per-year", "sheet-per-indicator", "nbs", "stata", "yearbook"]


def test_an_unknown_layout_offers_the_nearest():
    with pytest.raises(OptionError, match='"long"'):
        read_entry([], layout="lang", regions=CHINA, options=ReadOptions())


def test_files_are_read_in_the_order_of_their_names_each_by_its_own_layout(tmp_path):
    reading = entry(
        tmp_path, {"b.csv": "地区,2020,2021\n北京,1,2\n", "a.csv": "省份,年份,GDP\n北京,2020,3\n"}, names=None
    )
    assert [(s.file, s.layout) for s in reading.sources] == [("a.csv", "long"), ("b.csv", "wide")]
    assert reading.cells["source"].tolist() == [0, 1, 1]


def test_problems_of_all_files_are_told_together(tmp_path):
    reading = entry(
        tmp_path,
        {"a.csv": "省份,年份,GDP\n北京,2020,x\n", "b.csv": b"a,b\n\xff\xff,1\n", "c.csv": "a,b\n1,2\n", "d.csv": ""},
        names={"gdp": ("GDP",)},
        required=True,
    )
    assert [(p.key, p.place.file) for p in reading.problems] == [
        ("read.not_a_number", "a.csv"),
        ("decoding.no_encoding", "b.csv"),
        ("read.no_layout", "c.csv"),
        ("errors.empty_file", "d.csv"),
    ]


def test_a_name_must_be_in_one_of_the_files_of_one_series_each(tmp_path):
    files = {"GDP.csv": "地区,2020,2021\n北京,1,2\n", "人口.csv": "地区,2020,2021\n北京,1,2\n"}
    names = {"gdp": ("GDP",), "pop": ("人口",)}
    assert entry(tmp_path, files, names=names, required=True).problems == ()
    (problem,) = entry(tmp_path, files, names=names | {"rd": ("R&D",)}, required=True).problems
    assert (problem.key, problem.params["series"]) == ("read.no_series", "rd")


def test_a_name_must_be_in_every_file_of_many_series(tmp_path):
    files = {"a.csv": "省份,年份,GDP,人口\n北京,2020,3,4\n", "b.csv": "省份,年份,GDP\n北京,2021,3\n"}
    names = {"gdp": ("GDP",), "pop": ("人口",)}
    (problem,) = entry(tmp_path, files, names=names, required=True).problems
    assert (problem.key, problem.place.file) == ("read.no_series", "b.csv")
    assert entry(tmp_path, files, names=names).problems == ()


def test_units_that_differ_between_files_are_told(tmp_path):
    files = {"a.csv": "省份,年份,GDP(亿元)\n北京,2020,3\n", "b.csv": "省份,年份,GDP(万元)\n北京,2021,3\n"}
    assert [p.key for p in entry(tmp_path, files, names={"gdp": ("GDP",)}).problems] == ["read.two_units"]


def test_an_alias_that_leads_nowhere_does_not_hide_the_other_problems(tmp_path):
    files = {"a.csv": "省份,年份,GDP\n北平,2020,3\n", "b.csv": "省份,年份,GDP\n北京,2020,x\n"}
    found = [p.key for p in entry(tmp_path, files, aliases={"北平": "背景"}).problems]
    assert found == ["regions.alias_unknown", "read.not_a_number"]


def test_a_file_that_is_not_there_is_told(tmp_path):
    reading = read_entry([(tmp_path / "none.csv", "none.csv")], layout="long", regions=CHINA, options=ReadOptions())
    assert [p.key for p in reading.problems] == ["read.unreadable"]
