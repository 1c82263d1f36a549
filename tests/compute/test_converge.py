from __future__ import annotations

import dataclasses
import warnings

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ouhe.compute import converge
from ouhe.errors import DataError, OptionError, OuheWarning, heard
from ouhe.neighbours import Neighbours

#: Rounding of sums of some hundred terms in different orders.
ROUNDING = {"rtol": 1e-8, "atol": 1e-11}


def panel(regions: int = 12, years: int = 9, *, seed: int = 0, rho: float = 0.7) -> xr.DataArray:
    """Values above 0 that draw nearer to a level of each region's own."""
    rng = np.random.default_rng(seed)
    own = rng.normal(size=regions)
    logs = [own + rng.normal(size=regions)]
    for _ in range(years - 1):
        logs.append((1 - rho) * own + rho * logs[-1] + 0.1 * rng.normal(size=regions))
    coords = {"region": [f"r{i}" for i in range(regions)], "year": np.arange(2010, 2010 + years)}
    return xr.DataArray(np.exp(np.array(logs).T * 0.2 - 1.0), dims=("region", "year"), coords=coords)


def long(x: xr.DataArray, step: int = 1, controls: xr.DataArray | None = None) -> pd.DataFrame:
    """Observations of the regression, for other people's programs."""
    rows = []
    for region in x["region"].values:
        for year in x["year"].values:
            if year + step not in x["year"].values:
                continue
            before, after = (float(x.sel(region=region, year=y)) for y in (year, year + step))
            row = {"region": region, "year": year, "y": np.log(after / before) / step, "x": np.log(before)}
            for name in [] if controls is None else controls["control"].values:
                row[str(name)] = float(controls.sel(region=region, year=year, control=name))
            rows.append(row)
    return pd.DataFrame(rows).dropna(ignore_index=True)


def controls_of(x: xr.DataArray, seed: int = 5) -> xr.DataArray:
    values = np.random.default_rng(seed).normal(size=(2, x.sizes["region"], x.sizes["year"]))
    coords = {"control": ["roads", "schools"], "region": x["region"], "year": x["year"]}
    return xr.DataArray(values, dims=("control", "region", "year"), coords=coords)


class TestDispersion:
    def test_by_hand(self) -> None:
        # 1 2 4: mean 7/3, squares around it 16/9 + 1/9 + 25/9 = 42/9; logs 0 l 2l, variance 2l²/3
        found = converge.dispersion(xr.DataArray([1.0, 2.0, 4.0], dims="region"))
        assert float(found["variation"]) == pytest.approx(np.sqrt(14 / 9) / (7 / 3), rel=1e-14)
        assert float(found["sd_log"]) == pytest.approx(np.log(2) * np.sqrt(2 / 3), rel=1e-14)

    def test_what_has_no_logarithm_or_no_positive_mean_is_missing_and_told(self) -> None:
        x = xr.DataArray([[0.0, -1.0], [2.0, 1.0]], dims=("region", "year"))
        with heard() as told:
            found = converge.dispersion(x)
        assert found["variation"].values.tolist() == [1.0, pytest.approx(np.nan, nan_ok=True)]
        assert np.isnan(found["sd_log"]).all()
        assert [(p.key, p.params["count"]) for p in told] == [("converge.no_variation", 1), ("converge.no_sd_log", 2)]

    def test_a_missing_value_is_not_passed_over(self) -> None:
        found = converge.dispersion(xr.DataArray([1.0, np.nan, 3.0], dims="region"))
        assert np.isnan(found["variation"])
        assert np.isnan(found["sd_log"])

    @given(st.integers(2, 6), st.integers(1, 4), st.floats(0.01, 100))
    def test_units_do_not_matter(self, regions: int, years: int, unit: float) -> None:
        x = xr.DataArray(np.random.default_rng(regions).uniform(1, 2, (regions, years)), dims=("region", "year"))
        one, other = converge.dispersion(x), converge.dispersion(x * unit)
        for name in one:
            np.testing.assert_allclose(one[name], other[name], rtol=1e-9, atol=1e-12)

    def test_one_region_is_refused(self) -> None:
        with pytest.raises(DataError) as error:
            converge.dispersion(xr.DataArray([1.0], dims="region"))
        assert error.value.problems[0].key == "converge.one_region"


