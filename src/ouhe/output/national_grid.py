"""The demonstration of rasters: a synthetic national grid of any size, and the study of it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from ouhe import text
from ouhe.errors import OptionError, OuheError, Place, Problem
from ouhe.study.gather import Progress, silent
from ouhe.templates import GRID
from ouhe.templates.landscape import FORMATS, Country, Format, store_indicators, store_provinces

__all__ = ["CELLS", "YEARS", "national_grid"]

#: About how many cells lie inside the country, and the years, where nothing else is asked for.
CELLS, YEARS = 100_000, tuple(range(2015, 2021))

#: Fewest cells that a country with so many provinces is drawn on.
FEWEST = 2_000

#: Says what was made, and that it is whole.
MADE = "national-grid.json"

#: Where it is made, until it is whole.
PART = ".national-grid.partial"

_YEARS = re.compile(r"^years: \[\d+, \d+\]", re.MULTILINE)


def national_grid(
    folder: Path,
    *,
    cells: int = CELLS,
    years: Sequence[int] = YEARS,
    seed: int = 5,
    form: Format = "zarr",
    lang: text.Lang | None = None,
    progress: Progress = silent,
) -> Path:
    """Put the rasters of a made-up country and the study of them into `folder`; returns the study file.

    The same choices give the same bytes; rasters that stand there already as they would be made are left.

    Parameters
    ----------
    folder
        The study's folder; made where it is not there.
    cells
        About how many cells the country has. Rasters are written window by window and may be larger than memory.
    years
        First and last year, and those between.
    seed
        Another seed is another country.
    form
        ``zarr``, or ``geotiff``: a file an indicator with a band a year.
    lang
        Language of the study, and so of its outputs; the current one when left out.
    progress
        Told how many windows are made.

    Raises
    ------
    OptionError
        There are too few cells or no years in a row.
    OuheError
        Other files of these names stand there already, or the extra ``grid`` is not installed.
    """
    lang = lang or text.current()
    first, last = min(years), max(years)
    if cells < FEWEST:
        raise OptionError.of("templates.too_few_cells", cells=cells, fewest=FEWEST)
    if list(years) != list(range(first, last + 1)):
        raise OptionError.of("templates.years_in_a_row", years=", ".join(map(str, years)))
    name = "study.yml" if lang == "zh" else f"study.{lang}.yml"
    edition = (files("ouhe.templates") / GRID / name).read_text("utf-8")
    study = _YEARS.sub(f"years: [{first}, {last}]", edition)
    if form == "geotiff":
        study = study.replace(FORMATS["zarr"], f"{FORMATS['geotiff']}/*.tif")
    made = json.dumps({"cells": cells, "years": [first, last], "seed": seed, "format": form, "lang": lang}) + "\n"
    if not _stands(folder, {"study.yml": study, MADE: made}):
        part = folder / PART
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        country = Country.of(seed=seed, cells=cells)
        store_provinces(country, part, lang=lang)
        store_indicators(country, years, part, form=form, progress=lambda done, all_: progress("make", done, all_))
        (part / "study.yml").write_text(study, "utf-8")
        (part / MADE).write_text(made, "utf-8")
        for path in part.iterdir():
            path.rename(folder / path.name)
        part.rmdir()
    return folder / "study.yml"


def _stands(folder: Path, texts: Mapping[str, str]) -> bool:
    """Whether everything is there as it would be made.

    Raises
    ------
    OuheError
        Something else stands there.
    """
    names = [*FORMATS.values(), "provinces.tif", "provinces.csv", "study.yml", MADE]
    there = [name for name in names if (folder / name).exists()]
    other = [name for name in texts if name not in there or (folder / name).read_text("utf-8") != texts[name]]
    if not there or not other:
        return bool(there)
    option = {"option": f" --study {GRID}"}
    raise OuheError(*(Problem("templates.demo_taken", Place(file=str(folder / n)), option) for n in there))
