"""Inequality and polarisation: cases worked by hand, laws, and what is refused. Peers stand in tests/reference."""

import math
import warnings

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ouhe import text
from ouhe.compute import inequality
from ouhe.errors import DataError, OptionError, OuheWarning

FEW = settings(max_examples=40)

#: Sums of at most some hundred terms of one size: their rounding stays far below this.
ROUNDING = 1e-12

PARTS = ("within", "between", "transvariation")

values_of = hnp.arrays(float, st.integers(4, 14), elements=st.integers(0, 60).map(lambda k: k / 4))


def panel(values, years=None):
    """Values ``(region,)`` or ``(region, year)``, labelled."""
    values = np.asarray(values, dtype=float)
    labels = {"region": [f"r{i}" for i in range(len(values))]}
    if values.ndim == 1:
        return xr.DataArray(values, dims="region", coords=labels, name="D")
    years = range(2010, 2010 + values.shape[1]) if years is None else years
    return xr.DataArray(values, dims=("region", "year"), coords={**labels, "year": list(years)}, name="D")


def groups(codes):
    """Region → group, the letters of `codes` being the groups."""
    return {f"r{i}": str(c) for i, c in enumerate(codes)}


def heard(function, *arguments, **options):
    """What a function gives, and the keys of its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = function(*arguments, **options)
    return found, [w.message.problem.key for w in caught]


def all_pairs(y, codes):
    """Dagum's decomposition word for word, pair by pair."""
    names = list(dict.fromkeys(codes))
    by = {g: np.array([v for v, c in zip(y, codes, strict=True) if c == g]) for g in names}
    n, total = len(y), y.sum()
    G = np.abs(y[:, None] - y).sum() / (2 * n * total)
    found = {"gini": G, "within": 0.0, "between": 0.0, "transvariation": 0.0}
    for at, j in enumerate(names):
        for h in names[: at + 1]:
            a, b = sorted((by[j], by[h]), key=np.mean, reverse=True)
            apart = np.abs(a[:, None] - b).mean()
            if apart == 0:
                continue
            G_jh = apart / (a.mean() + b.mean())
            weight = len(a) / n * b.sum() / total
            if j == h:
                found["within"] += G_jh * weight
                continue
            weight += len(b) / n * a.sum() / total
            d, p = np.maximum(a[:, None] - b, 0).mean(), np.maximum(b[:, None] - a, 0).mean()
            D = (d - p) / (d + p)
            found["between"] += G_jh * weight * D
            found["transvariation"] += G_jh * weight * (1 - D)
    return found


# by hand


@pytest.fixture
def three():
    """Three groups of two regions: A has 1 and 3, B 2 and 6, C 3 and 9; means 2, 4 and 6, of all 4."""
    return panel([1, 3, 2, 6, 3, 9]), groups("AABBCC")


def test_three_groups(three):
    """All distances: within A 2, B 4, C 6; A–B 1 + 5 + 1 + 3 = 10, A–C 2 + 8 + 0 + 6 = 16, B–C 1 + 7 + 3 + 3 = 14.

    Each stands twice in the double sum, whose divisor is 2·6²·4 = 288, so that G = 2·52/288 = 52/144. Within makes
    2 + 4 + 6 = 12 of the 52. For B over A, d is (1 + 5 + 3)/4 and p is 1/4, so that D = 8/10; for C over A p is 0 and
    D = 1; for C over B d is (1 + 7 + 3)/4 and p is 3/4, so that D = 8/14. Net of the overlap that is 8 + 16 + 8 = 32;
    the overlap makes 2 + 0 + 6 = 8.
    """
    found = inequality.dagum(*three)
    told = {k: found[k].item() for k in ("gini", *PARTS)}
    expected = {"gini": 52 / 144, "within": 12 / 144, "between": 32 / 144, "transvariation": 8 / 144}
    assert told == pytest.approx(expected, rel=ROUNDING)
    # G_jh is the mean distance over the sum of the means: 10/4 over 2 + 4, 16/4 over 2 + 6, 14/4 over 4 + 6
    assert found["pair_gini"].values == pytest.approx(
        np.array([[0.25, 10 / 24, 0.5], [10 / 24, 0.25, 0.35], [0.5, 0.35, 0.25]]), rel=ROUNDING
    )
    assert found["affluence"].values == pytest.approx(
        np.array([[0, 0.8, 1], [0.8, 0, 8 / 14], [1, 8 / 14, 0]]), rel=ROUNDING
    )
    assert found["group_within"].values == pytest.approx(np.array([2, 4, 6]) / 144, rel=ROUNDING)
    assert found["pair_transvariation"].values == pytest.approx(
        np.array([[0, 2, 0], [2, 0, 6], [0, 6, 0]]) / 144, rel=ROUNDING, abs=ROUNDING
    )
    assert found["mean"].values.tolist() == [2.0, 4.0, 6.0]
    assert found["n"].values.tolist() == [2.0, 2.0, 2.0]


