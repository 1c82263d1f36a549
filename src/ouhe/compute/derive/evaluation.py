"""Computing a formula on labelled arrays, every cell it cannot take told together."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from simpleeval import SimpleEval

from ouhe.compute.derive.arithmetic import divide, power
from ouhe.compute.derive.formula import parse, placed, plain
from ouhe.compute.derive.functions import FUNCTIONS
from ouhe.errors import DataError, Place, Problem
from ouhe.panel import where

__all__ = ["evaluate"]

_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: divide,
    ast.Pow: power,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_NODES = (ast.Constant, ast.Name, ast.UnaryOp, ast.BinOp, ast.Call, ast.keyword)


def evaluate(
    expression: str, series: Mapping[str, xr.DataArray], *, place: Place | None = None, target: str = ""
) -> xr.DataArray:
    """Value of a formula in every region and year.

    Parameters
    ----------
    expression
        Arithmetic on names of series: numbers, ``+ - * / **``, parentheses and the functions of :data:`FUNCTIONS`.
    series
        Id → array ``(region, year)``; those the formula does not use are left alone. Arrays with different labels
        are brought to the union of them, missing where one has no value.
    place
        Where the formula stands, for messages.
    target
        Series the formula defines: the name of the result.

    Returns
    -------
    xarray.DataArray
        Array ``(region, year)``, missing (NaN) where the formula meets a missing value.

    Raises
    ------
    StudyError
        The formula holds something it may not, or a name that is no series.
    DataError
        A division by 0, a logarithm or root outside its domain, a result too large for a number: each cell by region
        and year.

    Examples
    --------
    >>> labels = {"region": ["北京"], "year": [2020, 2021]}
    >>> gdp = xr.DataArray([[36.0, 40.0]], dims=("region", "year"), coords=labels)
    >>> evaluate("growth(gdp) * 100", {"gdp": gdp}).round(2).values.tolist()
    [[nan, 11.11]]
    """
    formula = parse(expression, known=series, place=place, target=target)
    ids = {plain(key): key for key in series}
    run = _Run(_aligned({name: series[ids[name]] for name in formula.names}))
    evaluator = SimpleEval(
        operators={kind: run.guarded(f, checked=f in (divide, power)) for kind, f in _OPERATORS.items()},
        functions={
            name: run.guarded(function.compute, checked=function.checked) for name, function in FUNCTIONS.items()
        },
        names=run.series,
    )
    # The tree is already known to hold no other node; the evaluator need not know of any.
    evaluator.nodes = {kind: evaluator.nodes[kind] for kind in _NODES}
    result: xr.DataArray = evaluator.eval(formula.text, previously_parsed=formula.tree)
    problems = run.problems()
    if problems:
        raise DataError(*placed(problems, formula.text, place=place, target=target))
    return result.rename(target or None)


@dataclass(frozen=True, slots=True)
class _Check:
    """Where a value would be wrong, and how that is told."""

    value: xr.DataArray
    wrong: xr.DataArray
    key: str
    params: Mapping[str, int]


class _Run:
    """One evaluation: its series, and what may be wrong; cells that are go on as missing, so that none is told twice.

    Nothing is computed on the way. What is wrong in chunked series is found in one walk over their chunks at the end.
    """

    def __init__(self, series: Mapping[str, xr.DataArray]) -> None:
        self._checks: list[_Check] = []
        self.series = {name: self._finite(x, "derive.infinite") for name, x in series.items()}
        self.template = next(iter(self.series.values()))

    def guarded(self, function: Callable[..., Any], *, checked: bool) -> Callable[..., xr.DataArray]:
        """Wrap `function` to take labelled arrays and to note what it refuses instead of raising."""

        def call(*arguments: xr.DataArray | float, **options: int) -> xr.DataArray:
            arrays = map(self._labelled, arguments)
            noted = {"report": self._note} if checked else {}
            return self._finite(function(*arrays, **options, **noted), "derive.overflow")

        return call

    def problems(self) -> list[Problem]:
        """Everything that is wrong, in the order of the steps."""
        found = xr.Dataset({str(i): check.wrong.variable.any() for i, check in enumerate(self._checks)}).compute()
        failed = [check for i, check in enumerate(self._checks) if found[str(i)]]
        return [p for c in failed for p in where(c.value, c.wrong, c.key, **c.params)]

    def _note(self, value: xr.DataArray, wrong: xr.DataArray, key: str, **params: int) -> None:
        self._checks.append(_Check(value, wrong, key, params))

    def _labelled(self, value: xr.DataArray | float) -> xr.DataArray:
        return value if isinstance(value, xr.DataArray) else xr.full_like(self.template, float(value))

    def _finite(self, x: xr.DataArray, key: str) -> xr.DataArray:
        infinite = abs(x) == np.inf
        self._note(x, infinite, key)
        return x.where(~infinite)


def _aligned(series: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    """Float arrays of nothing but values and labels, all with the same labels."""
    bare: Iterable[xr.DataArray] = (x.reset_coords(drop=True).drop_attrs().astype(float) for x in series.values())
    return dict(zip(series, xr.align(*bare, join="outer"), strict=True))
