"""Shape of the kernel densities: peaks, height and width, skewness, and the place of the highest peak."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr

from ouhe import text
from ouhe.compute.density import course, tail
from ouhe.report.findings.finding import Finding, Labels
from ouhe.report.findings.listing import spans
from ouhe.results.density import KINDS, Density
from ouhe.results.measured import Measured

__all__ = ["LIMITS", "find", "height", "peaks", "place", "position", "spread", "tails"]

#: ``change``: relative change of height or width beyond which it is one; ``skewness``: skewness beyond which there is
#: a tail; ``place``: least move of the highest peak, as a share of the width in the first year; ``C``: place above
#: which the peak of coupling is high; ``D``: place that parts high from low coordination.
LIMITS: Mapping[str, Any] = {"change": 0.05, "skewness": 0.5, "place": 0.1, "C": 0.95, "D": 0.5}

#: Rule by the sign of the change of height and of width.
COURSES = {
    (1, -1): "sharper",
    (-1, 1): "flatter",
    (1, 1): "higher_wider",
    (-1, -1): "lower_narrower",
    (1, 0): "higher",
    (-1, 0): "lower",
    (0, 1): "wider",
    (0, -1): "narrower",
    (0, 0): "unchanged",
}


def find(results: Measured) -> Iterator[Finding]:
    """Findings on the densities of every variable that the study asks for."""
    density, names = results.analyses.get("density"), Labels.of(results)
    if not isinstance(density, Density):
        return
    for variable in map(str, density.shape["variable"].to_numpy()):
        shape = density.shape.sel(variable=variable)
        for say in (peaks, spread, height, tails, place, position):
            yield from say(shape, variable, names)


def peaks(shape: xr.Dataset, variable: str, names: Labels) -> Iterator[Finding]:
    """Whether a density has one peak or more, in which years.

    Parameters
    ----------
    shape
        ``peaks``, ``mode``, ``mode_height``, ``width`` and ``skewness`` ``(year)``.
    variable
        What it is of.
    names
        What readers call things.
    """
    years, number = [int(y) for y in shape["year"].to_numpy()], shape["peaks"].to_numpy()
    if (number < 1).any():
        return
    single = number == 1
    says: dict[str, Any] = {"variable": names.variable(variable), "count": len(years)}
    says |= {"first_year": years[0], "last_year": years[-1], "most": int(number.max()), "least": int(number.min())}
    if single.all() or not single.any():
        rule = f"{'one' if single.all() else 'several'}_peak{'s' if not single.all() else ''}"
        yield Finding(f"densities.{rule}{'' if len(years) > 1 else '_year'}", variable, says)
        return
    usual = single.sum() * 2 >= len(years)
    others = spans([y for y, one in zip(years, single, strict=True) if one != usual], years)
    rule = "mostly_one" if usual else "mostly_several"
    yield Finding(
        f"densities.{rule}",
        variable,
        says | {"others": others, "single": int(single.sum()), "several": int((~single).sum())},
    )
    if single[0] != single[-1]:
        yield Finding(f"densities.{'splits' if single[0] else 'merges'}", variable, says | {"last": int(number[-1])})


def spread(shape: xr.Dataset, variable: str, names: Labels) -> Iterator[Finding]:
    """Whether the highest peak becomes higher or lower, wider or narrower, from the first to the last year.

    Parameters
    ----------
    shape, variable, names
        As in :func:`peaks`.
    """
    years = shape["year"].to_numpy()
    ends = {k: shape[name].to_numpy()[[0, -1]] for k, name in (("height", "mode_height"), ("width", "width"))}
    if len(years) < 2 or not all((v > 0).all() for v in ends.values()):
        return
    ways = [int(course(*map(xr.DataArray, v), beyond=LIMITS["change"])) for v in ends.values()]
    rule = COURSES[ways[0], ways[1]]
    says: dict[str, Any] = {"variable": names.variable(variable)}
    says |= {"first_year": int(years[0]), "last_year": int(years[-1])}
    for k, (first, last) in ends.items():
        says |= {f"{k}_first": float(first), f"{k}_last": float(last)}
    yield Finding(f"densities.{rule}", variable, says)


def height(shape: xr.Dataset, variable: str, names: Labels) -> Iterator[Finding]:
    """Whether the height of the highest peak turns between the first and the last year.

    Parameters
    ----------
    shape, variable, names
        As in :func:`peaks`.
    """
    years, tall = shape["year"].to_numpy(), shape["mode_height"].to_numpy()
    if len(years) < 3 or not (tall > 0).all():
        return
    top, low, share = int(tall.argmax()), int(tall.argmin()), 1 + LIMITS["change"]
    says: dict[str, Any] = {
        "first": float(tall[0]),
        "last": float(tall[-1]),
        "first_year": int(years[0]),
        "last_year": int(years[-1]),
    }
    says |= {"variable": names.variable(variable)}
    rises, falls = tall[top] > share * max(tall[0], tall[-1]), tall[low] * share < min(tall[0], tall[-1])
    if rises != falls:  # a height that does both has no one turn
        rule, at = ("rises_then_falls", top) if rises else ("falls_then_rises", low)
        yield Finding(f"densities.{rule}", variable, says | {"height": float(tall[at]), "year": int(years[at])})


def tails(shape: xr.Dataset, variable: str, names: Labels) -> Iterator[Finding]:
    """On which side the long tail lies, and whether that changes.

    Parameters
    ----------
    shape, variable, names
        As in :func:`peaks`.
    """
    years, skewness = shape["year"].to_numpy(), shape["skewness"].to_numpy()
    if not np.isfinite(skewness).all():
        return
    kinds = tail(shape["skewness"], beyond=LIMITS["skewness"]).to_numpy()
    says = {"variable": names.variable(variable), "first": float(skewness[0]), "last": float(skewness[-1])}
    says |= {"first_year": int(years[0]), "last_year": int(years[-1]), "count": len(years)}
    side = {1: "right", -1: "left", 0: "symmetric"}[int(kinds[-1])]
    if (kinds == kinds[-1]).all():
        yield Finding(f"densities.{side}{'' if len(years) > 1 else '_year'}", variable, says)
    elif kinds[0] == kinds[-1]:
        yield Finding(f"densities.{side}_mostly", variable, says | {"years": int((kinds == kinds[-1]).sum())})
    else:
        before, after = (text.t(f"labels.{KINDS['tail'][int(k)]}") for k in (kinds[0], kinds[-1]))
        rule = "skewness_right" if kinds[-1] > kinds[0] else "skewness_left"
        yield Finding(f"densities.{rule}", variable, says | {"before": before, "after": after})


def place(shape: xr.Dataset, variable: str, names: Labels) -> Iterator[Finding]:
    """Whether the highest peak moves to higher or lower values.

    Parameters
    ----------
    shape, variable, names
        As in :func:`peaks`.
    """
    years = shape["year"].to_numpy()
    first, last = (float(shape["mode"].isel(year=i)) for i in (0, -1))
    width = float(shape["width"].isel(year=0))
    if len(years) < 2 or not (np.isfinite(last - first) and width > 0):
        return
    rule = "stays" if abs(last - first) < LIMITS["place"] * width else "moves_right" if last > first else "moves_left"
    says = {"variable": names.variable(variable), "first": first, "last": last}
    yield Finding(f"densities.{rule}", variable, says | {"first_year": int(years[0]), "last_year": int(years[-1])})


def position(shape: xr.Dataset, variable: str, names: Labels) -> Iterator[Finding]:
    """Whether the highest peak of C lies high, and that of D low or high, in every year.

    Parameters
    ----------
    shape, variable, names
        As in :func:`peaks`.
    """
    mode = shape["mode"].to_numpy()
    if variable not in ("C", "D") or not np.isfinite(mode).all():
        return
    says = {"variable": names.variable(variable), "least": float(mode.min()), "most": float(mode.max())}
    says |= {"limit": LIMITS[variable]}
    if variable == "C" and mode.min() > LIMITS["C"]:
        yield Finding("densities.C_high", variable, says)
    elif variable == "C" and mode.max() <= LIMITS["C"]:
        yield Finding("densities.C_low", variable, says)
    elif variable == "D" and mode.max() <= LIMITS["D"]:
        yield Finding("densities.D_low", variable, says)
    elif variable == "D" and mode.min() > LIMITS["D"]:
        yield Finding("densities.D_high", variable, says)
