"""Evidence for a reader who recommends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ouhe import text
from ouhe.report.findings import evidence
from ouhe.report.findings.finding import Finding, Labels, condition, numbers, sentence

NAMES = Labels()
HH, LL = 1, 3
LABELS = np.array([*"abcdefghi"], dtype=object)


def first_obstacles(*positions: int) -> list[Finding]:
    """Positions of the first obstacle, one a region."""
    coords = {"region": [f"r{i}" for i in range(len(positions))], "year": [2022], "rank": [1]}
    x = xr.DataArray(np.array(positions)[:, None, None], coords, ("region", "year", "rank"))
    indicators = xr.DataArray(LABELS, dims="indicator")
    return list(evidence.first_obstacles(xr.Dataset({"position": x}), indicators, "science"))


def group_obstacles(**groups: Sequence[float]) -> list[Finding]:
    values = np.array([*groups.values()], dtype=float)
    values = values / values.sum(axis=1, keepdims=True)
    coords = {"group": [*groups], "year": [2022], "name": ("indicator", LABELS[: values.shape[1]])}
    x = xr.DataArray(values[:, None, :], coords, ("group", "year", "indicator"))
    return list(evidence.group_obstacles(x, "science", NAMES))


def poles(*rows: Sequence[int], clear: Sequence[bool] = ()) -> list[Finding]:
    """Quadrants, a row a region; `clear` says who is significant in all years."""
    codes = np.array(rows, dtype=np.int8)
    shown = np.broadcast_to(np.array([*clear] or [False] * len(codes))[:, None], codes.shape)
    coords = {"region": [f"r{i}" for i in range(len(codes))], "year": range(2010, 2010 + codes.shape[1])}
    data = {"quadrant": (("region", "year"), codes), "significant": (("region", "year"), shown)}
    return list(evidence.poles(xr.Dataset(data, coords), "D", NAMES))


def behind(**groups: Sequence[float]) -> list[Finding]:
    """Means of D by group and year; growth is that of the ends, yearly."""
    values = np.array([*groups.values()], dtype=float)
    coords = {"variable": ["D"], "group": [*groups], "year": range(2010, 2010 + values.shape[1])}
    means = xr.DataArray(values[None], coords, ("variable", "group", "year"))
    growth = (means.isel(year=-1) / means.isel(year=0)) ** (1 / max(values.shape[1] - 1, 1)) - 1
    return list(evidence.behind(means, growth.drop_vars("year", errors="ignore"), NAMES))


def by_year(*years: Sequence[int]) -> xr.DataArray:
    values = np.array(years, dtype=np.int16).T
    coords = {"region": [f"r{i}" for i in range(len(values))], "year": range(2010, 2010 + len(years))}
    return xr.DataArray(values, coords, ("region", "year"))


def stuck(*years: Sequence[int], upper: Sequence[float] = (0.3, 0.5, 0.8, 1.0)) -> list[Finding]:
    return list(evidence.stuck(by_year(*years), upper, NAMES))


def lags(*years: Sequence[int]) -> list[Finding]:
    return list(evidence.lags(by_year(*years), ("science", "industry", "nature"), NAMES))


def rules(findings: Iterable[Finding]) -> list[str]:
    return [f.rule.removeprefix("evidence.") for f in findings]


FLAT = [1] * 9
STEEP, OTHER = [9, 8, 7, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 7, 8, 9]
CASES = [
    first_obstacles(0, 0, 0),
    first_obstacles(0, 0, 1),
    first_obstacles(0, 0, 1, 2),
    group_obstacles(nation=FLAT, east=STEEP, west=STEEP),
    group_obstacles(nation=FLAT, east=STEEP, west=OTHER),
    poles([HH] * 3, clear=[True]),
    poles([HH] * 3),
    poles([LL] * 3),
    behind(nation=[2, 3], east=[3, 5], west=[1, 1.2], north=[1, 1.6], south=[1, 1.5]),
    behind(nation=[2, 3], east=[3, 2], west=[1, 4]),
    stuck([0, 1, 3], [0, 2, 3]),
    stuck([0] * 9, [0] * 9),
    stuck([0, 1], [1, 2]),
    lags([0, 1], [0, 2]),
    lags([0] * 9, [0] * 9),
]


def test_every_rule_is_produced_and_told_in_both_languages() -> None:
    found = [f for case in CASES for f in case]
    for lang in text.LANGUAGES:
        with text.use(lang):
            told = {n for n in text.texts("findings_evidence", lang) if not n.endswith("_if")}
            assert told == set(rules(found))
            assert all(sentence(f) and condition(f.rule) and numbers(f) for f in found)


def test_nothing_in_it_is_an_order() -> None:
    for lang, orders in (("en", ("should", "must", "ought")), ("zh", ("应当", "必须", "应该", "务必"))):
        said = " ".join(text.texts("findings_evidence", lang).values())
        assert not [word for word in orders if word in said]


@given(st.lists(st.integers(-1, 4), min_size=1, max_size=12))
def test_how_many_regions_share_a_first_obstacle(positions: list[int]) -> None:
    known = [p for p in positions if p >= 0]
    tallies = sorted((known.count(k) for k in set(known)), reverse=True)
    found = first_obstacles(*positions)
    if not known or tallies[:1] == tallies[1:2]:
        assert not found
    else:
        share = tallies[0] / len(known)
        assert rules(found) == ["shared_by_all" if share == 1 else "shared" if share > 0.5 else "varied"]
        assert (found[0].says["count"], found[0].says["total"]) == (tallies[0], len(known))


@given(st.permutations(STEEP), st.permutations(STEEP))
def test_groups_share_obstacles_until_one_has_others(east: list[int], west: list[int]) -> None:
    heaviest = [{i for i, v in enumerate(values) if v >= 7} for values in (east, west)]
    found = group_obstacles(nation=FLAT, east=east, west=west)
    alike = heaviest[0] == heaviest[1]
    assert rules(found) == (["groups_share"] if alike else ["group_obstacles"] * 2)
    assert [set(f.says["obstacles"]) for f in found] == [{LABELS[i] for i in h} for h in heaviest[: 1 if alike else 2]]


def test_even_obstacles_hold_no_group_back_more_than_others() -> None:
    assert not group_obstacles(nation=STEEP, east=FLAT, west=FLAT)
    assert rules(group_obstacles(nation=FLAT, east=STEEP, west=FLAT)) == ["group_obstacles"]
    assert not group_obstacles(nation=FLAT, east=[np.nan, *STEEP[1:]])


def test_one_of_four_obstacles_may_hold_a_group_back() -> None:
    # one and a half times an even share of one in four is 37.5 %
    assert rules(group_obstacles(nation=[1] * 4, east=[38, 30, 20, 12])) == ["group_obstacles"]
    assert not group_obstacles(nation=[1] * 4, east=[37, 31, 20, 12])
    assert not group_obstacles(nation=[1, 1], east=[9, 1])


@given(st.lists(st.lists(st.sampled_from([HH, LL]), min_size=4, max_size=4), min_size=1, max_size=6), st.booleans())
def test_poles_are_high_in_each_of_the_last_three_years(rows: list[list[int]], clear: bool) -> None:
    high = sum(row[1:] == [HH] * 3 for row in rows)
    found = poles(*rows, clear=[clear] * len(rows))
    assert rules(found) == ["no_poles" if not high else "poles" if clear else "poles_not_significant"]
    assert found[0].says["count"] == high
    turned = [[LL if q == HH else HH for q in row] for row in rows]
    if all(len(set(row[1:])) == 1 for row in rows):
        assert poles(*turned)[0].says["count"] == len(rows) - high


def test_two_years_make_no_lasting_pole() -> None:
    assert not poles([HH, HH], clear=[True])


@given(st.lists(st.tuples(st.floats(0.5, 3.5), st.floats(0.5, 2)), min_size=2, max_size=5))
def test_low_groups_fall_behind_or_catch_up_by_their_growth(groups: list[tuple[float, float]]) -> None:
    rows = {f"g{i}": [level, level * growth] for i, (level, growth) in enumerate(groups)}
    found = behind(nation=[2.0, 2.0 * 1.2], **rows)
    told = {f.rule.removeprefix("evidence."): f.says.get("groups", "") for f in found}
    for group, (first, last) in rows.items():
        ahead = last / first - 1.2
        if abs(abs(ahead) - 0.005) < 1e-9:
            return
        rule = "keeping_pace" if abs(ahead) < 0.005 else "catching_up" if ahead > 0 else "behind"
        low = first < 2 and last < 2.4
        assert any(f"{group} (" in said for said in told.values()) == low
        assert not low or f"{group} (" in told[rule]
    assert ("none_behind" in told) == (not any(a < 2 and b < 2.4 for a, b in rows.values()))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=12))
def test_who_is_stuck_is_freed_by_the_next_class(moves: list[tuple[int, int]]) -> None:
    first, last = zip(*moves, strict=True)
    low = [a <= 1 for a in first]
    kept = sum(is_low and b <= a for is_low, (a, b) in zip(low, moves, strict=True))
    found = stuck(first, last)
    assert [r.removesuffix("_many") for r in rules(found)] == (["stuck" if kept else "none_stuck"] if any(low) else [])
    assert all((f.says["total"], f.says["count"]) == (sum(low), kept) for f in found)
    assert "stuck" not in rules(stuck([min(a, 2) for a in first], [a + 1 for a in first]))


@given(st.lists(st.lists(st.integers(-1, 2), min_size=3, max_size=3), min_size=1, max_size=9))
def test_who_lags_throughout(rows: list[list[int]]) -> None:
    found = lags(*zip(*rows, strict=True))
    expected = {s: sum(row == [k] * 3 for row in rows) for k, s in enumerate(("science", "industry", "nature"))}
    assert {f.about: f.says["count"] for f in found} == {s: n for s, n in expected.items() if n}
    swapped = lags(*zip(*[[{0: 1, 1: 0}.get(k, k) for k in row] for row in rows], strict=True))
    swap = {"science": "industry", "industry": "science", "nature": "nature"}
    assert {swap[f.about]: f.says["count"] for f in swapped} == {f.about: f.says["count"] for f in found}


def test_evidence_in_words() -> None:
    found = [
        *poles([HH] * 3, [HH] * 3, clear=[True, False]),
        *behind(nation=[2, 2.4], east=[3, 3.3], west=[1, 1.1]),
        *stuck([0, 1], [0, 2]),
    ]
    assert [sentence(f) for f in found] == [
        (
            "As growth poles in the coordination degree the following suggest themselves, having lain in quadrant HH "
            "significantly in each of the last 3 years (2010–2012): r0."
        ),
        (
            "Falling behind in the coordination degree, below the mean of all regions in every year from 2010 to 2011 "
            "and with lower annual growth (20.00% for all regions): west (10.00%)."
        ),
        "Of the 2 regions with a coordination degree of 0.5 or less in 2010, 1 stood in no higher class in 2011 (r0).",
    ]
    with text.use("zh"):
        assert [sentence(f) for f in first_obstacles(0, 0, 1)] == [
            "就science而言，2022 年 3 个地区中有 2 个的首要障碍因子为a，超过半数，其制约具有普遍性。"
        ]


def test_three_thousand_regions_and_one_year_read_right() -> None:
    found = [
        *stuck([0] * 3000, [0] * 3000),
        *lags([0] * 3000, [0] * 3000),
        *poles(*[[HH] * 3] * 3000, clear=[True] * 3000),
    ]
    assert max(len(sentence(f)) for f in found) < 250
    assert not [*stuck([0, 0]), *lags([0, 0]), *behind(nation=[2], east=[1], west=[3])]
