"""GeoTIFF files: a band a layer, named by its description, by the file or by the study."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ouhe.errors import DataError, OuheError, Place, Problem, listed
from ouhe.read.grid import frame as frames
from ouhe.read.grid.entry import GridSource
from ouhe.read.grid.frame import Frame
from ouhe.read.grid.layers import Decoding, Layer, Survey, Target, float_type
from ouhe.read.grid.naming import Asked, named, of_file, parted
from ouhe.read.grid.variable import reading

__all__ = ["Bands", "opened", "survey_geotiff"]

#: Megabytes that the library may keep of what it has read: chunks are read once, so that more is of no use.
_CACHE = 32


@contextmanager
def opened(path: str | Path) -> Iterator[Any]:
    """Open a GeoTIFF file and nothing else: other formats may be lists of files and addresses to read."""
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with (
            rasterio.Env(GDAL_CACHEMAX=_CACHE, GDAL_NUM_THREADS="1"),
            rasterio.open(Path(path), driver="GTiff") as file,
        ):
            yield file


@dataclass(frozen=True)
class Bands:
    """Bands of a GeoTIFF file.

    Parameters
    ----------
    path, file
        Where it lies, and its name in messages.
    size
        Number of rows and columns.
    blocks
        Rows and columns that are stored together.
    bands
        Number of each band, from 1.
    labels
        What messages call each of them.
    kinds
        Type of the numbers stored in each.
    decodings
        How each is decoded.
    masked
        The file holds a mask of its own.
    """

    path: str
    file: str
    size: tuple[int, int]
    blocks: tuple[int, int]
    bands: tuple[int, ...]
    labels: tuple[str, ...]
    kinds: tuple[str, ...]
    decodings: tuple[Decoding, ...]
    masked: bool = False
    state: tuple[int, int] = (0, 0)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of bands, rows and columns."""
        return len(self.bands), *self.size

    @property
    def ndim(self) -> int:
        """Three."""
        return 3

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the decoded values of all bands."""
        return np.result_type(*(float_type(np.dtype(k)) or np.float64 for k in self.kinds))

    @property
    def preferred_chunks(self) -> dict[str, int]:
        """Rows and columns that are stored together."""
        return {"y": self.blocks[0], "x": self.blocks[1]}

    def name(self, layer: int) -> str:
        """What messages call a band."""
        return self.labels[layer]

    def __getitem__(self, key: tuple[slice, slice, slice]) -> NDArray[Any]:
        layers = range(*key[0].indices(self.shape[0]))
        y, x = (slice(*k.indices(n)) for k, n in zip(key[1:], self.shape[1:], strict=True))
        out = np.empty((1, len(layers), y.stop - y.start, x.stop - x.start), self.dtype)
        self.fill(out, [(layer, 0, t) for t, layer in enumerate(layers)], y, x)
        filled: NDArray[Any] = out[0]
        return filled

    def fill(self, out: NDArray[Any], targets: Sequence[Target], y: slice, x: slice) -> None:
        """Read a window of some bands into ``out[indicator, year]``."""
        window = ((y.start, y.stop), (x.start, x.stop))
        with reading(self.file, self.name(targets[0][0])), opened(self.path) as file:
            # what is stored together is read together, or it would be unpacked once a band
            stored = file.read([self.bands[layer] for layer, _, _ in targets], window=window)
            for band, (layer, i, t) in zip(stored, targets, strict=True):
                self.decodings[layer](band.astype(self.kinds[layer], copy=False), out[i, t])
                if self.masked:
                    outside = file.read_masks(self.bands[layer], window=window) == 0
                    np.copyto(out[i, t], np.nan, where=outside)


def survey_geotiff(path: Path, file: str, wanted: Asked, source: GridSource) -> Survey:
    """Survey a GeoTIFF file.

    Bands are told apart by their descriptions, which name an indicator, a year, or both; what they do not say, the
    file's name says, then its folder's, then the study (``series``, ``fixed_year``).
    """
    place = Place(file)
    try:
        with opened(path) as dataset:
            return _survey(dataset, path, file, wanted, source)
    except ImportError as error:
        raise OuheError.of("gridded.no_extra", place, package=error.name or str(error)) from error
    except OuheError:
        raise
    except Exception as error:
        detail = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise DataError.of("gridded.cannot_open", place, detail=detail) from error


def _survey(dataset: Any, path: Path, file: str, wanted: Asked, source: GridSource) -> Survey:
    from rasterio.enums import MaskFlags

    place = Place(file)
    frame, problems = _frame(dataset, place)
    said = [d or "" for d in dataset.descriptions]
    meant, more = _meant(said, file, wanted, place)
    problems += more
    for number, (said_type, found) in enumerate(zip(dataset.dtypes, meant, strict=True)):
        if found is not None and float_type(np.dtype(said_type)) is None:
            problems.append(Problem("gridded.not_numbers", place, {"layer": _label(said, number), "type": said_type}))
            meant[number] = None
    kept = [n for n, found in enumerate(meant) if found is not None]
    bands = Bands(
        path=str(path.resolve()),
        file=file,
        size=dataset.shape,
        blocks=dataset.block_shapes[0],
        bands=tuple(n + 1 for n in kept),
        labels=tuple(_label(said, n) for n in kept),
        kinds=tuple(dataset.dtypes[n] for n in kept),
        decodings=tuple(_decoding(dataset, n, wanted) for n in kept),
        masked=any(MaskFlags.per_dataset in flags for flags in dataset.mask_flag_enums),
        state=(source.size, source.modified),
    )
    layers = tuple(
        Layer(bands, position, found[0], found[1], place, bool(bands.decodings[position].missing) or bands.masked)
        for position, n in enumerate(kept)
        if (found := meant[n]) is not None
    )
    unused = tuple(_label(said, n) for n in range(len(said)) if n not in kept)
    offered = tuple(dict.fromkeys([*(parted(s)[0] or s for s in said if s), of_file(file)[0] or file]))
    source = replace(source, used=bands.labels, unused=unused)
    return Survey(layers, frame, offered, 0.0, source, tuple(problems))


def _label(said: Sequence[str], number: int) -> str:
    return said[number] or f"band {number + 1}"


def _decoding(dataset: Any, number: int, wanted: Asked) -> Decoding:
    nodata = dataset.nodatavals[number]
    missing = wanted.missing if nodata is None else (float(nodata), *wanted.missing)
    return Decoding(missing, float(dataset.scales[number]), float(dataset.offsets[number]))


def _frame(dataset: Any, place: Place) -> tuple[Frame | None, list[Problem]]:
    """Georeference of a file."""
    rows, columns = dataset.shape
    frames.refuse_size(rows, columns, place)
    crs = "" if dataset.crs is None else str(dataset.crs.to_wkt())
    affine = dataset.transform
    if affine.is_identity:
        return frames.from_transform(None, rows=rows, columns=columns, crs=crs), []
    if abs(affine.b) > 1e-9 * abs(affine.a) or abs(affine.d) > 1e-9 * abs(affine.e):
        return None, [Problem("gridded.rotated", place)]
    transform = (affine.a, 0.0, affine.c, 0.0, affine.e, affine.f)
    return frames.from_transform(transform, rows=rows, columns=columns, crs=crs), []


Meaning = tuple[str, int] | None


def _meant(said: Sequence[str], file: str, wanted: Asked, place: Place) -> tuple[list[Meaning], list[Problem]]:
    """Indicator and year of every band; None for those that the study does not ask for."""
    title, file_year = of_file(file)
    labels = [parted(s) for s in said]
    found = named(
        [(label, s) if label else (s or "",) for (label, _), s in zip(labels, said, strict=True)], wanted, place
    )
    problems = list(found.problems)
    by_file = named([(title,)], wanted, place).ids[0] if title else None
    series = wanted.entry.series or by_file
    out: list[Meaning] = []
    for (label, year), own in zip(labels, found.ids, strict=True):
        # a description that is no indicator and no year leaves the band to the file's name only where it is alone
        indicator = own or (series if not label or len(said) == 1 else None)
        out.append(_dated(indicator, year or wanted.entry.fixed_year or file_year, wanted, place, problems))
    if not any(found.ids) and len(said) > 1 and series is not None and len({y for _, y in labels}) < len(said):
        params = {"count": len(said), "names": listed(filter(None, said)) or "-"}
        problems = [Problem("gridded.bands_without_names", place, params)]
        return [None] * len(said), problems
    return out, problems


def _dated(indicator: str | None, year: int | None, wanted: Asked, place: Place, problems: list[Problem]) -> Meaning:
    if indicator is None:
        return None
    if wanted.years is None:
        return indicator, 0
    if year is None:
        problem = Problem("gridded.no_year", place, {"layer": indicator})
        if problem not in problems:
            problems.append(problem)
        return None
    return (indicator, year) if wanted.wants(year) else None
