"""All that moves between classes tell of one variable: its chain, what neighbours and time change, where it leads."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
import xarray as xr
from annotated_types import Ge, Interval

from ouhe.compute.transition import long_run
from ouhe.compute.transition.classes import MISSING, MOST, Quantiles, classed, cuts, named, shares
from ouhe.compute.transition.counts import count, pairs, probabilities
from ouhe.compute.transition.homogeneity import against_the_rest, homogeneity
from ouhe.errors import DataError, OptionError, OuheWarning, check_choice, listed
from ouhe.neighbours import Neighbours
from ouhe.panel import region_dims

__all__ = ["LagClasses", "estimate", "quadrants"]

#: What the mean of a region's neighbours is classed by: the bounds of the values, or quantiles of its own.
LagClasses = Literal["same", "quantiles"]

#: Most periods that are compared with one another.
MOST_PERIODS = 20


def estimate(
    x: xr.DataArray,
    upper: Sequence[float] | None = None,
    w: Neighbours | None = None,
    *,
    k: Annotated[int, Interval(ge=2, le=MOST)] = 4,
    quantiles: Quantiles = "pooled",
    step: Annotated[int, Ge(1)] | None = None,
    lag_classes: LagClasses = "same",
    periods: Annotated[int, Interval(ge=2, le=MOST_PERIODS)] = 2,
) -> xr.Dataset:
    r"""Markov chain of the classes of a variable, also by the class of the neighbours, and what follows from it.

    .. math:: p_{kl} = P(\text{class}_{i,t+s} = l \mid \text{class}_{i,t} = k), \qquad
              p_{kl|m} = P(\text{class}_{i,t+s} = l \mid \text{class}_{i,t} = k,\ \text{lag class}_{i,t} = m)

    Parameters
    ----------
    x
        Values ``(region, year, …)``; every place along another dimension is a chain of its own.
    upper
        Upper bounds of the classes, rising, as :func:`ouhe.compute.classify.classify` takes them: these are the
        classes, and nothing is binned again. Quantile classes of `x` without.
    w
        Spatial weights of the same regions. Rows are standardised, so that the lag is a mean of neighbours. Without,
        the chain is not conditioned on neighbours.
    k
        Number of quantile classes, where `upper` is not given; and of lag classes that are quantiles.
    quantiles
        ``pooled``: bounds from all years together; ``yearly``: bounds of every year by itself.
    step
        Years from the start to the end of a move; the least distance between two years when left out.
    lag_classes
        ``same``: the mean of the neighbours is classed by the same bounds as the values; ``quantiles``: by `k`
        quantiles of its own, which fill every class of neighbours but compare a region with other neighbourhoods.
    periods
        In how many periods the years are cut, as equal as can be, to test whether the matrix changes over time.

    Returns
    -------
    xarray.Dataset
        ``count`` and ``probability`` ``(…, from, to)``; ``initial`` and ``final`` share of the regions in each class
        in the first and last year ``(…, from)``; ``closed``, ``limit``, ``stationary`` (over ``from``), ``passage``
        in years, ``sojourn``, the mean number of years in a class once it is entered ``(…, from)``; the long run of
        the last year's shares, ``long_run`` ``(…, from)``; ``shorrocks``, ``determinant``, ``second`` and
        ``half_life`` in years; and the test over time, ``time_chi2`` … as :func:`homogeneity` names them.
        With `w` also ``given_count`` and ``given_probability`` ``(…, given, from, to)``, ``given_stationary``
        ``(…, given, from)``, the test that the matrices by neighbours are the same, ``space_chi2`` …, and that of
        each against all others, ``given_chi2`` … ``(…, given)``. The attribute ``step`` holds the step in years.

    Raises
    ------
    OptionError
        An option is none of its choices or out of bounds, or the bounds do not rise.
    DataError
        There are fewer than two years, no two years lie `step` apart, no pair is whole, or the regions are not those
        of the weights.

    Warns
    -----
    OuheWarning
        Values are missing, so that pairs are left out; regions have no neighbours, and are left out where the chain
        is conditioned on them; quantiles coincide.

    Notes
    -----
    A class that holds nobody is kept, with counts of 0 and missing probabilities. One that is entered in the last
    year and was never the start of a move has no probabilities either; whatever may lead there has no long run,
    and a warning names it. Moves of a step longer than the distance between years overlap, so that tests find too
    much.

    References
    ----------
    Quah D., "Empirical cross-section dynamics in economic growth", European Economic Review 37 (1993).
    Rey S. J., "Spatial empirics for economic growth and convergence", Geographical Analysis 33 (2001).

    Examples
    --------
    >>> x = xr.DataArray([[0.1, 0.3, 0.7], [0.6, 0.4, 0.3], [0.2, 0.7, 0.2]], dims=("region", "year"))
    >>> found = estimate(x.assign_coords(year=[2018, 2019, 2020]), [0.5, 1.0])
    >>> found["count"].values, round(found["half_life"].item(), 2)
    (array([[2, 2],
           [2, 0]]), 1.0)
    """
    _check(lag_classes, periods)
    bounds = cuts(x, k=k, quantiles=quantiles) if upper is None else _given(upper)
    size = bounds.sizes["cut"] + 1
    level = classed(x, bounds)
    yearly = count(level, classes=size, step=step)
    whole = yearly.sum("year")
    _tell_broken(level, yearly, at=named(x))
    found = _chain(whole, yearly.attrs["step"]).assign(_ends(level, size).data_vars)
    found["long_run"] = _long_run(found)
    found = found.assign(_over_time(yearly, periods).data_vars)
    if w is not None:
        lag = _lag(x, w)
        by = bounds if lag_classes == "same" else cuts(lag, k=k, quantiles=quantiles)
        around = classed(lag, by)
        given = count(level, classes=size, step=step, given=around, conditions=by.sizes["cut"] + 1).sum("year")
        found = found.assign(_conditional(given).data_vars)
    _tell_unseen(whole, at=named(x))
    return found.assign_attrs(step=yearly.attrs["step"])


def quadrants(quadrant: xr.DataArray, *, step: int | None = None) -> xr.Dataset:
    """Markov chain of the quadrants of the Moran scatter plot, and the kinds of its moves.

    Parameters
    ----------
    quadrant
        Quadrants ``(region, year, …)``: 1 HH, 2 LH, 3 LL, 4 HL, the region first; 0 without a neighbour.
    step
        As in :func:`estimate`.

    Returns
    -------
    xarray.Dataset
        As :func:`estimate` gives it, classes 0 to 3 for HH, LH, LL, HL, without the shares of the first and last year
        and without tests; and ``kind`` ``(…, move)``, how many moves there are of each kind: ``stay`` (neither
        changes), ``own`` (the region alone changes side), ``around`` (its neighbours alone), ``together`` (both, in
        the same direction), ``apart`` (both, in opposite ones).

    Raises
    ------
    OptionError, DataError
        As :func:`count`.

    References
    ----------
    Rey S. J., "Spatial empirics for economic growth and convergence", Geographical Analysis 33 (2001).
    Rey S. J., Ye X., "Comparative spatial dynamics of regional systems", in: Progress in Spatial Analysis (2010).

    Examples
    --------
    >>> q = xr.DataArray([[1, 1, 4], [3, 2, 2]], dims=("region", "year"), coords={"year": [2010, 2011, 2012]})
    >>> quadrants(q)["kind"].to_series().to_dict()
    {'stay': 2, 'own': 0, 'around': 2, 'together': 0, 'apart': 0}
    """
    counts = count(quadrant.astype(np.int64) - 1, classes=4, step=step)
    whole = counts.sum("year")
    found = _chain(whole, counts.attrs["step"])
    kinds = [(whole * _kind(code)).sum(["from", "to"]) for code in range(len(KINDS))]
    kind: xr.DataArray = xr.concat(kinds, dim="move", coords="minimal").assign_coords(move=list(KINDS))
    return found.assign(kind=kind.transpose(..., "move")).assign_attrs(step=counts.attrs["step"])


#: Kinds of moves between quadrants.
KINDS = ("stay", "own", "around", "together", "apart")

#: Whether region and neighbours are high in HH, LH, LL, HL.
SIDES = np.array([[1, 1], [0, 1], [0, 0], [1, 0]])


def _kind(code: int) -> xr.DataArray:
    """1 for moves between quadrants of a kind, 0 for others."""
    change = SIDES[np.newaxis] - SIDES[:, np.newaxis]
    own, around = change[..., 0], change[..., 1]
    kinds = np.select([(own == 0) & (around == 0), around == 0, own == 0, own == around], [0, 1, 2, 3], 4)
    return xr.DataArray((kinds == code).astype(np.int64), dims=("from", "to"))


def _check(lag_classes: object, periods: object) -> None:
    check_choice("lag_classes", lag_classes, LagClasses)
    whole = isinstance(periods, int | np.integer) and not isinstance(periods, bool)
    if not (whole and 2 <= periods <= MOST_PERIODS):  # type: ignore[operator]
        raise OptionError.of("transition.periods", value=periods, most=MOST_PERIODS)


def _given(upper: Sequence[float]) -> xr.DataArray:
    """Bounds between given classes: the last upper bound is an end, and parts nothing."""
    bounds = np.asarray(upper, dtype=float)
    if not (bounds.ndim == 1 and len(bounds) > 1 and np.isfinite(bounds).all() and (np.diff(bounds) > 0.0).all()):
        raise OptionError.of("transition.bounds", bounds=listed(f"{b:g}" for b in np.ravel(bounds)))
    return xr.DataArray(bounds[:-1], dims="cut")


def _lag(x: xr.DataArray, w: Neighbours) -> xr.DataArray:
    """Mean of the neighbours of every region; missing for one that has none."""
    aligned = w.aligned(x).styled("row")
    if aligned.isolates:
        told = {"count": len(aligned.isolates), "regions": listed(aligned.isolates)}
        warnings.warn(OuheWarning.of("transition.isolates", **told), stacklevel=3)
    return aligned.lag(x)


def _tell_broken(level: xr.DataArray, yearly: xr.DataArray, *, at: str) -> None:
    """Say how many pairs are left out because a value is missing, and refuse what has none left."""
    starts, _, _ = pairs(level["year"].to_numpy(), yearly.attrs["step"])
    places = int(np.prod([level.sizes[d] for d in region_dims(level)]))
    loops = level.size // (places * level.sizes["year"])
    whole, possible = int(yearly.sum()), loops * places * len(starts)
    if not whole:
        raise DataError.of("transition.no_moves", at=at, count=possible)
    if whole < possible:
        missing = int((level == MISSING).sum())
        told = {"at": at, "count": possible - whole, "total": possible, "missing": missing}
        warnings.warn(OuheWarning.of("transition.broken", **told), stacklevel=3)


def _tell_unseen(counts: xr.DataArray, *, at: str) -> None:
    """Say which classes are entered and were never the start of a move."""
    unseen = (counts.sum("to") == 0) & (counts.sum("from").rename({"to": "from"}) > 0)
    if unseen.any():
        codes = np.flatnonzero(unseen.any([d for d in unseen.dims if d != "from"]).to_numpy())
        told = {"at": at, "classes": listed(int(c) + 1 for c in codes), "count": len(codes)}
        warnings.warn(OuheWarning.of("transition.unseen", **told), stacklevel=3)


def _chain(counts: xr.DataArray, step: int) -> xr.Dataset:
    """Matrix and what it means in the long run, times in years."""
    p = probabilities(counts)
    stay = xr.apply_ufunc(np.diagonal, p, input_core_dims=[["from", "to"]], output_core_dims=[["from"]], kwargs=AXES)
    leaves = 1.0 - stay
    sojourn = (step / leaves.where(leaves > 0.0)).where(leaves != 0.0, np.inf)
    index = long_run.mobility(p)
    return xr.Dataset(
        {
            "count": counts.drop_attrs(),
            "probability": p,
            "closed": long_run.closed(p),
            "limit": long_run.limit(p),
            "stationary": long_run.stationary(p).rename({"class": "from"}),
            "passage": long_run.passage(p) * step,
            "sojourn": sojourn,
            **index.assign(half_life=index["half_life"] * step),
        }
    )


#: The last two dimensions of an array.
AXES = {"axis1": -2, "axis2": -1}


def _ends(level: xr.DataArray, size: int) -> xr.Dataset:
    """Shares of the classes in the first and the last year."""
    years = level["year"].to_numpy()
    ends = {"initial": int(years.argmin()), "final": int(years.argmax())}
    found = {k: shares(level.isel(year=i, drop=True), classes=size).rename({"class": "from"}) for k, i in ends.items()}
    return xr.Dataset(found).assign_coords({"from": range(size)})


def _long_run(found: xr.Dataset) -> xr.DataArray:
    """Where the regions of the last year lead, each from its class; missing where one of these has no long run."""
    held = found["final"] > 0.0
    weighed: xr.DataArray = (found["final"] * found["limit"]).where(held, 0.0)
    return weighed.sum("from", skipna=False).rename({"to": "from"})


def _over_time(yearly: xr.DataArray, periods: int) -> xr.Dataset:
    """Test that the matrix is the same in all periods of the years in which moves start."""
    number = np.arange(yearly.sizes["year"]) * periods // yearly.sizes["year"]
    parts = [yearly.isel(year=number == i).sum("year") for i in np.unique(number)]
    tested = homogeneity(xr.concat(parts, dim="period", coords="minimal"), over="period")
    return tested.rename({name: f"time_{name}" for name in tested.data_vars})


def _conditional(counts: xr.DataArray) -> xr.Dataset:
    """Matrices by the class of the neighbours, and the tests that they differ."""
    p = probabilities(counts)
    chain = {"count": counts.drop_attrs(), "probability": p}
    chain["stationary"] = long_run.stationary(p).rename({"class": "from"})
    each, together = against_the_rest(counts), homogeneity(counts)
    found = {f"given_{k}": v for k, v in (*chain.items(), *each.items())}
    return xr.Dataset(found | {f"space_{k}": v for k, v in together.items()})
