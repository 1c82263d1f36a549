"""Messages of computing: what stands there, what was expected, and what to do."""

import numpy as np
import pytest
import xarray as xr

from ouhe import text
from ouhe.compute import aggregate, classify, couple, normalise, weight
from ouhe.errors import DataError


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_degree_above_one_says_where_it_comes_from_and_what_to_do(lang):
    x = xr.DataArray(
        np.random.default_rng(0).lognormal(size=(6, 3, 4)),
        dims=("region", "year", "indicator"),
        coords={"region": list("ABCDEF"), "year": [2018, 2019, 2020], "system_of": ("indicator", list("ppqq"))},
    )
    y = normalise.zscore(x, shift=4.0)
    u = aggregate.linear(y, weight.entropy(y))
    with text.use(lang), pytest.raises(DataError) as error:
        classify.classify(couple.coordination(couple.standard(u), couple.development(u)), upper=[0.5, 1.0])
    assert str(error.value).startswith("A 2018 ")
    assert all(way in str(error.value) for way in ("minmax", "goalposts", "coupling.rescale"))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("method", [couple.standard, couple.wang, couple.fan])
def test_an_index_out_of_bounds_says_what_to_do(method, lang):
    u = xr.DataArray([[-0.5, 2.0]], dims=("region", "system"), coords={"region": ["A"], "system": ["p", "q"]})
    with text.use(lang), pytest.raises(DataError) as error:
        method(u)
    assert "A p " in str(error.value)
    assert all(way in str(error.value) for way in ("minmax", "goalposts", "coupling.rescale"))
