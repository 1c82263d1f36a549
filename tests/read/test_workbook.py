"""Opening workbooks: every format, protected ones, damaged ones, and those that are meant to do harm."""

import hashlib
import io
import struct
import subprocess
import sys
import time
import zipfile
import zlib

import pytest
import xlsxwriter
from msoffcrypto.format.ooxml import OOXMLFile

from ouhe import regions, text
from ouhe.errors import DataError
from ouhe.read import ReadOptions, read_entry
from ouhe.read.workbook import open_workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.fixture(autouse=True)
def english():
    with text.use("en"):
        yield


def xlsx(fill):
    """Bytes of a workbook that `fill` writes to."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        fill(book)
    return out.getvalue()


def simple(book):
    sheet = book.add_worksheet("2-15")
    sheet.write("B3", "北   京")
    sheet.write("C3", 7.5)
    sheet.merge_range("B5:C6", "合并")


def replaced(data, name, content):
    """A copy of an archive with one member replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, content if member == name else old.read(member))
    return out.getvalue()


def sheet_xml(cells, dimension="A1"):
    return (
        f'<worksheet xmlns="{MAIN}"><dimension ref="{dimension}"/><sheetData>{cells}</sheetData></worksheet>'.encode()
    )


def with_cells(cells, dimension="A1"):
    return replaced(xlsx(lambda book: book.add_worksheet()), "xl/worksheets/sheet1.xml", sheet_xml(cells, dimension))


def opened(tmp_path, data, name="data.xlsx"):
    path = tmp_path / name
    path.write_bytes(data)
    return open_workbook(path, file=f"in/{name}")


def refusal(tmp_path, data, name="data.xlsx"):
    """Key of the only problem, after a look at its message."""
    with pytest.raises(DataError) as caught:
        opened(tmp_path, data, name)
    (problem,) = caught.value.problems
    assert problem.place.file == f"in/{name}"
    assert str(caught.value).startswith(f"in/{name}: ")
    assert problem.message("zh") != problem.message("en")
    return problem.key


# --- formats


def test_rows_and_columns_are_those_of_excel(tmp_path):
    data = xlsx(simple)
    book = opened(tmp_path, data)
    (sheet,) = book.sheets
    assert (book.file, book.protected, sheet.name) == ("in/data.xlsx", False, "2-15")
    assert book.sha256 == hashlib.sha256(data).hexdigest()
    assert sheet.rows[2] == ("", "北   京", 7.5)
    assert sheet.rows[0] == ("", "", "")
    assert sheet.merged == (((4, 1), (4, 2)),)  # the sheet ends with its last text


def test_empty_and_hidden_sheets_stay_and_charts_go(tmp_path):
    def fill(book):
        book.add_worksheet("a").write("A1", 1)
        book.add_worksheet("empty")
        hidden = book.add_worksheet("hidden")
        hidden.write("A1", 2)
        hidden.hide()
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=a!$A$1:$A$1"})
        book.add_chartsheet("chart").set_chart(chart)

    book = opened(tmp_path, xlsx(fill))
    assert [(s.name, s.rows) for s in book.sheets] == [("a", ((1.0,),)), ("empty", ()), ("hidden", ((2.0,),))]


def test_errors_of_formulas_are_not_empty_cells(tmp_path):
    def fill(book):
        sheet = book.add_worksheet("表 & 1")
        sheet.write_formula("A1", "=1/0", None, "#DIV/0!")
        sheet.write_formula("B1", '=IF(1>0,NA(),"")', None, "#N/A")
        sheet.write_formula("C1", "=1+1", None, 2)
        book.add_worksheet("b").write_formula("B2", "=X()", None, "#NAME?")

    first, second = opened(tmp_path, xlsx(fill)).sheets
    assert first.rows == (("#DIV/0!", "#N/A", 2.0),)
    assert second.rows == (("", ""), ("", "#NAME?"))


