"""Inequality in words: data are turned, and the sentence turns or goes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ouhe import text
from ouhe.compute import inequality as measured
from ouhe.report.findings import inequality
from ouhe.report.findings.finding import Finding, Labels, condition, numbers, sentence
from ouhe.results.inequality import PARTS
from ouhe.study.run import run

NAMES = Labels(groups={"a": "East", "b": "West", "c": "North"})

values = st.lists(st.integers(1, 40).map(lambda k: k / 40), min_size=2, max_size=7)


def years_of(listed) -> list[int]:
    return [*range(2010, 2010 + len(listed))]


def indices(gini, **others):
    """Measures by year, all alike unless said."""
    named = {m: others.get(m, gini) for m in ("gini", "theil_T", "theil_L", "variation", "wolfson")}
    return xr.Dataset({k: ("year", np.asarray(v, float)) for k, v in named.items()}, {"year": years_of(gini)})


def parts(*shares):
    """Shares of the three parts, year by year, of a Gini coefficient of 0.4."""
    told = {p: ("year", 0.4 * np.asarray(s, float)) for p, s in zip(PARTS, zip(*shares, strict=True), strict=True)}
    return xr.Dataset({**told, "gini": ("year", np.full(len(shares), 0.4))}, {"year": years_of(shares)})


def matrix(*gaps, own=((0.2,), (0.3,)), n=(4, 4, 4)):
    """Gini coefficients between a and b, a and c, b and c, and within each, year by year."""
    size = 2 if len(gaps) == 1 else 3
    years = years_of(gaps[0])
    names = ["a", "b", "c"][:size]
    pair = np.zeros((size, size, len(years)))
    for (i, j), gap in zip(((0, 1), (0, 2), (1, 2)), gaps, strict=False):
        pair[i, j] = pair[j, i] = gap
    within = np.array([np.resize(o, len(years)) for o in own], float)
    coords = {"group": names, "other": names, "year": years}
    told = {"pair_gini": (("group", "other", "year"), pair)}
    if len(own) == size:
        told["group_gini"] = (("group", "year"), within)
        told["n"] = (("group", "year"), np.repeat(np.array(n[:size], float)[:, None], len(years), 1))
    return xr.Dataset(told, coords)


def shares(between, deeper=None):
    """Theil's T of 0.2 with a part between groups, and one between those within them."""
    named = ["between_1", *(["between_2"] if deeper else []), "within"]
    told = [between, *([deeper] if deeper else []), 1 - between - (deeper or 0)]
    arrays = {"parts": (("index", "part", "year"), 0.2 * np.array(told)[None, :, None])}
    arrays["theil"] = (("index", "year"), np.array([[0.2]]))
    return xr.Dataset(arrays, {"index": ["T"], "part": named, "year": [2020]})


def rules(found) -> list[str]:
    return [rule for rule, _ in found]


def said(found, lang: text.Lang = "en") -> list[str]:
    with text.use(lang):
        return [sentence(Finding(f"inequality.{rule}", "D", {"variable": "D", **says})) for rule, says in found]


def test_regions_draw_apart_or_together() -> None:
    apart = [*inequality.overall(indices([0.2, 0.25]))]
    assert rules(apart) == ["gini_wider", "agree_wider"]
    assert said(apart)[0] == (
        "Regions drew apart in D: its Gini coefficient rose from 0.200 in 2010 to 0.250 in 2011, by 25.0%."
    )
    together = [*inequality.overall(indices([0.25, 0.2]))]
    assert rules(together) == ["gini_narrower", "agree_narrower"]
    with text.use("zh"):
        assert said(together, "zh")[0] == (
            "D的地区差异缩小，总体基尼系数由 2010 年的 0.250 降至 2011 年的 0.200，降幅 20.0%。"
        )
    assert rules(inequality.overall(indices([0.2, 0.205]))) == ["gini_steady", "agree_steady"]
    assert rules(inequality.overall(indices([0.0, 0.2]))) == ["gini_from_none", "agree_wider"]
    assert rules(inequality.overall(indices([0.2, 0.0]))) == ["gini_narrower", "agree_narrower"]


def test_turning_points() -> None:
    assert "peak" in rules(inequality.overall(indices([0.2, 0.3, 0.2])))
    assert "trough" in rules(inequality.overall(indices([0.3, 0.2, 0.3])))
    assert {"peak", "trough"}.isdisjoint(rules(inequality.overall(indices([0.3, 0.295, 0.3]))))


