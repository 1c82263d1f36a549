"""Global Moran's I: whether neighbours are alike, over all regions, between two variables, and within groups."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import sparse

from ouhe import moments
from ouhe import permutations as tests
from ouhe.errors import DataError, OuheWarning, Problem, check_choice, listed
from ouhe.neighbours import Neighbours
from ouhe.permutations import Draws, Permutations, Progress, Randomness, Statistic, Variance

__all__ = ["bivariate", "univariate", "within"]

Floats = NDArray[np.float64]


def univariate(
    x: xr.DataArray,
    w: Neighbours,
    *,
    variance: Variance = "randomisation",
    permutations: Permutations = 999,
    rng: Randomness = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    r"""Moran's I of every variable and year at once.

    .. math:: I = \frac{n}{S_0} \frac{\sum_i \sum_j w_{ij} z_i z_j}{\sum_i z_i^2}, \quad z_i = x_i - \bar x, \qquad
              E = -\frac{1}{n - 1}

    Parameters
    ----------
    x
        Values with a dimension ``region``; every other dimension (``variable``, ``year`` …) is left alone. All finite.
    w
        Spatial weights of the same regions, in any order.
    variance
        ``randomisation``: the values are given and any of them may stand in any region, so the variance depends on
        their kurtosis; ``normality``: the values are drawn from a normal distribution.
    permutations
        How many permutations; 0 for none. Where all n! orders of the regions are no more than that, all are taken.
    rng
        Generator or seed for the permutations; they are the same for all variables and years of a call, and depend
        neither on these nor on the number of cores.
    progress
        Called with the number of permutations done and of all.

    Returns
    -------
    xarray.Dataset
        With the dimensions of `x` but ``region``: ``statistic`` I, ``expected`` E, ``sd``, ``z`` = (I − E) / sd,
        ``p_value`` 2Φ(−\|z\|), and ``p_sim`` = (r + 1) / (R + 1), where r of R permutations lie as far from E as I or
        farther; r / n! where all were taken; missing where there are none. Besides ``n``, the number of regions, and
        ``few``, which is true below 20: too few for z and p_value to be relied on.

    Raises
    ------
    OptionError
        `variance` is neither, `permutations` no whole number of 0 or more, or there is no `rng` to draw them from.
    DataError
        There are fewer than four regions or no neighbours, a value is missing or infinite, a variable does not vary
        in a year, or the regions are not those of the weights; all are named.

    Warns
    -----
    OuheWarning
        ``sd`` is 0, so that z and p are missing.

    Notes
    -----
    Var(I) = [n²S1 − nS2 + 3S0²] / [(n² − 1)S0²] − E² under normality; under randomisation as in
    :func:`ouhe.permutations.cross_variance`. Isolates count among the n regions, and their lag as 0. Where all regions
    are neighbours of one another alike, I is E whatever the values: ``sd`` is 0, z and p are missing, ``p_sim`` is 1.
    Values of I that differ by less than 1e-12 of the sum of their terms count as equal.

    References
    ----------
    Moran P. A. P., "Notes on continuous stochastic phenomena", Biometrika 37 (1950). Cliff A. D., Ord J. K., *Spatial
    Processes: Models and Applications* (1981).

    Examples
    --------
    >>> w = Neighbours.from_pairs([("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")], list("abcde"))
    >>> x = xr.DataArray([1.0, 2.0, 4.0, 8.0, 16.0], dims="region", coords={"region": list("abcde")})
    >>> found = univariate(x, w, rng=1)
    >>> [round(float(found[k]), 4) for k in ("statistic", "expected", "z", "p_value", "p_sim")]
    [0.4335, -0.25, 1.9705, 0.0488, 0.0333]
    """
    check_choice("variance", variance, Variance)
    w = w.aligned(x)
    values = tests.columns(x, w.matrix)
    draws = Draws.of(len(values), permutations, rng)
    return tests.labelled(x, _tested(values, w, variance, draws, progress))


def bivariate(
    x: xr.DataArray,
    y: xr.DataArray,
    w: Neighbours,
    *,
    permutations: Permutations = 999,
    rng: Randomness = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    r"""Bivariate Moran's I: whether the neighbours of regions with much of `x` have much of `y`.

    .. math:: I_{xy} = \frac{n}{S_0} \frac{\sum_i \sum_j w_{ij} (x_i - \bar x)(y_j - \bar y)}
              {\sqrt{\sum_i (x_i - \bar x)^2 \sum_j (y_j - \bar y)^2}}, \qquad E = 0

    Parameters
    ----------
    x, y
        Values with a dimension ``region``; they broadcast against one another over all others. All finite.
    w
        Spatial weights of the same regions, in any order.
    permutations, rng, progress
        As in :func:`univariate`. The values of `y` are permuted, those of `x` stay where they are.

    Returns
    -------
    xarray.Dataset
        As :func:`univariate`, over the dimensions of `x` and `y` but ``region``; mean and variance are those over all
        orders of `y`.

    Raises
    ------
    OptionError, DataError
        As :func:`univariate`, for `x` or `y`; and where they do not hold the same regions, or the same labels of
        another dimension.

    Notes
    -----
    With u_j = Σ_i w_ij (x_i − x̄), the statistic is Σ u_j y_j but for a factor; over all orders of y its variance is
    Σ (u − ū)² Σ (y − ȳ)² / (n − 1) (Wald & Wolfowitz 1944). With rows that sum to 1 and no isolates, n = S0 and I is
    that of GeoDa and of ``esda``; the factor n / S0 makes I of x with itself Moran's I for any weights. The test asks
    whether y is spread over the regions without regard to x nearby: also a correlation of x and y in the same region
    makes it significant where x itself is clustered.

    References
    ----------
    Anselin L., Syabri I., Smirnov O., "Visualizing multivariate spatial correlation with dynamically linked windows"
    (2002). Wald A., Wolfowitz J., "Statistical tests based on permutations of the observations", Annals of
    Mathematical Statistics 15 (1944).

    Examples
    --------
    >>> w = Neighbours.from_pairs([("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")], list("abcde"))
    >>> x = xr.DataArray([1.0, 2.0, 4.0, 8.0, 16.0], dims="region", coords={"region": list("abcde")})
    >>> found = bivariate(x, -x, w, rng=1)
    >>> [round(float(found[k]), 4) for k in ("statistic", "sd", "p_sim")]
    [-0.4335, 0.4528, 0.3917]
    """
    w = w.aligned(x)
    x, y = _paired(x, y)
    a, b = (tests.deviations(tests.columns(v, w.matrix)) for v in (x, y))
    n = len(a)
    u = w.matrix.T @ a
    own, other = np.einsum("iv,iv->v", a, a), np.einsum("iv,iv->v", b, b)
    unit = w.sums.s0 / n * np.sqrt(own * other)
    spread = np.einsum("iv,iv->v", u - u.mean(axis=0), u - u.mean(axis=0)) * other / (n - 1)
    # every region of the lag of x, which stays, is linked to the region of y in the same place
    links = sparse.csr_array(sparse.eye_array(2 * n, k=n))
    zero = np.zeros_like(unit)
    p_sim = tests.p_values(links, np.vstack([b, u]), Draws.of(n, permutations, rng), centre=zero, progress=progress)
    return tests.labelled(x, Statistic(np.einsum("iv,iv->v", u, b) / unit, zero, spread / unit**2, p_sim))


def within(
    x: xr.DataArray,
    w: Neighbours,
    groups: Mapping[str, str],
    *,
    variance: Variance = "randomisation",
    permutations: Permutations = 999,
    rng: Randomness = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Moran's I within every group of regions, over the weights cut to it and, where rows summed to 1, scaled again.

    Parameters
    ----------
    x, w, variance, permutations, rng, progress
        As in :func:`univariate`.
    groups
        Region → group, for every region of `x`. Regions that `x` does not hold may stand there.

    Returns
    -------
    xarray.Dataset
        As :func:`univariate`, with ``group`` in the place of ``region``, groups in order of appearance in `groups`,
        ``n`` and ``few`` by group. Three regions have I, E and the exact ``p_sim`` only. Fewer, or a group without
        neighbours, have no I, nor has a variable that does not vary in a group.

    Raises
    ------
    OptionError, DataError
        As :func:`univariate`, for all regions together; and regions without a group, all are named.

    Warns
    -----
    OuheWarning
        Groups have no I, their ``sd`` is 0, or regions have no neighbour in their group; they are named.

    Examples
    --------
    >>> w = Neighbours.from_pairs([("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")], list("abcde"))
    >>> x = xr.DataArray([1.0, 2.0, 4.0, 8.0, 16.0], dims="region", coords={"region": list("abcde")}, name="income")
    >>> with warnings.catch_warnings(action="ignore", category=OuheWarning):
    ...     found = within(x, w, {"a": "west", "b": "west", "c": "west", "d": "east", "e": "east"}, permutations=6)
    >>> found.statistic.to_series().round(4).to_dict(), found.p_sim.to_series().round(4).to_dict()
    ({'west': -0.0357, 'east': nan}, {'west': 0.3333, 'east': nan})
    """
    check_choice("variance", variance, Variance)
    w = w.aligned(x)
    values = tests.columns(x, w.matrix)
    parts = _groups(x, w, groups)
    _warn(parts)
    draws = Draws.of(max(len(g.places) for g in parts), permutations, rng)
    of_group = [draws.among(len(g.places)) for g in parts]
    counts = [d.count if g.usable else 0 for g, d in zip(parts, of_group, strict=True)]
    found = []
    for i, (group, own) in enumerate(zip(parts, of_group, strict=True)):
        told = _further(progress, sum(counts[:i]), sum(counts))
        found.append(_of_group(group, values[group.places], variance, own, told))
    return tests.labelled(x, tests.stacked(found), groups={g.name: len(g.places) for g in parts})


