"""Quadrants of the Moran scatter plot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ouhe import text
from ouhe.report.findings import quadrants
from ouhe.report.findings.finding import Finding, Labels, condition, numbers, sentence

NAMES = Labels()
HH, LH, LL, HL = 1, 2, 3, 4

code = st.integers(0, 4)
pairs = st.lists(st.tuples(code, code), min_size=1, max_size=14)


def local(*years: Sequence[int], clear: Sequence[bool] = ()) -> xr.Dataset:
    """Quadrants, a sequence a year; `clear` says who is significant, in all years."""
    codes = np.array(years, dtype=np.int8).T
    shown = np.broadcast_to(np.array([*clear] or [False] * len(codes))[:, None], codes.shape)
    alone = codes == 0
    data = {"quadrant": codes, "significant": shown & ~alone, "p_value": np.where(alone, np.nan, 0.5)}
    data["statistic"] = np.where(alone, np.nan, np.arange(len(codes))[:, None])
    coords = {"region": [f"r{i}" for i in range(len(codes))], "year": range(2010, 2010 + len(years))}
    return xr.Dataset({k: (("region", "year"), v) for k, v in data.items()}, coords)


def everything(*years: Sequence[int], clear: Sequence[bool] = (), **options: Any) -> list[Finding]:
    x = local(*years, clear=clear)
    q = x["quadrant"]
    return [
        *quadrants.counts(q, "D", NAMES),
        *quadrants.sitting(x, "D", NAMES),
        *quadrants.always(q, "D", NAMES),
        *quadrants.moves(q, "D", NAMES),
        *quadrants.significant(x, "D", options={"significance": 0.05, "correction": None} | options),
        *quadrants.isolates(q, NAMES),
    ]


def rules(findings: Iterable[Finding]) -> list[str]:
    return [f.rule.removeprefix("quadrants.") for f in findings]


def test_every_rule_is_produced_and_told_in_both_languages() -> None:
    found = [
        *everything([HH, LL, LH], [HH, LL, HH], clear=[True, True, False]),
        *everything([HH, LL, HH], [HH, LL, LH]),
        *everything([HH, LL], [LH, HL], correction="benjamini-hochberg"),
        *everything([HH, HL, LH, 0], [LL, HL, LH, 0]),
        *everything([HH, HL], [HH, HL], clear=[True, True], correction="benjamini-hochberg"),
        *everything([LL, HL], [HH, HL]),
        *everything([HH] * 7 + [LL] * 7, [HH] * 7 + [LL] * 7),
        *everything([HH] * 7, [LL] * 7),
    ]
    for lang in text.LANGUAGES:
        with text.use(lang):
            told = {n for n in text.texts("findings_quadrants", lang) if not n.endswith("_if")}
            assert told == set(rules(found))
            assert all(sentence(f) and condition(f.rule) and numbers(f) for f in found)


@given(pairs)
def test_shares_and_sizes_mirror_when_years_are_reversed(moves: list[tuple[int, int]]) -> None:
    first, last = zip(*moves, strict=True)
    flip = {"more_alike": "fewer_alike", "high_grew": "high_shrank", "low_grew": "low_shrank"}
    flip |= {v: k for k, v in flip.items()}

    def told(*years: Sequence[int]) -> list[str]:
        q = local(*years)["quadrant"]
        return rules([*quadrants.counts(q, "D", NAMES), *quadrants.moves(q, "D", NAMES)])

    there, back = told(first, last), told(last, first)
    assert sorted(flip[r] for r in there if r in flip) == sorted(r for r in back if r in flip)
    assert [r for r in there if "moved" in r] == [r for r in back if "moved" in r]
    moved = sum(a != b and a > 0 < b for a, b in moves)
    assert [
        f.says["count"] for f in quadrants.moves(local(first, last)["quadrant"], "D", NAMES) if "moved" in f.rule
    ] == ([moved] if any(a > 0 < b for a, b in moves) else [])


@given(st.lists(code, min_size=1, max_size=14))
def test_like_and_unlike_change_places_with_the_sign_of_the_lag(now: list[int]) -> None:
    turned = [{0: 0, HH: HL, HL: HH, LL: LH, LH: LL}[k] for k in now]
    flip = {"alike": "unlike", "unlike": "alike", "halves": "halves"}
    there, back = (rules(quadrants.counts(local(q)["quadrant"], "D", NAMES)) for q in (now, turned))
    assert [flip[r] for r in there] == back
    assert bool(there) == any(now)


@given(st.lists(st.tuples(code, st.booleans()), min_size=1, max_size=14))
def test_high_and_low_change_places_when_values_are_negated(rows: list[tuple[int, bool]]) -> None:
    now, clear = (list(v) for v in zip(*rows, strict=True))
    turned = [{0: 0, HH: LL, LL: HH, LH: HL, HL: LH}[k] for k in now]
    flip = {"high": "low", "low": "high"}

    def told(q: list[int]) -> list[tuple[str, int]]:
        x = local(q, q, clear=clear)
        found = [*quadrants.sitting(x, "D", NAMES), *quadrants.always(x["quadrant"], "D", NAMES)]
        return [(r, f.says.get("count", 0)) for r, f in zip(rules(found), found, strict=True)]

    there = {("_".join(flip.get(part, part) for part in r.split("_")), n) for r, n in told(now)}
    assert there == set(told(turned))


@given(st.integers(0, 40))
def test_chance_makes_a_tenth_significant(count: int) -> None:
    x = local([HH] * 100, clear=[i < count for i in range(100)])
    (found,) = quadrants.significant(x, "D", options={"significance": 0.05, "correction": None})
    assert found.says["chance"] == 10
    assert rules([found]) == ["beyond_chance" if count > 10 else "within_chance"]
    (corrected,) = quadrants.significant(x, "D", options={"significance": 0.05, "correction": "benjamini-hochberg"})
    assert rules([corrected]) == ["corrected" if count else "none_corrected"]


def test_isolates_have_no_quadrant_and_move_nowhere() -> None:
    found = everything([0, HH, LL], [0, HH, LL])
    assert sentence(found[-1]) == "Without neighbours, and therefore in no quadrant, were 1 of the regions (r0)."
    assert next(f for f in found if f.rule == "quadrants.alike").says["count"] == 2
    assert "isolates" not in rules(everything([HH, LL]))
    assert rules(everything([0, 0])) == ["no_high", "no_low", "isolates"]


def test_who_moved_in_words() -> None:
    names = Labels({"r0": "Hebei", "r1": "Chongqing", "r2": "Tibet"})
    q = local([LH, LH, LL], [LL, HH, LL])["quadrant"]
    assert [sentence(f) for f in quadrants.moves(q, "D", names)] == [
        "Between 2010 and 2011, 2 of 3 regions changed quadrant: Hebei (LH→LL) and Chongqing (LH→HH).",
        "The HH quadrant grew from 0 to 1 (entries 1, exits 0).",
        "The LL quadrant grew from 1 to 2 (entries 1, exits 0).",
    ]
    with text.use("zh"):
        assert [sentence(f) for f in quadrants.counts(q, "D", names)] == [
            (
                "多数地区的耦合协调度与邻近地区水平相近：2011 年 3 个地区中，处于第一象限（HH）的有 1 个，"
                "第三象限（LL）的有 2 个，合计占 100.0%；处于第二象限（LH）和第四象限（HL）的分别为 0 个和 0 个。"
            ),
            "HH 与 LL 象限合计占比由 2010 年的 33.3% 升至 2011 年的 100.0%。",
        ]


def test_three_thousand_regions_are_counted_not_listed() -> None:
    found = everything([HH] * 3000, [HH] * 1500 + [LL] * 1500, clear=[True] * 3000)
    assert max(len(sentence(f)) for f in found) < 250


def test_one_year_says_nothing_of_moves() -> None:
    assert rules(everything([HH, LL])) == ["alike", "high_only", "low_only", "within_chance"]
