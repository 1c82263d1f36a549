"""The benchmark's work by hand in DuckDB: ``python duckdb_query.py IN.parquet OUT.parquet``.

Extremes (which DuckDB takes from the file's statistics); sums; then D and its class, written in the order of the rows.
Prints the seconds it took, imports left out.
"""

from __future__ import annotations

import json
import math
import sys
import time

import duckdb

NAMES = [f"i{j}" for j in range(10)]
BOUNDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
MEMORY = "900MB"


def run(source: str, target: str) -> None:
    """Three queries on the file."""
    rows, to = (f"'{path.replace(chr(39), chr(39) * 2)}'" for path in (source, target))
    db = duckdb.connect()
    db.execute(f"set memory_limit = '{MEMORY}'; set preserve_insertion_order = true")
    ends = db.execute(f"select count(*), {', '.join(f'min({c}), max({c})' for c in NAMES)} from {rows}").fetchone()
    low, high = dict(zip(NAMES, ends[1::2], strict=True)), dict(zip(NAMES, ends[2::2], strict=True))
    y = {c: f"(({c}::double - ({low[c]!r})) / {high[c] - low[c]!r})" for c in NAMES}
    # the smallest number keeps 0 ln 0 at 0
    both = ", ".join(f"sum({c}), sum({c} * ln({c} + 2.3e-308))" for c in NAMES)
    normal = ", ".join(f"{y[c]} as {c}" for c in NAMES)
    sums = db.execute(f"with y as (select {normal} from {rows}) select {both} from y").fetchone()
    S, L = dict(zip(NAMES, sums[0::2], strict=True)), dict(zip(NAMES, sums[1::2], strict=True))
    spare = {c: 1 - (math.log(S[c]) - L[c] / S[c]) / math.log(ends[0]) for c in NAMES}
    index = []
    for members in (NAMES[:5], NAMES[5:]):
        total = sum(spare[c] for c in members)
        index.append(" + ".join(f"{y[c]} * {spare[c] / total!r}" for c in members))
    above = " + ".join(f"(D > {bound})::smallint" for bound in BOUNDS)
    db.execute(
        f"copy (with u as (select region, year, {index[0]} as a, {index[1]} as b from {rows}), "
        "d as (select region, year, sqrt(2 * sqrt(a * b) / (a + b) * (a + b) / 2) as D from u) "
        f"select region, year, D::float as D, ({above})::smallint as class from d) "
        f"to {to} (format parquet, compression snappy)"
    )


if __name__ == "__main__":
    start = time.perf_counter()
    run(*sys.argv[1:3])
    print(json.dumps({"seconds": time.perf_counter() - start}))