def test_theil_of_groups_within_groups():
    """Groups AB and C, and within AB the groups A (1, 3) and B (2, 6): means 3 and 6 of 4; then 2, 4; shares by sums.

    T between AB and C: 12/24·ln(3/4) + 12/24·ln(6/4). Within AB between A and B: 4/24·ln(2/3) + 8/24·ln(4/3).
    L between: 4/6·ln(4/3) + 2/6·ln(4/6), then 2/6·ln(3/2) + 2/6·ln(3/4).
    """
    x, fine = panel([1, 3, 2, 6, 3, 9]), groups("AABBCC")
    found = inequality.theil(x, groups(["AB"] * 4 + ["C"] * 2), fine)
    ln = math.log
    T = [(ln(3 / 4) + ln(6 / 4)) / 2, ln(2 / 3) / 6 + ln(4 / 3) / 3]
    L = [ln(4 / 3) * 2 / 3 + ln(4 / 6) / 3, ln(3 / 2) / 3 + ln(3 / 4) / 3]
    y = np.array([1, 3, 2, 6, 3, 9])
    T.append((y / 24 * np.log(y / np.array([2, 2, 4, 4, 6, 6]))).sum())
    L.append((np.log(np.array([2, 2, 4, 4, 6, 6]) / y) / 6).sum())
    assert found["part"].values.tolist() == ["between_1", "between_2", "within"]
    assert found["parts"].values == pytest.approx(np.array([T, L]), rel=ROUNDING)
    assert found["theil"].values == pytest.approx(
        np.array([(y / 24 * np.log(y / 4)).sum(), np.log(4 / y).mean()]), rel=ROUNDING
    )
    # among the four regions of AB with mean 3: T is Σ y/12 · ln(y/3), and AB holds half of the sum
    T_AB = (y[:4] / 12 * np.log(y[:4] / 3)).sum()
    assert found["group_theil"].sel(index="T", group="AB").item() == pytest.approx(T_AB, rel=ROUNDING)
    assert found["group_within"].sel(index="T", group="AB").item() == pytest.approx(T_AB / 2, rel=ROUNDING)


def test_measures_of_four_regions():
    """1, 2, 3, 6: mean 3, median 2.5, the lower half has 3/12 of the sum, squared distances 4 + 1 + 0 + 9 = 14."""
    found = inequality.indices(panel([1, 2, 3, 6]), groups=groups("aabb"), sensitivity=1.0)
    # distances 1 + 2 + 5 + 1 + 4 + 3 = 16, twice, over 2·16·3
    assert found["gini"].item() == pytest.approx(1 / 3, rel=ROUNDING)
    assert found["variation"].item() == pytest.approx(math.sqrt(14 / 4) / 3, rel=ROUNDING)
    assert found["wolfson"].item() == pytest.approx(2 * 3 / 2.5 * (1 - 2 * 0.25 - 1 / 3), rel=ROUNDING)
    half, one = found["atkinson"].values
    assert half == pytest.approx(1 - ((1 + math.sqrt(2) + math.sqrt(3) + math.sqrt(6)) / 4) ** 2 / 3, rel=ROUNDING)
    assert one == pytest.approx(1 - 36**0.25 / 3, rel=ROUNDING)
    # means 1.5 and 4.5: 2 · ½² · ½ · 3 / 3
    assert found["esteban_ray"].item() == pytest.approx(0.25, rel=ROUNDING)


