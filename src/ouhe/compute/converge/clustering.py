"""Convergence clubs: Phillips and Sul's way to sort regions into groups that each approach a path of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.compute.converge.log_t import CRITICAL, Discard, Smoothing, checked, relative, smooth, statistics
from ouhe.errors import check_choice

__all__ = ["Merging", "clubs"]

Floats = NDArray[np.float64]
Members = NDArray[np.int64]

#: How clubs that converge together are joined.
Merging = Literal["phillips-sul", "schnurbus", "none"]

#: What is told of a test.
STATISTICS = ("b", "se", "t", "p_value")


def clubs(
    x: xr.DataArray,
    *,
    smoothing: Smoothing = 400.0,
    discard: Discard = 0.3,
    merging: Merging = "phillips-sul",
) -> xr.Dataset:
    r"""Clubs of regions that converge among themselves, the one with the highest values first.

    1. Regions are ordered by their value in the last year.
    2. *Core*: the first two neighbours in this order whose log-t test does not reject (t > −1.65) take in the next
       regions as long as the test does not reject; the core is the set with the largest t.
    3. *Sieve*: every other region is tested with the core; those with t > 0 join. Where the test of the whole then
       rejects, the regions with the smallest t leave again until it does not.
    4. The regions left are tested: they are the last club, or steps 1 to 3 begin anew with them, until none is found.
    5. *Merging*: ``phillips-sul`` joins a club to those before it as long as the test of all of them does not reject;
       ``schnurbus`` joins the first two neighbouring clubs whose test does not reject, and begins anew until there are
       none.

    Parameters
    ----------
    x
        Values ``(…, region, year)`` with positive means, years evenly spaced, none missing.
    smoothing
        Penalty of Hodrick and Prescott's filter that all series go through; 0 takes them as they are.
    discard
        As in :func:`log_t`.
    merging
        How clubs are joined.

    Returns
    -------
    xarray.Dataset
        ``club`` ``(…, region)``, from 1, 0 for a region that belongs to none; ``size``, ``b``, ``se``, ``t`` and
        ``p_value`` ``(…, club_number)``, missing where there are fewer clubs; ``all_b``, ``all_se``, ``all_t`` and
        ``all_p_value``, the test of all regions together; ``path``, the relative transition path
        ``(…, region, year)`` of the smoothed values.

    Raises
    ------
    DataError, OptionError
        As :func:`log_t`; there is no such merging.

    References
    ----------
    Phillips P. C. B., Sul D., "Transition modeling and econometric convergence tests" (2007); "Economic transition and
    growth" (2009), for the merging and the sieve's rising threshold. Schnurbus J., Haupt H., Meier V., "Economic
    transition and growth: a replication" (2017).

    Examples
    --------
    >>> t = np.arange(1, 21)
    >>> high, low = ([level + d / t + 0.003 * np.sin(t * k) for k, d in enumerate((2, 1, -1, -2))] for level in (20, 8))
    >>> x = xr.DataArray([*high, *low], dims=("region", "year"), coords={"region": list("abcdefgh"), "year": t})
    >>> clubs(x, smoothing=0)["club"].values.tolist()
    [1, 1, 1, 1, 2, 2, 2, 2]
    """
    check_choice("merging", merging, Merging)
    trends = smooth(checked(x), smoothing=smoothing)
    values = trends.to_numpy().reshape(-1, *trends.shape[-2:])
    found = [_Search(v, discard).found(merging) for v in values]
    rest = trends.isel(region=0, year=0, drop=True)
    regions = trends.isel(year=0, drop=True)
    most = max(1, *(len(f) for f in found))
    out: dict[str, xr.DataArray] = {"club": regions.copy(data=_numbers(found, values).reshape(regions.shape))}
    out |= _tests(found, values, discard, rest, most)
    whole = _told(values, [[np.arange(values.shape[1])]] * len(values), discard, 1)
    out |= {f"all_{k}": rest.copy(data=whole[k].reshape(rest.shape)) for k in STATISTICS}
    return xr.Dataset(out | {"path": relative(trends).transpose(*x.dims)})


class _Sums(NamedTuple):
    """Number of regions of a set, and the sums of their values and squares by year ``(…, T)``."""

    size: NDArray[np.int64] | int
    values: Floats
    squares: Floats


class _Search:
    """The search for clubs among regions ``(n, T)``.

    A set of regions has H = Σx² / k / x̄² − 1, so that sums are all that a test needs.
    """

    def __init__(self, values: Floats, discard: float) -> None:
        self.values = values / values.mean()  # units of any size
        self.discard = discard

    def found(self, merging: Merging) -> list[Members]:
        """Clubs, each with the rows of its regions; those that stand in none belong to none."""
        left = np.arange(len(self.values))
        made: list[Members] = []
        while len(left) > 1:
            if self.t(left) > CRITICAL:
                made.append(left)
                break
            club = self._club(left[np.argsort(-self.values[left, -1], kind="stable")])
            if club is None:
                break
            made.append(club)
            left = np.setdiff1d(left, club)
        if merging == "none":
            return made
        return self._joined_once(made) if merging == "phillips-sul" else self._joined_again(made)

    def t(self, members: Members) -> float:
        """Statistic of one set of regions."""
        of = self.values[members]
        return float(self._t(_Sums(len(of), of.sum(axis=0)[None], (of**2).sum(axis=0)[None]))[0])

    def _t(self, sums: _Sums) -> Floats:
        """Statistics of several sets, below any limit where there is none."""
        count = np.asarray(sums.size, dtype=np.float64).reshape(-1, 1)
        spread = sums.squares / count / (sums.values / count) ** 2 - 1.0
        t = statistics(np.where(spread > 1e-15, spread, 0.0), self.discard)["t"]  # less is rounding
        return np.where(np.isnan(t), -np.inf, t)

    def _club(self, order: Members) -> Members | None:
        """Core and sieve among regions in their order; None where no core is found."""
        ordered = self.values[order]
        pairs = self._t(_Sums(2, ordered[1:] + ordered[:-1], ordered[1:] ** 2 + ordered[:-1] ** 2))
        if not (pairs > CRITICAL).any():
            return None
        first = int(np.argmax(pairs > CRITICAL))
        growing = self._t(_running(ordered[first:]))[1:]  # of 2, 3, … regions
        ends = np.flatnonzero(growing <= CRITICAL)
        size = 2 + int(np.argmax(growing[: ends[0] if len(ends) else len(growing)]))
        core = order[first : first + size]
        return self._sieved(core, np.setdiff1d(order, core))

    def _sieved(self, core: Members, others: Members) -> Members:
        """The core with the regions that converge with it."""
        of, rest = self.values[core], self.values[others]
        base, squares = of.sum(axis=0), (of**2).sum(axis=0)
        alone = self._t(_Sums(len(core) + 1, base + rest, squares + rest**2)) if len(others) else np.empty(0)
        order = np.argsort(-alone, kind="stable")
        joining = others[order[alone[order] > 0.0]]
        if not len(joining):
            return core
        running = _running(self.values[joining])
        together = _Sums(np.asarray(running.size) + len(core), running.values + base, running.squares + squares)
        passing = np.flatnonzero(self._t(together) > CRITICAL)
        return np.concatenate([core, joining[: passing[-1] + 1]]) if len(passing) else core

    def _joined_once(self, made: list[Members]) -> list[Members]:
        """Each club joins those before it as long as all of them converge."""
        joined = made[:1]
        for club in made[1:]:
            both = np.concatenate([joined[-1], club])
            if self.t(both) > CRITICAL:
                joined[-1] = both
            else:
                joined.append(club)
        return joined

    def _joined_again(self, made: list[Members]) -> list[Members]:
        """The first neighbouring clubs that converge are joined, until there are none."""
        clubs = list(made)
        at = 0
        while at + 1 < len(clubs):
            both = np.concatenate(clubs[at : at + 2])
            if self.t(both) > CRITICAL:
                clubs[at : at + 2] = [both]
                at = 0
            else:
                at += 1
        return clubs


def _running(values: Floats) -> _Sums:
    """Sums of the first one, two, … regions."""
    return _Sums(np.arange(1, len(values) + 1), values.cumsum(axis=0), (values**2).cumsum(axis=0))


def _numbers(found: Sequence[Sequence[Members]], values: Floats) -> NDArray[np.int64]:
    """Number of the club of every region ``(B, n)``, 0 for none."""
    numbers = np.zeros(values.shape[:2], dtype=np.int64)
    for row, made in enumerate(found):
        for number, members in enumerate(made, start=1):
            numbers[row, members] = number
    return numbers


def _told(values: Floats, found: Sequence[Sequence[Members]], discard: float, most: int) -> dict[str, Floats]:
    """Size and test of every club ``(B, most)``."""
    out = {k: np.full((len(found), most), np.nan) for k in ("size", *STATISTICS)}
    for row, made in enumerate(found):
        for at, members in enumerate(made):
            of = values[row][members]
            h = of / of.mean(axis=0)
            test = statistics(np.mean((h - 1.0) ** 2, axis=0)[None], discard)
            out["size"][row, at] = len(members)
            for k in STATISTICS:
                out[k][row, at] = test[k][0]
    return out


def _tests(
    found: Sequence[Sequence[Members]], values: Floats, discard: float, rest: xr.DataArray, most: int
) -> dict[str, xr.DataArray]:
    """Size and test of every club ``(…, club_number)``."""
    dims = (*rest.dims, "club_number")
    coords = {**{k: v for k, v in rest.coords.items() if k in rest.dims}, "club_number": np.arange(1, most + 1)}
    told = _told(values, found, discard, most)
    return {k: xr.DataArray(v.reshape(*rest.shape, most), dims=dims, coords=coords) for k, v in told.items()}
