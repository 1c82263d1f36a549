"""The Word file: what stands in it, that Word can count in it, and that nothing a user writes breaks it."""

import io
import re
import zipfile
from pathlib import Path

import docx as reader
import pytest
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from ouhe.errors import OptionError
from ouhe.report.document import (
    Block,
    Bullets,
    Cell,
    Cite,
    Column,
    Document,
    Equation,
    Figure,
    Heading,
    Paragraph,
    Ref,
    Reference,
    References,
    Said,
    Symbol,
    Table,
)
from ouhe.report.formulas import names
from ouhe.report.render.docx import docx
from ouhe.report.render.word.columns import layout, parts

#: Order of properties in the schema (ISO/IEC 29500-1, annex A); Word refuses a file that breaks it.
ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs "
    "suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd "
    "snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment "
    "textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange",
    "rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid "
    "vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em "
    "lang",
    "tblPr": "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing "
    "tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription",
    "tcPr": "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark",
    "tcBorders": "top left bottom right insideH insideV",
    "style": "name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed qFormat locked "
    "personal rsid pPr rPr tblPr trPr tcPr",
    "sectPr": "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType "
    "pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid printerSettings",
    "lvl": "start numFmt lvlRestart pStyle isLgl suff lvlText lvlPicBulletId legacy lvlJc pPr rPr",
    "settings": "zoom defaultTabStop evenAndOddHeaders characterSpacingControl compat mathPr themeFontLang "
    "decimalSymbol listSeparator",
}
HOSTILE = "\u202e<b>&amp;\x00\x07 =cmd()|' /C calc'!A0\u200f]]>" + "很长的名字" * 40


def cells(*shown: str) -> tuple[Cell, ...]:
    return tuple(Cell(s, s) for s in shown)


def document(*blocks: Block, lang="en", **more) -> Document:
    return Document("Title", lang, blocks, **more)


def opened(made: Document, **more):
    return reader.Document(io.BytesIO(docx(made, figures=more.pop("figures", {}), **more)))


