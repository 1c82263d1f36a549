"""Moves between classes: how many stay, which way the others go, what neighbours and time change, where it leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from ouhe.figures.variables import p_value
from ouhe.report.findings.finding import Finding, Labels
from ouhe.report.findings.listing import listing
from ouhe.results.study_results import StudyResults
from ouhe.results.transition import Transition, tally

__all__ = [
    "LIMITS",
    "ends",
    "find",
    "long_run",
    "moves",
    "neighbours",
    "pull",
    "quadrants",
    "speed",
    "stability",
    "time",
]

#: ``stable`` and ``mobile``: share of moves that stay above and below which classes are. ``ratio``: how many times as
#: many moves one way are mostly that way. ``jumps``: share of moves beyond the next class, of all that leave, from
#: which on these are told. ``keeps`` and ``leaves``: probability to stay in the lowest or highest class; ``few``: moves
#: below which a probability is not told. ``level``: p below which a test rejects. ``pull``: least difference of two
#: probabilities that is one. ``places``: least change of the mean class that is one; ``same``: up to where it is none.
#: ``all``: share in one class from which on it holds all. ``slow`` and ``fast``: half-lives in years.
LIMITS: Mapping[str, Any] = {
    "stable": 0.8,
    "mobile": 0.5,
    "ratio": 2,
    "jumps": 0.05,
    "keeps": 0.9,
    "leaves": 0.5,
    "few": 10,
    "level": 0.05,
    "pull": 0.05,
    "places": 0.25,
    "same": 0.1,
    "all": 0.999,
    "slow": 10,
    "fast": 3,
}


def find(results: StudyResults) -> Iterator[Finding]:
    """Findings on the moves of every variable that the study asks for."""
    found, readers = results.analyses.get("transition"), Labels.of(results)
    if not isinstance(found, Transition):
        return
    for variable in found.variables:
        chain, classes = found.chain(variable), found.labels(variable)
        said = readers.variable(variable)
        for rules in (stability(chain), moves(chain), ends(chain, classes), speed(chain), time(chain)):
            yield from _about(rules, variable, said)
        if found.spatial:
            told = list(neighbours(chain))
            yield from _about(iter(told), variable, said)
            # which way the neighbours pull is told where they do, by the classes that the region has too
            if told and told[0][0] == "neighbours_matter" and found.options.get("lag_classes", "same") == "same":
                yield from _about(pull(chain), variable, said)
        yield from _about(long_run(chain, classes), variable, said)
        chained = found.quadrants(variable)
        if chained is not None:
            yield from _about(quadrants(chained), variable, said)


#: Name of a rule, and the values of its sentence.
Rule = tuple[str, dict[str, Any]]


def _about(rules: Iterator[Rule], variable: str, said: str) -> Iterator[Finding]:
    for rule, says in rules:
        yield Finding(f"transitions.{rule}", variable, {"variable": said, **says})


def stability(chain: xr.Dataset) -> Iterator[Rule]:
    """Whether most regions stay in their class, or few do.

    Parameters
    ----------
    chain
        What :meth:`ouhe.results.transition.Transition.chain` gives.
    """
    moved = tally(chain["count"])
    stay = moved["stay"] / moved["n"]
    says = {"count": moved["n"], "stayed": moved["stay"], "share": stay, "shorrocks": float(chain["shorrocks"])}
    if not np.isfinite(says["shorrocks"]):
        yield "one_class", {"count": moved["n"]}
    elif stay >= LIMITS["stable"]:
        yield "stable", says
    elif stay <= LIMITS["mobile"]:
        yield "mobile", says


def moves(chain: xr.Dataset) -> Iterator[Rule]:
    """Which way the moves go that leave a class, and how far.

    Parameters
    ----------
    chain
        As in :func:`stability`.
    """
    moved = tally(chain["count"])
    up, down, jumps = (moved[k] for k in ("up", "down", "jumps"))
    says = {"up": up, "down": down, "count": up + down}
    if not says["count"]:
        yield "unmoved", {"count": moved["n"]}
        return
    if not down or not up:
        yield ("only_up" if up else "only_down"), says
    elif max(up, down) >= LIMITS["ratio"] * min(up, down):
        yield ("mostly_up" if up > down else "mostly_down"), says
    if not jumps:
        yield "step_by_step", {"count": says["count"]}
    elif jumps / says["count"] >= LIMITS["jumps"]:
        yield "jumps", {"count": says["count"], "jumps": jumps, "share": jumps / says["count"]}


def ends(chain: xr.Dataset, classes: Sequence[str]) -> Iterator[Rule]:
    """Whether the lowest and the highest class keep those who are in them.

    Parameters
    ----------
    chain
        As in :func:`stability`.
    classes
        Names of the classes.
    """
    starts = chain["count"].sum("to").to_numpy()
    stay = np.diagonal(chain["probability"].to_numpy())
    held = np.flatnonzero(starts >= LIMITS["few"])
    if len(held) < 2:
        return
    for end, place in (("low", held[0]), ("high", held[-1])):
        says = {"class": classes[place], "share": float(stay[place]), "count": int(starts[place])}
        if stay[place] >= LIMITS["keeps"]:
            yield f"{end}_keeps", says
        elif stay[place] <= LIMITS["leaves"]:
            yield f"{end}_leaves", says


def neighbours(chain: xr.Dataset) -> Iterator[Rule]:
    """Whether the matrices differ by the class of the neighbours.

    Parameters
    ----------
    chain
        As in :func:`stability`, with the tests over neighbours.
    """
    yield from _tested(chain, "space", "neighbours_matter", "neighbours_alike")


def time(chain: xr.Dataset) -> Iterator[Rule]:
    """Whether the matrix changes over time.

    Parameters
    ----------
    chain
        As in :func:`stability`.
    """
    yield from _tested(chain, "time", "time_matters", "time_alike")


def _tested(chain: xr.Dataset, test: str, differ: str, alike: str) -> Iterator[Rule]:
    """What both tests agree on; nothing where they do not."""
    told = {name: float(chain[f"{test}_{name}"]) for name in ("chi2", "p_chi2", "lr", "p_lr", "sparse")}
    p = [told["p_chi2"], told["p_lr"]]
    if not np.isfinite(p).all() or (min(p) < LIMITS["level"]) != (max(p) < LIMITS["level"]):
        return
    said = {"chi2_p": p_value(told["p_chi2"]), "lr_p": p_value(told["p_lr"]), "df": int(chain[f"{test}_df"])}
    yield (differ if max(p) < LIMITS["level"] else alike), told | said


def pull(chain: xr.Dataset) -> Iterator[Rule]:
    """Whether regions rise, and fall, more often beside higher or beside lower neighbours, class by class.

    The lowest class can have no lower neighbours and cannot fall, the highest no higher ones and cannot rise, so that
    shares of all moves would differ even if neighbours did not matter. Shares of the classes that have moves on both
    sides are therefore averaged with the same weights on both, those of Mantel and Haenszel.

    Parameters
    ----------
    chain
        As in :func:`stability`, neighbours classed by the bounds of the variable.
    """
    n = chain["given_count"].transpose("given", "from", "to").to_numpy()
    given, start, end = np.indices(n.shape)
    sides = {"higher": given > start, "lower": given < start}
    of_class = {side: np.where(at, n, 0).sum(axis=(0, 2)) for side, at in sides.items()}
    both = (of_class["higher"] > 0) & (of_class["lower"] > 0)
    starts = {side: int(of_class[side][both].sum()) for side in sides}
    if min(starts.values()) < LIMITS["few"]:
        return
    higher_n, lower_n = (of_class[side][both].astype(float) for side in ("higher", "lower"))
    weight = higher_n * lower_n / (higher_n + lower_n)
    for way, at in (("rise", end > start), ("fall", end < start)):
        moved = {side: np.where(at & sides[side], n, 0).sum(axis=(0, 2))[both] for side in sides}
        share = {side: float(np.average(moved[side] / of_class[side][both], weights=weight)) for side in sides}
        gap = share["higher"] - share["lower"]
        if abs(gap) >= LIMITS["pull"]:
            yield (
                f"{way}_beside_{'higher' if gap > 0 else 'lower'}",
                {**share, **{f"{k}_n": v for k, v in starts.items()}},
            )


def speed(chain: xr.Dataset) -> Iterator[Rule]:
    """How fast the distribution comes near its long run.

    Parameters
    ----------
    chain
        As in :func:`stability`.
    """
    years = float(chain["half_life"])
    if np.isfinite(years) and years >= LIMITS["slow"]:
        yield "slow", {"years": years}
    elif years <= LIMITS["fast"]:
        yield "fast", {"years": years}


def long_run(chain: xr.Dataset, classes: Sequence[str]) -> Iterator[Rule]:
    """Where the moves lead if they go on as they were.

    Parameters
    ----------
    chain, classes
        As in :func:`ends`.
    """
    starts = chain["count"].sum("to").to_numpy()
    unseen = (starts == 0) & (chain["count"].sum("from").to_numpy() > 0)
    pi, last = chain["stationary"].to_numpy(), chain["final"].to_numpy()
    sets = [int(c) for c in np.unique(chain["closed"].to_numpy()) if c >= 0]
    if unseen.any():
        yield "untold", {"classes": listing([classes[int(c)] for c in np.flatnonzero(unseen)])}
    elif len(sets) > 1:
        yield "several_ends", {"count": len(sets), "classes": listing([classes[c] for c in sets])}
    if not np.isfinite(pi).all() or (starts > 0).sum() < 2:
        return
    top = int(pi.argmax())
    places = np.arange(1, len(pi) + 1)
    now, then = float(last @ places), float(pi @ places)
    says = {"class": classes[top], "share": float(pi[top]), "last": float(last[top]), "now": now, "then": then}
    if pi[top] >= LIMITS["all"]:
        yield "one_end", {**says, "count": int(starts[top])}
    elif abs(then - now) >= LIMITS["places"]:
        yield ("long_higher" if then > now else "long_lower"), says
    elif abs(then - now) <= LIMITS["same"]:
        yield "long_same", says


def quadrants(chain: xr.Dataset) -> Iterator[Rule]:
    """How often the quadrant stays, and whether regions or their neighbours cross the mean.

    Parameters
    ----------
    chain
        What :meth:`ouhe.results.transition.Transition.quadrants` gives.
    """
    kind = {str(k): int(v) for k, v in chain["kind"].to_series().items()}
    total = sum(kind.values())
    if not total:
        return
    says = {"count": total, "stayed": kind["stay"], "share": kind["stay"] / total}
    if says["share"] >= LIMITS["stable"]:
        yield "quadrants_stable", says
    elif says["share"] <= LIMITS["mobile"]:
        yield "quadrants_mobile", says
    own, around = kind["own"], kind["around"]
    if own + around >= LIMITS["few"] and max(own, around) >= LIMITS["ratio"] * min(own, around):
        yield ("own_moves" if own > around else "around_moves"), {"own": own, "around": around}
