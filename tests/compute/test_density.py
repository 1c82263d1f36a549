"""Kernel densities: cases by hand, laws, and what is refused. Peers stand in tests/reference."""

import math
import warnings

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ouhe import text
from ouhe.compute import density
from ouhe.errors import DataError, OptionError, OuheWarning

# indices are what most cases are made of, and what lies outside [0, 1] is a case of its own
pytestmark = pytest.mark.filterwarnings("ignore:.*of the density lies outside:ouhe.errors.OuheWarning")

FEW = settings(max_examples=30)


def panel(values, years=None, **coords):
    """Values ``(region, year)`` or ``(region,)``, labelled."""
    values = np.asarray(values, dtype=float)
    labels = {"region": [f"r{i}" for i in range(len(values))], **coords}
    if values.ndim == 1:
        return xr.DataArray(values, dims="region", coords=labels, name="D")
    years = range(2010, 2010 + values.shape[1]) if years is None else years
    return xr.DataArray(values, dims=("region", "year"), coords={**labels, "year": years})


@pytest.fixture
def x():
    """31 regions, 4 years, 2 variables."""
    rng = np.random.default_rng(0)
    return xr.DataArray(
        rng.beta(3, 5, (31, 4, 2)),
        dims=("region", "year", "variable"),
        coords={"region": [f"r{i}" for i in range(31)], "year": [2010, 2014, 2018, 2022], "variable": ["C", "D"]},
    )


# by hand


def test_two_values_under_a_gaussian():
    # at 0.5 both kernels of h = 1 stand half a bandwidth away: φ(0.5) = 0.352065
    c = density.estimate(panel([0.0, 1.0]), bandwidth=1.0, points=15 + 2)
    middle = c.isel(point=8)
    assert middle["x"].item() == pytest.approx(0.5)
    assert middle["density"].item() == pytest.approx(0.352065, abs=5e-7)
    assert c["n"].item() == 2


def test_epanechnikov_ends_at_root_five_bandwidths_and_has_unit_variance():
    c = density.estimate(panel([0.0, 1e-6]), bandwidth=1.0, kernel="epanechnikov", points=6001)
    x, f = c["x"].values, c["density"].values
    assert f.max() == pytest.approx(3 / (4 * math.sqrt(5)), abs=1e-6)
    assert np.abs(x[f > 0]).max() == pytest.approx(math.sqrt(5), abs=2e-3)
    step = x[1] - x[0]
    assert (f * step).sum() == pytest.approx(1.0, abs=1e-6)
    assert (x**2 * f * step).sum() == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(
    ("values", "spread"),
    [
        # n = 8: quartiles average at ties, (2 + 3)/2 and (6 + 7)/2; IQR/1.349 = 2.965 > s = √6
        ([1, 2, 3, 4, 5, 6, 7, 8], math.sqrt(6.0)),
        # n = 7: 7/4 is no whole number, so the quartiles are the 2nd and the 6th value, and IQR/1.349 < s
        ([1, 2, 3, 4, 5, 6, 70], 4 / 1.349),
        # quartiles are the same, s stands alone: (0.8² + 4 · 0.2²) / 4 = 0.2
        ([0, 1, 1, 1, 1], math.sqrt(0.2)),
    ],
)
def test_stata_s_rule(values, spread):
    h = density.estimate(panel(values))["bandwidth"].item()
    assert h == pytest.approx(0.9 * spread * len(values) ** -0.2, rel=1e-12)


def test_scott_and_silverman_by_hand():
    values = panel([1, 2, 3, 4, 5, 6, 7, 8])
    for rule, factor in (("scott", 8**-0.2), ("silverman", 6**-0.2)):
        h = density.estimate(values, bandwidth=rule)["bandwidth"].item()
        assert h == pytest.approx(math.sqrt(6.0) * factor, rel=1e-12)