def test_ods(tmp_path):
    rows = (
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
        '<table:table-row><table:table-cell/><table:table-cell office:value-type="float" office:value="7.5"/>'
        '<table:table-cell office:value-type="string"><text:p>北京</text:p></table:table-cell></table:table-row>'
        '<table:table-row table:number-rows-repeated="1048573">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    (sheet,) = opened(tmp_path, ods(rows), "data.ods").sheets
    assert sheet.rows == (("", "", ""), ("", "", ""), ("", 7.5, "北京"))


def ods(rows):
    names = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        f'<office:document-content xmlns:office="{names}office:1.0" xmlns:table="{names}table:1.0" '
        f'xmlns:text="{names}text:1.0"><office:body><office:spreadsheet><table:table table:name="a">{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", kind)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{names}manifest:1.0"><manifest:file-entry manifest:full-path="/" '
            f'manifest:media-type="{kind}"/></manifest:manifest>',
        )
        archive.writestr("content.xml", content)
    return out.getvalue()


def record(kind, content=b""):
    """A record of an .xlsb part."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return head + bytes([len(content)]) + content


def xlsb(cells):
    """An .xlsb workbook with real numbers in the given (row, column) cells."""
    name, relation = "a".encode("utf-16-le"), "rId1".encode("utf-16-le")
    bundle = struct.pack("<IIi", 0, 1, 4) + relation + struct.pack("<i", 1) + name
    book = record(131) + record(143) + record(156, bundle) + record(144) + record(132)
    body = b"".join(
        record(0, struct.pack("<I", r) + bytes(21)) + record(5, struct.pack("<II", c, 0) + struct.pack("<d", 7.5))
        for r, c in cells
    )
    dimension = record(148, struct.pack("<IIII", 0, 0, 0, 0))
    sheet = record(129) + dimension + record(145) + body + record(146) + record(130)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{kind}worksheet" '
            'Target="worksheets/sheet1.bin"/></Relationships>',
        )
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return out.getvalue()


def test_xlsb(tmp_path):
    (sheet,) = opened(tmp_path, xlsb([(0, 1), (2, 0)]), "data.xlsb").sheets
    assert sheet.rows == (("", 7.5), ("", ""), (7.5, ""))


# --- protection


def locked(data, password):
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, out)
    return out.getvalue()


def test_the_default_password_opens_without_asking(tmp_path):
    data = locked(xlsx(simple), "VelvetSweatshop")
    assert not zipfile.is_zipfile(io.BytesIO(data))
    book = opened(tmp_path, data)
    assert book.protected
    assert book.sheets[0].rows[2] == ("", "北   京", 7.5)
    assert book.sha256 == hashlib.sha256(data).hexdigest()


def test_another_password_is_told(tmp_path):
    assert refusal(tmp_path, locked(xlsx(simple), "secret")) == "workbook.password"


def test_a_damaged_protected_workbook(tmp_path):
    data = locked(xlsx(simple), "VelvetSweatshop")
    assert refusal(tmp_path, data[: len(data) // 2]) in {"workbook.damaged", "workbook.protection"}


def test_what_is_inside_a_protected_workbook_is_checked_too(tmp_path):
    far = with_cells('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    assert refusal(tmp_path, locked(far, "VelvetSweatshop")) == "workbook.extent"


# --- files that are no workbook


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "errors.empty_file"),
        (b"a,b\n1,2\n", "workbook.is_text"),
        ("地区,2020\n".encode("gb18030"), "workbook.is_text"),
        (b"\xef\xbb\xbf<html><table></table></html>", "workbook.is_web_page"),
        (b'<?xml version="1.0"?><Workbook/>', "workbook.is_web_page"),
        (b"%PDF-1.7\n\0", "workbook.is_pdf"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "workbook.not_a_workbook"),
        (b"PK\x03\x04", "workbook.damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "workbook.damaged"),
    ],
)
def test_what_is_no_workbook_is_named(tmp_path, data, key):
    assert refusal(tmp_path, data) == key


def test_an_archive_that_is_no_workbook(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert refusal(tmp_path, out.getvalue()) == "workbook.damaged"


def test_no_file_and_a_folder(tmp_path):
    with pytest.raises(DataError) as caught:
        open_workbook(tmp_path / "absent.xlsx", file="absent.xlsx")
    assert caught.value.problems[0].key == "workbook.no_file"
    with pytest.raises(DataError) as caught:
        open_workbook(tmp_path, file="folder")
    assert caught.value.problems[0].key == "workbook.unreadable"


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_truncated_files(tmp_path, kept):
    data = xlsx(simple)
    assert refusal(tmp_path, data[: int(len(data) * kept)]) == "workbook.damaged"


def test_a_damaged_member(tmp_path):
    assert refusal(tmp_path, with_cells('<row r="1"><c r="A1"><v>1</v></row')) == "workbook.damaged"
    data = bytearray(xlsx(simple))
    start = data.index(b"xl/worksheets/sheet1.xml") + len(b"xl/worksheets/sheet1.xml")
    data[start : start + 40] = bytes(40)
    assert refusal(tmp_path, bytes(data)) == "workbook.damaged"


# --- files meant to do harm


def bomb(size, *, declared=None):
    """A workbook whose sheet unpacks to `size` bytes, in the directory `declared` as less."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode()
    packed, check, left = [packer.compress(start)], zlib.crc32(start), size - len(start)
    while left > 0:
        block = (b"<row/>  " * (1 << 17))[: min(left, 1 << 20)]
        packed.append(packer.compress(block))
        check, left = zlib.crc32(block, check), left - len(block)
    packed.append(packer.flush())
    content = b"".join(packed)
    data = replaced(xlsx(simple), "xl/worksheets/sheet1.xml", b"?")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            if not member.endswith("sheet1.xml"):
                new.writestr(member, old.read(member))
        info = zipfile.ZipInfo("xl/worksheets/sheet1.xml")
        info.header_offset = out.tell()
        info.CRC, info.compress_size, info.file_size = check, len(content), declared or size
        info.compress_type = zipfile.ZIP_DEFLATED
        out.write(info.FileHeader())
        out.write(content)
        new.filelist.append(info)
        new.NameToInfo[info.filename] = info
        new.start_dir = out.tell()
        new._didModify = True
    return out.getvalue()


