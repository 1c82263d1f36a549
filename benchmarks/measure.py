"""Time entropy weights, index, C and D side by side with the same work in other software.

Run ``python benchmarks/measure.py`` (``--quick`` for two small sizes). All contenders start from the same raw values,
two systems of half the indicators each, and are run in turn within every repeat, so that a busy moment of the machine
hits all alike. pymcdm and scikit-criteria give weights only, so only their weights are timed, from normalised values.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import math
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import xarray as xr
from numpy.typing import NDArray
from pymcdm.weights import entropy_weights as pymcdm_entropy
from skcriteria.preprocessing.weighters import entropy_weights as skcriteria_entropy

from ouhe.compute import aggregate, couple, normalise, weight

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Size:
    """Shape of a panel and how often it is measured."""

    name: str
    shape: tuple[int, ...]
    repeats: int


SIZES = (
    Size("31 × 13 × 60", (31, 13, 60), 101),
    Size("2,850 × 24 × 60", (2850, 24, 60), 15),
    Size("10,000,000 × 10", (10_000_000, 10), 7),
)
QUICK = (SIZES[0], Size("200,000 × 10", (200_000, 10), 5))


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
        "numpy, row-major": lambda: by_numpy(rows),
        "polars, lazy": lambda: by_polars(frame),
        "ouhe, weights only": lambda: weight.entropy(normal).values,
        "pymcdm, weights only": lambda: pymcdm_entropy(y),
        "scikit-criteria, weights only": lambda: skcriteria_entropy(y),
    }


def check(calls: dict[str, Callable[[], Matrix]]) -> None:
    """Stop where the contenders do not compute the same D."""
    expected = calls["numpy, row-major"]()
    for name in ("ouhe", "polars, lazy"):
        np.testing.assert_allclose(calls[name](), expected, rtol=1e-9, err_msg=name)


def measure(size: Size) -> dict[str, list[float]]:
    """Milliseconds of every call, contenders taking turns."""
    calls = contenders(size)
    check(calls)
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(size.repeats):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            taken[name].append(1e3 * (time.perf_counter() - start))
    return taken


def peak_memory(name: str, size: Size) -> str:
    """Resident memory a fresh process gains over the raw values while one contender runs once, in MiB."""
    command = [sys.executable, __file__, "--peak", name, "--shape", ",".join(map(str, size.shape))]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def most_resident() -> float:
    """Most memory this process ever held, in MiB; not a number where the system does not say."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), math.nan)


def print_peak(name: str, shape: tuple[int, ...]) -> None:
    """Run one contender in this process and print what it gained."""
    if name == "polars, lazy":
        # a column at a time, so that making the frame takes no more memory than the frame
        work = partial(
            by_polars, pl.DataFrame([pl.Series(f"i{j}", raw_values((shape[0], 1))[:, 0]) for j in range(shape[1])])
        )
    else:
        rows = raw_values(shape)
        work = partial(by_ouhe, panel(rows, shape)) if name == "ouhe" else partial(by_numpy, rows)
    before = most_resident()
    work()
    print(f"{most_resident() - before:,.0f}")


def table(size: Size, taken: dict[str, list[float]], *, memory: bool) -> str:
    """Markdown table of one size."""
    ours = statistics.median(taken["ouhe"])
    lines = [f"### {size.name}, {size.repeats} repeats", "", "| | median ms | range ms | ratio to ouhe | peak MiB |"]
    lines.append("|---|---:|---:|---:|---:|")
    for name, times in taken.items():
        middle = statistics.median(times)
        peak = peak_memory(name, size) if memory and "only" not in name else "–"
        ends = f"{min(times):,.1f} – {max(times):,.1f}"
        lines.append(f"| {name} | {middle:,.1f} | {ends} | {middle / ours:.2f} | {peak} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two small sizes only")
    parser.add_argument("--peak", help=argparse.SUPPRESS)
    parser.add_argument("--shape", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.peak:
        print_peak(asked.peak, tuple(map(int, asked.shape.split(","))))
        return
    versions = ", ".join(
        f"{p} {importlib.metadata.version(p)}" for p in ("numpy", "xarray", "polars", "pymcdm", "scikit-criteria")
    )
    print(f"Python {platform.python_version()}, {versions}; {os.cpu_count()} cores, {platform.machine()}\n")
    for size in QUICK if asked.quick else SIZES:
        print(table(size, measure(size), memory=size.shape[0] >= 10_000_000), flush=True)


if __name__ == "__main__":
    main()