class TestTrend:
    @pytest.mark.parametrize("lags", [0, 1, 3])
    def test_equals_statsmodels(self, lags: int) -> None:
        import statsmodels.api as sm

        years = np.array([2010, 2011, 2012, 2014, 2015, 2016, 2018, 2019])
        y = np.random.default_rng(4).normal(size=(3, 8)).cumsum(axis=1)
        found = converge.trend(xr.DataArray(y, dims=("group", "year"), coords={"year": years}), lags=lags)
        for i, series in enumerate(y):
            model = sm.OLS(series, sm.add_constant(years.astype(float)))
            kind = {"cov_type": "HAC", "cov_kwds": {"maxlags": lags, "use_correction": True}} if lags else {}
            fit = model.fit(use_t=True, **kind)
            # years near 2000 beside a constant cost statsmodels four digits
            for name, theirs in (("slope", fit.params[1]), ("se", fit.bse[1]), ("p_value", fit.pvalues[1])):
                assert float(found[name][i]) == pytest.approx(theirs, rel=1e-7)
            e = fit.resid
            assert float(found["autocorrelation"][i]) == pytest.approx(e[1:] @ e[:-1] / (e @ e), rel=1e-7)

    def test_a_line_leaves_nothing_to_test_against(self) -> None:
        found = converge.trend(xr.DataArray([0.3, 0.2, 0.1], dims="year", coords={"year": [2020, 2021, 2022]}))
        assert float(found["slope"]) == pytest.approx(-0.1)
        assert np.isnan(found["t"])
        assert np.isnan(found["p_value"])

    def test_missing_stays_missing(self) -> None:
        found = converge.trend(xr.DataArray([1.0, np.nan, 2.0, 4.0], dims="year", coords={"year": range(4)}))
        assert all(np.isnan(v) for v in found.values())

    @pytest.mark.parametrize(("count", "lags", "key"), [(2, 0, "few_years"), (4, 4, "lags"), (4, -1, "lags")])
    def test_what_is_refused(self, count: int, lags: int, key: str) -> None:
        y = xr.DataArray(np.arange(count) ** 2.0, dims="year", coords={"year": range(count)})
        with pytest.raises((DataError, OptionError)) as error:
            converge.trend(y, lags=lags)
        assert error.value.problems[0].key == f"converge.{key}"