def test_years_of_a_variable_share_a_grid(x):
    c = density.estimate(x)
    assert c["density"].dims == ("year", "variable", "point")
    assert c["x"].dims == ("variable", "point")
    assert c["bandwidth"].dims == ("year", "variable")
    assert c["density"]["variable"].values.tolist() == ["C", "D"]
    low = (x.min("region") - 3 * c["bandwidth"]).min("year")
    high = (x.max("region") + 3 * c["bandwidth"]).max("year")
    np.testing.assert_allclose(c["x"].isel(point=0), low, rtol=1e-12)
    np.testing.assert_allclose(c["x"].isel(point=-1), high, rtol=1e-12)
    np.testing.assert_allclose(
        c["x"].diff("point"), ((high - low) / 511).expand_dims(point=511).transpose(..., "point")
    )


@pytest.mark.parametrize("exact_up_to", [1000, 0])
@pytest.mark.parametrize("reflect", [True, False])
def test_every_curve_is_that_of_its_own_year_and_variable(x, exact_up_to, reflect):
    options = {"bandwidth": 0.05, "reflect": reflect, "exact_up_to": exact_up_to}
    together = density.estimate(x, **options)
    for year in x["year"].values:
        for variable in x["variable"].values:
            alone = density.estimate(x.sel(variable=variable), **options).sel(year=year)
            here = together.sel(year=year, variable=variable)
            np.testing.assert_allclose(here["density"], alone["density"], rtol=1e-9, atol=1e-12)
            np.testing.assert_array_equal(here["x"], alone["x"])


def test_a_raster_is_its_cells_in_a_row(x):
    cells = x.isel(region=slice(30))
    raster = xr.DataArray(
        cells.values.reshape(5, 6, 4, 2), dims=("y", "x", "year", "variable"), coords={"year": x["year"]}
    )
    for few in (1000, 0):
        found = density.estimate(raster, exact_up_to=few)
        expected = density.estimate(cells, exact_up_to=few)
        # bandwidths sum in another order; binned sums come from a Fourier transform, whose rounding is that of the peak
        np.testing.assert_allclose(found["density"], expected["density"], rtol=1e-12, atol=0 if few else 1e-14)
        assert found["n"].item() == 30
    seen = density.shape(found, raster)
    np.testing.assert_allclose(seen["skewness"], density.shape(expected, cells)["skewness"], rtol=1e-9)


@pytest.mark.parametrize("exact_up_to", [1000, 0])
def test_chunked_values_give_the_same_curves(x, exact_up_to):
    lazy = density.estimate(x.chunk({"region": 7, "year": 1}), exact_up_to=exact_up_to)
    xr.testing.assert_allclose(lazy, density.estimate(x, exact_up_to=exact_up_to), rtol=1e-12)
    xr.testing.assert_allclose(
        density.shape(lazy, x.chunk({"region": 7})), density.shape(density.estimate(x), x), rtol=1e-5
    )


@pytest.fixture(scope="module")
def sea():
    """A raster of 2 variables and 3 years with cells outside its study, and its cells as regions; some values tie."""
    rng = np.random.default_rng(3)
    land = rng.random((20, 30)) < 0.7
    land[:6, :10] = False  # a whole chunk
    values = np.round(rng.beta(3, 5, (2, 3, 20, 30)), 3).astype(np.float32)
    values[..., ~land] = np.nan
    coords = {"variable": ["C", "D"], "year": [2010, 2011, 2012], "inside": (("y", "x"), land)}
    raster = xr.DataArray(values, dims=("variable", "year", "y", "x"), coords=coords)
    regions = xr.DataArray(values[..., land].astype(float), dims=("variable", "year", "region"))
    return raster, regions.assign_coords(variable=raster["variable"], year=raster["year"])


