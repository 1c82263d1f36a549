"""Neighbours in the GAL format of GeoDa and PySAL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ouhe.decoding import decode
from ouhe.errors import DataError, Place, Problem
from ouhe.read.delimited import MOST_BYTES
from ouhe.read.links import Label, Links

__all__ = ["read_gal"]


def read_gal(path: Path, *, file: str) -> Links:
    """Links of a GAL file, all of weight 1.

    The first line holds the number of regions, or ``0``, that number, the name of the boundary file and its id column.
    Then come two lines a region: its id and how many neighbours it has, and their ids; the second may be missing where
    there are none.

    Parameters
    ----------
    path
        The file.
    file
        Its name in messages.

    Raises
    ------
    DataError
        The file cannot be read, or is no GAL file.

    References
    ----------
    Anselin L., "GeoDa 0.9 User's Guide", Spatial Analysis Laboratory, University of Illinois (2003).
    """
    content = _content(path, file)
    lines = [(i, line.split()) for i, line in enumerate(content.splitlines(), 1) if line.strip()]
    count = _count(*lines[0], file)
    found = _Found(file)
    rest = iter(lines[1:])
    for at, head in rest:
        found.take(at, head, rest)
    if not found.problems and len(found.labels) != count:
        params = {"stated": count, "found": len(found.labels)}
        found.problems.append(Problem("neighbours.gal_count", Place(file), params))
    return found.links()


def _content(path: Path, file: str) -> str:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise DataError.of("read.too_large", Place(file), mib=size >> 20, most=MOST_BYTES >> 20)
        raw = path.read_bytes()
    except OSError as error:
        raise DataError.of("read.unreadable", Place(file), detail=error.strerror or str(error)) from error
    return decode(raw, Place(file))[0]


def _count(line: int, head: list[str], file: str) -> int:
    """Number of regions that the first line states."""
    said = head[0] if len(head) == 1 else head[1] if head[0] == "0" else ""
    if not (said.isascii() and said.isdigit()):
        raise DataError.of("neighbours.gal_header", Place(file, line=line), value=" ".join(head)[:60])
    return int(said)


@dataclass
class _Found:
    """Regions and links of the lines so far."""

    file: str
    labels: dict[str, Label] = field(default_factory=dict)
    ends: list[tuple[str, str, int]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def take(self, at: int, head: list[str], rest: Iterator[tuple[int, list[str]]]) -> None:
        """Take the lines of one region."""
        place = Place(self.file, line=at)
        degree = head[-1]
        if len(head) < 2 or not (degree.isascii() and degree.isdigit()):
            raise DataError(*self.problems, Problem("neighbours.gal_line", place, {"value": " ".join(head)[:60]}))
        region = " ".join(head[:-1])
        if region in self.labels:
            first = self.labels[region].place.line
            self.problems.append(Problem("neighbours.gal_twice", place, {"region": region, "line": first}))
        self.labels.setdefault(region, Label(region, place))
        near: list[tuple[str, int]] = []
        while len(near) < int(degree):
            line, ids = next(rest, (at, []))
            if not ids:
                break
            near += [(i, line) for i in ids]
        if len(near) != int(degree):
            params = {"region": region, "stated": int(degree), "found": len(near)}
            raise DataError(*self.problems, Problem("neighbours.gal_degree", place, params))
        self.ends += [(region, other, line) for other, line in near]

    def links(self) -> Links:
        """Everything found."""
        position = {region: i for i, region in enumerate(self.labels)}
        known = [(position[a], position[b], line) for a, b, line in self.ends if b in position]
        strange = [(a, b, line) for a, b, line in self.ends if b not in position]
        self.problems += [
            Problem("neighbours.gal_unknown", Place(self.file, line=line), {"region": a, "neighbour": b})
            for a, b, line in strange
        ]
        table = np.array(known, dtype=np.int64).reshape(-1, 3)
        labels, n = tuple(self.labels.values()), len(self.labels)
        lines = table[:, 2].tolist()
        return Links(
            shape=(n, n),
            rows=labels,
            columns=labels,
            row=table[:, 0],
            column=table[:, 1],
            weight=np.ones(len(table)),
            place=lambda i: Place(self.file, line=lines[i]),
            whole=True,
            problems=tuple(self.problems),
        )
