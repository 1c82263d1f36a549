"""Which region each row (or column) of a sheet is for, and what becomes of the rows that are for none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ouhe.errors import Problem
from ouhe.read.headers import header_key, label
from ouhe.read.reading import LeftOut, Match, ReadOptions, Source
from ouhe.regions import RegionSet

__all__ = ["MOST_UNKNOWN", "Recognised", "are_regions", "count_regions", "recognise"]

#: How many labels that are no region are told one by one.
MOST_UNKNOWN = 20


@dataclass(frozen=True, eq=False)
class Recognised:
    """What the labels of a sheet stand for.

    Parameters
    ----------
    ids
        Object array, one for each label: the region's id, or None.
    left_out, matches, problems
        What is to be told about them.
    """

    ids: np.ndarray
    left_out: tuple[LeftOut, ...]
    matches: tuple[Match, ...]
    problems: tuple[Problem, ...]

    @property
    def known(self) -> np.ndarray:
        """Which labels are regions."""
        return np.array([i is not None for i in self.ids], dtype=bool)


def recognise(
    labels: Iterable[object],
    holds: np.ndarray,
    *,
    at: Sequence[tuple[int, int]],
    source: Source,
    regions: RegionSet,
    options: ReadOptions,
) -> Recognised:
    """Recognise labels; each text is judged once, and a match listed where more than white space makes the difference.

    A text that stands for no region is a footer where nothing stands beside it, and a problem where values do. An
    empty label beside values is a problem too.

    Parameters
    ----------
    labels
        Cells that name regions.
    holds
        Whether values stand in the row (or column) of each label.
    at
        Row and column of each label.
    source, regions, options
        The sheet, the set of regions, and the study's aliases.
    """
    texts = [label(c) for c in labels]
    first: dict[str, int] = {}
    beside: dict[str, bool] = {}
    for i, said in enumerate(texts):
        first.setdefault(said, i)
        beside[said] = beside.get(said, False) or bool(holds[i])
    found: dict[str, str | None] = {}
    left_out: list[LeftOut] = []
    matches: list[Match] = []
    unknown: list[str] = []
    for said, i in first.items():
        known = regions.recognise(said, options.aliases)
        found[said] = known.region if known.kind == "region" else None
        if known.kind == "region" and known.region is not None:
            if header_key(said) != header_key(known.region):
                matches.append(Match(_shown(said), known.region, known.how))
        elif known.kind != "unknown":
            left_out.append(LeftOut(0, _shown(said), known.how, at[i][0]))
        elif beside[said]:
            unknown.append(said)
        elif said:
            left_out.append(LeftOut(0, _shown(said), "footer", at[i][0]))
    ids = np.array([found[said] for said in texts], dtype=object)
    problems = [_unknown(said, source, at[_first_with_values(texts, holds, said)], regions) for said in unknown]
    if len(problems) > MOST_UNKNOWN:
        more = Problem("read.unknown_region_more", source.place(), {"count": len(problems) - MOST_UNKNOWN})
        problems = [*problems[:MOST_UNKNOWN], more]
    return Recognised(ids, tuple(left_out), tuple(matches), tuple(problems))


def _shown(said: str) -> str:
    """Label as it is told: on one line."""
    return " ".join(said.split())


def _first_with_values(texts: list[str], holds: np.ndarray, said: str) -> int:
    return next(i for i, text in enumerate(texts) if text == said and holds[i])


def _unknown(said: str, source: Source, at: tuple[int, int], regions: RegionSet) -> Problem:
    if not said:
        return Problem("read.no_region", source.place(*at))
    shown = _shown(said)
    return Problem("read.unknown_region", source.place(*at), {"label": shown, "nearest": regions.nearest(shown)})


def are_regions(labels: Iterable[object], regions: RegionSet, options: ReadOptions) -> np.ndarray:
    """Which labels name a region of the set."""
    texts = [label(c) for c in labels]
    known = {t for t in set(texts) if t and regions.recognise(t, options.aliases).region is not None}
    return np.array([t in known for t in texts], dtype=bool)


def count_regions(labels: Iterable[object], regions: RegionSet, options: ReadOptions) -> int:
    """How many different regions of the set the labels name."""
    texts = {label(c) for c in labels}
    found = {regions.recognise(t, options.aliases).region for t in texts if t}
    return len(found - {None})