class TestBeta:
    @pytest.mark.parametrize("step", [1, 3])
    @pytest.mark.parametrize("holes", [0, 7])
    @pytest.mark.parametrize("conditional", [False, True])
    def test_coefficients_equal_linearmodels(self, step: int, holes: int, conditional: bool) -> None:
        from linearmodels.panel import PanelOLS

        x = panel()
        rng = np.random.default_rng(holes)
        x = x.where(xr.DataArray(rng.permutation(x.size).reshape(x.shape) >= holes, dims=x.dims))
        controls = controls_of(x) if conditional else None
        table = long(x, step, controls)
        frame = table.set_index(["region", "year"])
        names = ["x", *(["roads", "schools"] if conditional else [])]
        fit = PanelOLS(frame["y"], frame[names], entity_effects=True, time_effects=True).fit(
            cov_type="clustered", cluster_entity=True, debiased=False, group_debias=False,
            auto_df=False, count_effects=False,
        )  # fmt: skip
        with heard():
            found = converge.beta(x, controls, step=step)
        assert float(found["beta"]) == pytest.approx(fit.params["x"], rel=1e-9)
        assert int(found["observations"]) == int(fit.nobs)
        n, regions, years = len(table), table["region"].nunique(), table["year"].nunique()
        # its errors without corrections, times the factor that is ours and Stata's
        factor = regions / (regions - 1) * (n - 1) / (n - len(names) - (years - 1) - 1)
        own = np.sqrt(fit.cov.loc["x", "x"] * factor)
        assert float(found["se"]) == pytest.approx(own, rel=1e-9)
        if conditional:
            np.testing.assert_allclose(found["coefficient"], fit.params[["roads", "schools"]], **ROUNDING)

    def test_errors_and_p_equal_statsmodels_with_dummies_of_years_within_regions(self) -> None:
        import statsmodels.api as sm

        x = panel()
        controls = controls_of(x)
        table = long(x, controls=controls)
        names = ["x", "roads", "schools"]
        dummies = pd.get_dummies(table["year"], drop_first=True).astype(float)
        design = pd.concat([table[names], dummies], axis=1)
        within = design - design.groupby(table["region"]).transform("mean") + design.mean()
        y = table["y"] - table.groupby("region")["y"].transform("mean") + table["y"].mean()
        codes = table["region"].astype("category").cat.codes
        fit = sm.OLS(y, sm.add_constant(within)).fit(cov_type="cluster", cov_kwds={"groups": codes}, use_t=True)
        found = converge.beta(x, controls)
        for ours, theirs in (("beta", fit.params), ("se", fit.bse), ("t", fit.tvalues), ("p_value", fit.pvalues)):
            assert float(found[ours]) == pytest.approx(theirs["x"], rel=1e-8), ours
        low, high = fit.conf_int().loc["x"]
        assert (float(found["low"]), float(found["high"])) == pytest.approx((low, high), rel=1e-8)
        for ours, theirs in (("control_se", fit.bse), ("control_t", fit.tvalues), ("control_p", fit.pvalues)):
            np.testing.assert_allclose(found[ours], theirs[["roads", "schools"]], **ROUNDING)
        own, left = float((y - y.groupby(table["year"]).transform("mean")).var()), float(fit.resid.var())
        assert float(found["r2"]) == pytest.approx(1 - left / own, rel=1e-8)

    def test_a_panel_made_without_noise_gives_its_coefficient(self) -> None:
        # ln y_{t+1} = ln y_t − 0.2 ln y_t + μ_i + η_t
        rng = np.random.default_rng(2)
        region, year = rng.normal(size=6), rng.normal(size=5)
        logs = [rng.normal(size=6)]
        for t in range(5):
            logs.append(0.8 * logs[-1] + region + year[t])
        x = xr.DataArray(np.exp(np.array(logs).T), dims=("region", "year"), coords={"year": np.arange(6)})
        found = converge.beta(x)
        assert float(found["beta"]) == pytest.approx(-0.2, rel=1e-9)
        assert float(found["speed"]) == pytest.approx(-np.log(0.8), rel=1e-9)
        assert float(found["half_life"]) == pytest.approx(np.log(2) / -np.log(0.8), rel=1e-9)

    def test_random_walks_show_the_bias_of_short_panels(self) -> None:
        # 400 panels of 60 random walks over 8 years: P = 7, so −3/8; the mean of 400 has an error of about 0.002
        rng = np.random.default_rng(8)
        logs = rng.normal(size=(400, 60, 8)).cumsum(axis=2)
        x = xr.DataArray(np.exp(logs), dims=("draw", "region", "year"), coords={"year": np.arange(8)})
        found = converge.beta(x)
        assert float(found["random_walk"][0]) == pytest.approx(-3 / 8)
        assert float(found["beta"].mean()) == pytest.approx(-3 / 8, abs=0.008)

    @pytest.mark.parametrize(("years", "step"), [(range(10), 3), ([0, 1, 2, 3, 6, 7, 8], 1)])
    def test_the_bias_of_long_steps_and_of_gaps_is_that_of_random_walks_too(self, years: list[int], step: int) -> None:
        # 20,000 random walks make the error of β about 0.002
        walks = np.random.default_rng(9).normal(size=(20_000, 10)).cumsum(axis=1)[:, list(years)]
        x = xr.DataArray(np.exp(walks), dims=("region", "year"), coords={"year": list(years)})
        found = converge.beta(x, step=step)
        assert float(found["random_walk"]) == pytest.approx(float(found["beta"]), abs=0.008)

    def test_other_dimensions_are_carried(self) -> None:
        both = xr.concat([panel(seed=1), panel(seed=2)], dim="variable").assign_coords(variable=["D", "T"])
        found = converge.beta(both.transpose("year", "variable", "region"), controls_of(panel()))
        assert found["beta"].dims == ("variable",)
        assert found["coefficient"].dims == ("variable", "control")
        for i, seed in enumerate((1, 2)):
            alone = converge.beta(panel(seed=seed), controls_of(panel()))
            for name in found:
                np.testing.assert_allclose(found[name].isel(variable=i), alone[name], **ROUNDING)

    @given(st.integers(0, 1000), st.floats(0.1, 10), st.permutations(range(12)))
    def test_units_and_the_order_of_regions_do_not_matter(self, seed: int, unit: float, order: list[int]) -> None:
        x = panel(seed=seed)
        one, other = converge.beta(x), converge.beta(unit * x.isel(region=order))
        for name in ("beta", "se", "p_value", "r2"):
            np.testing.assert_allclose(one[name], other[name], rtol=1e-6, atol=1e-10)

    def test_values_without_logarithm_are_named(self) -> None:
        x = panel()
        x[3, 2], x[4, 0] = 0.0, -0.1
        with pytest.raises(DataError) as error:
            converge.beta(x)
        assert [(p.key, p.params["at"], p.params["value"]) for p in error.value.problems] == [
            ("converge.no_logarithm", "r3 2012", 0.0),
            ("converge.no_logarithm", "r4 2010", -0.1),
        ]

    def test_controls_that_do_not_vary_within_regions_are_named(self) -> None:
        x = panel()
        controls = controls_of(x)
        controls[1] = np.arange(12.0)[:, None]
        with pytest.raises(DataError) as error:
            converge.beta(x, controls)
        assert [p.params for p in error.value.problems] == [{"control": "schools"}]
        doubled = xr.concat([controls[0], 3 * controls[0]], dim="control").assign_coords(control=["a", "b"])
        with pytest.raises(DataError) as error:
            converge.beta(x, doubled)
        assert [p.params for p in error.value.problems] == [{"control": "b"}]

    def test_what_is_left_out_is_told(self) -> None:
        x = panel()
        x[0, 4] = np.nan
        with heard() as told:
            found = converge.beta(x)
        assert int(found["observations"]) == 12 * 8 - 2
        assert [(p.key, p.params["count"], p.params["of"]) for p in told] == [("converge.left_out", 2, 96)]

    def test_a_variable_that_is_missing_stays_missing(self) -> None:
        both = xr.concat([panel(), panel() * np.nan], dim="variable")
        with heard():
            found = converge.beta(both)
        assert np.isfinite(found["beta"][0])
        assert np.isnan(found["beta"][1])
        assert int(found["observations"][1]) == 0

    @pytest.mark.parametrize(
        ("x", "options", "key"),
        [
            (panel(years=2), {}, "few_years"),
            (panel(regions=2), {}, "few_regions"),
            (panel(years=4), {"step": 4}, "no_span"),
            (panel(), {"step": 0}, "step"),
        ],
    )
    def test_what_is_refused(self, x: xr.DataArray, options: dict[str, int], key: str) -> None:
        with pytest.raises((DataError, OptionError)) as error:
            converge.beta(x, **options)
        assert [p.key for p in error.value.problems] == [f"converge.{key}"]


