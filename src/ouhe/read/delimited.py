"""Text files with one record a line: which encoding, which delimiter, where the notes end, and the records."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ouhe.decoding import decode
from ouhe.errors import DataError, Place, Problem
from ouhe.read.bounds import MOST_CELLS

__all__ = ["MOST_BYTES", "Delimited", "open_delimited"]

#: Largest text file that is read, in bytes; a cell of it takes some ten times its size in memory.
MOST_BYTES = 256 << 20
_DELIMITERS = (",", "\t")
_SNIFFED_LINES = 50
_FIGURE = re.compile(r"\s*-?\d+(?:\.\d*)?\s*")
_YEAR = re.compile(r"\s*(?:1[89]|20)\d\d(?:\.0)?\s*")

#: How many records of one fault are told one by one.
MOST_RAGGED = 5


@dataclass(frozen=True)
class Delimited:
    """Records of a text file.

    Parameters
    ----------
    rows
        Every record in order, lines of notes included, so that a position here is the row a spreadsheet shows.
    notes
        Lines before the header that begin with ``#``, without it.
    encoding
        Python's name of the encoding.
    delimiter
        ``","`` or tab.
    sha256
        Digest of the file's bytes.
    """

    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    encoding: str
    delimiter: str
    sha256: str


def open_delimited(path: Path, *, file: str) -> Delimited:
    r"""Open a comma- or tab-separated file.

    Encodings are those of :func:`~ouhe.decoding.decode`. The delimiter is the one that stands equally often in most of
    the first lines, outside quotes.

    Parameters
    ----------
    path
        The file.
    file
        Its name in messages.

    Raises
    ------
    DataError
        The file or its table is too large, or the file is empty, binary, in none of the encodings, damaged, or has a
        quote that is never closed.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_bytes("地区,2022年\r\n北京,1.5\r\n".encode("gb18030"))
    >>> opened = open_delimited(path, file="a.csv")
    >>> opened.encoding, opened.rows[1]
    ('gb18030', ('北京', '1.5'))
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise DataError.of("read.too_large", Place(file), mib=size >> 20, most=MOST_BYTES >> 20)
    raw = path.read_bytes()
    text, encoding = decode(raw, Place(file))
    head, body = _split_notes(text)
    delimiter = _sniff(body)
    rows = tuple((line,) for line in head) + tuple(_records(body, delimiter, file, len(head)))
    _refuse_ragged(rows, file)
    notes = tuple(line.lstrip("#").strip() for line in head if line.startswith("#"))
    return Delimited(rows, notes, encoding, delimiter, hashlib.sha256(raw).hexdigest())


def _refuse_ragged(rows: tuple[tuple[str, ...], ...], file: str) -> None:
    """Stop at records with more fields than the table has columns: an unquoted ``1,234`` shifts all that follows."""
    began, width = _header(rows)
    longer = [(i, row) for i, row in enumerate(rows) if i > began and len(row) > width and any(row[width:])]
    if not longer:
        return
    wrong = [
        Problem("read.ragged", Place(file, line=i + 1), {"count": len(row), "columns": width})
        for i, row in longer[:MOST_RAGGED]
    ]
    if len(longer) > MOST_RAGGED:
        wrong.append(Problem("panel.and_more", params={"count": len(longer) - MOST_RAGGED}))
    raise DataError(*wrong)


def _header(rows: tuple[tuple[str, ...], ...]) -> tuple[int, int]:
    """Position and length of the last record before the first figures; without figures, nothing is too long."""
    header = (0, max((len(row) for row in rows), default=0))
    for i, row in enumerate(rows):
        if len(row) < 2:
            continue
        if i and any(_FIGURE.fullmatch(f) and not _YEAR.fullmatch(f) for f in row):
            return header
        header = (i, len(row))
    return len(rows), header[1]


def _split_notes(text: str) -> tuple[list[str], str]:
    """Lines of notes at the top (with blank lines among them), and the text behind them."""
    head: list[str] = []
    lines = io.StringIO(text, newline="")
    behind = 0  # where the text behind the last note begins
    notes = 0
    for line in lines:
        if not line.startswith("#") and line.strip():
            break
        head.append(line.strip())
        if line.startswith("#"):
            behind, notes = lines.tell(), len(head)
    return head[:notes], text[behind:]


def _sniff(body: str) -> str:
    """Delimiter that stands equally often in most of the first lines."""
    lines = [line for line in itertools.islice(io.StringIO(body), _SNIFFED_LINES) if line.strip()]

    def agreement(delimiter: str) -> tuple[int, int]:
        counts = Counter(_outside_quotes(line).count(delimiter) for line in lines)
        counts.pop(0, None)
        return max(((lines_with, count) for count, lines_with in counts.items()), default=(0, 0))

    return max(_DELIMITERS, key=agreement)


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _records(body: str, delimiter: str, file: str, first: int) -> Iterator[tuple[str, ...]]:
    """Go through the records of the text behind the notes, as long as the table that they make can be laid out."""
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    widest = 0
    try:
        for count, record in enumerate(reader, 1):
            widest = max(widest, len(record))
            if count * widest > MOST_CELLS:
                raise DataError.of("read.too_many_cells", Place(file), rows=count, columns=widest, limit=MOST_CELLS)
            yield tuple(record)
    except csv.Error as error:
        place = Place(file, line=first + reader.line_num)
        raise DataError.of("read.bad_record", place, detail=str(error)) from error
