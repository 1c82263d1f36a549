"""The same curves, bandwidths and peaks as other people's software.

Curves agree to 1e-6 of the peak, which is what `estimate` promises for bins; exact sums to 1e-12, because both sides
add up the same float64 terms in another order.
"""

import numpy as np
import pytest
import xarray as xr

from ouhe.compute import density

kde = pytest.importorskip("statsmodels.nonparametric.kde")
KDEpy = pytest.importorskip("KDEpy")
bw_selection = pytest.importorskip("KDEpy.bw_selection")
signal = pytest.importorskip("scipy.signal")
stats = pytest.importorskip("scipy.stats")

# peers are asked for curves of indices that nothing reflects
pytestmark = pytest.mark.filterwarnings("ignore:.*of the density lies outside:ouhe.errors.OuheWarning")

#: n → how far curves may lie apart, in peaks: exact sums and sums over bins.
SIZES = [(31, 1e-12), (4000, 1e-6)]


def samples(n):
    """Values of every kind: even, skewed, heavy-tailed, with two peaks, with ties."""
    rng = np.random.default_rng(n)
    two = np.concatenate([rng.normal(0.3, 0.05, n // 2), rng.normal(0.7, 0.08, n - n // 2)])
    return {
        "normal": rng.normal(100.0, 15.0, n),
        "beta": rng.beta(8.0, 1.5, n),
        "lognormal": rng.lognormal(sigma=1.0, size=n),
        "two": two,
        "ties": rng.normal(size=n).round(1),
    }


def regions(values):
    """One value a region."""
    return xr.DataArray(values, dims="region")


@pytest.fixture(params=["normal", "beta", "lognormal", "two", "ties"])
def kind(request):
    return request.param


def apart(found, expected):
    """Largest distance of two curves, in peaks."""
    return np.abs(found - expected).max() / found.max()


@pytest.mark.parametrize(("n", "tolerance"), SIZES)
def test_gaussian_curves(kind, n, tolerance):
    values = samples(n)[kind]
    c = density.estimate(regions(values))
    x, f, h = c["x"].values, c["density"].values, c["bandwidth"].item()
    assert apart(f, stats.gaussian_kde(values, bw_method=h / values.std(ddof=1))(x)) < tolerance
    assert apart(f, KDEpy.NaiveKDE(kernel="gaussian", bw=h).fit(values).evaluate(x)) < tolerance
    of_statsmodels = kde.KDEUnivariate(values)
    of_statsmodels.fit(kernel="gau", bw=h, fft=False, gridsize=16)
    assert apart(f, of_statsmodels.evaluate(x)) < tolerance


@pytest.mark.parametrize(("n", "tolerance"), SIZES)
def test_epanechnikov_curves(kind, n, tolerance):
    values = samples(n)[kind]
    c = density.estimate(regions(values), kernel="epanechnikov")
    x, f, h = c["x"].values, c["density"].values, c["bandwidth"].item()
    # KDEpy scales it to unit variance too; eps widens the search of its tree, which otherwise stops short
    assert apart(f, KDEpy.NaiveKDE(kernel="epa", bw=h).fit(values).evaluate(x)) < tolerance
    assert apart(f, KDEpy.TreeKDE(kernel="epa", bw=h).fit(values).evaluate(x, eps=1e-12)) < tolerance


def test_epanechnikov_curves_of_statsmodels(kind):
    # it counts to the end of the support instead, and takes points one by one, those within reach of a value
    values = samples(31)[kind]
    c = density.estimate(regions(values), kernel="epanechnikov")
    x, f, h = c["x"].values, c["density"].values, c["bandwidth"].item()
    of_statsmodels = kde.KDEUnivariate(values)
    of_statsmodels.fit(kernel="epa", bw=np.sqrt(5.0) * h, fft=False, gridsize=16)
    expected = np.array([np.sum(of_statsmodels.evaluate(point)) for point in x[f > 0.0]])
    assert apart(f[f > 0.0], expected) < 1e-12


def test_fast_curves_of_a_peer():
    # FFTKDE bins on the points it is asked for: on 256 times as many, its own error is below 1e-6 too
    values = samples(4000)["beta"]
    c = density.estimate(regions(values), kernel="epanechnikov")
    x, h = c["x"].values, c["bandwidth"].item()
    fine = np.linspace(x[0], x[-1], 256 * (len(x) - 1) + 1)
    assert apart(c["density"].values, KDEpy.FFTKDE(kernel="epa", bw=h).fit(values).evaluate(fine)[::256]) < 1e-6


@pytest.mark.parametrize("rule", ["scott", "silverman"])
def test_bandwidths_of_scipy(kind, rule):
    values = samples(31)[kind]
    h = density.estimate(regions(values), bandwidth=rule)["bandwidth"].item()
    assert h == pytest.approx(np.sqrt(stats.gaussian_kde(values, bw_method=rule).covariance.item()), rel=1e-12)


@pytest.mark.parametrize("n", [31, 4000])
def test_improved_sheather_jones(kind, n):
    # KDEpy 1.1 multiplies by the range of the values instead of the mesh's, which is twice that (its issue 199), and
    # adds 6 units to the mesh whatever the unit (its issue 201): hence the scale and the factor.
    # 1e-6: KDEpy solves its equation to 2e-12 in (h / range)² only, which is about 1e-3.
    values = samples(n)[kind]
    values *= 1000.0 / np.ptp(values)
    h = density.estimate(regions(values), bandwidth="isj", points=1024)["bandwidth"].item()
    assert h == pytest.approx(2.0 * bw_selection.improved_sheather_jones(values[:, np.newaxis]), rel=1e-6)


def test_improved_sheather_jones_is_right_where_the_answer_is_known():
    # for a normal distribution the best bandwidth is 1.06 s n^(-1/5); the rule scatters by a few per cent around it
    values = np.random.default_rng(0).normal(size=50_000)
    h = density.estimate(regions(values), bandwidth="isj")["bandwidth"].item()
    assert h == pytest.approx(1.06 * values.std() * len(values) ** -0.2, rel=0.08)


@pytest.mark.parametrize("bandwidth", [0.005, 0.02, 0.05, 0.2])
@pytest.mark.parametrize("reflect", [False, True])
@pytest.mark.parametrize("prominence", [0.01, 0.05, 0.3])
def test_peaks_and_widths_of_scipy(bandwidth, reflect, prominence):
    rng = np.random.default_rng(3)
    x = xr.DataArray(
        np.concatenate([rng.beta(8, 2, (20, 6)), rng.beta(2, 8, (15, 6))]),
        dims=("region", "year"),
        coords={"year": range(2010, 2016)},
    )
    curves = density.estimate(x, bandwidth=bandwidth, reflect=reflect)
    seen = density.shape(curves, x, prominence=prominence)
    ticks = curves["x"].values
    for year in x["year"].values:
        curve, s = curves["density"].sel(year=year).values, seen.sel(year=year)
        # beyond its ends the curve is 0, so that a peak may stand at an end
        padded = np.concatenate([[0.0], curve, [0.0]])
        peaks, found = signal.find_peaks(padded, prominence=prominence * curve.max())
        count = s["peaks"].item()
        assert count == len(peaks)
        np.testing.assert_array_equal(s["place"][:count], ticks[peaks - 1])
        np.testing.assert_array_equal(s["height"][:count], padded[peaks])
        np.testing.assert_array_equal(s["prominence"][:count], found["prominences"])
        assert s[["place", "height", "prominence"]].isel(peak=slice(count, None)).isnull().all()
        main = peaks[padded[peaks].argmax()]
        _, _, left, right = signal.peak_widths(padded, [main], rel_height=0.5)
        # scipy's straight line from an end to the 0 beyond it is cut off at the end
        ends = np.interp(np.concatenate([left, right]) - 1, np.arange(len(ticks)), ticks)
        assert s["width"].item() == pytest.approx(ends[1] - ends[0], rel=1e-9)


def test_moments_of_scipy(kind):
    values = samples(31)[kind]
    seen = density.shape(density.estimate(regions(values)), regions(values))
    assert seen["skewness"].item() == pytest.approx(stats.skew(values), rel=1e-10)
    assert seen["kurtosis"].item() == pytest.approx(stats.kurtosis(values, fisher=False), rel=1e-10)
