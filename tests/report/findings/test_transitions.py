"""Moves between classes, neighbours, time and the long run in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pytest
import xarray as xr

from ouhe import text
from ouhe.compute import transition
from ouhe.neighbours import Neighbours
from ouhe.report.findings import transitions
from ouhe.report.findings.finding import Finding, condition, numbers, sentence

NAMES = tuple("ABCDE")

#: Matrices of counts that let rules speak, each with what turns one of them around.
STILL = [[90, 5, 0], [5, 90, 5], [0, 5, 90]]
RISING = [[50, 40, 10], [5, 50, 45], [0, 5, 95]]
FALLING = np.array(RISING)[::-1, ::-1].tolist()
UP_ONLY = [[80, 20, 0], [0, 80, 20], [0, 0, 100]]
DOWN_ONLY = np.array(UP_ONLY)[::-1, ::-1].tolist()


def chain(counts: Any, *, last: Any = None, **tests: float) -> xr.Dataset:
    """A chain with these counts; tests that say nothing, unless they are given."""
    n = xr.DataArray(np.array(counts), dims=("from", "to"))
    p = transition.probabilities(n)
    k = n.sizes["from"]
    shares = np.full(k, 1 / k) if last is None else np.array(last, dtype=float)
    found = transition.mobility(p).assign(
        count=n, probability=p, closed=transition.closed(p), final=("from", shares),
        stationary=transition.stationary(p).rename({"class": "from"}),
    )  # fmt: skip
    plain = {f"{t}_{v}": 0.5 for t in ("space", "time") for v in ("chi2", "p_chi2", "lr", "p_lr", "sparse", "df")}
    return found.assign(**{**plain, **tests})


def given(**sides: tuple[int, int, int]) -> xr.Dataset:
    """Moves that (stay, rise, fall) from the middle class beside higher and beside lower neighbours."""
    n = np.zeros((3, 3, 3), dtype=int)
    for place, side in ((2, "higher"), (0, "lower")):
        stay, rise, fall = sides.get(side, (0, 0, 0))
        n[place, 1] = (fall, stay, rise)
    return xr.Dataset({"given_count": (("given", "from", "to"), n)})


def test_classes_that_have_neighbours_on_one_side_only_do_not_make_a_pull() -> None:
    # four in ten rise from class 1 and one in ten from class 2, whatever the neighbours; but of all moves beside higher
    # ones (36 + 1 + 30) / (90 + 10 + 40) rise, and beside lower ones (4 + 4) / (10 + 40 + 30)
    n = np.zeros((4, 4, 4), dtype=int)
    n[2, 1, 1:3], n[0, 1, 1:3] = (54, 36), (6, 4)
    n[3, 2, 2:4], n[1, 2, 2:4] = (9, 1), (36, 4)
    n[0, 3, 3], n[3, 0, :2] = 30, (10, 30)
    assert list(transitions.pull(xr.Dataset({"given_count": (("given", "from", "to"), n)}))) == []


def kinds(**counts: int) -> xr.Dataset:
    names = ("stay", "own", "around", "together", "apart")
    return xr.Dataset({"kind": ("move", [counts.get(n, 0) for n in names])}, {"move": list(names)})


def everything(found: xr.Dataset) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from transitions.stability(found)
    yield from transitions.moves(found)
    yield from transitions.ends(found, NAMES)
    yield from transitions.speed(found)
    yield from transitions.time(found)
    yield from transitions.neighbours(found)
    yield from transitions.long_run(found, NAMES)


def rules(found: Iterable[tuple[str, Any]]) -> list[str]:
    return [rule for rule, _ in found]


LOW, HIGH = [0.9, 0.1, 0.0], [0.0, 0.1, 0.9]


def cases() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every rule at least once."""
    for counts in (STILL, RISING, FALLING, UP_ONLY, DOWN_ONLY, [[9, 0], [0, 9]], [[1, 20, 0], [0, 30, 0], [0, 20, 1]]):
        for last in (LOW, HIGH):
            yield from everything(chain(counts, last=last[: len(counts)]))
    yield from everything(chain([[20, 0], [0, 0]]))
    yield from everything(chain([[5, 1, 0], [1, 5, 1], [0, 0, 0]]))
    yield from everything(chain(STILL, last=[1 / 3] * 3))
    for p in (0.01, 0.2):
        tests = {f"{t}_{v}": p for t in ("space", "time") for v in ("p_chi2", "p_lr")}
        yield from everything(chain(STILL, **tests))
    for high, low in (((80, 20, 0), (80, 0, 20)), ((80, 0, 20), (80, 20, 0))):
        yield from transitions.pull(given(higher=high, lower=low))
    for counts in ({"stay": 90, "own": 10}, {"stay": 2, "own": 10}, {"stay": 2, "around": 10}):
        yield from transitions.quadrants(kinds(**counts))


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_rule_is_produced_and_told_in_both_languages(lang: text.Lang) -> None:
    with text.use(lang):
        found = [Finding(f"transitions.{rule}", "D", {"variable": "V", **says}) for rule, says in cases()]
        told = {n for n in text.texts("findings_transitions", lang) if not n.endswith("_if")}
        assert told == {f.rule.removeprefix("transitions.") for f in found}
        assert all(sentence(f) and condition(f.rule) and numbers(f) for f in found)


def test_most_stay_or_few_do() -> None:
    assert rules(transitions.stability(chain(STILL))) == ["stable"]
    assert rules(transitions.stability(chain([[1, 2], [2, 1]]))) == ["mobile"]
    assert rules(transitions.stability(chain([[2, 1], [1, 2]]))) == []  # two in three


