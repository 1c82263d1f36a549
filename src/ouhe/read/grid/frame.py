"""Where the cells of a raster lie: cell centres, affine transform, coordinate reference system."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ouhe.errors import DataError, Place, Problem

__all__ = ["Frame", "differences", "even", "from_centres", "from_transform", "refuse_size", "same_crs", "slack"]

#: Part of a cell by which the cells of two layers may lie apart.
TOLERANCE = 1e-3

#: Most rows or columns, and most cells, of each of which the mask takes a byte.
_LONGEST, _MOST_CELLS = 1 << 24, 1 << 34

Affine = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, eq=False)
class Frame:
    """Georeference of a raster.

    Parameters
    ----------
    crs
        Coordinate reference system as WKT, "" where none is stated.
    transform
        Six numbers `a, b, c, d, e, f`: the corner of the cell at row `r` and column `k` lies at
        ``(a·k + b·r + c, d·k + e·r + f)``. None where the raster has no georeference.
    y, x
        Cell centres in the order of the rows and columns, rising or falling.

    Examples
    --------
    >>> frame = from_transform((1000.0, 0.0, 0.0, 0.0, -1000.0, 5000.0), rows=2, columns=3)
    >>> frame.y.tolist(), frame.x.tolist()
    ([4500.0, 3500.0], [500.0, 1500.0, 2500.0])
    """

    crs: str
    transform: Affine | None
    y: NDArray[np.float64] = field(repr=False)
    x: NDArray[np.float64] = field(repr=False)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and columns."""
        return len(self.y), len(self.x)

    @cached_property
    def projected(self) -> bool | None:
        """Whether coordinates are lengths on a plane; None where no reference system is stated."""
        return _parsed(self.crs).is_projected if self.crs else None

    @property
    def called(self) -> str:
        """Name of the reference system, "" where none is stated."""
        return str(_parsed(self.crs).name) if self.crs else ""

    def record(self) -> dict[str, Any]:
        """Plain data that :meth:`from_record` brings back."""
        kept: dict[str, Any] = {
            "crs": self.crs,
            "transform": None if self.transform is None else list(self.transform),
            "rows": len(self.y),
            "columns": len(self.x),
        }
        like = from_transform(self.transform, rows=len(self.y), columns=len(self.x))
        # centres that the file states may differ from those that the transform gives by a rounding
        same = np.array_equal(like.y, self.y) and np.array_equal(like.x, self.x)
        return kept if same else kept | {"y": self.y.tolist(), "x": self.x.tolist()}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Frame from what :meth:`record` gave."""
        said = record["transform"]
        transform = None if said is None else tuple(said)
        like = from_transform(transform, rows=record["rows"], columns=record["columns"])
        y, x = (np.array(record[d], dtype=float) if d in record else v for d, v in (("y", like.y), ("x", like.x)))
        return cls(record["crs"], transform, y, x)


def from_transform(transform: Affine | None, *, rows: int, columns: int, crs: str = "") -> Frame:
    """Frame of a raster without rotation; without a transform its cells are numbered from 0."""
    a, _, c, _, e, f = transform or (1.0, 0.0, -0.5, 0.0, 1.0, -0.5)
    y = f + e * (np.arange(rows) + 0.5)
    x = c + a * (np.arange(columns) + 0.5)
    return Frame(crs, transform, np.asarray(y, np.float64), np.asarray(x, np.float64))


def refuse_size(rows: int, columns: int, place: Place) -> None:
    """Refuse a raster that claims more cells than a mask of them fits into memory."""
    if max(rows, columns) > _LONGEST or rows * columns > _MOST_CELLS:
        raise DataError.of(
            "gridded.too_large", place, rows=f"{rows:,}", columns=f"{columns:,}", most=f"{_MOST_CELLS:,}"
        )


def even(values: NDArray[Any]) -> bool:
    """Whether coordinates rise or fall in equal steps, as far as their type can tell.

    Examples
    --------
    >>> even(np.array([3.0, 2.0, 1.0])), even(np.array([1.0, 2.0, 4.0])), even(np.array([1.0, 1.0]))
    (True, False, False)
    """
    at = values.astype(np.float64)
    if len(at) < 2:
        return bool(np.isfinite(at).all())
    step = (at[-1] - at[0]) / (len(at) - 1)
    line = at[0] + step * np.arange(len(at))
    return bool(step != 0 and np.all(np.abs(at - line) <= slack(values, step)))


def slack(values: NDArray[Any], step: float = 0.0) -> float:
    """How far a coordinate may lie from where it should be; single precision places a cell no better than it can."""
    kind = values.dtype if np.issubdtype(values.dtype, np.floating) else np.dtype(np.float64)
    largest = float(np.max(np.abs(values.astype(np.float64)), initial=0.0))
    return max(TOLERANCE * abs(step), 2 * float(np.finfo(kind).eps) * largest)


def from_centres(y: NDArray[Any], x: NDArray[Any], crs: str = "") -> Frame:
    """Frame of evenly spaced cell centres; a raster of a single row or column takes the other's step."""
    dy, dx = (_step(v) for v in (y, x))
    dy, dx = dy or -abs(dx or 1.0), dx or abs(dy or 1.0)
    transform = (dx, 0.0, float(x[0]) - dx / 2, 0.0, dy, float(y[0]) - dy / 2)
    return Frame(crs, transform, np.asarray(y, np.float64), np.asarray(x, np.float64))


