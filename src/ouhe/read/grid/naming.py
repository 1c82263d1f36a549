"""Which indicator and which year the names in gridded files mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from ouhe.errors import Place, Problem, listed
from ouhe.read.grid.entry import GridEntry
from ouhe.read.headers import choose, header_key
from ouhe.read.years import any_year_in, year_of, years_in

__all__ = ["X_NAMES", "Y_NAMES", "Asked", "Named", "asked", "parted"]

Y_NAMES = frozenset({"y", "lat", "latitude", "northing", "row", "纬度"})
X_NAMES = frozenset({"x", "lon", "long", "longitude", "easting", "column", "col", "经度"})

_MARKS = " _-–—~.·,，()（）[]【】"


@dataclass(frozen=True)
class Asked:
    """What an entry is asked for.

    Parameters
    ----------
    names
        Id of an indicator → the names it may have.
    years
        Years of the study; None where a file must hold a single layer, whatever its year.
    entry
        What the study says about the files.
    missing
        Numbers that mean no data, besides those that the files declare.
    """

    names: Mapping[str, tuple[str, ...]]
    years: tuple[int, ...] | None
    entry: GridEntry
    missing: tuple[float, ...] = ()

    def wants(self, year: int) -> bool:
        """Whether a year is one of the study."""
        return self.years is None or year in self.years


@dataclass(frozen=True)
class Named:
    """Which of several names mean indicators.

    Parameters
    ----------
    ids
        Id of the indicator for each name, None where it is none.
    problems
        Indicators that several names fit.
    """

    ids: tuple[str | None, ...]
    problems: tuple[Problem, ...] = ()


def asked(
    entry: GridEntry, names: Mapping[str, tuple[str, ...]], years: Sequence[int], missing: tuple[float, ...] = ()
) -> Asked:
    """What an entry is asked for: its own names where it gives some, otherwise those of the study."""
    own = names
    if entry.series is not None:
        own = {entry.series: (entry.series, *names.get(entry.series, ()))}
    elif entry.columns is not None:
        own = dict(entry.columns)
    return Asked(own, tuple(years), entry, missing)


def named(texts: Sequence[Sequence[str]], wanted: Asked, place: Place) -> Named:
    """Match the names of a file's variables, bands or columns to indicators.

    Parameters
    ----------
    texts
        Names of each, for instance that of a variable and its ``long_name``.
    wanted
        What is asked for.
    place
        The file.
    """
    chosen = choose(texts, wanted.names)
    ids: list[str | None] = [None] * len(texts)
    for position, series in chosen.series:
        ids[position] = series
    problems = []
    for series, positions in chosen.several:
        # one name in several years is no doubt, several names are
        keys = {header_key(texts[p][0]) for p in positions}
        if len(keys) == 1:
            for p in positions:
                ids[p] = series
        else:
            headers = listed(f'"{texts[p][0]}"' for p in positions)
            problems.append(Problem("gridded.several_names", place, {"series": series, "names": headers}))
    return Named(tuple(ids), tuple(problems))


def parted(text: str) -> tuple[str, int | None]:
    """Name and year that a text such as the name of a file or a band gives.

    Examples
    --------
    >>> parted("ndvi_2012"), parted("2012"), parted("人口密度（2015年）"), parted("lights_2010-2020"), parted("pm25")
    (('ndvi', 2012), ('', 2012), ('人口密度', 2015), ('lights', None), ('pm25', None))
    """
    years = years_in(text)
    whole = year_of(text)
    if whole is not None:
        return "", whole
    rest = text
    for year in any_year_in(text):
        rest = re.sub(rf"{year}\s*(?:年度?)?", "", rest)
    return rest.strip(_MARKS), years[0] if len(years) == 1 else None


def of_file(file: str) -> tuple[str, int | None]:
    """Name and year that a path gives; a file named after its year alone is named by its folder.

    Examples
    --------
    >>> of_file("rasters/ndvi/2012.tif"), of_file("ndvi_2012.tif")
    (('ndvi', 2012), ('ndvi', 2012))
    """
    path = PurePath(file)
    name, year = parted(path.stem)
    if not name and path.parent.name:
        name = parted(path.parent.name)[0]
    return name, year