VALUE = '<table:table-cell office:value-type="float" office:value="1"/>'


def repeated(rows, columns):
    """A row of an .ods sheet that stands for many."""
    cell = VALUE.replace("/>", f' table:number-columns-repeated="{columns}"/>')
    return f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>'


HARMFUL = {
    "bomb": lambda: bomb(600 << 20),
    "bomb that declares one kilobyte": lambda: bomb(200 << 20, declared=1024),
    "small bomb": lambda: bomb(40 << 20),
    "one tag of 40 MiB": lambda: with_cells(f"<row {' ' * (40 << 20)}/>"),
    "two far cells": lambda: with_cells(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    ),
    "far cells beyond Excel": lambda: with_cells(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="99999999999"><c r="B99999999999"><v>1</v></c></row>'
    ),
    "far row without cell names": lambda: with_cells(
        '<row r="1"><c r="XFD1"><v>1</v></c></row><row r="1048576"><c><v>1</v></c></row>'
    ),
    "far cells with odd spacing": lambda: with_cells(
        "<row\nr = '1'><c\tr\n=\n'A1'><v>1</v></c></row><row r='1048576'><c r\n= 'XFD1048576'><v>1</v></c></row>"
    ),
    "far cells of an xlsb": lambda: xlsb([(0, 0), (1048575, 16383)]),
    "repeated cells of an ods": lambda: ods(
        '<table:table-row table:number-rows-repeated="900000000"><table:table-cell office:value-type="float" '
        'office:value="1" table:number-columns-repeated="900000000"/></table:table-row>'
    ),
    "repeated cells of an ods that could be a sheet's": lambda: ods(repeated(10_000, 16_384)),
    "repeated rows of an ods": lambda: ods(repeated(1_048_576, 20)),
    "gaps of an ods before a value": lambda: ods(
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>'
        f'<table:table-row><table:table-cell table:number-columns-repeated="16000"/>{VALUE}</table:table-row>'
    ),
    "many sheets of an ods": lambda: ods(f"{repeated(10_000, 20)}</table:table><table:table>" * 101),
    "far cells without names": lambda: with_cells(
        "<row>" + "<c><v>1</v></c>" * 100_000 + "</row>" + "<row/>" * 200_000 + "<row><c><v>1</v></c></row>"
    ),
    "far cells without names among comments": lambda: with_cells(
        "<row>" + ("<c><v>1</v></c>" * 100 + "<!--<row>-->") * 1000 + "</row>" + "<row/>" * 2000 + "<row><c/></row>"
    ),
    "a sheet that hides its tags in a document type": lambda: replaced(
        with_cells(""),
        "xl/worksheets/sheet1.xml",
        b'<!DOCTYPE x [<!ENTITY e "<row/>">]>' + sheet_xml('<row r="1"><c r="A1"><v>1</v></c>&e;</row>'),
    ),
}

