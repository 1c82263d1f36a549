from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xarray as xr

import ouhe
from ouhe.compute import classify, group, lisa, moran
from ouhe.errors import OuheError
from ouhe.neighbours import lattice
from ouhe.panel import describe
from ouhe.results.coupling import Coupling
from ouhe.results.measurement import Measurement
from ouhe.results.raster_results import RasterResults
from ouhe.study.load import load
from ouhe.study.measuring import coupled, measure, variables

from .conftest import FORMATS, STUDY, YEARS, Raster, made, written


@pytest.fixture(scope="module")
def results(study_file: Path) -> RasterResults:
    found = ouhe.run(study_file)
    assert isinstance(found, RasterResults)
    return found


@pytest.fixture(scope="module")
def small(raster: Raster, study_file: Path) -> tuple[Measurement, Coupling]:
    """The same cells as regions, through the functions of small panels."""
    study = load(study_file).study
    measurement = measure(describe(raster.regions, study.indicators), study)
    return measurement, coupled(measurement.index, study)


def test_cells_are_measured_as_regions_are(
    results: RasterResults, small: tuple[Measurement, Coupling], raster: Raster
) -> None:
    measurement, coupling = small
    np.testing.assert_allclose(results.measurement.weight, measurement.weight, rtol=1e-10)
    np.testing.assert_allclose(results.measurement.entropy, measurement.entropy, rtol=1e-10)
    for i, system in enumerate(coupling.systems):
        np.testing.assert_allclose(
            raster.cells(results.grids[f"U{i + 1}"]), measurement.index.sel(system=system), rtol=1e-10
        )
    for name in ("C", "T", "D"):
        np.testing.assert_allclose(raster.cells(results.grids[name]), getattr(coupling, name), rtol=1e-10)
    np.testing.assert_array_equal(raster.cells(results.grids["class"]), coupling.level)
    np.testing.assert_array_equal(raster.cells(results.grids["lag"]), coupling.lagging)


def test_cells_outside_have_nothing(results: RasterResults, raster: Raster) -> None:
    outside = ~raster.inside
    assert np.isnan(results.grids["D"].transpose("year", "y", "x").to_numpy()[:, outside]).all()
    for name, code in (("class", -1), ("lag", -2), ("lisa_D_quadrant", -1), ("lisa_D_cluster", -1)):
        assert (results.grids[name].transpose("year", "y", "x").to_numpy()[:, outside] == code).all()
    assert (results.grid.counted, results.grid.outside) == (raster.inside.sum(), outside.sum())


def test_means_of_nation_and_zones_are_those_of_groups(
    results: RasterResults, small: tuple[Measurement, Coupling], raster: Raster
) -> None:
    x = variables(*small)
    np.testing.assert_allclose(results.groups.means.sel(group="nation", drop=True), group.nation(x), rtol=1e-12)
    zone = dict(zip(x["region"].to_numpy(), raster.zones.to_numpy()[raster.inside], strict=True))
    means = group.means(x, {region: str(code) for region, code in zone.items()}).sel(group=["1", "2", "3", "4"])
    np.testing.assert_allclose(results.groups.means.drop_sel(group="nation"), means, rtol=1e-12)
    assert list(results.groups.labels.values()) == ["All cells", "NW", "NE", "SW", "SE"]


def test_classes_and_lags_are_counted(results: RasterResults, small: tuple[Measurement, Coupling]) -> None:
    coupling, size = small[1], len(small[1].labels)
    xr.testing.assert_equal(
        results.trends.counts.drop_attrs(), classify.counts(coupling.level, classes=size).transpose("class", "year")
    )
    np.testing.assert_array_equal(results.trends.moves, classify.moves(coupling.level, classes=size))
    for lag in (-1, 0, 1):
        np.testing.assert_array_equal(results.trends.lags.sel(lag=lag), (coupling.lagging == lag).sum("region"))


@pytest.mark.parametrize(("place", "rule"), [(0, "queen"), (1, "rook")])
def test_morans_i_is_that_of_the_same_neighbours(
    results: RasterResults, small: tuple[Measurement, Coupling], raster: Raster, place: int, rule: str
) -> None:
    w = lattice(raster.x.isel(indicator=0, year=0).assign_coords(inside=(("y", "x"), raster.inside)), rule=rule)
    of = ["Effort", "Result", "D"]
    expected = moran.univariate(variables(*small).sel(variable=of), w, permutations=0)
    found = results.analyses["moran"].statistics.isel(neighbours=place)
    for name in ("statistic", "expected", "sd", "z", "p_value"):
        np.testing.assert_allclose(found[name].sel(variable=of), expected[name].sel(variable=of), rtol=1e-8)
    assert (found["n"] == raster.inside.sum()).all()


