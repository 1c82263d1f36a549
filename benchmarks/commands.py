"""How long a user waits: ``ouhe --help``, ``ouhe demo``, and reading the 94 raw yearbook files.

Every command runs in a process of its own, as a user's does; median and range of the repetitions.

    python benchmarks/commands.py [--quick]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
YEARBOOKS = HERE.parent / "../shared/data/yearbook"
STUDY = HERE.parent / "tests/real/yearbook.yml"

READ = """
import sys
from ouhe.study.gather import gather, silent
from ouhe.study.load import load
gathered = gather(load(sys.argv[1]), confined=False, progress=silent)
assert len({s.file for s in gathered.raw.sources}) == 94
"""


def ouhe(*arguments: str) -> None:
    """Run the command line."""
    subprocess.run([sys.executable, "-m", "ouhe.cli", *arguments], check=True, capture_output=True)


def demo() -> None:
    """Run the demonstration into a fresh folder."""
    with tempfile.TemporaryDirectory() as folder:
        ouhe("demo", str(Path(folder) / "demo"), "--quiet")


def read() -> None:
    """Read, match and put together the yearbook files."""
    subprocess.run([sys.executable, "-c", READ, str(STUDY)], check=True, capture_output=True)


def seconds(work: Callable[[], None]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="three repetitions instead of seven")
    repeats = 3 if parser.parse_args().quick else 7
    cases: dict[str, tuple[Callable[[], None], float]] = {
        "`ouhe --help`": (lambda: ouhe("--help"), 0.5),
        "`ouhe demo`": (demo, 30),
    }
    if YEARBOOKS.is_dir():
        cases["94 yearbook files read"] = (read, 15)
    else:
        print("the yearbook files are not here: not measured\n")
    print("| what | median, s | range, s | wanted, s |\n| --- | --- | --- | --- |")
    for name, (work, wanted) in cases.items():
        times = [seconds(work) for _ in range(repeats)]
        print(
            f"| {name} | {statistics.median(times):.2f} | {min(times):.2f}–{max(times):.2f} | {wanted:g} |", flush=True
        )


if __name__ == "__main__":
    main()
