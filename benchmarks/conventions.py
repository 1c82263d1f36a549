"""Time the table of conventions beside measuring and coupling the study once.

Run ``python benchmarks/conventions.py``: a province panel and a county panel, two systems of half the indicators each.
No other software makes such a table, so that the study itself is what it is compared with.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from timing import Row, main, rows, turns

from ouhe.study.check import Checked, check
from ouhe.study.conventions import conventions
from ouhe.study.measuring import coupled, measure

SIZES = ((31, 13, 60), (2850, 24, 60))

STUDY = """\
title: Speed
lang: en
regions: regions.csv
years: [2000, {last}]
data: {{path: panel.csv, layout: long}}
systems: {{A: {{{first}}}, B: {{{second}}}}}
groups: null
analyses: {{moran: {{of: D, neighbours: k-nearest, permutations: 0}}}}
"""


def study(shape: tuple[int, int, int]) -> Checked:
    """A study of skewed values, the same at every run, read and checked."""
    n, years, m = shape
    rng = np.random.default_rng(7)
    ids, series = [f"R{i}" for i in range(n)], [f"x{j}" for j in range(m)]
    halves = [", ".join(f"{i}: +" for i in half) for half in (series[: m // 2], series[m // 2 :])]
    places = {"id": ids, "longitude": rng.uniform(75, 130, n), "latitude": rng.uniform(20, 50, n)}
    panel = pd.DataFrame(rng.standard_exponential((n * years, m)), columns=series)
    panel.insert(0, "region", np.repeat(ids, years))
    panel.insert(1, "year", np.tile(range(2000, 2000 + years), n))
    with tempfile.TemporaryDirectory() as folder:
        pd.DataFrame(places).to_csv(Path(folder) / "regions.csv", index=False)
        panel.to_csv(Path(folder) / "panel.csv", index=False)
        said = STUDY.format(last=1999 + years, first=halves[0], second=halves[1])
        (Path(folder) / "study.yml").write_text(said, "utf-8")
        return check(Path(folder) / "study.yml")


def measured(asked: argparse.Namespace) -> Iterator[Row]:
    """The table in turn with the study itself, each run once before."""
    for shape in SIZES[: 1 if asked.quick else None]:
        checked = study(shape)
        x, said = checked.prepared.x, checked.file.study
        measurement = measure(x, said)
        coupling = coupled(measurement.index, said)
        choices = len(conventions(checked, measurement, coupling).rows)
        calls = {
            "study": lambda x=x, said=said: coupled(measure(x, said).index, said),
            "choices": lambda c=checked, m=measurement, d=coupling: conventions(c, m, d),
        }
        case = dict(zip(("regions", "years", "indicators"), shape, strict=True))
        figures, note = {"choices": {"choices": choices}}, {"choices": "choices"}
        yield from rows("table", case, turns(calls, 3 if asked.quick else 7), figures=figures, note=note)


if __name__ == "__main__":
    main(__doc__, measured, packages=("numpy", "xarray"))
