"""Paper files by people who do not program: what is wrong is told, all at once, with its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from ouhe import audit
from ouhe.audit import Audited
from ouhe.errors import OuheError, StudyError

Run = Callable[..., Audited]


def told(run: Run, text: str, **options: object) -> list[str]:
    with pytest.raises(OuheError) as error:
        run(text, **options)
    return [p.message("en") for p in error.value.problems]


VALUES = "tables:\n  - kind: values\n    variable: D\n    rows: |\n"


def test_everything_wrong_is_told_at_once(run: Run) -> None:
    messages = told(
        run,
        "tables:\n"
        "  - {kind: weights, path: wieghts.csv}\n"
        "  - kind: moran\n    variable: S\n    rows: |\n      year, I, z, p\n      2010, O.176, 1.798, 0.072\n"
        "  - kind: means\n    rows: |\n      variable, scope, period, value\n"
        "      S, Nroth, 2010, 0.1\n      Q, nation, 2030, 0.1\n"
        "  - kind: dimension-weights\n    system: S\n    rows: |\n      what, share\n      a, 0.5\n",
        files={"weights.csv": "indicator,weight\na,1\n"},
    )
    assert [m.partition(": ")[0] for m in messages][:2] == ["paper.yml:7:21", "paper.yml:12"]
    text = "\n".join(messages)
    assert 'there is no file "wieghts.csv" beside the paper file; did you mean "weights.csv"?' in text
    assert '"O.176" is no number' in text
    assert '"Nroth" is neither the nation nor one of the groups' in text
    assert '"Q" is none of the variables (S, P, C, T, D)' in text
    assert '"2030" lies outside the years of the paper (2010 to 2012)' in text
    assert 'no column is recognised as "dimension"' in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tabels: []\n", 'unknown key "tabels"; did you mean "tables"'),
        ("tables: [{kind: wieghts, path: a.csv}]\n", '"wieghts" is not one of'),
        ("tables: [{kind: weights}]\n", "a table needs either path (its file) or rows"),
        ("tables: [{kind: weights, path: a.csv, rows: b}]\n", "a table needs either path (its file) or rows"),
        ("formulas: {coupling: standart}\n", 'did you mean "standard"'),
        ("formulas: {contribution: {S: 0.5}}\n", "contribution must name every system (S, P), and sum to 1"),
        ("formulas: {contribution: {S: 0.5, P: 0.6}}\n", "contribution must name every system (S, P), and sum to 1"),
        ("groups: {one: [A, E]}\n", '"E" is none of the regions'),
        ("groups: {one: [A, B], two: [B]}\n", "B stands in two groups"),
        ("groups: {one: 3, two: 2}\n", "the groups hold 5 regions together, and there are only 4"),
        ("groups: four-economic-regions\n", 'no grouping "four-economic-regions"'),
        ("classes: {low: [0, 0.2, 0.3]}\n", "each class needs its upper end, or both ends"),
        ("lag_labels: {behind: Q}\n", '"Q" is none of the systems (S, P)'),
        ("neighbours: contiguity\ntables: [{kind: moran, rows: 'I\n\n      0.1'}]\n", "contiguity needs a region set"),
        ("neighbours: w.csv\ntables: [{kind: moran, rows: 'I\n\n      0.1'}]\n", 'no file "w.csv"'),
        ("statements: [{quantity: growth, of: S, value: six}]\n", '"six" is no number'),
        ("statements: [{quantity: value, of: S, scope: A, value: 0.1}]\nsystem: S\n", 'unknown key "system"'),
        ("raw: raw.csv\n", 'there is no file "raw.csv"'),
        ('stars: {a: 0.1, "*": 0.05}\n', "each key is a number of stars"),
        ('stars: {"*": 0.01, "**": 0.05}\n', "a smaller p the more stars"),
        ('stars: {"*": 0.1, ★: 0.05}\n', "a number of stars"),
        ("tables: &a [*a]\n", ""),
        ("tables： []\n", "here stands ："),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(run: Run, text: str, said: str) -> None:
    assert said in "\n".join(told(run, text))


DEGREES = "kind: values\n    variable: D\n    rows: |\n      region, year, value\n      "


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("kind: weights\n    rows: |\n      system, indicator, weight\n      S, a, 60\n      S, b, 40", 'unit: "%"'),
        ("kind: weights\n    rows: |\n      indicator, weight\n      a, 1", '"" is none of the systems (S, P)'),
        ("kind: weights\n    rows: |\n      indicator, weight, direction\n      a, 1, up", '"up" is no direction'),
        (
            "kind: weights\n    system: S\n    rows: |\n      indicator, weight\n      a, NaN\n      b, 0.7",
            '"a" stands as "NaN"',
        ),
        ("kind: weights\n    rows: |\n      weight", "the table holds no row below its heads"),
        ("kind: weights\n    rows: |\n      indicator, weight\n      a, 0.5, 0.5", "row has 3 cells, the head has 2"),
        ("kind: weights\n    rows: |\n      weight, weight\n      1, 1", 'two columns are taken for "weight"'),
        ("kind: weights\n    columns: {weight: share}\n    rows: |\n      indicator, w\n      a, 1", '"share"'),
        ("kind: moran\n    rows: |\n      I, stars\n      0.1, two", '"two" stands where stars are due'),
        ("kind: moran\n    variable: S\n    rows: |\n      year, I\n      2050, 0.1", "outside the years"),
        ("kind: moran\n    variable: S\n    rows: |\n      year, I\n      20l0, 0.1", "is no year and no period"),
        (DEGREES.replace("    variable: D\n", "") + "A, 2010, 0.1", "does not say of which variable"),
        (DEGREES + "A, 2010-2030, 1", "outside the years"),
        (DEGREES + "A, soon, 1", "is no year and no period"),
        (DEGREES + "Aa, 2010, 1", '"Aa" is none of the regions'),
    ],
)
def test_what_is_wrong_with_a_table_is_told(run: Run, table: str, said: str) -> None:
    assert said in "\n".join(told(run, f"tables:\n  - {table}\n"))


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="there is no such file; write one"):
        audit.run(tmp_path / "paper.yml")
    (tmp_path / "bomb.yml").write_text(
        "a: &a [1,1,1,1]\n" + "".join(f"b{i}: &b{i} [*a,*a]\n" for i in range(3)), "utf-8"
    )
    with pytest.raises(StudyError, match="unknown key"):
        audit.run(tmp_path / "bomb.yml")
    (tmp_path / "binary.yml").write_bytes(b"\xff\xfe\x00title")
    with pytest.raises(StudyError):
        audit.run(tmp_path / "binary.yml")
    (tmp_path / "empty.yml").write_text("", "utf-8")
    with pytest.raises(StudyError, match='the key "title" is missing'):
        audit.run(tmp_path / "empty.yml")


def test_names_of_any_kind_are_only_names(run: Run) -> None:
    hostile = ["<b>&", "=cmd()", "x" * 200, "\u202eabc", "{0}", "%s"]
    head = f"title: '<script>'\nlang: en\nregions: {json.dumps(hostile)}\nyears: [2010]\nsystems: ['{{S}}', '$P$']\n"
    table = "region,{S},$P$,C\n" + "".join(f'"{r}",0.100,0.400,0.900\n' for r in hostile)
    found = run("tables: [{kind: values, path: v.csv}]\n", head=head, files={"v.csv": table})
    assert [v.kind for v in found.verdicts] == ["coupling_cells"]  # 2·0.2/0.5 = 0.8
    for lang in ("zh", "en"):
        assert "<b>& 2010" in found.verdicts[0].sentence(lang)  # type: ignore[arg-type]


def test_tables_read_as_people_type_them(run: Run) -> None:
    shown = [
        VALUES + "      region, 2010, 2011\n      A, 1.200, 0.500\n",
        VALUES + "      | region | 2010 | 2011 |\n      |---|---|---|\n      | A | 1.200 | 0.500 |\n",
        VALUES + "      region\t2010\t2011\n      A\t1.200\t0.500\n",
        VALUES + "      地区，2010年，2011年\n      A，１．２００，0.500\n",
        VALUES + "      省份, 年份, 数值\n      A, 2010, 1.200\n      A, 2011, —\n",
        VALUES.replace("|\n", "[[region, year, value], [A, 2010, 1.200], [null, 2011, 0.500]]\n"),
        VALUES + "      Wo, Wann, Wert\n      A, 2010, 1.200\n  \n".replace("  \n", ""),
    ]
    shown[-1] = shown[-1].replace("rows:", "columns: {region: Wo, year: Wann, value: Wert}\n    rows:")
    for text in shown:
        found = run(text).verdicts
        assert [(v.kind, str(v.says["cells"])) for v in found] == [("out_of_range", "A 2010")], text


def test_numbers_keep_their_last_zero(run: Run) -> None:
    # 0.20 is 0.195 … 0.205, 0.2 would be 0.15 … 0.25
    again = VALUES + "      region, year, value\n      A, 2010, {}\n      A, 2010, 0.21\n"
    assert [v.kind for v in run(again.format("0.20")).verdicts] == []
    assert [v.kind for v in run(again.format("0.19")).verdicts] == ["repeated_apart"]
    inline = VALUES.replace("|\n", "[[region, year, value], [A, 2010, 0.20], [A, 2010, 0.22]]\n")
    assert [v.kind for v in run(inline).verdicts] == ["repeated_apart"]


def test_workbooks_give_the_decimals_of_their_column(run: Run, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "v.xlsx") as book:
        sheet = book.add_worksheet("table 6")
        for i, row in enumerate(
            [("region", "year", "S", "P", "C"), ("A", 2010, 0.2, 0.123, 0.971), ("B", 2010, 0.3, 0.3, 0.98)]
        ):
            sheet.write_row(i, 0, row)
    found = run("tables: [{kind: values, path: v.xlsx, sheet: table 6}]\n")
    # A: 2√(0.2·0.123)/0.323 = 0.9712 with 0.200; B: equal indices have C = 1
    assert [(v.kind, str(v.says["cells"])) for v in found.verdicts] == [("coupling_cells", "B 2010")]
    assert list(found.sources) == ["paper.yml", "v.xlsx"]


def test_merged_cells_and_rows_of_groups(run: Run) -> None:
    text = (
        "groups: {east: [A, B], west: [C, D]}\n"
        + VALUES
        + (
            "      region, year, value\n      A, 2010, 0.100\n      , 2011, 1.200\n      B, 2010, 0.200\n"
            "      east, 2010, 0.160\n      nation, 2010, 0.150\n"
        )
    )
    found = [(v.kind, str(v.says["cells"])) for v in run(text).verdicts]
    assert found == [("means_regions", "east 2010"), ("out_of_range", "A 2011")]


def test_same_file_same_verdicts(run: Run) -> None:
    text = VALUES + "      region, year, value\n      A, 2010, 1.2\n"
    assert run(text) == run(text)


def test_a_matrix_file_names_all_regions(run: Run) -> None:
    table = "    variable: S\n    rows: |\n      year, I, z\n      2010, 0.2, 1.9\n"
    moran = f"neighbours: w.csv\ntables:\n  - kind: moran\n{table}"
    good = ",A,B,C,D\nA,0,1,0,0\nB,1,0,1,0\nC,0,1,0,1\nD,0,0,1,0\n"
    assert "deviations" in run(moran, files={"w.csv": good}).checked
    for bad, said in (
        (good.replace("D,0,0", "E,0,0"), "must name all 4 regions"),
        (good.replace(",A,B", ",B,A"), "must name all 4 regions"),
        (good.replace("B,1,0", "B,one,0"), "no number"),
    ):
        assert said in "\n".join(told(run, moran, files={"w.csv": bad}))


def test_raw_data_must_be_complete(run: Run) -> None:
    table = "    system: S\n    rows: |\n      indicator, weight\n      a, 0.5\n      b, 0.5\n"
    weights = f"raw: r.csv\ntables:\n  - kind: weights\n{table}"
    lines = [f"{r},{t},{i + t - 2009},{i * i + 1}" for i, r in enumerate("ABCD") for t in (2010, 2011, 2012)]
    good = "region,year,a,b\n" + "\n".join(lines) + "\n"
    assert "denominator" in run(weights, files={"r.csv": good}).checked
    assert "11 rows lie in the years" in told(run, weights, files={"r.csv": good.replace("A,2010,1,1\n", "")})[0]
    assert '"" is no number' in told(run, weights, files={"r.csv": good.replace("A,2010,1,1\n", "A,2010,1,\n")})[0]
    assert 'no column "b"' in told(run, weights, files={"r.csv": good.replace(",a,b", ",a,c")})[0]
    assert "no column holds the year" in told(run, weights, files={"r.csv": good.replace("year", "when")})[0]
