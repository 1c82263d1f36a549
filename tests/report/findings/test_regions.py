"""Extremes, ranks, distribution about the mean and changes of regions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr
from hypothesis import assume, given
from hypothesis import strategies as st

from ouhe import text
from ouhe.report.findings import regions
from ouhe.report.findings.finding import Labels, condition, numbers, sentence
from ouhe.study.run import run

#: Rows of four to ten regions over one to five years, all different within a year; eighths lie off the thresholds.
tables = (
    st.tuples(st.integers(4, 10), st.integers(1, 5))
    .flatmap(
        lambda size: st.lists(
            st.lists(st.integers(1, 400).map(lambda k: k / 8), min_size=size[0], max_size=size[0], unique=True),
            min_size=size[1],
            max_size=size[1],
        )
    )
    .map(lambda columns: np.array(columns).T)
)


def found(rows, names=None):
    """Findings on rows of values, one a region."""
    values = np.asarray(rows, dtype=float)[None]
    ids = [f"r{k}" for k in range(values.shape[1])]
    coords = {"variable": ["D"], "region": ids, "year": [*range(2010, 2010 + values.shape[2])]}
    return [*regions.among(xr.DataArray(values, coords, ("variable", "region", "year")), names or Labels())]


def rules(rows) -> list[str]:
    return [f.rule.removeprefix("regions.") for f in found(rows)]


def says(rows, rule: str):
    """Values of the sentence of a rule, or None where it did not hold."""
    return next((f.says for f in found(rows) if f.rule == f"regions.{rule}"), None)


def said(lang: text.Lang, rows, names=None) -> list[str]:
    with text.use(lang):
        return [sentence(f) for f in found(rows, names)]


SMALL = [[0.1, 0.2], [0.2, 0.8], [0.3, 0.3], [0.4, 0.36]]


def test_four_regions_in_both_languages() -> None:
    assert said("en", SMALL, Labels(regions={"r1": "<b>&", "r0": "=cmd()"})) == [
        "In 2011, the coordination degree is highest in <b>& (0.800) and r3 (0.360).",
        "At the lower end stand =cmd() (0.200) and r2 (0.300).",
        "The highest value, 0.800 in <b>&, is 1.9 times the mean of 0.415.",
        "The lowest value, 0.200 in =cmd(), amounts to 48% of the mean of 0.415.",
        "Most regions lie below the mean: in 2011, 1 of 4 (25.0%) are above it.",
        "In every year from 2010 to 2011, r3 ranked among the top 2.",
        "Throughout, =cmd() ranked among the bottom 2.",
        "Ranks hardly moved: between 2010 and 2011 no region gained or lost 3 places or more.",
        "From 2010 to 2011 the value rose in 2 of the 4 regions and fell in 1.",
        "The largest gain in value was that of <b>&, from 0.200 to 0.800.",
        "The largest loss in value was that of r3, from 0.400 to 0.360.",
    ]
    assert said("zh", SMALL, Labels(regions={f"r{k}": name for k, name in enumerate("甲乙丙丁")})) == [
        "2011 年耦合协调度最高的依次为乙（0.800）、丁（0.360）。",
        "最低的依次为甲（0.200）、丙（0.300）。",
        "最高值 0.800（乙）为总体均值 0.415 的 1.9 倍。",
        "最低值 0.200（甲）相当于总体均值 0.415 的 48%。",
        "2011 年 4 个地区中有 1 个（25.0%）高于均值，多数地区低于均值。",
        "2010—2011 年始终位居前 2 位的有丁。",
        "始终处于后 2 位的有甲。",
        "各地区位次变动不大，2010—2011 年没有地区升降达到 3 位。",
        "与 2010 年相比，2011 年 4 个地区中有 2 个提高、1 个下降。",
        "乙的增量最大，由 0.200 提高到 0.800。",
        "丁的减量最大，由 0.400 降至 0.360。",
    ]


def test_climbers_and_fallers() -> None:
    rows = [[1.0, 6.0], [2.0, 2.0], [3.0, 3.0], [4.0, 4.0], [5.0, 5.0], [6.0, 1.0]]
    assert says(rows, "climbers")["names"] == ("r0 (6→1)",)
    assert says(rows, "fallers")["names"] == ("r5 (1→6)",)
    with text.use("zh"):
        assert "2010—2011 年位次上升最多的为r0（6→1）。" in [sentence(f) for f in found(rows)]


def test_ties_are_named_together_or_counted() -> None:
    rows = [[0.9], [0.5], [0.5], [0.5], [0.1], [0.2], [0.3]]
    assert says(rows, "strongest")["names"] == ("r0 (0.900)", "r1 (0.500)", "r2 (0.500)", "r3 (0.500)")
    assert rules([[1.0]] * 6 + [[0.1]] * 6)[:2] == ["crowded_top", "crowded_bottom"]
    assert says([[1.0]] * 6 + [[0.1]] * 6, "crowded_top")["near"] == 6
    lone_top = says([[1.0]] + [[0.5]] * 8 + [[0.1]], "strongest")
    assert lone_top["names"] == ("r0 (1.000)",)


def test_equal_gains_have_no_winner() -> None:
    rows = [[1.0, 2.0], [2.0, 3.0], [3.0, 2.0], [4.0, 3.0]]
    assert not {"gained", "lost"} & {*rules(rows)}


def test_regions_that_crowd_have_no_ranks() -> None:
    crowd = np.linspace(0.999, 1, 20)
    rows = np.stack([crowd, crowd[::-1]], axis=1)
    rows = np.concatenate([rows, [[0.5, 0.5], [0.4, 0.4]]])
    assert not {"climbers", "fallers", "always_top", "changing_top", "strongest"} & {*rules(rows)}
    assert "always_bottom" in rules(rows)


def test_a_few_of_many_are_no_crowd() -> None:
    """Six of a hundred regions near the lowest are no crowd, unless they share its value; twelve are one."""
    rows = np.linspace(0.1, 1, 100)[:, None]
    rows[:6, 0] = [0.1, 0.1001, 0.1002, 0.1003, 0.1004, 0.1005]
    assert says(rows, "weakest")["names"] == ("r0 (0.100)", "r1 (0.100)", "r2 (0.100)")
    rows[:6] = 0.1
    assert says(rows, "crowded_bottom")["near"] == 6
    rows[:12, 0] = np.linspace(0.1, 0.105, 12)
    assert says(rows, "crowded_bottom")["near"] == 12


def test_all_alike_or_missing() -> None:
    assert rules([[0.5], [0.5], [0.5], [0.5]]) == []
    assert rules([[np.nan]] * 4) == []
    assert rules([[np.nan, np.nan]] * 4) == []
    assert rules([[0.0, 0.0]] * 4) == []


def test_a_missing_region_stands_aside() -> None:
    rows = np.array(SMALL)
    rows[1, 1] = np.nan
    assert says(rows, "strongest")["names"] == ("r3 (0.360)",)
    assert says(rows, "some_rose")["count"] == 3
    assert not {"always_top", "always_bottom"} & {*rules(rows)}


def test_three_thousand_regions_are_not_all_named() -> None:
    rng = np.random.default_rng(1)
    rows = rng.lognormal(size=(3000, 4))
    for lang in text.LANGUAGES:
        assert max(map(len, said(lang, rows))) < 300
    same = np.concatenate([np.full((2990, 2), 0.1), np.full((10, 2), 0.9)])
    assert max(map(len, said("en", same))) < 300


@given(tables)
def test_reversed_years_turn_climbers_into_fallers(rows) -> None:
    turned = {"climbers": "fallers", "fallers": "climbers", "steady_ranks": "steady_ranks"}
    turned |= {"all_rose": "all_fell", "all_fell": "all_rose", "some_rose": "some_rose"}
    ours, theirs = ({r for r in rules(t) if r in turned} for t in (rows, rows[:, ::-1]))
    assert theirs == {turned[r] for r in ours}
    if says(rows, "climbers"):
        assert says(rows, "climbers")["places"] == says(rows[:, ::-1], "fallers")["places"]


@given(tables)
def test_mirrored_values_swap_both_ends(rows) -> None:
    """Taking every value from the sum of its year's extremes puts the lowest on top."""
    mirrored = rows.min(axis=0) + rows.max(axis=0) - rows
    turned = {"always_top": "always_bottom", "changing_top": "changing_bottom", "strongest": "weakest"}
    turned |= {v: k for k, v in turned.items()}
    assume("crowded_top" not in rules(rows) + rules(mirrored))
    assume("crowded_bottom" not in rules(rows) + rules(mirrored))
    assume((np.ptp(rows, axis=0) > 1).all())
    ours, theirs = ({r for r in rules(t) if r in turned} for t in (rows, mirrored))
    assert theirs == {turned[r] for r in ours}
    names = [says(rows, "strongest"), says(mirrored, "weakest")]
    assert [n.split()[0] for n in names[0]["names"]] == [n.split()[0] for n in names[1]["names"]]


