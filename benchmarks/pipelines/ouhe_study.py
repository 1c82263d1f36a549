"""The benchmark's work as a study of ouhe's: ``python ouhe_study.py IN OUT [--scheduler ADDRESS] [--repeats N]``.

IN is a Parquet table (region, year, i0 … i9) or a Zarr store (i0 … i9 by year, y, x); OUT is the output folder. Prints
the seconds it took, imports left out, those of every step, and where D and the classes stand.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

STUDY = """\
title: Benchmark
lang: en
simulated: true
years: [2011, 2020]
data: {{path: {path}, layout: grid{keys}}}
systems:
  one: {{i0: +, i1: +, i2: +, i3: +, i4: +}}
  two: {{i5: +, i6: +, i7: +, i8: +, i9: +}}
weights: entropy
coupling: standard
classes: nine-level
raster: {{write: [D, class], type: float32, formats: {format}}}
figures: none
report: none
"""


def study(source: Path, folder: Path) -> Path:
    """The study file."""
    zarr = source.suffix == ".zarr"
    keys = "" if zarr else ", region: region, year: year"
    said = STUDY.format(path=json.dumps(str(source)), keys=keys, format="zarr" if zarr else "parquet")
    (folder / "study.yml").write_text(said, "utf-8")
    return folder / "study.yml"


def run(source: Path, target: Path, **options: object) -> None:
    """Run it."""
    from ouhe import output

    with tempfile.TemporaryDirectory() as folder:
        output.write(study(source, Path(folder)), target, **options)


def timed(source: Path, target: Path, **options: object) -> float:
    """Run it and say how many seconds it took."""
    start = time.perf_counter()
    run(source, target, **options)
    return time.perf_counter() - start


def written(target: Path) -> Path:
    """Folder of Parquet parts, or Zarr store."""
    return next(path for name in ("grid.parquet", "grid.zarr") if (path := target / name).exists())


def main() -> None:
    """Run as often as asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--memory", default="1GiB")
    parser.add_argument("--scheduler", help="address of a scheduler of dask.distributed")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--before", type=Path, help="another source, of which a study is run and timed before each")
    asked = parser.parse_args()
    options = {"scheduler": asked.scheduler} if asked.scheduler else {"memory": asked.memory}
    # what is imported when it is first used belongs to the imports
    import ouhe.output  # noqa: F401

    taken, before = [], []
    for _ in range(asked.repeats):
        if asked.before:
            before.append(timed(asked.before.resolve(), asked.target.with_name("before"), **options))
        taken.append(timed(asked.source.resolve(), asked.target, **options))
    steps = json.loads((asked.target / "run.json").read_text("utf-8")).get("seconds", {})
    print(
        json.dumps(
            {"seconds": taken[-1], "all": taken, "before": before, "steps": steps, "grid": str(written(asked.target))}
        )
    )


if __name__ == "__main__":
    main()
