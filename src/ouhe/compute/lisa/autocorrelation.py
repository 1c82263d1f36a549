"""Local Moran: how a region's value goes with its neighbours', and whether chance alone would bring that about."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import xarray as xr
from annotated_types import Gt, Interval, Lt
from numpy.typing import NDArray
from scipy import sparse

from ouhe import moments
from ouhe import permutations as tests
from ouhe.compute.lisa.conditional import Points, counts
from ouhe.errors import DataError, OptionError, OuheWarning, Problem, choice_problems
from ouhe.neighbours import Neighbours
from ouhe.permutations import MOST, Correction, Progress, QuadrantOrigin, Randomness, generator

__all__ = ["Correction", "Inference", "QuadrantOrigin", "local"]

Floats = NDArray[np.float64]

#: Where p comes from.
Inference = Literal["permutation", "analytic"]


@dataclass(frozen=True)
class _Scatter:
    """Points of the Moran scatter plot, each ``(variable, region)``, with all dimensions but ``region`` in one.

    `margin` is how far two lags, and `origin_margin` (``(variable, 1)``) how far two values, may differ by rounding.
    """

    z: Floats
    lag: Floats
    margin: Floats
    origin_margin: Floats
    w: sparse.csr_array

    @property
    def on_mean(self) -> NDArray[np.bool_]:
        """Values that equal the mean, for which the statistic is 0 whatever the neighbours."""
        return np.abs(self.z) <= self.origin_margin


def local(
    x: xr.DataArray,
    w: Neighbours,
    *,
    inference: Inference = "permutation",
    permutations: Annotated[int, Interval(ge=1, le=MOST)] = 999,
    significance: Annotated[float, Gt(0), Lt(1)] = 0.05,
    correction: Correction | None = None,
    quadrant_origin: QuadrantOrigin = "zero",
    rng: Randomness = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    r"""Local Moran's I of every region, its quadrant, and its p.

    .. math:: I_i = (n - 1)\,\frac{z_i \sum_j w_{ij} z_j}{\sum_j z_j^2}, \qquad
              \sum_i I_i = \frac{n - 1}{n}\,S_0\,I

    Parameters
    ----------
    x
        Values with a dimension ``region``; every other dimension (``variable``, ``year`` …) is left alone. All finite.
    w
        Spatial weights of the same regions, in any order.
    inference
        ``permutation``: a region keeps its value while its neighbours are drawn from all others; ``analytic``: mean
        and variance over all such draws, and the normal distribution, which is quick and, for few neighbours or
        skewed values, rough.
    permutations
        How many draws; the smallest p they can give is 1 / (permutations + 1).
    significance
        Largest p that counts as significant.
    correction
        ``benjamini-hochberg`` judges p by the false discovery rate over the regions of each variable and year.
    quadrant_origin
        A lag is high above 0 (``zero``) or above the mean of the lags (``mean_lag``).
    rng
        Generator or seed for the permutations; they are the same for all variables and years of a call, and depend
        neither on these nor on the number of cores.
    progress
        Called with the number of permutations done and of all.

    Returns
    -------
    xarray.Dataset
        With the dimensions of `x`: ``value`` z_i (mean 0, population standard deviation 1), ``lag`` Σ w_ij z_j,
        ``statistic`` I_i, ``p_value``, ``quadrant`` (int8: 1 HH, 2 LH, 3 LL, 4 HL, the value first; 0 none) and
        ``significant`` (bool); with analytic inference ``expected`` and ``sd`` of I_i; with a correction
        ``p_adjusted``. An isolate has no lag, statistic, p and quadrant, and is never significant.

    Raises
    ------
    OptionError
        An option is none of its choices, out of bounds, or there is no `rng` for permutations.
    DataError
        There are fewer than four regions, a value is missing or infinite, a variable does not vary in a year, or the
        regions are not those of the weights; all are named.

    Warns
    -----
    OuheWarning
        So few permutations that no p can be as small as `significance`.

    Notes
    -----
    p is one-sided and folded: the smaller of both tails, that is the share of draws, the observed one counted among
    them, at least (or at most) as large as I_i; under analytic inference Φ(−\|I_i − E\| / sd). Draws equal to I_i but
    for rounding count in both tails, so that p is 1 where nothing can vary, as for a value that equals the mean.
    A value or lag that equals its origin is low. All regions share one table of draws, which names them by their
    order: regions in another order see other draws, and p moves within its sampling error.

    Under conditional randomisation, with w_i = Σ_j w_ij and z of variance 1,

    .. math:: E_i = -\frac{w_i z_i^2}{n}, \qquad
              V_i = \frac{(n-1)^2 z_i^2}{n (n-2)}
                    \left(\sum_j w_{ij}^2 - \frac{w_i^2}{n-1}\right)\left(1 - \frac{z_i^2}{n-1}\right)

    which are those of Sokal, Oden & Thomson (A7, A8) times (n − 1)/n and its square: theirs belong to
    z_i Σ_j w_ij z_j / m₂, and ``esda`` reports them beside the statistic above without this factor.

    References
    ----------
    Anselin L., "Local indicators of spatial association — LISA", Geographical Analysis 27 (1995).
    Sokal R. R., Oden N. L., Thomson B. A., "Local spatial autocorrelation in a biological model", Geographical
    Analysis 30 (1998).
    Benjamini Y., Hochberg Y., "Controlling the false discovery rate", J. R. Statist. Soc. B 57 (1995).

    Examples
    --------
    >>> ids = ["a", "b", "c", "d", "e"]
    >>> w = Neighbours.from_pairs([("a", "b"), ("b", "c"), ("c", "d")], ids)
    >>> found = local(xr.DataArray([4.0, 3.0, 1.0, 0.0, 2.0], dims="region", coords={"region": ids}), w, rng=1)
    >>> found["statistic"].values.round(2), found["quadrant"].values
    (array([0.8, 0.2, 0.2, 0.8, nan]), array([1, 1, 3, 3, 0], dtype=int8))
    """
    problems = [
        *choice_problems("inference", inference, Inference),
        *choice_problems("quadrant_origin", quadrant_origin, QuadrantOrigin),
        *(choice_problems("correction", correction, Correction) if correction is not None else ()),
        *_wrong_numbers(permutations, significance),
        *(_wrong_rng(rng) if inference == "permutation" else ()),
    ]
    if problems:
        raise OptionError(*problems)
    scatter = _scatter(x, w)
    n = scatter.z.shape[1]
    statistic = (n - 1) / n * scatter.z * scatter.lag
    found: dict[str, NDArray[Any]] = {"value": scatter.z, "lag": scatter.lag, "statistic": statistic}
    if inference == "analytic":
        found["expected"], found["sd"] = _conditional_moments(scatter)
        p = tests.folded_p(statistic, found["expected"], found["sd"])
    else:
        p = _permuted_p(scatter, permutations, generator(rng), progress)
    found["p_value"] = judged = p
    if correction is not None:
        found["p_adjusted"] = judged = tests.adjusted(p)
    found["quadrant"] = _quadrants(scatter, quadrant_origin)
    found["significant"] = judged <= tests.judged(significance)
    if inference == "permutation" and significance * (permutations + 1) < 1.0:
        said = {"permutations": permutations, "smallest": 1.0 / (permutations + 1), "significance": significance}
        warnings.warn(OuheWarning.of("lisa.few_permutations", **said), stacklevel=2)
    return _labelled(found, x)


def _wrong_rng(rng: Randomness) -> tuple[Problem, ...]:
    """What is wrong with what permutations are to be drawn from."""
    if rng is None:
        return (Problem("lisa.no_rng"),)
    try:
        generator(rng)
    except OptionError as error:
        return error.problems
    return ()


def _wrong_numbers(permutations: int, significance: float) -> list[Problem]:
    """Options that are out of bounds."""
    problems = []
    whole = isinstance(permutations, int | np.integer) and not isinstance(permutations, bool)
    if not (whole and 1 <= permutations <= MOST):
        problems.append(Problem("lisa.permutations", params={"value": permutations, "most": MOST}))
    if not (isinstance(significance, int | float | np.number) and 0.0 < significance < 1.0):
        problems.append(Problem("lisa.significance", params={"value": significance}))
    return problems


def _scatter(x: xr.DataArray, w: Neighbours) -> _Scatter:
    """Standardise the values and take their lags."""
    matrix = w.aligned(x).matrix
    n = x.sizes["region"]
    if n < 4:
        raise DataError.of("lisa.few_regions", count=n)
    z, rounding = _standardised(x)
    degrees = np.diff(matrix.indptr)
    lag = np.ascontiguousarray((matrix @ z.T).T)
    lag[:, degrees == 0] = np.nan
    return _Scatter(z, lag, rounding * ((degrees + 4) * abs(matrix).sum(axis=1)), 4 * rounding, matrix)


def _standardised(x: xr.DataArray) -> tuple[Floats, Floats]:
    """Values of mean 0 and variance 1 ``(variable, region)``, and how far rounding may take one ``(variable, 1)``."""
    low, high = moments.finite_extremes(x, ["region"])
    flat = moments.never_varies(x, low, high)
    if flat.any():
        raise DataError(*moments.refused(x, low, flat, "lisa.never_varies"))
    others = [d for d in x.dims if d != "region"]
    values, least, span, largest = (
        v.transpose(*others, ...).to_numpy().reshape(-1, v.sizes.get("region", 1)).astype(np.float64)
        for v in (x.variable, low, high - low, moments.largest(low, high))
    )
    # a row after the other, so that no variable changes the last digit of another; scaled, so that no square overflows
    z = np.ascontiguousarray((values - least) / span)
    z -= z.mean(axis=1, keepdims=True)
    deviation = np.sqrt((z**2).mean(axis=1, keepdims=True))
    z /= deviation
    precision = np.finfo(x.dtype if np.issubdtype(x.dtype, np.floating) else np.float64).eps
    # digits are lost in the numbers as given, before the mean is taken off
    return z, float(precision) * (np.abs(z).max(axis=1, keepdims=True) + largest / (span * deviation))


def _quadrants(scatter: _Scatter, origin: QuadrantOrigin) -> NDArray[np.int8]:
    """Quadrant of every point; 0 without a lag."""
    alone = np.isnan(scatter.lag)
    centre: Floats | float = 0.0
    if origin == "mean_lag" and not alone.all():
        centre = np.nanmean(scatter.lag, axis=1, keepdims=True)
    value_high = scatter.z > scatter.origin_margin
    lag_high = scatter.lag - centre > scatter.margin
    return np.where(alone, np.int8(0), tests.quadrants(value_high, lag_high))


def _permuted_p(scatter: _Scatter, permutations: int, rng: np.random.Generator, progress: Progress | None) -> Floats:
    """Folded p from conditional permutations."""
    points = Points(scatter.z, scatter.lag, scatter.margin)
    at_least, at_most = counts(points, scatter.w, permutations=permutations, rng=rng, progress=progress)
    p = (np.minimum(at_least, at_most) + 1.0) / (permutations + 1.0)
    p[scatter.on_mean] = 1.0
    p[np.isnan(scatter.lag)] = np.nan
    return p


def _conditional_moments(scatter: _Scatter) -> tuple[Floats, Floats]:
    """Mean and standard deviation of I_i over all draws of neighbours from the other regions."""
    n, w = scatter.z.shape[1], scatter.w
    sums, squares = np.asarray(w.sum(axis=1)), np.asarray((w**2).sum(axis=1))
    spread = tests.weight_spread(sums, squares, np.diff(w.indptr), n)
    expected, sd = tests.conditional_moments(scatter.z, n=n, sums=sums, spread=spread, margin=scatter.origin_margin)
    for moment in (expected, sd):
        moment[np.isnan(scatter.lag)] = np.nan
    return expected, sd


def _labelled(found: dict[str, NDArray[Any]], x: xr.DataArray) -> xr.Dataset:
    """Arrays ``(variable, region)`` with the dimensions and labels of `x`."""
    dims = [*(d for d in x.dims if d != "region"), "region"]
    shape = [x.sizes[d] for d in dims]
    held = {name: xr.Variable(dims, a.reshape(shape)).transpose(*x.dims) for name, a in found.items()}
    return xr.Dataset(held, coords=x.coords)