@given(tables)
def test_mirrored_values_swap_both_sides_of_the_mean(rows) -> None:
    last = rows[:, -1]
    assume((last != last.mean()).all() and regions._apart(last) and regions._apart(rows.max() + rows.min() - last))
    turned = {"few_above": "many_above", "many_above": "few_above", "half_above": "half_above"}
    ours, theirs = ([r for r in rules(t) if r in turned] for t in (rows, rows.max() + rows.min() - rows))
    assert theirs == [turned[r] for r in ours]


@given(tables)
def test_reversed_years_turn_the_largest_gain_into_the_largest_loss(rows) -> None:
    ours, theirs = says(rows, "gained"), says(rows[:, ::-1], "lost")
    if ours and theirs:
        assert (ours["names"], ours["first"], ours["last"]) == (theirs["names"], theirs["last"], theirs["first"])
    gains = rows[:, -1] - rows[:, 0]
    most = gains.max()
    big = most > 0 and most >= 0.05 * rows[:, 0].mean() and (gains == most).sum() == 1
    assert (ours is not None) == bool(rows.shape[1] > 1 and big)


@given(tables, st.sampled_from([0.25, 8.0]))
def test_the_scale_changes_no_rule(rows, factor) -> None:
    assert rules(rows) == rules(factor * rows)


