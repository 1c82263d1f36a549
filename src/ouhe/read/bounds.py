"""Refuse workbooks that would exhaust the machine, before a reader reserves memory for what they claim to hold.

The reader of the cells lays a sheet out as a full rectangle and the process dies where that does not fit, so two cells
in far corners are as bad as a file that unpacks to a hundred times the memory. Both are looked for here, in what the
file really holds and not in the sizes it declares.
"""

from __future__ import annotations

import io
import itertools
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ouhe.errors import DataError, Place

__all__ = [
    "BIFF_STREAMS",
    "COMPOUND",
    "FILEPASS",
    "LARGEST",
    "SIGNATURES",
    "check",
    "column_number",
    "records",
    "streams",
]

#: Largest file and largest unpacked content, in bytes.
LARGEST = 512 << 20
#: Largest sheet, in cells of the rectangle that it spans.
MOST_CELLS = 20_000_000
#: Unpacked to packed size that no written table reaches; small archives may (a sheet of empty cells packs well).
MOST_RATIO, RATIO_FROM = 300, 32 << 20

_MOST_MEMBERS = 20_000
_CHUNK = 1 << 20
_LONGEST_TAG = 4 << 20

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
#: What .xls (and protected files of any kind), .xlsx, .xlsb and .ods begin with.
SIGNATURES = (COMPOUND, _ZIP)

#: Streams of a compound file that hold an .xls workbook (Excel 97 on, Excel 5).
BIFF_STREAMS = frozenset({"Workbook", "Book"})
FILEPASS = 0x002F
_BIFF_DIMENSIONS = frozenset({0x0200, 0x0000})
# BLANK NUMBER LABEL BOOLERR RK LABELSST FORMULA MULRK MULBLANK RSTRING, each beginning with row and column.
_BIFF_CELLS = frozenset({0x0201, 0x0203, 0x0204, 0x0205, 0x027E, 0x00FD, 0x0006, 0x00BD, 0x00BE, 0x00D6})
_BIFF_ROWS, _BIFF_COLUMNS = 65536, 256
# BrtRowHdr, BrtCellBlank to BrtFmlaError, BrtBeginSheetData
_BRT_ROW, _BRT_LAST_CELL, _BRT_BEGIN_SHEET_DATA = 0, 11, 145

_REFERENCE = re.compile(rb"""\sr\s*=\s*["']\s*\$?([A-Za-z]*)\$?(\d*)""")


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
        for name in BIFF_STREAMS & found.keys():
            _check_biff(found[name], place)


def _check_archive(data: bytes, place: Place) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            budget = _Budget(packed=len(data), place=place)
            budget.take(sum(m.file_size for m in members))
            if len(members) > _MOST_MEMBERS:
                raise budget.exceeded()
            budget = _Budget(packed=len(data), place=place)
            for member in members:
                _check_extent(_extent(_unpacked(archive, member, budget)), place)
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


def _extent(chunks: Iterator[bytes]) -> tuple[int, int]:
    """Rows and columns that a member of an archive claims, where it is a sheet; else (0, 0)."""
    first = next(chunks, b"")
    if first.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return _xml_extent(first, chunks)
    return _binary_extent(b"".join([first, *chunks]))


def _xml_extent(first: bytes, chunks: Iterator[bytes]) -> tuple[int, int]:
    rows, letters, rest = 0, {b""}, first
    for chunk in itertools.chain(chunks, [b"<"]):
        for column, row in _REFERENCE.findall(rest):
            letters.add(column)
            rows = max(rows, int(row or 0))
        cut = rest.rfind(b"<")
        rest = rest[cut:] + chunk if cut >= 0 else chunk
        if len(rest) > _LONGEST_TAG:
            raise ValueError("XML tag without end")
    return rows, max(map(column_number, letters))


def column_number(letters: bytes) -> int:
    """Number of a column from its letters, 1 for A."""
    found = 0
    for letter in letters.upper():
        found = found * 26 + letter - 64
    return found


def _binary_extent(data: bytes) -> tuple[int, int]:
    """Extent of a sheet of an .xlsb workbook ([MS-XLSB] 2.1.4: kind, length in seven-bit groups, record)."""
    rows = columns = at = 0
    in_cells = False
    while at < len(data):
        kind, at = _seven_bit(data, at, most=2)
        length, at = _seven_bit(data, at, most=4)
        in_cells = in_cells or kind == _BRT_BEGIN_SHEET_DATA
        if in_cells and kind <= _BRT_LAST_CELL and at + 4 <= len(data):
            place = 1 + int.from_bytes(data[at : at + 4], "little")
            rows, columns = (max(rows, place), columns) if kind == _BRT_ROW else (rows, max(columns, place))
        at += length
    return rows, columns


def _seven_bit(data: bytes, at: int, *, most: int) -> tuple[int, int]:
    value = 0
    for shift in range(most):
        byte = data[at] if at < len(data) else 0
        at += 1
        value |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            break
    return value, at


def _check_extent(extent: tuple[int, int], place: Place) -> None:
    rows, columns = extent
    if rows * columns > MOST_CELLS:
        raise DataError.of("workbook.extent", place, rows=rows, columns=columns, limit=MOST_CELLS)


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


def records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Go through the records of an .xls stream: kind and content."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _check_biff(stream: bytes, place: Place) -> None:
    for kind, content in records(stream):
        if kind in _BIFF_CELLS and len(content) >= 4:
            row, column = struct.unpack_from("<HH", content)
            rows, columns = row + 1, column + 1
        elif kind in _BIFF_DIMENSIONS and len(content) >= 10:
            _, rows, _, columns = struct.unpack_from("<IIHH" if len(content) >= 12 else "<HHHH", content)
        else:
            continue
        if rows > _BIFF_ROWS or columns > _BIFF_COLUMNS:
            raise DataError.of("workbook.impossible_extent", place, rows=rows, columns=columns)
