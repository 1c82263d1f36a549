"""How long a user waits: ``ouhe --help``, ``ouhe demo``, and reading the 94 raw yearbook files.

Every command runs in a process of its own, as a user's does; median and range of the repetitions.

    python benchmarks/commands.py [--quick]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from timing import Row, main, rows, turns

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


def measured(asked: argparse.Namespace) -> Iterator[Row]:
    """A row a command; the yearbook files only where they are, the demonstration not where it is quick."""
    cases: dict[str, tuple[Callable[[], None], int]] = {"help": (lambda: ouhe("--help"), 9)}
    if not asked.quick:
        cases["demo"] = (demo, 1)
    if YEARBOOKS.is_dir():
        cases["yearbooks"] = (read, 7)
    for name, (work, repeats) in cases.items():
        yield from rows(name, {}, turns({"ouhe": work}, 1 if asked.quick else repeats))


if __name__ == "__main__":
    main(__doc__, measured, packages=("python-calamine", "matplotlib"))
