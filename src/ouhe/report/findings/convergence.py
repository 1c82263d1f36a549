"""Convergence: dispersion by year, growth on level, neighbours, clubs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr

from ouhe.figures.variables import p_value
from ouhe.report.findings.finding import Finding, Labels
from ouhe.report.findings.listing import listing
from ouhe.results.convergence import Convergence
from ouhe.results.groups import NATION
from ouhe.results.study_results import StudyResults

__all__ = ["LIMITS", "clubs", "dispersion", "find", "groups", "growth", "neighbours"]

#: ``level``: largest p that is significant; ``alike``: autocorrelation of the residuals of a trend above which its p is
#: too small to be believed; ``regions``: fewest regions of a group whose β is told of; ``t``: t at and below which the
#: log-t test rejects.
LIMITS: Mapping[str, Any] = {"level": 0.05, "alike": 0.25, "regions": 10, "t": -1.65}

#: Models of β, and the beginning of their rules.
MODELS = {"absolute": "beta", "conditional": "conditional", "cross_section": "ends"}


def find(results: StudyResults) -> Iterator[Finding]:
    """Findings on the convergence of every variable that the study asks for."""
    found, names = results.analyses.get("convergence"), Labels.of(results)
    if not isinstance(found, Convergence):
        return
    for variable in found.variables:
        yield from dispersion(found.dispersion.sel(variable=variable), found.trends.sel(variable=variable), names)
        if found.beta is not None:
            beta = found.beta.sel(variable=variable)
            for model in map(str, beta["model"].to_numpy()):
                yield from growth(beta.sel(group=NATION, model=model), names)
            yield from groups(beta.sel(model="absolute"), names)
        if found.spatial is not None:
            of = found.spatial.sel(variable=variable).isel(spatial_model=0)
            yield from neighbours(of, names, errors=found.options["dependence"] == "error")
        if found.clubs is not None:
            yield from clubs(found.clubs.sel(variable=variable), names)


def dispersion(measures: xr.Dataset, trends: xr.Dataset, names: Labels) -> Iterator[Finding]:
    """Whether the dispersion of all regions, and of groups, falls or rises.

    Parameters
    ----------
    measures
        ``variation`` and ``sd_log`` ``(group, year)`` of one variable.
    trends
        ``slope``, ``p_value`` and ``autocorrelation`` ``(group, measure)``.
    names
        What readers call things.
    """
    variable, years = str(measures["variable"].item()), measures["year"].to_numpy()
    ways = {str(m): _way(trends.sel(group=NATION, measure=m)) for m in trends["measure"].to_numpy()}
    way, logs = ways["variation"], ways["sd_log"]
    if way is not None:
        one = trends.sel(group=NATION, measure="variation")
        first, last = (float(measures["variation"].sel(group=NATION).isel(year=i)) for i in (0, -1))
        says = {"variable": names.variable(variable), "first": first, "last": last, "slope": float(one["slope"])}
        says |= {"first_year": int(years[0]), "last_year": int(years[-1]), **_tested(one)}
        unsure = "_unsure" if way and not _sure(one) else ""
        if unsure:
            says["autocorrelation"] = float(one["autocorrelation"])
        yield Finding(f"convergence.sigma_{('falls', 'level', 'rises')[way + 1]}{unsure}", variable, says)
        if logs and (unsure or logs != way) and _sure(trends.sel(group=NATION, measure="sd_log")):
            one = trends.sel(group=NATION, measure="sd_log")
            first, last = (float(measures["sd_log"].sel(group=NATION).isel(year=i)) for i in (0, -1))
            of_logs = says | {"first": first, "last": last, "slope": float(one["slope"]), **_tested(one)}
            yield Finding(f"convergence.logs_{'rise' if logs > 0 else 'fall'}", variable, of_logs)

    def of(group: str) -> xr.Dataset:
        return trends.sel(group=group, measure="variation")

    of_groups = {g: _way(of(g)) for g in map(str, trends["group"].to_numpy())}
    for sign, rule in ((-1, "fall"), (1, "rise")):
        told = [names.group(g) for g, w in of_groups.items() if g != NATION and w == sign and _sure(of(g))]
        if told:
            said = {"variable": names.variable(variable), "groups": listing(told)}
            yield Finding(f"convergence.groups_{rule}", variable, said)


def growth(beta: xr.Dataset, names: Labels) -> Iterator[Finding]:
    """Whether regions that start lower grow faster, and whether that is more than the bias of a short panel.

    Parameters
    ----------
    beta
        ``beta``, ``high``, ``p_value``, ``half_life`` and ``random_walk`` of one model of one variable.
    names
        What readers call things.
    """
    variable, way = str(beta["variable"].item()), _way(beta, "beta")
    if way is None:
        return
    kind = MODELS[str(beta["model"].item())]
    says = {"variable": names.variable(variable), "beta": float(beta["beta"]), **_tested(beta)}
    says["regions"] = int(beta["regions"])
    walk, high, half = (float(beta[k]) for k in ("random_walk", "high", "half_life"))
    if kind == "beta":
        says |= {"random_walk": walk, "high": high}
    # the interval, and not the estimate alone, has to lie beyond the bias
    if way == -1 and kind == "beta" and not high < walk:
        yield Finding("convergence.beta_within_bias", variable, says)
    elif way == -1 and np.isfinite(half):
        yield Finding(f"convergence.{kind}_converges", variable, says | {"half_life": half})
    elif way == -1:
        yield Finding(f"convergence.{kind}_overshoots", variable, says)
    else:
        yield Finding(f"convergence.{kind}_{'diverges' if way else 'none'}", variable, says)


def groups(beta: xr.Dataset, names: Labels) -> Iterator[Finding]:
    """In which groups β speaks for convergence, and in which against it.

    Parameters
    ----------
    beta
        ``beta``, ``high``, ``p_value``, ``random_walk`` and ``regions`` ``(group)`` of one variable.
    names
        What readers call things.
    """
    variable = str(beta["variable"].item())
    large = [g for g in map(str, beta["group"].to_numpy()) if float(beta["regions"].sel(group=g)) >= LIMITS["regions"]]
    ways = {g: _way(beta.sel(group=g), "beta") for g in large if g != NATION}
    beyond = (beta["high"] < beta["random_walk"]).to_series()
    for sign, rule in ((-1, "converge"), (1, "diverge")):
        told = [names.group(g) for g, w in ways.items() if w == sign and (sign > 0 or beyond[g])]
        if told:
            yield Finding(
                f"convergence.within_{rule}",
                variable,
                {
                    "variable": names.variable(variable),
                    "groups": listing(told),
                    "count": len(ways),
                    "regions_least": LIMITS["regions"],
                },
            )


def neighbours(beta: xr.Dataset, names: Labels, *, errors: bool = False) -> Iterator[Finding]:
    """Whether growth, or what a regression leaves of it, goes with that of the neighbours.

    Parameters
    ----------
    beta
        ``rho`` and ``rho_p`` of one variable.
    names
        What readers call things.
    errors
        The coefficient is that of the errors.
    """
    variable, rho, p = str(beta["variable"].item()), float(beta["rho"]), float(beta["rho_p"])
    if not np.isfinite(p):
        return
    says = {"variable": names.variable(variable), "rho": rho, "p": p, "tested": p_value(p)}
    rule = "none" if p >= LIMITS["level"] else "alike" if rho > 0 else "unlike"
    yield Finding(f"convergence.{'errors' if errors else 'neighbours'}_{rule}", variable, says)


def clubs(found: xr.Dataset, names: Labels) -> Iterator[Finding]:
    """Whether all regions are one club, or fall into several, or into none.

    Parameters
    ----------
    found
        ``club`` ``(region)``, 0 for none, ``all_t`` and ``size`` ``(club_number)`` of one variable.
    names
        What readers call things.
    """
    variable, numbers, t = str(found["variable"].item()), found["club"].to_numpy(), float(found["all_t"])
    if not (np.isfinite(numbers).all() and np.isfinite(t)):
        return
    sizes = [int(s) for s in found["size"].to_numpy() if np.isfinite(s)]
    says: dict[str, Any] = {"variable": names.variable(variable), "t": t, "regions": len(numbers)}
    says |= {"outside": int((numbers == 0).sum()), "count": len(sizes)}
    if t > LIMITS["t"]:
        yield Finding("convergence.one_club", variable, says)
    elif not sizes:
        yield Finding("convergence.no_clubs", variable, says)
    else:
        rule = "clubs" if says["outside"] else "clubs_of_all"
        yield Finding(f"convergence.{rule}", variable, says | {"sizes": listing(sizes, most=12)})


def _way(told: xr.Dataset, coefficient: str = "slope") -> int | None:
    """Sign of a coefficient that is significant, 0 for one that is not, None where there is no test."""
    p = float(told["p_value"])
    if not np.isfinite(p):
        return None
    return int(np.sign(float(told[coefficient]))) if p < LIMITS["level"] else 0


def _sure(trend: xr.Dataset) -> bool:
    """Whether the residuals of a trend are not so alike from year to year that its p is too small."""
    return not float(trend["autocorrelation"]) > LIMITS["alike"]


def _tested(told: xr.Dataset) -> dict[str, Any]:
    p = float(told["p_value"])
    return {"p": p, "tested": p_value(p)}
