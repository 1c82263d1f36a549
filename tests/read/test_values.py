"""Numbers as tables print them."""

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouhe.read.values import YEARBOOK_TOKENS, number


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (7, 7.0),
        (-2.5, -2.5),
        (np.float64(1.5), 1.5),
        (np.int64(3), 3.0),
        ("12", 12.0),
        ("1,234.5", 1234.5),
        ("1,234,567.8", 1234567.8),
        ("１２，３４５", 12345.0),
        ("１．５", 1.5),
        ("\u3000 42\u00a0", 42.0),
        ("-3", -3.0),
        ("−3.5", -3.5),
        ("+4", 4.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("0012", 12.0),
    ],
)
def test_takes_what_reads_as_a_number(cell, value):
    assert number(cell) == value


TEXTS = ("abc", "5%", "5 %", "1,23", "1,2345", ",5", "1 234", "12 3", "1.2.3", "inf", "-inf", "nan", "1e999", "—", "二")
DATE = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "cell", [*TEXTS, True, False, np.True_, DATE, DATE.date(), dt.time(1), dt.timedelta(1), math.inf]
)
def test_takes_nothing_else(cell):
    assert number(cell) is None


@pytest.mark.parametrize("cell", ["", "  ", "\u3000", None, math.nan])
def test_an_empty_cell_is_missing(cell):
    assert math.isnan(number(cell))


@pytest.mark.parametrize("token", YEARBOOK_TOKENS)
def test_what_yearbooks_print_for_missing(token):
    assert math.isnan(number(f" {token}\u3000", YEARBOOK_TOKENS))
    assert number(token) is None


def test_tokens_hold_in_either_width_and_for_cells_that_are_numbers():
    assert math.isnan(number("－", ["-"]))
    assert math.isnan(number("-", ["－"]))
    assert math.isnan(number(-999.0, ["-999"]))
    assert math.isnan(number("-999", ["-999"]))
    assert number(-998.0, ["-999"]) == -998.0
    assert number("-5", YEARBOOK_TOKENS) == -5.0


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_survives_every_way_it_is_written(x):
    assert number(x) == number(repr(x)) == x
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in repr(x))
    assert number(full_width) == x


@given(st.integers(-(10**15), 10**15))
def test_thousands_separators_change_nothing(n):
    assert number(f"{n:,}") == number(str(n)) == n


@given(st.text())
def test_any_text_is_a_finite_number_missing_or_nothing(text):
    value = number(text, YEARBOOK_TOKENS)
    assert value is None or math.isnan(value) or math.isfinite(value)