class TestCrossSection:
    def test_equals_statsmodels(self) -> None:
        import statsmodels.api as sm

        x = panel(regions=20, seed=3)
        first, last = np.log(x.isel(year=0).values), np.log(x.isel(year=-1).values)
        fit = sm.OLS((last - first) / 8, sm.add_constant(first)).fit(cov_type="HC1", use_t=True)
        found = converge.cross_section(x)
        for name, theirs in (
            ("beta", fit.params[1]), ("se", fit.bse[1]), ("t", fit.tvalues[1]), ("p_value", fit.pvalues[1]),
            ("r2", fit.rsquared), ("low", fit.conf_int()[1, 0]), ("high", fit.conf_int()[1, 1]),
        ):  # fmt: skip
            assert float(found[name]) == pytest.approx(theirs, rel=1e-9), name
        assert float(found["speed"]) == pytest.approx(-np.log(1 + 8 * fit.params[1]) / 8)

    def test_a_region_without_an_end_is_left_out(self) -> None:
        x = panel(regions=8)
        holed = x.copy()
        holed[2, -1] = np.nan
        found, fewer = converge.cross_section(holed), converge.cross_section(x.drop_sel(region="r2"))
        assert int(found["regions"]) == 7
        np.testing.assert_allclose(found["beta"], fewer["beta"], **ROUNDING)
        np.testing.assert_allclose(found["se"], fewer["se"], **ROUNDING)


