"""How long a raster's cells are on the ground, where its projection lets that be said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Ground", "ground", "round_length"]

#: By how much lengths on a map may differ from those on the ground, anywhere in it, for a scale to be drawn.
FALSE = 0.05


@dataclass(frozen=True)
class Ground:
    """A raster on the ground.

    Parameters
    ----------
    stretch
        Height over width of a cell as it is drawn.
    width
        Width of the whole in metres; NaN where the projection distorts lengths by more than 5 %, has none, or is in
        degrees.
    """

    stretch: float
    width: float


def ground(crs: str, transform: tuple[float, ...] | None, *, rows: int, columns: int) -> Ground:
    """How a raster lies on the ground.

    Parameters
    ----------
    crs
        Its reference system as WKT, "" where it has none.
    transform
        Affine transform: cell width, 0, left edge, 0, cell height, top edge; None where it has none.
    rows, columns
        Its size in cells.

    Examples
    --------
    >>> ground("EPSG:3035", (1000.0, 0, 4_000_000.0, 0, -1000.0, 3_000_000.0), rows=50, columns=100).width
    100000.0
    >>> mercator = ground("EPSG:3857", (1000.0, 0, 0.0, 0, -1000.0, 7_000_000.0), rows=50, columns=100)
    >>> mercator.stretch, bool(np.isnan(mercator.width))
    (1.0, True)
    """
    if transform is None:
        return Ground(1.0, np.nan)
    across, down = abs(transform[0]), abs(transform[4])
    if not crs:
        return Ground(down / across, np.nan)
    import pyproj

    system = pyproj.CRS.from_user_input(crs)
    x = transform[2] + transform[0] * np.array([0.0, columns / 2, columns])
    y = transform[5] + transform[4] * np.array([0.0, rows / 2, rows])
    if system.is_geographic:
        return Ground(down / across / float(np.cos(np.radians(np.clip(y[1], -85, 85)))), np.nan)
    true = system.is_projected and _true(system, *np.meshgrid(x, y))
    metres = system.axis_info[0].unit_conversion_factor if true else np.nan
    return Ground(down / across, across * columns * metres)


def _true(system: object, x: object, y: object) -> bool:
    """Whether lengths are right at some points in both directions."""
    import pyproj

    projection = pyproj.Proj(system)
    factors = projection.get_factors(*projection(x, y, inverse=True))
    # the axes of Tissot's ellipse are the largest and the least scale in any direction
    ends = np.array([factors.tissot_semimajor, factors.tissot_semiminor])
    return bool(np.isfinite(ends).all() and (np.abs(ends - 1) <= FALSE).all())


def round_length(most: float) -> float:
    """The longest length of 1, 2 or 5 times a power of ten that is no longer than `most`.

    Examples
    --------
    >>> round_length(734.0), round_length(23.0), round_length(0.19)
    (500.0, 20.0, 0.1)
    """
    power = 10.0 ** np.floor(np.log10(most))
    return float(max(step * power for step in (1, 2, 5) if step * power <= most * (1 + 1e-12)))