@pytest.mark.parametrize("exact_up_to", [1000, 0])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"bandwidth": "isj", "reflect": True},
        {"bandwidth": "scott", "kernel": "epanechnikov"},
        {"bandwidth": "silverman", "kernel": "epanechnikov", "reflect": True},
        {"bandwidth": 2e-3, "points": 60},  # narrower than the points are apart: pairs within reach
    ],
)
@pytest.mark.filterwarnings("ignore:the 60 points:ouhe.errors.OuheWarning")
def test_cells_outside_the_study_are_not_counted_whatever_the_chunks(sea, options, exact_up_to):
    raster, regions = sea
    expected = density.estimate(regions, exact_up_to=exact_up_to, **options)
    for some in (
        raster,
        raster.chunk(year=2, y=6, x=10),
        raster.transpose("y", "x", "year", "variable").chunk(variable=1, y=3),
    ):
        found = density.estimate(some, exact_up_to=exact_up_to, **options)
        assert found["n"].item() == regions.sizes["region"]
        found = found.transpose(*expected["density"].dims)
        # rounding of the sums, of which the narrowest bandwidths see the most
        np.testing.assert_allclose(found["bandwidth"], expected["bandwidth"], rtol=1e-12)
        peak = expected["density"].max().item()
        np.testing.assert_allclose(found["density"], expected["density"], atol=1e-10 * peak)
    seen, shape = density.shape(found, some), density.shape(expected, regions)
    for name in ("skewness", "kurtosis"):
        np.testing.assert_allclose(seen[name].transpose(*shape[name].dims), shape[name], rtol=1e-9)


def test_values_that_differ_are_counted_over_chunks_up_to_a_thousand():
    rng = np.random.default_rng(7)
    for values in (np.round(rng.beta(2, 5, 1500), 2), rng.beta(2, 5, 1500)):
        x = panel(values)
        whole = density.estimate(x, bandwidth="isj")
        assert density.estimate(x.chunk(region=400), bandwidth="isj")["bandwidth"].item() == pytest.approx(
            whole["bandwidth"].item(), rel=1e-9
        )


def test_values_stay_as_they_were(x):
    before = x.copy(deep=True)
    density.shape(density.estimate(x, exact_up_to=0, reflect=True), x)
    xr.testing.assert_identical(x, before)


def test_whole_numbers_and_single_precision():
    whole = density.estimate(panel([1, 2, 3, 5]).astype(np.int32))
    np.testing.assert_array_equal(whole["density"], density.estimate(panel([1, 2, 3, 5]))["density"])
    single = density.estimate(panel([1, 2, 3, 5]).astype(np.float32), exact_up_to=0)
    assert single["density"].dtype == np.float64


# laws

# in steps of 1/1024, so that no two values fall together once they are shifted
VALUES = hnp.arrays(float, st.integers(2, 40), elements=st.integers(0, 1024).map(lambda k: k / 1024))


def varied(values):
    """Values that are not all the same."""
    assume(np.ptp(values) > 0.0)
    return panel(values)


@FEW
@given(VALUES, st.sampled_from(["gaussian", "epanechnikov"]), st.floats(0.02, 1), st.booleans(), st.integers(0, 1))
def test_all_of_a_density_lies_where_it_should(values, kernel, h, reflect, binned):
    c = density.estimate(
        varied(values), kernel=kernel, bandwidth=h, reflect=reflect, points=2049, exact_up_to=1000 * (1 - binned)
    )
    x, f = c["x"].values, c["density"].values
    assert (f >= 0.0).all()
    # beyond 3h on either side a Gaussian has a little left, the other kernel nothing
    beyond = [math.erf((x[-1] - v) / h / math.sqrt(2)) - math.erf((x[0] - v) / h / math.sqrt(2)) for v in values]
    expected = np.mean(beyond) / 2 if kernel == "gaussian" and not reflect else 1.0
    assert (x[0], x[-1]) == (0.0, 1.0) or not reflect
    # 1e-4 for the kinks of a parabola between points h/41 apart; 2e-6 for bins and ends
    assert np.trapezoid(f, x) == pytest.approx(expected, abs=1e-4 if kernel == "epanechnikov" else 2e-6)


@FEW
@given(VALUES, st.floats(-100, 100), st.floats(0.01, 100), st.sampled_from(["stata", "scott", "silverman", "isj"]))
@pytest.mark.filterwarnings("ignore::ouhe.errors.OuheWarning")  # the narrowest bandwidths need more points
def test_a_change_of_unit_changes_nothing_but_the_unit(values, shift, scale, rule):
    x = varied(values)
    try:
        one = density.estimate(x, bandwidth=rule)
    except DataError:
        assume(False)  # isj without solution
    two = density.estimate(x * scale + shift, bandwidth=rule)
    # a shift of 100 leaves a range of 1e-5 some 9 of 16 digits
    assert two["bandwidth"].item() == pytest.approx(scale * one["bandwidth"].item(), rel=1e-6)
    top = one["density"].values.max()
    np.testing.assert_allclose(two["density"].values * scale / top, one["density"].values / top, atol=1e-6)


