"""Values that look wrong: what is flagged, what is not, and the 2015 sample counts of the statistics bureau."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from ouhe.compute import suspect
from ouhe.errors import OptionError

nan = np.nan
SAMPLE = Path(__file__).parents[2] / "../shared/data/nbs/分省年度数据 (1).csv"


def panel(values: list[list[float]], years: list[int] | None = None) -> xr.DataArray:
    array = np.array(values, dtype=float)[:, :, None]
    labels = years or [2010 + i for i in range(array.shape[1])]
    return xr.DataArray(
        array,
        dims=("region", "year", "indicator"),
        coords={"region": [f"r{i}" for i in range(len(values))], "year": labels, "indicator": ["n"]},
    )


def flagged(*values: float, factor: float = 10.0) -> list[int]:
    found = suspect.jumps(panel([list(values)]), factor=factor)
    assert found.dtype == bool
    return np.nonzero(found.values.ravel())[0].tolist()


@pytest.mark.parametrize(
    ("values", "positions"),
    [
        ((5, 6, 120, 7, 8), [2]),
        ((50, 60, 1, 70, 80), [2]),
        ((5, nan, 120, nan, 8), [2]),
        ((5, 6, 60, 7), []),  # exactly ten times one neighbour
        ((5, 6, 61, 6), [2]),
        ((5, 6, 100, 110), []),  # the level changes and stays
        ((1, 9, 80, 700), []),  # growth
        ((500, 6, 7, 8), [0]),  # the first against the two that follow
        ((5, 6, 7, 800), [3]),
        ((nan, 500, nan, 6, 7), [1]),
        ((1, 100), []),  # nobody can say which is wrong
        ((100,), []),
        ((nan, nan), []),
        ((5, 0, 5), []),  # only positive values are compared
        ((-5, 600, -6), []),
        ((5, 600, -6, 5), []),
    ],
)
def test_flagged_by_hand(values: tuple[float, ...], positions: list[int]) -> None:
    assert flagged(*values) == positions


def test_factor_is_what_is_asked_for() -> None:
    assert flagged(5, 6, 20, 6, 5, factor=3) == [2]
    assert flagged(5, 6, 20, 6, 5) == []
    for factor in (1.0, 0.1, nan):
        with pytest.raises(OptionError, match="factor"):
            suspect.jumps(panel([[1, 2, 3]]), factor=factor)


def test_regions_and_years_do_not_mix() -> None:
    x = panel([[1, 1, 1], [100, 100, 100]])
    assert not suspect.jumps(x).any()
    mixed = panel([[120, 5, 6, 7]], years=[2012, 2010, 2011, 2013])
    assert suspect.jumps(mixed).values.ravel().tolist() == [True, False, False, False]
    assert suspect.jumps_table(mixed)["year"].tolist() == [2012]


def test_table_lists_the_value_with_its_neighbours() -> None:
    found = suspect.jumps_table(panel([[5, 6, nan, 120, 7], [50, 1, 60, 60, 900], [1, 1, 1, 1, 1]]))
    assert found.to_dict("records") == [
        {"indicator": "n", "region": "r0", "year": 2013, "value": 120, "before": 6, "after": 7, "times": 120 / 7},
        {"indicator": "n", "region": "r1", "year": 2011, "value": 1, "before": 50, "after": 60, "times": 1 / 50},
        {"indicator": "n", "region": "r1", "year": 2014, "value": 900, "before": 60, "after": 60, "times": 15},
    ]
    assert suspect.jumps_table(panel([[1, 1]])).empty


positive = st.lists(st.one_of(st.just(nan), st.floats(1e-3, 1e6)), min_size=3, max_size=12)


@settings(deadline=None)
@given(positive, st.integers(-40, 40))
def test_units_do_not_matter(values: list[float], power: int) -> None:
    # Powers of two change no digit, so the comparison is exact.
    assert flagged(*values) == flagged(*[v * 2.0**power for v in values])


@settings(deadline=None)
@given(positive)
def test_missing_cells_change_nothing_and_are_never_flagged(values: list[float]) -> None:
    known = [v for v in values if not np.isnan(v)]
    found = flagged(*values)
    assert not np.isnan(np.array(values)[found]).any()
    assert [values[i] for i in found] == ([known[i] for i in flagged(*known)] if known else [])


@settings(deadline=None)
@given(positive)
def test_definition_holds_cell_by_cell(values: list[float]) -> None:
    known = [i for i, v in enumerate(values) if not np.isnan(v)]
    expected = []
    for k, i in enumerate(known):
        beside = [j for j in (k - 1, k + 1) if 0 <= j < len(known)]
        if len(known) >= 3 and len(beside) == 1:
            beside.append(2 if k == 0 else k - 2)
        others = [values[known[j]] for j in beside]
        if len(others) == 2 and (values[i] > 10 * max(others) or values[i] < min(others) / 10):
            expected.append(i)
    assert flagged(*values) == expected


def test_chunked_is_unchunked() -> None:
    x = panel(np.random.default_rng(0).lognormal(sigma=3, size=(8, 10)).tolist())
    assert suspect.jumps(x).any()
    lazy = suspect.jumps(x.chunk({"region": 3, "year": 4}))
    assert lazy.chunks is not None
    xr.testing.assert_identical(lazy.compute(), suspect.jumps(x))
    pd.testing.assert_frame_equal(suspect.jumps_table(x.chunk({"region": 3, "year": 4})), suspect.jumps_table(x))


@pytest.mark.real
@pytest.mark.skipif(not SAMPLE.exists(), reason="../shared/data is absent")
def test_sample_counts_of_2015_are_found_in_every_province() -> None:
    table = pd.read_csv(SAMPLE, encoding="gb18030", skiprows=3, index_col=0).dropna(how="all")
    table.columns = [int(c.removesuffix("年")) for c in table.columns]
    x = xr.DataArray(
        table.to_numpy(dtype=float),
        dims=("region", "year"),
        coords={"region": list(table.index), "year": list(table.columns)},
    )
    x = x.expand_dims(indicator=["population"], axis=2)
    assert x.sizes["region"] == 31
    assert x.sel(year=[2010, 2020, 2025]).isnull().all()
    found = suspect.jumps_table(x)
    assert set(found["year"]) == {2015}
    assert found["region"].nunique() == len(found) == 31
    assert found["times"].between(15, 25).all()
