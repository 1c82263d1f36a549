"""Cells that are counted, zones, and what is told of layers that do not agree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ouhe.errors import DataError
from ouhe.read.grid import Grid, open_mask, open_zones

ONLY = {"names": {"lights": ("lights",), "ndvi": ("ndvi",)}, "years": [2018]}


@pytest.fixture
def uneven(panel: Any, made: SimpleNamespace, tmp_path: Path) -> tuple[Path, Path, np.ndarray, np.ndarray]:
    """Two layers, the second of which lacks one cell more and has two where the first has none."""
    first, second = panel.values[0, 0].copy(), panel.values[1, 0].copy()
    (row, column), *_ = np.argwhere(panel.inside)
    second[row, column] = np.nan
    for row, column in np.argwhere(~panel.inside)[:2]:
        second[row, column] = 1.0
    paths = [
        made.tif(tmp_path / f"{name}_2018.tif", layer[None], panel)
        for name, layer in (("lights", first), ("ndvi", second))
    ]
    return paths[0], paths[1], first, second


def test_layers_that_lack_other_cells_than_the_first_are_refused(
    uneven: tuple[Any, ...], opened: Callable[..., Grid]
) -> None:
    grid = opened(*uneven[:2], **ONLY)
    assert grid.problems == ()
    with pytest.raises(DataError) as error:
        grid.x.compute()
    told = {p.key: p for p in error.value.problems}
    assert set(told) == {"gridded.more_than_first", "gridded.lacks"}
    assert told["gridded.more_than_first"].params["count"] == "2"
    assert told["gridded.lacks"].params["count"] == "1"
    row, column = np.argwhere(~np.isnan(uneven[2]))[0]
    assert (told["gridded.lacks"].params["row"], told["gridded.lacks"].params["column"]) == (row + 1, column + 1)
    assert told["gridded.lacks"].place.file.endswith("ndvi_2018.tif")
    assert "mask: any" in told["gridded.lacks"].message("en")


def test_any_counts_cells_that_every_layer_has(uneven: tuple[Any, ...], opened: Callable[..., Grid]) -> None:
    grid = opened(*uneven[:2], mask="any", **ONLY)
    expected = ~np.isnan(uneven[2]) & ~np.isnan(uneven[3])
    np.testing.assert_array_equal(grid.inside, expected)
    assert grid.inside_counts == (int(expected.sum()), int((~expected).sum()))
    values = grid.x.values
    assert np.isnan(values[:, :, ~expected]).all()
    np.testing.assert_array_equal(values[0, 0][expected], uneven[2][expected])
    costs = {p.params["indicator"]: p.params["most"] for p in grid.told if p.key == "gridded.layer_lacks"}
    assert costs == {"lights": str(np.isnan(uneven[2]).sum()), "ndvi": str(np.isnan(uneven[3]).sum())}


def test_any_tells_of_no_costs_where_all_layers_agree(opened: Callable[..., Grid], every_format: Any) -> None:
    grid = opened(*every_format["zarr 3"], mask="any")
    assert grid.told == ()
    assert grid.inside is not None


def test_a_mask_file_says_which_cells_count(
    uneven: tuple[Any, ...], opened: Callable[..., Grid], panel: Any, made: SimpleNamespace, tmp_path: Path
) -> None:
    counted = ~np.isnan(uneven[2]) & ~np.isnan(uneven[3])
    counted[:4] = False
    path = made.tif(tmp_path / "mask.tif", counted[None].astype(np.uint8), panel, nodata=255)
    grid = opened(*uneven[:2], mask=path, **ONLY)
    np.testing.assert_array_equal(grid.inside, counted)
    values = grid.x.values[1, 0]
    assert np.isnan(values[~counted]).all()
    np.testing.assert_array_equal(values[counted], uneven[3][counted])


def test_a_mask_file_that_counts_cells_without_value_is_refused(
    uneven: tuple[Any, ...], opened: Callable[..., Grid], panel: Any, made: SimpleNamespace, tmp_path: Path
) -> None:
    path = made.tif(tmp_path / "mask.tif", np.ones((1, 13, 11), np.uint8), panel, nodata=None)
    with pytest.raises(DataError) as error:
        opened(*uneven[:2], mask=path, **ONLY).x.compute()
    assert {p.key for p in error.value.problems} == {"gridded.lacks"}
    path = made.tif(tmp_path / "mask.tif", (~np.isnan(uneven[2]))[None].astype(np.uint8), panel, nodata=None)
    with pytest.raises(DataError) as error:
        opened(*uneven[:2], mask=path, **ONLY).x.compute()
    assert [p.key for p in error.value.problems] == ["gridded.lacks_in_mask"]


@pytest.mark.parametrize("mask", ["same", "any"])
def test_a_raster_without_any_cell_to_count_is_refused(
    mask: str, opened: Callable[..., Grid], panel: Any, made: SimpleNamespace, tmp_path: Path
) -> None:
    empty = made.tif(tmp_path / "lights_2018.tif", np.full((1, 13, 11), np.nan, np.float32), panel)
    full = made.tif(tmp_path / "ndvi_2018.tif", np.ones((1, 13, 11), np.float32), panel)
    assert made.keys(opened(empty, full, mask=mask, **ONLY)) == ["all_outside"]


def test_where_all_cells_count_there_is_no_mask(
    opened: Callable[..., Grid], panel: Any, made: SimpleNamespace, tmp_path: Path
) -> None:
    paths = [made.tif(tmp_path / f"{n}_2018.tif", np.ones((1, 13, 11), np.float32), panel) for n in ("lights", "ndvi")]
    grid = opened(*paths, **ONLY)
    assert grid.inside is None
    assert "inside" not in grid.x.coords
    assert grid.inside_counts == (143, 0)


def test_a_window_of_the_sea_alone_is_read_like_any_other(
    opened: Callable[..., Grid], panel: Any, made: SimpleNamespace, tmp_path: Path
) -> None:
    layer = panel.values[0, :1].copy()
    layer[0, :5] = np.nan
    grid = opened(made.tif(tmp_path / "ndvi_2018.tif", layer, panel), names={"ndvi": ("ndvi",)}, years=[2018])
    first = grid.chunked({"y": 5}).isel(y=slice(0, 5))
    assert np.isnan(first.values).all()
    assert not first["inside"].values.any()


def test_zones_have_codes_and_names(
    every_format: Any, opened: Callable[..., Grid], panel: Any, made: SimpleNamespace, tmp_path: Path
) -> None:
    frame = opened(*every_format["zarr 3"]).frame
    codes = np.repeat([[11, 11, 11, 11, 12, 12, 12, 200, 200, 0, 0]], 13, axis=0).astype(np.uint16)
    path = made.tif(tmp_path / "zones.tif", codes[None], panel, nodata=0)
    names = tmp_path / "names.csv"
    names.write_text("编码,名称\n11,甲省\n12,乙省\n31,丙省\n", encoding="gb18030")
    zones = open_zones(path, names, frame=frame)
    np.testing.assert_array_equal(zones.codes.values, np.where(codes == 0, -1, codes.astype(int)))
    assert zones.codes.dims == ("y", "x")
    assert dict(zones.names) == {11: "甲省", 12: "乙省", 200: "200"}
    told = {p.key: p for p in zones.told}
    assert str(told["gridded.zones_without_names"].params["codes"]) == "200"
    assert str(told["gridded.names_without_zones"].params["names"]) == "31 丙省"
    assert dict(open_zones(path, frame=frame).names) == {11: "11", 12: "12", 200: "200"}


@pytest.mark.parametrize(
    ("rows", "keys"),
    [
        ("a,b\n1,x\n", ["zone_names_header"]),
        ("code,name\n1,x\n2,x\n", ["zone_name_twice"]),
        ("code,name\n1.5,x\n2,\n3,y\n3,z\n", ["zone_name_row", "zone_name_row", "zone_twice"]),
    ],
)
def test_names_of_zones_that_cannot_be_understood_are_told(
    rows: str, keys: list[str], panel: Any, made: SimpleNamespace, tmp_path: Path
) -> None:
    path = made.tif(tmp_path / "zones.tif", np.ones((1, 13, 11), np.uint8), panel, nodata=None)
    (tmp_path / "names.csv").write_text(rows, encoding="utf-8")
    with pytest.raises(DataError) as error:
        open_zones(path, tmp_path / "names.csv", frame=None)
    assert [p.key.removeprefix("gridded.") for p in error.value.problems] == keys


def test_zones_must_be_whole_numbers_on_the_same_grid(
    every_format: Any, opened: Callable[..., Grid], panel: Any, made: SimpleNamespace, tmp_path: Path
) -> None:
    frame = opened(*every_format["zarr 3"]).frame
    half = made.tif(tmp_path / "half.tif", np.full((1, 13, 11), 1.5, np.float32), panel)
    with pytest.raises(DataError, match=r"1\.5"):
        open_zones(half, frame=frame)
    small = made.tif(tmp_path / "small.tif", np.ones((1, 12, 11), np.uint8), panel, nodata=None)
    for function in (open_zones, open_mask):
        with pytest.raises(DataError) as error:
            function(small, frame=frame, of="lights.zarr")
        assert [p.key for p in error.value.problems] == ["gridded.other_size"]
    nothing = made.tif(tmp_path / "nothing.tif", np.zeros((1, 13, 11), np.uint8), panel, nodata=None)
    with pytest.raises(DataError) as error:
        open_mask(nothing, frame=frame)
    assert [p.key for p in error.value.problems] == ["gridded.mask_empty"]
    several = made.tif(tmp_path / "two.tif", np.ones((2, 13, 11), np.uint8), panel, nodata=None)
    with pytest.raises(DataError):
        open_zones(several, frame=frame)


def test_of_many_layers_that_differ_the_first_are_told(
    opened: Callable[..., Grid], panel: Any, made: SimpleNamespace, tmp_path: Path
) -> None:
    years = list(range(2000, 2020))
    layers = np.ones((20, 13, 11), np.float32)
    layers[1:, 3, 4] = np.nan
    path = made.tif(tmp_path / "ndvi.tif", layers, panel, described=[str(y) for y in years])
    with pytest.raises(DataError) as error:
        opened(path, names={"ndvi": ("ndvi",)}, years=years).chunked({}).compute()
    told = [p.key.removeprefix("gridded.") for p in error.value.problems]
    assert told == ["lacks"] * 10 + ["more_layers"]
    assert error.value.problems[-1].params["count"] == 9
