"""The table of functions a formula may call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import xarray as xr

from ouhe.compute.derive import arithmetic, indicators

__all__ = ["FUNCTIONS", "Function"]


@dataclass(frozen=True, slots=True)
class Function:
    """A function a formula may call.

    Parameters
    ----------
    compute
        What it does: arrays in, array out.
    usage
        How it is written.
    counts
        How many series it may take.
    options
        Names of its options, which are whole numbers.
    looks_back
        Whether it takes values of earlier years.
    checked
        Whether there are cells it cannot take, so that it has the keyword ``report``.
    """

    compute: Callable[..., xr.DataArray]
    usage: str
    counts: range
    options: tuple[str, ...] = ()
    looks_back: bool = False
    checked: bool = False


_ONE, _TWO, _SEVERAL = range(1, 2), range(2, 3), range(2, 101)

#: Every function a formula may call, by the name it is called by.
FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "ratio": Function(indicators.ratio, "ratio(a, b)", _TWO, checked=True),
        "per_head": Function(indicators.per_head, "per_head(a, population)", _TWO, checked=True),
        "growth": Function(
            indicators.growth, "growth(x, periods=1)", _ONE, ("periods",), looks_back=True, checked=True
        ),
        "lag": Function(indicators.lag, "lag(x, years=1)", _ONE, ("years",), looks_back=True),
        "theil": Function(indicators.theil, "theil(y1, y2, …, l1, l2, …)", range(4, 101, 2), checked=True),
        "log": Function(arithmetic.log, "log(x)", _ONE, checked=True),
        "exp": Function(arithmetic.exp, "exp(x)", _ONE, checked=True),
        "sqrt": Function(arithmetic.sqrt, "sqrt(x)", _ONE, checked=True),
        "abs": Function(arithmetic.absolute, "abs(x)", _ONE),
        "sum": Function(arithmetic.total, "sum(a, b, …)", _SEVERAL),
        "mean": Function(arithmetic.mean, "mean(a, b, …)", _SEVERAL),
        "min": Function(arithmetic.minimum, "min(a, b, …)", _SEVERAL),
        "max": Function(arithmetic.maximum, "max(a, b, …)", _SEVERAL),
    }
)
