"""Time the checker of published tables on the seed paper, as `ouhe audit` runs it: in a process of its own, and warm.

Run ``python benchmarks/audit.py``. Nothing else checks papers in this way, so there is no peer to time beside it.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

EXAMPLE = Path(str(files("ouhe.audit"))) / "examples" / "seed-paper" / "paper.yml"
REPEATS = 9


def fresh() -> float:
    """Seconds of a process that imports, reads and checks."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"from ouhe import audit; audit.run({str(EXAMPLE)!r})"], check=True)
    return time.perf_counter() - start


def warm() -> float:
    """Seconds of reading and checking alone."""
    from ouhe import audit

    start = time.perf_counter()
    audit.run(EXAMPLE)
    return time.perf_counter() - start


def main() -> None:
    """Print medians and ranges."""
    for name, measure in (("in a process of its own", fresh), ("again in the same process", warm)):
        times = [measure() for _ in range(REPEATS)]
        print(f"{name}: {statistics.median(times):.2f} s ({min(times):.2f} … {max(times):.2f}), {REPEATS} runs")


if __name__ == "__main__":
    main()
