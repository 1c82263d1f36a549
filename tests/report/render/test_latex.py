"""Tables in LaTeX: no TeX is at hand, so what is checked is that it is well formed and says what the table says."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouhe.report.document import Cell, Column, Document, Paragraph, Table
from ouhe.report.render.latex import LONG, escape, latex

WORDS = {
    "textbackslash": "\\",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textquotedbl": '"',
    "textquotesingle": "'",
    "textasciigrave": "`",
}
TOKEN = re.compile(
    r"\\(?P<word>text[a-z]+)\{\}|\\symbol\{\"(?P<symbol>[0-9A-F]+)\}|\\(?P<sign>[{}$&#%_])|\{(?P<group>[-\[*,])\}"
    r"|(?P<minus>\$-\$)|U\+(?P<control>00[0-9A-F]{2})|(?P<plain>[^\\{}$&#%_~^\"'`<>|])"
)
BREAKS = "\r\n\t\v\f\x85\u2028\u2029"

texts = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\\{}$&#%_~^<>|\"'`[]*-,−\u202e\x00"))
#: As far as `U+0000` for a control character can be told from a text that says so.
texts = texts.filter(lambda s: "U+00" not in s)


def read(said: str) -> str:
    """What TeX would set, sign by sign; a sign that is not escaped stops it."""
    out, at = "", 0
    while at < len(said):
        found = TOKEN.match(said, at)
        assert found, said[at : at + 20]
        match found.lastgroup:
            case "word":
                out += WORDS[found["word"]]
            case "symbol":
                out += chr(int(found["symbol"], 16))
            case "control":
                out += chr(int(found["control"], 16))
            case "minus":
                out += "−"
            case group:
                out += found[group]
        at = found.end()
    return out


@given(texts)
def test_what_is_escaped_reads_as_it_was(said):
    escaped = escape(said)
    assert read(escaped) == re.sub(f"[{BREAKS}]+", " ", said)
    assert not re.search(r"--|,,|``|''|[\x00-\x1f\x7f-\x9f]", escaped)
    assert not re.match(r"\s*[\[*]", escaped)
    assert not any(unicodedata.category(c) == "Cf" for c in escaped)


def table(rows: int = 3, **changes) -> Table:
    columns = (
        Column("Region & code"),
        Column("D", "number", "2022"),
        Column("p", "number", "2022"),
        Column("x", "wide"),
    )
    cells = [
        (Cell(f"[{i}]", f"[{i}]"), Cell(i / 8, f"{i / 8:.3f}**"), Cell(i, str(-i)), Cell("a_b", "a_b"))
        for i in range(rows)
    ]
    fields = {
        "caption": "Degrees of 100%",
        "notes": ("** p < 0.05",),
        "source": "coupling",
        "number": "1",
        "ruled": (2,),
    }
    return Table("degrees", columns=columns, rows=tuple(cells), **{**fields, **changes})


def made(*tables: Table, lang="en", notice="") -> str:
    return latex(Document("T", lang, (Paragraph(("no table",)), *tables), notice))


def check(tex: str) -> None:
    """Environments close in order, braces too; every row has the cells that its columns ask for."""
    body = re.sub(r"(?<!\\)%.*", "", tex)
    stack: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{([a-z]+)\}", body):
        if kind == "begin":
            stack.append(name)
        else:
            assert stack.pop() == name
    assert stack == []
    bare = re.sub(r"\\[{}]", "", body)
    assert bare.count("{") == bare.count("}")


def rows_of(tex: str) -> list[list[str]]:
    """Rows with their cells, spans counted."""
    out = []
    for line in tex.splitlines():
        if line.endswith(r"\\") and not line.startswith((r"\caption", "%")):
            cells = re.split(r"(?<!\\)&", line.removesuffix(r"\\"))
            out.append([])
            for cell in cells:
                span = re.match(r"\s*\\multicolumn\{(\d+)\}", cell)
                out[-1] += [cell.strip()] + [""] * (int(span[1]) - 1 if span else 0)
    return out


@pytest.mark.parametrize("rows", [0, 1, LONG, LONG + 1, 200])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_tables_are_well_formed(rows, lang):
    tex = made(table(rows), table(rows), lang=lang, notice="Simulated & not true")
    check(tex)
    assert {len(row) for row in rows_of(tex)} == {4}
    assert tex.count(r"\toprule") == (2 if rows <= LONG else 4)
    assert (r"\begin{longtable}" in tex) is (rows > LONG)
    assert tex.count(r"Simulated \& not true") >= 2


def test_every_cell_is_there():
    block = table(200)
    body = made(block).partition(r"\endlastfoot")[2]
    cells = [[re.sub(r"\\phantom\{.*\}", "", cell) for cell in row] for row in rows_of(body)]
    assert [[read(cell) for cell in row] for row in cells] == [
        [c.shown.replace("-", "−") for c in row] for row in block.rows
    ]


def test_a_table_by_hand():
    assert made(table(), notice="Simulated").partition("\n\n")[2] == (
        "% tables/coupling.csv\n"
        "\\begin{table}[htbp]\n"
        "\\centering\n"
        "\\begin{threeparttable}\n"
        "\\caption{Degrees of 100\\%}\\label{tab:degrees}\n"
        "\\begin{tabular}{@{}lrr>{\\raggedright\\arraybackslash}p{0.600\\linewidth}@{}}\n"
        "\\toprule\n"
        " & \\multicolumn{2}{c}{2022} &  \\\\\n"
        "\\cmidrule(lr){2-3}\n"
        "Region \\& code & D\\phantom{**} & p & x \\\\\n"
        "\\midrule\n"
        "{[}0] & 0.000** & 0 & a\\_b \\\\\n"
        "{[}1] & 0.125** & $-$1 & a\\_b \\\\\n"
        "\\midrule[0.3pt]\n"
        "{[}2] & 0.250** & $-$2 & a\\_b \\\\\n"
        "\\bottomrule\n"
        "\\end{tabular}\n"
        "\\begin{tablenotes}[flushleft]\\footnotesize\n"
        "\\item {*}* p \\textless{} 0.05\n"
        "\\item Note: Simulated\n"
        "\\end{tablenotes}\n"
        "\\end{threeparttable}\n"
        "\\end{table}\n"
    )


def test_names_too_long_for_a_line_are_broken():
    names = (Cell("x" * 200, "x" * 200), Cell("y", "y"))
    tex = made(Table("t", "c", (Column("a"), Column("b")), (names,)))
    assert r"\begin{tabular}{@{}>{\raggedright\arraybackslash}p{0.600\linewidth}l@{}}" in tex


def test_decimals_stand_in_line():
    cells = tuple((Cell(0, s),) for s in ("0.1", "12", "0.125***", "—"))
    body = made(Table("t", "c", (Column("x", "number"),), cells))
    found = [row[0] for row in rows_of(body)[1:]]
    assert found == [r"0.1\phantom{00***}", r"12\phantom{.000***}", "0.125***", r"—\phantom{.000***}"]


def test_the_head_says_what_is_needed():
    head = made(table(), notice="one\ntwo").partition("\n\n")[0]
    assert all(line.startswith("%") for line in head.splitlines())
    for package in ("ctex", "array", "booktabs", "longtable", "threeparttable", "pdflscape"):
        assert package in head


def test_wide_tables_lie_sideways():
    columns = tuple(Column(str(year), "number") for year in range(1990, 2022))
    tex = made(Table("t", "c", columns, (tuple(Cell(0.5, "0.500") for _ in columns),)))
    check(tex)
    assert r"\begin{landscape}" in tex
    assert r"\scriptsize" in tex
    assert r"\begin{landscape}" not in made(table())


def test_the_same_document_gives_the_same_text():
    assert made(table()) == made(table())
    assert made() == made()
    assert r"\begin" not in made()