LIMITED = """
import resource, sys, time
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
from ouhe import text
from ouhe.errors import DataError
from ouhe.read.workbook import open_workbook
start = time.monotonic()
try:
    with text.use("en"):
        open_workbook(Path(sys.argv[1]), file="data.xlsx")
except DataError as error:
    # not ru_maxrss, which a process takes over from the one that started it
    peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) >> 10
    print(error.problems[0].key, peak)
"""


def in_little_memory(path):
    """Open a file in a process of its own with 2 GiB of addresses; the key of its problem and the peak in MiB."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    key, peak = done.stdout.split() or ("opened", "0")
    return key, int(peak)


@pytest.mark.parametrize("kind", HARMFUL)
def test_harmful_files_are_refused_in_little_memory(tmp_path, kind):
    path = tmp_path / "data.xlsx"
    path.write_bytes(HARMFUL[kind]())
    key, peak = in_little_memory(path)
    assert key in {"workbook.bomb", "workbook.extent", "workbook.damaged"}
    assert key == "workbook.bomb" or "bomb" not in kind
    assert peak < 400


def test_repeated_cells_of_an_honest_ods_are_read(tmp_path):
    empty = '<table:table-row table:number-rows-repeated="1040000"><table:table-cell/></table:table-row>'
    rows = f'{repeated(2, 3)}{empty}</table:table><table:table table:name="b">{repeated(1, 4)}{empty}'
    assert [s.rows for s in opened(tmp_path, ods(rows), "data.ods").sheets] == [((1.0,) * 3,) * 2, ((1.0,) * 4,)]


def test_merged_ranges_end_with_the_cells_of_the_sheet(tmp_path):
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="B2"><v>2</v></c></row>'
    merged = '<mergeCells><mergeCell ref="A1:XFD1048576"/><mergeCell ref="C3:XFD9"/></mergeCells></worksheet>'
    sheet = sheet_xml(cells).replace(b"</worksheet>", merged.encode())
    (found,) = opened(tmp_path, replaced(with_cells(""), "xl/worksheets/sheet1.xml", sheet)).sheets
    assert found.merged == (((0, 0), (1, 1)),)


@pytest.mark.parametrize("layout", ["yearbook", "long", "wide", "auto"])
def test_a_range_merged_over_all_that_excel_has_takes_no_time(tmp_path, layout):
    rows = [["1-1 人数(2020年)", ""], ["地区", "人数"], ["北京", "1"], ["天津", "2"]]
    cells = "".join(
        f'<row r="{r}">'
        + "".join(f'<c r="{c}{r}" t="inlineStr"><is><t>{said}</t></is></c>' for c, said in zip("AB", row, strict=True))
        + "</row>"
        for r, row in enumerate(rows, 1)
    )
    merged = b'<mergeCells><mergeCell ref="A2:XFD1048576"/></mergeCells></worksheet>'
    path = tmp_path / "a.xlsx"
    sheet = sheet_xml(cells).replace(b"</worksheet>", merged)
    path.write_bytes(replaced(with_cells(""), "xl/worksheets/sheet1.xml", sheet))
    start = time.monotonic()
    read_entry([(path, "a.xlsx")], layout=layout, regions=regions.load("china-provinces"), options=ReadOptions())
    assert time.monotonic() - start < 5


def test_a_part_that_is_no_sheet_need_not_be_well_formed(tmp_path):
    out = io.BytesIO(xlsx(simple))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/drawings/vmlDrawing1.vml", "<xml><v:shape><br></v:shape></xml>")
    assert len(opened(tmp_path, out.getvalue()).sheets) == 1


def test_a_declared_dimension_alone_does_no_harm(tmp_path):
    (sheet,) = opened(tmp_path, with_cells('<row r="1"><c r="A1"><v>1</v></c></row>', "A1:XFD1048576")).sheets
    assert sheet.rows == ((1.0,),)


def test_an_honest_large_table_is_read(tmp_path):
    def fill(book):
        sheet = book.add_worksheet()
        for row in range(20000):
            sheet.write_row(row, 0, [row, "北京", 0, 0, 0, 0, 0, 0, 0, 0])

    (sheet,) = opened(tmp_path, xlsx(fill)).sheets
    assert len(sheet.rows) == 20000
    assert sheet.rows[-1][0] == 19999.0