@dataclass(frozen=True)
class _Group:
    """A group of regions: their rows, the weights cut to them, and which columns do not vary among them."""

    name: str
    places: NDArray[np.int64]
    w: Neighbours
    flat: NDArray[np.bool_]

    @property
    def usable(self) -> bool:
        """Whether it can have Moran's I: three regions or more, and neighbours among them."""
        return len(self.places) >= 3 and tests.linked(self.w.matrix)


def _paired(x: xr.DataArray, y: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Two arrays with the same regions in the same order, broadcast over all other dimensions."""
    if "region" not in y.dims:
        raise DataError.of("neighbours.no_region", dims=listed(y.dims) or "-")
    own, other = (set(map(str, v["region"].values)) for v in (x, y))
    if own != other:
        raise DataError(*(Problem("moran.one_side_only", params={"label": r}) for r in sorted(own ^ other)))
    shared = [str(d) for d in x.dims if d in y.dims and d != "region"]
    unlike = [d for d in shared if not x.get_index(d).equals(y.get_index(d))]
    if unlike:
        raise DataError(*(Problem("moran.unlike_labels", params={"dimension": d}) for d in unlike))
    x, y = xr.broadcast(x, y.sel(region=x["region"]))
    return x, y.transpose(*x.dims)


def _tested(values: Floats, w: Neighbours, variance: Variance, draws: Draws, progress: Progress | None) -> Statistic:
    """Moran's I of every column, for three regions or more, with weights in their order."""
    z, n, s0 = tests.deviations(values), len(values), w.sums.s0
    squares = np.einsum("iv,iv->v", z, z)
    unit = s0 / n * squares  # the cross product at which I is 1
    expected = np.full_like(unit, -1.0 / (n - 1))
    if variance == "normality":
        spread = np.full_like(unit, tests.normal_variance(n, w.sums))
    else:
        spread = tests.cross_variance(n, w.sums, squares, np.einsum("iv,iv,iv,iv->v", z, z, z, z)) / unit**2
    p_sim = tests.p_values(w.matrix, z, draws, centre=expected * unit, progress=progress)
    return Statistic(tests.cross_products(w.matrix, z) / unit, expected, spread, p_sim)


def _groups(x: xr.DataArray, w: Neighbours, groups: Mapping[str, str]) -> list[_Group]:
    """Groups that `x` holds regions of, in order of appearance."""
    absent = [r for r in w.regions if r not in groups]
    if absent:
        raise DataError(*(Problem("moran.no_group", params={"region": r}) for r in absent))
    rows: dict[str, list[int]] = {g: [] for g in groups.values()}
    for i, r in enumerate(w.regions):
        rows[groups[r]].append(i)
    return [_group(x, w, name, np.array(held)) for name, held in rows.items() if held]


def _group(x: xr.DataArray, w: Neighbours, name: str, places: NDArray[np.int64]) -> _Group:
    """One group."""
    part = x.isel(region=places)
    flat = moments.never_varies(part, *moments.finite_extremes(part, ["region"]))
    return _Group(name, places, w.only([w.regions[i] for i in places]), flat.values.ravel())


def _warn(parts: list[_Group]) -> None:
    """Tell which groups have no statistic, and which regions have no neighbour in their group."""
    without = [g.name for g in parts if not g.usable]
    alike = [g.name for g in parts if g.usable and g.flat.any()]
    for key, names in (("moran.groups_without", without), ("moran.groups_alike", alike)):
        if names:
            warnings.warn(OuheWarning.of(key, groups=listed(names)), stacklevel=3)
    alone = [f"{region} ({g.name})" for g in parts if g.usable for region in g.w.isolates]
    if alone:
        warnings.warn(OuheWarning.of("moran.groups_alone", count=len(alone), regions=listed(alone)), stacklevel=3)


def _further(progress: Progress | None, done: int, total: int) -> Progress | None:
    """Progress of one group as a part of all."""
    return None if progress is None else lambda now, _: progress(done + now, total)


def _of_group(group: _Group, values: Floats, variance: Variance, draws: Draws, progress: Progress | None) -> Statistic:
    """Moran's I of every column in one group; missing where there is none."""
    out = Statistic(*np.full((len(Statistic._fields), len(group.flat)), np.nan))
    varying = ~group.flat
    if group.usable and varying.any():
        for whole, part in zip(out, _tested(values[:, varying], group.w, variance, draws, progress), strict=True):
            whole[varying] = part
    return out
