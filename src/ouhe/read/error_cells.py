"""Cells that hold an error such as ``#DIV/0!`` or a formula without a result, which the reader takes for empty ones."""

from __future__ import annotations

import html
import io
import posixpath
import re
import struct
import zipfile
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree as ET

from ouhe.errors import Place
from ouhe.read import bounds
from ouhe.read.extents import column_number, records

__all__ = ["find"]

#: Sheet → cell → the error's text.
Errors = Mapping[str, Mapping[tuple[int, int], str]]

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ERROR_CELL = re.compile(
    rb"""<(?:\w+:)?c\s(?=[^>]*\bt=["']e["'])[^>]*\br=["']([A-Z]+)(\d+)["'][^>]*(?<!/)>(.{0,40000}?)</(?:\w+:)?c>""",
    re.DOTALL,
)
#: A formula whose result was never stored, as programs other than a spreadsheet write it.
_BARE_FORMULA = re.compile(
    rb"""<(?:\w+:)?c\s[^>]*\br=["']([A-Z]+)(\d+)["'][^>]*(?<!/)>\s*<(?:\w+:)?f(?:\s[^>]*)?"""
    rb"""(?:/>|>([^<]{0,8192})</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"""
)
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)</")

_BOUNDSHEET, _BOF, _BOOLERR, _FORMULA = 0x0085, 0x0809, 0x0205, 0x0006
_CODES = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def find(content: bytes, place: Place) -> Errors:
    """Errors in the sheets of an .xlsx or .xls workbook that :func:`~ouhe.read.bounds.check` has passed."""
    if content.startswith(bounds.COMPOUND):
        streams = bounds.streams(content, place)
        return _of_biff(next(streams[name] for name in sorted(bounds.BIFF_STREAMS, reverse=True) if name in streams))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {sheet: found for sheet, part in _parts(archive) if (found := _of_xml(archive.read(part)))}


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Go through the sheets of an .xlsx workbook and the members that hold them."""
    members = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= members:
        return
    # Sizes were checked before, and expat itself stops entities that grow without end.
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {r.get("Id"): posixpath.normpath(posixpath.join("/xl", r.get("Target", ""))) for r in relations}
    for sheet in ET.fromstring(archive.read("xl/workbook.xml")).iter(f"{_MAIN}sheet"):  # noqa: S314
        part = targets.get(sheet.get(_RELATION), "").removeprefix("/")
        if part in members:
            yield sheet.get("name", ""), part


def _of_xml(sheet: bytes) -> dict[tuple[int, int], str]:
    found = {}
    for cell in _ERROR_CELL.finditer(sheet):
        value = _VALUE.search(cell[3])
        place = (int(cell[2]) - 1, column_number(cell[1].decode()) - 1)
        found[place] = value[1].decode("utf-8", "replace") if value else "#ERROR"
    for cell in _BARE_FORMULA.finditer(sheet):
        place = (int(cell[2]) - 1, column_number(cell[1].decode()) - 1)
        found[place] = "=" + html.unescape((cell[3] or b"").decode("utf-8", "replace"))
    return found


def _of_biff(stream: bytes) -> Errors:
    names: dict[int, str] = {}
    found: dict[str, dict[tuple[int, int], str]] = {}
    sheet, at = "", 0
    for kind, content in records(stream):
        if kind == _BOUNDSHEET and len(content) > 8:
            names[struct.unpack_from("<I", content)[0]] = _sheet_name(content)
        elif kind == _BOF:
            sheet = names.get(at, sheet)
        elif (code := _error_code(kind, content)) is not None:
            row, column = struct.unpack_from("<HH", content)
            found.setdefault(sheet, {})[row, column] = _CODES.get(code, "#ERROR")
        at += 4 + len(content)
    return found


def _sheet_name(boundsheet: bytes) -> str:
    length, wide = boundsheet[6], boundsheet[7] & 1
    return boundsheet[8 : 8 + length * (1 + wide)].decode("utf-16-le" if wide else "latin-1", "replace")


def _error_code(kind: int, content: bytes) -> int | None:
    if kind == _BOOLERR and len(content) >= 8 and content[7]:
        return content[6]
    # A formula's result is a double unless its last two bytes are 0xFFFF; then the first tells what it is.
    if kind == _FORMULA and len(content) >= 14 and content[12:14] == b"\xff\xff" and content[6] == 2:
        return content[8]
    return None
