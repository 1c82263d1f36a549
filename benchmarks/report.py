"""How long the report takes once its figures are drawn, and how large its files are.

The shipped studies, each format alone; the workbook ``tables.xlsx`` is one of them.

    python benchmarks/report.py [--quick]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import ouhe
from ouhe import templates, text
from ouhe.output import scaffold
from ouhe.report.render import excel


def workbook(folder: Path) -> Path:
    """Write the tables of an output as a workbook."""
    results, path = ouhe.load(folder), folder / "again.xlsx"
    with text.use(results.language):
        excel.write_workbook(results.tables(), path, title=results.title)
    return path


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="three repetitions instead of seven")
    repeats = 3 if parser.parse_args().quick else 7
    print("| study | format | median s | range s | MB |\n|---|---|---:|---:|---:|")
    for study in templates.shipped():
        with tempfile.TemporaryDirectory() as scratch:
            _, folder = ouhe.write(scaffold.demo(Path(scratch) / "demo", study=study))
            cases: dict[str, Callable[[], list[Path]]] = {
                "html": lambda folder=folder: ouhe.write_report(folder, formats=["html"]),
                "docx": lambda folder=folder: ouhe.write_report(folder, formats=["docx"]),
                "tables.xlsx": lambda folder=folder: [workbook(folder)],
                "html + docx": lambda folder=folder: ouhe.write_report(folder, formats=["html", "docx"]),
            }
            for name, work in cases.items():
                size = sum(path.stat().st_size for path in work()) / 1e6
                times = [seconds(work) for _ in range(repeats)]
                ends = f"{min(times):.2f} – {max(times):.2f}"
                print(f"| {study} | {name} | {statistics.median(times):.2f} | {ends} | {size:.1f} |")


if __name__ == "__main__":
    main()