@given(tables)
def test_every_sentence_and_condition_can_be_printed(rows) -> None:
    for lang in text.LANGUAGES:
        with text.use(lang):
            for f in found(rows):
                assert "{" not in sentence(f) + condition(f.rule)
                assert "NaN" not in numbers(f)


def test_every_rule_is_met_by_some_data() -> None:
    rising = np.arange(1.0, 9)
    cases = [
        SMALL,
        np.stack([rising, rising[::-1]], axis=1),
        np.stack([rising, rising + 1], axis=1),
        np.stack([rising + 1, rising], axis=1),
        np.concatenate([np.full((8, 2), 5.0), np.full((3, 2), 1.0)]),
        np.concatenate([np.full((8, 2), 1.0), np.full((3, 2), 5.0)]),
    ]
    met = {rule for rows in cases for rule in rules(rows)}
    assert met == {k for k in text.texts("findings_regions", "en") if not k.endswith("_if")}


def test_thresholds() -> None:
    assert says([[1.0], [1.0], [0.981], [1.0]], "strongest") is None
    assert says([[1.0], [1.0], [0.979], [1.0]], "weakest") is not None
    assert says([[3.4], [2.5], [2.0], [2.0]], "multiple") is None
    assert says([[4.0], [2.0], [2.0], [2.0]], "multiple")["ratio"] == 1.6
    assert says([[1.2], [2.0], [2.0], [2.0]], "fraction") is None
    assert says([[0.8], [2.0], [2.0], [2.0]], "fraction")["ratio"] == 0.8 / 1.7
    ranks = [[float(k), float(k)] for k in range(1, 9)]
    three = [row[:] for row in ranks]
    three[0][1] = 4.5  # passes r1, r2 and r3
    assert says(three, "climbers")["names"] == ("r0 (8→5)",)
    assert "steady_ranks" in rules(ranks)
    long = [[float(k), float(k)] for k in range(1, 41)]
    long[0][1] = 4.5  # three places are less than a tenth of forty regions
    assert says(long, "climbers") is None
    assert says([[2.0, 2.09], [2.0, 2.0], [2.0, 2.0], [2.0, 1.0]], "gained") is None
    assert says([[2.0, 2.11], [2.0, 2.0], [2.0, 2.0], [2.0, 1.0]], "gained")["names"] == ("r0",)


def test_three_regions_have_one_at_either_end(small_study: Path) -> None:
    told = [*regions.find(run(small_study))]
    assert list(dict.fromkeys(f.about for f in told)) == ["Effort", "Result", "C", "T", "D"]
    assert told[0].rule == "regions.strongest"
    assert len(told[0].says["names"]) == 1
    assert not [f for f in told if "always" in f.rule]
