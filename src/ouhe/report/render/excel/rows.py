"""Rows of long tables, put into a workbook whose sheets have their head and the formats of their columns.

Tables of some hundred thousand rows would take minutes and gigabytes cell by cell; here they are written in blocks, and
numbers with all their digits.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
import pandas as pd

from ouhe import text

__all__ = ["MOST_ROWS", "MOST_UNITS", "filled"]

#: Rows below the head that a sheet can hold.
MOST_ROWS = 1_048_575

#: UTF-16 units that a cell can hold.
MOST_UNITS = 32_767

#: Rows made at once.
BLOCK = 10_000

STRINGS = "xl/sharedStrings.xml"

#: What XML cannot hold, and what would be read as its stand-in.
ODD = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")

#: The second row of a sheet, a blank cell a column, which holds the formats and gives way to the table.
SECOND = re.compile(r'<row r="2".*?</row>', re.DOTALL)
CELL = re.compile(r'<c r="([A-Z]+)2"( s="\d+")?/>')


class _Texts:
    """Texts of cells, each stored once; the first `known` are those of the workbook itself."""

    def __init__(self, known: int) -> None:
        self._known = known
        self._numbers: dict[str, int] = {}

    def number(self, value: object) -> int:
        """Number of a text in the workbook."""
        return self._numbers.setdefault(_fitting(str(value)), self._known + len(self._numbers))

    def xml(self) -> Iterator[str]:
        """Texts as elements, in the order of their numbers."""
        for said in self._numbers:
            kept = ODD.sub(lambda found: f"_x{ord(found[0]):04X}_", said)
            yield f'<si><t xml:space="preserve">{escape(kept)}</t></si>'

    @property
    def total(self) -> int:
        """Number of texts of the workbook."""
        return self._known + len(self._numbers)


def filled(workbook: bytes, tables: Mapping[str, pd.DataFrame]) -> bytes:
    """`workbook` with the rows of its tables.

    Parameters
    ----------
    workbook
        Its sheets have the head of their table, and below it a row of blank cells with the format of each column;
        of a table without rows nothing but the head.
    tables
        Name of a sheet's part → its table.

    Returns
    -------
    bytes
        The whole workbook. A table longer than a sheet is cut, and so is a text longer than a cell; both say so.
    """
    whole = BytesIO()
    with ZipFile(BytesIO(workbook)) as before, ZipFile(whole, "w", ZIP_DEFLATED) as after:
        strings = before.read(STRINGS).decode("utf-8")
        texts = _Texts(int(re.search(r'uniqueCount="(\d+)"', strings)[1]))  # type: ignore[index]  # always there
        for info in before.infolist():
            content, table = before.read(info), tables.get(info.filename)
            if info.filename == STRINGS:
                continue
            if table is None or table.empty:
                _put(after, info, [content.decode("utf-8")])
            else:
                _put(after, info, _sheet(content.decode("utf-8"), table, texts), size=60 * table.size)
        _put(after, before.getinfo(STRINGS), _strings(strings, texts))
    return whole.getvalue()


def _put(archive: ZipFile, like: ZipInfo, pieces: Iterable[str], *, size: int = 0) -> None:
    """Write a part piece by piece, with the date of an earlier one; `size` is how large it may become."""
    info = copy(like)
    info.file_size = size  # beyond 2 GiB the part has another form
    with archive.open(info, "w") as part:
        for piece in pieces:
            part.write(piece.encode("utf-8"))


def _strings(xml: str, texts: _Texts) -> Iterator[str]:
    """The part of the texts with those of the tables."""
    start, end = xml.rsplit("</sst>", 1)
    # the number of uses is optional, and would have to be known before the texts are
    yield re.sub(r' count="\d+" uniqueCount="\d+"', f' uniqueCount="{texts.total}"', start, count=1)
    yield from texts.xml()
    yield f"</sst>{end}"


def _sheet(xml: str, table: pd.DataFrame, texts: _Texts) -> Iterator[str]:
    """A sheet's part, its second row replaced by the rows of a table."""
    row = SECOND.search(xml)
    if row is None:
        raise AssertionError("a sheet has no row of formats")
    formats = CELL.findall(row[0])
    last = formats[-1][0]
    cut = len(table) > MOST_ROWS
    shown = table.iloc[: MOST_ROWS - 1] if cut else table
    end = len(shown) + 1 + cut
    yield re.sub(r'<dimension ref="[^"]*"/>', f'<dimension ref="A1:{last}{end}"/>', xml[: row.start()], count=1)
    codes = [_numbered(shown.iloc[:, k], texts) for k in range(shown.shape[1])]
    for first in range(0, len(shown), BLOCK):
        rows = range(first + 2, min(first + BLOCK, len(shown)) + 2)
        columns = [_cells(c[first : first + BLOCK], f, rows, texts) for c, f in zip(codes, formats, strict=True)]
        cells = map("".join, zip(*columns, strict=True))
        yield "".join([f'<row r="{r}">{c}</row>' for r, c in zip(rows, cells, strict=True)])
    if cut:
        number = texts.number(text.t("excel.cut", rows=len(table)))
        yield f'<row r="{end}"><c r="A{end}" t="s"><v>{number}</v></c></row>'
    yield xml[row.end() :]


def _numbered(values: pd.Series[Any], texts: _Texts) -> Any:
    """A column of which parts can be taken; of a column of texts a list of their numbers, −1 where there is none."""
    if pd.api.types.is_numeric_dtype(values):
        return values.array
    if pd.api.types.infer_dtype(values, skipna=True) not in {"string", "empty"}:
        return values.to_numpy(dtype=object)
    places, unique = pd.factorize(values)
    numbers = [texts.number(u) if u else -1 for u in unique.tolist()]  # an empty text is an empty cell
    return [numbers[p] if p >= 0 else -1 for p in places.tolist()]


def _cells(values: Any, form: tuple[str, str], rows: range, texts: _Texts) -> list[str]:
    """Cells of a block of a column; a missing value has none."""
    letters, style = form
    if isinstance(values, list):
        head, foot = f'<c r="{letters}', f'"{style} t="s"><v>'
        return [f"{head}{r}{foot}{n}</v></c>" if n >= 0 else "" for n, r in zip(values, rows, strict=True)]
    return [_cell(v, f'<c r="{letters}{r}"{style}', texts) for v, r in zip(values.tolist(), rows, strict=True)]


def _cell(value: Any, start: str, texts: _Texts) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value != value or value == "":  # noqa: PLR0124 (the fast way to know NaN)
        return ""
    if isinstance(value, bool):
        return f'{start} t="b"><v>{value:d}</v></c>'
    if isinstance(value, int | float) and math.isfinite(value):
        return f"{start}><v>{value!r}</v></c>"
    return f'{start} t="s"><v>{texts.number(value)}</v></c>'


def _fitting(said: str) -> str:
    """A text that a cell can hold; one that was cut says so at its end."""
    if len(said) <= MOST_UNITS // 2 or _units(said) <= MOST_UNITS:
        return said
    note = text.t("excel.cut_text", count=len(said))
    kept = said.encode("utf-16-le", "surrogatepass")[: 2 * (MOST_UNITS - _units(note))]
    return kept.decode("utf-16-le", "ignore") + note


def _units(said: str) -> int:
    return len(said.encode("utf-16-le", "surrogatepass")) // 2