@FEW
@given(VALUES, st.randoms(use_true_random=False), st.booleans(), st.sampled_from([0, 1000]))
def test_the_order_of_regions_changes_nothing(values, random, reflect, exact_up_to):
    x = varied(values)
    order = list(range(len(values)))
    random.shuffle(order)
    options = {"bandwidth": 0.1, "reflect": reflect, "exact_up_to": exact_up_to}
    one, two = density.estimate(x, **options), density.estimate(x.isel(region=order), **options)
    np.testing.assert_allclose(two["density"], one["density"], atol=1e-12)


@FEW
@given(VALUES, st.floats(-7, 0), st.sampled_from(["gaussian", "epanechnikov"]), st.booleans(), st.integers(16, 700))
@example(np.array([2.0**-10, 2.0**-9]), -4.0, "gaussian", True, 16)  # the nearest point is ten bandwidths away
@pytest.mark.filterwarnings("ignore::ouhe.errors.OuheWarning")  # bandwidths far narrower than the grid are meant here
def test_bins_agree_with_exact_sums(values, power, kernel, reflect, points):
    x, h = varied(values), 10.0**power
    options = {"kernel": kernel, "bandwidth": h, "reflect": reflect, "points": points}
    try:
        exact = density.estimate(x, **options)["density"].values
    except OptionError:  # no point lies within reach of any value
        with pytest.raises(OptionError, match=r"narrow|过窄"):
            density.estimate(x, **options, exact_up_to=0)
        return
    many = density.estimate(x, **options, exact_up_to=0)["density"].values
    # points may miss the peak, which is no lower than what the values at one place make of it
    _, alike = np.unique(values, return_counts=True)
    peak = max(exact.max(), alike.max() / len(values) / h * 0.3354)
    assert np.abs(many - exact).max() <= 1e-6 * peak


@pytest.mark.parametrize("kernel", ["gaussian", "epanechnikov"])
@pytest.mark.parametrize("reflect", [False, True])
def test_bins_agree_with_exact_sums_of_many_regions(kernel, reflect):
    values = np.random.default_rng(5).beta(6, 2, 4_000)
    for bandwidth in ("stata", 3e-3):
        options = {"kernel": kernel, "reflect": reflect, "bandwidth": bandwidth}
        exact = density.estimate(panel(values), **options, exact_up_to=len(values))["density"].values
        many = density.estimate(panel(values), **options)["density"].values
        assert np.abs(many - exact).max() <= 1e-6 * exact.max()
        # but for the Gaussian that is not one and the same sum
        assert (kernel == "epanechnikov") or (many != exact).any()


def test_reflection_mirrors_at_both_ends():
    # one bandwidth as wide as the bounds: the images of images count too, and the curve is almost level
    c = density.estimate(panel([0.0, 1e-3]), bandwidth=1.0, reflect=True)
    f = c["density"].values
    # the density of heat on a rod: 1 + 2 Σ exp(−(kπh)²/2) cos(kπx)
    ticks = c["x"].values
    expected = 1 + 2 * sum(
        math.exp(-((k * math.pi) ** 2) / 2) * np.cos(k * math.pi * ticks) * (1 + math.cos(k * math.pi * 1e-3)) / 2
        for k in range(1, 6)
    )
    np.testing.assert_allclose(f, expected, atol=1e-12)
    np.testing.assert_allclose(
        density.estimate(panel([0.0, 1e-3]), bandwidth=1.0, reflect=True, exact_up_to=0)["density"], expected, atol=2e-6
    )


def test_bounds_of_another_scale():
    one = density.estimate(panel([0.2, 0.4, 0.9]), reflect=True)
    two = density.estimate(panel([12.0, 14.0, 19.0]), reflect=True, bounds=(10.0, 20.0))
    np.testing.assert_allclose(two["density"] * 10, one["density"], rtol=1e-9)