class TestSpeed:
    def test_there_is_none_where_regions_overshoot(self) -> None:
        found = converge.speed(xr.DataArray([-1.2, 0.1, -0.5]), xr.DataArray([0.1, 0.1, 0.1]), 2.0)
        assert np.isnan(found["speed"][0])
        assert float(found["speed"][1]) == pytest.approx(-np.log(1.1))
        assert np.isnan(found["half_life"][1])
        assert float(found["half_life"][2]) == pytest.approx(1.0)
        assert float(found["speed_high"][2]) == pytest.approx(np.log(2) + 2 * 0.1 / 0.5)

    def test_the_interval_is_that_of_the_delta_method(self) -> None:
        # the derivative by differences
        at, h, d = -0.04, 5, 1e-6
        speeds = [
            float(converge.speed(xr.DataArray(b), xr.DataArray(0.01), 1, step=h)["speed"]) for b in (at - d, at + d)
        ]
        found = converge.speed(xr.DataArray(at), xr.DataArray(0.01), 1, step=h)
        slope = abs(speeds[1] - speeds[0]) / (2 * d)
        assert float(found["speed_high"] - found["speed"]) == pytest.approx(0.01 * slope, rel=1e-6)


def ring(regions: int) -> Neighbours:
    names = [f"r{i}" for i in range(regions)]
    return Neighbours.from_pairs([(names[i], names[(i + d) % regions]) for i in range(regions) for d in (1, 3)], names)


