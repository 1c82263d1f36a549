"""Opening workbooks of any Excel age, protected with Excel's default password or not, without trusting them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ouhe.errors import DataError, Place
from ouhe.read import bounds, error_cells, protection

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

__all__ = ["Cell", "Sheet", "Workbook", "open_workbook"]

Cell = tuple[int, int]


@dataclass(frozen=True)
class Sheet:
    """One sheet: what stands in its cells, at Excel's own rows and columns.

    Parameters
    ----------
    name
        Name on the tab.
    rows
        Rows from the first row of the sheet on, each from column A on and all equally long; "" is an empty cell. An
        error stands as its text (``#DIV/0!``) in .xlsx and .xls workbooks, and as an empty cell in the others.
    merged
        First and last cell of each merged range, zero-based, within `rows`; formats that do not tell have none.
    """

    name: str
    rows: tuple[tuple[object, ...], ...] = field(repr=False)
    merged: tuple[tuple[Cell, Cell], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Workbook:
    """A workbook as read.

    Parameters
    ----------
    file
        Path as the study gives it.
    sha256
        Digest of the file's bytes, as they lie on disk.
    protected
        It was protected with Excel's default password, which Excel itself opens without asking.
    sheets
        Its worksheets in order, hidden ones too.
    """

    file: str
    sha256: str
    protected: bool
    sheets: tuple[Sheet, ...]


def open_workbook(path: Path, *, file: str) -> Workbook:
    """Read every sheet of an ``.xls``, ``.xlsx``, ``.xlsb`` or ``.ods`` workbook.

    Parameters
    ----------
    path
        Where the file lies; its content says what it is, not its ending.
    file
        Path as the study gives it, for messages.

    Raises
    ------
    DataError
        There is no such file, it is empty, damaged, no workbook, protected with a password of its own, or unpacks to
        more than an honest workbook does (:mod:`ouhe.read.bounds`).

    Examples
    --------
    >>> import tempfile
    >>> import xlsxwriter
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "data.xlsx"
    ...     with xlsxwriter.Workbook(path) as book:
    ...         _ = book.add_worksheet("2-15").write("B2", 7)
    ...     book = open_workbook(path, file="data.xlsx")
    >>> book.sheets[0].name, book.sheets[0].rows
    ('2-15', (('', ''), ('', 7.0)))
    """
    place = Place(file=file)
    data = _bytes(path, place)
    content = protection.unlock(data, place)
    bounds.check(content, place)
    return Workbook(
        file=file,
        sha256=hashlib.sha256(data).hexdigest(),
        protected=content is not data,
        sheets=_sheets(content, place),
    )


def _bytes(path: Path, place: Place) -> bytes:
    try:
        size = path.stat().st_size
        if size > bounds.LARGEST:
            raise DataError.of("workbook.too_large", place, size=size >> 20, limit=bounds.LARGEST >> 20)
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise DataError.of("workbook.no_file", place) from error
    except OSError as error:
        raise DataError.of("workbook.unreadable", place, reason=error.strerror or type(error).__name__) from error
    if not data:
        raise DataError.of("errors.empty_file", place)
    if not data.startswith(bounds.SIGNATURES):
        raise DataError.of(_what_instead(data), place)
    return data


def _what_instead(data: bytes) -> str:
    """Text key for a file that is no workbook, by what it seems to be."""
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(b"<"):
        return "workbook.is_web_page"
    if start.startswith(b"%pdf"):
        return "workbook.is_pdf"
    return "workbook.not_a_workbook" if b"\0" in data[:4096] else "workbook.is_text"


def _sheets(content: bytes, place: Place) -> tuple[Sheet, ...]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        worksheets = [m.name for m in book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
        sheets = [book.get_sheet_by_name(name) for name in worksheets]
        errors = error_cells.find(content, place)
        return tuple(_sheet(sheet, errors.get(sheet.name, {})) for sheet in sheets)
    except BaseException as error:
        # A panic of the Rust reader is no Exception; whatever else is none (an interrupt) is not ours.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise DataError.of("workbook.damaged", place, reason=_reason(error)) from error
        raise


def _sheet(sheet: CalamineSheet, errors: Mapping[Cell, str]) -> Sheet:
    rows = sheet.to_python(skip_empty_area=False)
    for (row, column), error in errors.items():
        # The reader gives errors as empty cells, which would make a failed formula a missing value in silence.
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = error
    return Sheet(sheet.name, tuple(map(tuple, rows)), tuple(_clipped(sheet.merged_cell_ranges or (), rows)))


def _clipped(merged: Sequence[tuple[Cell, Cell]], rows: Sequence[Sequence[object]]) -> Iterator[tuple[Cell, Cell]]:
    """Go through the merged ranges, cut to the cells that the sheet has; a file may merge what nobody filled."""
    height, width = len(rows), len(rows[0]) if rows else 0
    for (top, left), (bottom, right) in merged:
        if top < height and left < width:
            yield (top, left), (min(bottom, height - 1), min(right, width - 1))


def _reason(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
