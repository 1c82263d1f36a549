"""How large the chunks of a run are, and what the run needs, before it starts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ouhe import text
from ouhe.engine.machine import memory_size, size_told
from ouhe.engine.running import Engine, current, threads_of_this_process
from ouhe.errors import OptionError, Problem

__all__ = ["Plan", "plan"]

#: Bytes of a process that has loaded what it works with, and what each of its threads takes besides. These and the
#: following were measured on the chain from raw values to classes, with Parquet and with Zarr.
BASE, THREAD = 400 << 20, 16 << 20

#: Bytes that a thread holds at most, for each byte of its chunk: the chunk, what is made of it, and what an allocator
#: keeps for the next one.
HELD = 2.25

#: Bytes besides for each byte that is read in one piece: the file's own form of it, and what it is unpacked to.
UNPACKED = 2.0

#: Part of its memory that a process may fill; dask pauses a worker that has filled 80 %.
FILLED, FILLED_BY_WORKER = 0.9, 0.7

#: Bytes of a chunk beyond which larger ones make nothing faster, and below which smaller ones cost time.
LARGE, SMALL = 64 << 20, 4 << 20

#: Chunks that every thread should have, so that all are busy to the end.
EACH = 4


@dataclass(frozen=True)
class Plan:
    """What a run will read, hold and write.

    Parameters
    ----------
    sizes
        Length of every dimension.
    chunks
        Length of a chunk along every dimension; the indicators are always whole.
    workers, threads
        Worker processes (0: this process alone), and threads of each that works.
    memory
        Bytes that all processes may take together.
    expected
        Bytes that they will take together at most.
    read
        Bytes to read in one pass over the data; how many of these there are depends on the choices of a study.
    written
        Bytes to write, before compression.

    Examples
    --------
    >>> made = plan({"indicator": 10, "region": 10_000_000, "year": 10}, 4, outputs=6, memory="1GiB", workers=0)
    >>> made.count == math.ceil(10_000_000 / made.chunks["region"]), made.expected < 1 << 30
    (True, True)
    """

    sizes: Mapping[str, int]
    chunks: Mapping[str, int]
    workers: int
    threads: int
    memory: int
    expected: int
    read: int
    written: int

    @property
    def count(self) -> int:
        """How many chunks there are."""
        return math.prod(math.ceil(n / self.chunks[d]) for d, n in self.sizes.items())

    def problem(self) -> Problem:
        """What a user should know before it starts, for whoever is told (see ``announce`` of :func:`started`)."""
        at_work = max(self.workers, 1) * self.threads
        said = {name: size_told(getattr(self, name)) for name in ("memory", "expected", "read", "written")}
        return Problem("engine.plan", params={"count": self.count, "at_work": at_work} | said)

    def told(self, lang: text.Lang | None = None) -> str:
        """The same as a sentence."""
        return self.problem().message(lang)

    def record(self) -> dict[str, Any]:
        """The plan as plain data that JSON can hold."""
        return asdict(self) | {"sizes": dict(self.sizes), "chunks": dict(self.chunks)}


@dataclass(frozen=True)
class _Room:
    """Memory and threads that a plan has to do with."""

    workers: int
    threads: int
    memory: int  # of each process that works

    @classmethod
    def of(cls, engine: Engine) -> _Room:
        return cls(engine.workers, engine.threads, engine.memory)

    @property
    def processes(self) -> int:
        return max(self.workers, 1)

    @property
    def filled(self) -> float:
        """Part of the memory that is made use of."""
        return FILLED_BY_WORKER if self.workers else FILLED

    @property
    def chunk(self) -> int:
        """Bytes for the chunk of a thread and what is made of it."""
        return max(int(self.memory * self.filled - BASE) // self.threads - THREAD, 0)

    def each(self, held: int) -> int:
        """Bytes of a process that works, where every thread holds `held`."""
        return BASE + self.threads * (THREAD + held)

    def expected(self, held: int) -> int:
        """Bytes of all processes; the one that tells the workers what to do counts."""
        return self.processes * self.each(held) + (BASE if self.workers else 0)

    def asked(self, held: int) -> int:
        """Bytes that a user must grant for that, in all."""
        return math.ceil(self.processes * self.each(held) / self.filled)


def plan(
    sizes: Mapping[str, int],
    itemsize: int,
    *,
    outputs: int,
    memory: int | str | None = None,
    workers: int | None = None,
    preferred_chunks: Mapping[str, int] | None = None,
    smallest: Mapping[str, int] | None = None,
) -> Plan:
    """Cut a panel into chunks that fit the memory, along those of its files where that can be.

    Parameters
    ----------
    sizes
        Length of every dimension, the innermost last: ``indicator``, ``year``, ``y``, ``x``, or ``indicator``,
        ``region``, ``year``.
    itemsize
        Bytes of a value.
    outputs
        Bytes written for every cell and year.
    memory, workers
        As :func:`ouhe.engine.started` takes them; those of the engine in force when both are left out. That one then
        works with fewer threads where more would not fit.
    preferred_chunks
        Chunks of the files along some of the dimensions.
    smallest
        Chunks than which none may be smaller, because so much is always read in one piece; 1 when left out.

    Returns
    -------
    Plan
        The chunks, and what the run needs.

    Raises
    ------
    OptionError
        The memory is too little for even the smallest chunk; the message says what would do.

    Examples
    --------
    >>> tiles = {"year": 1, "y": 512, "x": 512}
    >>> plan({"indicator": 8, "year": 6, "y": 4000, "x": 5000}, 4, outputs=18, memory="1GiB", workers=1,
    ...      preferred_chunks=tiles).chunks
    {'indicator': 8, 'year': 1, 'y': 512, 'x': 2560}
    """
    engine = None if memory is not None or workers is not None else current()
    room = _Room.of(engine) if engine else _asked_for(memory, workers)
    inner = {d: n for d, n in sizes.items() if d != "indicator"}
    cell = _Cell(sizes.get("indicator", 1) * itemsize, outputs)
    floor = {d: min((smallest or {}).get(d, 1), n) for d, n in inner.items()}
    # so much is unpacked at a time, beside the chunk
    packed = int(UNPACKED * cell.read * math.prod(floor.values())) if smallest else 0
    least = cell.held(math.prod(floor.values())) + packed
    while room.chunk < least and not room.workers and room.threads > 1:
        room = _Room(0, room.threads - 1, room.memory)
    if room.chunk < least:
        raise _too_little(room, least)
    if engine:
        engine.restrict(room.threads)
    most = min(int((room.chunk - packed) / cell.held(1000) * 1000), _useful(inner, cell, room))
    units = {d: min((preferred_chunks or {}).get(d, floor[d]), n) for d, n in inner.items()}
    chunks = _cut(inner, units, floor, most)
    held = cell.held(math.prod(chunks.values())) + packed
    cells = math.prod(inner.values())
    return Plan(
        sizes=dict(sizes),
        chunks={d: chunks.get(d, n) for d, n in sizes.items()},
        workers=room.workers,
        threads=room.threads,
        memory=room.memory * room.processes,
        expected=room.expected(held),
        read=cells * cell.read,
        written=cells * outputs,
    )


@dataclass(frozen=True)
class _Cell:
    """Bytes of a cell in a year: all indicators, and all that is written."""

    read: int
    written: int

    def held(self, cells: int) -> int:
        """Bytes that a thread holds for a chunk of so many."""
        return math.ceil(cells * (self.read * HELD + self.written))


def _asked_for(memory: int | str | None, workers: int | None) -> _Room:
    """What an engine that is started with these options would have."""
    here = threads_of_this_process(None if memory is None else memory_size(memory))
    return _Room(workers, 1, here.memory // workers) if workers else _Room.of(here)


def _useful(sizes: Mapping[str, int], cell: _Cell, room: _Room) -> int:
    """Cells of a chunk beyond which larger ones help nobody."""
    threads = room.processes * room.threads
    shared = math.prod(sizes.values()) // (EACH * threads)
    return max(1, min(LARGE // cell.read, max(shared, SMALL // cell.read)))


def _cut(sizes: Mapping[str, int], units: Mapping[str, int], floor: Mapping[str, int], most: int) -> dict[str, int]:
    """Chunks of at most `most` cells, and not below `floor`: whole units and several of them, else parts of one."""
    chunks = dict(units)
    most = max(most, math.prod(floor.values()))
    for d in sizes:  # a unit that is too large is parted, along the outermost dimension first
        if (now := math.prod(chunks.values())) > most:
            chunks[d] = max(floor[d], 1, chunks[d] * most // now)
    for d in reversed(list(sizes)):  # units are joined along the innermost first, as they lie in the file
        others = math.prod(chunks.values()) // chunks[d]
        if chunks[d] == units[d]:
            fit = max(1, most // (others * units[d]))
            parts = math.ceil(sizes[d] / (units[d] * fit))
            even = math.ceil(sizes[d] / parts)  # all alike, not a large one and a crumb
            chunks[d] = min(sizes[d], math.ceil(even / units[d]) * units[d])
        if chunks[d] < sizes[d]:
            break
    return chunks


def _too_little(room: _Room, held: int) -> OptionError:
    key = "engine.too_little_fewer" if room.workers > 1 else "engine.too_little"
    needed = size_told(_rounded(room.asked(held)))
    return OptionError.of(key, memory=size_told(room.memory * room.processes), needed=needed)


def _rounded(size: int) -> int:
    """A size that a user can type: whole steps of 64 MiB, and not less."""
    return math.ceil(size / (1 << 26)) << 26
