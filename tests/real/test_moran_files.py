"""Moran's I as other people published it, from their data."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import ouhe
from ouhe import neighbours, regions
from ouhe.compute import moran
from ouhe.neighbours import Neighbours

pytestmark = pytest.mark.real

CHINA = regions.load("china-provinces")
FORCES = "新质生产力"


@pytest.fixture(scope="module")
def columbus(shared_data) -> pd.DataFrame:
    return pd.read_stata(shared_data / "moran-stata" / "columbus.dta")


def crime(columbus) -> xr.DataArray:
    names = [str(i) for i in columbus["NEIG"]]
    return xr.DataArray(columbus["CRIME"].to_numpy(dtype=float), dims="region", coords={"region": names})


@pytest.mark.parametrize(("variance", "z"), [("normality", 4.2798), ("randomisation", 4.2487)])
def test_columbus_as_the_stata_log_has_it(columbus, variance, z):
    points = pd.DataFrame(
        {"longitude": columbus["x_cntrd"].to_numpy(float), "latitude": columbus["y_cntrd"].to_numpy(float)},
        index=[str(i) for i in columbus["NEIG"]],
    )
    w = neighbours.inverse_distance(points, power=8)
    found = moran.univariate(crime(columbus), w, variance=variance, permutations=0)
    # as many digits as the log prints
    assert found.statistic.item() == pytest.approx(0.60778, abs=5e-6)
    assert found.expected.item() == pytest.approx(-0.02083, abs=5e-6)
    assert found.z.item() == pytest.approx(z, abs=5e-5)


def test_columbus_with_the_contiguity_beside_it(columbus, shared_data):
    full = pd.read_stata(shared_data / "moran-stata" / "columbusswm.dta").to_numpy(dtype=float)
    x = crime(columbus)
    w = Neighbours.from_dense(full, list(x["region"].values), style="row")
    found = moran.univariate(x, w, rng=1)
    assert found.statistic.item() == pytest.approx(0.5110, abs=5e-5)
    assert found.p_sim.item() == 0.001


@pytest.fixture(scope="module")
def scores(shared_data) -> xr.DataArray:
    """Both indices in full precision, by the authors' recipe: their sheets have them to four digits, too few here."""
    assert shared_data.is_dir()
    return ouhe.run(Path(__file__).with_name("nqp-spatial.yml"), settings=["analyses={}"]).measurement.index


def published_matrix(folder) -> Neighbours:
    full = np.genfromtxt(folder / "nqp-spatial" / "W_adj_norm.csv", delimiter=",", encoding="utf-8-sig")
    return Neighbours.from_dense(full, CHINA.ids)


@pytest.mark.parametrize("ours", [False, True], ids=["their matrix", "our contiguity"])
def test_every_year_of_a_published_study(scores, shared_data, published_moran, ours):
    w = Neighbours.from_pairs(CHINA.borders, CHINA.ids) if ours else published_matrix(shared_data)
    found = moran.univariate(scores, w, rng=1)
    # printed to three digits
    for system, printed in published_moran.items():
        np.testing.assert_allclose(found.statistic.sel(system=system), printed, rtol=0, atol=5e-4)
    assert found.statistic.sel(system=FORCES, year=2021).item() == pytest.approx(0.40446, abs=5e-6)
    assert (found.p_sim < 0.01).all()


def test_what_moran_makes_of_the_z_they_print(scores, shared_data):
    # their 4.629 is the t value of a regression of the lag on the values
    found = moran.univariate(scores, published_matrix(shared_data), variance="normality", permutations=0)
    assert found.z.sel(system=FORCES, year=2011).item() == pytest.approx(3.897, abs=5e-4)


def test_within_the_four_economic_regions(scores):
    w = Neighbours.from_pairs(CHINA.borders, CHINA.ids)
    found = moran.within(scores, w, CHINA.groupings["four-economic-regions"], rng=1)
    assert dict(zip(found["group"].values, found["n"].values, strict=True)) == {
        "East": 10, "Central": 6, "West": 12, "Northeast": 3,
    }  # fmt: skip
    assert found["few"].all()
    assert np.isfinite(found["statistic"]).all()
    northeast = found.sel(group="Northeast")
    assert np.isnan(northeast["z"]).all()
    assert np.isfinite(found.drop_sel(group="Northeast")["z"]).all()
    # a row of three provinces has three values of I, each in two of the six orders
    assert set(np.round(3 * northeast["p_sim"].values, 12).ravel()) <= {1.0, 2.0, 3.0}