def part(made: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return archive.read(name).decode("utf-8")


def styled(file, style: str) -> list[str]:
    return [p.text for p in file.paragraphs if p.style.name == style]


def local(node) -> str:
    return node.tag.rpartition("}")[2]


@pytest.fixture(scope="module")
def picture(tmp_path_factory) -> Path:
    from PIL import Image

    path = tmp_path_factory.mktemp("figures") / "map.png"
    Image.new("RGB", (3000, 1500), "white").save(path, dpi=(300, 300))
    return path


TABLE = Table(
    "values",
    "Values by region",
    (
        Column("Region"),
        Column("I", "number", above="First"),
        Column("z", "number", above="First"),
        Column("Words", "wide"),
    ),
    (
        cells("East", "0.176***", "−3.04", "some words"),
        cells("West", "12", "—", ""),
        cells("South", "0.4*", "1.5", "x"),
    ),
    ("Note. Stars.", "Source: tables."),
    number="1",
    ruled=(2,),
)


@pytest.fixture
def whole(picture) -> Document:
    """One of every block."""
    return document(
        Paragraph(("The data are simulated.",), "notice"),
        Heading(1, "Method", "method", "1"),
        Paragraph(
            ("The weights of ", Ref("eq"), " stand in ", Ref("values"), " and ", Ref("map"), "; ", Symbol("U_s1"))
        ),
        Equation("entropy", "eq", "1"),
        Heading(2, "More", "more", "1.1"),
        Paragraph((Said("One.", 1, "r"), Said("Two.", 2, "r"), " See ", Cite(("b", "a")), " in ", Ref("method"), ".")),
        Bullets((("First ", Ref("more")), ("Second",))),
        Bullets((("Third",),), numbered=True),
        TABLE,
        Figure("map", "A map", "map", ("Note. A note.",), "1"),
        Paragraph(("Small.",), "note"),
        References((Reference("a", "Author A.", "https://example.org/a"), Reference("b", "Author B.", "javascript:x"))),
        notice="Simulated data",
        about={"author": "An author", "software": "ouhe 1", "subject": "A subject"},
    )


def test_the_same_document_is_the_same_bytes(whole, picture):
    made = docx(whole, figures={"map": picture})
    assert made == docx(whole, figures={"map": picture})
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist()[0] == "[Content_Types].xml"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_properties_stand_in_the_order_of_the_schema(whole, picture, lang):
    made = docx(Document(whole.title, lang, whole.blocks, whole.notice, whole.about), figures={"map": picture})
    for name in ("document", "styles", "numbering", "settings", "header1", "footer1"):
        root = reader.oxml.parse_xml(part(made, f"word/{name}.xml").encode())
        for node in root.iter():
            order = ORDER.get(local(node), "").split() if isinstance(node.tag, str) else []
            if order and node.tag != qn("m:rPr"):
                at = [order.index(local(child)) for child in node]
                assert at == sorted(at), (name, local(node), [local(c) for c in node])
        assert 'w:ouhe="' not in part(made, f"word/{name}.xml")


def test_every_style_says_all_fonts_and_languages(whole):
    for lang in ("zh", "en"):
        made = docx(document(lang=lang), figures={})
        root = reader.oxml.parse_xml(part(made, "word/styles.xml").encode())
        styles = [s for s in root.iter(qn("w:style")) if s.get(qn("w:type")) == "paragraph"]
        for style in (root.find(f".//{qn('w:rPrDefault')}"), *styles):
            fonts, said = style.find(f".//{qn('w:rFonts')}"), style.find(f".//{qn('w:lang')}")
            assert fonts.get(qn("w:ascii")) == fonts.get(qn("w:hAnsi")) == "Times New Roman"
            assert fonts.get(qn("w:eastAsia")) in {"SimSun", "SimHei"}
            assert (said.get(qn("w:val")), said.get(qn("w:eastAsia"))) == ("en-US", "zh-CN")


def test_the_page_is_a4_with_margins_of_25_mm():
    section = opened(document()).sections[0]
    assert [round(v.mm) for v in (section.page_width, section.page_height)] == [210, 297]
    margins = (section.left_margin, section.right_margin, section.top_margin, section.bottom_margin)
    assert [round(m.mm) for m in margins] == [25] * 4


def test_every_cell_is_read_back():
    table = opened(document(TABLE)).tables[0]
    assert [[c.text for c in row.cells] for row in table.rows] == [
        ["Region", "First", "First", "Words"],
        ["Region", "I", "z", "Words"],
        *([c.shown for c in row] for row in TABLE.rows),
    ]


def _rules(row, side: str) -> set[str | None]:
    found = [cell.find(f".//{qn('w:tcBorders')}/{qn(f'w:{side}')}") for cell in row.iter(qn("w:tc"))]
    return {None if f is None else f.get(qn("w:sz")) for f in found}


def test_a_table_has_three_lines_and_a_head_that_is_repeated():
    table = opened(document(TABLE)).tables[0]
    rows = list(table._tbl.iter(qn("w:tr")))
    assert [r.find(f".//{qn('w:tblHeader')}") is not None for r in rows] == [True, True, False, False, False]
    assert all(r.find(f".//{qn('w:cantSplit')}") is not None for r in rows)
    assert [_rules(r, "top") for r in rows] == [{"12"}, {None}, {None}, {None}, {"4"}]
    assert [_rules(r, "bottom") for r in rows] == [{None}, {"6"}, {None}, {None}, {"12"}]
    assert rows[0].find(f".//{qn('w:pBdr')}/{qn('w:bottom')}") is not None
    outer = table._tbl.tblPr.find(qn("w:tblBorders"))
    assert [(local(n), n.get(qn("w:sz"))) for n in outer] == [("top", "12"), ("bottom", "12")]


def test_a_caption_keeps_with_its_table_and_the_table_with_its_notes():
    file = opened(document(TABLE))
    body = [n for n in file.element.body if local(n) in {"p", "tbl"}]
    at = next(i for i, n in enumerate(body) if local(n) == "tbl")
    assert body[at - 1].find(f".//{qn('w:keepNext')}") is not None
    last = list(body[at].iter(qn("w:tr")))[-1]
    assert all(p.find(f".//{qn('w:keepNext')}") is not None for p in last.iter(qn("w:p")))
    assert styled(file, "Table Note") == list(TABLE.notes)


def test_decimal_points_stand_under_one_another():
    """Right indent plus the width behind the point is the same in every row: digits and stars are half an em wide."""
    shown = ("0.176***", "12", "−3.1", "(0.25)", "1,234.5")
    table = Table("t", "c", (Column("a", "number"),), tuple(cells(s) for s in shown))
    size = 18
    places = []
    for row, said in zip(list(opened(document(table)).tables[0]._tbl.iter(qn("w:tr")))[1:], shown, strict=True):
        behind = {".176***": 0.25 + 6 * 0.5, "": 0, ".1": 0.75, ".25)": 1.25 + 0.333, ".5": 0.75}[parts(said)[1]]
        places.append(int(row.find(f".//{qn('w:ind')}").get(qn("w:right"))) + behind * size * 10)
    assert max(places) - min(places) <= 1


def test_captions_and_equations_are_numbered_by_fields_and_referred_to(whole, picture):
    made = part(docx(whole, figures={"map": picture}), "word/document.xml")
    codes = re.findall(r"<w:instrText[^>]*> (.*?) </w:instrText>", made)
    assert [c for c in codes if c.startswith("SEQ")] == [rf"SEQ {k} \* ARABIC" for k in ("Equation", "Table", "Figure")]
    marks = dict(re.findall(r'<w:bookmarkStart w:id="(\d+)" w:name="([^"]+)"/>', made))
    assert len(set(marks.values())) == len(marks) == made.count("<w:bookmarkEnd ")
    referred = [c.split()[1] for c in codes if c.startswith("REF")]
    assert len(referred) == 5
    assert set(referred) <= set(marks.values())


def test_references_show_what_the_labels_say(whole, picture):
    said = styled(opened(whole, figures={"map": picture}), "Body Text")
    assert said == [
        "The weights of Equation (1) stand in Table 1 and Figure 1; Us1",
        "One. Two. See [1, 2] in Section 1.",
    ]
    assert _marked(docx(whole, figures={"map": picture}), "_Ref_values") == "Table 1"
    assert _marked(docx(whole, figures={"map": picture}), "_Ref_eq") == "1"


def _marked(made: bytes, name: str) -> str:
    """Text that is shown under a bookmark."""
    text = part(made, "word/document.xml")
    inside = text.split(f'w:name="{name}"/>')[1].split("<w:bookmarkEnd")[0]
    return "".join(re.findall(r"<w:t [^>]*>(.*?)</w:t>", inside))


def test_in_chinese_references_have_chinese_labels_and_sentences_no_space():
    table = Table("t", "各省份", (Column("地区"),), (cells("北京"),), number="2")
    equation = Equation("coordination", "e", "4")
    text = Paragraph((Said("甲。", 1, "r"), Said("乙。", 2, "r"), "见", Ref("t"), "与", Ref("e"), "。"))
    file = opened(document(text, equation, table, lang="zh"))
    assert styled(file, "Body Text") == ["甲。乙。见表 2与式（4）。"]
    assert styled(file, "Caption") == ["表 2　各省份"]
    assert [p.text for p in file.paragraphs if p.style.name == "Equation"] == ["\t\t（4）"]


def test_a_number_out_of_its_order_is_set_so_that_renewing_changes_nothing():
    tables = [Table(f"t{n}", "c", (Column("a"),), (cells("x"),), number=n) for n in ("2", "3", "A1", "A2", "4", "")]
    file = docx(document(*tables), figures={})
    codes = re.findall(r"<w:instrText[^>]*> (.*?) </w:instrText>", part(file, "word/document.xml"))
    assert codes == [
        r"SEQ Table \* ARABIC \r 2",
        r"SEQ Table \* ARABIC",
        r"SEQ Table_A \* ARABIC",
        r"SEQ Table_A \* ARABIC",
        r"SEQ Table \* ARABIC",
    ]
    captions = styled(reader.Document(io.BytesIO(file)), "Caption")
    assert captions == ["Table 2. c", "Table 3. c", "Table A1. c", "Table A2. c", "Table 4. c", "c"]


def test_headings_are_real_ones(whole):
    file = opened(whole)
    assert styled(file, "Heading 1") == ["1  Method"]
    assert styled(file, "Heading 2") == ["1.1  More"]


@pytest.mark.parametrize("name", names())
def test_every_formula_is_a_native_equation(name):
    file = opened(document(Equation(name, "e", "1")))
    (paragraph,) = (p for p in file.paragraphs if p.style.name == "Equation")
    assert len(paragraph._p.findall(qn("m:oMath"))) == 1
    assert paragraph.text == "\t\t(1)"
    fonts = {r.get(qn("w:ascii")) for r in paragraph._p.iter(qn("w:rFonts"))}
    assert fonts == {"Cambria Math"}


def test_symbols_are_italic_with_a_subscript():
    (paragraph,) = (p for p in opened(document(Paragraph((Symbol("U_s1"),)))).paragraphs if p.text == "Us1")
    assert [(r.text, r.italic, r.font.subscript) for r in paragraph.runs] == [
        ("U", True, None),
        ("s", True, True),
        ("1", None, True),
    ]


def test_quotation_marks_are_chinese_in_chinese_alone():
    zh, en = (docx(document(Paragraph(("“a”",)), lang=lang), figures={}) for lang in ("zh", "en"))
    assert part(zh, "word/document.xml").count('w:hint="eastAsia"') == 2
    assert 'w:hint="eastAsia"' not in part(en, "word/document.xml")


def test_a_figure_fits_the_text_and_says_what_it_shows(whole, picture):
    file = opened(whole, figures={"map": picture})
    (shape,) = file.inline_shapes
    assert shape.width == pytest.approx(160 * 36000, rel=0.01)
    assert shape.width / shape.height == pytest.approx(2, rel=0.001)
    properties = shape._inline.docPr
    assert (properties.get("descr"), properties.name) == ("A map", "map")
    at = next(i for i, p in enumerate(file.paragraphs) if p.style.name == "Figure")
    assert file.paragraphs[at]._p.find(f".//{qn('w:drawing')}") is not None
    assert file.styles["Figure"].paragraph_format.keep_with_next
    assert [p.text for p in file.paragraphs[at + 1 : at + 3]] == ["Figure 1. A map", "Note. A note."]


def test_a_small_figure_keeps_its_size_and_a_tall_one_fits_the_page(tmp_path):
    from PIL import Image

    for name, size in (("small", (300, 300)), ("tall", (600, 6000))):
        Image.new("RGB", size, "white").save(tmp_path / f"{name}.png", dpi=(300, 300))
    figures = {n: tmp_path / f"{n}.png" for n in ("small", "tall")}
    blocks = [Figure(n, n, n, (), "") for n in figures]
    small, tall = opened(document(*blocks), figures=figures).inline_shapes
    assert round(small.width.mm, 1) == 25.4
    assert tall.height.mm < 247
    assert tall.height / tall.width == pytest.approx(10, rel=0.01)


def test_a_figure_without_its_file_is_named_in_its_place(whole):
    assert styled(opened(whole), "Figure") == ["(the drawing map.png was not found)"]


def test_the_notice_stands_on_every_page_and_at_the_top():
    wide = Table("t", "c", tuple(Column(str(i), "number") for i in range(40)), (cells(*["0.123"] * 40),))
    file = opened(document(wide, notice="Simulated"))
    assert len(file.sections) == 2
    for section in file.sections:
        assert "Simulated" in section.header.paragraphs[0].text
        assert "PAGE" in section.footer._element.xml
    assert styled(file, "Notice") == ["Simulated"]


def test_a_notice_of_the_document_is_not_said_twice(whole):
    assert styled(opened(whole), "Notice") == ["The data are simulated."]


def test_only_a_table_that_needs_it_lies_on_its_side():
    def columns(count: int) -> Table:
        heads = (Column("Region"), *(Column(str(2000 + i), "number") for i in range(count)))
        return Table(f"t{count}", "c", heads, (cells("Inner Mongolia", *["0.123"] * count),) * 3)

    file = opened(document(columns(13), Paragraph(("a",)), columns(30), Paragraph(("b",)), columns(5)))
    sizes = [(s.page_width.mm > s.page_height.mm, s.orientation) for s in file.sections]
    assert [turned for turned, _ in sizes] == [False, True, False]
    file = opened(document(columns(30)))
    assert [s.page_width > s.page_height for s in file.sections] == [False, True]


def test_columns_fill_the_page_whatever_their_number():
    for count in (1, 2, 7, 16, 17, 41, 120):
        table = Table("t", "c", tuple(Column("head", "number") for _ in range(count)), (cells(*["0.123"] * count),))
        placed = layout(table, upright=9000, sideways=14000)
        assert sum(placed.widths) == (14000 if placed.sideways else 9000)
        assert min(placed.widths) > 0
        needed = 2.25 * placed.size * 10
        assert count > 100 or min(placed.widths) > needed


def test_lists_are_native_and_each_starts_at_one(whole):
    file = opened(
        document(Bullets((("a",), ("b",)), numbered=True), Bullets((("c",),), numbered=True), Bullets((("d",),)))
    )
    ids = [p._p.find(f".//{qn('w:numId')}").get(qn("w:val")) for p in file.paragraphs if p.text in "abcd"]
    assert ids[0] == ids[1] != ids[2] != ids[3]
    assert [p.style.name for p in file.paragraphs[1:]] == ["List Number"] * 3 + ["List Bullet"]


def test_links_lead_to_the_web_alone(whole):
    made = docx(whole, figures={})
    targets = re.findall(r'Target="([^"]+)" TargetMode="External"', part(made, "word/_rels/document.xml.rels"))
    assert targets == ["https://example.org/a"]
    assert styled(reader.Document(io.BytesIO(made)), "Bibliography") == [
        "[1]\tAuthor A. https://example.org/a",
        "[2]\tAuthor B. javascript:x",
    ]


def test_the_file_says_who_made_it(whole):
    made = docx(whole, figures={})
    said = reader.Document(io.BytesIO(made)).core_properties
    assert (said.title, said.author, said.subject, said.comments) == (
        "Title",
        "An author",
        "A subject",
        "Simulated data",
    )
    assert "<Application>ouhe 1</Application>" in part(made, "docProps/app.xml")
    assert "updateFields" not in part(made, "word/settings.xml")


def test_hostile_text_is_inert():
    heads = (Column(HOSTILE), Column(HOSTILE, "number", above=HOSTILE), Column("x" * 200, "wide"))
    table = Table("t", HOSTILE, heads, (cells(HOSTILE, "=cmd()", "{MACROBUTTON x}"),), (HOSTILE,), number="1")
    said = document(Heading(1, HOSTILE, "h", "1"), Paragraph((HOSTILE, Ref("t"))), table, Bullets(((HOSTILE,),)))
    made = docx(Document(HOSTILE, "zh", said.blocks, HOSTILE, {"author": HOSTILE}), figures={})
    text = part(made, "word/document.xml")
    assert not re.search("[\x00-\x08\u202e]", text)
    assert "<b>" not in text
    shown = reader.Document(io.BytesIO(made)).tables[0].cell(2, 0).text
    assert shown == HOSTILE.translate({0x202E: "\ufffd", 0: "\ufffd", 7: "\ufffd"})
    codes = re.findall(r"<w:instrText[^>]*> (.*?) </w:instrText>", text)
    assert {c.split()[0] for c in codes} == {"SEQ", "REF"}


@given(st.text(st.characters(codec=None), max_size=30), st.sampled_from(["text", "wide", "number"]))
def test_any_text_makes_a_file_that_opens(said, kind):
    table = Table(
        "t", said, (Column(said, kind), Column("b", kind, above=said)), (cells(said, said),), (said,), number="1"
    )
    file = opened(document(table, Paragraph((said, Symbol(said))), notice=said))
    assert len(file.tables) == 1


def test_anchors_give_names_that_word_takes():
    anchors = ["a-b", "a_b", "x" * 60, "x" * 61]
    blocks = [Heading(1, a, a, str(i)) for i, a in enumerate(anchors, start=1)]
    text = part(docx(document(*blocks), figures={}), "word/document.xml")
    found = re.findall(r'bookmarkStart w:id="\d+" w:name="([^"]+)"', text)
    assert len(set(found)) == 4
    assert all(re.fullmatch(r"[A-Za-z_]\w{0,39}", n) for n in found)


# A template of the user's


def template(folder: Path) -> Path:
    file = reader.Document()
    file.add_paragraph("old text")
    file.add_table(1, 1)
    file.sections[0].page_width, file.sections[0].page_height = 5000000, 7000000
    file.sections[0].header.paragraphs[0].text = "Our institute"
    file.styles["Heading 1"].font.name = "Courier New"
    path = folder / "template.docx"
    file.save(path)
    return path


def test_a_template_keeps_its_styles_page_and_header_and_loses_its_text(tmp_path, whole, picture):
    file = opened(whole, template=template(tmp_path), figures={"map": picture})
    assert file.sections[0].page_width == pytest.approx(5000000, rel=0.001)
    assert [p.text for p in file.sections[0].header.paragraphs] == ["Our institute", "Simulated data"]
    assert file.styles["Heading 1"].font.name == "Courier New"
    assert styled(file, "Heading 1") == ["1  Method"]
    assert "old text" not in file.element.body.xml
    assert len(file.tables) == 1
    room = file.sections[0].page_width - file.sections[0].left_margin - file.sections[0].right_margin
    assert file.inline_shapes[0].width <= room * 1.001
    assert {"Table Note", "Notice", "Equation"} <= {s.name for s in file.styles}
    numbers = [p._p.find(f".//{qn('w:numId')}") for p in file.paragraphs if p.text in {"Second", "Third"}]
    defined = [n.get(qn("w:numId")) for n in file.part.numbering_part.element.iter(qn("w:num"))]
    assert len(set(defined)) == len(defined)
    assert {n.get(qn("w:val")) for n in numbers} <= set(defined)


def test_columns_leave_room_for_the_letters_of_a_template_with_its_own_tables():
    heads = tuple(Column("head", "number") for _ in range(13))
    table = Table("t", "c", heads, (cells(*["0.12345"] * 13),))
    ours, theirs = (layout(table, upright=9000, sideways=14000, wider=w) for w in (1.0, 1.2))
    assert theirs.size < ours.size


def test_tables_keep_our_letters_in_a_template_without_a_style_for_them(tmp_path, whole):
    style = opened(whole, template=template(tmp_path)).styles["Table Text"]
    assert (style.font.name, style.font.size.pt) == ("Times New Roman", 9)


def test_a_template_may_be_what_this_renderer_made(tmp_path, whole):
    path = tmp_path / "own.docx"
    path.write_bytes(docx(whole, figures={}))
    file = opened(whole, template=path)
    names_ = [s.name for s in file.styles]
    assert len(set(names_)) == len(names_)
    assert styled(file, "Heading 1") == ["1  Method"]


@pytest.mark.parametrize("kind", ["missing", "text", "empty zip", "macros", "workbook", "broken"])
def test_a_template_that_is_no_word_document_is_refused(tmp_path, kind):
    path = tmp_path / "template.docx"
    if kind == "text":
        path.write_text("no document")
    elif kind == "empty zip":
        zipfile.ZipFile(path, "w").close()
    elif kind in {"macros", "workbook", "broken"}:
        old, new = {
            "macros": ("wordprocessingml.document.main", "ms-word.document.macroEnabled.main"),
            "broken": ("", ""),
            "workbook": ("wordprocessingml.document.main", "spreadsheetml.sheet.main"),
        }[kind]
        made = io.BytesIO(docx(document(), figures={}))
        with zipfile.ZipFile(made) as read, zipfile.ZipFile(path, "w") as written:
            for name in read.namelist():
                data = read.read(name)
                data = data.replace(old.encode(), new.encode()) if "Types" in name else data
                written.writestr(name, data[:50] if kind == "broken" and name == "word/document.xml" else data)
    with pytest.raises(OptionError) as told:
        docx(document(), figures={}, template=path)
    (problem,) = told.value.problems
    key = {"missing": "template_missing", "macros": "template_macros"}.get(kind, "template_not_docx")
    assert problem.key == f"word.{key}"
    assert str(path) in problem.message("en")
