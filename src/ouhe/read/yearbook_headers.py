"""Headers of printed tables: Chinese and English in one cell, pieces stacked over rows, cells spanning columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ouhe.read.headers import printed_key
from ouhe.read.sheets import OpenSheet
from ouhe.read.units import split_unit

__all__ = ["HeaderColumn", "HeaderText", "columns", "header_text"]

_CJK = r"\u3400-\u9fff"
# A bracket opened among the Chinese closes with them: 指数(2010年=100).
_LAST_CHINESE = re.compile(rf"^.*[{_CJK}](?:[^()\[\]A-Za-z]*[\])])*(?:\s*\([%‰]\))?", re.DOTALL)
_CIRCLED = re.compile(r"[\u2460-\u2473\u24ea]")


@dataclass(frozen=True, slots=True)
class HeaderText:
    """Text of one header, however many rows or lines it is printed in.

    Parameters
    ----------
    name
        Chinese part without its unit; the Latin text where there is no Chinese.
    latin
        What follows the last Chinese character, as a rule the English name; "" where `name` is Latin.
    whole
        Both together, as printed.
    unit
        Unit in brackets at the end of the name.
    """

    name: str
    latin: str
    whole: str
    unit: str

    @property
    def keys(self) -> frozenset[str]:
        """Keys the header answers to."""
        return frozenset(filter(None, (printed_key(self.name), printed_key(self.latin), printed_key(self.whole))))


def header_text(pieces: Iterable[str]) -> HeaderText:
    r"""Join the pieces of a header from top to bottom.

    Examples
    --------
    >>> header_text(["企业数\r\n(个)\r\nNumber of\r\nEnterprises\r\n(unit)"])
    HeaderText(name='企业数', latin='Number of Enterprises', whole='企业数(个)Number of Enterprises (unit)', unit='个')
    >>> header_text(["主营业", "务收入", "Revenue"]).name, header_text(["篇数SCI"]).whole
    ('主营业务收入', '篇数SCI')
    """
    text = unicodedata.normalize("NFKC", _CIRCLED.sub("", "\n".join(pieces))).strip()
    chinese = _LAST_CHINESE.match(text)
    first = re.sub(r"\s+", "", chinese[0]) if chinese else ""
    rest = " ".join(text[chinese.end() if chinese else 0 :].split())
    name, unit = split_unit(first or rest)
    return HeaderText(
        name=name.lstrip("#").strip(), latin=split_unit(rest)[0] if first else "", whole=first + rest, unit=unit
    )


@dataclass(frozen=True, slots=True)
class HeaderColumn:
    """A column and what stands over it.

    Parameters
    ----------
    index
        Position in the sheet.
    levels
        Headers from the widest to the column's own.
    implied
        Header to the left that the column belongs under without a cell that says so: a total with its parts beside
        it. It helps to name a column and is no part of its name.
    """

    index: int
    levels: tuple[HeaderText, ...]
    implied: HeaderText | None = None


def columns(sheet: OpenSheet, rows: Sequence[int], wanted: Sequence[int]) -> list[HeaderColumn]:
    """Headers of the `wanted` columns of a sheet, printed in `rows`; columns without any text are left out."""
    grid = _Grid(sheet, rows, wanted)
    stacked = {c: grid.levels(c) for c in wanted}
    return [HeaderColumn(c, levels, grid.implied(c, stacked)) for c, levels in stacked.items() if levels]


class _Grid:
    """Header cells with their spans."""

    def __init__(self, sheet: OpenSheet, rows: Sequence[int], wanted: Sequence[int]) -> None:
        self.rows, self.wanted = rows, wanted
        self.texts = {(r, c): _cell_text(sheet.rows[r][c]) for r in rows for c in range(len(sheet.rows[r]))}
        self.origin = {
            (r, c): (first, last)
            for first, last in sheet.merged
            for r in rows
            if first[0] <= r <= last[0]
            for c in range(first[1], last[1] + 1)
        }

    def text(self, row: int, column: int) -> str:
        first, _ = self.origin.get((row, column), ((row, column), None))
        return self.texts.get(first, "")

    def span(self, row: int, column: int) -> tuple[int, int]:
        first, last = self.origin.get((row, column), ((row, column), (row, column)))
        covered = [c for c in self.wanted if first[1] <= c <= last[1]]
        return covered[0], covered[-1]

    def levels(self, column: int) -> tuple[HeaderText, ...]:
        pieces: list[tuple[tuple[int, int], list[str]]] = []
        seen = set()
        for row in self.rows:
            text = self.text(row, column)
            cell = self.origin.get((row, column), ((row, column), None))[0]
            if not text or cell in seen:
                continue
            seen.add(cell)
            span = self.span(row, column)
            if pieces and pieces[-1][0] == span:
                pieces[-1][1].append(text)
            else:
                pieces.append((span, [text]))
        return tuple(header_text(texts) for _, texts in pieces)

    def implied(self, column: int, stacked: Mapping[int, tuple[HeaderText, ...]]) -> HeaderText | None:
        top = self.rows[0]
        if self.text(top, column):
            return None
        for left in sorted((c for c in self.wanted if c < column), reverse=True):
            if self.text(top, left):
                return stacked[left][-1] if self.span(top, left) == (left, left) else None
        return None


def _cell_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()
