"""Small rasters and tables that are stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import pytest
import xarray as xr

from ouhe.output.grids import Stored, store_chunks

YEARS = (2010, 2015, 2020)

CLASSES = ["barely balanced", "中级协调", "high"]


@dataclass(frozen=True)
class Frame:
    """Where a raster lies."""

    crs: str = ""
    transform: tuple[float, ...] | None = None


def _frame(*, rows: int = 40, upwards: bool = False) -> Frame:
    """Kilometres of a zone of UTM; the first row is the southernmost where rows go upwards."""
    top = 4e6
    e, f = (1000.0, top - 1000.0 * rows) if upwards else (-1000.0, top)
    return Frame(pyproj.CRS.from_epsg(32650).to_wkt(), (1000.0, 0.0, 5e5, 0.0, e, f))


def _raster(rows: int = 40, columns: int = 50, *, upwards: bool = False) -> xr.Dataset:
    """D and class of a country with sea around it, in memory."""
    rng = np.random.default_rng(5)
    inside = np.hypot(*np.meshgrid(np.linspace(-1, 1, columns), np.linspace(-1, 1, rows))) < 0.9
    D = np.where(inside, rng.random((len(YEARS), rows, columns)), np.nan).astype(np.float32)
    level = np.where(inside, np.nan_to_num(D) * 3, -1).astype(np.int16)
    north = 4e6 - 500 - 1000.0 * np.arange(rows)
    coords = {
        "year": list(YEARS),
        "y": north[::-1] if upwards else north,
        "x": 5e5 + 500 + 1000.0 * np.arange(columns),
        "inside": (("y", "x"), inside),
    }
    told = {"long_name": "class", "flag_values": [0, 1, 2], "flag_meanings": CLASSES}
    dims = ("year", "y", "x")
    variables = {"D": (dims, D, {"long_name": "coupling coordination degree"}), "class": (dims, level, told)}
    return xr.Dataset(variables, coords)


@dataclass(frozen=True)
class Rows:
    """Keys of a table with so many years a region."""

    years: tuple[int, ...] = YEARS

    def read(self, regions: slice) -> Mapping[str, Any]:
        places = np.arange(regions.start, regions.stop, dtype=np.int32)
        return {
            "region": np.repeat(places, len(self.years)),
            "year": np.tile(np.array(self.years, np.int16), len(places)),
        }


def _table(regions: int = 25) -> xr.Dataset:
    """D and class of regions without names, in memory."""
    D = np.random.default_rng(6).random((regions, len(YEARS))).astype(np.float32)
    dims = ("region", "year")
    return xr.Dataset({"D": (dims, D), "class": (dims, (D * 3).astype(np.int16))}, {"year": list(YEARS)})


@pytest.fixture
def frame() -> Callable[..., Frame]:
    return _frame


@pytest.fixture
def raster() -> Callable[..., xr.Dataset]:
    return _raster


@pytest.fixture
def table() -> Callable[..., xr.Dataset]:
    return _table


@pytest.fixture
def keys() -> Rows:
    return Rows()


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """A raster in chunks that divide neither side."""
    cut = _raster().chunk(year=2, y=16, x=24)
    return store_chunks(cut, tmp_path_factory.mktemp("stored") / "store")


@pytest.fixture(scope="module")
def module_frame() -> Frame:
    return _frame()
