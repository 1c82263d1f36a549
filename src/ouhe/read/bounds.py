"""Refuse workbooks that would exhaust the machine, before a reader reserves memory for what they claim to hold.

The reader of the cells lays a sheet out as a full rectangle and the process dies where that does not fit, so two cells
in far corners are as bad as a file that unpacks to a hundred times the memory. Both are looked for here, in what the
file really holds and not in the sizes it declares.
"""

from __future__ import annotations

import io
import itertools
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ouhe.errors import DataError, Place
from ouhe.read import extents
from ouhe.read.extents import BIFF_COLUMNS, BIFF_ROWS, Extent

__all__ = ["BIFF_STREAMS", "COMPOUND", "FILEPASS", "LARGEST", "MOST_CELLS", "SIGNATURES", "check", "streams"]

#: Largest file and largest unpacked content, in bytes.
LARGEST = 512 << 20
#: Most cells of any file, in those of the rectangles that its tables span.
MOST_CELLS = 20_000_000
#: Unpacked to packed size that no written table reaches; small archives may (a sheet of empty cells packs well).
MOST_RATIO, RATIO_FROM = 300, 32 << 20

_MOST_MEMBERS = 20_000
_CHUNK = 1 << 20

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
#: What .xls (and protected files of any kind), .xlsx, .xlsb and .ods begin with.
SIGNATURES = (COMPOUND, _ZIP)

#: Streams of a compound file that hold an .xls workbook (Excel 97 on, Excel 5).
BIFF_STREAMS = frozenset({"Workbook", "Book"})
FILEPASS = 0x002F


def check(data: bytes, place: Place) -> None:
    """Raise if a workbook unpacks or spreads to more than an honest one does.

    Raises
    ------
    DataError
        It does, or its container is damaged.
    """
    if data.startswith(_ZIP):
        _check_archive(data, place)
    else:
        found = streams(data, place)
        if not BIFF_STREAMS & found.keys():
            raise DataError.of("workbook.not_a_workbook", place)
        area = _Area(place)
        for name in BIFF_STREAMS & found.keys():
            _check_biff(found[name], area)


def _check_archive(data: bytes, place: Place) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            budget = _Budget(packed=len(data), place=place)
            budget.take(sum(m.file_size for m in members))
            if len(members) > _MOST_MEMBERS:
                raise budget.exceeded()
            budget, area = _Budget(packed=len(data), place=place), _Area(place)
            for member in members:
                area.take(_extents(_unpacked(archive, member, budget)))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise DataError.of("workbook.damaged", place, reason=str(error) or type(error).__name__) from error


@dataclass
class _Budget:
    """What the members of an archive have unpacked to so far."""

    packed: int
    place: Place
    unpacked: int = 0

    def take(self, size: int) -> None:
        self.unpacked += size
        most = LARGEST if self.unpacked < RATIO_FROM else min(LARGEST, max(RATIO_FROM, MOST_RATIO * self.packed))
        if self.unpacked > most:
            raise self.exceeded()

    def exceeded(self) -> DataError:
        return DataError.of(
            "workbook.bomb", self.place, packed=max(1, self.packed >> 10), limit=LARGEST >> 20, ratio=MOST_RATIO
        )


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: _Budget) -> Iterator[bytes]:
    # The declared size may lie; without it, reading goes to the end of what is packed.
    member.file_size = max(member.file_size, 2 * LARGEST)
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            budget.take(len(chunk))
            yield chunk


def _extents(chunks: Iterator[bytes]) -> list[Extent]:
    """Extents of the sheets in a member of an archive, if it is one that holds sheets."""
    first = next(chunks, b"")
    if first.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return extents.of_xml(itertools.chain([first], chunks))
    whole = b"".join([first, *chunks])
    return [extents.of_binary(whole), *extents.of_xml(iter([whole]))]


@dataclass
class _Area:
    """Cells of all sheets so far; the reader holds every sheet of a workbook at once."""

    place: Place
    cells: int = 0

    def take(self, found: Iterable[Extent]) -> None:
        for rows, columns in found:
            self.cells += rows * columns
            if self.cells > MOST_CELLS:
                raise DataError.of(
                    "workbook.extent", self.place, cells=self.cells, rows=rows, columns=columns, limit=MOST_CELLS
                )


def streams(data: bytes, place: Place) -> Mapping[str, bytes]:
    """Streams at the top of a compound file that matter here, by name (the largest part of an encrypted one is left).

    Raises
    ------
    DataError
        The file is damaged.
    """
    # Only .xls and protected files are compound files; the library has no types.
    from olefile import OleFileIO

    wanted = {*BIFF_STREAMS, "EncryptionInfo"}
    try:
        with OleFileIO(io.BytesIO(data)) as compound:
            return {
                path[0]: compound.openstream(path).read()
                for path in compound.listdir()
                if len(path) == 1 and path[0] in wanted
            }
    except Exception as error:
        raise DataError.of("workbook.damaged", place, reason=str(error) or type(error).__name__) from error


def _check_biff(stream: bytes, area: _Area) -> None:
    found = extents.of_biff(stream)
    for rows, columns in found:
        if rows > BIFF_ROWS or columns > BIFF_COLUMNS:
            raise DataError.of("workbook.impossible_extent", area.place, rows=rows, columns=columns)
    area.take(found)
