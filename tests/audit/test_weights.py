"""Weights, their sums, directions, and the entropies behind them."""

from __future__ import annotations

import io
import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from ouhe.audit import Audited

Kinds = Callable[..., list[tuple[str, str]]]
Run = Callable[..., Audited]


def weights(*values: str, unit: str = "") -> str:
    rows = "\n".join(f"      S, {'one' if j < 2 else 'two'}, x{j}, {v}" for j, v in enumerate(values))
    said = f'    unit: "{unit}"\n' if unit else ""
    head = "tables:\n  - kind: weights\n    where: table 1\n"
    return f"{head}{said}    rows: |\n      system, dimension, indicator, weight\n{rows}\n"


def dimensions(one: str, two: str) -> str:
    rows = f"      one, {one}\n      two, {two}\n"
    return f"  - kind: dimension-weights\n    where: text\n    system: S\n    rows: |\n      dimension, weight\n{rows}"


def test_weights_that_sum_to_one_within_rounding_agree(kinds: Kinds) -> None:
    # 0.334 + 0.333 + 0.332 = 0.999; each may be half a unit more: up to 1.0005
    assert kinds(weights("0.334", "0.333", "0.332")) == []
    # 0.997 may be 0.9985 at most
    assert kinds(weights("0.333", "0.332", "0.332")) == [("weights_sum", "certain")]


def test_a_sum_that_rounding_allows_but_hardly_makes_is_likely(kinds: Kinds) -> None:
    # 40 weights may be off by 0.020 together; the standard deviation of 40 even errors is 0.00183, five of them 0.0091
    forty = ["0.025"] * 40
    assert kinds(weights(*forty)) == []
    assert kinds(weights("0.036", *forty[1:])) == [("weights_sum", "likely")]  # 1.011
    assert kinds(weights("0.033", *forty[1:])) == []  # 1.008
    assert kinds(weights("0.050", *forty[1:])) == [("weights_sum", "certain")]  # 1.025


def test_percentages_are_shares_where_they_say_so(kinds: Kinds, run: Run) -> None:
    assert kinds(weights("33.4", "33.3", "33.3", unit="%")) == []
    assert kinds(weights("33.4%", "33.3%", "33.3%")) == []
    assert kinds(weights("33.4", "33.3", "33.3").replace("indicator, weight", "indicator, weight (%)")) == []
    assert kinds(weights("33.4", "33.3", "31.3", unit="%")) == [("weights_sum", "certain")]


def test_dimensions_against_their_indicators_and_against_one(kinds: Kinds) -> None:
    shown = weights("0.300", "0.200", "0.300", "0.200")
    assert kinds(shown + dimensions("0.500", "0.500")) == []
    assert kinds(shown + dimensions("50.00%", "50.00%")) == []
    assert kinds(shown + dimensions("0.510", "0.490")) == [("weights_dimension", "certain")] * 2
    assert kinds(shown + dimensions("0.500", "0.510")) == [
        ("weights_dimension", "certain"),
        ("weights_dimensions_sum", "certain"),
    ]


def test_weights_over_all_systems_together_sum_to_one_too(kinds: Kinds) -> None:
    both = weights("0.300", "0.200") + "      P, one, y0, {}\n      P, one, y1, 0.200\n"
    assert kinds(both.format("0.300")) == []
    assert kinds(both.format("0.400")) == [("weights_sum", "certain")] * 2


def test_a_large_weight_of_a_reversed_indicator_is_a_question(kinds: Kinds) -> None:
    table = (
        "formulas: {{weights: entropy}}\ntables:\n  - kind: weights\n    system: S\n    rows: |\n"
        "      indicator, weight, direction\n      a, {}, −\n      b, {}, +\n      c, 0.300, +\n"
    )
    assert kinds(table.format("0.100", "0.600")) == []
    assert kinds(table.format("0.333", "0.367")) == []  # may be less than 1/3
    assert kinds(table.format("0.400", "0.300")) == [("directions_large", "question")]
    assert kinds(table.format("0.400", "0.300").replace("entropy", "other")) == []