# shape


def test_two_peaks_by_hand():
    # kernels at 0 (two of three values) and 1 that hardly meet: heights 2/3 and 1/3 of φ(0)/h
    x = panel([0.0, 0.0, 1.0])
    seen = density.shape(density.estimate(x, bandwidth=0.1, points=2001), x)
    assert seen["peaks"].item() == 2
    np.testing.assert_allclose(seen["place"], [0.0, 1.0], atol=1e-3)
    top = 1 / math.sqrt(2 * math.pi) / 0.1
    np.testing.assert_allclose(seen["height"], [2 / 3 * top, 1 / 3 * top], rtol=1e-4)
    # between them the curve falls to almost 0 (e^{-12.5})
    np.testing.assert_allclose(seen["prominence"], [2 / 3 * top, 1 / 3 * top], rtol=1e-4)
    assert seen["mode"].item() == pytest.approx(0.0, abs=1e-3)
    assert seen["mode_height"].item() == seen["height"][0].item()
    # a Gaussian is 2 √(2 ln 2) h wide at half its height
    assert seen["width"].item() == pytest.approx(2 * math.sqrt(2 * math.log(2)) * 0.1, rel=1e-3)
    # m₂ = 2/9, m₃ = 2/27, m₄ = 6/81: g₁ = 1/√2, b₂ = 1.5
    assert seen["skewness"].item() == pytest.approx(1 / math.sqrt(2))
    assert seen["kurtosis"].item() == pytest.approx(1.5)


def test_small_peaks_count_only_where_asked():
    x = panel([0.0] * 97 + [1.0] * 3)
    curves = density.estimate(x, bandwidth=0.1)
    assert density.shape(curves, x)["peaks"].item() == 1
    few = density.shape(curves, x, prominence=0.03)
    assert few["peaks"].item() == 2
    # 3/97 of the higher one
    assert (few["prominence"][1] / few["mode_height"]).item() == pytest.approx(3 / 97, rel=1e-3)
    assert density.shape(curves, x, prominence=1.0)["peaks"].item() == 1


def test_years_with_fewer_peaks_are_filled_with_nothing():
    x = panel([[0.0, 0.4], [0.1, 0.5], [0.9, 0.5], [1.0, 0.6]])
    seen = density.shape(density.estimate(x, bandwidth=0.1), x)
    assert seen["peaks"].values.tolist() == [2, 1]
    assert seen["place"].dims == ("year", "peak")
    assert seen["place"].isnull().values.tolist() == [[False, False], [False, True]]
    assert seen["peak"].values.tolist() == [1, 2]


def test_a_reflected_density_may_have_its_peak_at_the_end():
    x = panel([0.95, 0.97, 0.99, 1.0, 1.0, 0.8])
    curves = density.estimate(x, reflect=True, bandwidth=0.05)
    seen = density.shape(curves, x)
    assert seen["mode"].item() == 1.0
    assert seen["mode_height"].item() == curves["density"][-1].item()
    assert 0.0 < seen["width"].item() < 0.2


def test_a_level_top_is_one_peak_in_its_middle():
    curves = xr.Dataset(
        {"x": ("point", np.arange(9.0)), "density": ("point", [0, 1, 3, 3, 3, 1, 2.0, 1, 0]), "bandwidth": 1.0}
    )
    seen = density.shape(curves, panel([1, 2, 4]))
    assert seen["place"].values.tolist() == [3.0, 6.0]
    assert seen["prominence"].values.tolist() == [3.0, 1.0]
    # half of 3 is reached at 1.25 and at 4.75
    assert seen["width"].item() == 3.5


def test_peaks_of_the_same_height_stand_alike():
    curves = xr.Dataset({"x": ("point", np.arange(5.0)), "density": ("point", [0, 2.0, 1, 2, 0])})
    seen = density.shape(curves, panel([1, 2, 4]))
    assert seen["prominence"].values.tolist() == [2.0, 2.0]
    assert seen["mode"].item() == 1.0


