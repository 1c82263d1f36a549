"""What the tasks of a run gave, written down as each finishes, so that an interrupted run goes on from there.

The file is only ever appended to: a mark of what it is, then records, each with its length and checksum. A record that
was being written when the program was killed is cut off when the file is opened again. Numbers are stored in numpy's
own format; nothing that is read is ever executed.
"""

from __future__ import annotations

import io
import json
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path

import numpy as np

from ouhe.engine.graphs import Arrays
from ouhe.errors import OuheError, Place

__all__ = ["MAGIC", "Journal"]

MAGIC = b"ouhe journal 1\n"

_HEAD = struct.Struct("<II")  # length and checksum of a record
_TASK = struct.Struct("<IH")  # number of a task, and how many arrays it gave
_RUN, _STEP, _DONE = b"R", b"S", b"T"


@dataclass
class _Step:
    """One collection of tasks in the file."""

    told: dict[str, object]
    start: int
    tasks: dict[int, tuple[int, int]] = field(default_factory=dict)  # place and length of what each gave


class Journal:
    """Results of a run's tasks in a file.

    Parameters
    ----------
    path
        The file; made where there is none.
    fingerprint
        What the run depends on. A file of another run is emptied.

    Attributes
    ----------
    fresh : bool
        Whether nothing of this run stood there.
    empty : bool
        Whether it holds nothing that any task gave.
    """

    def __init__(self, path: Path, fingerprint: str) -> None:
        self._path = path
        self._steps: list[_Step] = []
        self._position = 0
        self._file: FileIO = path.open("r+b" if path.exists() else "w+b", buffering=0)
        self.fresh = not self._read(fingerprint)
        self.empty = self.fresh or not any(step.tasks for step in self._steps)
        if self.fresh:
            self._steps = []
            self._cut(0)
            self._append(_RUN + fingerprint.encode(), mark=MAGIC)

    def close(self) -> None:
        """Close the file, which stays."""
        self._file.close()

    def begin(self, step: str, count: int) -> dict[int, Arrays]:
        """Go to the next collection of tasks; give what its tasks gave already.

        Parameters
        ----------
        step
            Its name.
        count
            How many tasks it has. Where another step or number stands there, all from there on is thrown away.
        """
        told = {"step": step, "count": count}
        here = self._position
        self._position += 1
        if here < len(self._steps) and self._steps[here].told != told:
            self._cut(self._steps[here].start)
            del self._steps[here:]
        if here == len(self._steps):
            self._steps.append(_Step(told, self._end()))
            self._append(_STEP + json.dumps(told).encode())
        return {number: self._load(*place) for number, place in self._steps[here].tasks.items()}

    def add(self, number: int, given: Arrays) -> None:
        """Write down what a task of the present collection gave."""
        body = io.BytesIO()
        body.write(_DONE + _TASK.pack(number, len(given)))
        for array in given:
            np.lib.format.write_array(body, array, allow_pickle=False)
        self._append(body.getvalue())
        self.empty = False

    def _read(self, fingerprint: str) -> bool:
        """Read the file as far as it is whole; whether it is of this run."""
        self._file.seek(0)
        if self._file.read(len(MAGIC)) != MAGIC:
            return False
        whole = len(MAGIC)
        for number, (start, body) in enumerate(self._records()):
            kind = body[:1]
            if (number == 0) != (kind == _RUN) or (kind == _RUN and body[1:] != fingerprint.encode()):
                return False
            if kind == _STEP:
                self._steps.append(_Step(json.loads(body[1:]), start))
            elif kind == _DONE:
                place = start + _HEAD.size, len(body)
                self._steps[-1].tasks[_TASK.unpack_from(body, 1)[0]] = place
            whole = start + _HEAD.size + len(body)
        self._cut(whole)
        return whole > len(MAGIC)

    def _records(self) -> Iterator[tuple[int, bytes]]:
        """Place and body of each record, up to the first that is not whole."""
        while True:
            start = self._file.tell()
            head = self._file.read(_HEAD.size)
            if len(head) < _HEAD.size:
                return
            length, checksum = _HEAD.unpack(head)
            body = self._file.read(length)
            if len(body) < max(length, 1) or zlib.crc32(body) != checksum:
                return
            yield start, body

    def _load(self, place: int, length: int) -> Arrays:
        self._file.seek(place)
        body = io.BytesIO(self._file.read(length)[1:])
        _, count = _TASK.unpack(body.read(_TASK.size))
        return tuple(np.lib.format.read_array(body, allow_pickle=False) for _ in range(count))

    def _append(self, body: bytes, *, mark: bytes = b"") -> None:
        """Write a record at the end; what a killed program leaves of it is cut off later."""
        left = memoryview(mark + _HEAD.pack(len(body), zlib.crc32(body)) + body)
        try:
            self._end()
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            raise _unwritable(self._path, error) from error

    def _end(self) -> int:
        return self._file.seek(0, os.SEEK_END)

    def _cut(self, length: int) -> None:
        self._file.truncate(length)
        self._file.seek(length)


def _unwritable(path: Path, error: OSError) -> OuheError:
    return OuheError.of("engine.no_journal", Place(file=str(path)), why=error.strerror or str(error))
