"""What the columns of tables hold: how their numbers look, what they mean, and in which unit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ouhe import text

__all__ = ["KINDS", "kind", "meaning", "number_format", "unit"]

_SHARES = ("C T D weight entropy share degree first last difference variation ratio mean x density bandwidth mode "
           "width mean_D mean_D_last change probability stay up down long_run stationary sparse gini within "
           "transvariation within_share between_share transvariation_share contribution affluence")  # fmt: skip
_STATISTICS = ("I c G expected sd z height prominence skewness kurtosis rank_correlation chi2 lr shorrocks determinant "
               "second passage sojourn half_life rank_shift largest_shift")  # fmt: skip
_CONVERGENCE = ("slope se t b beta low high speed speed_low speed_high r2 random_walk coefficient rho "
                "rho_se rho_z direct indirect total autocorrelation path path_first path_last sd_log")  # fmt: skip
_COUNTS = ("number n count regions links fewest most isolates rank places_won peaks row classes_changed "
           "classes_changed_all observations")  # fmt: skip
_YEARS = "year first_year last_year chosen_edition other_edition"

#: Column → what its numbers are: one name means one kind in whatever table, but for :data:`IN_TABLE`.
KINDS: Mapping[str, str] = {
    **dict.fromkeys(_SHARES.split(), "share"),
    **dict.fromkeys(_STATISTICS.split(), "statistic"),
    **dict.fromkeys(_CONVERGENCE.split(), "statistic"),
    **dict.fromkeys(_COUNTS.split(), "count"),
    **dict.fromkeys(_YEARS.split(), "year"),
    **dict.fromkeys(("p", "p_sim", "p_adjusted", "p_chi2", "p_lr", "rho_p"), "p"),
    **dict.fromkeys(("growth", "annual_growth"), "growth"),
    **dict.fromkeys(("before", "after", "chosen_value", "other_value"), "raw"),
    "times": "times",
    "value": "share",
    "peak": "count",
}

#: Table, column → kind where it is another than elsewhere.
IN_TABLE: Mapping[tuple[str, str], str] = {
    ("panel", "value"): "raw",
    ("uncertainty", "low"): "share",
    ("uncertainty", "high"): "share",
    ("sensitivity", "total"): "share",
    ("missing", "value"): "raw",
    ("suspicious", "value"): "raw",
    ("lisa", "value"): "statistic",
    ("lisa", "lag"): "statistic",
    ("lisa_counts", "significant"): "count",
    ("spatial_weights", "mean"): "statistic",
}

#: Kind → format; those of :data:`DIGITS` have as many decimals as their numbers need.
FORMATS: Mapping[str, str] = {
    "year": "0",
    "count": "0",
    "p": "[<0.01]0.0000;0.000",
    "growth": "0.00%",
    "times": "0.0",
    "raw": "General",
    "text": "General",
    "flag": "General",
}

#: Kind → fewest decimals.
DIGITS: Mapping[str, int] = {"share": 4, "statistic": 3}


def kind(table: str, column: str, values: pd.Series[Any]) -> str:
    """Kind of what a column holds, a key of :data:`FORMATS` or :data:`DIGITS`.

    Examples
    --------
    >>> growth = pd.Series([0.05, 0.07])
    >>> kind("growth", "annual_growth", growth), kind("panel", "value", growth), kind("index", "value", growth)
    ('growth', 'raw', 'share')
    >>> kind("coupling", "class", pd.Series(["low"]))
    'text'
    """
    if pd.api.types.is_bool_dtype(values):
        return "flag"
    if not pd.api.types.is_numeric_dtype(values):
        return "text"
    if pd.api.types.is_integer_dtype(values):
        known = IN_TABLE.get((table, column), KINDS.get(column, "count"))
        return known if known in {"year", "raw"} else "count"
    return IN_TABLE.get((table, column), KINDS.get(column, "share"))


def number_format(kind: str, values: pd.Series[Any]) -> str:
    """Format of a column, as spreadsheets write it.

    Shares have four decimals and statistics three, or as many as show two digits of the median value.

    Examples
    --------
    >>> number_format("share", pd.Series([0.25, 0.5])), number_format("statistic", pd.Series([0.00031, 0.00035]))
    ('0.0000', '0.00000')
    """
    if kind not in DIGITS:
        return FORMATS[kind]
    size = np.abs(values.to_numpy(dtype=float, na_value=np.nan))
    size = size[np.isfinite(size) & (size > 0)]
    median = float(np.median(size)) if len(size) else 1.0
    decimals = max(DIGITS[kind], min(12, 1 - math.floor(math.log10(median))))
    return f"0.{'0' * decimals}"


def meaning(table: str, column: str) -> str:
    """What a column of a table means, in the current language; "" where no text says it."""
    return _said(table, "column", column)


def unit(table: str, column: str, kind: str) -> str:
    """Unit of a column of a table, in the current language; "" where it has none."""
    return _said(table, "unit", column) or text.texts("excel", text.current()).get(f"unit_kind_{kind}", "")


def _said(table: str, what: str, column: str) -> str:
    """Text of a column: of this very table, else of the name."""
    said = text.texts("excel", text.current())
    return said.get(f"{what}_{table}_{column}", said.get(f"{what}_{column}", ""))