def raw(divisor: str = "ln nT", *, turned: bool = False, seed: int = 7) -> tuple[list[float], str]:
    """Entropy weights of four indicators of skewed values, the last reversed, and the raw data as a file."""
    rng = np.random.default_rng(seed)
    x = np.exp(rng.normal(0, [0.3, 0.8, 1.2, 0.6], (12, 4)))
    y = (x - x.min(axis=0)) / np.ptp(x, axis=0)
    if not turned:
        y[:, 3] = 1 - y[:, 3]
    p = y / y.sum(axis=0)
    entropy = -np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0).sum(axis=0)
    rest = 1 - entropy / {"ln nT": math.log(12), "ln n": math.log(4), "ln T": math.log(3)}[divisor]
    frame = pd.DataFrame(x, columns=["x0", "x1", "x2", "x3"])
    frame.insert(0, "year", np.tile([2010, 2011, 2012], 4))
    frame.insert(0, "region", np.repeat(list("ABCD"), 3))
    out = io.StringIO()
    frame.to_csv(out, index=False)
    return (rest / rest.sum()).tolist(), out.getvalue()


def of_raw(values: list[float], formula: str = "") -> str:
    signs = "+++-"
    rows = "\n".join(f"      x{j}, {w:.3f}, {signs[j]}" for j, w in enumerate(values))
    head = f"{formula}raw: raw.csv\ntables:\n  - kind: weights\n    system: S\n"
    return f"{head}    rows: |\n      indicator, weight, direction\n{rows}\n"


@pytest.mark.parametrize("seed", range(5))
def test_the_denominator_is_found_from_raw_data(kinds: Kinds, seed: int) -> None:
    for divisor, expected in (("ln nT", []), ("ln n", [("divisor_found", "certain")])):
        values, file = raw(divisor, seed=seed)
        assert kinds(of_raw(values), files={"raw.csv": file}) == expected
    values, file = raw(seed=seed)
    printed = "formulas: {entropy_divisor: ln n}\n"
    expected = [("divisor_formula", "certain"), ("divisor_other", "certain")]
    assert kinds(of_raw(values, printed), files={"raw.csv": file}) == expected


def test_a_direction_that_was_not_applied_is_found_from_raw_data(kinds: Kinds, run: Run) -> None:
    values, file = raw(turned=True)
    assert kinds(of_raw(values), files={"raw.csv": file}) == [("direction_turned", "likely")]
    assert run(of_raw(values), files={"raw.csv": file}).verdicts[0].says["indicators"].names == ("x3",)


def test_weights_of_other_data_are_a_question_and_one_wrong_weight_is_likely(kinds: Kinds) -> None:
    values, file = raw()
    other, _ = raw(seed=8)
    assert kinds(of_raw(other), files={"raw.csv": file}) == [("weights_unlike_raw", "question")]
    values[0], values[1] = values[0] + 0.0012, values[1]  # one unit, and the sum still rounds to 1
    assert kinds(of_raw(values), files={"raw.csv": file}) == [("weights_few_unlike", "likely")]


def test_the_printed_denominator_alone(kinds: Kinds, run: Run) -> None:
    shown = weights("0.500", "0.500")
    for divisor, expected in (("ln nT", []), ("ln n", ["divisor_formula"]), ("ln T", ["divisor_formula"])):
        found = kinds(f"formulas: {{entropy_divisor: {divisor}}}\n{shown}")
        assert [k for k, _ in found] == expected
    one_year = "title: t\nlang: en\nregions: [A, B, C, D]\nyears: [2010]\nsystems: [S, P]\n"
    assert kinds(f"formulas: {{entropy_divisor: ln n}}\n{shown}", head=one_year) == []
    # ln 12 / ln 4 = 1.79
    assert run(f"formulas: {{entropy_divisor: ln n}}\n{shown}").verdicts[0].says["most"] == "1.79"


def test_an_index_of_shares_has_a_known_mean(kinds: Kinds, run: Run) -> None:
    table = (
        "formulas: {{index: {}}}\ntables:\n  - kind: means\n    variable: S\n    rows: |\n      scope, period, value\n"
        "      nation, 2010, {}\n"
    )
    # over 4 regions the shares of one year sum to 1 at most: no mean above 0.25
    assert kinds(table.format("shares", "0.249")) == []
    assert kinds(table.format("shares", "0.251")) == [("index_of_shares", "certain")]
    assert kinds(table.format("values", "0.251")) == []
