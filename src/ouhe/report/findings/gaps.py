"""How far groups and regions are apart, and whether they draw closer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import xarray as xr

from ouhe.report.findings.finding import Finding, Names
from ouhe.results.study_results import StudyResults

__all__ = ["LIMITS", "find", "spread"]

#: Smallest relative change of the coefficient of variation, first to last year, that is called a change.
LIMITS: Mapping[str, Any] = {"change": 0.05}


def find(results: StudyResults) -> Iterator[Finding]:
    """Findings on every variable."""
    variation = results.trends.gaps["variation"].sel(between="regions", drop=True)
    yield from spread(variation, Names.of(results))


def spread(variation: xr.DataArray, names: Names) -> Iterator[Finding]:
    """Whether regions draw apart or together, by their coefficient of variation.

    Parameters
    ----------
    variation
        Coefficient of variation ``(variable, year)``.
    names
        What readers call things.
    """
    if variation.sizes["year"] < 2:
        return
    years = variation["year"].to_numpy()
    for variable in map(str, variation["variable"].to_numpy()):
        first, last = (float(variation.sel(variable=variable).isel(year=i)) for i in (0, -1))
        if not (first > 0 and last >= 0):  # missing, or all regions alike at first
            continue
        change = last / first - 1
        rule = "steady" if abs(change) < LIMITS["change"] else "wider" if change > 0 else "narrower"
        says = {"variable": names.variable(variable), "first": first, "last": last, "change": abs(change)}
        ends = {"first_year": int(years[0]), "last_year": int(years[-1])}
        yield Finding(f"gaps.{rule}", variable, says | ends)