class TestSpatial:
    @pytest.mark.parametrize(("dependence", "theirs"), [("lag", "BasePanel_FE_Lag"), ("error", "BasePanel_FE_Error")])
    def test_equals_spreg_with_dummies_of_years(self, dependence: converge.Dependence, theirs: str) -> None:
        from types import SimpleNamespace

        from scipy.sparse import csr_matrix
        from spreg import panel_fe

        # rows that do not all sum to 1 have no transformation of the effects of years, which spreg takes as regressors
        x, w = panel(regions=14, seed=6), ring(14).styled("binary")
        w = dataclasses.replace(w, matrix=w.matrix / 5.0)
        table = long(x).sort_values(["year", "region"], key=lambda c: c if c.name == "year" else c.str[1:].astype(int))
        dummies = pd.get_dummies(table["year"], drop_first=True).astype(float)
        design = pd.concat([table[["x"]], dummies], axis=1)
        # its information matrix takes the regressors as they come, so they come without means of regions
        design = (design - design.groupby(table["region"]).transform("mean")).to_numpy()
        weights = SimpleNamespace(n=14, sparse=csr_matrix(w.matrix), full=lambda: (w.matrix.toarray(), None))
        fit = getattr(panel_fe, theirs)(table[["y"]].to_numpy(), design, weights, epsilon=1e-12)
        found = converge.spatial(x, w, dependence=dependence)
        periods = x.sizes["year"] - 1
        rho = fit.rho if dependence == "lag" else fit.lam
        # two searches for the top of a flat likelihood meet to the root of the rounding
        assert float(found["rho"]) == pytest.approx(float(rho), abs=1e-6)
        assert float(found["beta"]) == pytest.approx(float(fit.betas[0, 0]), rel=1e-6)
        scale = np.sqrt(periods / (periods - 1))  # theirs divides the variance by nP
        assert float(found["se"]) == pytest.approx(scale * np.sqrt(fit.vm[0, 0]), rel=1e-5)
        assert float(found["rho_se"]) == pytest.approx(scale * np.sqrt(fit.vm[-1, -1]), rel=1e-5)

    @pytest.mark.parametrize("dependence", ["lag", "error"])
    def test_rho_is_not_biased_where_nothing_depends_on_neighbours(self, dependence: converge.Dependence) -> None:
        # 60 panels of 24 regions and 10 spans: ρ has an error of about 0.07, their mean of 0.009; effects of years
        # taken as regressors would draw it down by some 0.08, and reject at 5 % in more than a tenth of the panels
        rng = np.random.default_rng(3)
        walks = 0.3 * rng.normal(size=(60, 24, 11)) + rng.normal(size=(60, 24, 1))
        x = xr.DataArray(np.exp(walks), dims=("draw", "region", "year"), coords={"year": np.arange(11)})
        w = ring(24)
        found = converge.spatial(x.assign_coords(region=list(w.regions)), w, dependence=dependence)
        assert abs(float(found["rho"].mean())) < 0.03
        assert float((found["rho_p"] < 0.05).mean()) <= 0.1

    def test_one_span_is_too_few(self) -> None:
        x = panel(regions=8, years=5).isel(year=[0, 1, 3])
        with pytest.raises(DataError) as caught:  # of 0, 1 and 3 only the first two lie a year apart
            converge.spatial(x, ring(8))
        assert [(p.key, p.params["count"]) for p in caught.value.problems] == [("converge.few_spans", 1)]

    def test_finds_what_a_spatial_panel_was_made_with(self) -> None:
        n, years, rho, beta = 60, 30, 0.4, -0.3
        w, rng = ring(60), np.random.default_rng(12)
        inverse = np.linalg.inv(np.eye(n) - rho * w.matrix.toarray())
        logs, own = [rng.normal(size=n)], rng.normal(size=n)
        for _ in range(years):
            logs.append(logs[-1] + inverse @ (beta * logs[-1] + own + rng.normal() + 0.3 * rng.normal(size=n)))
        x = xr.DataArray(np.exp(np.array(logs).T), dims=("region", "year"))
        x = x.assign_coords(region=list(w.regions), year=np.arange(years + 1))
        found = converge.spatial(x, w)
        # four standard errors, and the bias that effects of regions leave in 30 years (about −(1 + 0.7)/30)
        assert abs(float(found["rho"]) - rho) < 4 * float(found["rho_se"])
        assert beta - 0.09 < float(found["beta"]) < beta + 4 * float(found["se"])
        multiplier = np.linalg.inv(np.eye(n) - float(found["rho"]) * w.matrix.toarray())
        assert float(found["total"]) == pytest.approx(float(found["beta"]) / (1 - float(found["rho"])))
        assert float(found["direct"]) == pytest.approx(float(found["beta"]) * np.trace(multiplier) / n)
        assert float(found["direct"] + found["indirect"]) == pytest.approx(float(found["total"]))

    @pytest.mark.parametrize("dependence", ["lag", "error"])
    def test_the_order_of_the_weights_does_not_matter(self, dependence: converge.Dependence) -> None:
        x, w = panel(regions=10), ring(10)
        one, other = (converge.spatial(x, v, dependence=dependence) for v in (w, w.only(w.regions[::-1])))
        for name in ("beta", "se", "rho", "rho_se"):
            np.testing.assert_allclose(one[name], other[name], rtol=1e-6)

    def test_sparse_and_full_weights_give_the_same(self) -> None:
        import sys

        module = sys.modules["ouhe.compute.converge.spatial"]  # the name in the package is the function

        x, w = panel(regions=110, years=6), ring(110)
        sparse = converge.spatial(x, w)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "DENSE", 0.0)
            full = converge.spatial(x, w)
        np.testing.assert_allclose(sparse["beta"], full["beta"], rtol=1e-7)

    def test_isolates_take_part_and_weights_without_neighbours_do_not(self) -> None:
        x = panel(regions=6)
        names = list(map(str, x["region"].values))
        w = Neighbours.from_pairs([("r0", "r1"), ("r1", "r2"), ("r2", "r3"), ("r3", "r4")], names)
        assert np.isfinite(converge.spatial(x, w)["beta"])
        with pytest.raises(DataError) as error:
            converge.spatial(x, Neighbours.from_pairs([], names, name="none"))
        assert error.value.problems[0].key == "converge.no_neighbours"

    def test_missing_values_and_constant_controls_are_refused(self) -> None:
        x, w = panel(regions=8), ring(8)
        holed = x.copy()
        holed[1, 1] = np.nan
        with pytest.raises(DataError) as error:
            converge.spatial(holed, w)
        assert [(p.key, p.params["at"]) for p in error.value.problems] == [("converge.missing_spatial", "r1 2011")]
        constant = xr.ones_like(controls_of(x)) * np.arange(8.0)[:, None]
        for dependence in ("lag", "error"):
            with pytest.raises(DataError) as error:
                converge.spatial(x, w, constant, dependence=dependence)  # type: ignore[arg-type]
            assert error.value.problems[0].key == "converge.absorbed_spatial"


