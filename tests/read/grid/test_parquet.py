"""Tall tables: row groups of any size, years that come first or last, and rows that stand elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouhe.errors import DataError
from ouhe.read.grid import Grid, GridEntry, open_grid

NAMES = {"a": ("a",), "b": ("b",)}
REGIONS, YEARS = 57, [2018, 2019, 2020]


def rows(*, years_first: bool = False, labels: bool = False) -> tuple[pa.Table, np.ndarray]:
    """Table of regions and its values ``(indicator, region, year)``."""
    values = np.random.default_rng(3).normal(size=(2, REGIONS, len(YEARS))).astype(np.float32)
    region = np.arange(REGIONS) * 10 + 110_000
    named = np.array([f"地区{n:06d}" for n in region], dtype=object) if labels else region
    if years_first:
        keys = {"region": np.tile(named, len(YEARS)), "year": np.repeat(np.int16(YEARS), REGIONS)}
        columns = {n: v.T.ravel() for n, v in zip(NAMES, values, strict=True)}
    else:
        keys = {"region": np.repeat(named, len(YEARS)), "year": np.tile(np.int16(YEARS), REGIONS)}
        columns = {n: v.ravel() for n, v in zip(NAMES, values, strict=True)}
    return pa.table(keys | {"note": np.zeros(values[0].size, np.int8)} | columns), values


def written(folder: Path, table: pa.Table, group: int, parts: int = 1) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    step = -(-table.num_rows // parts)
    for n in range(parts):
        pq.write_table(table.slice(n * step, step), folder / f"part-{n}.parquet", row_group_size=group)
    return folder


def opened(path: Path, **options: Any) -> Grid:
    return open_grid([GridEntry(((path, path.name),))], **({"names": NAMES, "years": YEARS} | options))


@given(
    group=st.integers(5, 200),
    parts=st.sampled_from([1, 3, 12]),
    chunk=st.integers(1, 70),
    years_first=st.booleans(),
    labels=st.booleans(),
)
def test_a_table_is_the_same_however_it_is_stored_and_cut(
    group: int, parts: int, chunk: int, years_first: bool, labels: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    table, values = rows(years_first=years_first, labels=labels)
    grid = opened(written(tmp_path_factory.mktemp("table"), table, group, parts))
    assert grid.problems == ()
    x = grid.chunked({"region": chunk})
    assert x.dims == ("indicator", "region", "year")
    assert max(x.chunks[1]) <= chunk
    assert "region" not in x.coords
    np.testing.assert_array_equal(x.values, values)
    keys = grid.keys.read(slice(5, 20))
    assert list(keys) == ["region", "year"]
    expected = table if not years_first else table.sort_by([("region", "ascending"), ("year", "ascending")])
    assert keys["region"].tolist() == expected["region"].to_pylist()[15:60]
    assert keys["year"].tolist() == expected["year"].to_pylist()[15:60]


def test_chunks_end_where_row_groups_end(tmp_path: Path) -> None:
    table, _ = rows()
    grid = opened(written(tmp_path, table, 30))
    assert grid.layout().preferred_chunks == {"indicator": 2, "region": 10, "year": 3}
    assert grid.chunked({"region": 25}).chunks[1] == (20, 20, 17)
    # groups of 31 rows end within a region, whose rows are then read from two groups
    assert grid.chunked({"region": 10}).chunks[1] == (10, 10, 10, 10, 10, 7)
    assert grid.x.chunks[1] == (57,)  # so little is read at once
    odd = opened(written(tmp_path / "odd", table, 31))
    assert odd.layout().preferred_chunks["region"] == 11
    assert odd.chunked({"region": 11}).chunks[1][0] == 11


def test_a_table_of_regions_has_neither_mask_nor_frame(tmp_path: Path) -> None:
    grid = opened(written(tmp_path, rows()[0], 30))
    assert grid.frame is None
    assert grid.inside is None
    assert grid.inside_counts == (REGIONS, 0)
    assert grid.sources[0].used == ("a", "b")
    assert grid.sources[0].unused == ("note",)


def test_years_of_the_study_alone_are_read(tmp_path: Path) -> None:
    table, values = rows()
    grid = opened(written(tmp_path, table, 30), years=[2020, 2018])
    np.testing.assert_array_equal(grid.x.values, values[:, :, [2, 0]])
    assert grid.keys.read(slice(0, 2))["year"].tolist() == [2020, 2018, 2020, 2018]


def test_columns_may_be_called_otherwise(tmp_path: Path) -> None:
    table, values = rows()
    table = table.rename_columns(["县码", "统计年", "note", "a", "b"])
    folder = written(tmp_path, table, 30)
    entry = GridEntry(((folder, "t"),), region="县码", year="统计年")
    grid = open_grid([entry], names=NAMES, years=YEARS)
    np.testing.assert_array_equal(grid.x.values, values)
    assert list(grid.keys.read(slice(0, 1))) == ["县码", "统计年"]


def changed(table: pa.Table, column: str, row: int, value: object) -> pa.Table:
    values = table[column].to_pylist()
    values[row] = value
    return table.set_column(table.schema.get_field_index(column), column, pa.array(values, table[column].type))


@pytest.mark.parametrize("years_first", [False, True])
@pytest.mark.parametrize("group", [30, 31, 500])
@pytest.mark.parametrize(
    ("column", "value"), [("region", 110_000), ("region", 999_999), ("region", None), ("year", 2031), ("year", 2018)]
)
def test_a_row_elsewhere_is_told_where_it_stands(
    column: str, value: object, group: int, years_first: bool, tmp_path: Path
) -> None:
    row = 2 * REGIONS + 8 if years_first else 100
    table = changed(rows(years_first=years_first)[0], column, row, value)
    grid = opened(written(tmp_path, table, group))
    assert grid.problems == ()
    with pytest.raises(DataError) as error:
        grid.x.compute(scheduler="synchronous")
    problem = error.value.problems[0]
    assert problem.key == "gridded.keys_break"
    assert problem.params["column"] == column
    # a region that is too large makes the one after it the first that does not rise
    assert int(problem.params["row"]) - 1 in {row, row + 1}
    if not years_first:  # the first year alone names the regions
        with pytest.raises(DataError):
            grid.keys.read(slice(None))


def test_a_region_that_stands_twice_is_told(tmp_path: Path) -> None:
    table = rows()[0]
    table = pa.concat_tables([table.slice(0, 60), table.slice(57, 3), table.slice(60)])
    with pytest.raises(DataError, match="row 61"):
        opened(written(tmp_path, table, 60)).x.compute(scheduler="synchronous")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda t: t.slice(0, 100), "years_not_whole"),
        (lambda t: t.slice(0, 0), "no_rows"),
        (lambda t: t.drop(["year"]), "no_year_column"),
        (lambda t: t.drop(["region"]), "no_place_columns"),
        (lambda t: t.drop(["b"]), "no_indicator"),
        (lambda t: t.set_column(3, "a", t["a"].cast(pa.string())), "not_numbers"),
        (lambda t: t.set_column(1, "year", t["year"].cast(pa.string())), "not_numbers"),
    ],
)
def test_tables_that_cannot_be_understood_are_told(
    change: Callable[[pa.Table], pa.Table], key: str, tmp_path: Path, made: SimpleNamespace
) -> None:
    assert key in made.keys(opened(written(tmp_path, change(rows()[0]), 30)))


def test_a_year_that_is_none_is_told(tmp_path: Path) -> None:
    table = rows()[0]
    year = pa.array(table["year"].to_numpy() - 2000, pa.int16())
    grid = opened(written(tmp_path, table.set_column(1, "year", year), 30))
    assert [p.key for p in grid.problems] == ["read.not_a_year"]


def test_parts_must_have_the_same_columns(tmp_path: Path, made: SimpleNamespace) -> None:
    table = rows()[0]
    pq.write_table(table.slice(0, 30), tmp_path / "part-0.parquet")
    other = table.slice(30).set_column(3, "a", table["a"].slice(30).cast(pa.float64()))
    pq.write_table(other, tmp_path / "part-1.parquet")
    grid = opened(tmp_path)
    assert made.keys(grid) == ["part_differs"]
    assert grid.problems[0].params["type"] == "double"


def test_a_table_of_regions_stands_alone(tmp_path: Path, made: SimpleNamespace) -> None:
    folder = written(tmp_path / "t", rows()[0], 30)
    other = written(tmp_path / "u", rows()[0], 30)
    entries = [GridEntry(((p, p.name),)) for p in (folder, other)]
    assert "table_alone" in made.keys(open_grid(entries, names=NAMES, years=YEARS))


def test_some_cells_of_a_raster_are_no_raster(panel: Any, made: SimpleNamespace, tmp_path: Path) -> None:
    table = made.table(panel)
    kept = table.filter(pa.array(~np.isnan(table["ndvi"].to_numpy())))
    pq.write_table(kept, tmp_path / "land.parquet")
    grid = open_grid([made.entry(tmp_path / "land.parquet")], names=made.NAMES, years=made.YEARS)
    assert set(made.keys(grid)) <= {"table_not_whole", "keys_break_raster"}
    assert "region:" in grid.problems[0].message("en")


def test_missing_values_are_no_data(tmp_path: Path) -> None:
    table, values = rows()
    table = changed(table, "a", 7, None)
    found = opened(written(tmp_path, table, 30)).x.values
    assert np.isnan(found[0, 2, 1])
    np.testing.assert_array_equal(found[1], values[1])


def test_a_file_cut_short_is_told(tmp_path: Path, made: SimpleNamespace) -> None:
    folder = written(tmp_path, rows()[0], 30)
    content = (folder / "part-0.parquet").read_bytes()
    (folder / "part-0.parquet").write_bytes(content[: len(content) // 2])
    assert made.keys(opened(folder)) == ["cannot_open"]
    (folder / "part-0.parquet").write_bytes(content[:40] + b"\xff" * 400 + content[440:])
    grid = opened(folder)
    with pytest.raises(DataError):
        raise DataError(*grid.problems) if grid.problems else _computed(grid)


def _computed(grid: Grid) -> DataError:
    grid.x.compute(scheduler="synchronous")
    return DataError()


def test_extremes_are_known_without_reading_where_footers_tell_them(tmp_path: Path, monkeypatch: Any) -> None:
    table, values = rows()
    grid = opened(written(tmp_path / "whole", table, 20))
    monkeypatch.setattr(type(grid.stack), "__getitem__", None)
    ends = grid.extremes()
    assert ends is not None
    np.testing.assert_array_equal(ends[0], values.min(axis=(1, 2)))
    np.testing.assert_array_equal(ends[1], values.max(axis=(1, 2)))
    assert opened(tmp_path / "whole", years=YEARS[:2]).extremes() is None, "years that are not asked for count too"
    assert opened(written(tmp_path / "gap", changed(table, "a", 7, None), 30)).extremes() is None
    pq.write_table(table, tmp_path / "silent.parquet", write_statistics=False)
    assert opened(tmp_path / "silent.parquet").extremes() is None
