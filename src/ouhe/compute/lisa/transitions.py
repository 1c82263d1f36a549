"""How regions move between the quadrants of the Moran scatter plot over the years."""

from __future__ import annotations

import numpy as np
import xarray as xr

from ouhe.errors import DataError

__all__ = ["moves"]

#: Codes of the quadrants by name, in the order of tables; none is a region without a neighbour.
CODES = {"HH": 1, "LH": 2, "LL": 3, "HL": 4, "none": 0}


def moves(quadrant: xr.DataArray) -> xr.DataArray:
    """Count how often regions go from one quadrant to another, from each year to the next.

    Parameters
    ----------
    quadrant
        Quadrants ``(region, year, …)`` as :func:`~ouhe.compute.lisa.local` gives them: 1 HH, 2 LH, 3 LL, 4 HL, 0 none.

    Returns
    -------
    xarray.DataArray
        Counts (int64) ``(…, from, to)``; both labelled HH, LH, LL, HL, and none where some region has no quadrant.
        Regions that stay stand on the diagonal. The sum of all is regions × (years − 1).

    Raises
    ------
    DataError
        There are fewer than two years.

    Notes
    -----
    Years follow one another as they are labelled; a year that the data do not hold is not bridged otherwise than by
    the years beside it. Rey (2001) reads such counts as a Markov chain.

    References
    ----------
    Rey S. J., "Spatial empirics for economic growth and convergence", Geographical Analysis 33 (2001).

    Examples
    --------
    >>> q = xr.DataArray([[1, 1, 4], [3, 2, 2]], dims=("region", "year"), coords={"year": [2010, 2011, 2012]})
    >>> table = moves(q)
    >>> table.sel({"from": "HH", "to": ["HH", "HL"]}).values, table.sel({"from": "LL", "to": "LH"}).item()
    (array([1, 1]), 1)
    """
    if quadrant.sizes["year"] < 2:
        raise DataError.of("lisa.one_year")
    rising = quadrant.sortby("year").transpose(..., "region", "year")
    q = rising.to_numpy().astype(np.int64)
    dims, others = rising.dims[:-2], q.shape[:-2]
    slices = q.reshape(-1, *q.shape[-2:])
    size = len(CODES)
    codes = np.arange(len(slices))[:, np.newaxis, np.newaxis] * size**2 + slices[..., :-1] * size + slices[..., 1:]
    table = np.bincount(codes.ravel(), minlength=len(slices) * size**2).reshape(*others, size, size)
    names = [name for name, code in CODES.items() if code or (q == 0).any()]
    order = [CODES[name] for name in names]
    coords = {k: c for k, c in rising.coords.items() if set(c.dims) <= set(dims)}
    return xr.DataArray(
        table[..., order, :][..., order],
        dims=(*dims, "from", "to"),
        coords=coords | {"from": names, "to": names},
        name="moves",
    )
