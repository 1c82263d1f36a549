"""Three-line tables of a Word file: native ones, whose head is repeated on every page and whose rows stay whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ouhe.report.document import Column, Table
from ouhe.report.render.alignment import above
from ouhe.report.render.word.columns import MARGIN, Layout, parts, width
from ouhe.report.render.word.markup import Xml, clean, join, run, w, xml
from ouhe.report.render.word.running import Writer
from ouhe.report.render.word.styles import spacing

__all__ = ["notes", "table"]

#: Thickness of rules in eighths of a point: at the top and bottom; under the head; inside.
OUTER, HEAD, INNER = 12, 6, 4
#: Tables of up to so many rows stand on one page.
WHOLE = 16


def table(block: Table, writer: Writer, layout: Layout) -> Xml:
    """Caption, table and notes."""
    gap = writer.plain(writer.said("captioned", label="", caption="")) if block.number else Xml("")
    label = writer.label(block, "Table") if block.number else Xml("")
    caption = writer.paragraph("Caption", label, gap, writer.plain(block.caption), properties=(w("keepNext"),))
    grid = _Grid(block, writer, layout).table() if block.columns else Xml("")
    return join(caption, grid, notes(block.notes or ("",), writer))


def notes(said: Sequence[str], writer: Writer) -> Xml:
    """Notes under a table or figure, on one page; the last keeps its distance from what follows."""
    *others, last = said
    kept = (writer.paragraph("TableNote", writer.plain(n), properties=(w("keepNext"),)) for n in others)
    return join(*kept, writer.paragraph("TableNote", writer.plain(last), properties=(spacing(30, 200),)))


def _kept(kept: bool) -> tuple[Xml, ...]:  # noqa: FBT001 (a private shorthand)
    return (w("keepNext"),) if kept else ()


class _Grid:
    """One table while it is made."""

    def __init__(self, block: Table, writer: Writer, layout: Layout) -> None:
        self.block, self.writer, self.layout = block, writer, layout
        self.size = (w("sz", val=layout.size), w("szCs", val=layout.size))
        self.style = writer.styles["TableText"]
        self.margin = MARGIN * layout.size
        self.places = tuple(self._places(i, column) for i, column in enumerate(block.columns))

    def table(self) -> Xml:
        return w("tbl", self._properties(), self._columns(), *self._heads(), *self._rows())

    def _properties(self) -> Xml:
        rule: dict[str, str | int] = {"val": "single", "space": 0, "color": "000000"}
        outer = (w(side, sz=OUTER, **rule) for side in ("top", "bottom"))
        margins = (w(side, w=self.margin, type="dxa") for side in ("left", "right"))
        return w(
            "tblPr",
            w("tblW", w=sum(self.layout.widths), type="dxa"),
            w("jc", val="center"),
            w("tblBorders", *outer),
            w("tblLayout", type="fixed"),
            w("tblCellMar", *margins),
            w("tblLook", val="0020", firstRow=1, lastRow=0, firstColumn=0, lastColumn=0, noHBand=1, noVBand=1),
            w("tblCaption", val=clean(self.block.caption)),
        )

    def _columns(self) -> Xml:
        return w("tblGrid", *(w("gridCol", w=width) for width in self.layout.widths))

    def _heads(self) -> Iterator[Xml]:
        """Head, of two rows where some columns have one in common."""
        columns, widths = self.block.columns, self.layout.widths
        bottom = HEAD if self.block.rows else OUTER
        spanned = any(c.above for c in columns)
        if spanned:
            cells = [self._spanning(*span) for span in above(self.block)]
            yield self._row(cells, head=True)
        cells = []
        for column, width_ in zip(columns, widths, strict=True):
            joined = spanned and not column.above
            merged = (w("vMerge"),) if joined else ()
            rules = _rules(bottom=bottom) if spanned else _rules(top=OUTER, bottom=bottom)
            cell = Xml("") if joined else self._said(column.label)
            cells.append(self._cell(width_, cell, merged=merged, rules=rules, form=(w("keepNext"), *_side(column))))
        yield self._row(cells, head=True)

    def _spanning(self, head: str, first: int, count: int) -> Xml:
        """Head over several columns, its rule as wide as its text may be; over a column without one, its own head."""
        span = sum(self.layout.widths[first : first + count])
        if not head:
            column = self.block.columns[first]
            form = (w("keepNext"), *_side(column))
            merged = (w("vMerge", val="restart"),)
            return self._cell(span, self._said(column.label), merged=merged, rules=_rules(top=OUTER), form=form)
        rule = w("pBdr", w("bottom", val="single", sz=INNER, space=1, color="000000"))
        form = (w("keepNext"), rule, w("jc", val="center"))
        across = (w("gridSpan", val=count),) if count > 1 else ()
        return self._cell(span, self._said(head), merged=across, rules=_rules(top=OUTER), form=form)

    def _rows(self) -> Iterator[Xml]:
        rows = self.block.rows
        last = len(rows) - 1
        for r, row in enumerate(rows):
            kept = r < last if len(rows) <= WHOLE else r == last - 1
            keep = _kept(kept or (r == last and bool(self.block.notes)))
            rules = _rules(
                top=INNER if r in self.block.ruled and r > 0 else 0,
                bottom=OUTER if r == last else 0,
            )
            cells = [
                self._cell(self.layout.widths[i], self._said(cell.shown), rules=rules, form=(*keep, *self.places[i][r]))
                for i, cell in enumerate(row)
            ]
            yield self._row(cells)

    def _places(self, i: int, column: Column) -> list[tuple[Xml, ...]]:
        """Where the text of each cell of a column stands: numbers with their points under one another."""
        shown = [row[i].shown for row in self.block.rows]
        if column.kind != "number":
            return [()] * len(shown)
        split = [parts(clean(s)) for s in shown]
        whole = max((width(p[0]) for p in split if p), default=0.0)
        rest = max((width(p[1]) for p in split if p), default=0.0)
        em = self.layout.size * 10
        side = max(0.0, (self.layout.widths[i] - 2 * self.margin - (whole + rest) * em) / 2)
        middle = (w("jc", val="center"),)
        return [
            (w("ind", right=round(side + (rest - width(p[1])) * em)), w("jc", val="right")) if p else middle
            for p in split
        ]

    def _said(self, said: str) -> Xml:
        return run(said, *self.size)

    def _row(self, cells: Sequence[Xml], *, head: bool = False) -> Xml:
        properties = (w("cantSplit"), w("tblHeader")) if head else (w("cantSplit"),)
        return w("tr", w("trPr", *properties), *cells)

    def _cell(
        self, width: int, said: Xml, *, rules: Xml, merged: tuple[Xml, ...] = (), form: tuple[Xml, ...] = ()
    ) -> Xml:
        properties = w("tcPr", w("tcW", w=width, type="dxa"), *merged, rules, w("vAlign", val="center"))
        mark = w("rPr", *self.size)
        return w("tc", properties, w("p", w("pPr", w("pStyle", val=self.style), *form, mark), said))


def _side(column: Column) -> tuple[Xml, ...]:
    return (w("jc", val="center"),) if column.kind == "number" else ()


def _rules(*, top: int = 0, bottom: int = 0) -> Xml:
    """Rules of a cell; the same above and below in all cells of a row make one line."""
    said = [
        xml(f"w:{side}", {"w:val": "single", "w:sz": size, "w:space": 0, "w:color": "000000"})
        for side, size in (("top", top), ("bottom", bottom))
        if size
    ]
    return w("tcBorders", *said) if said else Xml("")
