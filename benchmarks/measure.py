"""Time entropy weights, index, C and D side by side with the same work in other software.

Run ``python benchmarks/measure.py`` (``--quick`` for two small sizes). All contenders start from the same raw values,
two systems of half the indicators each, and are run in turn within every repeat, so that a busy moment of the machine
hits all alike. pymcdm and scikit-criteria give weights only, so only their weights are timed, from normalised values.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
import xarray as xr
from numpy.typing import NDArray
from pymcdm.weights import entropy_weights as pymcdm_entropy
from skcriteria.preprocessing.weighters import entropy_weights as skcriteria_entropy
from timing import Row, fresh, main, most_resident, rows, turns

from ouhe.compute import aggregate, couple, normalise, weight

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Size:
    """Shape of a panel and how often it is measured."""

    shape: tuple[int, ...]
    repeats: int


SIZES = (
    Size((31, 13, 60), 101),
    Size((2850, 24, 60), 15),
    Size((10_000_000, 10), 5),
)
QUICK = (Size((31, 13, 60), 11), Size((200_000, 10), 3))


def raw_values(shape: tuple[int, ...]) -> Matrix:
    """Skewed values, the same at every run, a row a region and year."""
    return np.random.default_rng(7).standard_exponential((int(np.prod(shape[:-1])), shape[-1]))


def panel(rows: Matrix, shape: tuple[int, ...]) -> xr.DataArray:
    """Labelled array on the same memory."""
    m = shape[-1]
    return xr.DataArray(
        rows.reshape(shape),
        dims=("region", "year", "indicator") if len(shape) == 3 else ("region", "indicator"),
        coords={
            "indicator": [f"i{j}" for j in range(m)],
            "system_of": ("indicator", ["p"] * (m // 2) + ["q"] * (m - m // 2)),
            "direction": ("indicator", ["positive"] * m),
        },
    )


def by_ouhe(x: xr.DataArray) -> Matrix:
    """All stages, as a study runs them."""
    y = normalise.minmax(x)
    u = aggregate.linear(y, weight.entropy(y))
    return couple.coordination(couple.standard(u), couple.development(u)).values.ravel()


def by_numpy(x: Matrix) -> Matrix:
    """The formulas written down plainly, on rows."""
    low, high = x.min(axis=0), x.max(axis=0)
    y = (x - low) / (high - low)
    p = y / y.sum(axis=0)
    logs = np.log(p, out=np.zeros_like(p), where=p > 0)
    spare = 1 + (p * logs).sum(axis=0) / np.log(len(x))
    half = x.shape[1] // 2
    one, two = (y[:, s] @ (spare[s] / spare[s].sum()) for s in (slice(half), slice(half, None)))
    C = 2 * np.sqrt(one * two) / (one + two)
    return np.sqrt(C * (one + two) / 2)


def by_polars(frame: pl.DataFrame) -> Matrix:
    """Lazy expressions: extremes, then entropies in one pass, then everything of a row in one pass."""
    names, cells = frame.columns, frame.height
    lazy = frame.lazy()
    ends = lazy.select(
        *(pl.col(c).min().alias(f"{c}_low") for c in names), *(pl.col(c).max().alias(f"{c}_high") for c in names)
    ).collect()
    low, high = ({c: ends[f"{c}_{end}"][0] for c in names} for end in ("low", "high"))
    y = {c: (pl.col(c) - low[c]) / (high[c] - low[c]) for c in names}
    normal = lazy.select(y[c].alias(c) for c in names)
    sums = normal.select(
        *(pl.col(c).sum().alias(f"{c}_s") for c in names),
        *((pl.col(c) * (pl.col(c) + 2.3e-308).log()).sum().alias(f"{c}_l") for c in names),
    ).collect()
    spare = {c: 1 - (np.log(sums[f"{c}_s"][0]) - sums[f"{c}_l"][0] / sums[f"{c}_s"][0]) / np.log(cells) for c in names}
    half = len(names) // 2
    index = {}
    for system, members in (("one", names[:half]), ("two", names[half:])):
        total = sum(spare[c] for c in members)
        index[system] = pl.sum_horizontal(y[c] * (spare[c] / total) for c in members).alias(system)
    one, two = pl.col("one"), pl.col("two")
    C, T = 2 * (one * two).sqrt() / (one + two), (one + two) / 2
    return lazy.select(**index).select((C * T).sqrt().alias("D")).collect()["D"].to_numpy()


def contenders(size: Size) -> dict[str, Callable[[], Matrix]]:
    """Every contender, ready to be called on the same values."""
    rows = raw_values(size.shape)
    x = panel(rows, size.shape)
    y = (rows - rows.min(axis=0)) / np.ptp(rows, axis=0)
    # pymcdm takes an indicator with any zero for one without entropy, so both get values above 0
    y += 1e-9
    frame = pl.DataFrame({f"i{j}": column for j, column in enumerate(rows.T)})
    normal = x.copy(data=y.reshape(size.shape))
    return {
        "ouhe": lambda: by_ouhe(x),
        "numpy": lambda: by_numpy(rows),
        "polars, lazy": lambda: by_polars(frame),
        "ouhe_weights": lambda: weight.entropy(normal).values,
        "pymcdm": lambda: pymcdm_entropy(y),
        "scikit-criteria": lambda: skcriteria_entropy(y),
    }


def check(calls: dict[str, Callable[[], Matrix]]) -> None:
    """Stop where the contenders do not compute the same D."""
    expected = calls["numpy"]()
    for name in ("ouhe", "polars, lazy"):
        np.testing.assert_allclose(calls[name](), expected, rtol=1e-9, err_msg=name)


def alone(said: str) -> dict[str, float]:
    """Resident memory that this process gains over the raw values while one contender runs once, in MiB."""
    name, _, sizes = said.partition(":")
    shape = tuple(map(int, sizes.split(",")))
    if name == "polars, lazy":
        # a column at a time, so that making the frame takes no more memory than the frame
        work = partial(
            by_polars, pl.DataFrame([pl.Series(f"i{j}", raw_values((shape[0], 1))[:, 0]) for j in range(shape[1])])
        )
    else:
        values = raw_values(shape)
        work = partial(by_ouhe, panel(values, shape)) if name == "ouhe" else partial(by_numpy, values)
    before = most_resident()
    work()
    return {"gained": most_resident() - before}


def compared(size: Size) -> Iterator[Row]:
    """All contenders in turn, once they are known to compute the same; the memory of the largest size."""
    calls = contenders(size)
    check(calls)
    taken = turns(calls, size.repeats)
    del calls
    figures, note = {}, {}
    if size.shape[0] >= 10_000_000:
        shape = ",".join(map(str, size.shape))
        figures = {name: fresh(__file__, f"{name}:{shape}") for name in ("ouhe", "numpy", "polars, lazy")}
        note = dict.fromkeys(figures, "gained")
    case = {"size": " × ".join(f"{n:,}" for n in size.shape)}
    parts = {"all": ("ouhe", "numpy", "polars, lazy"), "weights": ("ouhe_weights", "pymcdm", "scikit-criteria")}
    for table, names in parts.items():
        yield from rows(table, case, {name: taken[name] for name in names}, figures=figures, note=note)


def measured(asked: argparse.Namespace) -> Iterator[Row]:
    """Every size."""
    for size in QUICK if asked.quick else SIZES:
        yield from compared(size)


if __name__ == "__main__":
    packages = ("numpy", "xarray", "polars", "pymcdm", "scikit-criteria")
    main(__doc__, measured, packages=packages, alone=alone)
