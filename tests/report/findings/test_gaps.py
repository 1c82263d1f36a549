"""Gaps between groups and between regions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ouhe import text
from ouhe.compute import gap
from ouhe.report.findings import gaps
from ouhe.report.findings.finding import Labels, condition, numbers, sentence
from ouhe.study.run import run

MIRROR = {"wider": "narrower", "narrower": "wider", "steady": "steady", "close": "close"}
MIRROR |= {"apart_absolutely": "apart_relatively", "apart_relatively": "apart_absolutely"}

measures = st.lists(st.integers(1, 60).map(lambda k: k / 8), min_size=2, max_size=8)


def years_of(values) -> list[int]:
    return [*range(2010, 2010 + len(values))]


def spread(*values: float):
    coords = {"variable": ["D"], "year": years_of(values)}
    return [*gaps.spread(xr.DataArray([list(map(float, values))], coords, ("variable", "year")), Labels())]


def distance(ratio, difference, *, between: str = "groups"):
    coords = {"variable": ["D"], "year": years_of(ratio)}
    given = {"ratio": ratio, "difference": difference}
    arrays = {k: (("variable", "year"), np.array([v], dtype=float)) for k, v in given.items()}
    return [*gaps.distance(xr.Dataset(arrays, coords), Labels(), between=between)]


def rules(found) -> list[str]:
    return [f.rule.removeprefix("gaps.") for f in found]


def test_the_regions_draw_apart() -> None:
    found = spread(0.4, 0.5)
    with text.use("en"):
        assert [*map(sentence, found)] == [
            (
                "Taken over all regions, the coordination degree became more unequal: its coefficient of variation "
                "grew from 0.400 in 2010 to 0.500 in 2011, by 25.0%."
            )
        ]
    with text.use("zh"):
        [told] = spread(0.5, 0.4)
        assert sentence(told) == (
            "就全部地区而言，耦合协调度的相对差距缩小，变异系数由 2010 年的 0.500 降至 2011 年的 0.400，降幅 20.0%。"
        )


def test_difference_and_ratio_may_disagree() -> None:
    """All groups grow by the same amount times their level, and a little more at the lower end."""
    with text.use("zh"):
        [told] = distance([3.0, 2.0], [0.2, 0.3])
        assert sentence(told) == (
            "组间差距的变化因口径而异：耦合协调度的最高组与最低组之差由 2010 年的 0.200 扩大到 2011 年的 0.300，"
            "二者之比却由 3.00 降至 2.00。"
        )
    with text.use("en"):
        [told] = distance([2.0, 3.0], [0.3, 0.2], between="regions")
        assert sentence(told) == (
            "Between the two ends, the ratio of the highest to the lowest region grew from 2.00 in 2010 to 3.00 in "
            "2011, but the difference of the two fell from 0.300 to 0.200."
        )


def test_turning_points() -> None:
    assert rules(spread(0.2, 0.4, 0.3)) == ["wider", "peak"]
    assert rules(spread(0.3, 0.2, 0.3)) == ["steady", "trough"]
    assert rules(spread(0.3, 0.31, 0.3)) == ["steady"]


def test_what_cannot_be_compared() -> None:
    assert spread(0, 0, 0) == []
    assert spread(np.nan, np.nan) == []
    assert rules(spread(0, 0.2)) == ["from_none"]
    assert rules(spread(0.2, 0)) == ["narrower"]
    assert rules(spread(np.nan, 0.2)) == ["spread_year"]
    assert distance([np.nan, np.nan], [0.1, 0.2]) == []
    assert rules(distance([np.nan, 2.0], [0.1, 0.2])) == ["groups_year"]
    assert distance([1.0], [0.0]) == []


def test_real_gaps_of_values() -> None:
    """Doubling every value doubles the difference and leaves the ratio: the gap counts as wider."""
    x = xr.DataArray([[[1.0, 2.0], [2.0, 4.0]]], dims=("variable", "group", "year"))
    measured = gap.between(x.assign_coords(variable=["D"], year=[2010, 2011]))
    assert rules(gaps.distance(measured, Labels(), between="groups")) == ["groups_wider"]


@given(measures)
def test_reversed_years_reverse_the_spread(values: list[float]) -> None:
    forward, backward = rules(spread(*values)), rules(spread(*values[::-1]))
    assert backward == [MIRROR.get(r, r) for r in forward]


@given(measures)
def test_a_mirrored_curve_turns_peaks_into_troughs(values: list[float]) -> None:
    mirrored = [max(values) + min(values) - v for v in values]  # the threshold is a share of the largest
    turned = {"peak": "trough", "trough": "peak"}
    ours, theirs = ({r for r in rules(spread(*v)) if r in turned} for v in (values, mirrored))
    assert theirs == {turned[r] for r in ours}


@given(measures, measures)
def test_reversed_years_reverse_the_distance(ratio: list[float], difference: list[float]) -> None:
    size = min(len(ratio), len(difference))
    ratio, difference = [1 + r for r in ratio[:size]], difference[:size]
    for between in ("groups", "regions"):
        [forward] = rules(distance(ratio, difference, between=between))
        [backward] = rules(distance(ratio[::-1], difference[::-1], between=between))
        assert backward == f"{between}_{MIRROR[forward.removeprefix(between + '_')]}"


@given(measures, st.sampled_from([0.25, 1024.0]))
def test_the_scale_changes_no_rule(values: list[float], factor: float) -> None:
    scaled = [factor * v for v in values]
    assert rules(spread(*values)) == rules(spread(*scaled))
    ratio = [1 + v for v in values]
    assert rules(distance(ratio, values)) == rules(distance(ratio, scaled))


def test_every_rule_is_met_by_some_data_and_can_be_printed() -> None:
    spreads = [(0.1, 0.2), (0.2, 0.1), (0.1, 0.1), (0, 0.1), (0.1, 0.3, 0.1), (0.3, 0.1, 0.3), (0.1,)]
    pairs = [([2, 3], [1, 2]), ([3, 2], [2, 1]), ([2, 2], [1, 1]), ([3, 2], [1, 2]), ([2, 3], [2, 1]), ([2], [1])]
    pairs.append(([1.01, 1.02], [0.1, 0.2]))
    found = [f for values in spreads for f in spread(*values)]
    found += [f for r, d in pairs for between in ("groups", "regions") for f in distance(r, d, between=between)]
    assert set(rules(found)) == {k for k in text.texts("findings_gaps", "en") if not k.endswith("_if")}
    for lang in text.LANGUAGES:
        with text.use(lang):
            for f in found:
                assert "{" not in sentence(f) + condition(f.rule)
                assert "NaN" not in numbers(f)


def test_thresholds() -> None:
    assert (rules(spread(1, 1.049)), rules(spread(1, 1.051))) == (["steady"], ["wider"])
    assert (rules(spread(1.049, 1)), rules(spread(1.051, 1))) == (["steady"], ["narrower"])
    assert rules(distance([2, 2.09], [1, 1.04])) == ["groups_steady"]
    assert rules(distance([2, 2.11], [1, 1.04])) == ["groups_wider"]
    assert rules(distance([2, 2.09], [1.06, 1])) == ["groups_narrower"]
    assert "peak" in rules(spread(95, 100, 94)) + rules(spread(94, 100, 94.9))
    assert "peak" not in rules(spread(95.1, 100, 94))


def test_a_study_with_groups_and_one_without(small_study: Path) -> None:
    told = [*gaps.find(run(small_study))]
    assert list(dict.fromkeys(f.about for f in told)) == ["Effort", "Result", "C", "T", "D"]
    assert not [f for f in told if "groups_" in f.rule]
    grouped = small_study.read_text("utf-8").replace("groups: null", "groups: {one: [A, B], two: [C]}")
    small_study.write_text(grouped, "utf-8")
    assert next(gaps.find(run(small_study))).rule.startswith("gaps.groups_")
