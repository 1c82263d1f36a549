"""Shape of the kernel densities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import xarray as xr
from hypothesis import assume, given
from hypothesis import strategies as st

from ouhe import text
from ouhe.compute.density import estimate
from ouhe.compute.density import shape as shape_of
from ouhe.report.findings import densities
from ouhe.report.findings.finding import Finding, Labels, condition, numbers, sentence

NAMES = Labels()
NAN = float("nan")

positive = st.floats(0.1, 9)


def shape(**columns: Sequence[float]) -> xr.Dataset:
    """Descriptors of a curve by year; what is not given never changes."""
    plain: dict[str, Any] = {"peaks": 1, "mode": 0.4, "mode_height": 2.0, "width": 0.2, "skewness": 0.0}
    years = len(next(iter(columns.values())))
    filled = {k: columns.get(k, [v] * years) for k, v in plain.items()}
    return xr.Dataset({k: ("year", np.array(v)) for k, v in filled.items()}, {"year": range(2010, 2010 + years)})


def said(function: Any, variable: str = "D", **columns: Sequence[float]) -> list[Finding]:
    return list(function(shape(**columns), variable, NAMES))


def everything(variable: str = "D", **columns: Sequence[float]) -> list[Finding]:
    told = (densities.peaks, densities.spread, densities.height, densities.tails, densities.place, densities.position)
    return [f for function in told for f in said(function, variable, **columns)]


def rules(findings: Iterable[Finding]) -> list[str]:
    return [f.rule.removeprefix("densities.") for f in findings]


def test_every_rule_is_produced_and_told_in_both_languages() -> None:
    found = []
    for peaks in ([1, 1], [1], [2, 3], [2], [1, 1, 2], [2, 2, 1], [1, 2, 1]):
        found += everything(peaks=peaks)
    for tall in ([2, 3], [3, 2], [2, 2]):
        for wide in ([0.2, 0.3], [0.3, 0.2], [0.2, 0.2]):
            found += everything(mode_height=tall, width=wide)
    for tall in ([1, 2, 1], [2, 1, 2]):
        found += everything(mode_height=tall)
    for g in (1.0, -1.0, 0.0):
        found += everything(skewness=[g]) + everything(skewness=[g, g]) + everything(skewness=[g, 2.0 - 3 * g, g])
    found += everything(skewness=[-1, 1]) + everything(skewness=[1, -1])
    for mode in ([0.2, 0.4], [0.4, 0.2], [0.6, 0.7]):
        found += everything(mode=mode)
    found += everything("C", mode=[0.96, 0.99]) + everything("C", mode=[0.9, 0.95])
    for lang in text.LANGUAGES:
        with text.use(lang):
            told = {n for n in text.texts("findings_densities", lang) if not n.endswith("_if")}
            assert told == set(rules(found))
            assert all(sentence(f) and condition(f.rule) and numbers(f) for f in found)


@given(positive, positive, positive, positive)
def test_height_and_width_mirror_when_years_are_reversed(a: float, b: float, c: float, d: float) -> None:
    # 5 % of the first year are not 5 % of the last
    assume(all(not 0.045 < abs(x / y - 1) < 0.055 for x, y in ((a, b), (b, a), (c, d), (d, c))))
    (there,) = rules(said(densities.spread, mode_height=[a, b], width=[c, d]))
    (back,) = rules(said(densities.spread, mode_height=[b, a], width=[d, c]))
    ways = {rule: way for way, rule in densities.COURSES.items()}
    assert ways[back] == tuple(-w for w in ways[there])
    (swapped,) = rules(said(densities.spread, mode_height=[c, d], width=[a, b]))
    assert ways[swapped] == ways[there][::-1]


@given(st.lists(positive, min_size=1, max_size=8))
def test_a_turn_of_the_height_is_the_same_backwards_and_the_other_upside_down(tall: list[float]) -> None:
    ratios = [x / y for x in tall for y in (tall[0], tall[-1])]
    assume(all(not 0.0499 < abs(max(r, 1 / r) - 1) < 0.0501 for r in ratios))
    flip = {"rises_then_falls": "falls_then_rises", "falls_then_rises": "rises_then_falls"}
    there = rules(said(densities.height, mode_height=tall))
    assert rules(said(densities.height, mode_height=tall[::-1])) == there
    assert rules(said(densities.height, mode_height=[1 / v for v in tall])) == [flip[r] for r in there]


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=8))
def test_tails_change_sides_when_values_are_negated(skewness: list[float]) -> None:
    flip = {"right": "left", "left": "right"}
    (there,) = rules(said(densities.tails, skewness=skewness))
    (back,) = rules(said(densities.tails, skewness=[-g for g in skewness]))
    assert back == "_".join(flip.get(part, part) for part in there.split("_"))
    if "skewness" in there:
        assert rules(said(densities.tails, skewness=skewness[::-1])) == [back]


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_highest_peak_moves_back_when_years_are_reversed(first: float, last: float) -> None:
    flip = {"moves_right": "moves_left", "moves_left": "moves_right", "stays": "stays"}
    (there,) = rules(said(densities.place, mode=[first, last]))
    assert rules(said(densities.place, mode=[last, first])) == [flip[there]]


@given(st.lists(st.integers(1, 4), min_size=2, max_size=9))
def test_peaks_split_and_merge_with_the_years(number: list[int]) -> None:
    flip = {"splits": "merges", "merges": "splits"}
    there, back = (rules(said(densities.peaks, peaks=n)) for n in (number, number[::-1]))
    assert [flip.get(r, r) for r in there] == back
    single = number.count(1)
    every = "one_peak" if single == len(number) else "several_peaks" if not single else None
    assert there[0] == (every or ("mostly_one" if 2 * single >= len(number) else "mostly_several"))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_the_place_of_C_and_D_turns_about_its_limit(mode: list[float]) -> None:
    for variable, limit in (("C", 0.95), ("D", 0.5)):
        high, low = all(m > limit for m in mode), all(m <= limit for m in mode)
        expected = [f"{variable}_high"] if high else [f"{variable}_low"] if low else []
        assert rules(said(densities.position, variable, mode=mode)) == expected
        assert not said(densities.position, "science", mode=mode)


def test_curves_of_real_values_in_words() -> None:
    """Values that spread from 0.3 to 0.7 about 0.5: the peak becomes lower and wider and stays where it is."""
    near = np.linspace(0.4, 0.6, 21)
    x = xr.DataArray([near, 0.5 + 2 * (near - 0.5)], {"year": [2010, 2022]}, ("year", "region"), name="D").transpose(
        "region", "year"
    )
    found = shape_of(estimate(x), x)
    assert rules(densities.spread(found, "D", NAMES)) == ["flatter"]
    assert [sentence(f) for f in densities.peaks(found, "D", NAMES)] == [
        "The density of the coordination degree has a single peak in every year from 2010 to 2022."
    ]
    assert rules(densities.tails(found, "D", NAMES)) == ["symmetric"]
    assert rules(densities.place(found, "D", NAMES)) == ["stays"]


def test_the_papers_words_for_the_coupling_degree() -> None:
    with text.use("zh"):
        found = everything(
            "C", peaks=[1, 2, 1], mode_height=[40, 60, 45], width=[0.02, 0.01, 0.02], mode=[0.98, 0.99, 0.97]
        )
        assert [sentence(f) for f in found if f.rule != "densities.symmetric"] == [
            "耦合度的核密度曲线在 3 个年份中有 2 个呈单峰分布，2011 年出现双峰或多峰（最多 2 个峰）。",
            "耦合度的主峰峰值由 2010 年的 40.00 升至 2012 年的 45.00，半高宽变化不大（分别为 0.020 和 0.020）。",
            "耦合度的主峰峰值先升后降，于 2011 年达到 60.00。",
            "耦合度的主峰左移，其位置由 2010 年的 0.980 移至 2012 年的 0.970。",
            "各年耦合度曲线的主峰均位于 0.95 以上（最低为 0.970）。",
        ]


def test_missing_shapes_say_nothing() -> None:
    assert not everything(peaks=[0, 0], mode=[NAN, 0.3], mode_height=[NAN, 2], width=[NAN, 1], skewness=[NAN, 0])
    assert rules(everything(peaks=[2])) == ["several_peaks_year", "symmetric_year", "D_low"]