def test_kinds():
    assert density.modality(xr.DataArray([1, 2, 3, 7])).values.tolist() == [1, 2, 3, 3]
    skewness = xr.DataArray([-0.51, -0.5, 0.0, 0.5, 0.51], dims="year", coords={"year": range(5)})
    assert density.tail(skewness).values.tolist() == [-1, 0, 0, 0, 1]
    assert density.tail(skewness, beyond=0).values.tolist() == [-1, -1, 0, 1, 1]
    assert density.peakedness(xr.DataArray([1.8, 2.5, 3.5, 3.6])).values.tolist() == [-1, 0, 0, 1]
    first = xr.DataArray([1.0, 1.0, 1.0, -1.0])
    assert density.course(first, xr.DataArray([0.9, 0.95, 1.06, -0.9])).values.tolist() == [-1, 0, 1, 1]
    for kind in (density.tail(skewness), density.modality(first), density.course(first, first)):
        assert kind.dtype == np.int8
    assert density.tail(skewness)["year"].equals(skewness["year"])


# bad input


def keys(error):
    """Keys of the problems."""
    return [p.key for p in error.value.problems]


def test_missing_regions_are_named(x):
    x[3, 1, 0] = np.nan
    x[5, 2, 1] = np.inf
    with pytest.raises(DataError) as error:
        density.estimate(x)
    assert [p.params["at"] for p in error.value.problems] == ["r3 2014 C", "r5 2018 D"]


@pytest.mark.parametrize("bandwidth", ["stata", "isj", 0.1])
def test_a_year_without_variance_is_named(x, bandwidth):
    x.loc[{"year": 2018, "variable": "D"}] = 0.1 + 0.2
    x[0, 2, 1] = 0.3
    with pytest.raises(DataError) as error:
        density.estimate(x, bandwidth=bandwidth)
    assert [(p.key, p.params["at"]) for p in error.value.problems] == [("density.no_spread", "2018 D")]


def test_a_single_curve_without_variance_has_the_name_of_its_values():
    with pytest.raises(DataError, match="D: every region has the value 2"):
        density.estimate(panel([2.0, 2.0, 2.0]))


def test_one_region_has_no_density(x):
    with pytest.raises(DataError, match="two regions"):
        density.estimate(x.isel(region=[0]))
    with pytest.raises(DataError):
        density.estimate(x.isel(region=0, drop=True))


def test_values_outside_the_bounds_are_named():
    x = panel([[0.2, -0.1], [1.2, 0.5], [0.3, 1.0 + 1e-12]])
    with pytest.raises(DataError) as error:
        density.estimate(x, reflect=True)
    assert [p.params["at"] for p in error.value.problems] == ["r0 2011", "r1 2010"]
    assert "0.0 … 1.0" in str(error.value)


def test_isj_says_where_it_finds_no_bandwidth_and_what_to_take():
    values = np.random.default_rng(0).beta(2, 5, (100, 2))
    values[:, 1] = np.arange(100) == 0
    with pytest.raises(DataError) as error:
        density.estimate(panel(values), bandwidth="isj")
    assert [(p.key, p.params["at"]) for p in error.value.problems] == [("density.isj_failed", "2011")]
    assert "stata" in str(error.value)
    with pytest.raises(DataError, match="D: the rule isj"):
        density.estimate(panel([1.0, 2.0, 3.0]), bandwidth="isj")


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"kernel": "gauss"}, "errors.no_choice"),
        ({"bandwidth": "silvermann"}, "density.no_rule"),
        ({"bandwidth": 0}, "density.bandwidth"),
        ({"bandwidth": -0.1}, "density.bandwidth"),
        ({"bandwidth": np.nan}, "density.bandwidth"),
        ({"bandwidth": np.inf}, "density.bandwidth"),
        ({"bandwidth": True}, "density.bandwidth"),
        ({"points": 15}, "density.points"),
        ({"points": 100.0}, "density.points"),
        ({"exact_up_to": -1}, "density.exact_up_to"),
        ({"bounds": (1.0, 0.0)}, "density.bounds"),
        ({"bounds": (0.0, np.inf)}, "density.bounds"),
        ({"bounds": ("a", "b")}, "density.bounds"),
        ({"bounds": "ab"}, "density.bounds"),
        ({"bounds": (0.0, 0.5, 1.0)}, "density.bounds"),
        ({"bounds": None}, "density.bounds"),
        ({"points": "512"}, "density.points"),
        ({"reflect": True, "bandwidth": 1.5}, "density.wide"),
    ],
)
def test_options_that_are_none(x, options, key):
    with pytest.raises(OptionError) as error:
        density.estimate(x, **options)
    assert keys(error) == [key]