def test_local_moran_is_that_of_the_same_neighbours(
    results: RasterResults, small: tuple[Measurement, Coupling], raster: Raster
) -> None:
    w = lattice(raster.x.isel(indicator=0, year=0).assign_coords(inside=(("y", "x"), raster.inside)))
    expected = lisa.local(small[1].D, w, inference="analytic")
    np.testing.assert_allclose(raster.cells(results.grids["lisa_D_I"]), expected["statistic"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(raster.cells(results.grids["lisa_D_p"]), expected["p_value"], rtol=1e-8, atol=1e-12)
    np.testing.assert_array_equal(raster.cells(results.grids["lisa_D_quadrant"]), expected["quadrant"])
    cluster = expected["quadrant"].where(expected["significant"], 0)
    np.testing.assert_array_equal(raster.cells(results.grids["lisa_D_cluster"]), cluster)
    counts = results.analyses["lisa"].counts.isel(variable=0).transpose("year", "quadrant")
    for code in (1, 2, 3, 4):
        np.testing.assert_array_equal(counts["count"].sel(quadrant=code), (expected["quadrant"] == code).sum("region"))
        np.testing.assert_array_equal(counts["significant"].sel(quadrant=code), (cluster == code).sum("region"))


@pytest.mark.parametrize("how", [name for name in FORMATS if name != "zarr"])
def test_every_format_gives_the_same(results: RasterResults, raster: Raster, how: str, tmp_path: Path) -> None:
    found = ouhe.run(written(tmp_path, raster, how), settings=["analyses=[]"])
    np.testing.assert_allclose(found.measurement.weight, results.measurement.weight, rtol=1e-14)
    same = found.grids["D"].sortby("y").to_numpy(), results.grids["D"].sortby("y").to_numpy()
    np.testing.assert_allclose(*same, rtol=1e-14)


def test_single_precision_is_that_of_the_exact_result(tmp_path: Path) -> None:
    raster = made("float32")
    study = written(tmp_path, raster)
    found = ouhe.run(study, settings=["analyses=[]"])
    settings = load(study).study
    measurement = measure(describe(raster.regions.astype(float), settings.indicators), settings)
    exact = coupled(measurement.index, settings).D.to_numpy().astype(np.float32)
    assert found.grids["D"].dtype == np.float32
    np.testing.assert_allclose(found.measurement.weight, measurement.weight, rtol=1e-6)
    apart = np.abs(raster.cells(found.grids["D"]) - exact) / np.spacing(exact)
    assert apart.max() <= 1.0


def test_derived_layers_are_those_derived_before(raster: Raster, tmp_path: Path) -> None:
    derived = raster.x.copy()
    derived.loc[{"indicator": "waste"}] = raster.x.sel(indicator="waste") / raster.x.sel(indicator="staff") * 100
    before = ouhe.run(written(tmp_path / "before", Raster(derived, raster.zones)), settings=["analyses=[]"])
    study = written(tmp_path / "now", raster)
    asked = study.read_text("utf-8").replace("      waste:", "      dirt:")
    study.write_text(asked + "derive: {dirt: waste / staff * 100}\n", "utf-8")
    now = ouhe.run(study, settings=["analyses=[]"])
    np.testing.assert_allclose(now.measurement.weight, before.measurement.weight, rtol=1e-12)
    np.testing.assert_allclose(now.grids["D"], before.grids["D"], rtol=1e-12)


def test_only_what_is_written_is_told(study_file: Path) -> None:
    found = ouhe.run(study_file, settings=["analyses=[]", "raster.write=[D, class]", "raster.type=float32"])
    assert list(found.grids) == ["D", "class"]
    assert found.grids["D"].dtype == np.float32
    assert set(found.tables()["groups"]["variable"]) == {"D"}
    assert "lags" not in found.tables()


def test_a_table_of_regions_is_measured_alike(raster: Raster, tmp_path: Path) -> None:
    panel = raster.regions
    table = xr.Dataset({i: panel.sel(indicator=i, drop=True) for i in map(str, panel["indicator"].to_numpy())})
    frame = table.assign_coords(region=np.arange(panel.sizes["region"])).to_dataframe(dim_order=["region", "year"])
    frame.reset_index().to_parquet(tmp_path / "rows.parquet", row_group_size=300, index=False)
    written(tmp_path, raster)
    study = (tmp_path / "study.yml").read_text("utf-8").replace("cells.zarr", "rows.parquet")
    study = study.replace("raster: {zones: zones.nc, zone_names: zones.csv}\n", "")
    (tmp_path / "study.yml").write_text(study, "utf-8")
    found = ouhe.run(tmp_path / "study.yml", settings=["analyses=[]"])
    settings = load(tmp_path / "study.yml").study
    measurement = measure(describe(panel, settings.indicators), settings)
    expected = coupled(measurement.index, settings)
    np.testing.assert_allclose(found.measurement.weight, measurement.weight, rtol=1e-10)
    np.testing.assert_allclose(found.grids["D"].transpose("region", "year"), expected.D, rtol=1e-10)
    assert found.groups.label("nation") == "All regions"
    assert found.years == YEARS


@pytest.mark.parametrize("weights", ["equal", "critic", "variation"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_no_number_in_a_table_slips_through_where_extremes_are_taken_from_footers(
    raster: Raster, tmp_path: Path, weights: str, value: float
) -> None:
    columns = {
        i: raster.regions.sel(indicator=i).to_numpy().ravel().copy() for i in ("staff", "funds", "patents", "waste")
    }
    columns["funds"][100] = value
    n = raster.regions.sizes["region"]
    keys = {"region": np.repeat(np.arange(n), len(YEARS)), "year": np.tile(YEARS, n)}
    pq.write_table(pa.table(keys | columns), tmp_path / "rows.parquet", row_group_size=300)
    study = STUDY.replace("cells.zarr", "rows.parquet").replace(
        "raster: {zones: zones.nc, zone_names: zones.csv}\n", ""
    )
    (tmp_path / "study.yml").write_text(study, "utf-8")
    for settings in ([], ["normalise=zscore"]):
        with pytest.raises(OuheError) as told:
            ouhe.run(tmp_path / "study.yml", settings=["analyses=[]", f"weights={weights}", *settings])
        place = f"funds {100 // len(YEARS)} {YEARS[100 % len(YEARS)]}"
        assert [p.params.get("at") for p in told.value.problems] == [place]
