"""Markdown that says what the document says, read back by a parser of Markdown."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ouhe.report.document import (
    Bullets,
    Cell,
    Cite,
    Column,
    Document,
    Equation,
    Figure,
    Heading,
    Inline,
    Paragraph,
    Ref,
    Reference,
    References,
    Said,
    Symbol,
    Table,
)
from ouhe.report.render.markdown import escape, markdown

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])

HOSTILE = "|`*_~[x](javascript:alert(1))<img src=x onerror=alert(1)>&amp;$E$\n# 1. - https://example.org @you \\"

#: Texts without a space at either end: Markdown has none there.
lines = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"]) | st.sampled_from(" |`*_[]<>#-+=.1:~!&\\")
)
lines = lines.map(lambda s: re.sub(r"\s+", " ", s).strip())


def inline(tokens) -> str:
    """Text of what is inside a block; anything but text is a defect."""
    out = ""
    for token in tokens:
        assert token.type in ("text", "text_special", "softbreak"), token
        out += token.content
    return out


def only(*blocks, lang="en", **changes) -> str:
    return markdown(Document("T", lang, blocks, **changes), figures={"f": "figures/f 权重#1.svg"})


@given(lines)
def test_no_text_is_a_mark(said):
    tokens = READER.parse(escape(said))
    if said:
        assert [t.type for t in tokens] == ["paragraph_open", "inline", "paragraph_close"]
        assert inline(tokens[1].children) == said
    else:
        assert tokens == []


@given(st.lists(st.lists(lines, min_size=2, max_size=2), min_size=1, max_size=4))
def test_every_cell_reads_back(rows):
    columns = (Column(rows[0][0] or "x"), Column(rows[0][1] or "y", "number"))
    made = only(Table("t", "Caption", columns, tuple(tuple(Cell(c, c) for c in row) for row in rows)))
    tokens = READER.parse(made)
    cells = [inline(after.children) for t, after in itertools.pairwise(tokens) if t.type in ("td_open", "th_open")]
    assert cells == [c.label for c in columns] + [cell for row in rows for cell in row]


def test_tables():
    columns = (Column("Region"), Column("D", "number", "2022"), Column("x", "wide"))
    rows = ((Cell("a|b", "a|b"), Cell(0.5, "0.5"), Cell(None, "—")),)
    made = only(Table("t", "Degrees", columns, rows, ("Note: *** p < 0.01.",), "coupling", "3"))
    assert made.endswith(
        '<a id="t"></a>\n\n**Table 3** Degrees\n\n'
        "| Region | 2022: D | x |\n| :--- | ---: | :--- |\n| a\\|b | 0.5 | — |\n\n"
        "Note: \\*\\*\\* p \\< 0.01.\n\nData: tables/coupling.csv\n"
    )


def test_running_text():
    pieces: tuple[Inline, ...] = ("See ", Ref("t"), " for ", Symbol("U_s"), " ", Cite(("b", "a")), ".")
    blocks = (
        Table("t", "c", (Column("x"),), (), number="3"),
        Paragraph(pieces),
        References((Reference("a", "First.", "https://doi.org/10.1/x"), Reference("b", "Second.", "javascript:x"))),
    )
    made = only(*blocks)
    assert "See [Table 3](#t) for *U*<sub>s</sub> \\[[2](#reference-2), [1](#reference-1)\\]." in made
    assert (
        '1. <a id="reference-1"></a>First. <https://doi.org/10.1/x>\n2. <a id="reference-2"></a>Second. javascript:x'
        in made
    )
    assert "见 [表 3](#t)" in only(blocks[0], Paragraph(("见 ", Ref("t"))), lang="zh")


@pytest.mark.parametrize(("lang", "joined"), [("en", "Up. Down."), ("zh", "Up.Down.")])
def test_sentences_follow_one_another(lang, joined):
    assert only(Paragraph((Said("Up.", 1, "r"), Said("Down.", 2, "r"))), lang=lang).endswith(f"\n\n{joined}\n")


def test_blocks():
    made = only(
        Heading(2, "A # B", "h", "1.1"),
        Bullets((("one",), ("two",)), numbered=True),
        Bullets((("- three",),)),
        Equation("coordination", "e", "4"),
        Paragraph(("Simulated.",), "notice"),
        notice="Not | true",
        about={"author": "A_B", "software": "ouhe"},
    )
    assert made.startswith("# T\n\nA\\_B\n\n> **Not \\| true**\n\n")
    assert '<a id="h"></a>\n\n### 1.1 A \\# B\n' in made
    assert "\n1. one\n2. two\n" in made
    assert "\n- \\- three\n" in made
    assert re.search(r'<a id="e"></a>\n\n\$\$\n.*C.*T.* \\tag\{4\}\n\$\$\n', made)
    assert "\n> Simulated.\n" in made
    assert made.endswith("\n---\n\nouhe\n")


def test_figures():
    made = only(Figure("a", "What [it] shows", "f", ("A note.",), "1"), Figure("b", "Lost", "gone", (), "2"))
    assert "![What \\[it\\] shows](<figures/f%20权重%231.svg>)\n\n**Figure 1** What \\[it\\] shows\n\nA note." in made
    assert "gone" in made.partition('<a id="b">')[2]
    assert "![" not in made.partition('<a id="b">')[2]


def test_hostile_text_everywhere():
    flat = HOSTILE.replace("\n", " ")
    table = Table("t", HOSTILE, (Column(HOSTILE),), ((Cell(HOSTILE, HOSTILE),),), (HOSTILE,), "", "1")
    document = Document(
        HOSTILE,
        "en",
        (Heading(1, HOSTILE, "h", "1"), Paragraph((HOSTILE,)), Bullets(((HOSTILE,),)), table),
        HOSTILE,
        {"author": HOSTILE, "software": HOSTILE},
    )
    tokens = READER.parse(markdown(document, figures={}))
    said = ["".join(c.content for c in t.children) for t in tokens if t.type == "inline"]
    assert sum(flat in s for s in said) == 11
    kinds = {c.type for t in tokens if t.type == "inline" for c in t.children}
    assert not kinds & {"link_open", "image", "code_inline", "em_open", "s_open"}
    raw = [c.content for t in tokens for c in [t, *(t.children or [])] if c.type in ("html_inline", "html_block")]
    assert all(re.fullmatch(r'(<a id="\w+">(</a>)?|</a>)\s*', r) for r in raw)


def test_the_same_document_gives_the_same_text():
    blocks = (Heading(1, "x", "h"), Table("t", "c", (Column("x"),), ()))
    assert only(*blocks) == only(*blocks)
