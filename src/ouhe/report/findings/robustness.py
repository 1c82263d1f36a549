"""How far results depend on choices: how sure classes and ranks are, and which choice matters most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr

from ouhe.report.findings.finding import Finding, Labels
from ouhe.report.findings.listing import listing
from ouhe.results.study_results import StudyResults
from ouhe.results.uncertainty import Uncertainty, choice_name

__all__ = ["LIMITS", "choices", "classes", "find", "ranks", "surest"]

#: ``certain``: probability from which a class is certain; ``doubtful``: below which it is not even likely; ``most``:
#: share of the regions above which it is most of them; ``narrow`` and ``wide``: width of the intervals of ranks, as a
#: share of the number of regions, up to which ranks are stable, and from which they move.
LIMITS: Mapping[str, Any] = {"certain": 0.95, "doubtful": 0.5, "most": 0.5, "narrow": 0.1, "wide": 0.25}


def find(results: StudyResults) -> Iterator[Finding]:
    """Findings on the uncertainty of the last year."""
    found = results.analyses.get("uncertainty")
    if not isinstance(found, Uncertainty) or not found.varied:
        return
    last = found.intervals.isel(year=-1)
    own = last["probability"].isel({"class": last["level"].astype(int)})
    names = Labels.of(results)
    yield from classes(own)
    yield from surest(own, [found.labels[int(k)] for k in last["level"].values], names)
    yield from ranks(last, names, float(found.options["level"]))
    yield from choices(found.shares)


def classes(own: xr.DataArray) -> Iterator[Finding]:
    """Whether most regions keep their class under other choices.

    Parameters
    ----------
    own
        Probability of the class that the study gives ``(region)``, with the coordinate ``year``.
    """
    p = own.values
    says = {"year": int(own["year"]), "total": len(p), "certain_count": int((p >= LIMITS["certain"]).sum())}
    says |= {"doubtful_count": int((p < LIMITS["doubtful"]).sum())}
    if says["certain_count"] > LIMITS["most"] * len(p):
        yield Finding("robustness.classes_certain", "D", says)
    elif says["doubtful_count"] > LIMITS["most"] * len(p):
        yield Finding("robustness.classes_doubtful", "D", says)


def surest(own: xr.DataArray, labels: list[str], names: Labels) -> Iterator[Finding]:
    """The region whose class is most probable, and the one whose class is least so.

    Parameters
    ----------
    own
        As in :func:`classes`.
    labels
        Class of every region, as the study gives it.
    names
        What readers call things.
    """
    p, regions = own.values, own["region"].values
    high, low = int(p.argmax()), int(p.argmin())
    says: dict[str, Any] = {"year": int(own["year"])}
    if p[high] >= LIMITS["certain"]:
        told = {"region": names.region(regions[high]), "level": labels[high], "p": float(p[high])}
        yield Finding("robustness.surest", "D", says | told)
    else:
        yield Finding("robustness.none_certain", "D", says | {"p": float(p[high])})
    if p[low] < LIMITS["doubtful"]:
        told = {"region": names.region(regions[low]), "level": labels[low], "p": float(p[low])}
        yield Finding("robustness.least_sure", "D", says | told)
    else:
        yield Finding("robustness.all_likely", "D", says | {"p": float(p[low])})


def ranks(last: xr.Dataset, names: Labels, level: float) -> Iterator[Finding]:
    """Whether the first place is sure, and how many places the middle interval spans.

    Parameters
    ----------
    last
        ``rank``, ``rank_low`` and ``rank_high`` ``(region)``, with the coordinate ``year``.
    names
        What readers call things.
    level
        Probability of the intervals.
    """
    says: dict[str, Any] = {"year": int(last["year"]), "level": level, "total": last.sizes["region"]}
    first = int(last["rank"].values.argmin())
    low, high = (int(last[f"rank_{k}"].values[first]) for k in ("low", "high"))
    told = {"region": names.region(last["region"].values[first]), "low": low, "high": high}
    if (last["rank"].values == 1).sum() == 1:
        yield Finding(f"robustness.{'first_sure' if low == high == 1 else 'first_unsure'}", "D", says | told)
    widths = (last["rank_high"] - last["rank_low"]).values
    says |= {"median": float(np.median(widths)), "largest": int(widths.max())}
    widest = [names.region(r) for r in last["region"].values[widths == widths.max()]]
    says["regions"] = listing(widest)
    if says["median"] <= LIMITS["narrow"] * len(widths):
        yield Finding("robustness.ranks_stable", "D", says)
    elif says["median"] >= LIMITS["wide"] * len(widths):
        yield Finding("robustness.ranks_move", "D", says)


def choices(shares: xr.Dataset) -> Iterator[Finding]:
    """Which choice matters most for mean D, beyond the sampling error of the shares.

    Parameters
    ----------
    shares
        ``total`` and ``total_error`` ``(choice, target)``.
    """
    if shares.sizes["choice"] < 2:
        return
    of_mean = shares.sel(target="mean_D")
    total, error = of_mean["total"].values, of_mean["total_error"].values
    if not np.isfinite(total).all():
        return
    first, second = np.argsort(-total, kind="stable")[:2]
    names = of_mean["choice"].values
    says: dict[str, Any] = {"choice": choice_name(names[first]), "total": float(total[first])}
    says |= {"error": float(error[first]), "other": choice_name(names[second]), "next": float(total[second])}
    clear = total[first] - error[first] > total[second] + error[second]
    yield Finding(f"robustness.{'choice_most' if clear else 'choices_alike'}", "D", says)