def test_small_differences_are_told_as_such_and_nothing_else() -> None:
    assert rules(inequality.overall(indices([0.002, 0.009]))) == ["slight"]
    assert rules(inequality.overall(indices([0.002]))) == ["slight_year"]
    assert rules(inequality.overall(indices([0.002, 0.011])))[0] == "gini_wider"
    assert rules(inequality.overall(indices([0.2]))) == ["gini_year"]
    assert rules(inequality.overall(indices([np.nan, np.nan]))) == []
    assert rules(inequality.overall(indices([np.nan, 0.2]))) == ["gini_year"]


def test_measures_may_disagree() -> None:
    found = [*inequality.overall(indices([0.2, 0.2], theil_L=[0.3, 0.2], variation=[0.3, 0.4]))]
    assert rules(found) == ["gini_steady", "disagree"]
    assert said(found)[1] == (
        "The measures disagree on the change from 2010 to 2011: a rise by coefficient of variation, a fall by Theil L."
    )
    # some move and some do not: neither agreement nor disagreement
    assert rules(inequality.overall(indices([0.2, 0.2], theil_L=[0.3, 0.2]))) == ["gini_steady"]
    # a measure that does not exist is not asked
    assert "agree_wider" in rules(inequality.overall(indices([0.2, 0.3], theil_L=[np.nan, 0.2])))


def test_polarisation() -> None:
    for wolfson, rule in (([0.2, 0.3], "wider"), ([0.3, 0.2], "narrower"), ([0.2, 0.2], "steady"), ([0, 0.2], "wider")):
        assert rules(inequality.polarisation(indices([0.2, 0.2], wolfson=wolfson))) == [f"polar_{rule}"]
    assert rules(inequality.polarisation(indices([0.2, 0.2], wolfson=[np.nan, 0.2]))) == []


def test_the_main_source() -> None:
    always = [*inequality.sources(parts((0.2, 0.6, 0.2), (0.26, 0.54, 0.2)))]
    assert rules(always) == ["source_always", "between_falls"]
    assert said(always)[0] == (
        "In all 2 years the main source of inequality is the gap between groups net of their overlap, with 54.0% to "
        "60.0% of the Gini coefficient and 54.0% in 2011."
    )
    turned = [*inequality.sources(parts((0.2, 0.6, 0.2), (0.2, 0.2, 0.6)))]
    assert rules(turned) == ["source_changes", "between_falls"]
    with text.use("zh"):
        turned = [*inequality.sources(parts((0.2, 0.6, 0.2), (0.2, 0.2, 0.6)))]
    assert (
        said(turned, "zh")[0]
        == "差异的首要来源由 2010 年的组间净值差异（贡献率 60.0%）转为 2011 年的超变密度（60.0%）。"
    )
    assert rules(inequality.sources(parts((0.2, 0.2, 0.6), (0.2, 0.6, 0.2)))) == ["source_changes", "between_rises"]
    mostly = parts((0.6, 0.2, 0.2), (0.2, 0.6, 0.2), (0.6, 0.2, 0.2))
    assert rules(inequality.sources(mostly)) == ["source_mostly"]
    assert rules(inequality.sources(parts((0.6, 0.2, 0.2), (0.36, 0.24, 0.4)))) == ["source_close"]
    assert rules(inequality.sources(parts((0.6, 0.2, 0.2)))) == ["source_year"]
    assert rules(inequality.sources(parts((0.6, 0.2, 0.2)) * 0)) == []


def test_the_widest_gap_between_groups() -> None:
    found = [*inequality.pairs(matrix([0.2, 0.3], [0.1, 0.1], [0.1, 0.1]), NAMES)]
    assert rules(found) == ["pair_wider", "pair_always"]
    assert "between the East group and the West group, widened" in said(found)[0]
    turned = [*inequality.pairs(matrix([0.3, 0.2], [0.1, 0.1], [0.1, 0.25]), NAMES)]
    assert rules(turned) == ["pair_wider", "pair_other"]
    assert said(turned)[1] == "In 2010 the widest gap was that between the East group and the West group (0.300)."
    assert rules(inequality.pairs(matrix([0.3, 0.2], [0.1, 0.1], [0.1, 0.1]), NAMES))[0] == "pair_narrower"
    assert rules(inequality.pairs(matrix([0.3, 0.3], [0.1, 0.1], [0.1, 0.1]), NAMES))[0] == "pair_steady"
    assert rules(inequality.pairs(matrix([0.3], [0.1], [0.1]), NAMES)) == ["pair_year"]
    assert rules(inequality.pairs(matrix([np.nan, 0.3], [0.1, 0.1], [0.1, 0.1]), NAMES)) == ["pair_year"]
    assert rules(inequality.pairs(matrix([0.0, 0.0], [0.0, 0.0], [0.0, 0.0]), NAMES)) == []


