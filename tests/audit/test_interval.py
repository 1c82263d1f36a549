"""Interval arithmetic never loses a value."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouhe.audit import Interval, Printed
from ouhe.audit.interval import total

numbers = st.floats(-1e6, 1e6, allow_subnormal=False)
widths = st.floats(0, 1e3)
shares = st.floats(0, 1)


@st.composite
def inside(draw: st.DrawFn) -> tuple[Interval, float]:
    """An interval and a value in it."""
    low, width, share = draw(numbers), draw(widths), draw(shares)
    high = low + width
    return Interval(low, high), min(max(low + share * width, low), high)


@given(inside(), inside())
def test_results_of_values_inside_lie_inside(one: tuple[Interval, float], other: tuple[Interval, float]) -> None:
    (x, a), (y, b) = one, other
    assert a + b in x + y
    assert a - b in x - y
    assert a * b in x * y
    assert b == 0 or a / b in x / y
    assert -a in -x
    assert total([x, y]).meets(a + b)


@given(inside(), st.floats(0.05, 3))
def test_roots_powers_and_logarithms_hold_their_values(one: tuple[Interval, float], power: float) -> None:
    x, a = one
    if a > 0:
        assert math.sqrt(a) in x.sqrt()
        assert a**power in x**power
        assert math.log(a) in x.log()
        assert a**power < 1e-300 or 1 / a**power in x**-power


@given(st.lists(inside(), min_size=1, max_size=50))
def test_sums_and_means_of_arrays_hold_the_exact_ones(held: list[tuple[Interval, float]]) -> None:
    x = Interval(np.array([i.low for i, _ in held]), np.array([i.high for i, _ in held]))
    exact = math.fsum(v for _, v in held)
    assert exact in x.sum()
    assert exact / len(held) in x.mean()


@given(inside(), inside())
def test_arrays_and_numbers_agree(one: tuple[Interval, float], other: tuple[Interval, float]) -> None:
    (x, _), (y, _) = one, other
    wide = [Interval(np.array([i.low, 1.0]), np.array([i.high, 2.0])) for i in (x, y)]
    for op in ("__add__", "__sub__", "__mul__", "__truediv__"):
        single, many = getattr(x, op)(y), getattr(wide[0], op)(wide[1])
        assert (many.low[0], many.high[0]) == (single.low, single.high)


def test_apart_and_meets_are_opposites_but_for_what_is_not_known() -> None:
    x = Interval(np.array([0.0, 0.0, np.nan]), np.array([1.0, 1.0, np.nan]))
    y = Interval(np.array([1.0, 1.1, 0.0]), np.array([2.0, 2.0, 1.0]))
    assert x.meets(y).tolist() == [True, False, False]
    assert x.apart(y).tolist() == [False, True, False]
    assert Interval(0.0, 1.0).meet(Interval(2.0, 3.0)) is None
    met = Interval(0.0, 1.0).meet(Interval(0.5, 3.0))
    assert met is not None
    assert (met.low, met.high) == (0.5, 1.0)


def test_division_by_what_may_be_zero_says_nothing() -> None:
    found = Interval(1.0, 2.0) / Interval(-1.0, 1.0)
    assert (found.low, found.high) == (-math.inf, math.inf)


@given(st.floats(-1000, 1000), st.integers(0, 6))
def test_what_was_rounded_to_the_printed_number_lies_in_its_interval(value: float, decimals: int) -> None:
    assert value in Printed.of(f"{value:.{decimals}f}").interval
    assert value in Printed.of(f"{round(value, decimals):.{decimals}f}").interval


@given(st.floats(-10, 10), st.integers(0, 3))
def test_percentages_hold_the_share(value: float, decimals: int) -> None:
    assert value in Printed.of(f"{100 * value:.{decimals}f}%").interval
    assert value in Printed.of(f"{100 * value:.{decimals}f}", percent=True).interval


def test_ends_are_shown_rounded_outward() -> None:
    assert Interval(0.10451, 0.10549).shown(decimals=3) == "[0.104, 0.106]"
    assert Interval(-0.0005, 0.0005).shown(decimals=4) == "[−0.0005, 0.0005]"


@pytest.mark.parametrize("power", [0.5, 1 / 12, 2])
def test_numbers_on_the_left_work_too(power: float) -> None:
    x = Interval(1.0, 4.0)
    assert (1 + x).meets(2.0)
    assert (1 - x).meets(-3.0)
    assert (2 * x).meets(8.0)
    assert (1 / x).meets(0.25)
    assert (x**power).meets(4.0**power)