class TestLogT:
    @pytest.mark.parametrize("seed", range(4))
    def test_equals_least_squares_with_andrews_variance(self, seed: int) -> None:
        import statsmodels.api as sm

        x = panel(regions=6, years=24, seed=seed)
        found = converge.log_t(x, discard=0.3)
        h = x.values / x.values.mean(axis=0)
        spread = ((h - 1) ** 2).mean(axis=0)
        t = np.arange(7, 25)  # [0.3 · 24] = 7
        fit = sm.OLS(np.log(spread[0] / spread[t - 1]) - 2 * np.log(np.log(t)), sm.add_constant(np.log(t))).fit()
        assert float(found["b"]) == pytest.approx(fit.params[1], rel=1e-9)
        u = fit.resid
        phi = u[1:] @ u[:-1] / (u[:-1] @ u[:-1])
        width = 1.3221 * (4 * phi**2 / (1 - phi) ** 4 * len(u)) ** 0.2

        def kernel(j: int) -> float:  # quadratic spectral
            z = 6 * np.pi * j / width / 5
            return 25 / (12 * np.pi**2 * (j / width) ** 2) * (np.sin(z) / z - np.cos(z))

        total = u @ u + 2 * sum(kernel(j) * (u[j:] @ u[:-j]) for j in range(1, len(u)))
        se = np.sqrt(total / (len(u) - 1) * fit.normalized_cov_params[1, 1])
        assert float(found["se"]) == pytest.approx(se, rel=1e-9)
        assert float(found["t"]) == pytest.approx(fit.params[1] / se, rel=1e-9)

    def test_dispersion_that_falls_faster_than_a_power_converges_and_one_that_stays_does_not(self) -> None:
        t = np.arange(1, 31)
        noise = 1 + 0.01 * np.sin(t)
        for power, sign in ((1.0, 1), (0.0, -1)):
            x = xr.DataArray(
                [10 + noise / t**power, 10 - noise / t**power], dims=("region", "year"), coords={"year": t}
            )
            found = converge.log_t(x)
            assert np.sign(float(found["b"])) == sign
            assert (float(found["t"]) > -1.65) == (sign > 0)

    @pytest.mark.parametrize(
        ("x", "discard", "key"),
        [
            (panel(years=5), 0.3, "few_years_clubs"),
            (panel(regions=1), 0.3, "one_region"),
            (panel().drop_sel(year=2012), 0.3, "uneven_years"),
            (panel() - 5.0, 0.3, "mean_not_positive"),
            (panel().where(lambda v: v.year > 2010), 0.3, "missing"),
            (panel(), 0.79, "discard"),
        ],
    )
    def test_what_is_refused(self, x: xr.DataArray, discard: float, key: str) -> None:
        with pytest.raises((DataError, OptionError)) as error:
            converge.log_t(x, discard=discard)
        assert error.value.problems[0].key == f"converge.{key}"


class TestSmooth:
    def test_equals_statsmodels(self) -> None:
        from statsmodels.tsa.filters.hp_filter import hpfilter

        x = panel(regions=3, years=15)
        for row in range(3):
            np.testing.assert_allclose(converge.smooth(x)[row], hpfilter(x.values[row], 400)[1], rtol=1e-8)

    def test_zero_leaves_the_values(self) -> None:
        xr.testing.assert_equal(converge.smooth(panel(), smoothing=0), panel())


def clubs_of(levels: dict[str, float], years: int = 24, *, seed: int = 0) -> xr.DataArray:
    """Regions whose paths draw together within each level, whose levels drift apart."""
    rng, t = np.random.default_rng(seed), np.arange(1, years + 1)
    rows, names = [], []
    for name, level in levels.items():
        for i, start in enumerate(rng.uniform(-2, 2, size=5)):
            rows.append(20 + level * (0.5 + t / years) + start / t + 0.001 * rng.normal(size=years))
            names.append(f"{name}{i}")
    return xr.DataArray(rows, dims=("region", "year"), coords={"region": names, "year": 2000 + t})


