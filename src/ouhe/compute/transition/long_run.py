"""Where a transition matrix leads: closed classes, stationary distribution, first passage, mobility."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

__all__ = ["closed", "limit", "mobility", "passage", "stationary"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Codes of classes that are in no closed set: left for good at some time; never a start, so that nothing is known.
TRANSIENT, UNKNOWN = -1, -2

#: How far from 1 the size of an eigenvalue may be by rounding.
ROUNDING = 1e-10


def closed(p: xr.DataArray) -> xr.DataArray:
    """Closed sets of classes: none is left once it is entered, and each of its classes leads to every other.

    Parameters
    ----------
    p
        Probabilities ``(…, from, to)``; a row is missing where no move starts.

    Returns
    -------
    xarray.DataArray
        ``(…, from)`` (int16): the lowest class of the closed set a class belongs to; −1 where it belongs to none and
        is left for good; −2 where no move starts from the class, or it leads to such a class, so that it cannot be
        told.

    Examples
    --------
    >>> closed(xr.DataArray([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], dims=("from", "to"))).values
    array([-1,  1,  2], dtype=int16)
    """
    found: xr.DataArray = _each(_closed, p, [["from"]], dtypes=[np.int16]).rename("closed")
    return found


def limit(p: xr.DataArray) -> xr.DataArray:
    r"""Share of time that is spent in each class in the long run, by the class of the start.

    .. math:: \lim_{m \to \infty} \frac{1}{m} \sum_{s=1}^{m} P^s

    Parameters
    ----------
    p
        As in :func:`closed`.

    Returns
    -------
    xarray.DataArray
        ``(…, from, to)``; a row sums to 1. All rows are the same, the stationary distribution, where there is one
        closed set of classes; with several, the long run depends on the start. A row is missing where the start may
        lead to a class from which no move was seen.

    References
    ----------
    Kemeny J. G., Snell J. L., *Finite Markov Chains* (1976).

    Examples
    --------
    >>> limit(xr.DataArray([[0.5, 0.5, 0.0], [0.25, 0.75, 0.0], [0.5, 0.0, 0.5]], dims=("from", "to"))).values.round(3)
    array([[0.333, 0.667, 0.   ],
           [0.333, 0.667, 0.   ],
           [0.333, 0.667, 0.   ]])
    """
    found: xr.DataArray = _each(_limit, p, [["from", "to"]]).rename("limit")
    return found


def stationary(p: xr.DataArray) -> xr.DataArray:
    r"""The one distribution over the classes that the moves leave as it is.

    .. math:: \pi P = \pi, \qquad \sum_k \pi_k = 1

    Parameters
    ----------
    p
        As in :func:`closed`.

    Returns
    -------
    xarray.DataArray
        ``(…, class)``, 0 for classes that are left for good or that hold nobody. Missing where there is none or more
        than one: there are several closed sets, or a class from which no move was seen can be reached.

    Examples
    --------
    >>> stationary(xr.DataArray([[0.5, 0.5], [0.25, 0.75]], dims=("from", "to"))).values.round(3)
    array([0.333, 0.667])
    """
    found: xr.DataArray = (
        _each(_stationary, p, [["class"]]).assign_coords({"class": p["to"].to_numpy()}).rename("stationary")
    )
    return found


def passage(p: xr.DataArray) -> xr.DataArray:
    r"""Mean number of steps until a class is entered for the first time, and on the diagonal until it is again.

    .. math:: m_{kl} = 1 + \sum_{j \ne l} p_{kj}\,m_{jl}

    Parameters
    ----------
    p
        As in :func:`closed`.

    Returns
    -------
    xarray.DataArray
        Steps ``(…, from, to)``; infinite where the class may never be entered; missing where no move starts from
        the class, or the way may lead through one from which no move was seen.

    References
    ----------
    Kemeny J. G., Snell J. L., *Finite Markov Chains* (1976).

    Examples
    --------
    The weather in the Land of Oz (Kemeny & Snell): rain, nice, snow.

    >>> oz = xr.DataArray([[0.5, 0.25, 0.25], [0.5, 0.0, 0.5], [0.25, 0.25, 0.5]], dims=("from", "to"))
    >>> passage(oz).values.round(2)
    array([[2.5 , 4.  , 3.33],
           [2.67, 5.  , 2.67],
           [3.33, 4.  , 2.5 ]])
    """
    found: xr.DataArray = _each(_passage, p, [["from", "to"]]).rename("passage")
    return found


def mobility(p: xr.DataArray) -> xr.Dataset:
    r"""Indices of how much a chain moves, and how fast it forgets where it began.

    .. math:: M = \frac{k - \mathrm{tr} P}{k - 1}, \qquad M_D = 1 - |\det P|, \qquad
              h = -\frac{\ln 2}{\ln|\lambda_2|}

    Parameters
    ----------
    p
        As in :func:`closed`; k is the number of classes from which moves start.

    Returns
    -------
    xarray.Dataset
        ``shorrocks`` M, 0 where nobody moves and 1 where the class of the end does not depend on the start;
        ``determinant`` M_D; ``second``, the size of the second largest eigenvalue; ``half_life`` h in steps, after
        which half the distance to the long run is left; infinite with several closed sets or a cycle. All missing
        with fewer than two classes; the last three also where a class is entered from which no move was seen.

    References
    ----------
    Shorrocks A. F., "The measurement of mobility", Econometrica 46 (1978).

    Examples
    --------
    >>> found = mobility(xr.DataArray([[0.9, 0.1], [0.2, 0.8]], dims=("from", "to")))
    >>> {name: round(float(v), 4) for name, v in found.items()}
    {'shorrocks': 0.3, 'determinant': 0.3, 'second': 0.7, 'half_life': 1.9434}
    """
    names = ("shorrocks", "determinant", "second", "half_life")
    found = _each(_mobility, p, [[] for _ in names])
    return xr.Dataset(dict(zip(names, found, strict=True)))


def _each(
    function: Callable[[Floats], Any], p: xr.DataArray, dims: list[list[str]], dtypes: list[type] | None = None
) -> Any:
    """`function` of every matrix; there are few of them, and they are small."""
    return xr.apply_ufunc(
        function,
        p,
        input_core_dims=[["from", "to"]],
        output_core_dims=dims,
        vectorize=True,
        output_dtypes=dtypes or [np.float64] * len(dims),
    )


def _reached(p: Floats) -> Bools:
    """Whether class l can be reached from class k, in no step at all included."""
    steps = ((np.nan_to_num(p) > 0.0) | np.eye(len(p), dtype=bool)).astype(np.int64)
    for _ in range(len(p).bit_length()):
        steps = np.minimum(steps @ steps, 1)
    return steps.astype(bool)


def _known(p: Floats) -> Bools:
    """Classes from which moves start."""
    return np.asarray(np.isfinite(p).all(axis=1))


def _closed(p: Floats) -> NDArray[np.int16]:
    reached, known = _reached(p), _known(p)
    told = ~(reached & ~known).any(axis=1)
    # what a class leads to leads back to it
    back = (~reached | reached.T).all(axis=1)
    lowest = np.argmax(reached, axis=1)
    sets: NDArray[np.int16] = np.where(~told, UNKNOWN, np.where(back, lowest, TRANSIENT)).astype(np.int16)
    return sets


def _limit(p: Floats) -> Floats:
    sets = _closed(p)
    found = np.full(p.shape, np.nan)
    for lowest in np.unique(sets[sets >= 0]):
        members = np.flatnonzero(sets == lowest)
        row = np.zeros(len(p))
        row[members] = _balanced(p[np.ix_(members, members)])
        found[members] = row
    passing, ends = np.flatnonzero(sets == TRANSIENT), np.flatnonzero(sets >= 0)
    if len(passing):
        inner = np.eye(len(passing)) - p[np.ix_(passing, passing)]
        found[passing] = np.linalg.solve(inner, p[np.ix_(passing, ends)] @ found[ends])
    return found


def _balanced(p: Floats) -> Floats:
    """Stationary distribution of a matrix of which every class leads to every other.

    By elimination without a subtraction, after Grassmann, Taksar & Heyman (1985), so that no digit is lost.
    """
    left = p.copy()
    for last in range(len(p) - 1, 0, -1):
        left[:last, last] /= left[last, :last].sum()
        left[:last, :last] += np.outer(left[:last, last], left[last, :last])
    found = np.ones(len(p))
    for place in range(1, len(p)):
        found[place] = found[:place] @ left[:place, place]
    found /= found.sum()
    return found


def _stationary(p: Floats) -> Floats:
    known, sets = _known(p), _closed(p)
    entered = np.nan_to_num(p).sum(axis=0) > 0.0
    if not known.any() or (entered & ~known).any() or len(np.unique(sets[sets >= 0])) != 1:
        return np.full(len(p), np.nan)
    row: Floats = _limit(p)[np.flatnonzero(sets >= 0)[0]]
    return row


def _passage(p: Floats) -> Floats:
    known = _known(p)
    found = np.full(p.shape, np.nan)
    plain = np.nan_to_num(p)
    for end in range(len(p)):
        # ways that stop once they have arrived
        arriving = plain.copy()
        arriving[end] = 0.0
        reached = _reached(arriving)
        untold = (reached & ~known & (np.arange(len(p)) != end)).any(axis=1)
        # may come to a class that does not lead there
        lost = (reached & ~reached[:, end]).any(axis=1)
        sure = np.flatnonzero(~untold & ~lost & (np.arange(len(p)) != end))
        steps = np.where(untold, np.nan, np.inf)
        steps[sure] = np.linalg.solve(np.eye(len(sure)) - plain[np.ix_(sure, sure)], np.ones(len(sure)))
        steps[end] = np.nan
        others = np.flatnonzero((plain[end] > 0.0) & (np.arange(len(p)) != end))
        if known[end]:
            steps[end] = 1.0 + float(plain[end, others] @ steps[others]) if len(others) else 1.0
        found[:, end] = steps
    found[~known] = np.nan
    return found


def _mobility(p: Floats) -> tuple[float, float, float, float]:
    known = _known(p)
    k = int(known.sum())
    if k < 2:
        return (np.nan,) * 4
    shorrocks = (k - float(np.trace(p[np.ix_(known, known)]))) / (k - 1)
    entered = np.nan_to_num(p).sum(axis=0) > 0.0
    if (entered & ~known).any():
        return shorrocks, np.nan, np.nan, np.nan
    square = p[np.ix_(known, known)]
    sizes = np.sort(np.abs(np.linalg.eigvals(square)))
    second = float(sizes[-2])
    if second > 1.0 - ROUNDING:
        second = 1.0
    return shorrocks, 1.0 - abs(float(np.linalg.det(square))), second, _half_life(second)


def _half_life(second: float) -> float:
    if second >= 1.0:
        return np.inf
    return float(-np.log(2.0) / np.log(second)) if second > 0.0 else 0.0
