"""Classes: open below, closed above."""

import numpy as np
import pytest
import xarray as xr

from ouhe.compute.classify import classify
from ouhe.errors import DataError, OptionError

NINE = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]


def degrees(values):
    """One value a region."""
    return xr.DataArray(values, dims="region", coords={"region": [f"r{i}" for i in range(len(values))]})


def test_bounds_belong_to_the_class_below():
    d = degrees([0.0, 0.1, 0.2, 0.2000001, 0.3, 0.30001, 0.9, 0.95, 1.0])
    codes = classify(d, upper=NINE)
    assert codes.values.tolist() == [0, 0, 0, 1, 1, 2, 7, 8, 8]
    assert codes.dtype == np.int16
    assert codes["region"].equals(d["region"])


def test_rounding_beyond_the_ends_is_none():
    assert classify(degrees([-1e-17, 1.0 + 4e-16]), upper=NINE).values.tolist() == [0, 8]


@pytest.mark.parametrize("chunks", [None, {"region": 2}])
def test_values_outside_are_refused(chunks):
    d = degrees([0.1, 1.1, np.nan, -0.2])
    with pytest.raises(DataError) as error:
        classify(d.chunk(chunks) if chunks else d, upper=NINE).compute()
    if chunks is None:
        assert [p.message("en").split(" is")[0] for p in error.value.problems] == ["r1", "r2", "r3"]


@pytest.mark.parametrize("upper", [[], [0.0, 1.0], [0.5, 0.5], [0.7, 0.5, 1.0], [0.5, np.nan], [0.5, np.inf]])
def test_bounds_must_rise_from_above_zero(upper):
    with pytest.raises(OptionError):
        classify(degrees([0.1]), upper=upper)