class TestClubs:
    def test_finds_the_clubs_that_were_made(self) -> None:
        x = clubs_of({"high": 10, "middle": 0, "low": -8})
        found = converge.clubs(x, smoothing=0)
        assert found["club"].values.tolist() == [1] * 5 + [2] * 5 + [3] * 5
        assert found["size"].values.tolist() == [5, 5, 5]
        assert (found["t"] > -1.65).all()
        assert float(found["all_t"]) < -1.65

    def test_one_club_where_all_converge(self) -> None:
        found = converge.clubs(clubs_of({"a": 3, "b": 3}), smoothing=0)
        assert found["club"].values.tolist() == [1] * 10
        assert float(found["all_t"]) == float(found["t"][0])

    def test_a_region_that_goes_its_own_way_belongs_to_none(self) -> None:
        x = clubs_of({"high": 10, "low": -6})
        x[0] = 60 + np.arange(24) * 3
        found = converge.clubs(x, smoothing=0)
        assert found["club"].values.tolist() == [0, *[1] * 4, *[2] * 5]

    def test_every_club_converges_and_no_two_that_could_merge_are_left(self) -> None:
        for seed in range(6):
            x = panel(regions=16, years=14, seed=seed)
            found = converge.clubs(x, merging="schnurbus")
            smooth = converge.smooth(x)
            numbers = found["club"].values
            tests = {k: converge.log_t(smooth[numbers == k]) for k in set(numbers[numbers > 0])}
            for k, test in tests.items():
                assert float(test["t"]) > -1.65
                assert float(test["t"]) == pytest.approx(float(found["t"].sel(club_number=k)), rel=1e-6)
            for k in sorted(tests)[:-1]:
                assert float(converge.log_t(smooth[(numbers == k) | (numbers == k + 1)])["t"]) <= -1.65

    @pytest.mark.parametrize("seed", range(5))
    def test_equals_the_steps_taken_one_by_one(self, seed: int) -> None:
        x = panel(regions=14, years=16, seed=seed)
        found = converge.clubs(x, smoothing=0, merging="none")["club"].values
        assert found.tolist() == one_by_one(x.values)

    @given(st.permutations(range(14)), st.floats(0.01, 100))
    def test_order_and_units_do_not_matter(self, order: list[int], unit: float) -> None:
        x = panel(regions=14, years=16, seed=2)
        one, other = converge.clubs(x), converge.clubs(unit * x.isel(region=order))
        assert one["club"].isel(region=order).values.tolist() == other["club"].values.tolist()

    def test_variables_are_searched_each_for_itself(self) -> None:
        both = xr.concat([panel(regions=10, years=12, seed=s) for s in (1, 2)], dim="variable")
        found = converge.clubs(both)
        for i, seed in enumerate((1, 2)):
            alone = converge.clubs(panel(regions=10, years=12, seed=seed))
            assert found["club"].isel(variable=i).values.tolist() == alone["club"].values.tolist()

    def test_regions_that_are_all_the_same_have_no_test(self) -> None:
        x = xr.ones_like(panel(regions=4, years=10))
        with warnings.catch_warnings():
            warnings.simplefilter("error", OuheWarning)
            found = converge.clubs(x)
        assert found["club"].values.tolist() == [0, 0, 0, 0]
        assert np.isnan(found["all_t"])


def one_by_one(values: np.ndarray) -> list[int]:  # noqa: C901 (the steps stand as the paper has them)
    """Phillips and Sul's steps with a test at a time, as they are told in their paper."""

    def t(rows: list[int]) -> float:
        x = xr.DataArray(values[rows], dims=("region", "year"), coords={"year": np.arange(values.shape[1])})
        return float(converge.log_t(x)["t"])

    left, number, out = list(range(len(values))), 0, [0] * len(values)
    while len(left) > 1:
        club: list[int] = []
        if t(left) > -1.65:
            club = list(left)
        else:
            order = sorted(left, key=lambda r: -values[r, -1])
            for first in range(len(order) - 1):
                if t(order[first : first + 2]) > -1.65:
                    core, best = order[first : first + 2], t(order[first : first + 2])
                    for last in range(first + 3, len(order) + 1):
                        now = t(order[first:last])
                        if now <= -1.65:
                            break
                        if now > best:
                            core, best = order[first:last], now
                    alone = {r: t([*core, r]) for r in order if r not in core}
                    joining = sorted((r for r in alone if alone[r] > 0), key=lambda r: -alone[r])
                    while joining and t([*core, *joining]) <= -1.65:
                        joining.pop()
                    club = [*core, *joining]
                    break
        if not club:
            break
        number += 1
        for r in club:
            out[r] = number
        left = [r for r in left if r not in club]
    return out
