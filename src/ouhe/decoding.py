"""Bytes of a text file as text: which encoding they are in, and whether anything was lost on the way."""

from __future__ import annotations

import codecs
from dataclasses import replace

from ouhe.errors import DataError, Place

__all__ = ["decode"]

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


def decode(raw: bytes, place: Place) -> tuple[str, str]:
    """Text of the bytes of a file and Python's name of the encoding that it is in.

    UTF-8 with or without a byte-order mark, UTF-16 with one, and GB18030 (which holds GBK and GB2312) are read.

    Raises
    ------
    DataError
        The bytes are none or white space, no text, in none of the encodings, or damaged: broken UTF-8, or characters
        that were lost before.

    Examples
    --------
    >>> decode("地区".encode("gbk"), Place("a.csv"))
    ('地区', 'gb18030')
    """
    text, encoding = _text(raw, place)
    if not text.strip():  # a byte-order mark alone is no text
        raise DataError.of("errors.empty_file", place)
    _refuse_scars(text, place)
    return text, encoding


def _text(raw: bytes, place: Place) -> tuple[str, str]:
    for magic, kind in _BINARY.items():
        if raw.startswith(magic):
            raise DataError.of("decoding.other_kind", place, kind=kind)
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode_as(raw, ("utf-16",), place)
    nul = raw.find(b"\x00")
    if nul >= 0:
        raise DataError.of("decoding.binary", place, offset=nul)
    return _decode_as(raw, ("utf-8-sig", "gb18030"), place)


def _decode_as(raw: bytes, encodings: tuple[str, ...], place: Place) -> tuple[str, str]:
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
                "decoding.damaged", place, encoding=name, offset=offset, line=raw.count(b"\n", 0, offset) + 1
            )
    tried = ", ".join(f"{name} ({offset})" for name, offset in failures)
    raise DataError.of("decoding.no_encoding", place, tried=tried)


def _mostly_utf8(raw: bytes) -> bool:
    """Whether bytes that are not valid UTF-8 still are UTF-8 with damage: GB18030 would decode them to nonsense."""
    if raw.startswith(codecs.BOM_UTF8):
        return True
    decoded = raw.decode("utf-8", errors="replace")
    broken = decoded.count("\ufffd")
    return sum(not c.isascii() for c in decoded) - broken > broken


def _refuse_scars(text: str, place: Place) -> None:
    """Tell a text that lost characters before it reached us: nothing here can bring them back."""
    for scar in _SCARS:
        at = text.find(scar)
        if at >= 0:
            raise DataError.of("decoding.lost_characters", replace(place, line=text.count("\n", 0, at) + 1), scar=scar)
