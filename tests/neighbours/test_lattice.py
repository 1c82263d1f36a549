from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from libpysal.weights import lat2W

from ouhe import regions
from ouhe.errors import DataError, OptionError, OuheWarning
from ouhe.neighbours import lattice


def raster(rows: int, columns: int) -> xr.DataArray:
    return xr.DataArray(np.zeros((rows, columns)), dims=("y", "x"))


@pytest.mark.parametrize("rule", ["queen", "rook"])
@pytest.mark.parametrize("shape", [(4, 5), (1, 6), (6, 1), (2, 2)])
def test_a_whole_raster_is_the_lattice_of_libpysal(shape: tuple[int, int], rule: str) -> None:
    ours = lattice(raster(*shape), rule=rule, style="binary")
    theirs = lat2W(*shape, rook=rule == "rook")
    np.testing.assert_array_equal(ours.matrix.toarray(), theirs.sparse.toarray())


def test_cells_that_do_not_count_are_nobodys_neighbours() -> None:
    inside = np.array([[True, False, True], [True, False, False]])
    with pytest.warns(OuheWarning):
        w = lattice(raster(2, 3).assign_coords(inside=(("y", "x"), inside)))
    assert w.regions == ("0,0", "0,2", "1,0")
    assert w.matrix.toarray().tolist() == [[0, 0, 1], [0, 0, 0], [1, 0, 0]]
    assert w.isolates == ("0,2",)


def test_what_is_no_raster_is_refused() -> None:
    with pytest.raises(DataError, match="only the cells of a raster"):
        lattice(regions.load("china-provinces"))  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="queen, rook"):
        lattice(raster(2, 2), rule="bishop")  # type: ignore[arg-type]
