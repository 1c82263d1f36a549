"""Time the checker of published tables on the seed paper, as `ouhe audit` runs it: in a process of its own, and warm.

Run ``python benchmarks/audit.py``. Nothing else checks papers in this way, so there is no peer to time beside it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

EXAMPLE = Path(str(files("ouhe.audit"))) / "examples" / "seed-paper" / "paper.yml"
REPEATS = 9


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


def main() -> None:
    """Print medians and ranges."""
    for name, measure in (("in a process of its own", fresh), ("again in the same process", warm)):
        clock, used = zip(*(measure() for _ in range(REPEATS)), strict=True)
        for kind, times in (("by the clock", clock), ("of the processor", used)):
            print(f"{name}, {kind}: {statistics.median(times):.2f} s ({min(times):.2f} … {max(times):.2f})")


if __name__ == "__main__":
    main()
