"""Built-in region sets and the exact matching of names."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from ouhe import regions
from ouhe.errors import StudyError
from ouhe.regions.names import shipped_table

CHINA = regions.load("china-provinces")
ALL = regions.load("china-provinces-34")


def test_the_provinces_stand_in_the_order_of_the_national_standard():
    assert len(CHINA) == 31
    assert (CHINA.ids[0], CHINA.ids[4], CHINA.ids[-1]) == ("北京", "内蒙古", "新疆")
    codes = CHINA.table["code"].astype(int)
    assert codes.is_monotonic_increasing
    assert ALL.ids == (*CHINA.ids, "台湾", "香港", "澳门")
    assert ALL.table["code"].is_unique
    assert (ALL.table["code"].str[2:] == "0000").all()


def test_full_names_extend_the_short_ones():
    for region, full in ALL.table["name_zh"].items():
        assert full.startswith(region)
        assert full.removeprefix(region) in {
            "市", "省", "自治区", "壮族自治区", "回族自治区", "维吾尔自治区", "特别行政区",
        }  # fmt: skip


# Official spellings that are no plain pinyin: Shaanxi keeps apart from Shanxi, the rest are names of their own.
OTHER_SPELLINGS = {"陕西": "Shaanxi"}


@pytest.mark.parametrize("region", ALL.ids)
def test_pinyin_is_that_of_the_characters(region):
    spelt = OTHER_SPELLINGS.get(region) or "".join(lazy_pinyin(region)).capitalize()
    spelt = {"Zhongqing": "Chongqing", "Xicang": "Xizang", "Shamen": "Xiamen"}.get(spelt, spelt)
    assert ALL.table.loc[region, "pinyin"] == spelt


def test_capitals_lie_inside_the_country_and_apart():
    table = ALL.table
    assert table["longitude"].between(87, 127).all()
    assert table["latitude"].between(20, 46).all()
    # Harbin is the northernmost capital, Haikou the southernmost, Ürümqi and Harbin the outermost east to west.
    assert table["latitude"].idxmax() == "黑龙江"
    assert table["latitude"].idxmin() == "海南"
    assert (table["longitude"].idxmin(), table["longitude"].idxmax()) == ("新疆", "黑龙江")
    # Great-circle distances of published road atlases, to 3 %: Beijing-Tianjin 110 km, Beijing-Shanghai 1070 km,
    # Chengdu-Chongqing 270 km, Guangzhou-Haikou 455 km, Lanzhou-Xining 190 km.
    for a, b, km in [
        ("北京", "天津", 110),
        ("北京", "上海", 1070),
        ("四川", "重庆", 270),
        ("广东", "海南", 455),
        ("甘肃", "青海", 190),
    ]:
        assert _distance(a, b) == pytest.approx(km, rel=0.03)


def _distance(a, b):
    (x1, y1), (x2, y2) = (np.radians(ALL.table.loc[r, ["longitude", "latitude"]].astype(float)) for r in (a, b))
    h = np.sin((y2 - y1) / 2) ** 2 + np.cos(y1) * np.cos(y2) * np.sin((x2 - x1) / 2) ** 2
    return 2 * 6371 * np.arcsin(np.sqrt(h))


def test_borders_are_pairs_of_different_regions_each_once():
    assert len(CHINA.borders) == 69
    pairs = {frozenset(pair) for pair in ALL.borders}
    assert len(pairs) == len(ALL.borders) == 71
    assert all(len(pair) == 2 and pair <= set(ALL.ids) for pair in pairs)
    assert frozenset({"海南", "广东"}) in pairs
    assert frozenset({"宁夏", "青海"}) not in pairs
    assert pairs - {frozenset(p) for p in CHINA.borders} == {frozenset({"广东", "香港"}), frozenset({"广东", "澳门"})}


def test_the_known_numbers_of_neighbours():
    # From any map: Inner Mongolia and Shaanxi border eight provinces each, Hainan one (over the strait), Shanghai two.
    count = {r: sum(r in pair for pair in CHINA.borders) for r in CHINA.ids}
    assert (count["内蒙古"], count["陕西"], count["海南"], count["上海"]) == (8, 8, 1, 2)
    assert min(count.values()) == 1


def test_groups_of_the_four_economic_regions():
    groups = CHINA.groupings["four-economic-regions"]
    assert set(groups) == set(CHINA.ids)
    size = {g: list(groups.values()).count(g) for g in set(groups.values())}
    assert size == {"East": 10, "Central": 6, "West": 12, "Northeast": 3}
    assert (groups["海南"], groups["山西"], groups["陕西"], groups["广西"]) == ("East", "Central", "West", "West")


@pytest.mark.parametrize("regionset", [CHINA, ALL], ids=lambda s: s.name)
def test_every_grouping_covers_the_set_and_every_group_has_names(regionset):
    for grouping, groups in regionset.groupings.items():
        assert set(groups) == set(regionset.ids)
        for lang in ("zh", "en"):
            assert regionset.group_label(grouping, lang=lang) != grouping
            for group in set(groups.values()):
                assert f"{grouping}/{group}" in regionset.labels[lang]


def test_tiles_are_places_of_their_own():
    places = ALL.table[["tile_row", "tile_column"]]
    assert not places.duplicated().any()
    rows = places.groupby("tile_row").size()
    assert rows.tolist() == [1, 2, 4, 7, 8, 5, 4, 3]


def test_a_map_shows_all_thirty_four_whatever_is_studied():
    for studied in (ALL, CHINA, CHINA.without(["西藏", "新疆"])):
        shown = studied.shown
        assert tuple(shown.index) == ALL.ids
        assert tuple(shown.index[shown["studied"]]) == studied.ids
        assert np.array_equal(shown[["tile_row", "tile_column"]], ALL.table[["tile_row", "tile_column"]])


def test_tiles_stand_as_the_layout_says():
    # Character and column, row by row.
    layout = (
        "黑8 | 蒙6 吉8 | 新0 京6 津7 辽8 | 青1 甘2 宁3 陕4 晋5 冀6 鲁7 | 藏0 川2 渝3 鄂4 豫5 皖6 苏7 沪8 "
        "| 云2 贵3 湘4 赣5 浙6 | 桂3 粤4 闽5 台7 | 琼3 澳4 港5"
    )
    said = {tile[0]: (row, int(tile[1:])) for row, line in enumerate(layout.split("|")) for tile in line.split()}
    table = ALL.table.set_index("short_zh")
    assert {k: (r, c) for k, r, c in table[["tile_row", "tile_column"]].itertuples()} == said


def test_short_names_are_one_character_and_the_letter_codes_of_the_standard():
    table = ALL.table
    assert table["short_zh"].is_unique
    assert table["short_en"].is_unique
    assert (table["short_zh"].str.len() == 1).all()
    # A short name is one by which tables abbreviate the province.
    assert all(
        ALL.recognise(short) == regions.Recognition("region", r, "abbreviation")
        for r, short in table["short_zh"].items()
    )
    # GB/T 2260-2007, as ISO 3166-2:CN lists them; the pairs that are easily taken for one another.
    codes = {
        "河北": "HE",
        "河南": "HA",
        "湖北": "HB",
        "湖南": "HN",
        "海南": "HI",
        "黑龙江": "HL",
        "山西": "SX",
        "陕西": "SN",
    }
    codes |= {"内蒙古": "NM", "贵州": "GZ", "广西": "GX", "重庆": "CQ", "西藏": "XZ", "澳门": "MO"}
    assert {r: table.loc[r, "short_en"] for r in codes} == codes
    assert (CHINA.short("河南", "zh"), CHINA.short("河南", "en"), CHINA.short("台湾", "en")) == ("豫", "HA", "TW")


# --- recognition


@pytest.mark.parametrize(
    ("label", "region", "how"),
    [
        ("北京", "北京", "id"),
        ("北   京", "北京", "id"),
        ("北\u3000京\u00a0", "北京", "id"),
        ("\ufeff内 蒙\n古", "内蒙古", "id"),
        ("北京市", "北京", "full-name"),
        ("新疆维吾尔自治区", "新疆", "full-name"),
        ("  Inner  Mongolia", "内蒙古", "english"),
        ("TIBET", "西藏", "english"),
        ("xizang", "西藏", "pinyin"),
        ("Guangxi Zhuang Autonomous Region", "广西", "english"),
        ("Shanxi", "山西", "english"),
        ("Shaanxi", "陕西", "english"),
        ("Hebei Province", "河北", "english"),
        ("Jilin", "吉林", "english"),
        ("吉林省", "吉林", "full-name"),
        ("重庆市", "重庆", "full-name"),
        ("內蒙古", "内蒙古", "traditional"),
        ("廣東省", "广东", "traditional"),
        ("粤", "广东", "abbreviation"),
        ("110000", "北京", "code"),
        ("11", "北京", "code"),
        (11, "北京", "code"),
        (650000.0, "新疆", "code"),
        ("６５", "新疆", "code"),
    ],
)
def test_names_of_provinces(label, region, how):
    found = CHINA.recognise(label)
    assert (found.kind, found.region, found.how) == ("region", region, how)


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("全国", "national"),
        ("全    国", "national"),
        (" National Total", "national"),
        ("合计", "national"),
        ("东部地区", "macro-region"),
        ("东  部", "macro-region"),
        ("Northeast Region", "macro-region"),
        ("京津冀", "macro-region"),
        ("新疆生产建设兵团", "other"),
        ("兵团", "other"),
        ("国 外", "other"),
        ("港 澳 台", "other"),
        ("不分地区", "other"),
        ("大连", "other"),
        ("台湾", "other"),
        ("Hong Kong", "other"),
        ("", "unknown"),
        (None, "unknown"),
        (True, "unknown"),
        (float("nan"), "unknown"),
        ("地区", "unknown"),
        ("内蒙占", "unknown"),
        ("江两", "unknown"),
        ("山两", "unknown"),
        ("两藏", "unknown"),
        ("Hbei", "unknown"),
        ("吉林市", "unknown"),
        ("海南州", "unknown"),
        ("北京、天津", "unknown"),
        ("注：北京数据", "unknown"),
        (11.5, "unknown"),
        ("1100000", "unknown"),
    ],
)
def test_labels_that_are_no_province(label, kind):
    found = CHINA.recognise(label)
    assert (found.kind, found.region) == (kind, None)


def test_what_the_smaller_set_leaves_out_is_known_and_never_matched():
    for label in ("台湾省", "香港特别行政区", "Macau", "710000", "臺灣", "台"):
        assert CHINA.recognise(label).how == "outside-the-set"
        assert ALL.recognise(label).kind == "region"
    assert CHINA.recognise("兵团").how == "not-a-region"


def test_no_name_leads_to_two_regions_and_none_is_also_a_total():
    table, aliases = shipped_table("china/regions.csv"), shipped_table("china/aliases.csv")
    for row in table.itertuples():
        for name in (row.id, row.name_zh, row.name_en, row.pinyin, row.code):
            assert ALL.recognise(name).region == row.id
    for row in aliases.itertuples():
        found = ALL.recognise(row.label)
        assert found.region == row.region
    assert set(aliases["region"]) <= set(table["id"])
    for row in pd.concat(map(shipped_table, ("not-regions.csv", "china/not-regions.csv"))).itertuples():
        assert ALL.recognise(row.label).region is None


@given(st.text(max_size=6))
def test_no_text_is_guessed(text):
    found = CHINA.recognise(text)
    if found.kind == "region":
        spelling = "".join(text.split())
        assert CHINA.recognise(spelling).region == found.region
    assert (found.region is not None) == (found.kind == "region")


@given(st.sampled_from(CHINA.ids), st.integers(0, 2), st.sampled_from(" \u3000\t\n\u00a0\u200b"))
def test_white_space_anywhere_changes_nothing(region, position, space):
    spaced = region[:position] + space + region[position:]
    assert CHINA.recognise(spaced).region == region


# --- the study's own names


def test_an_alias_of_the_study_wins():
    assert CHINA.recognise("内蒙占", {"内蒙占": "内蒙古"}) == regions.Recognition("region", "内蒙古", "study-alias")
    assert CHINA.recognise("内 蒙占", {"内蒙 占": "Inner Mongolia"}).region == "内蒙古"
    assert CHINA.recognise("大连", {"大连": "辽宁"}).region == "辽宁"
    assert CHINA.recognise("北京", {"内蒙占": "内蒙古"}).how == "id"


def test_an_alias_to_no_region_is_an_error_with_the_nearest_names():
    with pytest.raises(StudyError, match="内蒙古") as caught:
        CHINA.recognise("内蒙占", {"内蒙占": "内蒙故"})
    assert caught.value.problems[0].key == "regions.alias_unknown"
    wrong = CHINA.check_aliases({"内蒙占": "内蒙古", "x": "全国", "y": "Hebe"})
    assert [p.params["alias"] for p in wrong] == ["x", "y"]
    assert "Hebei" in wrong[1].message("en")


@pytest.mark.parametrize(
    ("slip", "meant"), [("内蒙占", "内蒙古"), ("江两", "江西"), ("两藏", "西藏"), ("Hbei", "Hebei")]
)
def test_the_nearest_names_hold_what_was_meant(slip, meant):
    assert f'"{meant}"' in CHINA.nearest(slip)
    assert CHINA.nearest("qqqqqq") == ""


# --- loading


def test_labels_follow_the_language():
    assert CHINA.label("陕西", "zh") == "陕西"
    assert CHINA.label("陕西", "en") == "Shaanxi"
    assert CHINA.group_label("four-economic-regions", "Central", "en") == "Central"
    assert CHINA.group_label("four-economic-regions", "Central", "zh") == "中部地区"


def test_an_unknown_set_is_told_with_the_nearest_name():
    with pytest.raises(StudyError, match=r'did you mean "china-provinces"') as caught:
        regions.load("china-province")
    assert caught.value.problems[0].key == "regions.unknown_set"
    with pytest.raises(StudyError) as caught:
        regions.load("sets/absent.csv")
    assert caught.value.problems[0].key == "regions.no_file"
    assert regions.builtin() == ("china-provinces", "china-provinces-34", "us-states")
