"""Layers: what a file holds of one indicator in one year, and how its numbers are decoded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ouhe.errors import Place, Problem
from ouhe.read.grid.entry import GridSource
from ouhe.read.grid.frame import Frame

__all__ = ["Decoding", "Layer", "LayerSource", "Survey", "Target", "float_type"]

#: Position of a layer in its source, then of the indicator and the year in what is filled.
Target = tuple[int, int, int]


class LayerSource(Protocol):
    """Layers of one file ``(layer, y, x)``, read a window at a time; small, and opened where it is read."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of layers, rows and columns."""
        ...

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the decoded values."""
        ...

    @property
    def preferred_chunks(self) -> dict[str, int]:
        """Rows, columns and years that are stored together."""
        ...

    def fill(self, out: NDArray[Any], targets: Sequence[Target], y: slice, x: slice) -> None:
        """Read a window of some layers into ``out[indicator, year]``, no data as NaN."""
        ...

    def name(self, layer: int) -> str:
        """What messages call a layer."""
        ...


@dataclass(frozen=True, slots=True)
class Layer:
    """Values of one indicator in one year.

    Parameters
    ----------
    source
        Where they are read.
    position
        Which layer of the source they are.
    indicator, year
        What they are.
    place
        Their file.
    nodata
        The file declares which values mean no data.
    """

    source: LayerSource
    position: int
    indicator: str
    year: int
    place: Place
    nodata: bool


@dataclass(frozen=True)
class Survey:
    """What a file or store holds, from its metadata alone.

    Parameters
    ----------
    layers
        Layers that the study asks for.
    frame
        Georeference; None where the file could not be understood.
    offered
        Every name under which the file offers values.
    slack
        Distance that the type of the coordinates cannot tell.
    source
        The file, for the record.
    problems, told
        What is wrong, and what the user should know.
    """

    layers: tuple[Layer, ...] = ()
    frame: Frame | None = None
    offered: tuple[str, ...] = ()
    slack: float = 0.0
    source: GridSource | None = None
    problems: tuple[Problem, ...] = ()
    told: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Decoding:
    """How stored numbers become values: no data, scale and offset, in the words of the CF conventions.

    Parameters
    ----------
    missing
        Stored numbers that mean no data.
    scale, offset
        Value = stored number × scale + offset.
    unsigned
        Signed whole numbers stand for unsigned ones.

    Examples
    --------
    >>> out = np.empty(3, dtype=np.float32)
    >>> Decoding(missing=(-32768.0,), scale=0.5)(np.array([4, -32768, 1], dtype=np.int16), out)
    >>> out.tolist()
    [2.0, nan, 0.5]
    """

    missing: tuple[float, ...] = ()
    scale: float = 1.0
    offset: float = 0.0
    unsigned: bool = False

    def __call__(self, stored: NDArray[Any], out: NDArray[Any]) -> None:
        """Decode `stored` into `out`, which may be the same array."""
        if self.unsigned:
            stored = stored.view(np.dtype(f"u{stored.dtype.itemsize}"))
        lacking = [stored == number for number in self._numbers(stored.dtype)]
        if self.scale != 1.0 or self.offset != 0.0:
            np.copyto(out, stored * np.float64(self.scale) + np.float64(self.offset), casting="same_kind")
        elif stored is not out:
            np.copyto(out, stored, casting="unsafe")
        for where in lacking:
            np.copyto(out, np.nan, where=where)

    def _numbers(self, kind: np.dtype[Any]) -> Iterator[Any]:
        """Numbers for no data that `kind` can hold and that are no NaN, which needs no decoding."""
        for number in self.missing:
            if np.isnan(number):
                continue
            if np.issubdtype(kind, np.floating):
                with np.errstate(over="ignore"):
                    yield kind.type(number)
            elif self.unsigned and number < 0:
                yield kind.type(int(number) + (1 << 8 * kind.itemsize))
            elif float(number).is_integer() and np.iinfo(kind).min <= number <= np.iinfo(kind).max:
                yield kind.type(int(number))

    @property
    def plain(self) -> bool:
        """Whether stored numbers are the values."""
        return self == Decoding() or (
            all(map(np.isnan, self.missing)) and (self.scale, self.offset, self.unsigned) == (1.0, 0.0, False)
        )


def float_type(stored: np.dtype[Any]) -> np.dtype[Any] | None:
    """Floating type that holds the values of a stored type; None where it holds no numbers.

    Whole numbers of up to 16 bits and half precision fit single precision, longer ones take double precision.

    Examples
    --------
    >>> [str(float_type(np.dtype(kind))) for kind in ("u1", "i2", "i4", "f4", "f8", "U3", "?")]
    ['float32', 'float32', 'float64', 'float32', 'float64', 'None', 'None']
    """
    if stored.kind not in "iuf" or stored.itemsize > 8:
        return None
    small = stored.itemsize <= (2 if stored.kind in "iu" else 4)
    return np.dtype(np.float32 if small else np.float64)
