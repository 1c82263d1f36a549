"""What ``ouhe run`` does with bad input: exit code 1, nothing written, and every problem told with its place.

Every case is a small study of three regions, made for the test and wrong in one way (or, where it says so, several).
"""

from __future__ import annotations

import io
import re
import struct
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import xlsxwriter

from ouhe import text
from ouhe.cli import main

REGIONS = "id\n甲\n乙\n丙\n"
ROWS = [
    ["region", "year", "rd", "papers", "gdp", "income", "pop"],
    ["甲", 2019, 1, 10, 100, 5, 10],
    ["甲", 2020, 2, 12, 120, 6, 11],
    ["甲", 2021, 3, 15, 130, 7, 12],
    ["乙", 2019, 4, 20, 200, 8, 20],
    ["乙", 2020, 5, 22, 220, 9, 21],
    ["乙", 2021, 7, 25, 230, 10, 22],
    ["丙", 2019, 2, 30, 150, 4, 30],
    ["丙", 2020, 2.5, 31, 160, 5, 31],
    ["丙", 2021, 3.5, 33, 170, 6, 32],
]
STUDY = """\
title: Small study
regions: regions.csv
years: [2019, 2021]
data:
  - {path: data.csv, layout: long, region: region, year: year}
derive:
  gdp_per_head: gdp / pop
groups: null
systems:
  science: {rd: +, papers: +}
  economy: {gdp_per_head: +, income: +}
"""

Change = Callable[[Path], object]


