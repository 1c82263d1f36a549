"""C, T and D, their classes, lag types and ranks, means and growth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ouhe.audit import Audited
from ouhe.audit.checks.degrees import implied_share, least_and_most, stretched, weighted
from ouhe.audit.interval import Interval
from ouhe.compute import couple

Kinds = Callable[..., list[tuple[str, str]]]
Run = Callable[..., Audited]

U = ((0.123, 0.456), (0.222, 0.333), (0.600, 0.150), (0.100, 0.090))
YEAR = "title: t\nlang: en\nregions: [A, B, C, D]\nyears: [2010]\nsystems: [S, P]\n"


def standard(s: float, p: float) -> float:
    return 2 * (s * p) ** 0.5 / (s + p)


def rows(make: Callable[[float, float], str], head: str, said: str = "", *, where: str = "table 6") -> str:
    lines = "\n".join(f"      {r}, {s:.3f}, {p:.3f}, {make(s, p)}" for r, (s, p) in zip("ABCD", U, strict=True))
    return f"{said}tables:\n  - kind: values\n    where: {where}\n    rows: |\n      region, S, P, {head}\n{lines}\n"


SAYS = "formulas: {coupling: standard, contribution: equal, coordination: sqrt CT}\n"


def all_three(factor: float = 1.0, share: float = 0.5) -> Callable[[float, float], str]:
    def make(s: float, p: float) -> str:
        c, t = factor * standard(s, p), share * s + (1 - share) * p
        return f"{c:.3f}, {t:.3f}, {(c * t) ** 0.5:.3f}"

    return make


def test_values_of_the_formulas_agree(kinds: Kinds, run: Run) -> None:
    assert kinds(rows(all_three(), "C, T, D", SAYS), head=YEAR) == []
    checked = run(rows(all_three(), "C, T, D", SAYS), head=YEAR).checked
    assert [checked[k].agreed for k in ("coupling", "development", "coordination", "in_range")] == [4, 4, 4, 8]


def test_coupling_without_its_factor_is_named(kinds: Kinds, run: Run) -> None:
    found = run(rows(all_three(0.5), "C, T, D", SAYS), head=YEAR).verdicts
    assert [(v.kind, v.certainty) for v in found] == [("coupling_form", "certain")]
    assert "without the factor k" in found[0].sentence("en")
    assert kinds(rows(all_three(0.5), "C, T, D"), head=YEAR) == [("coupling_form", "certain")]


def test_coupling_above_one(kinds: Kinds) -> None:
    found = kinds(rows(all_three(2.0), "C, T, D", SAYS), head=YEAR)
    assert ("out_of_range", "certain") in found


def test_another_form_that_is_not_named_is_a_question(kinds: Kinds) -> None:
    fan = rows(lambda s, p: f"{1 - abs(s - p):.3f}", "C")
    assert kinds(fan, head=YEAR) == [("coupling_form", "question")]
    assert kinds(f"formulas: {{coupling: fan}}\n{fan}", head=YEAR) == []
    assert kinds(f"formulas: {{coupling: standard}}\n{fan}", head=YEAR) == [("coupling_form", "certain")]
    assert kinds(f"formulas: {{coupling: other}}\n{fan}", head=YEAR) == []


def test_a_single_wrong_cell_is_named(kinds: Kinds, run: Run) -> None:
    slipped = rows(all_three(), "C, T, D", SAYS).replace("A, 0.123, 0.456, 0.818", "A, 0.123, 0.456, 0.848")
    assert kinds(slipped, head=YEAR) == [("coupling_cells", "certain"), ("coordination_cells", "certain")]
    verdict = run(slipped, head=YEAR).verdicts[0]
    assert verdict.about == ("C", "A 2010")
    # 2√(0.123·0.456)/(0.123 + 0.456) = 0.8181
    assert verdict.arithmetic[0].startswith("A 2010: S = 0.123; P = 0.456: C = k(ΠU)^(1/k)/ΣU ∈ [0.81")
    assert verdict.arithmetic[0].endswith("∌ 0.848")


def test_another_contribution_is_implied(kinds: Kinds, run: Run) -> None:
    other = rows(all_three(share=0.6), "C, T, D", SAYS)
    assert kinds(other, head=YEAR) == [("development_form", "certain")]
    line = run(other, head=YEAR).verdicts[0].arithmetic[0]
    assert line.startswith("a(S) ∈ [0.59")
    unsaid = rows(all_three(share=0.6), "C, T, D")
    assert kinds(unsaid, head=YEAR) == [("development_form", "question")]
    said = rows(all_three(share=0.6), "C, T, D", "formulas: {contribution: {S: 0.6, P: 0.4}}\n")
    assert kinds(said, head=YEAR) == []
    # without T, from D
    only_d = rows(lambda s, p: all_three(share=0.6)(s, p).rpartition(", ")[2], "D", SAYS)
    assert kinds(only_d, head=YEAR) == [("coordination_form", "certain")]


@pytest.mark.parametrize(
    ("make", "form"),
    [
        (lambda c, t: c * t, "without the root"),
        (lambda c, t: (c * 2 * t) ** 0.5, "sum of the indices"),
        (lambda c, t: (c + t) / 2, "mean of C and T"),
    ],
)
def test_other_ways_to_make_d_are_named(run: Run, make: Callable[[float, float], float], form: str) -> None:
    table = rows(lambda s, p: f"{make(standard(s, p), (s + p) / 2):.3f}", "D", SAYS)
    found = run(table, head=YEAR).verdicts
    assert [(v.kind, v.certainty) for v in found] == [("coordination_form", "certain")]
    assert form in found[0].sentence("en")


def test_rescaled_indices_are_recognised(run: Run, kinds: Kinds) -> None:
    u = xr.DataArray(np.array(U), dims=("region", "system"))
    again = couple.rescale(u)
    c, t = couple.standard(again), couple.development(again)
    d = iter(couple.coordination(c, t).values)
    found = run(rows(lambda _s, _p: f"{next(d):.3f}", "D", SAYS), head=YEAR).verdicts
    assert [v.kind for v in found] == ["coordination_form"]
    assert "stretched to [0.01, 0.99]" in found[0].sentence("en")


indices = st.floats(0.001, 1)


@given(st.lists(indices, min_size=2, max_size=4), st.integers(2, 4), st.sampled_from(["standard", "wang", "fan"]))
def test_coupling_of_rounded_indices_lies_within_its_bounds(u: list[float], decimals: int, form: str) -> None:
    half = 0.5 * 10.0**-decimals
    rounded = [
        Interval(np.array([max(round(x, decimals) - half, 0)]), np.array([round(x, decimals) + half])) for x in u
    ]
    forms = {"standard": couple.standard, "wang": couple.wang, "fan": couple.fan}
    true = float(forms[form](xr.DataArray([u], dims=("region", "system")))[0])
    bounds = least_and_most(form, rounded)
    assert bounds.low[0] - 1e-12 <= true <= bounds.high[0] + 1e-12


@given(st.lists(st.tuples(indices, indices), min_size=1, max_size=20), st.floats(0, 1))
def test_the_contribution_that_was_used_is_implied(pairs: list[tuple[float, float]], share: float) -> None:
    u = [Interval(np.round(x, 3) - 0.00051, np.round(x, 3) + 0.00051) for x in np.array(pairs).T]
    t = np.array([share * a + (1 - share) * b for a, b in pairs])
    found = implied_share(Interval(np.round(t, 3) - 0.00051, np.round(t, 3) + 0.00051), u)
    assert found is not None
    assert found.low - 1e-9 <= share <= found.high + 1e-9


@given(st.lists(st.tuples(indices, indices), min_size=2, max_size=20))
def test_rescaled_values_lie_in_the_stretched_intervals(pairs: list[tuple[float, float]]) -> None:
    x = np.array(pairs).T
    held = stretched([Interval(np.round(v, 3) - 0.00051, np.round(v, 3) + 0.00051) for v in x])
    if held is not None:
        for own, v in zip(held, x, strict=True):
            again = 0.01 + 0.98 * (v - v.min()) / (v.max() - v.min())
            assert ((own.low - 1e-9 <= again) & (again <= own.high + 1e-9)).all()
        assert weighted(held, [0.5, 0.5]).low.shape == x[0].shape


CLASSED = "classes: {low: 0.4, middle: 0.5, high: 1}\n"


def classed(*labels: str) -> str:
    d = ("0.400", "0.401", "0.500", "0.700")
    lines = "\n".join(f"      {r}, {x}, {c}" for r, x, c in zip("ABCD", d, labels, strict=True))
    return f"{CLASSED}tables:\n  - kind: values\n    rows: |\n      region, D, class\n{lines}\n"


def test_classes_are_those_of_d(kinds: Kinds, run: Run) -> None:
    assert kinds(classed("low", "middle", "middle", "high"), head=YEAR) == []
    # 0.400 and 0.500 may have been a little more before they were rounded
    assert kinds(classed("middle", "middle", "high", "high"), head=YEAR) == []
    # 0.401 was 0.4005 at least
    assert kinds(classed("low", "low", "middle", "high"), head=YEAR) == [("class_wrong", "certain")]
    unknown = run(classed("low", "middle", "middle", "very high"), head=YEAR)
    assert unknown.not_checked["classes"][0].message("en").count("very high") == 1


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ("{low: [0, 0.4], middle: [0.4, 0.5], high: [0.5, 1]}", []),
        ("{low: [0, 0.4], high: [0.5, 1]}", [("classes_gap", "certain")]),
        ("{low: [0, 0.4], high: [0.3, 1]}", [("classes_overlap", "certain")]),
        ("{low: [0, 0.4], high: [0.4, 0.9]}", [("classes_gap", "certain")]),
        ("{high: [0.4, 1], low: [0, 0.4]}", []),  # highest first
        ("nine-level", []),
        ("ten-level", []),
    ],
)
def test_classes_hold_every_degree_once(kinds: Kinds, scheme: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(f"classes: {scheme}\n", head=YEAR) == expected


def lagging(*labels: str) -> str:
    these = iter(labels)
    return rows(lambda _s, _p: next(these), "lag", "formulas: {in_step: 0.01}\nlag_labels: {behind: S}\n")


def test_the_lagging_system_is_the_smaller_one(kinds: Kinds) -> None:
    # A: 0.123 < 0.456, B: 0.222 < 0.333, C: 0.600 > 0.150, D: 0.100 and 0.090 may be 0.009 apart
    assert kinds(lagging("S lags", "behind", "P型滞后", "in step"), head=YEAR) == []
    assert kinds(lagging("S", "S", "P", "P"), head=YEAR) == []
    assert kinds(lagging("P", "S", "P", "P"), head=YEAR) == [("lag_wrong", "certain")]
    assert kinds(lagging("S", "S", "in step", "P"), head=YEAR) == [("lag_wrong", "certain")]
    assert kinds(lagging("S", "S", "P", "S"), head=YEAR) == [("lag_wrong", "certain")]


def test_ranks_fall_with_values(kinds: Kinds) -> None:
    table = "tables:\n  - kind: values\n    rows: |\n      region, D, rank\n      A, 0.700, {}\n      B, 0.501, {}\n"
    table += "      C, 0.500, {}\n      D, 0.400, {}\n"
    assert kinds(table.format(1, 2, 3, 4), head=YEAR) == []
    assert kinds(table.format(1, 2, 2, 4), head=YEAR) == []
    assert kinds(table.format(1, 3, 2, 4), head=YEAR) == []  # 0.501 and 0.500 may be 0.5005 both
    assert kinds(table.format(2, 1, 3, 4), head=YEAR) == [("ranks_wrong", "certain")]


GROUPED = "groups: {big: [A, B, C], small: [D]}\n"


def averaged(nation: str, big: str, small: str, more: str = "") -> str:
    lines = f"      nation, 2010, {nation}\n      big, 2010, {big}\n      small, 2010, {small}\n"
    return f"{GROUPED}tables:\n  - kind: means\n    variable: D\n    rows: |\n      scope, period, value\n{lines}{more}"


def test_groups_and_nation(kinds: Kinds) -> None:
    # (3·0.400 + 0.600)/4 = 0.450; the plain mean is 0.500
    assert kinds(averaged("0.450", "0.400", "0.600")) == []
    assert kinds(averaged("0.451", "0.400", "0.600")) == []  # (3·0.4005 + 0.6005)/4 = 0.4505
    assert kinds(averaged("0.452", "0.400", "0.600")) == [("means_groups", "certain")]
    assert kinds(averaged("0.500", "0.400", "0.600")) == [("means_groups_plain", "certain")]


def test_groups_that_leave_regions_out_say_nothing(kinds: Kinds) -> None:
    part = averaged("0.900", "0.400", "0.600").replace("[A, B, C]", "[A, B]")
    assert kinds(part) == []
    sizes = averaged("0.452", "0.400", "0.600").replace("[A, B, C]", "3").replace("[D]", "1")
    assert kinds(sizes) == [("means_groups", "certain")]


def test_regions_and_their_group_years_and_their_period(kinds: Kinds) -> None:
    values = "  - kind: values\n    rows: |\n      region, year, D\n"
    values += "".join(f"      {r}, 2010, 0.{d}00\n" for r, d in zip("ABCD", (3, 4, 5, 6), strict=True))
    assert kinds(averaged("0.450", "0.400", "0.600") + values) == []
    found = kinds(averaged("0.450", "0.402", "0.600") + values)
    assert found == [("means_groups", "certain"), ("means_regions", "certain")]
    years = "      nation, 2011, 0.460\n      nation, 2012, 0.470\n      nation, 2010-2012, {}\n"
    assert kinds(averaged("0.450", "0.400", "0.600", years.format("0.460"))) == []
    assert kinds(averaged("0.450", "0.400", "0.600", years.format("0.470"))) == [("means_years", "certain")]


def bounded(d: str, said: str = "formulas: {contribution: equal}\n", c: str = "") -> str:
    lines = f"      nation, 2010, 0.200, 0.240, {c}, {d}\n"
    return f"{said}tables:\n  - kind: means\n    rows: |\n      scope, period, S, P, C, D\n{lines}"


def test_the_greatest_mean_of_d(kinds: Kinds) -> None:
    # √0.22 = 0.46904, and with half a unit on both √0.2205 = 0.46957
    assert kinds(bounded("0.469")) == []
    assert kinds(bounded("0.470")) == []  # may be 0.4695
    assert kinds(bounded("0.471")) == [("bound_exceeded", "certain")]
    assert kinds(bounded("0.471", said="")) == [("bound_exceeded", "likely")]
    # with a mean C of 0.900: √(0.9005·0.2205) = 0.44560
    assert kinds(bounded("0.446", c="0.900")) == []
    assert kinds(bounded("0.447", c="0.900")) == [("bound_exceeded", "certain")]


GROWTH = (
    "tables:\n  - kind: means\n    variable: S\n    rows: |\n      scope, 2010, 2011, 2012\n"
    "      nation, 0.100, 0.115, 0.121\nstatements:\n"
    "  - {{quantity: growth, of: S, period: 2010-2012, value: {}, where: text}}\n"
)


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        ("10.00%", []),  # (0.121/0.100)^(1/2) = 1.1
        ("9.70%", []),  # (0.1205/0.1005)^(1/2) = 1.0950, (0.1215/0.0995)^(1/2) = 1.1050
        ("21.00%", [("growth_periods", "likely")]),  # one period, or the growth of the whole
        ("6.56%", [("growth_periods", "certain")]),  # 1.21^(1/3)
        ("10.50%", []),
        ("15.00%", [("growth_wrong", "certain")]),
        ("-10.00%", [("growth_wrong", "certain")]),
    ],
)
def test_growth(kinds: Kinds, rate: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(GROWTH.format(rate)) == expected


def test_other_meanings_of_growth_are_questions(kinds: Kinds) -> None:
    doubled = GROWTH.replace("0.100, 0.115, 0.121", "0.100, 0.300, 0.200")
    assert kinds(doubled.format("41.42%")) == []
    assert kinds(doubled.format("50.00%")) == [("growth_simple", "question")]
    assert kinds(doubled.format("34.66%")) == [("growth_continuous", "question")]
    # (0.3/0.1 − 1 + 0.2/0.3 − 1)/2 = 0.8333
    assert kinds(doubled.format("83.33%")) == [("growth_yearly", "question")]


def test_growth_without_levels_tells_why(run: Run) -> None:
    alone = "statements:\n  - {quantity: growth, of: S, period: 2010-2012, value: 5%}\n"
    assert run(alone).not_checked["growth"][0].key == "audit_checks.growth_no_levels"


def test_numbers_printed_twice(kinds: Kinds) -> None:
    again = GROWTH.partition("statements")[0] + "statements:\n  - {{quantity: mean, of: S, period: 2010, value: {}}}\n"
    assert kinds(again.format("0.100")) == []
    assert kinds(again.format("0.10")) == []
    assert kinds(again.format("0.1005")) == []
    assert kinds(again.format("0.101")) == []  # touches: 0.1005 rounds to either
    assert kinds(again.format("0.102")) == [("repeated_apart", "certain")]
