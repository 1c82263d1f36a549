"""Draws of choices as numbers of their levels, and shares that are perturbed around given ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.errors import OptionError

__all__ = ["alone", "dirichlet", "drawn", "saltelli"]

Array = NDArray[Any]


def drawn(levels: Mapping[str, Sequence[int]], *, draws: int, rng: np.random.Generator) -> xr.DataArray:
    """Levels of all choices drawn together: each choice by itself, every level with the same probability.

    Parameters
    ----------
    levels
        Choice → the levels it may have; 0 is what a study has itself.
    draws
        How many draws.
    rng
        Random numbers.

    Returns
    -------
    xarray.DataArray
        Levels (int64) ``(draw, choice)``.

    Raises
    ------
    OptionError
        `draws` is less than 1.

    Examples
    --------
    >>> levels = drawn({"a": [0, 1], "b": [7]}, draws=3, rng=np.random.default_rng(1))
    >>> levels.dims, levels.sel(choice="b").values
    (('draw', 'choice'), array([7, 7, 7]))
    """
    if draws < 1:
        raise OptionError.of("uncertainty.at_least_one", option="draws", given=draws)
    return _chosen(levels, rng.random((draws, len(levels))))


def alone(levels: Mapping[str, Sequence[int]]) -> xr.DataArray:
    """Levels where one choice alone leaves what a study has: every level of every choice once, all others 0.

    Parameters
    ----------
    levels
        As in :func:`drawn`.

    Returns
    -------
    xarray.DataArray
        Levels (int64) ``(draw, choice)``; the coordinate ``varied`` names the choice that varies.

    Examples
    --------
    >>> found = alone({"a": [0, 1], "b": [1, 2]})
    >>> found.values.tolist(), found["varied"].values.tolist()
    ([[0, 0], [1, 0], [0, 1], [0, 2]], ['a', 'a', 'b', 'b'])
    """
    names = list(levels)
    rows = [(names.index(name), level) for name in names for level in levels[name]]
    found = np.zeros((len(rows), len(names)), dtype=np.int64)
    for row, (place, level) in enumerate(rows):
        found[row, place] = level
    varied = np.array([names[place] for place, _ in rows], dtype=object)
    return _labelled(found, names).assign_coords(varied=("draw", varied))


def saltelli(levels: Mapping[str, Sequence[int]], *, samples: int, rng: np.random.Generator) -> xr.DataArray:
    r"""Design of Saltelli for shares of variance: two samples A and B, and A with one column of B after the other.

    A point of a scrambled Sobol sequence lies in :math:`[0, 1)^{2d}` for d choices; a choice with L levels has the
    level :math:`\lfloor L u \rfloor`.

    Parameters
    ----------
    levels
        As in :func:`drawn`, at least one choice.
    samples
        Rows of A and of B, a power of 2.
    rng
        Random numbers.

    Returns
    -------
    xarray.DataArray
        Levels (int64) ``(draw, choice)``, `samples` × (d + 2) draws: of every row A, A with each column of B, B.

    Raises
    ------
    OptionError
        `samples` is no power of 2 above 1, as the sequence takes.

    References
    ----------
    A. Saltelli et al., "Variance based sensitivity analysis of model output", Computer Physics Communications 181
    (2010); the package SALib.

    Examples
    --------
    >>> design = saltelli({"a": [0, 1, 2], "b": [0, 1]}, samples=4, rng=np.random.default_rng(1))
    >>> design.sizes["draw"], bool((design[0, 1] == design[1, 1]).all())
    (16, True)
    """
    if samples < 2 or samples & (samples - 1):
        raise OptionError.of("uncertainty.power_of_two", given=samples)
    from SALib.sample import sobol

    problem = {"num_vars": len(levels), "names": list(levels), "bounds": [[0.0, 1.0]] * len(levels)}
    points = sobol.sample(problem, samples, calc_second_order=False, seed=rng)
    return _chosen(levels, np.minimum(points, np.nextafter(1.0, 0.0)))  # the sequence may round up to 1


def dirichlet(share: Array, uniform: Array, *, variation: float) -> Array:
    r"""Shares drawn from a Dirichlet distribution around given ones.

    .. math:: (w_1, \dots, w_m) \sim \mathrm{Dir}(\kappa \bar w_1, \dots, \kappa \bar w_m), \quad
              \kappa = \frac{m - 1}{v^2} - 1

    so that the expected share is the given one, and one of average size 1/m has the coefficient of variation v:
    Var w = w̄(1 − w̄)/(κ + 1). Each is the quantile of a gamma distribution at `uniform` over the sum of them.

    Parameters
    ----------
    share
        Shares ``(…, part)`` that sum to 1; parts of 0, which m does not count, stay 0.
    uniform
        Numbers in [0, 1) ``(…, part)``, one a share.
    variation
        v, from 0 (nothing is perturbed) to below 1.

    Returns
    -------
    numpy.ndarray
        Shares ``(…, part)`` that sum to 1.

    Raises
    ------
    OptionError
        `variation` is not in [0, 1).

    References
    ----------
    The moments of the Dirichlet distribution: S. Kotz, N. Balakrishnan, N. L. Johnson, "Continuous Multivariate
    Distributions", vol. 1, 2000, chapter 49.

    Examples
    --------
    >>> shares = np.full((2000, 4), 0.25)
    >>> found = dirichlet(shares, np.random.default_rng(1).random(shares.shape), variation=0.2)
    >>> found.mean(axis=0).round(2).tolist(), (found.std(axis=0) / 0.25).round(1).tolist()
    ([0.25, 0.25, 0.25, 0.25], [0.2, 0.2, 0.2, 0.2])
    """
    if not 0.0 <= variation < 1.0:
        raise OptionError.of("uncertainty.variation", given=variation)
    there = share > 0.0
    parts = there.sum(axis=-1, keepdims=True)
    if variation == 0.0 or not (parts > 1).any():
        return share.copy()
    from scipy.special import gammaincinv

    concentration = np.maximum((parts - 1) / variation**2 - 1.0, 1.0)  # of a single part it changes nothing
    shape = np.where(there, share * concentration, 1.0)
    # a uniform number of 0 would make a share vanish that has no reason to
    found = np.where(there, gammaincinv(shape, np.maximum(uniform, np.finfo(float).tiny)), 0.0)
    total = found.sum(axis=-1, keepdims=True)
    return np.where((parts > 1) & (total > 0.0), found / np.where(total > 0.0, total, 1.0), share)


def _chosen(levels: Mapping[str, Sequence[int]], uniform: Array) -> xr.DataArray:
    """Levels at uniform numbers ``(draw, choice)`` in [0, 1)."""
    found = np.empty(uniform.shape, dtype=np.int64)
    for column, offered in enumerate(levels.values()):
        found[:, column] = np.asarray(offered)[(uniform[:, column] * len(offered)).astype(np.int64)]
    return _labelled(found, list(levels))


def _labelled(levels: Array, names: Sequence[str]) -> xr.DataArray:
    """Levels with the names of their choices."""
    return xr.DataArray(levels, dims=("draw", "choice"), coords={"choice": np.array(names, dtype=object)}, name="level")
