"""Time the checker of published tables on the seed paper, as `ouhe audit` runs it: in a process of its own, and warm.

Run ``python benchmarks/audit.py``. Nothing else checks papers in this way, so there is no peer to time beside it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

from timing import Row, main, rows

EXAMPLE = Path(str(files("ouhe.audit"))) / "examples" / "seed-paper" / "paper.yml"


def fresh() -> tuple[float, float]:
    """Seconds by the clock and of the processor that a process takes to import, read and check."""
    start, before = time.perf_counter(), os.times()
    subprocess.run([sys.executable, "-c", f"from ouhe import audit; audit.run({str(EXAMPLE)!r})"], check=True)
    after = os.times()
    used = after.children_user - before.children_user + after.children_system - before.children_system
    return time.perf_counter() - start, used


def warm() -> tuple[float, float]:
    """Seconds by the clock and of the processor for reading and checking alone."""
    from ouhe import audit

    start, before = time.perf_counter(), time.process_time()
    audit.run(EXAMPLE)
    return time.perf_counter() - start, time.process_time() - before


def measured(asked: argparse.Namespace) -> Iterator[Row]:
    """By the clock; the time of the processor beside it."""
    cases: dict[str, Callable[[], tuple[float, float]]] = {"fresh": fresh, "warm": warm}
    for name, measure in cases.items():
        clock, used = zip(*(measure() for _ in range(3 if asked.quick else 9)), strict=True)
        figures = {"ouhe": {"processor": statistics.median(used)}}
        yield from rows(name, {}, {"ouhe": clock}, figures=figures, note={"ouhe": "processor"})


if __name__ == "__main__":
    main(__doc__, measured)
