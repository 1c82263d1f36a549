from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from ouhe import text
from ouhe.figures.style import LINES
from ouhe.output import scaffold
from ouhe.output.tables import inert, write_csv
from ouhe.report.render import excel
from ouhe.report.render.excel import charts, columns, rows, sheets
from ouhe.study.run import run

Tables = Mapping[str, pd.DataFrame]

#: Every analysis, with weights to compare, so that every table is there.
_SEVERAL = "neighbours: [contiguity, {method: k-nearest, k: 4}], permutations: 0"
EVERYTHING = [
    f"analyses.moran={{of: [index, D], within_groups: true, {_SEVERAL}}}",
    f"analyses.bivariate_moran={{of: [C, D], {_SEVERAL}}}",
    f"analyses.geary={{of: D, {_SEVERAL}}}",
    f"analyses.getis={{of: D, {_SEVERAL}}}",
    "analyses.uncertainty={draws: 9, samples: 2}",
    "analyses.inequality={of: [index, D]}",
]


@pytest.fixture(scope="module")
def shipped(
    tmp_path_factory: pytest.TempPathFactory, quickened: Callable[[Path], Path]
) -> Callable[[text.Lang], Tables]:
    """Tables of the shipped study."""

    @cache
    def made(lang: text.Lang) -> Tables:
        return run(quickened(scaffold.demo(tmp_path_factory.mktemp("study"), lang=lang))).tables()

    return made


def written(tables: Tables, **told: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        excel.write_workbook(tables, Path(folder) / "tables.xlsx", **({"title": "A study"} | told))
        return (Path(folder) / "tables.xlsx").read_bytes()


def cells(workbook: bytes, sheet: str) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_name(sheet).to_python()


def opened(workbook: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook))


def trends(groups: int = 2, years: tuple[int, ...] = (2018, 2019, 2020)) -> pd.DataFrame:
    """Table of means of a nation and some groups, of one system and C, T, D."""
    rng = np.random.default_rng(1)
    names = ["All", *(f"G{k}" for k in range(groups))]
    at = [(g, y, v) for v in ("Effort", "C", "T", "D") for g in names for y in years]
    return pd.DataFrame(at, columns=["group", "year", "variable"]).assign(value=rng.random(len(at)))


# What a reader of the file finds