def test_directions_mirror() -> None:
    turned = {"only_up": "only_down", "mostly_up": "mostly_down", "step_by_step": "step_by_step", "jumps": "jumps"}
    for counts in (UP_ONLY, RISING, STILL):
        there = rules(transitions.moves(chain(counts)))
        back = rules(transitions.moves(chain(np.array(counts)[::-1, ::-1])))
        assert [turned[r] for r in there] == back
    # 10 up, 10 down: neither; 4 jumps of 100 are too few to tell, and too many to deny
    assert rules(transitions.moves(chain(STILL))) == ["step_by_step"]
    few = [[0, 24, 2], [24, 0, 24], [2, 24, 0]]
    assert rules(transitions.moves(chain(few))) == []


def test_ends_hold_or_do_not() -> None:
    assert rules(transitions.ends(chain(STILL), NAMES)) == ["low_keeps", "high_keeps"]
    assert rules(transitions.ends(chain([[40, 60], [60, 40]]), NAMES)) == ["low_leaves", "high_leaves"]
    assert rules(transitions.ends(chain([[70, 30], [30, 70]]), NAMES)) == []
    # nine moves from the lowest class are too few: the next one is the end that is told
    few = [[9, 0, 0], [0, 40, 60], [0, 5, 95]]
    assert dict(transitions.ends(chain(few), NAMES))["low_leaves"]["class"] == "B"


@pytest.mark.parametrize(("p", "expected"), [
    ((0.01, 0.02), ["neighbours_matter"]), ((0.2, 0.3), ["neighbours_alike"]), ((0.01, 0.2), []),
    ((0.05, 0.05), ["neighbours_alike"]), ((np.nan, np.nan), []),
])  # fmt: skip
def test_both_tests_must_agree(p: tuple[float, float], expected: list[str]) -> None:
    found = chain(STILL, space_p_chi2=p[0], space_p_lr=p[1])
    assert rules(transitions.neighbours(found)) == expected


def test_neighbours_pull_up_or_down() -> None:
    there = rules(transitions.pull(given(higher=(80, 20, 0), lower=(80, 0, 20))))
    assert there == ["rise_beside_higher", "fall_beside_lower"]
    back = rules(transitions.pull(given(higher=(80, 0, 20), lower=(80, 20, 0))))
    assert back == ["rise_beside_lower", "fall_beside_higher"]
    assert rules(transitions.pull(given(higher=(80, 12, 8), lower=(80, 8, 12)))) == []  # 4 points apart
    assert rules(transitions.pull(given(higher=(0, 9, 0), lower=(80, 0, 20)))) == []  # nine moves


def test_where_it_leads_mirrors() -> None:
    rising = rules(transitions.long_run(chain(RISING, last=LOW), NAMES))
    falling = rules(transitions.long_run(chain(FALLING, last=HIGH), NAMES))
    assert (rising, falling) == (["long_higher"], ["long_lower"])
    assert rules(transitions.long_run(chain(STILL), NAMES)) == ["long_same"]
    # a mean class of 2.2 that goes to 2 is neither
    assert rules(transitions.long_run(chain(STILL, last=[0.2, 0.4, 0.4]), NAMES)) == []


def test_an_end_says_on_how_little_it_rests() -> None:
    ((rule, says),) = transitions.long_run(chain([[80, 20, 0], [0, 80, 20], [0, 0, 1]]), NAMES)
    assert (rule, says["class"], says["count"]) == ("one_end", "C", 1)
    ((rule, says),) = transitions.long_run(chain([[80, 20, 0], [20, 60, 20], [0, 0, 0]]), NAMES)
    assert (rule, says["classes"]) == ("untold", "C")
    found = dict(transitions.long_run(chain([[5, 0, 0], [1, 5, 1], [0, 0, 5]]), NAMES))
    assert found["several_ends"]["count"] == 2


def test_speed() -> None:
    # λ₂ = 0.9, 0.2, 0.8: half-lives 6.6, 0.4, 3.1
    assert rules(transitions.speed(chain([[95, 5], [5, 95]]))) == []
    assert rules(transitions.speed(chain([[97, 3], [3, 97]]))) == ["slow"]
    assert rules(transitions.speed(chain([[60, 40], [40, 60]]))) == ["fast"]
    assert rules(transitions.speed(chain([[1, 0], [0, 1]]))) == []  # never


def test_who_crosses_the_mean() -> None:
    assert rules(transitions.quadrants(kinds(stay=90, own=8, around=2))) == ["quadrants_stable", "own_moves"]
    assert rules(transitions.quadrants(kinds(stay=90, own=2, around=8))) == ["quadrants_stable", "around_moves"]
    assert rules(transitions.quadrants(kinds(stay=4, own=3, around=3))) == ["quadrants_mobile"]
    assert rules(transitions.quadrants(kinds(stay=70, own=16, around=14))) == []
    assert rules(transitions.quadrants(kinds())) == []


def test_a_chain_that_was_estimated_can_be_told() -> None:
    rng = np.random.default_rng(0)
    ids = [f"r{i}" for i in range(30)]
    w = Neighbours.from_pairs([(ids[i], ids[i - 1]) for i in range(30)], ids)
    coords = {"region": ids, "year": range(2010, 2020)}
    x = xr.DataArray(rng.random((30, 10)), dims=("region", "year"), coords=coords)
    found = transition.estimate(x, None, w, k=4)
    assert {"mobile", "fast"} <= set(rules(everything(found)))