def _step(values: NDArray[Any]) -> float:
    return float((values[-1].astype(float) - values[0].astype(float)) / (len(values) - 1)) if len(values) > 1 else 0.0


def differences(first: Frame, other: Frame, place: Place, *, of: str, slack: float = 0.0) -> Iterator[Problem]:
    """What keeps the cells of two rasters from being the same.

    Parameters
    ----------
    first
        The raster that the others must fit.
    other
        A raster.
    place
        Its file.
    of
        The file of `first`.
    slack
        Distance that the type of the coordinates of `other` cannot tell.
    """
    if first.shape != other.shape:
        sizes = {"rows": other.shape[0], "columns": other.shape[1]}
        yield Problem("gridded.other_size", place, {**sizes, "y": first.shape[0], "x": first.shape[1], "other": of})
    elif (first.transform is None) != (other.transform is None):
        yield Problem("gridded.georeference_lacks", place if other.transform is None else Place(of), {"other": of})
    elif first.transform is not None and other.transform is not None:
        yield from _moved(first, other, place, of, slack)
    if first.crs and other.crs and not same_crs(first.crs, other.crs):
        said = {"crs": _parsed(other.crs).name, "expected": _parsed(first.crs).name, "other": of}
        yield Problem("gridded.other_crs", place, said)


def _moved(first: Frame, other: Frame, place: Place, of: str, slack: float) -> Iterator[Problem]:
    """The axis along which two rasters lie apart or run in opposite directions."""
    for axis, mine, theirs in (("y", first.y, other.y), ("x", first.x, other.x)):
        step = abs(_step(mine)) or abs((first.transform or (0.0,) * 6)[0 if axis == "x" else 4])
        apart = float(np.max(np.abs(mine - theirs)))
        if apart <= max(TOLERANCE * step, slack):
            continue
        if len(mine) > 1 and np.max(np.abs(mine - theirs[::-1])) <= max(TOLERANCE * step, slack):
            yield Problem("gridded.other_direction", place, {"axis": axis, "other": of})
        else:
            bounds = {"first": f"{theirs[0]:g}", "last": f"{theirs[-1]:g}"}
            expected = {"expected_first": f"{mine[0]:g}", "expected_last": f"{mine[-1]:g}"}
            cells = {"axis": axis, "apart": f"{apart / step:.3g}" if step else "-", "other": of}
            yield Problem("gridded.other_cells", place, {**bounds, **expected, **cells})


def same_crs(first: str, other: str) -> bool:
    """Whether two reference systems place points alike, whatever they are called and however they are written."""
    if first == other:
        return True
    return bool(_parsed(first).equals(_parsed(other), ignore_axis_order=True))


def _parsed(crs: str) -> Any:
    from pyproj import CRS

    return CRS.from_user_input(crs)
