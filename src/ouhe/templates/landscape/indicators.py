"""Indicators of the made-up country: skewed where such indicators are, alike among neighbours, and changing by year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ouhe.templates.landscape.country import Country
from ouhe.templates.landscape.noise import octaves, surface

__all__ = ["INDICATORS", "Indicator", "values"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Indicator:
    """What a raster of the country holds.

    Parameters
    ----------
    long_name, units
        As the attributes of the raster have them.
    digits
        Digits after the point, as products of this kind are distributed.
    """

    long_name: str
    units: str
    digits: int


#: Every indicator by the name of its variable.
INDICATORS: Mapping[str, Indicator] = {
    "night_lights": Indicator("Night lights", "nW cm-2 sr-1", 2),
    "population": Indicator("Population density", "persons km-2", 1),
    "roads": Indicator("Density of roads", "km km-2", 3),
    "built_up": Indicator("Share of built-up land", "%", 2),
    "ndvi": Indicator("Vegetation index (NDVI)", "1", 3),
    "soil_moisture": Indicator("Soil moisture", "m3 m-3", 3),
    "pm25": Indicator("Fine particles (PM2.5)", "ug m-3", 1),
    "erosion": Indicator("Soil erosion", "t ha-1 a-1", 2),
}

#: Numbers of the surfaces; those of a year begin at `WEATHER`.
RELIEF, URBAN, LOCAL, WET, DUST, GROWTH, WEATHER = 10, 11, 12, 13, 14, 15, 1000

#: Width of the widest lattice, and of those of the weather, in metres.
WIDEST, WEATHER_WIDTHS = 1_200_000.0, (900_000.0, 450_000.0)


@dataclass(frozen=True)
class _Land:
    """What lies behind the indicators in a window: surfaces with a mean of about 0 and a deviation of about 1.

    Parameters
    ----------
    relief, wet, dust
        How high, how wet and how dusty it is.
    urban
        How urban it is in the first year.
    local
        What differs from place to place alone.
    growth
        How much more urban it becomes in ten years.
    """

    relief: Floats
    urban: Floats
    local: Floats
    wet: Floats
    dust: Floats
    growth: Floats


def values(
    country: Country, years: Sequence[int], rows: slice, columns: slice
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Indicators of a window.

    Parameters
    ----------
    country
        The country.
    years
        Years, rising; a year has the same values whichever others are made.
    rows, columns
        The window.

    Yields
    ------
    tuple of str and numpy.ndarray
        Name of an indicator, and its values ``(year, y, x)``, NaN outside the country.

    Examples
    --------
    >>> corner = values(Country(seed=1, cell=100_000.0), [2020], slice(0, 2), slice(0, 3))
    >>> {name: array.shape for name, array in corner}["ndvi"]
    (1, 2, 3)
    """
    inside = country.inside(rows, columns)
    land = _land(country, rows, columns)
    made = {name: np.empty((len(years), *inside.shape), dtype=np.float32) for name in INDICATORS}
    for place, year in enumerate(years):
        rain = surface(
            country.y[rows], country.x[columns], widths=WEATHER_WIDTHS, seed=country.seed, layer=WEATHER + year
        )
        for name, array in _of_year(land, rain, (year - 2015) / 10).items():
            digits = INDICATORS[name].digits
            made[name][place] = np.where(inside, np.round(array, digits), np.nan)
    yield from made.items()


def _land(country: Country, rows: slice, columns: slice) -> _Land:
    y, x = country.y[rows], country.x[columns]

    def of(layer: int, *, widest: float = WIDEST, persistence: float = 0.55) -> Floats:
        widths = octaves(widest, 2 * country.cell)
        return surface(y, x, widths=widths, seed=country.seed, layer=layer, persistence=persistence)

    relief = of(RELIEF, persistence=0.62)
    urban = 0.75 * of(URBAN, widest=600_000.0, persistence=0.7) - 0.45 * relief + _cities(country, y, x)
    return _Land(
        relief=relief,
        urban=urban,
        local=of(LOCAL, widest=100_000.0, persistence=0.8),
        wet=of(WET, persistence=0.62),
        dust=of(DUST),
        growth=0.30 + 0.12 * of(GROWTH, widest=800_000.0),
    )


def _cities(country: Country, y: Floats, x: Floats) -> Floats:
    """What the capitals add: much in their middle, less the farther away; no two are as large."""
    total = np.zeros((len(y), len(x)))
    for number, (site_y, site_x) in enumerate(country.capitals):
        distance = np.hypot(y[:, None] - site_y, x[None, :] - site_x)
        size = 1.0 + 1.4 * ((number * 7 + country.seed) % 11) / 10
        total += size * np.exp(-distance / (28_000.0 * size))
    return total


def _of_year(land: _Land, rain: Floats, decades: float) -> dict[str, Floats]:
    """Indicators of one year, `decades` after the first."""
    urban = land.urban + land.growth * decades
    tail = np.maximum(urban, 0.0)
    return {
        "night_lights": np.maximum(np.exp(0.6 + 1.05 * urban + 0.10 * land.local) - 0.6, 0.0),
        "population": np.exp(4.3 + 0.95 * urban + 0.22 * land.local),
        "roads": 0.45 * np.exp(0.50 * urban + 0.12 * land.local),
        "built_up": 100 / (1 + np.exp(3.2 - 1.15 * urban - 0.15 * land.local)),
        "ndvi": np.clip(
            0.55 + 0.15 * land.wet - 0.05 * land.relief - 0.06 * tail + 0.02 * rain + 0.03 * decades, 0.02, 0.95
        ),
        "soil_moisture": np.clip(0.24 + 0.055 * land.wet + 0.015 * rain - 0.008 * tail, 0.02, 0.5),
        "pm25": np.exp(3.35 + 0.16 * urban + 0.25 * land.dust - 0.05 * rain - 0.45 * decades),
        "erosion": np.exp(1.3 + 0.60 * land.relief - 0.25 * land.wet + 0.10 * land.local + 0.08 * rain - 0.2 * decades),
    }
