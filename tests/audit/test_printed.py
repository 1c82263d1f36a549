"""Numbers as papers print them."""

from __future__ import annotations

import pytest

from ouhe.audit import Printed
from ouhe.errors import DataError


@pytest.mark.parametrize(
    ("text", "value", "low", "high"),
    [
        ("0.105", 0.105, 0.1045, 0.1055),
        ("0.20", 0.20, 0.195, 0.205),  # the last 0 is a digit
        ("3", 3, 2.5, 3.5),
        (".05", 0.05, 0.045, 0.055),
        ("−1.2", -1.2, -1.25, -1.15),
        ("–0.5", -0.5, -0.55, -0.45),
        ("６.０３％", 0.0603, 0.060250, 0.060350),
        ("6.03 %", 0.0603, 0.06025, 0.06035),
        ("０．１７６", 0.176, 0.1755, 0.1765),
        ("1,234.5", 1234.5, 1234.45, 1234.55),
        ("1,234,567", 1234567, 1234566.5, 1234567.5),
        ("2.5e-3", 0.0025, 0.00245, 0.00255),
        ("1.2×10^-4", 0.00012, 0.000115, 0.000125),
        ("(0.002)", 0.002, 0.0015, 0.0025),
    ],
)
def test_a_number_is_its_interval(text: str, value: float, low: float, high: float) -> None:
    printed = Printed.of(text)
    assert printed.value == pytest.approx(value, rel=1e-12)
    assert printed.interval.low == pytest.approx(low, rel=1e-12)
    assert printed.interval.high == pytest.approx(high, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "bound", "end"),
    [("<0.001", "<", 0.001), ("p<0.01", "<", 0.01), ("0.05以下", "<", 0.05), ("≤ 0.1", "<", 0.1),
     ("不足0.1%", "<", 0.001), (">0.1", ">", 0.1), ("0.97以上", ">", 0.97), ("less than 0.05", "<", 0.05)],
)  # fmt: skip
def test_a_bound_is_half_open(text: str, bound: str, end: float) -> None:
    printed = Printed.of(text)
    assert printed.bound == bound
    assert (printed.interval.high if bound == "<" else printed.interval.low) == pytest.approx(end, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "stars"), [("0.176*", 1), ("0.225**", 2), ("0.302 ***", 3), ("0.3＊＊", 2), ("0.3", 0)]
)
def test_stars_are_counted(text: str, stars: int) -> None:
    assert Printed.of(text).stars == stars


@pytest.mark.parametrize(("text", "decimals"), [("0.105", 3), ("6.03%", 2), ("12", 0), ("63.40％", 2), ("1e-3", 3)])
def test_decimals_are_those_of_the_print(text: str, decimals: int) -> None:
    assert Printed.of(text).decimals == decimals


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "1,23",
        "1.2.3",
        "--1",
        "%",
        "0.1‰",
        "=1+1",
        "1e999",
        "<",
        "O.105",
        "0.1 0.2.",
        "<b>1</b>",
        "0.176²",
        "①",
        "9" * 400,
        "0." + "3" * 400,
        "1e300",
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="is no number as papers print them"):
        Printed.of(text)
