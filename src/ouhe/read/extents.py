"""How far the sheets of a workbook reach, found in what they hold and not in the sizes they declare.

Every finder goes through a part of a file piece by piece and says, sheet by sheet, how many rows and columns the reader
of the cells would lay out.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from xml.parsers import expat

__all__ = ["BIFF_COLUMNS", "BIFF_ROWS", "Extent", "column_number", "of_biff", "of_binary", "of_xml", "records"]

#: Rows and columns of a sheet, counted from its first cell.
Extent = tuple[int, int]

#: What a sheet of an .xls workbook can hold.
BIFF_ROWS, BIFF_COLUMNS = 65536, 256
_BIFF_DIMENSIONS = frozenset({0x0200, 0x0000})
# BLANK NUMBER LABEL BOOLERR RK LABELSST FORMULA MULRK MULBLANK RSTRING, each beginning with row and column.
_BIFF_CELLS = frozenset({0x0201, 0x0203, 0x0204, 0x0205, 0x027E, 0x00FD, 0x0006, 0x00BD, 0x00BE, 0x00D6})
_BIFF_BOF = frozenset({0x0809, 0x0409, 0x0209, 0x0009})
# BrtRowHdr, BrtCellBlank to BrtFmlaError, BrtBeginSheetData
_BRT_ROW, _BRT_LAST_CELL, _BRT_BEGIN_SHEET_DATA = 0, 11, 145

_SHEET = re.compile(rb"sheetData|table-row")
_LONGEST_WORD = 16
_CELL_NAME = re.compile(r"\s*\$?([A-Za-z]*)\$?(\d*)")
_CELLS = frozenset({"table-cell", "covered-table-cell"})
_VALUES = frozenset({"value-type", "value", "date-value", "time-value", "boolean-value", "string-value", "formula"})


def column_number(letters: str) -> int:
    """Number of a column from its letters, 1 for A.

    Examples
    --------
    >>> column_number("A"), column_number("XFD")
    (1, 16384)
    """
    found = 0
    for letter in letters.upper():
        found = found * 26 + ord(letter) - 64
    return found


def of_xml(chunks: Iterator[bytes]) -> list[Extent]:
    """Extents of the sheets in an XML part of an .xlsx or .ods workbook; none for a part that holds no sheet.

    Raises
    ------
    ValueError
        A sheet is no well-formed XML, or declares a document type.
    """
    sheets = _Sheets()
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = sheets.start, sheets.end
    parser.StartDoctypeDeclHandler = sheets.doctype
    failure: expat.ExpatError | None = None
    tail, holds_sheet = b"", False
    for chunk in chunks:
        holds_sheet = holds_sheet or bool(_SHEET.search(tail + chunk))
        tail = chunk[-_LONGEST_WORD:]
        if failure is None:
            failure = _fed(parser, chunk)
    failure = failure or _fed(parser, b"", last=True)
    # Other parts (drawings of old Excel) are not always well formed, and nobody reads them here.
    if holds_sheet and (failure is not None or sheets.declared):
        raise ValueError(str(failure or "XML with a document type"))
    return sheets.extents


def _fed(parser: expat.XMLParserType, chunk: bytes, *, last: bool = False) -> expat.ExpatError | None:
    try:
        parser.Parse(chunk, last)
    except expat.ExpatError as error:
        return error
    return None


class _Sheets:
    """Positions of the cells while the tags of a part go by, as the reader of the cells counts them."""

    def __init__(self) -> None:
        self.extents: list[Extent] = []
        self.declared = False
        self.rows = self.columns = self.row = self.column = 0
        self.in_cell = False

    def doctype(self, *_: object) -> None:
        self.declared = True

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name in _CELLS:
            self.column += _repeats(attributes, "number-columns-repeated")
            self.in_cell = True
            if not _VALUES.isdisjoint(key.rpartition(":")[2] for key in attributes):
                self._reach(self.row, self.column)
        elif self.in_cell:
            # A cell of an .ods sheet that holds anything is no gap; inside a cell of an .xlsx nothing has a place.
            self._reach(self.row, self.column)
        elif name == "table-row":
            self.row += _repeats(attributes, "number-rows-repeated")
            self.column = 0
        elif name in {"row", "c"}:
            self._placed(name, attributes.get("r", ""))

    def end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name in _CELLS or name == "c":
            self.in_cell = False
        elif name == "row" and not self.in_cell:
            self.row, self.column = self.row + 1, 0
        elif name in {"sheetData", "table"} and not self.in_cell:
            self.extents.append((self.rows, self.columns))
            self.rows = self.columns = self.row = self.column = 0

    def _placed(self, name: str, reference: str) -> None:
        """Take the place of a row or cell of an .xlsx sheet; one that names none follows the one before it."""
        said = _CELL_NAME.match(reference)
        letters, digits = said.groups() if said else ("", "")
        self.row = int(digits) - 1 if digits else self.row
        if name == "c":
            self.column = column_number(letters) if letters else self.column + 1
            self.in_cell = True
            self._reach(self.row + 1, self.column)

    def _reach(self, row: int, column: int) -> None:
        self.rows, self.columns = max(self.rows, row), max(self.columns, column)


def _repeats(attributes: Mapping[str, str], name: str) -> int:
    return next((int(value) for key, value in attributes.items() if key.rpartition(":")[2] == name), 1)


def of_binary(data: bytes) -> Extent:
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


def records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Go through the records of an .xls stream: kind and content."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def of_biff(stream: bytes) -> list[Extent]:
    """Extents of the sheets of an .xls stream; one beyond what the format can hold is a sign of damage."""
    found: list[Extent] = [(0, 0)]
    for kind, content in records(stream):
        rows, columns = found[-1]
        if kind in _BIFF_BOF:
            found.append((0, 0))
        elif kind in _BIFF_CELLS and len(content) >= 4:
            row, column = struct.unpack_from("<HH", content)
            found[-1] = max(rows, row + 1), max(columns, column + 1)
        elif kind in _BIFF_DIMENSIONS and len(content) >= 10:
            _, below, _, beyond = struct.unpack_from("<IIHH" if len(content) >= 12 else "<HHHH", content)
            # The reader reserves what is declared, which costs nothing until it is used; but not the impossible.
            if below > BIFF_ROWS or beyond > BIFF_COLUMNS:
                found[-1] = max(rows, below), max(columns, beyond)
    return found