def test_two_groups_have_no_widest_gap() -> None:
    for gap, rule in (([0.2, 0.3], "wider"), ([0.3, 0.2], "narrower"), ([0.2, 0.2], "steady"), ([0.2], "year")):
        assert rules(inequality.pairs(matrix(gap), NAMES)) == [f"two_{rule}"]


def inside(*own, n=(4, 4, 4)):
    gaps = [[0.1] * len(own[0])] * 3
    return [*inequality.inside(matrix(*gaps, own=own, n=n), NAMES)]


def test_differences_within_groups() -> None:
    found = inside([0.3, 0.4], [0.2, 0.2], [0.1, 0.09])
    assert rules(found) == ["inside", "inside_always", "inside_rises", "inside_falls"]
    assert said(found)[0] == (
        "Within groups, regions differ most in the East group (Gini coefficient 0.400 in 2011) "
        "and least in the North group (0.090)."
    )
    assert said(found)[2:] == [
        "From 2010 to 2011 differences grew within the East group.",
        "From 2010 to 2011 differences lessened within the North group.",
    ]
    assert rules(inside([0.3, 0.1], [0.2, 0.2], [0.1, 0.1]))[:2] == ["inside", "inside_other"]
    assert rules(inside([0.3, 0.4], [0.2, 0.3], [0.1, 0.2]))[-1] == "inside_rises_all"
    assert rules(inside([0.4, 0.3], [0.3, 0.2], [0.2, 0.1]))[-1] == "inside_falls_all"
    assert rules(inside([0.2, 0.2], [0.2, 0.2], [0.201, 0.201])) == ["inside_alike"]
    assert rules(inside([0.2], [0.3], [0.1])) == ["inside"]


def test_a_group_of_one_region_is_not_the_one_that_differs_least() -> None:
    found = inside([0.3, 0.3], [0.2, 0.2], [0.0, 0.0], n=(4, 4, 1))
    assert dict(found)["inside"]["least"] == "the West group"
    assert inside([0.3, 0.3], [0.2, 0.2], [0.0, 0.0], n=(4, 1, 1)) == []


def test_theil_within_and_between() -> None:
    assert rules(inequality.theil(shares(0.3))) == ["theil_within"]
    assert rules(inequality.theil(shares(0.7))) == ["theil_between"]
    assert rules(inequality.theil(shares(0.52))) == ["theil_even"]
    assert rules(inequality.theil(shares(0.3) * 0)) == []
    found = [*inequality.theil(shares(0.3, 0.5))]
    assert rules(found) == ["theil_within", "levels"]
    assert said(found)[1] == (
        "Level by level, Theil's T of 2020 consists of these parts: between groups (30.0%), between groups of level 2 "
        "(50.0%) and within groups (20.0%)."
    )


MIRROR = {"wider": "narrower", "narrower": "wider"}


@given(values)
def test_reversed_years_reverse_what_is_said_of_the_gini_coefficient(gini: list[float]) -> None:
    def kinds(listed: list[float]) -> list[str]:
        return [r for r in rules(inequality.overall(indices(listed))) if r.startswith(("gini", "agree"))]

    backward = [f"{k}_{MIRROR.get(w, w)}" for k, w in (r.split("_", 1) for r in kinds(gini[::-1]))]
    assert kinds(gini) == backward


@given(values)
def test_reversed_years_reverse_the_gap_of_two_groups(one: list[float]) -> None:
    forward, backward = (rules(inequality.pairs(matrix(v), NAMES))[0].split("_")[1] for v in (one, one[::-1]))
    assert backward == MIRROR.get(forward, forward)


@given(st.lists(st.tuples(*[st.integers(1, 9)] * 3), min_size=1, max_size=6))
def test_a_source_is_named_once(listed) -> None:
    found = rules(inequality.sources(parts(*[np.array(s) / sum(s) for s in listed])))
    assert sum(r.startswith("source_") for r in found) == 1


