"""Which year a yearbook table is for, and from which edition it comes."""

from __future__ import annotations

from pathlib import PurePosixPath

from ouhe.errors import Problem
from ouhe.read.reading import Source
from ouhe.read.yearbook_layout import Layout
from ouhe.read.years import years_in

__all__ = ["MOST_LAG", "edition_of", "year_of_sheet"]

#: How many years the data of an edition may be older than the edition.
MOST_LAG = 2


def edition_of(file: str, layout: Layout) -> int | None:
    """Year of the edition: the one in the file's name, else that of a line on the sheet that names the yearbook."""
    years = years_in(PurePosixPath(file).stem)
    return years[-1] if years else layout.edition


def year_of_sheet(layout: Layout, source: Source, *, fixed: int | None = None) -> int | Problem:
    """Year of a table whose columns name none.

    What the study says holds. Else the title does, which speaks of the data, then the name of the sheet, then the name
    of the file and of its folder, which may as well speak of the edition. The Chinese and the English title and the
    name of the sheet must agree, and the file may be named for a year up to :data:`MOST_LAG` later than the title's.

    Parameters
    ----------
    layout
        The parts of the sheet.
    source
        The sheet.
    fixed
        Year that the study states.

    Returns
    -------
    int or Problem
        The year, or why there is none.
    """
    if fixed is not None:
        return fixed
    file = PurePosixPath(source.file)
    titles, tab, stem = layout.years, years_in(source.sheet or ""), years_in(file.stem)
    stated = tuple(dict.fromkeys((*titles, *tab)))
    if len(stated) > 1:
        return Problem("yearbook.years_differ", source.place(), {"years": ", ".join(map(str, stated))})
    if not stated:
        named = stem or years_in(file.parent.name)
        return named[0] if len(named) == 1 else Problem("yearbook.no_year", source.place(), {"title": layout.title})
    if stem and not 0 <= stem[-1] - stated[0] <= MOST_LAG:
        return Problem("yearbook.year_of_file", source.place(), {"year": stated[0], "file_year": stem[-1]})
    return stated[0]
