"""The same numbers as the package inequality of PySAL, and those its pages print for the states of Mexico.

Both sides add up float64 terms of one size, so that they agree to 1e-12; printed numbers to the digits printed. In one
place the peer is not what its source says, which is shown here: its Wolfson index lacks the factor 2 of Wolfson (1994),
with which it is 1 between two equal poles; the R packages affluenceIndex and dineq have it.
"""

import warnings

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ouhe.compute import inequality

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    libpysal = pytest.importorskip("libpysal")
    peer = pytest.importorskip("inequality")
    atkinson = pytest.importorskip("inequality.atkinson")
    gini = pytest.importorskip("inequality.gini")
    theil = pytest.importorskip("inequality.theil")
    wolfson = pytest.importorskip("inequality.wolfson")

CLOSE = 1e-12


@pytest.fixture(scope="module")
def mexico():
    """Product per head of the 32 states in seven decades, and their regimes (Hanson 1998)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = pd.read_csv(libpysal.examples.get_path("mexico.csv"))
    decades = list(range(1940, 2010, 10))
    values = table[[f"pcgdp{d}" for d in decades]].to_numpy(dtype=float)
    regions = table["State"].astype(str).tolist()
    x = xr.DataArray(values, {"region": regions, "year": decades}, ("region", "year"))
    return x, dict(zip(regions, table["hanson98"].astype(str), strict=True))


def samples():
    rng = np.random.default_rng(7)
    return {
        "lognormal": rng.lognormal(size=31),
        "beta": rng.beta(2, 5, 2850),
        "ties": rng.integers(1, 5, 48).astype(float),
        "odd": rng.gamma(0.5, size=33),
    }


@pytest.mark.parametrize("kind", ["lognormal", "beta", "ties", "odd"])
def test_measures(kind):
    y = samples()[kind]
    found = inequality.indices(xr.DataArray(y, dims="region"), aversion=(0.5, 1.0, 2.0))
    assert found["gini"].item() == pytest.approx(gini.Gini(y).g, rel=CLOSE)
    assert found["theil_T"].item() == pytest.approx(theil.Theil(y).T, rel=CLOSE)
    for aversion in (0.5, 1.0, 2.0):
        expected = atkinson.atkinson(y, aversion)
        assert found["atkinson"].sel(aversion=aversion).item() == pytest.approx(expected, rel=CLOSE)
    assert found["wolfson"].item() == pytest.approx(2 * wolfson.wolfson(y), rel=1e-11)  # a small rest of large terms


def test_two_equal_poles_have_a_wolfson_index_of_1():
    y = np.array([0.0, 0.0, 5.0, 5.0])
    assert wolfson.wolfson(y) == pytest.approx(0.5)
    with pytest.warns(UserWarning, match="Theil"):  # L has no value
        assert inequality.indices(xr.DataArray(y, dims="region"))["wolfson"].item() == pytest.approx(1.0)


def test_theil_of_mexico_by_regime(mexico):
    x, regimes = mexico
    found = inequality.theil(x, regimes)["parts"].sel(index="T")
    split = theil.TheilD(x.values, np.array([regimes[r] for r in x["region"].values]))
    np.testing.assert_allclose(found.sel(part="between_1"), split.bg, rtol=CLOSE)
    np.testing.assert_allclose(found.sel(part="within"), split.wg, rtol=CLOSE)
    # as printed on the pages of TheilD
    printed = [0.0345889, 0.02816853, 0.05260921, 0.05931219, 0.03205257, 0.02963731, 0.03635872]
    np.testing.assert_allclose(found.sel(part="between_1"), printed, atol=5e-9)
    printed = [0.17435454, 0.12405598, 0.0521202, 0.04263506, 0.06354856, 0.07547525, 0.0702496]
    np.testing.assert_allclose(found.sel(part="within"), printed, atol=5e-9)


def test_gini_of_mexico_by_regime(mexico):
    """Distances between states of different regimes add up to 4,353,856 in 1940: so print the pages of Gini_Spatial.

    Over 2 n² times the mean they are what Dagum splits into net between and transvariation; the rest is within.
    """
    x, regimes = mexico
    found = inequality.dagum(x, regimes)
    first = found.sel(year=1940)
    divisor = 2 * x.sizes["region"] * x.sel(year=1940).sum().item()
    assert (first["between"] + first["transvariation"]).item() * divisor == pytest.approx(4353856.0, rel=CLOSE)
    for year in x["year"].values:
        y = x.sel(year=year)
        whole = gini.Gini(y.values).g
        one = found.sel(year=year)
        assert one["gini"].item() == pytest.approx(whole, rel=CLOSE)
        assert sum(one[k].item() for k in ("within", "between", "transvariation")) == pytest.approx(whole, abs=CLOSE)
        means = y.groupby(xr.DataArray([regimes[r] for r in y["region"].values], dims="region")).map(
            lambda v: v * 0 + v.mean()
        )
        assert one["between"].item() == pytest.approx(gini.Gini(means.values).g, rel=CLOSE)
        for group in one["group"].values:
            own = y.sel(region=[r for r in y["region"].values if regimes[r] == group])
            assert one["group_gini"].sel(group=group).item() == pytest.approx(
                gini.Gini(own.values).g, rel=CLOSE, abs=CLOSE
            )