def test_every_cell_is_that_of_the_csv_file(shipped: Callable[[text.Lang], Tables], tmp_path: Path) -> None:
    tables = shipped("zh")
    write_csv(tables, tmp_path / "tables")
    with text.use("zh"):
        book = CalamineWorkbook.from_filelike(io.BytesIO(written(tables, title="题目")))
    compared = 0
    for name in tables:
        with (tmp_path / "tables" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            expected = list(csv.reader(file))
        found = book.get_sheet_by_name(name).to_python()
        assert len(found) == len(expected), name
        for shown, told in zip(found, expected, strict=True):
            compared += len(told)
            assert [same(cell, said) for cell, said in zip(shown, told, strict=True)] == [True] * len(told), (
                name,
                told,
            )
    assert compared > 300_000


def same(cell: Any, said: str) -> bool:
    """Whether a cell holds what a field of a CSV file says, to the last digit."""
    if isinstance(cell, bool):
        return str(cell) == said
    if isinstance(cell, int | float):
        return float(said) == cell
    return inert(cell) == said


TABLES = st.integers(0, 6).flatmap(
    lambda n: st.fixed_dictionaries(
        {
            "floats": st.lists(st.floats(), min_size=n, max_size=n).map(lambda v: pd.Series(v, dtype=float)),
            "counts": st.lists(st.none() | st.integers(-(2**53), 2**53), min_size=n, max_size=n).map(
                lambda v: pd.Series(v, dtype="Int64")
            ),
            "flags": st.lists(st.booleans(), min_size=n, max_size=n).map(lambda v: pd.Series(v, dtype=bool)),
            "texts": st.lists(
                st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")),
                min_size=n,
                max_size=n,
            ).map(lambda v: pd.Series(v, dtype=object)),
        }
    )
)


@given(TABLES)
def test_any_table_is_read_back_as_it_was(held: Mapping[str, pd.Series[Any]]) -> None:
    table = pd.DataFrame({name: held[name] for name in ("floats", "counts", "flags", "texts")})
    found = cells(written({"any": table}), "any")
    assert found[0] == list(table.columns)
    for k, row in enumerate(table.itertuples(index=False), start=1):
        flo, count, flag, said = row
        shown = found[k] if k < len(found) else [""] * 4  # rows without a value at the end are no rows
        if np.isfinite(flo):
            assert shown[0] == flo
        else:
            assert shown[0] == ("" if np.isnan(flo) else str(flo))
        assert shown[1] == ("" if pd.isna(count) else count)
        assert shown[2] == flag
        assert shown[3] == (said or "")


def openpyxl_cells(workbook: bytes, sheet: str) -> list[list[Any]]:
    return [list(row) for row in opened(workbook)[sheet].iter_rows(values_only=True)]


def test_a_column_of_several_kinds_keeps_each() -> None:
    mixed = pd.DataFrame({"mixed": pd.Series([True, 1, 1.5, "a", None, np.float64(0.25), np.nan, np.bool_(False)])})
    found = [row[0] for row in openpyxl_cells(written({"any": mixed}), "any")]
    assert found == ["mixed", True, 1, 1.5, "a", None, 0.25, None, False]
    assert [type(v) for v in found[1:3]] == [bool, int]


def test_the_same_tables_give_the_same_bytes(shipped: Callable[[text.Lang], Tables]) -> None:
    first = written(shipped("en"))
    time.sleep(2.1)  # times in a zip file have two seconds
    assert written(shipped("en")) == first
    with ZipFile(io.BytesIO(first)) as parts:
        assert any(name.startswith("xl/charts/chart") for name in parts.namelist())


def test_a_second_reader_agrees(tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    table = pd.DataFrame(
        {"region": ["=cmd()", "北京", " <&>\n_x0041_ "], "year": [2020, 2020, 2021], "C": [0.5, np.nan, 1e-9]}
    )
    (tmp_path / "tables.xlsx").write_bytes(written({"coupling": table, "groups": trends()}))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "ods", "--outdir", tmp_path, tmp_path / "tables.xlsx"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    book = CalamineWorkbook.from_path(tmp_path / "tables.ods")
    assert book.sheet_names == ["Contents", "Charts", "coupling", "groups"]
    assert book.get_sheet_by_name("coupling").to_python() == [
        ["region", "year", "C"],
        ["=cmd()", 2020, 0.5],
        ["北京", 2020, ""],
        [" <&>\n_x0041_ ", 2021, 1e-9],
    ]
    with ZipFile(tmp_path / "tables.ods") as parts:
        assert sum(bool(re.fullmatch(r"Object \d+/content.xml", n)) for n in parts.namelist()) == 3


# What the columns mean and how they look


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Tables of a study that asks for every analysis."""
    return run(scaffold.demo(tmp_path_factory.mktemp("all"), lang="en"), settings=EVERYTHING).tables()


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_column_of_every_table_has_a_text(everything: Tables, lang: text.Lang) -> None:
    assert {"geary_neighbours", "moran_groups", "density_peaks", "dagum_pairs", "sensitivity", "panel"} <= set(
        everything
    )
    with text.use(lang):
        lacking = [f"{n}.{c}" for n, table in everything.items() for c in table if not columns.meaning(n, str(c))]
        unsaid = [
            f"{n}.{c}"
            for n, table in everything.items()
            for c in table.select_dtypes("number")
            if not columns.unit(n, str(c), columns.kind(n, str(c), table[c]))
        ]
    assert not lacking
    assert not unsaid


@pytest.mark.parametrize(
    ("table", "column", "values", "form"),
    [
        ("index", "value", [0.12345, 0.5], "0.0000"),
        ("weights", "weight", [0.00012, 0.00034], "0.00000"),
        ("coupling", "year", [2020, 2021], "0"),
        ("growth", "annual_growth", [0.055, -0.01], "0.00%"),
        ("moran", "p", [0.0001, 0.5], "[<0.01]0.0000;0.000"),
        ("moran", "I", [0.176, -0.2], "0.000"),
        ("getis", "G", [0.00031, 0.00035], "0.00000"),
        ("panel", "value", [4.65, 123456789.0], "General"),
        ("ranks", "rank", [1, 2], "0"),
        ("any", "unheard_of", [0.5, 0.25], "0.0000"),
    ],
)
def test_a_column_looks_as_what_it_holds(table: str, column: str, values: list[float], form: str) -> None:
    sheet = opened(written({table: pd.DataFrame({column: values})}))[table]
    assert [sheet.cell(r, 1).number_format for r in (2, 3)] == [form, form]
    assert [sheet.cell(r, 1).value for r in (2, 3)] == values


@given(st.lists(st.floats(1e-9, 1e6), min_size=1, max_size=9))
def test_as_many_decimals_as_show_two_digits_of_the_median(values: list[float]) -> None:
    form = columns.number_format("share", pd.Series(values))
    decimals = len(form) - 2
    assert decimals == 4 or 10.0 ** (1 - decimals) <= np.median(values) * 1.0000001 < 10.0 ** (2 - decimals) * 1.0000001


def test_contents_lead_to_every_sheet_and_tell_every_column() -> None:
    table = pd.DataFrame({"region": ["A"], "year": [2020], "C": [0.5]})
    named = {
        "coupling": table.assign(simulated="simulated"),
        "ranks": pd.DataFrame({"rank": [1, 2]}).assign(simulated="s"),
    }
    with text.use("zh"):
        book = opened(written(named, title="题目", notice="模拟数据"))
    sheet = book.worksheets[0]
    assert (sheet.title, sheet["A1"].value, sheet["A2"].value) == ("目录", "题目", "模拟数据")
    told = [[c for c in row if c is not None] for row in sheet.iter_rows(min_row=4, values_only=True)]
    assert told[1][:2] == ["coupling", 1]
    assert told[2][:2] == ["ranks", 2]
    assert [row[:2] for row in told[6:]] == [
        ["coupling", "region"], ["coupling", "year"], ["coupling", "C"], ["ranks", "rank"], ["各表", "simulated"],
    ]  # fmt: skip
    assert told[8][2:] == [text.t("excel.column_C", lang="zh"), "0～1"]
    linked = {c.hyperlink.location for (c,) in sheet.iter_rows(max_col=1) if c.hyperlink}
    assert linked == {"'coupling'!A1", "'ranks'!A1"}


def test_weights_and_index_are_excel_tables_and_the_others_have_filters() -> None:
    table = pd.DataFrame({"system": ["a", "b"], "weight": [0.5, 0.5]})
    book = opened(written({"weights": table, "dimensions": table, "index": table, "missing": table.iloc[:0]}))
    assert list(book["weights"].tables) == ["table_weights"]
    assert book["index"].tables["table_index"].ref == "A1:B3"
    assert not book["dimensions"].tables
    assert book["dimensions"].auto_filter.ref == "A1:B3"
    assert not book["missing"].auto_filter.ref
    assert all(book[n].freeze_panes == "A2" for n in ("weights", "dimensions", "index", "missing"))
    assert all(book[n].print_title_rows == "$1:$1" for n in ("weights", "dimensions", "index", "missing"))


def test_chinese_makes_a_column_twice_as_wide() -> None:
    table = pd.DataFrame({"a": ["中华人民共和国"], "b": ["abcdefg"], "c": ["x" * 500]})
    sheet = opened(written({"any": table}))["any"]
    wide = [sheet.column_dimensions[c].width for c in "ABC"]
    assert wide[0] == pytest.approx(wide[1] + 7, abs=1)
    assert wide[2] < 60


# What is hostile or too large

HOSTILE = [
    "=cmd()", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "＝1+1", "http://example.org", "mailto:a@b", "\t=1", "{=1}",
    "<b>&amp;</b>", "]]>", "_x0041_", "\x01\x02", "\u202eabc", " =1", "'=1", "5%", "2020-01-01", "1e5", "TRUE",
]  # fmt: skip


def test_texts_are_texts_whatever_they_look_like() -> None:
    table = pd.DataFrame({"region": HOSTILE, "year": 2020, "C": 0.5})
    made = written({"coupling": table}, title="=cmd()", notice="=1+1 & <b>")
    book = opened(made)
    assert [c.data_type for c in book["coupling"]["A"]] == ["s"] * (len(HOSTILE) + 1)
    assert [row[0] for row in cells(made, "coupling")[1:]] == HOSTILE
    assert [(c.value, c.data_type) for c in (book.worksheets[0]["A1"], book.worksheets[0]["A2"])] == [
        ("=cmd()", "s"),
        ("=1+1 & <b>", "s"),
    ]
    assert book["coupling"]["A2"].quotePrefix  # editing makes no formula of it either
    for name, part in xml_parts(made).items():
        assert not [
            e for e in part.iter() if e.tag in {"f", "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}f"}
        ]
        assert "http://example.org" not in (ET.tostring(part, "unicode") if name.endswith(".rels") else "")


def xml_parts(workbook: bytes) -> dict[str, ET.Element]:
    """Every part of a workbook, which must be well-formed."""
    with ZipFile(io.BytesIO(workbook)) as parts:
        names = [n for n in parts.namelist() if n.endswith((".xml", ".rels"))]
        return {n: ET.fromstring(parts.read(n)) for n in names}


def test_hostile_names_in_charts_are_names() -> None:
    table = trends()
    renamed = table.replace({"Effort": "=cmd()", "G0": '=HYPERLINK("x")\x01', "G1": "G" * 300, "All": "<b>&"})
    made = written({"groups": renamed}, notice="=now()")
    parts = xml_parts(made)
    drawn = [parts[n] for n in sorted(parts) if n.startswith("xl/charts/chart")]
    assert len(drawn) == 3
    formulas = {f.text for chart in drawn for f in chart.iter() if f.tag.endswith("}f")}
    assert all(re.fullmatch(r"Charts!\$[A-Z]+\$\d+(:\$[A-Z]+\$\d+)?", str(f)) for f in formulas), formulas
    shown = ["".join(t.itertext()) for t in drawn[0].iter() if t.tag.endswith("}strCache")]
    assert any('=HYPERLINK("x")' in s for s in shown)
    assert not any("\x01" in s or len(s) > 200 for s in shown)


def test_a_text_longer_than_a_cell_is_cut_and_says_so() -> None:
    long = ["a" * 32_767, "b" * 40_000, "\U00020000" * 30_000, "字" * 32_768]
    found = [row[0] for row in openpyxl_cells(written({"any": pd.DataFrame({"text": long})}), "any")[1:]]
    assert found[0] == long[0]
    for said, whole in zip(found[1:], long[1:], strict=True):
        assert len(said.encode("utf-16-le")) // 2 <= 32_767
        note = text.t("excel.cut_text", count=len(whole))
        assert said.endswith(note)
        assert whole.startswith(said.removesuffix(note))
        assert len(said.encode("utf-16-le")) // 2 >= 32_766


def test_a_table_longer_than_a_sheet_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_ROWS", 5)
    table = pd.DataFrame({"region": list("abcdefg"), "year": 2020})
    made = written({"index": table, "ranks": table.iloc[:5]})
    assert [row[0] for row in cells(made, "index")] == ["region", *"abcd", text.t("excel.cut", rows=7)]
    assert [row[0] for row in cells(made, "ranks")] == ["region", *"abcde"]
    assert opened(made)["index"].tables["table_index"].ref == "A1:B5"


def test_rows_of_several_blocks_follow_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pd.DataFrame({"x": np.arange(17.0), "label": [f"t{k}" for k in range(17)]})
    whole = written({"any": table})
    monkeypatch.setattr(rows, "BLOCK", 4)
    assert written({"any": table}) == whole
    assert [row[0] for row in cells(whole, "any")][1:] == list(range(17))


NAMES = st.text(st.sampled_from("aAbB[]:*?/\\'.é表") | st.characters(exclude_categories=["Cs"]), max_size=40)


@given(st.lists(NAMES, max_size=8, unique=True), st.sampled_from(["Contents", "目录"]))
def test_names_of_sheets_are_legal_and_different(tables: list[str], reserved: str) -> None:
    found = list(sheets.names(tables, reserved=[reserved]).values())
    assert len({n.casefold() for n in [*found, reserved]}) == len(tables) + 1
    assert all(0 < len(n) <= 31 and not re.search(r"[\[\]:*?/\\]", n) for n in found)
    assert not any(n.startswith("'") or n.endswith("'") or n.casefold() == "history" for n in found)


def test_tables_named_as_the_first_sheets_keep_their_own() -> None:
    table = pd.DataFrame({"region": ["A"]})
    made = written({"contents": table, "Contents": table, "charts": table, "a" * 40: table, "groups": trends()})
    assert opened(made).sheetnames == [
        "Contents",
        "Charts",
        "contents (2)",
        "Contents (3)",
        "charts (2)",
        "a" * 31,
        "groups",
    ]


# Charts


def numbers(workbook: bytes, sheet: str = "Charts") -> dict[str, pd.DataFrame]:
    """Numbers beside the charts: title → years by name of the series."""
    held = cells(workbook, sheet)
    found = {}
    for k, row in enumerate(held):
        at = row[9] if len(row) > 9 else ""
        if at == text.t("excel.year"):
            last = next((j for j in range(k + 1, len(held)) if held[j][9] == ""), len(held))
            names = [n for n in row[10:] if n != ""]
            found[str(held[k - 2][9])] = pd.DataFrame(
                [r[10 : 10 + len(names)] for r in held[k + 1 : last]],
                index=[int(r[9]) for r in held[k + 1 : last]],
                columns=names,
            )
    return found


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_charts_show_the_trends_of_the_tables(shipped: Callable[[text.Lang], Tables], lang: text.Lang) -> None:
    tables = shipped(lang)
    with text.use(lang):
        made = written(tables)
        shown = numbers(made, text.t("excel.charts"))
        assert len(shown) == 6
        groups = tables["groups"].set_index(["variable", "group", "year"])["value"]
        systems = [v for v in tables["groups"]["variable"].unique() if v not in "CTD"]
        for variable, table in zip([*systems, "C", "D"], shown.values(), strict=False):
            assert list(table.columns) == list(tables["groups"]["group"].unique())
            for group in table:  # xlsxwriter writes 16 digits
                assert list(table[group]) == pytest.approx(list(groups[variable][group]), rel=1e-15)
        classes = tables["classes"].set_index(["class", "year"])["count"]
        counts = list(shown.values())[4]
        for name in counts:
            assert list(counts[name]) == list(classes[name])
        assert set(counts.sum(axis=1)) == {31}
        moran = tables["moran"].set_index(["variable", "year"])["I"]
        last = list(shown.values())[5]
        for variable in systems:
            assert list(last[variable]) == pytest.approx(list(moran[variable]), rel=1e-15)
        assert list(last.iloc[:, -1]) == pytest.approx([-1 / 30] * 13, abs=1e-15)


def test_series_refer_to_their_cells_and_look_like_the_figures() -> None:
    made = written({"groups": trends()})
    chart = xml_parts(made)["xl/charts/chart1.xml"]
    ns = {
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    }
    shown = next(iter(numbers(made).values()))
    colours, dashes, marks = [], [], []
    for series, name in zip(chart.iterfind(".//c:ser", ns), shown.columns, strict=True):
        values = [float(v.text or "nan") for v in series.iterfind("c:yVal//c:v", ns)]
        assert values == pytest.approx(list(shown[name]), rel=1e-15)
        assert [int(v.text or "0") for v in series.iterfind("c:xVal//c:v", ns)] == [2018, 2019, 2020]
        assert [v.text for v in series.iterfind("c:tx//c:v", ns)] == [name]
        colours += [series.find("c:spPr/a:ln//a:srgbClr", ns).get("val").lower()]  # type: ignore[union-attr]
        dash = series.find("c:spPr/a:ln/a:prstDash", ns)
        dashes.append(dash.get("val") if dash is not None else "solid")
        marks.append(series.find("c:marker/c:symbol", ns).get("val"))  # type: ignore[union-attr]
    assert colours == ["000000", *(line[0].lstrip("#") for line in LINES[:2])]
    assert len(set(zip(dashes, marks, strict=True))) == 3


def test_no_two_groups_look_alike_in_grey() -> None:
    from ouhe.report.render.excel.drawing import look

    looks = [look(k) for k in range(-1, charts.MOST_LINES)]
    assert len({(x["line"].get("dash_type"), x["marker"]["type"]) for x in looks}) == len(looks)


def test_two_groups_of_one_name_are_two_lines() -> None:
    table = trends().replace({"G1": "G0"})
    (first, *_) = numbers(written({"groups": table})).values()
    assert list(first.columns) == ["All", "G0", "G0"]
    assert not np.array_equal(first.iloc[:, 1], first.iloc[:, 2])


def test_a_missing_value_is_a_gap() -> None:
    table = trends()
    table.loc[1, "value"] = np.nan
    table.loc[2, "value"] = np.inf
    (first, *_) = numbers(written({"groups": table})).values()
    assert list(first["All"][1:]) == ["", ""]
    assert all(isinstance(v, float) for v in first["G0"])


def test_one_year_has_no_charts() -> None:
    assert opened(written({"groups": trends(years=(2020,))})).sheetnames == ["Contents", "groups"]


@pytest.mark.parametrize(("groups", "drawn"), [(0, 3), (8, 3), (9, 0)])
def test_charts_by_group_stop_where_lines_cannot_be_told_apart(groups: int, drawn: int) -> None:
    counts = pd.DataFrame({"year": [2019, 2020], "class": "low", "count": 3, "share": 1.0})
    made = written({"groups": trends(groups), "classes": counts})
    shown = numbers(made)
    assert len(shown) == drawn + 1
    said = [row[0] for row in cells(made, "Charts")]
    assert (text.t("excel.many_groups", count=9, most=8) in said) == (groups == 9)


def test_no_tables_give_contents_alone() -> None:
    assert opened(written({})).sheetnames == ["Contents"]
