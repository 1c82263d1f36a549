"""Text files with one record a line: which encoding, which delimiter, where the notes end, and the records."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ouhe.errors import DataError, Place
from ouhe.read.bounds import MOST_CELLS

__all__ = ["MOST_BYTES", "Delimited", "open_delimited"]

#: Largest text file that is read, in bytes; a cell of it takes some ten times its size in memory.
MOST_BYTES = 256 << 20
_DELIMITERS = (",", "\t")
_SNIFFED_LINES = 50
#: First bytes of files that are not text, and what they are.
_BINARY = {
    b"PK\x03\x04": "xlsx",
    b"\xd0\xcf\x11\xe0": "xls",
    b"PAR1": "parquet",
    b"$FL2": "sav",
    b"<stata_dta>": "dta",
    b"%PDF": "pdf",
}
#: What is left of a text that was decoded wrongly and saved: U+FFFD, and the same read as GBK.
_SCARS = ("\ufffd", "锟斤拷")


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

    UTF-8 with or without a byte-order mark, UTF-16 with one, and GB18030 (which holds GBK and GB2312) are read. The
    delimiter is the one that stands equally often in most of the first lines, outside quotes.

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
    text, encoding = _decode(raw, file)
    _refuse_scars(text, file)
    head, body = _split_notes(text)
    delimiter = _sniff(body)
    rows = tuple((line,) for line in head) + tuple(_records(body, delimiter, file, len(head)))
    notes = tuple(line.lstrip("#").strip() for line in head if line.startswith("#"))
    return Delimited(rows, notes, encoding, delimiter, hashlib.sha256(raw).hexdigest())


def _decode(raw: bytes, file: str) -> tuple[str, str]:
    """Text of the bytes and the encoding it is in."""
    if not raw.strip():
        raise DataError.of("errors.empty_file", Place(file))
    for magic, kind in _BINARY.items():
        if raw.startswith(magic):
            raise DataError.of("read.other_kind", Place(file), kind=kind)
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode_as(raw, ("utf-16",), file)
    nul = raw.find(b"\x00")
    if nul >= 0:
        raise DataError.of("read.binary", Place(file), offset=nul)
    return _decode_as(raw, ("utf-8-sig", "gb18030"), file)


def _decode_as(raw: bytes, encodings: tuple[str, ...], file: str) -> tuple[str, str]:
    """Text in the first encoding that fits all bytes; broken UTF-8 is told rather than read as something else."""
    failures: list[tuple[str, int]] = []
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
            return text, encoding if encoding != "utf-8-sig" or raw.startswith(codecs.BOM_UTF8) else "utf-8"
        except UnicodeDecodeError as error:
            # Python counts from behind the byte-order mark that it skipped
            skipped = len(codecs.BOM_UTF8) if encoding == "utf-8-sig" and raw.startswith(codecs.BOM_UTF8) else 0
            failures.append((encoding.removesuffix("-sig"), error.start + skipped))
        if encoding == "utf-8-sig" and _mostly_utf8(raw):
            name, offset = failures[-1]
            raise DataError.of(
                "read.damaged", Place(file), encoding=name, offset=offset, line=raw.count(b"\n", 0, offset) + 1
            )
    tried = ", ".join(f"{name} ({offset})" for name, offset in failures)
    raise DataError.of("read.no_encoding", Place(file), tried=tried)


def _mostly_utf8(raw: bytes) -> bool:
    """Whether bytes that are not valid UTF-8 still are UTF-8 with damage: GB18030 would decode them to nonsense."""
    if raw.startswith(codecs.BOM_UTF8):
        return True
    decoded = raw.decode("utf-8", errors="replace")
    broken = decoded.count("\ufffd")
    return sum(not c.isascii() for c in decoded) - broken > broken


def _refuse_scars(text: str, file: str) -> None:
    """Tell a text that lost characters before it reached us: nothing here can bring them back."""
    for scar in _SCARS:
        at = text.find(scar)
        if at >= 0:
            raise DataError.of("read.lost_characters", Place(file, line=text.count("\n", 0, at) + 1), scar=scar)


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
