"""Regions as points on the Earth: their coordinates checked, distances between them, and who may be near whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ouhe.errors import DataError, Problem, check_choice, listed

__all__ = ["EARTH_RADIUS_KM", "Metric", "Points"]

#: Along which surface distances are measured: the ellipsoid WGS84, or a sphere of the Earth's mean radius.
Metric = Literal["ellipsoidal", "great-circle"]

#: Mean radius of the Earth R1 = (2a + b)/3 (Moritz 2000, Geodetic Reference System 1980, Journal of Geodesy 74).
EARTH_RADIUS_KM = 6371.0088

_SURFACES: dict[str, dict[str, Any]] = {
    "ellipsoidal": {"ellps": "WGS84"},
    "great-circle": {"a": EARTH_RADIUS_KM * 1000.0, "b": EARTH_RADIUS_KM * 1000.0},
}
_LIMITS = {"longitude": 180.0, "latitude": 90.0}


@dataclass(frozen=True, eq=False)
class Points:
    """Regions as points.

    Parameters
    ----------
    regions
        Their ids.
    longitude, latitude
        Degrees, on WGS84.
    metric
        How distances are measured.
    """

    regions: tuple[str, ...]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    metric: Metric

    @classmethod
    def of(cls, table: pd.DataFrame, metric: Metric) -> Points:
        """Points from a table with the columns ``longitude`` and ``latitude``, index = region.

        Raises
        ------
        OptionError
            There is no such metric.
        DataError
            A column or a coordinate is missing, off the globe or no number, or a region stands twice; all are named.

        Examples
        --------
        >>> table = pd.DataFrame({"longitude": [0.0, 1.0], "latitude": [0.0, 0.0]}, index=["a", "b"])
        >>> Points.of(table, "ellipsoidal").distances(np.array([0]), np.array([1])).round(6)  # 2π 6378.137 / 360
        array([111.319491])
        """
        check_choice("metric", metric, Metric)
        absent = [c for c in _LIMITS if c not in table.columns]
        if absent:
            columns = listed(table.columns) or "-"
            raise DataError(
                *(Problem("neighbours.no_column", params={"column": c, "columns": columns}) for c in absent)
            )
        regions = pd.Index(map(str, table.index))
        degrees = {c: pd.to_numeric(table[c], errors="coerce").to_numpy(np.float64) for c in _LIMITS}
        problems = list(_problems(regions, degrees))
        if problems:
            raise DataError(*problems)
        return cls(tuple(regions), degrees["longitude"], degrees["latitude"], metric)

    def __len__(self) -> int:
        return len(self.regions)

    @cached_property
    def _geod(self) -> Any:
        from pyproj import Geod

        return Geod(**_SURFACES[self.metric])

    def distances(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.float64]:
        """Length of the shortest way from point to point, in km.

        Parameters
        ----------
        first, second
            Positions of the points, arrays of the same shape.

        References
        ----------
        Karney C. F. F., "Algorithms for geodesics", Journal of Geodesy 87 (2013), as pyproj has them.
        """
        ends = (self.longitude[first], self.latitude[first], self.longitude[second], self.latitude[second])
        _, _, metres = self._geod.inv(*(e.ravel() for e in ends), return_back_azimuth=False)
        lengths: NDArray[np.float64] = np.asarray(metres, dtype=np.float64).reshape(first.shape) / 1000.0
        return lengths

    @cached_property
    def directions(self) -> NDArray[np.float64]:
        """Unit vectors ``(n, 3)`` from the centre of the Earth to the points."""
        along, up = np.radians(self.longitude), np.radians(self.latitude)
        flat = (self._geod.b / self._geod.a) ** 2
        vectors = np.column_stack([np.cos(up) * np.cos(along), np.cos(up) * np.sin(along), flat * np.sin(up)])
        units: NDArray[np.float64] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return units

    @cached_property
    def tree(self) -> Any:
        """Search tree of :attr:`directions`; the straight distance c of two of them is an angle of 2 asin(c/2)."""
        from scipy.spatial import cKDTree

        return cKDTree(self.directions)

    @property
    def slack(self) -> float:
        r"""How much the angles at the centre of two equally long ways may differ, as a ratio.

        A way of length d that is seen under the angle θ has bθ ≤ d, as the ellipsoid holds a sphere of radius b, and
        d ≤ 1.00001 aθ, as the ellipse through the centre is such a way.
        """
        return 1.00002 * float(self._geod.a / self._geod.b)

    def chord(self, km: float) -> float:
        """Straight distance of directions that points at most `km` apart never exceed."""
        angle = km * 1000.0 / float(self._geod.b) * (1.0 + 1e-9) + 1e-12
        return 2.0 * float(np.sin(min(angle, np.pi) / 2.0)) + 1e-12


def _problems(regions: pd.Index, degrees: dict[str, NDArray[np.float64]]) -> Iterator[Problem]:
    twice = regions[regions.duplicated()].unique()
    if len(twice):
        yield Problem("neighbours.region_twice", params={"regions": listed(twice)})
    missing = np.isnan(degrees["longitude"]) | np.isnan(degrees["latitude"])
    if missing.any():
        found = regions[missing]
        yield Problem("neighbours.no_coordinates", params={"count": len(found), "regions": listed(found)})
    off = ~missing & np.any([np.abs(degrees[c]) > most for c, most in _LIMITS.items()], axis=0)
    if off.any():
        said = (
            f"{r} ({degrees['longitude'][i]:g}, {degrees['latitude'][i]:g})" for i, r in enumerate(regions) if off[i]
        )
        yield Problem("neighbours.off_the_globe", params={"count": int(off.sum()), "regions": listed(said)})
