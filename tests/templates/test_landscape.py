"""The synthetic national grid: the same for the same seed, whatever window or size it is made in."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from ouhe import templates, text
from ouhe.errors import OptionError, OuheError
from ouhe.output.national_grid import national_grid
from ouhe.templates.landscape import INDICATORS, Country, values
from ouhe.templates.landscape.country import NAMES
from ouhe.templates.landscape.noise import octaves, surface

WHOLE = slice(None), slice(None)
CELLS = 3_000


@pytest.fixture(scope="module")
def country() -> Country:
    return Country.of(seed=5, cells=CELLS)


@pytest.fixture(scope="module")
def made(country) -> dict[str, np.ndarray]:
    return dict(values(country, [2015, 2016, 2020], *WHOLE))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    pytest.importorskip("zarr")
    return national_grid(tmp_path_factory.mktemp("grid") / "zarr", cells=CELLS, lang="zh").parent


def digests(folder: Path) -> dict[str, str]:
    files = (p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.mark.parametrize(("rows", "columns"), [(slice(3, 20), slice(11, 12)), (slice(0, 1), slice(40, 70))])
def test_a_window_holds_what_the_whole_holds_there(country, made, rows, columns):
    for name, part in values(country, [2016], rows, columns):
        np.testing.assert_array_equal(part[0], made[name][1][rows, columns])
    np.testing.assert_array_equal(country.province(rows, columns), country.province(*WHOLE)[rows, columns])


def test_a_finer_grid_shows_the_same_country():
    coarse, fine = Country(seed=5, cell=60_000.0), Country(seed=5, cell=20_000.0)
    middle = fine.inside(*WHOLE)[1::3, 1::3]
    assert (coarse.inside(*WHOLE) == middle).mean() > 0.95
    np.testing.assert_array_equal(coarse.capitals, fine.capitals)


@pytest.mark.parametrize("seed", range(1, 9))
def test_every_country_has_its_provinces_and_ends_before_the_edge(seed):
    land = Country.of(seed=seed, cells=CELLS)
    inside, province = land.inside(*WHOLE), land.province(*WHOLE)
    assert inside.sum() == pytest.approx(CELLS, rel=0.05)
    assert not inside[[0, -1]].any()
    assert not inside[:, [0, -1]].any()
    np.testing.assert_array_equal(np.unique(province), np.arange(len(NAMES["zh"]) + 1))
    np.testing.assert_array_equal(province > 0, inside)


def test_another_seed_is_another_country(country):
    other = Country(seed=6, cell=country.cell)
    assert (other.inside(*WHOLE) != country.inside(*WHOLE)).mean() > 0.05


def test_indicators_are_skewed_alike_among_neighbours_and_change(country, made):
    inside = country.inside(*WHOLE)
    for name, array in made.items():
        np.testing.assert_array_equal(np.isfinite(array), np.broadcast_to(inside, array.shape))
        beside = inside[:, 1:] & inside[:, :-1]
        first, second = array[0][:, :-1][beside], array[0][:, 1:][beside]
        assert np.corrcoef(first, second)[0, 1] > 0.7, name
        assert not np.array_equal(array[0][inside], array[2][inside])
    for name in ("night_lights", "population", "built_up"):
        at = made[name][0][inside]
        assert at.mean() > 1.2 * np.median(at)
        assert made[name][2][inside].mean() > at.mean()
    assert made["pm25"][2][inside].mean() < made["pm25"][0][inside].mean()


def test_a_surface_is_centred_scaled_and_smooth():
    at = np.arange(0.0, 6000.0, 8.0)
    z = surface(at, at, widths=octaves(100.0, 16.0), seed=3, layer=0)
    assert abs(z.mean()) < 0.1
    assert z.std() == pytest.approx(1.0, abs=0.1)
    steps = np.abs(np.diff(z, axis=0))
    assert steps.max() < 1.5
    assert np.array_equal(surface(at, at, widths=octaves(100.0, 16.0), seed=3, layer=0), z)


def test_the_same_choices_give_the_same_bytes(folder, tmp_path):
    again = national_grid(tmp_path / "again", cells=CELLS, lang="zh").parent
    assert digests(again) == digests(folder)
    names = {p.name for p in folder.iterdir()}
    assert names == {"study.yml", "indicators.zarr", "provinces.tif", "provinces.csv", "national-grid.json"}


def test_files_hold_the_country_and_say_that_it_is_none(folder, country, made):
    rasterio = pytest.importorskip("rasterio")
    grids = xr.open_zarr(folder / "indicators.zarr", decode_coords="all")
    np.testing.assert_array_equal(grids["ndvi"].sel(year=[2015, 2016, 2020]), made["ndvi"])
    assert set(grids.data_vars) == set(INDICATORS)
    assert "Lambert_Azimuthal" in grids["spatial_ref"].attrs["crs_wkt"].replace(" ", "_")
    said = text.t("labels.simulated", lang="en")
    assert grids.attrs["comment"] == said
    with rasterio.open(folder / "provinces.tif") as raster:
        np.testing.assert_array_equal(raster.read(1), country.province(*WHOLE))
        assert raster.nodata == 0
        assert raster.crs.is_projected
        assert tuple(raster.transform)[:6] == country.transform
    tifs = national_grid(folder.parent / "tif", cells=CELLS, form="geotiff", lang="zh").parent / "indicators"
    assert {p.stem for p in tifs.iterdir()} == set(INDICATORS)
    with rasterio.open(tifs / "ndvi.tif") as raster:
        np.testing.assert_array_equal(raster.read([1, 2, 6]), made["ndvi"])
        assert raster.descriptions == tuple(map(str, range(2015, 2021)))
        assert raster.tags()["simulated"] == said


def test_what_stands_there_is_neither_replaced_nor_made_twice(folder, tmp_path):
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*")}
    national_grid(folder, cells=CELLS, lang="zh")
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*")} == before
    with pytest.raises(OuheError) as told:
        national_grid(folder, cells=CELLS + 1, lang="zh")
    assert templates.GRID in told.value.problems[0].message("en")
    own = tmp_path / "indicators.zarr"
    own.mkdir()
    (own / "mine").write_text("mine")
    with pytest.raises(OuheError):
        national_grid(tmp_path, cells=CELLS)
    assert [p.name for p in tmp_path.rglob("*")] == ["indicators.zarr", "mine"]


@pytest.mark.parametrize("wrong", [{"cells": 10}, {"cells": CELLS, "years": [2015, 2017]}])
def test_what_cannot_be_made_is_told(wrong, tmp_path):
    with pytest.raises(OptionError):
        national_grid(tmp_path / "none", **wrong)
    assert not (tmp_path / "none").exists()


def test_without_the_extra_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("ouhe.templates.landscape.storing.find_spec", lambda _: None)
    with pytest.raises(OuheError) as told:
        national_grid(tmp_path, cells=CELLS)
    assert "ouhe[grid]" in told.value.problems[0].message("en")
