"""How long the report takes once its figures are drawn, and how large its files are.

The shipped studies, each format alone; the workbook ``tables.xlsx`` is one of them.

    python benchmarks/report.py [--quick]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from timing import Row, main, rows, turns

import ouhe
from ouhe import templates, text
from ouhe.output import scaffold
from ouhe.report.render import excel


def workbook(folder: Path) -> list[Path]:
    """Write the tables of an output as a workbook."""
    results, path = ouhe.load(folder), folder / "again.xlsx"
    with text.use(results.language):
        excel.write_workbook(results.tables(), path, title=results.title)
    return [path]


def measured(asked: argparse.Namespace) -> Iterator[Row]:
    """Every shipped study, every format; a small part of one where it is quick."""
    for study in templates.shipped()[: 1 if asked.quick else None]:
        with tempfile.TemporaryDirectory() as scratch:
            settings = ["figures=none", "report=none", "analyses=[moran]"] if asked.quick else []
            _, folder = ouhe.write(scaffold.demo(Path(scratch) / "demo", study=study), settings=settings)
            cases: dict[str, Callable[[], list[Path]]] = {
                "html": lambda folder=folder: ouhe.write_report(folder, formats=["html"]),
                "docx": lambda folder=folder: ouhe.write_report(folder, formats=["docx"]),
                "workbook": lambda folder=folder: workbook(folder),
                "both": lambda folder=folder: ouhe.write_report(folder, formats=["html", "docx"]),
            }
            for name, work in cases.items():
                size = sum(path.stat().st_size for path in work()) / 1e6
                taken = turns({"ouhe": work}, 1 if asked.quick else 3)
                figures = {"ouhe": {"megabytes": size}}
                yield from rows(name, {"study": study}, taken, figures=figures, note={"ouhe": "size"})


if __name__ == "__main__":
    main(__doc__, measured, packages=("python-docx", "jinja2", "xlsxwriter"))
