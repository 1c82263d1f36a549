"""The benchmark's work by hand in polars, streaming: ``python polars_streaming.py IN.parquet OUT.parquet``.

Extremes; sums; then D and its class, written in the order of the rows. Prints the seconds it took, imports left out.
"""

from __future__ import annotations

import json
import math
import sys
import time

import polars as pl

NAMES = [f"i{j}" for j in range(10)]
BOUNDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def run(source: str, target: str) -> None:
    """Three passes over the file."""
    lazy = pl.scan_parquet(source)
    ends = lazy.select(
        pl.len().alias("rows"),
        *(pl.col(c).min().alias(f"{c}_low") for c in NAMES),
        *(pl.col(c).max().alias(f"{c}_high") for c in NAMES),
    ).collect(engine="streaming")
    low, high = ({c: float(ends[f"{c}_{end}"][0]) for c in NAMES} for end in ("low", "high"))
    y = {c: (pl.col(c).cast(pl.Float64) - low[c]) / (high[c] - low[c]) for c in NAMES}
    sums = (
        lazy.select(y[c].alias(c) for c in NAMES)
        .select(
            *(pl.col(c).sum().alias(f"{c}_s") for c in NAMES),
            # the smallest number keeps 0 ln 0 at 0
            *((pl.col(c) * (pl.col(c) + 2.3e-308).log()).sum().alias(f"{c}_l") for c in NAMES),
        )
        .collect(engine="streaming")
    )
    cells = math.log(ends["rows"][0])
    spare = {c: 1 - (math.log(sums[f"{c}_s"][0]) - sums[f"{c}_l"][0] / sums[f"{c}_s"][0]) / cells for c in NAMES}
    index = {}
    for system, members in (("one", NAMES[:5]), ("two", NAMES[5:])):
        total = sum(spare[c] for c in members)
        index[system] = pl.sum_horizontal(y[c] * (spare[c] / total) for c in members)
    one, two = pl.col("one"), pl.col("two")
    C, T = 2 * (one * two).sqrt() / (one + two), (one + two) / 2
    above = [(pl.col("D") > bound).cast(pl.Int16) for bound in BOUNDS]
    (
        lazy.select("region", "year", **index)
        .select("region", "year", (C * T).sqrt().alias("D"))
        .select("region", "year", pl.col("D").cast(pl.Float32), sum(above[1:], above[0]).alias("class"))
        .sink_parquet(target, compression="snappy", engine="streaming")
    )


if __name__ == "__main__":
    start = time.perf_counter()
    run(*sys.argv[1:3])
    print(json.dumps({"seconds": time.perf_counter() - start}))