def test_every_rule_is_met_by_some_data_and_can_be_printed() -> None:
    told = [([0.2, 0.3],), ([0.3, 0.2],), ([0.2, 0.2],), ([0, 0.2],), ([0.2],), ([0.2, 0.3, 0.2],), ([0.3, 0.2, 0.3],)]
    found = [f for (gini,) in told for f in inequality.overall(indices(gini))]
    found += inequality.overall(indices([0.002, 0.002]))
    found += inequality.overall(indices([0.002]))
    found += inequality.overall(indices([0.2, 0.2], theil_L=[0.3, 0.2], variation=[0.3, 0.4]))
    for wolfson in ([0.2, 0.3], [0.3, 0.2], [0.2, 0.2]):
        found += inequality.polarisation(indices([0.2, 0.2], wolfson=wolfson))
    for case in (
        [(0.2, 0.6, 0.2)] * 2,
        [(0.2, 0.6, 0.2), (0.2, 0.2, 0.6)],
        [(0.2, 0.2, 0.6), (0.2, 0.6, 0.2)],
        [(0.6, 0.2, 0.2), (0.2, 0.6, 0.2), (0.6, 0.2, 0.2)],
        [(0.36, 0.24, 0.4)],
        [(0.6, 0.2, 0.2)],
    ):
        found += inequality.sources(parts(*case))
    for gap in ([0.2, 0.3], [0.3, 0.2], [0.2, 0.2], [0.2]):
        found += inequality.pairs(matrix(gap), NAMES)
        found += inequality.pairs(matrix(gap, [0.1] * len(gap), [0.1] * len(gap)), NAMES)
    found += inequality.pairs(matrix([0.3, 0.2], [0.1, 0.1], [0.1, 0.25]), NAMES)
    found += inside([0.3, 0.4], [0.2, 0.2], [0.1, 0.09])
    found += inside([0.3, 0.1], [0.2, 0.2], [0.1, 0.1])
    found += inside([0.3, 0.4], [0.2, 0.3], [0.1, 0.2])
    found += inside([0.4, 0.3], [0.3, 0.2], [0.2, 0.1])
    found += inside([0.2], [0.2], [0.2])
    found += [f for s in (shares(0.3, 0.5), shares(0.7), shares(0.52)) for f in inequality.theil(s)]
    assert set(rules(found)) == {k for k in text.texts("findings_inequality", "en") if not k.endswith("_if")}
    for lang in text.LANGUAGES:
        assert not [s for s in said(found, lang) if "{" in s]
        with text.use(lang):
            for rule, says in found:
                assert "{" not in condition(f"inequality.{rule}")
                assert "NaN" not in numbers(Finding(f"inequality.{rule}", "D", says))


def test_thresholds() -> None:
    assert rules(inequality.overall(indices([1, 1.049])))[0] == "gini_steady"
    assert rules(inequality.overall(indices([1, 1.051])))[0] == "gini_wider"
    assert rules(inequality.sources(parts((0.2, 0.45, 0.35), (0.2, 0.499, 0.301)))) == ["source_always"]
    assert rules(inequality.sources(parts((0.2, 0.45, 0.35), (0.2, 0.501, 0.299)))) == [
        "source_always",
        "between_rises",
    ]
    assert rules(inequality.sources(parts((0.3, 0.374, 0.326)))) == ["source_close"]
    assert rules(inequality.sources(parts((0.3, 0.376, 0.324)))) == ["source_year"]
    assert rules(inequality.theil(shares(0.549))) == ["theil_even"]
    assert rules(inequality.theil(shares(0.551))) == ["theil_between"]


def test_real_measures_of_values() -> None:
    """The higher group moves away by a constant: net between grows, what happens within does not."""
    by = {"r0": "a", "r1": "a", "r2": "b", "r3": "b"}
    coords = {"region": list(by), "year": [2010, 2011]}
    x = xr.DataArray([[1.0, 1.0], [1.5, 1.5], [2.0, 3.0], [2.5, 3.5]], coords, ("region", "year"))
    assert rules(inequality.overall(measured.indices(x)))[0] == "gini_wider"
    dagum = measured.dagum(x, by)
    assert rules(inequality.sources(dagum)) == ["source_always", "between_rises"]
    assert rules(inequality.pairs(dagum, NAMES)) == ["two_wider"]


@pytest.mark.parametrize("grouped", [False, True])
def test_a_study_with_groups_and_one_without(small_study: Path, grouped: bool) -> None:
    content = small_study.read_text("utf-8") + "\nanalyses: [inequality]\n"
    if grouped:
        content = content.replace("groups: null", "groups: {one: [A, B], two: [C]}")
    small_study.write_text(content, "utf-8")
    told = [*inequality.find(run(small_study))]
    assert list(dict.fromkeys(f.about for f in told)) == ["Effort", "Result", "D"]
    assert any("source" in f.rule for f in told) == grouped
    assert not [*inequality.find(SimpleNamespace(analyses={}, region_labels={}, groups=SimpleNamespace(labels={})))]  # type: ignore[arg-type]