def csv(rows: list[list[object]] = ROWS) -> str:
    return "".join(",".join(map(str, row)) + "\n" for row in rows)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Folder of a study without a fault; the folder above it holds a file the study may not reach."""
    folder = tmp_path / "inside"
    folder.mkdir()
    (folder / "regions.csv").write_text(REGIONS, "utf-8")
    (folder / "data.csv").write_text(csv(), "utf-8")
    (folder / "study.yml").write_text(STUDY, "utf-8")
    (tmp_path / "data.csv").write_text(csv(), "utf-8")
    (tmp_path / "regions.csv").write_text(REGIONS, "utf-8")
    return folder


def edited(name: str, **changes: str) -> Change:
    """Replace texts in a file; every text must be there."""

    def change(folder: Path) -> None:
        content = (folder / name).read_text("utf-8")
        for old, new in changes.items():
            assert old in content, old
            content = content.replace(old, new)
        (folder / name).write_text(content, "utf-8")

    return change


def in_study(changes: Mapping[str, str]) -> Change:
    return edited("study.yml", **changes)


def added(line: str) -> Change:
    """A line more at the end of the study; it stands in line 12."""
    return lambda folder: (folder / "study.yml").write_text(STUDY + line + "\n", "utf-8")


def derived(formula: str) -> Change:
    quoted = "'" + formula.replace("'", "''") + "'"
    return in_study({"gdp / pop": quoted})


def in_data(cells: Mapping[tuple[int, int], object]) -> Change:
    """Other values in some cells of the data, by row and column from 0."""
    rows = [[cells.get((i, j), v) for j, v in enumerate(row)] for i, row in enumerate(ROWS)]
    return lambda folder: (folder / "data.csv").write_text(csv(rows), "utf-8")


def lines(keep: Callable[[list[object]], list[list[object]]]) -> Change:
    """Every row of the data replaced by the rows that `keep` gives for it."""
    rows = [new for row in ROWS for new in keep(row)]
    return lambda folder: (folder / "data.csv").write_text(csv(rows), "utf-8")


def encoded(encoding: str) -> Change:
    return lambda folder: (folder / "data.csv").write_bytes(csv().encode(encoding))


def workbook(rows: list[list[object]], sheet: str = "数据") -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet)
        for i, row in enumerate(rows):
            page.write_row(i, 0, row)
            for j in [j for j, value in enumerate(row) if value == "=1/0"]:
                page.write_formula(i, j, "=1/0", None, "#DIV/0!")
    return buffer.getvalue()


def in_workbook(content: bytes) -> Change:
    """The data in a workbook instead of the CSV file."""

    def change(folder: Path) -> None:
        (folder / "data.xlsx").write_bytes(content)
        in_study({"data.csv": "data.xlsx"})(folder)

    return change


def protected(password: str) -> bytes:
    msoffcrypto = pytest.importorskip("msoffcrypto")
    buffer = io.BytesIO()
    msoffcrypto.OfficeFile(io.BytesIO(workbook(ROWS))).encrypt(password, buffer)
    return buffer.getvalue()


def bomb(mebibytes: int, *, lying: bool = False) -> bytes:
    """A workbook whose sheet unpacks to so many MiB; a lying one says in its directory that it does not."""
    part = "xl/worksheets/sheet1.xml"
    whole = zipfile.ZipFile(io.BytesIO(workbook(ROWS)))
    head, tail = whole.read(part).split(b"</sheetData>")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for item in whole.infolist():
            if item.filename != part:
                made.writestr(item, whole.read(item))
        with made.open(part, "w", force_zip64=True) as sheet:
            sheet.write(head)
            for _ in range(mebibytes):
                sheet.write(b" " * 2**20)
            sheet.write(b"</sheetData>" + tail)
    content = bytearray(buffer.getvalue())
    if lying:
        entry = content.index(part.encode(), content.index(b"PK\x01\x02")) - 46
        struct.pack_into("<I", content, entry + 24, 5000)
    return bytes(content)


def together(*changes: Change) -> Change:
    return lambda folder: [change(folder) for change in changes]


def run(folder: Path, capsys: pytest.CaptureFixture[str], lang: text.Lang, *options: str) -> tuple[int, list[str]]:
    """Exit code, and the problems that were told."""
    code = 0
    try:
        main(["run", str(folder / "study.yml"), "--lang", lang, "--set", "figures=none", *options])
    except SystemExit as stop:
        code = int(stop.code or 0)
    told = capsys.readouterr().err.splitlines()
    closing = {"en": r"\d+ problems; nothing was written\.", "zh": r"共 \d+ 个问题；未写出任何内容。"}[lang]
    if told and re.fullmatch(closing, told[-1]):
        assert int(re.findall(r"\d+", told[-1])[0]) == len(told) - 1
        told.pop()
    return code, told


def refused(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[list[str], list[str]]:
    """Problems in English and Chinese of a run that must fail and leave no trace."""
    before = {p: p.read_bytes() if p.is_file() else b"" for p in folder.parent.rglob("*")}
    (code_en, en), (code_zh, zh) = (run(folder, capsys, lang, *options) for lang in text.LANGUAGES[::-1])
    assert (code_en, code_zh) == (1, 1), en
    assert before == {p: p.read_bytes() if p.is_file() else b"" for p in folder.parent.rglob("*")}
    assert len(en) == len(zh) > 0
    for here, there in zip(en, zh, strict=True):
        assert re.search("[一-鿿]{2}", there.replace("：", "")), there
        assert place(here) == place(there)
    return en, zh


def place(message: str) -> str:
    """File with its sheet and cell, or line and column, at the head of a message."""
    found = re.match(r"[\w./*-]+\.\w+(:\d+:\d+| \[[^]]*\] [A-Z]+\d+| [A-Z]+\d+|): ", message)
    return found.group(0) if found else ""


def test_the_study_without_a_fault_runs(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(study, capsys, "en") == (0, [])
    assert (study / "study-output" / "run.json").is_file()


BOMB_KEYS = "\n".join(
    ["x0: &x0 [a, a, a, a, a, a, a, a, a]"] + [f"x{i}: &x{i} [{', '.join([f'*x{i - 1}'] * 9)}]" for i in range(1, 12)]
)

#: Name → what is wrong, how many problems it is (None: not said), and for each place what is told there.
CASES: dict[str, tuple[Change, int | None, dict[str, list[str]]]] = {
    # the study file
    "unknown key": (
        in_study({"groups: null": "gruops: null"}),
        1,
        {"study.yml:8:1: ": ['"gruops"', 'did you mean "groups"', "known here: title"]},
    ),
    "unknown key inside": (
        in_study({"layout:": "layuot:"}),
        1,
        {"study.yml:5:22: ": ['"layuot"', 'did you mean "layout"']},
    ),
    "missing key": (in_study({"title: Small study\n": ""}), 1, {"study.yml: ": ['"title" is missing']}),
    "unknown method": (
        added("weights: entrpy"),
        1,
        {"study.yml:12:1: ": ['unknown method "entrpy"', 'did you mean "entropy"', "critic"]},
    ),
    "unknown option": (
        added("weights: {method: entropy, ofset: 1}"),
        1,
        {"study.yml:12:28: ": ['"ofset"', 'did you mean "offset"']},
    ),
    "text for a number": (added("seed: many"), 1, {"study.yml:12:1: ": ['"seed"', '"many"', "whole number"]}),
    "number too small": (added("seed: -1"), 1, {"study.yml:12:1: ": ['"seed"', "-1", "at least 0"]}),
    "unknown direction": (in_study({"rd: +": "rd: upward"}), 1, {"study.yml:10:13: ": ['"upward"', "positive"]}),
    "years reversed": (in_study({"[2019, 2021]": "[2021, 2019]"}), 1, {"study.yml:3:1: ": ["2021", "2019"]}),
    "one indicator in two systems": (
        in_study({"income: +": "rd: +"}),
        1,
        {"study.yml:11:30: ": ['"rd" stands twice']},
    ),
    "key twice": (added("groups: null"), 1, {"study.yml:12:1: ": ['"groups" stands twice', "delete"]}),
    "no YAML": (added("groups: [a"), 1, {"study.yml:13:1: ": ["not valid YAML", "brackets"]}),
    "anchors that multiply": (added(BOMB_KEYS), 1, {"study.yml:12:": ["unfolds into more than", "anchors"]}),
    "an anchor inside itself": (added("seed: &a [*a]"), 1, {"study.yml:12:": ["unfolds", "anchors"]}),
    "brackets without end": (added("seed: " + "[" * 300), 1, {"study.yml": ["unfolds into more than|not valid"]}),
    "an object of the program": (
        added("seed: !!python/name:os.system x"),
        1,
        {"study.yml:12:7: ": ["tag:yaml.org,2002:python/name:os.system", "only text, numbers, lists"]},
    ),
    "not UTF-8": (
        lambda folder: (folder / "study.yml").write_bytes("title: 小研究".encode("gb18030")),
        1,
        {"study.yml: ": ["not UTF-8", "byte", "save it as UTF-8"]},
    ),
    # regions, columns, cells
    "unknown region in the study": (
        in_study({"groups: null": "groups: {east: [甲, 丁]}"}),
        1,
        {"study.yml:8:": ['unknown region "丁"']},
    ),
    "unknown region in the data": (
        in_data({(5, 0): "乙市场"}),
        None,
        {"data.csv A6: ": ['"乙市场" is no region', "region_aliases"]},
    ),
    "unknown column": (
        in_study({"year: year}": "year: year, columns: {rd: rd, papers: paper, gdp: gdp, income: income, pop: pop}}"}),
        1,
        {"data.csv: ": ['no column is headed "paper" (series papers)', 'did you mean "papers"']},
    ),
    "series nowhere": (
        in_study({"papers: +": "books: +"}),
        1,
        {"study.yml:10:20: ": ['"books"', "derive it"]},
    ),
    "a year missing in one file": (
        together(
            in_study(
                {
                    "data:\n": "data:\n  - {path: more.csv, layout: long, region: region, year: year}\n",
                    "papers: +": "papers: +, health: +",
                }
            ),
            lambda folder: (folder / "more.csv").write_text(
                csv([["region", "year", "health"], *([r[0], r[1], r[2]] for r in ROWS[1:] if r[1] != 2020)]), "utf-8"
            ),
        ),
        1,
        {"study.yml": ["health", "3 of 9 values are missing", "2020", "missing: linear"]},
    ),
    "a region-year twice, the same": (
        lines(lambda row: [row, row] if row[:2] == ["乙", 2020] else [row]),
        None,
        {"data.csv C7: ": ["乙 2020 rd stands twice", "C6", "delete one"]},
    ),
    "a region-year twice, different": (
        lines(lambda row: [row, [*row[:3], 23, *row[4:]]] if row[:2] == ["乙", 2020] else [row]),
        None,
        {"data.csv D7: ": ["乙 2020 papers stands twice", "D6 holds 22", "D7 holds 23", "keep one"]},
    ),
    "text where a number is due": (
        in_data({(5, 2): "—", (6, 3): "2 2x"}),
        None,
        {
            "data.csv C6: ": ['乙 2020 rd "—" is not a number', 'missing.tokens: ["—"]'],
            "data.csv D7: ": ['乙 2021 papers "2 2x" is not a plain number'],
        },
    ),
    "text in a workbook": (
        in_workbook(workbook([[*row[:3], "无", *row[4:]] if row[:2] == ["乙", 2020] else row for row in ROWS])),
        None,
        {"data.xlsx [数据] D6: ": ['乙 2020 papers "无" is not a number']},
    ),
    "an error cell in a workbook": (
        together(
            added("missing: linear"),
            in_workbook(workbook([[*row[:3], "=1/0", *row[4:]] if row[:2] == ["乙", 2020] else row for row in ROWS])),
        ),
        None,
        {"data.xlsx [数据] D6: ": ["乙 2020", "papers", "#DIV/0!"]},
    ),
    **{
        f"infinity written {written}": (
            in_data({(2, 2): written}),
            None,
            {"data.csv C3: ": [f'甲 2020 rd "{written}" is not a ', "number"]},
        )
        for written in ("inf", "-Infinity", "1e999", "∞", "NaN")
    },
    "an indicator that never varies": (
        in_data({(i, 3): 7 for i in range(1, 10)}),
        1,
        {"": ["papers never varies", "constant: leave-out"]},
    ),
    "an indicator of zeros": (in_data({(i, 3): 0 for i in range(1, 10)}), 1, {"": ["papers never varies"]}),
    "a divisor of zero": (
        in_data({(5, 6): 0}),
        None,
        {"study.yml:7:3: ": ["gdp_per_head = gdp / pop", "乙 2020: 220 is divided by 0", "correct the divisor"]},
    ),
    "a negative population": (
        together(derived("per_head(gdp, pop)"), in_data({(5, 6): -21})),
        None,
        {"study.yml:7:3: ": ["乙 2020: the population is -21", "greater than 0"]},
    ),
    "a negative total": (
        together(derived("theil(gdp, income, pop, pop)"), in_data({(5, 4): -220})),
        None,
        {"study.yml:7:3: ": ["乙 2020: the output of the sectors adds up to -211", "greater than 0"]},
    ),
    "values too large": (
        derived("gdp ** 100 * 1e30 * gdp ** 100"),
        None,
        {"study.yml:7:3: ": ["甲 2019: the result is too large", "units"]},
    ),
    "negative values and entropy": (
        added("normalise: zscore"),
        None,
        {"": ["甲 2019 rd is -1.28", "add an offset or a shift"]},
    ),
    # formulas that reach for more than arithmetic
    **{
        f"formula {formula}": (derived(formula), None, {"study.yml:7:3: ": [says]})
        for formula, says in {
            "__import__('os').system('touch reached')": "is not allowed",
            "open('reached', 'w')": 'no function "open"',
            "gdp.to_netcdf('reached')": "is not allowed",
            "gdp.__class__": "is not allowed",
            "gdp[0]": "is not allowed",
            "[gdp for x in gdp]": "is not allowed",
            "(lambda: gdp)()": "is not allowed",
            "gdp if pop else gdp": "is not allowed",
            "f'{gdp}'": "is not allowed",
            "9 ** 9 ** 9 * gdp": "is no exponent",
            "gdp +": "cannot be read",
            "gdp" + " + gdp" * 400: "at most 2000 are allowed",
        }.items()
    },
    # files
    "no such file": (in_study({"data.csv": "dta.csv"}), None, {"study.yml:5:": ['"dta.csv"', 'mean "data.csv"']}),
    "a folder for a file": (in_study({"path: data.csv": "path: ."}), None, {"study.yml:5:": ['"."', "not a file"]}),
    "an empty sheet": (in_workbook(workbook([])), None, {"data.xlsx": ["no row holds a header|empty"]}),
    "an empty file": (lambda folder: (folder / "data.csv").write_bytes(b""), None, {"data.csv: ": ["empty"]}),
    "a truncated workbook": (
        in_workbook(workbook(ROWS)[:2500]),
        None,
        {"data.xlsx: ": ["damaged or incomplete", "fetch it again"]},
    ),
    "bytes that are no text": (
        lambda folder: (folder / "data.csv").write_bytes(bytes(range(256)) * 8),
        None,
        {"data.csv: ": ["no text", "offset 0", "save it as CSV in UTF-8"]},
    ),
    "UTF-16 without a mark": (encoded("utf-16-le"), None, {"data.csv: ": ["no text", "save it as CSV in UTF-8"]}),
    "a wrong encoding": (encoded("big5"), None, {"data.csv": ["is no region|encoding"]}),
    "a broken character": (
        lambda folder: (folder / "data.csv").write_bytes(csv().encode().replace("丙".encode(), b"\xff\xb8\x99", 1)),
        None,
        {"data.csv: ": ["broken bytes", "line 8", "save it as UTF-8"]},
    ),
}


@pytest.mark.parametrize(("change", "count", "told"), CASES.values(), ids=CASES)
def test_bad_input_is_told_and_nothing_is_written(
    study: Path,
    capsys: pytest.CaptureFixture[str],
    change: Change,
    count: int | None,
    told: dict[str, list[str]],
) -> None:
    change(study)
    en, _ = refused(study, capsys)
    for where, says in told.items():
        assert any(m.startswith(where) and all(any(p in m for p in s.split("|")) for s in says) for m in en), en
    assert count in (None, len(en)), en


def test_a_password_is_asked_away_and_excels_default_one_is_not(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    in_workbook(protected("secret"))(study)
    en, zh = refused(study, capsys)
    assert any(m.startswith("data.xlsx: ") and "password of its own" in m and "remove" in m for m in en)
    assert any(m.startswith("data.xlsx: ") and "密码" in m for m in zh)
    (study / "data.xlsx").write_bytes(protected("VelvetSweatshop"))
    assert run(study, capsys, "en")[0] == 0


def test_everything_wrong_is_told_in_one_run(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    in_study({"groups: null": "gruops: null", "gdp / pop": "gdp.x"})(study)
    in_data({(5, 2): "—", (9, 0): "丁"})(study)
    with (study / "study.yml").open("a", encoding="utf-8") as file:
        file.write("weights: entrpy\nseed: many\n")
    en, _ = refused(study, capsys)
    for said in ("gruops", "gdp.x", "entrpy", "many", '"—"', '"丁"'):
        assert any(said in m for m in en), said


# What is told of one fault, and nothing that does not follow from it


def test_a_web_page_under_a_workbooks_name_is_told_as_one(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    in_workbook(b"<html><table><tr><td>1</td></tr></table></html>")(study)
    en, _ = refused(study, capsys)
    assert any(m.startswith("data.xlsx: ") and "web page" in m and "save it as .xlsx" in m for m in en), en


@pytest.mark.parametrize("name", ["no such file", "a truncated workbook", "bytes that are no text"])
def test_a_file_that_cannot_be_read_is_one_problem(study: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    CASES[name][0](study)
    en, _ = refused(study, capsys)
    assert len(en) == 1, en


def test_a_wrong_formula_is_one_problem_with_its_place(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    derived("gdp.x")(study)
    en, _ = refused(study, capsys)
    assert len(en) == 1, en
    assert en[0].startswith("study.yml:7:3: ")


def test_a_circle_of_formulas_is_told_with_its_place(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    derived("gdp_per_head * 2")(study)
    en, _ = refused(study, capsys)
    assert en[0].startswith("study.yml:7:3: "), en


def test_an_unknown_series_in_a_formula_is_told_where_the_formula_stands(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    derived("gdp / popu")(study)
    en, _ = refused(study, capsys)
    assert en[0].startswith("study.yml:7:3: "), en
    assert 'did you mean "pop"' in en[0]


# A run that is confined to its folder


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (in_study({"path: data.csv": "path: ../data.csv"}), 5),
        (in_study({"path: data.csv": "path: '../d*.csv'"}), 5),
        (in_study({"path: data.csv": "path: sub/../../data.csv"}), 5),
        (in_study({"path: data.csv": "path: [data.csv, ../data.csv]"}), 5),
        (in_study({"path: data.csv": "path: link.csv"}), 5),
        (in_study({"path: data.csv": "path: linked/data.csv"}), 5),
        (in_study({"path: data.csv": "path: 'linked/d*.csv'"}), 5),
        (in_study({"regions: regions.csv": "regions: ../regions.csv"}), 2),
        (in_study({"regions: regions.csv": "regions: linked/regions.csv"}), 2),
    ],
    ids=[
        "up",
        "pattern",
        "down and up",
        "one of two",
        "link",
        "linked folder",
        "pattern in a link",
        "regions",
        "linked",
    ],
)
def test_confined_run_reads_nothing_outside_its_folder(
    study: Path, capsys: pytest.CaptureFixture[str], change: Change, line: int
) -> None:
    (study / "link.csv").symlink_to(study.parent / "data.csv")
    (study / "linked").symlink_to(study.parent)
    (study / "sub").mkdir()
    change(study)
    if "regions" not in (study / "study.yml").read_text("utf-8").replace("regions: regions.csv", ""):
        assert run(study, capsys, "en")[0] == 0, "the same path is read where the run is not confined"
        for path in sorted((study / "study-output").rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        (study / "study-output").rmdir()
    en, _ = refused(study, capsys, "--confined")
    assert any(m.startswith(f"study.yml:{line}:") and "out of the study's folder" in m for m in en), en


def test_confined_run_refuses_an_absolute_path(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    in_study({"path: data.csv": f"path: '{study.parent / 'data.csv'}'"})(study)
    en, _ = refused(study, capsys, "--confined")
    assert any(m.startswith("study.yml:5:") and "out of the study's folder" in m for m in en)


def test_confined_run_reads_no_file_under_the_name_of_a_region_set(
    study: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    secret = tmp_path / "secret-token"
    secret.write_text("token-123\n", "utf-8")
    for name in (str(secret), "../secret-token", "secret-token"):
        in_study({"regions: regions.csv": f"regions: {name}"})(study)
        en, zh = refused(study, capsys, "--confined")
        assert not any("token-123" in m for m in [*en, *zh])
        in_study({f"regions: {name}": "regions: regions.csv"})(study)


def test_confined_run_reads_its_own_folder(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(study, capsys, "en", "--confined")[0] == 0


# Memory


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is asked as on Linux")
@pytest.mark.parametrize("lying", [False, True])
def test_a_zip_bomb_takes_little_memory(study: Path, lying: bool) -> None:
    in_workbook(bomb(1000, lying=lying))(study)
    script = """
        import sys
        from ouhe.cli import main
        try:
            main(["run", sys.argv[1], "--lang", "en"])
        except SystemExit as stop:
            # not ru_maxrss, which a process takes over from the one that started it
            peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
            print(stop.code, int(peak.split()[1]) // 1024)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(study / "study.yml")],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    code, mebibytes = map(int, done.stdout.split())
    assert code == 1
    assert re.search(r"^data\.xlsx: .*(unpack|damaged)", done.stderr, re.MULTILINE), done.stderr
    assert mebibytes < 600, "the whole sheet was unpacked"  # about 180 for the program itself


# Killed while it writes

KILLED = """
    import os, signal, sys
    from pathlib import Path
    from ouhe.cli import main
    from ouhe.output import load, write
    from ouhe.output.folder import present

    folder = Path(sys.argv[1])
    target, data, study = folder / "study-output", folder / "data.csv", folder / "study.yml"
    ONE = ["figures={only: class_stack, formats: svg}"]  # so that a child takes no longer than it must
    EVENTS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree"}

    def tables():
        return {p.name: p.read_bytes() for p in (present(target) / "tables").iterdir()}

    def run(kill_at):
        seen = 0
        def watch(event, arguments):
            nonlocal seen
            if event not in EVENTS or not any("study-output" in str(a) for a in arguments):
                return
            if event == "open" and not (arguments[2] & (os.O_WRONLY | os.O_RDWR)):
                return
            if event in {"os.remove", "os.rmdir"}:
                return
            seen += 1
            if seen == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
        sys.addaudithook(watch)
        write(study, settings=ONE)
        return seen

    def in_child(kill_at):
        pid = os.fork()
        if not pid:
            os._exit(run(kill_at))
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    write(study, settings=ONE)
    old = tables()
    data.write_text(data.read_text("utf-8").replace("33", "34"), "utf-8")
    write(study, folder / "other" / "study-output", settings=ONE)
    new = {p.name: p.read_bytes() for p in (folder / "other/study-output/tables").iterdir()}
    assert old != new
    events = in_child(0)
    assert events > 10, events
    data.write_text(data.read_text("utf-8").replace("34", "33"), "utf-8")
    write(study)
    assert tables() == old
    data.write_text(data.read_text("utf-8").replace("33", "34"), "utf-8")
    for kill_at in sorted({*range(1, events, 2), *range(events - 4, events + 1)}):
        assert in_child(kill_at) == -signal.SIGKILL, kill_at
        load(target)
        assert tables() in (old, new), kill_at
        if tables() == new:
            data.write_text(data.read_text("utf-8").replace("34", "33"), "utf-8")
            write(study)
            data.write_text(data.read_text("utf-8").replace("33", "34"), "utf-8")
    write(study)
    assert tables() == new
    left = [p.name for p in folder.iterdir() if "study-output" in p.name]
    assert left == ["study-output"], left
    print(events, "kills")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="forks, to be killed many times without importing anew")
def test_a_run_killed_while_it_writes_leaves_a_whole_output(study: Path) -> None:
    """Killed at every other change it makes to files and at each of the last: the old output loads, or the new one."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(study)],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.endswith("kills\n")
