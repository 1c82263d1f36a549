"""Exact quantiles: by hand, against numpy, and that neither chunks nor how keys are counted change anything."""

import math
from fractions import Fraction

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ouhe import quantiles
from ouhe.errors import DataError
from ouhe.quantiles import searching

SHARES = (0.0, 0.01, 0.25, 0.5, 0.7, 0.99, 1.0)


@pytest.fixture(params=["gathered", "bins of all", "few bins"])
def counting(request, monkeypatch):
    """How keys are counted: values one by one, or in bins until the last key."""
    if request.param != "gathered":
        monkeypatch.setattr(searching, "GATHERED", 3)
    if request.param == "few bins":
        monkeypatch.setattr(searching, "BINS", 1)
        monkeypatch.setattr(searching, "BATCH", 7)


def raster(rng, dtype):
    """Three indicators, one of whole numbers and one that is mostly 0, over 4 years and 10 x 12 cells."""
    v = rng.normal(size=(3, 4, 10, 12)).astype(dtype)
    v[1] = np.round(v[1])
    v[2, :, :7] = 0.0
    v[2, :, 0, 0] = -0.0
    return xr.DataArray(v, dims=("indicator", "year", "y", "x"), name="x")


def defined(values, share):
    """Quantile by its definition, in whole numbers and fractions."""
    ordered = sorted(map(float, values))
    product = Fraction(str(share)) * len(ordered)
    if product.denominator == 1:
        j = int(product)
        return (ordered[max(j - 1, 0)] + ordered[min(j, len(ordered) - 1)]) / 2
    return ordered[math.ceil(product) - 1]


def test_averages_where_a_share_falls_between_two_values():
    x = xr.DataArray([8.0, 1.0, 4.0, 2.0], dims="region")
    assert [q.item() for q in quantiles.exact(x, ["region"], 0.25, 0.3, 0.5, 0.75)] == [1.5, 2.0, 3.0, 6.0]


def test_a_share_is_whole_but_for_rounding():
    # 0.07 · 100 is 7.000000000000001 in binary
    x = xr.DataArray(np.arange(100.0), dims="region")
    low, high, outer = quantiles.beyond(x, ["region"], 0.07)
    assert (low.item(), high.item(), outer.item()) == (6.5, 92.5, 14)


@pytest.mark.parametrize(("dtype", "over"), [(np.float32, ("year", "y", "x")), (np.float64, ("y", "x"))])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("chunks", [None, {"indicator": 2, "year": 3, "y": 4, "x": 7}])
def test_quantiles_of_a_raster_are_numpy_s_of_its_cells(counting, dtype, over, masked, chunks):
    rng = np.random.default_rng(1)
    x = raster(rng, dtype)
    mask = rng.random((10, 12)) > (0.3 if masked else -1.0)
    mask[:4, :7] &= not masked  # a whole chunk
    if masked:
        x = x.where(xr.DataArray(mask, dims=("y", "x"))).assign_coords(inside=(("y", "x"), mask)).astype(dtype)
    rows = x.values[..., mask].reshape((3, -1) if "year" in over else (3, 4, -1)).astype(float)
    found = quantiles.exact(x.chunk(chunks) if chunks else x, over, *SHARES)
    expected = np.quantile(rows, SHARES, axis=-1, method="averaged_inverted_cdf")
    for q, e in zip(found, expected, strict=True):
        assert q.dims == ("indicator", "year")[: q.ndim]
        # numpy takes b − (b − a)/2 for (a + b)/2
        np.testing.assert_allclose(q.values, e, rtol=3e-16)
    low, high, outer = quantiles.beyond(x.chunk(chunks) if chunks else x, over, 0.25)
    assert outer.values.tolist() == ((rows < low.values[..., None]) | (rows > high.values[..., None])).sum(-1).tolist()


@settings(deadline=None)
@given(
    hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(allow_nan=False, allow_infinity=False)),
    st.sampled_from(SHARES),
    st.sampled_from([np.float32, np.float64]),
    st.integers(1, 9),
)
def test_any_values_in_any_chunks(values, share, dtype, size):
    with np.errstate(over="ignore"):
        v = values.astype(dtype)
    x = xr.DataArray(v[np.isfinite(v)], dims="region")
    if not x.size:
        return
    (q,) = quantiles.exact(x.chunk(region=size), ["region"], share)
    # halves, so that the sum of two of the largest numbers is one too
    assert q.item() == 2.0 * defined(x.values.astype(float) / 2.0, share) or abs(q.item()) < 1e-300
    (turned,) = quantiles.exact(-x, ["region"], 1.0 - share)
    assert turned.item() == -q.item()


def test_whole_numbers_and_half_precision_are_counted_as_float64():
    for dtype in (np.int16, np.float16):
        x = xr.DataArray(np.array([3, 1, 2], dtype=dtype), dims="region")
        assert quantiles.exact(x, ["region"], 0.5)[0].item() == 2.0


def test_values_that_are_all_the_same():
    low, high, outer = quantiles.beyond(
        xr.DataArray(np.full((2, 5), 3.0), dims=("indicator", "region")), ["region"], 0.1
    )
    assert (low.values.tolist(), high.values.tolist(), outer.values.tolist()) == ([3.0, 3.0], [3.0, 3.0], [0, 0])


@pytest.mark.parametrize("chunks", [None, {"region": 2}])
def test_missing_values_are_named(chunks):
    x = xr.DataArray([1.0, np.nan, 2.0], dims="region", coords={"region": ["a", "b", "c"]})
    with pytest.raises(DataError, match="b"):
        quantiles.exact(x.chunk(chunks) if chunks else x, ["region"], 0.5)
