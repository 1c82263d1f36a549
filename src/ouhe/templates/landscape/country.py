"""A country that does not exist: its land, sea and lakes, its provinces and their capitals, at any cell size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ouhe.templates.landscape.noise import octaves, surface

__all__ = ["HEIGHT", "NAMES", "WIDTH", "Country"]

Floats = NDArray[np.float64]

#: Width and height of the rectangle around the country, in metres.
WIDTH, HEIGHT = 4_800_000.0, 3_600_000.0

#: Equal areas around a point in the empty South Pacific, so that nobody takes it for a real place, and its name.
PROJECTION = "+proj=laea +lat_0=-42 +lon_0=-130 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs +type=crs"
CRS_NAME = "Synthetic national grid (Lambert azimuthal equal area)"

#: Side in metres of the cells on which the land is looked at before the grid is known.
LOOK = 25_000.0

#: Names of the provinces in both languages: letters, as no real one has.
NAMES = {
    "zh": tuple(f"{c}省" for c in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"),
    "en": (
        *("Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Eta", "Theta", "Iota", "Kappa", "Lambda"),
        *("Mu", "Nu", "Xi", "Omicron", "Pi", "Rho", "Sigma", "Tau", "Upsilon", "Phi", "Chi"),
    ),
}

#: Least distance between capitals in metres, and how much of it is kept each time a place is refused.
APART, KEPT = 400_000.0, 0.998

#: Numbers of the surfaces.
SHAPE, LAKES, BENT_Y, BENT_X = range(4)

#: Height of the shape in the middle of the rectangle, how much chance adds, and how rare lakes are.
MIDDLE, RAGGED, RARE = 0.8, 0.17, 2.2

#: How much faster land ends near the edge of the rectangle, so that none is cut off there.
STEEP = 2.0

#: How far borders of provinces wander, in metres.
WANDER = 110_000.0


@dataclass(frozen=True)
class Country:
    """The country of a seed, on cells of some size.

    Parameters
    ----------
    seed
        Another seed is another country.
    cell
        Side of a cell in metres.

    Examples
    --------
    >>> land = Country(seed=1, cell=100_000.0)
    >>> land.shape, bool(0.4 < land.inside(slice(None), slice(None)).mean() < 0.7)
    ((36, 48), True)
    """

    seed: int
    cell: float

    @classmethod
    def of(cls, *, seed: int, cells: float) -> Country:
        """The country of a seed, with about so many cells of land."""
        coarse = cls(seed, LOOK)
        land = coarse.inside(slice(None), slice(None)).sum() * LOOK**2
        return cls(seed, float(f"{np.sqrt(land / cells):.3g}"))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the grid."""
        return int(np.ceil(HEIGHT / self.cell)), int(np.ceil(WIDTH / self.cell))

    @cached_property
    def y(self) -> Floats:
        """Northings of the rows, from the top."""
        return np.asarray(HEIGHT / 2 - (np.arange(self.shape[0]) + 0.5) * self.cell, dtype=np.float64)

    @cached_property
    def x(self) -> Floats:
        """Eastings of the columns."""
        return np.asarray((np.arange(self.shape[1]) + 0.5) * self.cell - WIDTH / 2, dtype=np.float64)

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """Affine transform of the grid as rasters have it: cell width, 0, left edge, 0, minus cell height, top edge."""
        return self.cell, 0.0, -WIDTH / 2, 0.0, -self.cell, HEIGHT / 2

    @property
    def crs(self) -> str:
        """Reference system of the grid as WKT."""
        import pyproj

        described = pyproj.CRS.from_user_input(PROJECTION).to_json_dict()
        wkt: str = pyproj.CRS.from_json_dict(described | {"name": CRS_NAME}).to_wkt()
        return wkt

    def inside(self, rows: slice, columns: slice) -> NDArray[np.bool_]:
        """Where a window is land and no lake."""
        return _land(self.y[rows], self.x[columns], self.seed, self.cell)

    def province(self, rows: slice, columns: slice) -> NDArray[np.int16]:
        """Number of the province of every cell of a window, from 1; 0 outside."""
        y, x = self.y[rows], self.x[columns]
        widths = octaves(400_000.0, 2 * self.cell)
        at_y = y[:, None] + WANDER * surface(y, x, widths=widths, seed=self.seed, layer=BENT_Y)
        at_x = x[None, :] + WANDER * surface(y, x, widths=widths, seed=self.seed, layer=BENT_X)
        nearest = np.full(at_y.shape, np.inf)
        found = np.zeros(at_y.shape, dtype=np.int16)
        for number, (site_y, site_x) in enumerate(self.capitals, start=1):
            distance = (at_y - site_y) ** 2 + (at_x - site_x) ** 2
            closer = distance < nearest
            nearest[closer], found[closer] = distance[closer], number
        found[~self.inside(rows, columns)] = 0
        return found

    @cached_property
    def capitals(self) -> Floats:
        """Northing and easting of the capital of every province, on land, apart from one another, from the north."""
        rng = np.random.default_rng([self.seed, len(NAMES["zh"])])
        chosen: list[Floats] = []
        apart = APART
        while len(chosen) < len(NAMES["zh"]):
            place = rng.uniform((-HEIGHT / 2, -WIDTH / 2), (HEIGHT / 2, WIDTH / 2))
            # the same whatever the cells: the land is looked at on cells of its own
            on_land = _land(place[:1], place[1:], self.seed, LOOK).item()
            if on_land and all(np.hypot(*(place - other)) >= apart for other in chosen):
                chosen.append(place)
            else:
                apart *= KEPT
        return np.array(sorted(chosen, key=lambda p: -p[0]))


def _land(y: Floats, x: Floats, seed: int, cell: float) -> NDArray[np.bool_]:
    """Where land is: a rounded shape with a ragged coast, without lakes; never at the edge of the rectangle."""
    from_middle = (np.abs(y[:, None] / (HEIGHT / 2)) ** 2.6 + np.abs(x[None, :] / (WIDTH / 2)) ** 2.6) ** (1 / 2.6)
    shape = surface(y, x, widths=octaves(900_000.0, 2 * cell), seed=seed, layer=SHAPE, persistence=0.6)
    lakes = surface(y, x, widths=octaves(200_000.0, 2 * cell), seed=seed, layer=LAKES)
    high = MIDDLE - from_middle - STEEP * np.maximum(from_middle - MIDDLE, 0) + RAGGED * shape > 0
    return np.asarray(high & (from_middle < 1) & (lakes < RARE))
