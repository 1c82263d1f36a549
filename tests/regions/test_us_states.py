"""The 48 contiguous states: names, groups, borders and tiles, against what other people published."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ouhe import regions
from ouhe.regions import listing
from ouhe.regions.names import shipped_table

US = regions.load("us-states")
BORDERS = shipped_table("united-states/borders.csv")
OUTSIDE = {"Alaska", "Hawaii", "District of Columbia"}


def pairs(kind=None):
    """Pairs written down, of one kind or of all, without those of the District of Columbia."""
    rows = BORDERS if kind is None else BORDERS[BORDERS["kind"] == kind]
    return {frozenset(row[:2]) for row in rows.itertuples(index=False) if not OUTSIDE & set(row[:2])}


def libpysal_example(name):
    with warnings.catch_warnings():
        # libpysal's fetchers pull in packages that warn of their own future on import
        warnings.simplefilter("ignore")
        from libpysal import examples
    return examples.get_path(name)


def test_there_are_forty_eight_in_the_order_of_their_codes():
    assert len(US) == 48
    assert (US.ids[0], US.ids[-1]) == ("Alabama", "Wyoming")
    codes = US.table["code"].astype(int)
    assert codes.is_monotonic_increasing
    assert set(range(1, 57)) - set(codes) == {2, 3, 7, 11, 14, 15, 43, 52}  # AK, DC, HI, and codes never given
    assert list(US.ids) == sorted(US.ids)
    assert (US.table["short_en"].str.fullmatch("[A-Z]{2}")).all()
    assert US.table["name_zh"].str.fullmatch("[一-鿿]{2,7}州").all()


def test_names_and_codes_are_those_of_the_published_table():
    table = pd.read_csv(libpysal_example("usjoin.csv"))
    assert dict(zip(table["Name"], table["STATE_FIPS"], strict=True)) == US.table["code"].astype(int).to_dict()


@pytest.mark.parametrize("label", ["Texas", "texas", "TX", "tx", "48", 48, 48.0, "得克萨斯州", "德州", "Ｔexas"])
def test_a_state_by_any_of_its_names(label):
    assert US.recognise(label).region == "Texas"


@pytest.mark.parametrize(
    ("label", "region"),
    [
        ("New Hampshire", "New Hampshire"),
        ("NEW  HAMPSHIRE", "New Hampshire"),
        ("N.H.", "New Hampshire"),
        ("W. Va.", "West Virginia"),
        ("Virginia", "Virginia"),
        ("Washington", "Washington"),
        ("Kansas", "Kansas"),
        ("Arkansas", "Arkansas"),
        ("MI", "Michigan"),
        ("MS", "Mississippi"),
        ("MO", "Missouri"),
        ("MN", "Minnesota"),
        ("01", "Alabama"),
        (1, "Alabama"),
        ("纽约", "New York"),
        ("加州", "California"),
    ],
)
def test_names_that_are_easily_taken_for_others(label, region):
    assert US.recognise(label).region == region


@pytest.mark.parametrize(
    "label",
    ["District of Columbia", "DC", "Washington, D.C.", "华盛顿特区", 11, "Alaska", "AK", "02", 2, "夏威夷", "HI"],
)
def test_what_is_outside_the_set_is_known_and_never_matched(label):
    found = US.recognise(label)
    assert (found.kind, found.region, found.how) == ("other", None, "outside-the-set")


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("United States", "national"),
        ("U.S.", "national"),
        ("美国", "national"),
        ("Total", "national"),
        ("Midwest", "macro-region"),
        ("South", "macro-region"),
        ("New England", "macro-region"),
        ("Puerto Rico", "other"),
        ("PR", "other"),
        ("Tennesse", "unknown"),
        ("New York City", "unknown"),
        (3, "unknown"),
        ("北京", "unknown"),
        ("中国", "unknown"),
    ],
)
def test_labels_that_are_no_state(label, kind):
    found = US.recognise(label)
    assert (found.kind, found.region) == (kind, None)


def test_no_name_leads_to_two_states_and_none_is_also_a_total():
    aliases = shipped_table("united-states/aliases.csv")
    keys = aliases["label"].str.replace(" ", "").str.casefold()
    assert keys.is_unique
    inside = aliases[~aliases["region"].isin(OUTSIDE)]
    assert all(US.recognise(row.label).region == row.region for row in inside.itertuples())
    for row in US.table.itertuples():
        assert {US.recognise(n).region for n in (row.Index, row.name_zh, row.short_en, row.code)} == {row.Index}
    for table in ("not-regions.csv", "united-states/not-regions.csv"):
        assert all(US.recognise(label).region is None for label in shipped_table(table)["label"])


def test_a_slip_is_answered_with_the_nearest_names():
    assert '"Tennessee"' in US.nearest("TENNESSE".title())
    assert '"密西西比州"' in US.nearest("密西西北州")


def test_labels_follow_the_language():
    assert (US.label("Texas", "zh"), US.label("Texas", "en")) == ("得克萨斯州", "Texas")
    assert (US.short("Texas", "zh"), US.short("Texas", "en")) == ("TX", "TX")
    assert US.group_label("census-regions", "Midwest", "zh") == "中西部"


def test_groups_are_those_of_the_census_bureau():
    of = {g: pd.Series(US.groupings[g]) for g in ("census-regions", "census-divisions")}
    # Of the 48: DC is the South's 17th, Alaska and Hawaii the West's 12th and 13th.
    size = {"Northeast": 9, "Midwest": 12, "South": 16, "West": 11}
    assert of["census-regions"].value_counts(sort=False).to_dict() == size
    assert list(of["census-divisions"].value_counts(sort=False)) == [6, 3, 5, 7, 8, 4, 4, 8, 3]
    # A division lies within one region.
    assert len(pd.DataFrame(of).drop_duplicates()) == 9


# --- borders


def test_borders_are_pairs_of_different_states_each_once():
    assert not BORDERS[["region", "neighbour"]].duplicated().any()
    assert len(pairs()) == len(pairs("land")) + len(pairs("corner")) + len(pairs("water")) == 110
    assert all(len(pair) == 2 and pair <= set(US.ids) for pair in pairs())


def test_states_that_meet_in_a_point_are_neighbours_and_across_water_they_are_not():
    corners = {frozenset({"Arizona", "Colorado"}), frozenset({"New Mexico", "Utah"})}
    lakes_and_sea = {
        frozenset({"Illinois", "Michigan"}),  # Lake Michigan
        frozenset({"Michigan", "Minnesota"}),  # Lake Superior
        frozenset({"New York", "Rhode Island"}),  # Block Island Sound
    }
    assert (pairs("corner"), pairs("water")) == (corners, lakes_and_sea)
    assert {frozenset(p) for p in US.borders} == pairs("land") | corners
    assert {frozenset(p) for p, kind in US.border_kinds.items() if kind == "corner"} == corners


def test_borders_are_those_of_pysal_and_rook_leaves_out_the_corners():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # geopandas' and libpysal's dependencies warn on import
        import geopandas
        from libpysal import graph
    places = list(pd.read_csv(libpysal_example("usjoin.csv"))["Name"])
    # a line with the number of states, then two lines a state: its number and how many neighbours, and their numbers
    lines = Path(libpysal_example("states48.gal")).read_text().splitlines()[1:]
    near = {int(head.split()[0]): map(int, said.split()) for head, said in zip(lines[::2], lines[1::2], strict=False)}
    published = {frozenset({places[i], places[j]}) for i, others in near.items() for j in others}
    # No difference: the file counts corners too (107 pairs), and water does not join states there either.
    assert published == {frozenset(p) for p in US.borders}
    shapes = geopandas.read_file(libpysal_example("us48.shp")).set_index("STATE_NAME")
    rook = graph.Graph.build_contiguity(shapes, rook=True).adjacency
    assert {frozenset(pair) for pair in rook[rook > 0].index} == pairs("land")


@pytest.mark.parametrize(("year", "statistic"), [("1929", 0.62693), ("2009", 0.42877)])
def test_incomes_cluster_as_pysal_says_they_do(year, statistic):
    # Moran's I of income per head, row-standardised, as PySAL's own documentation has it, to its five decimals.
    income = pd.read_csv(libpysal_example("usjoin.csv")).set_index("Name").loc[list(US.ids), year].to_numpy(float)
    place = {r: k for k, r in enumerate(US.ids)}
    w = np.zeros((48, 48))
    for a, b in US.borders:
        w[place[a], place[b]] = w[place[b], place[a]] = 1
    z = income - income.mean()
    assert z @ (w / w.sum(axis=1, keepdims=True)) @ z / (z @ z) == pytest.approx(statistic, abs=5e-6)


def test_the_known_numbers_of_neighbours():
    count = {r: sum(r in pair for pair in US.borders) for r in US.ids}
    # From any map: Missouri and Tennessee border eight states each, Maine one; nobody else has so many or so few.
    assert {r for r, n in count.items() if n == 8} == {"Missouri", "Tennessee"}
    assert [r for r, n in count.items() if n == 1] == ["Maine"]
    assert max(count.values()) == 8


# --- places


def test_tiles_are_places_of_their_own_and_show_the_states_alone():
    shown = US.shown
    assert tuple(shown.index) == US.ids
    assert shown["studied"].all()
    assert not shown[["tile_row", "tile_column"]].duplicated().any()
    assert shown.groupby("tile_row").size().tolist() == [1, 2, 11, 10, 10, 7, 5, 2]


def test_tiles_lie_about_as_the_states_do():
    table = US.table
    # Ranks, for the grid stretches the crowded Northeast; 0.9 is what a reader finds his state by.
    assert table["tile_row"].corr(-table["latitude"], method="spearman") > 0.9
    assert table["tile_column"].corr(table["longitude"], method="spearman") > 0.9


def test_capitals_lie_in_their_states():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # geopandas' dependencies warn on import
        import geopandas
    shapes = geopandas.read_file(libpysal_example("us48.shp")).set_index("STATE_NAME").loc[list(US.ids)]
    points = geopandas.GeoSeries.from_xy(US.table["longitude"], US.table["latitude"])
    # The outlines are coarse: a capital on a river that is a border may lie up to a tenth of a degree outside.
    away = [shape.distance(point) for shape, point in zip(shapes.geometry, points, strict=True)]
    assert np.max(away) < 0.1
    assert np.count_nonzero(away) < 5


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_listings_read_well(lang):
    from ouhe import text

    with text.use(lang):
        names, groups, near = listing.names(US), listing.groups(US), listing.neighbours(US)
        known = listing.sets([US])
    # The id is the English name, which is not shown twice, and no state has pinyin.
    assert names.shape == (48, 5)
    assert names.iloc[41].tolist() == ["Utah", "犹他州", "UT", "49", "Salt Lake City"]
    assert list(groups.iloc[:4, 2]) == [9, 12, 16, 11]
    told = {row[0]: row[2] for row in near.itertuples(index=False)}
    if lang == "zh":
        assert told["犹他州"] == "亚利桑那州 科罗拉多州 爱达荷州 内华达州 新墨西哥州（仅角点相接） 怀俄明州"
        assert known.iloc[0, 1] == "美国本土48个州"
    else:
        assert told["Utah"] == "Arizona, Colorado, Idaho, Nevada, New Mexico (at a corner), Wyoming"
        assert known.iloc[0, 1] == "The 48 contiguous states of the United States"
