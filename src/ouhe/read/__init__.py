"""Readers: one function a layout, every one returning a :class:`~ouhe.read.reading.Reading`.

:func:`read_entry` reads all files of one data entry of a study, :func:`assemble` puts entries together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from ouhe.errors import OptionError, OuheError, Place, did_you_mean
from ouhe.read import auto
from ouhe.read.assemble import Assembled, Editions, assemble, unit_problems
from ouhe.read.by_sheet import read_sheet_per_indicator, read_sheet_per_year
from ouhe.read.long import read_long
from ouhe.read.nbs import read_nbs
from ouhe.read.reading import LeftOut, Match, Reading, ReadOptions, Source, cells, join
from ouhe.read.series import all_found
from ouhe.read.sheets import OpenSheet, open_sheets
from ouhe.read.wide import read_wide
from ouhe.read.yearbook import read_yearbook
from ouhe.regions import RegionSet

__all__ = [
    "LAYOUTS",
    "Assembled",
    "Editions",
    "LeftOut",
    "Match",
    "ReadOptions",
    "Reader",
    "Reading",
    "Source",
    "assemble",
    "read_entry",
]


class Reader(Protocol):
    """Function that reads the opened sheets of a file of one layout."""

    def __call__(self, sheets: Sequence[OpenSheet], *, file: str, regions: RegionSet, options: ReadOptions) -> Reading:
        """Read a file.

        Parameters
        ----------
        sheets
            Its sheets, as :func:`~ouhe.read.sheets.open_sheets` opens CSV, TSV, XLSX, XLS, XLSB, ODS, Parquet, Stata
            and SPSS files.
        file
            Its name in messages.
        regions
            The study's regions.
        options
            What the study says about the file.
        """
        ...


#: Layout → its reader. ``auto`` is no layout: it finds one of these.
LAYOUTS: Mapping[str, Reader] = {
    "long": read_long,
    "wide": read_wide,
    "sheet-per-year": read_sheet_per_year,
    "sheet-per-indicator": read_sheet_per_indicator,
    "nbs": read_nbs,
    "stata": read_long,
    "yearbook": read_yearbook,
}
#: Layouts of which a file holds one series, so that names are looked for over all files of an entry.
_ONE_SERIES = frozenset({"wide", "nbs"})


def read_entry(
    paths: Sequence[tuple[Path, str]], *, layout: str = "auto", regions: RegionSet, options: ReadOptions
) -> Reading:
    r"""Read all files of one data entry of a study, in the order of their names.

    Parameters
    ----------
    paths
        Files, each with its name in messages.
    layout
        A key of :data:`LAYOUTS`, or ``"auto"``, which decides for every file by its content.
    regions
        The study's regions.
    options
        What the study says about the files.

    Returns
    -------
    Reading
        Everything read, and all problems of all files, those of files that cannot be opened among them.

    Raises
    ------
    OptionError
        There is no such layout.

    Examples
    --------
    >>> import tempfile
    >>> from ouhe import regions
    >>> path = Path(tempfile.mkdtemp()) / "gdp.csv"
    >>> _ = path.write_text("省份,年份,GDP（亿元）\n北京,2022,41611\n", encoding="utf-8")
    >>> reading = read_entry([(path, "gdp.csv")], regions=regions.load("china-provinces"), options=ReadOptions())
    >>> reading.sources[0].layout, reading.units, reading.cells["value"].tolist()
    ('long', {'GDP（亿元）': '亿元'}, [41611.0])
    """
    if layout != "auto" and layout not in LAYOUTS:
        known = ["auto", *LAYOUTS]
        raise OptionError.of(
            "read.unknown_layout", value=layout, known=", ".join(known), nearest=did_you_mean(layout, known)
        )
    ordered = sorted(paths, key=lambda p: p[1])
    found = [_read_file(path, file, layout, regions, options) for path, file in ordered]
    reading = join([r for _, r in found])
    reading = replace(reading, problems=(*reading.problems, *unit_problems([r for _, r in found])))
    if all(r.sources for _, r in found) and any(taken in _ONE_SERIES for taken, _ in found):
        return all_found(reading, options=options, place=Place(", ".join(file for _, file in ordered[:3])))
    return reading


def _read_file(path: Path, file: str, layout: str, regions: RegionSet, options: ReadOptions) -> tuple[str, Reading]:
    """Layout of a file and what was read of it; a file that cannot be opened is a reading with its problems."""
    taken = layout
    try:
        sheets = open_sheets(path, file=file, options=options)
        if layout == "auto":
            taken = auto.detect(sheets, file=file, regions=regions, options=options)
        sheets = [s.said(layout=taken) for s in sheets]
        return taken, LAYOUTS[taken](sheets, file=file, regions=regions, options=options)
    except OuheError as error:
        return taken, Reading(cells(), problems=error.problems)