def test_a_region_in_the_middle_counts_half():
    # 1, 2, 6: mean 3, median 2, the lower half is 1 + 2/2 of 9; G = 2·(1 + 5 + 4)/(2·9·3)
    found = inequality.indices(panel([1, 2, 6]))["wolfson"].item()
    assert found == pytest.approx(2 * 3 / 2 * (1 - 2 * 2 / 9 - 10 / 27), rel=ROUNDING)


def test_two_poles_are_all_the_polarisation_there_is():
    x = panel([0, 0, 0, 5, 5, 5])
    found, told = heard(inequality.indices, x, groups=groups("aaabbb"), sensitivity=1.6)
    assert told == ["inequality.no_theil_L"]
    assert found["wolfson"].item() == pytest.approx(1.0, rel=ROUNDING)
    assert found["gini"].item() == pytest.approx(0.5, rel=ROUNDING)
    assert found["esteban_ray"].item() == pytest.approx(2 * 0.5**2.6 * 0.5 * 2, rel=ROUNDING)


def test_a_great_aversion_sees_the_lowest_alone():
    x = panel([1, 2, 3, 6])
    with pytest.raises(OptionError):
        inequality.indices(x, aversion=(math.inf,))
    # as ε grows, A tends to 1 less the lowest over the mean; the rest is n^(1/(ε−1)), 4^(1/499) = 1.0028
    assert inequality.indices(x, aversion=(500.0,))["atkinson"].item() == pytest.approx(1 - 1 / 3, abs=2e-3)
    of_zero, _ = heard(inequality.indices, panel([0, 1, 2, 3]), aversion=(0.5, 1.0, 2.0))
    assert of_zero["atkinson"].values.tolist()[1:] == [1, 1]


# laws


@st.composite
def grouped(draw):
    """Values with two groups or more, not all 0."""
    y = draw(values_of)
    codes = draw(st.lists(st.sampled_from("abcd"), min_size=len(y), max_size=len(y)))
    assume(len(set(codes)) > 1 and y.any())
    return y, codes


@FEW
@given(grouped())
def test_sorting_gives_what_all_pairs_give(case):
    y, codes = case
    found = inequality.dagum(panel(y), groups(codes))
    expected = all_pairs(y, codes)
    assert {k: found[k].item() for k in expected} == pytest.approx(expected, rel=ROUNDING, abs=ROUNDING)


@FEW
@given(grouped())
def test_the_parts_add_up(case):
    y, codes = case
    x, by = panel(y), groups(codes)
    parts = inequality.dagum(x, by)
    whole, _ = heard(inequality.indices, x)
    assert sum(parts[k].item() for k in PARTS) == pytest.approx(whole["gini"].item(), abs=ROUNDING)
    assert parts["group_within"].sum().item() == pytest.approx(parts["within"].item(), abs=ROUNDING)
    assert parts["pair_between"].sum().item() / 2 == pytest.approx(parts["between"].item(), abs=ROUNDING)
    for name in ("pair_gini", "affluence", "pair_between", "pair_transvariation"):
        matrix = parts[name].values
        np.testing.assert_array_equal(matrix, matrix.T)
        assert ((matrix >= 0) | np.isnan(matrix)).all()
        assert not (matrix > 1 + ROUNDING).any()
    theil = inequality.theil(x, by)
    np.testing.assert_allclose(theil["theil"], theil["parts"].sum("part", skipna=False), atol=ROUNDING)
    for index in ("T", "L"):
        one = whole[f"theil_{index}"].item()
        if not math.isnan(one):
            assert theil["theil"].sel(index=index).item() == pytest.approx(one, abs=ROUNDING)
            within = theil["parts"].sel(index=index, part="within").item()
            assert theil["group_within"].sel(index=index).sum().item() == pytest.approx(within, abs=ROUNDING)


@FEW
@given(grouped())
def test_net_between_is_the_gini_of_the_means(case):
    """Put in the place of every value the mean of its group, and what is left is the part between, without overlap."""
    y, codes = case
    means = np.array([np.mean([v for v, c in zip(y, codes, strict=True) if c == g]) for g in codes])
    parts, of_means = (inequality.dagum(panel(v), groups(codes)) for v in (y, means))
    assert of_means["gini"].item() == pytest.approx(parts["between"].item(), abs=ROUNDING)
    found = {k: of_means[k].item() for k in ("within", "transvariation")}
    assert found == pytest.approx({"within": 0.0, "transvariation": 0.0}, abs=ROUNDING)
    polar, _ = heard(inequality.indices, panel(y), groups=groups(codes), sensitivity=0.0)
    assert polar["esteban_ray"].item() == pytest.approx(2 * parts["between"].item(), abs=ROUNDING)


