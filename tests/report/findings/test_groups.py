"""Order of groups, who overtook whom, growth, and the side of the mean."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr
from hypothesis import assume, given
from hypothesis import strategies as st

from ouhe import text
from ouhe.report.findings import groups
from ouhe.report.findings.finding import Labels, condition, numbers, sentence
from ouhe.study.run import run

NAMES = {"zh": Labels(groups={"e": "东部", "w": "西部", "c": "中部"}), "en": Labels(groups={"e": "East", "w": "West"})}
PLACES = {"keep", "overtakes", "overtakes_last", "trades", "swaps"}

#: Rows of two to five groups over one to eight years; steps of an eighth lie off the thresholds.
eighths = st.integers(1, 40).map(lambda k: k / 8)
tables = st.tuples(st.integers(2, 5), st.integers(1, 8)).flatmap(
    lambda size: st.lists(st.lists(eighths, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0])
)


def found(rows, *, names=None, ids="ewcnabdfgh"):
    """Findings on rows of values, one a group; the nation is their mean."""
    values = np.array(rows, dtype=float)
    values = np.concatenate([values.mean(axis=0, keepdims=True), values])[None]
    coords = {"variable": ["D"], "group": ["nation", *ids[: len(rows)]], "year": [*range(2010, 2010 + values.shape[2])]}
    return [*groups.between(xr.DataArray(values, coords, ("variable", "group", "year")), names or Labels())]


def rules(rows) -> list[str]:
    return [f.rule.removeprefix("groups.") for f in found(rows)]


def said(lang: text.Lang, rows) -> list[str]:
    with text.use(lang):
        return [sentence(f) for f in found(rows, names=NAMES[lang])]


def test_the_west_overtakes() -> None:
    rows = [[0.4, 0.35, 0.3], [0.2, 0.36, 0.4]]
    assert said("en", rows) == [
        (
            "Averaged over 2010–2012, the groups rank by the coordination degree as follows: "
            "East (0.350) and West (0.320)."
        ),
        "The order of 2012 is another: West (0.400) and East (0.300).",
        (
            "In 2011 the West group overtook the East group, and has not fallen behind since; "
            "by 2012 the two stand at 0.400 and 0.300."
        ),
        (
            "Between 2010 and 2012 the groups went different ways: "
            "the East group declined by 13.40% a year, the West group grew by 41.42%."
        ),
    ]
    assert said("zh", rows) == [
        "分组来看，2010—2012 年耦合协调度的年均值由高到低依次为东部（0.350）、西部（0.320）。",
        "2012 年的排序则有所不同，依次为西部（0.400）、东部（0.300）。",
        "西部于 2011 年超过东部，此后未再落后，2012 年二者分别为 0.400 和 0.300。",
        "2010—2012 年各组走向不一：东部年均下降 13.40%，西部年均增长 41.42%。",
    ]


def test_an_order_that_holds() -> None:
    rows = [[0.5, 0.6], [0.1, 0.15], [0.3, 0.39]]
    assert said("zh", rows) == [
        "分组来看，2010—2011 年耦合协调度的年均值由高到低依次为东部（0.550）、中部（0.345）、西部（0.125）。",
        "2011 年的排序与期间整体一致，依次为东部（0.600）、中部（0.390）、西部（0.150）。",
        "自 2010 年以来，各组位次始终未变。",
        "2010—2011 年，西部增长最快，年均增速为 50.00%；东部增长最慢，年均增速为 20.00%。",
        "历年均高于总体均值的为东部。",
        "历年均低于总体均值的为西部。",
    ]


def test_a_single_year() -> None:
    assert rules([[1.0], [2.0]]) == ["order_year"]
    assert rules([[1.0], [1.0]]) == ["alike"]


def test_no_groups_no_findings() -> None:
    assert found([[1.0, 2.0]]) == []
    dims = ("variable", "group", "year")
    nation = xr.DataArray([[[1.0, 2.0]]], {"variable": ["D"], "group": ["nation"], "year": [1, 2]}, dims)
    assert [*groups.between(nation, Labels())] == []


def test_years_with_a_missing_mean_are_left_out() -> None:
    rows = [[np.nan, 1, 2, 3], [5, 4, 4, np.nan]]
    assert [f.says["first_year"] for f in found(rows)] == [2011] * len(found(rows))
    assert found([[np.nan], [1.0]]) == []


def test_a_hair_is_no_lead() -> None:
    """A tenth of a percent parts nobody; whoever led keeps the lead until somebody is clearly ahead."""
    assert "overtakes_last" not in rules([[1.0, 1.0, 1.0, 1.0], [0.9, 1.0005, 0.9, 0.9]])
    assert "trades" in rules([[1.0, 1.0, 1.0, 1.0], [0.9, 1.1, 0.9, 0.9]])


def test_places_that_changed_twice_are_dated_by_the_last_change() -> None:
    rows = [[1.0, 3.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.5]]
    [trade] = [f for f in found(rows, names=NAMES["en"]) if f.rule == "groups.trades"]
    assert sentence(trade) == (
        "Places between the West group and the East group changed 2 times, for the last time in 2012; "
        "in 2013 the two stand at 2.500 and 1.000."
    )


def test_many_groups_are_not_all_named() -> None:
    rows = [[float(k), k + 1.0] for k in range(1, 9)]
    [many] = [f for f in found(rows) if f.rule == "groups.many"]
    assert sentence(many) == (
        "Of the 8 groups, those highest in the coordination degree in 2011 are f (9.000), d (8.000) and b (7.000); "
        "from the lowest up, the other end holds e (2.000), w (3.000) and c (4.000)."
    )
    shuffled = [[1.0, 8.0], [2.0, 7.0], [3.0, 6.0], [4.0, 5.0], [5.0, 4.0], [6.0, 3.0]]
    [swaps] = [f for f in found(shuffled) if f.rule == "groups.swaps"]
    assert (swaps.says["pairs"], swaps.says["all_pairs"]) == (15, 15)


@given(tables)
def test_reversed_years_turn_overtaking_round(rows) -> None:
    """Who overtook once is overtaken once; who never changed places does not."""
    forward, backward = (
        [
            (f.says["winner"], f.says["loser"])
            for f in found(r)
            if f.rule in ("groups.overtakes", "groups.overtakes_last")
        ]
        for r in (rows, [row[::-1] for row in rows])
    )
    apart = all(groups._apart(np.array(rows)[:, i]) for i in (0, -1))
    ties = any(len({row[i] for row in rows}) < len(rows) for i in (0, -1))
    assume(apart and not ties)
    assert sorted(backward) == sorted((loser, winner) for winner, loser in forward)
    assert ("keep" in rules(rows)) == ("keep" in rules([row[::-1] for row in rows]))


@given(tables)
def test_negated_values_swap_above_and_below(rows) -> None:
    ours = {f.rule: f.says["names"] for f in found(rows) if f.rule in ("groups.above", "groups.below")}
    theirs = {f.rule: f.says["names"] for f in found(-np.array(rows)) if f.rule in ("groups.above", "groups.below")}
    turned = {"groups.above": "groups.below", "groups.below": "groups.above"}
    assert theirs == {turned[rule]: names for rule, names in ours.items()}


@given(tables)
def test_reversed_years_turn_growth_round(rows) -> None:
    turned = {"growth": "decline", "decline": "growth", "growth_mixed": "growth_mixed"}
    ours, theirs = ([r for r in rules(t) if r in turned] for t in (rows, [row[::-1] for row in rows]))
    if ours and theirs:  # a difference of rates near the threshold may pass it in one direction only
        assert theirs == [turned[ours[0]]]


@given(tables, st.sampled_from([0.25, 8.0]))
def test_the_scale_changes_no_rule(rows, factor) -> None:
    assert rules(rows) == rules(factor * np.array(rows))


@given(tables, st.randoms(use_true_random=False))
def test_the_order_in_which_groups_stand_does_not_matter(rows, random) -> None:
    places = list(range(len(rows)))
    random.shuffle(places)
    assume(all(len({row[i] for row in rows}) == len(rows) for i in range(len(rows[0]))))
    assume(len({sum(row) for row in rows}) == len(rows))
    ids = "ewcnabdfgh"
    ours = {sentence(f) for f in found(rows) if f.rule.split(".")[1] in PLACES | {"order", "order_year", "last_same"}}
    shuffled = found([rows[p] for p in places], ids="".join(ids[p] for p in places))
    theirs = {sentence(f) for f in shuffled if f.rule.split(".")[1] in PLACES | {"order", "order_year", "last_same"}}
    assert ours == theirs


@given(tables)
def test_every_sentence_and_condition_can_be_printed(rows) -> None:
    for lang in text.LANGUAGES:
        with text.use(lang):
            for f in found(rows):
                assert "{" not in sentence(f) + condition(f.rule)
                assert "NaN" not in numbers(f)


def test_every_rule_is_met_by_some_data() -> None:
    cases = [
        [[1.0, 2.0], [3.0, 4.0]],
        [[1.0, 2.0, 3.0], [3.0, 1.0, 1.0]],
        [[1.0, 1.0, 3.0], [3.0, 2.0, 2.0]],
        [[1.0, 3.0, 1.0, 3.0], [2.0, 2.0, 2.0, 2.0]],
        [[3.0, 1.0], [4.0, 2.0]],
        [[1.0], [2.0]],
        [[1.0, 2.0], [1.0, 2.0]],
        [[float(k), 9.0 - k] for k in range(1, 8)],
        [[float(k), k + 1.0] for k in range(1, 8)],
    ]
    met = {rule for rows in cases for rule in rules(rows)}
    assert met == {k for k in text.texts("findings_groups", "en") if not k.endswith("_if")}


def test_thresholds() -> None:
    assert (rules([[100.0], [98.1]]), rules([[100.0], [97.9]])) == (["alike"], ["order_year"])
    assert "even_pace" in rules([[10.0, 11.0], [20.0, 22.09]])
    assert "growth" in rules([[10.0, 11.0], [20.0, 22.11]])
    assert "overtakes" in rules([[10.0, 12.0, 12.0], [11.0, 11.0, 11.0]])
    assert "overtakes" not in rules([[10.995, 12.0, 12.0], [11.0, 11.0, 11.0]])


def test_a_study_with_groups_and_one_without(small_study: Path) -> None:
    assert [*groups.find(run(small_study))] == []
    grouped = small_study.read_text("utf-8").replace("groups: null", "groups: {one: [A, B], two: [C]}")
    small_study.write_text(grouped, "utf-8")
    told = [*groups.find(run(small_study))]
    assert list(dict.fromkeys(f.about for f in told)) == ["Effort", "Result", "C", "T", "D"]
    assert told[0].says["order"][0].startswith("two")