def test_all_wrong_options_are_told_at_once(x):
    with pytest.raises(OptionError) as error:
        density.estimate(x, kernel="epanechnikow", bandwidth="scot", points=3)
    assert keys(error) == ["errors.no_choice", "density.no_rule", "density.points"]
    assert 'did you mean "epanechnikov"' in str(error.value)
    assert 'did you mean "scott"' in str(error.value)


def test_wrong_thresholds(x):
    curves = density.estimate(x)
    for wrong in (-0.1, 1.1, np.nan):
        with pytest.raises(OptionError, match="prominence"):
            density.shape(curves, x, prominence=wrong)
    for kind in (density.tail, density.peakedness):
        with pytest.raises(OptionError, match="beyond"):
            kind(xr.DataArray([1.0]), beyond=-0.1)
    with pytest.raises(OptionError, match="beyond"):
        density.course(xr.DataArray([1.0]), xr.DataArray([1.0]), beyond=np.nan)


def test_points_too_far_apart_are_told():
    # 1 + 6h over 99 steps is more than h = 0.01; 107 points would do
    with pytest.warns(OuheWarning, match="set points to 107"):
        density.estimate(panel([0.0, 0.5, 1.0]), bandwidth=0.01, points=100)
    density.estimate(panel([0.0, 0.5, 1.0]), bandwidth=0.01, points=107)


def test_density_outside_the_bounds_of_all_values_is_told_once_by_its_worst_curve():
    # every region at 0 or 1 and h = 0.1: half the density of each lies outside, but for what 10 h hold
    x = xr.DataArray(
        [[[0.0, 0.4, 5.0], [0.5, 0.5, 6.0]], [[1.0, 0.6, 7.0], [0.6, 0.6, 8.0]]],
        dims=("region", "year", "variable"),
        coords={"region": ["a", "b"], "year": [2010, 2011], "variable": ["D", "narrow", "income"]},
    )
    with pytest.warns(OuheWarning, match=r"lies outside \[0, 1\].*reflect: true") as told:
        density.estimate(x, bandwidth=0.1)
    assert (len(told), told[0].filename) == (1, __file__)
    params = told[0].message.problem.params
    assert (params["at"], params["count"]) == ("2010 D", 1)
    # steps of the grid end within 1/300 of the bound, where the density is 2
    assert params["share"] == pytest.approx(0.5, abs=0.007)
    assert "2010 D" in told[0].message.problem.message("zh")


@pytest.mark.parametrize(
    ("values", "options"),
    [
        ([0.4, 0.6], {}),  # four bandwidths inside
        ([0.0, 1.0], {"reflect": True}),
        ([0.0, 1.1], {}),  # no index
        ([0.0, 1.0], {"bounds": (-1.0, 2.0)}),
        ([-0.5, 0.0], {}),
    ],
)
def test_density_that_lies_between_the_bounds_or_knows_none_is_not_told(values, options):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        density.estimate(panel(values), bandwidth=0.1, **options)


def test_bounds_of_other_units_are_those_given():
    with pytest.warns(OuheWarning, match=r"outside \[0, 100\]"):
        density.estimate(panel([0.0, 100.0]), bandwidth=10.0, bounds=(0.0, 100.0))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_message_can_be_said(lang):
    params = {
        "at": "2010 D", "value": 0.5, "count": 3, "low": 0.0, "high": 1.0, "points": 16, "step": 0.1, "width": 0.01,
        "enough": 200, "near": "", "least": 16, "share": 0.1, "dims": "year", "ddof": 4, "most": 2,
    }  # fmt: skip
    for key in text.texts("density", lang):
        assert text.t(f"density.{key}", lang=lang, **params)