@FEW
@given(values_of)
def test_wolfson_is_what_two_halves_make(y):
    """Of an even number of regions in two halves: twice the mean over the median times Gini between less within."""
    y = np.sort(y)[: len(y) // 2 * 2]
    assume(np.median(y) > 0)
    halves = inequality.dagum(panel(y), groups("a" * (len(y) // 2) + "b" * (len(y) // 2)))
    expected = 2 * y.mean() / np.median(y) * (halves["between"] - halves["within"]).item()
    found, _ = heard(inequality.indices, panel(y))
    assert found["wolfson"].item() == pytest.approx(expected, abs=1e-11)  # the mean may be some times the median


@FEW
@given(grouped(), st.sampled_from([1e-300, 0.25, 3.0, 1e300]), st.randoms(use_true_random=False))
def test_scale_order_and_replication_change_nothing(case, factor, random):
    y, codes = case
    order = list(range(len(y)))
    random.shuffle(order)
    other = panel(np.concatenate([factor * y[order]] * 2))
    by = groups([codes[i] for i in order] * 2)
    for function, given_first in ((inequality.dagum, True), (inequality.theil, True), (inequality.indices, False)):
        arguments = [(groups(codes),), (by,)] if given_first else [(), ()]
        options = [{}, {}] if given_first else [{"groups": groups(codes)}, {"groups": by}]
        one, _ = heard(function, panel(y), *arguments[0], **options[0])
        two, _ = heard(function, other, *arguments[1], **options[1])
        if "group" in one.dims:
            two = two.sel(group=one["group"].values)
        if "other" in one.dims:
            two = two.sel(other=one["other"].values)
        for name in set(one.data_vars) - {"n", "mean"}:
            np.testing.assert_allclose(two[name], one[name], atol=ROUNDING, err_msg=name)


@FEW
@given(st.sampled_from([0.1, 1 / 3, 7.7e200, 5e-324]), st.integers(4, 9))
def test_nothing_where_all_are_alike(value, count):
    x, by = panel([value] * count), groups("ab" * count)
    found = inequality.indices(x, groups=by)
    for name, one in found.items():
        assert np.abs(one.values).max() < 1e-15, name
    parts = inequality.dagum(x, by)
    assert [parts[k].item() for k in ("gini", *PARTS)] == [0, 0, 0, 0]
    assert not parts["affluence"].any()
    assert np.abs(inequality.theil(x, by)["parts"].values).max() < 1e-15


@FEW
@given(values_of)
def test_a_transfer_from_rich_to_poor_lessens_inequality(y):
    low, high = int(y.argmin()), int(y.argmax())
    assume(y[high] - y[low] >= 1)
    moved = y.copy()
    moved[[low, high]] += [0.25, -0.25]
    before, after = (heard(inequality.indices, panel(v))[0] for v in (y, moved))
    for name in ("gini", "theil_T", "theil_L", "variation"):
        assert not before[name].item() < after[name].item(), name


@FEW
@given(values_of)
def test_atkinson_rises_with_aversion_and_meets_theil(y):
    assume((y > 0).all())
    found = inequality.indices(panel(y), aversion=(0.1, 0.5, 1.0, 2.0, 5.0))
    assert (np.diff(found["atkinson"].values) >= -ROUNDING).all()
    assert (found["atkinson"].values < 1).all()
    one = found["atkinson"].sel(aversion=1.0).item()
    assert one == pytest.approx(-math.expm1(-found["theil_L"].item()), abs=ROUNDING)


def test_values_that_hardly_differ_keep_their_digits():
    """With y = 1 ± h, T and L are h²/2 and Atkinson's index ε·h²/2, to the order of h⁴."""
    h = 1e-7
    found = inequality.indices(panel([1 - h, 1 + h]), aversion=(0.5, 1.0, 2.0))
    for name in ("theil_T", "theil_L"):
        assert found[name].item() == pytest.approx(h**2 / 2, rel=1e-2)
    assert found["atkinson"].values == pytest.approx(np.array([0.5, 1.0, 2.0]) * h**2 / 2, rel=1e-2, abs=1e-17)
    assert found["gini"].item() == pytest.approx(h / 2, rel=1e-8)


# years, dimensions, missing values


@pytest.fixture
def many():
    """9 regions, 3 years and 2 variables."""
    rng = np.random.default_rng(0)
    coords = {"variable": ["C", "D"], "region": [f"r{i}" for i in range(9)], "year": [2010, 2011, 2012]}
    return xr.DataArray(rng.lognormal(size=(2, 9, 3)), coords=coords, dims=list(coords))


def test_every_other_dimension_is_carried(many):
    by = groups("aabbcccab")
    functions = (
        inequality.dagum,
        inequality.theil,
        lambda x, g: inequality.indices(x, groups=g),
    )
    for function in functions:
        whole = function(many, by)
        for variable in ("C", "D"):
            for year in (2010, 2012):
                one = function(many.sel(variable=variable, year=year), by)
                for name in one.data_vars:
                    at = {k: v for k, v in (("variable", variable), ("year", year)) if k in whole[name].dims}
                    np.testing.assert_array_equal(whole[name].sel(at).values, one[name].values, err_msg=name)


def test_chunks_change_nothing(many):
    by = groups("aabbcccab")
    chunked = many.chunk({"year": 1, "region": 4})
    xr.testing.assert_identical(inequality.dagum(chunked, by), inequality.dagum(many, by))
    xr.testing.assert_identical(inequality.theil(chunked, by), inequality.theil(many, by))
    xr.testing.assert_identical(inequality.indices(chunked), inequality.indices(many))


def test_a_raster_is_measured_over_its_cells(many):
    cells = xr.DataArray(many.sel(variable="C").values.reshape(3, 3, 3), dims=("y", "x", "year"))
    flat = inequality.indices(many.sel(variable="C"))
    np.testing.assert_array_equal(inequality.indices(cells)["gini"], flat["gini"])
    with pytest.raises(DataError, match="dimension region"):
        inequality.dagum(cells, {})


def test_blocks_do_not_show(monkeypatch, many):
    by = groups("aabbcccab")
    whole = [inequality.dagum(many, by), inequality.theil(many, by), inequality.indices(many, groups=by)]
    monkeypatch.setattr("ouhe.compute.inequality.values.BLOCK", 1)
    pieces = [inequality.dagum(many, by), inequality.theil(many, by), inequality.indices(many, groups=by)]
    for one, other in zip(whole, pieces, strict=True):
        xr.testing.assert_identical(one, other)


def test_a_missing_value_leaves_its_region_out_and_says_so(three):
    x, by = three
    gap = xr.concat([x, x.where(x["region"] != "r5")], dim=xr.Variable("year", [2010, 2011]))
    rest = panel([1, 3, 2, 6, 3])
    for function, options in ((inequality.dagum, (by,)), (inequality.theil, (by,)), (inequality.indices, ())):
        found, told = heard(function, gap, *options)
        assert told == ["inequality.missing"]
        one = function(rest, *options)
        for name in one.data_vars:
            last = found[name].sel(year=2011) if "year" in found[name].dims else found[name]
            np.testing.assert_allclose(last, one[name], rtol=ROUNDING, err_msg=name)
    with pytest.warns(OuheWarning, match="2011"):
        inequality.indices(gap)


def test_a_group_without_values_is_missing_and_adds_nothing(three):
    x, by = three
    found, told = heard(inequality.dagum, x.where(~x["region"].isin(["r4", "r5"])), by)
    assert told == ["inequality.missing"]
    assert found["n"].values.tolist() == [2, 2, 0]
    assert np.isnan(found["group_gini"].sel(group="C"))
    assert np.isnan(found["pair_gini"].sel(group="C")).all()
    assert np.isnan(found["affluence"].sel(group="C", other="A"))
    assert found["group_within"].sel(group="C").item() == 0
    # A and B alone: (2 + 4 + 10) of 2·16·3/2
    assert found["gini"].item() == pytest.approx(16 / 48, rel=ROUNDING)
    theil, _ = heard(inequality.theil, x.where(~x["region"].isin(["r4", "r5"])), by)
    assert np.isnan(theil["group_theil"].sel(group="C")).all()
    assert theil["parts"].notnull().all()


def test_a_group_of_one_region_has_no_difference_within():
    found = inequality.dagum(panel([1, 3, 2]), groups("aab"))
    assert found["group_gini"].values.tolist() == [0.25, 0.0]
    assert found["group_within"].sel(group="b").item() == 0


def test_equal_means_leave_nothing_between():
    found = inequality.dagum(panel([1, 5, 2, 4]), groups("aabb"))
    assert found["between"].item() == 0
    assert found["affluence"].sel(group="a", other="b").item() == 0
    assert found["transvariation"].item() > 0


def test_a_group_whose_values_are_all_0():
    found = inequality.dagum(panel([0, 0, 1, 3, 0, 0]), groups("aabbcc"))
    assert np.isnan(found["group_gini"].sel(group="a"))  # 0 over 0
    assert np.isnan(found["pair_gini"].sel(group="a", other="c"))
    assert found["pair_gini"].sel(group="a", other="b").item() == 1
    assert sum(found[k].item() for k in PARTS) == pytest.approx(found["gini"].item(), rel=ROUNDING)
    theil, _ = heard(inequality.theil, panel([0, 0, 1, 3, 0, 0]), groups("aabbcc"))
    assert theil["parts"].sel(index="T").notnull().all()
    assert np.isnan(theil["theil"].sel(index="L"))


def test_years_without_inequality_to_measure_are_empty_and_told():
    x = panel([[1, -1, 0, 1, np.nan], [2, 2, 0, np.nan, np.nan], [3, 3, 0, np.nan, np.nan]])
    for function, options in ((inequality.dagum, (groups("aab"),)), (inequality.indices, ())):
        found, told = heard(function, x, *options)
        assert told == ["inequality.negative", "inequality.few_values", "inequality.zero"]
        assert found["gini"].isnull().values.tolist() == [False, True, True, True, True]
    for lang, said in (("en", "negative values in 2011"), ("zh", "2011 有负值")):
        with text.use(lang), pytest.warns(OuheWarning) as caught:
            inequality.indices(x)
        assert said in caught[0].message.problem.message(lang)


def test_what_does_not_exist_is_told():
    found, told = heard(inequality.indices, panel([[0, 1], [0, 2], [0, 3], [5, 4]]))
    assert told == ["inequality.no_theil_L", "inequality.no_wolfson"]
    assert found["wolfson"].isnull().values.tolist() == [True, False]
    assert found["theil_L"].isnull().values.tolist() == [True, False]
    assert found[["gini", "theil_T", "variation", "atkinson"]].notnull().all()


# what is refused


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda: inequality.indices(panel([1.0])), "at least two regions"),
        (lambda: inequality.indices(xr.DataArray([1.0, 2.0], dims="year")), "at least two regions"),
        (lambda: inequality.indices(panel([1.0, math.inf])), "r1 is inf"),
        (lambda: inequality.indices(panel([-1.0, 2.0])), "negative values in D"),
        (lambda: inequality.indices(panel([0.0, 0.0])), "no value is above 0"),
        (lambda: inequality.dagum(panel([1, 2]), {"r0": "a"}), '"r1" belongs to no group'),
        (lambda: inequality.dagum(panel([1, 2]), groups("aa")), "one group, a"),
        (
            lambda: inequality.theil(panel([1, 2, 3]), groups("aab"), groups("xyy")),
            "group y of level 2 lies in .* a, b",
        ),
    ],
)
def test_what_is_refused(function, said):
    with pytest.raises(DataError, match=said):
        function()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"aversion": ()}, "aversion"),
        ({"aversion": (0.0,)}, "aversion"),
        ({"aversion": (0.5, 0.5)}, "different"),
        ({"aversion": "1"}, "aversion"),
        ({"sensitivity": 1.7}, "1.6"),
        ({"sensitivity": math.nan}, "sensitivity"),
    ],
)
def test_options_there_are_not(options, said):
    with pytest.raises(OptionError, match=said):
        inequality.indices(panel([1, 2]), **options)
    with pytest.raises(OptionError) as caught:
        inequality.indices(panel([1, 2]), aversion=(-1,), sensitivity=-1)
    assert len(caught.value.problems) == 2
