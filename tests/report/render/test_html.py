"""A page that needs nothing but itself."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import math
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html as parser

from ouhe.errors import DataError, OptionError
from ouhe.report.document import (
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
from ouhe.report.render.html import TEMPLATES, html

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "</style><b>",
    "{{7*7}}{% raw %}",
    "=cmd|'/c calc'!A1",
    "\u202eleft to right",
    "שלום",
    "a" * 200,
    "A & B \"q\" 'q' &lt;",
)

SVG = """<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" viewBox="0 0 9 9">
 <metadata><x:y xmlns:x="urn:x">made today</x:y></metadata>
 <defs><style type="text/css">*{stroke-linejoin: round}</style>
 <clipPath id="p1"><rect width="9" height="9"/></clipPath><path id="g" d="M 0 0 L 1 1"/></defs>
 <!-- a remark --><g id="axes"><use xlink:href="#g" clip-path="url(#p1)" style="fill: none"/>
 <image xlink:href="data:image/png;base64,iVBORw0KGgo=" width="1" height="1"/><text>a &lt; b</text></g>
</svg>
"""


def table(anchor: str = "numbers", **changes: object) -> Table:
    """Regions with a number, some missing, in no order."""
    numbers = [0.5, None, -2.25, 10.0, math.nan, 0.125]
    shown = ["0.5**", "—", "−2.25", "10.0", "", "0.125*"]
    names = ["Beta", "alpha", "Gamma", "item 10", "item 9", "delta"]
    rows = tuple(
        (Cell(n, n), Cell(v, s), Cell(i, str(i))) for i, (n, v, s) in enumerate(zip(names, numbers, shown, strict=True))
    )
    columns = (Column("Region"), Column("D", "number", "2022"), Column("Rank", "number", "2022"))
    return dataclasses.replace(Table(anchor, "Degrees", columns, rows, ("A note.",), "coupling", "1", (3,)), **changes)


def document(lang: str = "en", **changes: object) -> Document:
    """A document with every kind of block."""
    hostile = tuple((Cell(h, h), Cell(math.nan, ""), Cell(h, h)) for h in HOSTILE)
    heads = (Column(HOSTILE[0]), Column("x", "number"), Column(HOSTILE[3], "wide"))
    blocks = (
        Heading(1, "Results", "results", "1"),
        Heading(2, HOSTILE[0], "indices", "1.1"),
        Paragraph(
            ("See ", Ref("numbers"), " and ", Ref("formula"), " for ", Symbol("U_s"), " ", Cite(("b", "a")), ".")
        ),
        Paragraph(
            (Said("It rises.", 1, "a change > 0.005"), Said("It falls.", 2, HOSTILE[0]), Said("It rises.", 1, "x"))
        ),
        Paragraph((HOSTILE[5], " stands alone."), "note"),
        Bullets((("one ", Symbol("D")), ("two",)), numbered=True),
        Bullets((("three",),)),
        Equation("coordination", "formula", "1"),
        table(),
        Table("hostile", HOSTILE[1], heads, hostile, (HOSTILE[1],), number="2"),
        Figure("trends", "Trends of </title>", "index_trends", ("A note.",), "1"),
        Figure("again", "The same", "index_trends", (), "2"),
        Figure("lost", "Not there", "nowhere", (), "3"),
        Paragraph(("The data are simulated.",), "notice"),
        References(
            (Reference("a", "First.", "https://doi.org/10.1/x"), Reference("b", HOSTILE[1], "javascript:alert(1)"))
        ),
    )
    about = {"author": HOSTILE[0], "software": "ouhe 0.1"}
    return dataclasses.replace(Document(HOSTILE[1], lang, blocks, HOSTILE[2], about), **changes)  # type: ignore[arg-type]


@pytest.fixture
def figures(tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "index_trends.svg").write_text(SVG, "utf-8")
    return {"index_trends": tmp_path / "index_trends.svg"}


@pytest.fixture(params=["zh", "en"])
def page(request, figures):
    return parser.fromstring(html(document(request.param), figures=figures))


def rendered(*blocks, lang="en", **options) -> parser.HtmlElement:
    return parser.fromstring(html(Document("T", lang, blocks), figures={}, **options))


def test_every_cell_is_there_as_it_is_shown(page):
    for block in (b for b in document().blocks if isinstance(b, Table)):
        (made,) = page.xpath(f"//figure[@id='{block.anchor}']//table")
        rows = [[cell.text_content() for cell in row] for row in made.xpath("tbody/tr")]
        assert rows == [[cell.shown for cell in row] for row in block.rows]
        labels = {int(th.get("data-column")): th.text_content() for th in made.xpath("thead//th[@data-column]")}
        assert [labels[i] for i in range(len(block.columns))] == [column.label for column in block.columns]


def test_values_by_which_tables_are_sorted_are_whole():
    value = 0.1 + 0.2
    cells = [Cell(value, "0.300"), Cell(None, "—"), Cell(math.nan, "—"), Cell(-math.inf, "−∞"), Cell(2**60, "many")]
    made = rendered(Table("t", "c", (Column("x", "number"),), tuple((c,) for c in cells)))
    assert [td.get("data-value") for td in made.xpath("//td")] == [repr(value), "", "", "-Infinity", str(2**60)]


def test_heads_span_what_stands_below_them():
    (made,) = rendered(table()).xpath("//thead")
    first, second = made.xpath("tr")
    assert [(th.text_content(), th.get("colspan"), th.get("rowspan"), th.get("scope")) for th in first] == [
        ("Region", None, "2", "col"),
        ("2022", "2", None, "colgroup"),
    ]
    assert [th.text_content() for th in second] == ["D", "Rank"]


def test_rules_and_row_heads():
    made = rendered(table())
    assert [i for i, row in enumerate(made.xpath("//tbody/tr")) if row.get("class") == "ruled"] == [3]
    assert {th.get("scope") for th in made.xpath("//tbody//th")} == {"row"}


def test_names_are_never_markup(page):
    assert page.xpath("//script[not(text())]") == []
    assert len(page.xpath("//script")) == 1
    assert page.xpath("//img | //b | //*[@onerror]") == []
    assert page.xpath("//h1")[0].text_content() == HOSTILE[1]
    assert not page.xpath("//tbody//*[self::td or self::th]/*")
    assert page.xpath("//*[@id='indices']")[0].text_content().startswith(f"1.1 {HOSTILE[0]}")
    assert page.xpath("//a[starts-with(@href, 'javascript')]") == []
    assert [a.get("href") for a in page.xpath("//a[@rel]")] == ["https://doi.org/10.1/x"]


def test_marks_of_direction_end_with_their_text(page):
    (isolated,) = page.xpath("//p[@class='note']/bdi")
    assert isolated.text == HOSTILE[5]
    assert isolated.get("dir") == "ltr"


def test_ids_are_unique_and_links_lead_somewhere(page):
    ids = page.xpath("//@id")
    assert len(set(ids)) == len(ids)
    links = page.xpath("//a/@href[starts-with(., '#')]")
    assert {link[1:] for link in links} <= set(ids)
    assert {"numbers", "formula", "reference-1", "reference-2"} <= {link[1:] for link in links}


def test_nothing_is_fetched(figures):
    made = html(document(), figures=figures)
    tree = parser.fromstring(made)
    assert not tree.xpath("//link | //iframe | //object | //embed | //base | //@src")
    assert "@import" not in made
    assert re.findall(r"url\((?!#)", made) == []
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none';")
    script = re.search(r"<script>(.*?)</script>", made, re.DOTALL)[1]
    assert f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" in policy


def test_the_same_document_gives_the_same_page(figures):
    assert html(document(), figures=figures) == html(document(), figures=figures)


def test_references_are_said_in_the_language_of_the_document():
    blocks = (table(), Paragraph(("见", Ref("numbers"), "。")))
    assert rendered(*blocks, lang="zh").xpath("//main/p")[0].text_content() == "见表 1。"
    assert rendered(*blocks, lang="zh").get("lang") == "zh-CN"
    assert rendered(*blocks).xpath("//main/p")[0].text_content() == "见Table 1。"
    assert rendered(*blocks).get("lang") == "en"


def test_citations_have_the_numbers_of_the_list(page):
    assert page.xpath("//main/p")[0].text_content().endswith("[2, 1].")
    assert page.xpath("//*[@id='reference-2']")[0].text_content().startswith(HOSTILE[1])


def test_symbols_have_subscripts(page):
    (symbol,) = page.xpath("//main/p[1]/var")
    assert symbol.text == "U"
    assert symbol.xpath("sub")[0].text == "s"


@pytest.mark.parametrize(
    ("lang", "joined"), [("en", "It rises. It falls. It rises."), ("zh", "It rises.It falls.It rises.")]
)
def test_sentences_of_findings_carry_their_rules(figures, lang, joined):
    (said,) = parser.fromstring(html(document(lang), figures=figures)).xpath("//main/p[2]")
    assert [s.get("id") for s in said.xpath("span")] == ["finding-1", "finding-2", None]
    assert [s.get("title") for s in said.xpath("span")] == ["a change > 0.005", HOSTILE[0], "x"]
    assert "a change > 0.005" in said.xpath("span/span[@class='rule']")[0].text_content()
    for rule in said.xpath("span/span"):
        rule.getparent().remove(rule)
    assert said.text_content() == joined


def test_without_findings_nothing_is_to_be_shown():
    assert rendered(Heading(1, "A", "a"), Paragraph(("x",))).xpath("//*[@id='show-rules']") == []


def test_the_notice_stands_on_the_screen_and_on_every_printed_page(figures):
    made = html(document(notice='Not "true" </style>'), figures=figures)
    assert parser.fromstring(made).xpath("//*[@class='banner']")[0].text_content() == 'Not "true" </style>'
    assert '@top-center { content: "Not \\22 true\\22  \\3c \\2f style\\3e "; }' in made
    assert "top-center { content" not in html(document(notice=""), figures=figures)


def test_headings_go_down_step_by_step(page):
    levels = [int(h.tag[1]) for h in page.xpath("//h1 | //h2 | //h3 | //h4")]
    assert levels == [1, 2, 3]
    assert page.xpath("//a[@class='skip']/@href") == ["#main-text"]
    assert page.xpath("//nav//a/@href") == ["#results", "#indices"]


def test_formulas_are_mathml(page):
    assert page.xpath("//*[@id='formula']/*")[0].tag == "math"


# figures


def test_drawings_are_part_of_the_page(page):
    first, second = page.xpath("//figure[@class='drawing']//*[local-name()='svg']")
    assert first.get("role") == "img"
    assert first.get("aria-label") == "Trends of </title>"
    for drawing in (first, second):
        ids = set(drawing.xpath(".//@id"))
        assert {used[1:] for used in drawing.xpath(".//*[local-name()='use']/@href")} <= ids
        assert re.fullmatch(r"url\(#(.+)\)", drawing.xpath(".//@clip-path")[0])[1] in ids
        (style,) = drawing.xpath(".//*[local-name()='style']")
        assert style.text == f"#{drawing.get('id')} *{{stroke-linejoin: round}}"
    assert not {"metadata", "today"} & set(re.findall(r"\w+", parser.tostring(first, encoding="unicode")))


def test_a_drawing_that_is_not_there_is_told(page):
    (lost,) = page.xpath("//figure[@id='lost']")
    assert "nowhere" in lost.xpath("p")[0].text_content()


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>",
        "<p xmlns='http://www.w3.org/1999/xhtml'>x</p>",
        "<path onload='alert(1)'/>",
        "<use href='https://example.org/a.svg#b'/>",
        "<use xmlns:xlink='http://www.w3.org/1999/xlink' xlink:href='other.svg#b'/>",
        "<image href='https://example.org/a.png'/>",
        "<image href='data:image/svg+xml;base64,AAAA'/>",
        "<path style='fill: url(https://example.org/a)'/>",
        "<path fill='url( //example.org/a )'/>",
        "<path style='fill: u\\72l(//example.org/a)'/>",
        "<style>@import 'https://example.org/a.css';</style>",
        "<style>body{display: none}</style>",
        "<style>*{fill: url(//example.org)}</style>",
        "<a href='https://example.org'><path/></a>",
        "<animate attributeName='href' to='javascript:alert(1)'/>",
        "<svg><path/></svg>",
        "text",
    ],
)
def test_drawings_that_are_not_ours_are_refused(tmp_path, inside):
    file = tmp_path / "f.svg"
    file.write_text(f"<svg xmlns='http://www.w3.org/2000/svg'>{inside}</svg>", "utf-8")
    with pytest.raises(DataError) as error:
        html(Document("T", "en", (Figure("f", "c", "f"),)), figures={"f": file})
    assert error.value.problems[0].key == "html.figure_foreign"
    assert str(file) in str(error.value)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "<svg",
        "<html/>",
        '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"><desc>&a;</desc></svg>',
    ],
)
def test_what_is_no_drawing_is_refused(tmp_path, raw):
    file = tmp_path / "f.svg"
    file.write_text(raw, "utf-8")
    with pytest.raises(DataError, match=re.escape(str(file))):
        html(Document("T", "en", (Figure("f", "c", "f"),)), figures={"f": file})
    with pytest.raises(DataError, match=r"gone\.svg"):
        html(Document("T", "en", (Figure("f", "c", "f"),)), figures={"f": tmp_path / "gone.svg"})


def test_drawings_by_matplotlib_are_taken(tmp_path):
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing()
    axes = drawing.subplots()
    axes.plot([1, 2], [3, 4], marker="o", label="a < b")
    axes.bar([1, 2], [1, 2], hatch="//")
    drawing.colorbar(axes.imshow([[0, 1], [2, 3]]))
    axes.legend()
    drawing.savefig(tmp_path / "f.svg")
    made = html(Document("T", "en", (Figure("f", "c", "f"),)), figures={"f": tmp_path / "f.svg"})
    assert made.count("<svg ") == 1
    assert "data:image/png;base64," in made


# templates of one's own


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    return tmp_path / "templates"


def test_files_take_the_place_of_ours_one_by_one(folder):
    (folder / "style.css").write_text("body { color: teal } /* {{ {% </style> */", "utf-8")
    (folder / "script.js").write_text("const x = '</script>';", "utf-8")
    made = html(Document("T", "en", (table(),)), figures={}, templates=folder)
    assert "body { color: teal } /* {{ {% <\\/style> */" in made
    assert "const x = '<\\/script>';" in made
    assert "min-width: 68rem" not in made
    assert len(parser.fromstring(made).xpath("//tbody/tr")) == 6


def test_a_page_of_ones_own(folder):
    (folder / "report.html.j2").write_text(
        "{% include 'mine/head.j2' %}{% for b in document.blocks %}{{ b.caption }} {{ labels[b.anchor] }}{% endfor %}",
        "utf-8",
    )
    (folder / "mine").mkdir()
    (folder / "mine" / "head.j2").write_text("{{ document.title }}: ", "utf-8")
    assert html(Document("<T>", "en", (table(),)), figures={}, templates=folder) == "&lt;T&gt;: Degrees Table 1"


@pytest.mark.parametrize(
    "line",
    [
        "{% if %}",
        "{{ nothing }}",
        "{{ document.nothing }}",
        "{{ 1 / 0 }}",
        "{% include 'gone.j2' %}",
        "{% include '../secret.txt' %}",
        "{% include 'link.txt' %}",
        "{{ ''.__class__.__mro__ }}",
        "{{ document.__class__ }}",
        "{{ t.__globals__ }}",
        "{{ t('no such text') }}",
        "{{ 1 + 'a' }}",
        "{% include 'report.html.j2' %}",
    ],
)
def test_a_broken_template_is_told_with_its_line(folder, line):
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "report.html.j2").write_text(f"\n\n{line}\n", "utf-8")
    with pytest.raises(OptionError) as error:
        html(document(), figures={}, templates=folder)
    place = error.value.problems[0].place
    assert (place.file, place.line) == (str(folder / "report.html.j2"), 3)


def test_an_absolute_path_is_not_reachable(folder):
    (folder / "report.html.j2").write_text(f"{{% include '{folder.parent / 'secret.txt'}' %}}", "utf-8")
    with pytest.raises(OptionError, match=r"report\.html\.j2:1"):
        html(document(), figures={}, templates=folder)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_in_another_encoding_is_told(folder, name):
    (folder / name).write_bytes("说明".encode("gb18030"))
    with pytest.raises(OptionError, match=re.escape(name)):
        html(document(), figures={}, templates=folder)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(OptionError, match="gone"):
        html(document(), figures={}, templates=tmp_path / "gone")


# in a browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("there is no chromium on this machine")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def shown(chromium, tmp_path, figures):
    """The page in a browser, with everything it asked for and complained of."""
    file = tmp_path / "report.html"
    file.write_text(html(document(), figures=figures), "utf-8")
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.heard = []
    page.on("console", lambda message: page.heard.append(message.text))
    page.on("pageerror", lambda error: page.heard.append(str(error)))
    page.on("request", lambda request: page.heard.append(request.url))
    page.goto(file.as_uri())
    page.heard = [h for h in page.heard if h != file.as_uri() and not h.startswith("data:image/png")]
    yield page
    page.close()


def names(page) -> list[str]:
    return page.locator("#numbers tbody tr > :first-child").all_text_contents()


AS_PRINTED = ["Beta", "alpha", "Gamma", "item 10", "item 9", "delta"]


def test_the_page_is_silent_and_asks_for_nothing(shown):
    assert shown.heard == []
    assert shown.evaluate("window.getSelection().toString()") == ""
    ids = shown.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(set(ids)) == len(ids)


def test_tables_are_sorted_with_the_mouse(shown):
    head = shown.locator("#numbers th", has_text=re.compile("^D$"))
    head.locator("button").click()
    assert names(shown) == ["Gamma", "delta", "Beta", "item 10", "alpha", "item 9"]
    assert head.get_attribute("aria-sort") == "ascending"
    head.locator("button").click()
    assert names(shown) == ["item 10", "Beta", "delta", "Gamma", "alpha", "item 9"]
    assert head.get_attribute("aria-sort") == "descending"
    head.locator("button").click()
    assert names(shown) == AS_PRINTED
    assert head.get_attribute("aria-sort") is None


def test_tables_are_sorted_with_the_keyboard(shown):
    shown.locator("#numbers th", has_text="Region").locator("button").focus()
    shown.keyboard.press("Enter")
    assert names(shown) == ["alpha", "Beta", "delta", "Gamma", "item 9", "item 10"]
    shown.keyboard.press("Tab")
    shown.keyboard.press("Tab")
    shown.keyboard.press("Space")
    assert names(shown) == AS_PRINTED
    assert shown.locator("#numbers th[aria-sort]").all_text_contents() == ["Rank"]


def test_numbers_stand_at_their_decimal_points(shown):
    ends = shown.evaluate(
        """[...document.querySelectorAll('#numbers tbody td:nth-child(2)')].filter(td => td.textContent).map(td => {
            const node = td.firstChild, found = /[.]/.exec(node.data), range = document.createRange();
            range.setStart(node, 0); range.setEnd(node, found ? found.index : node.length);
            return range.getBoundingClientRect().right; })"""
    )
    assert len(ends) == 5
    assert max(ends) - min(ends) < 0.5


def test_copied_tables_hold_no_formula(shown):
    shown.evaluate("addEventListener('copy', e => { window.copied = e.clipboardData.getData('text/plain') })")
    shown.locator("#hostile").hover()
    shown.locator("#hostile .copy").click()
    lines = shown.evaluate("window.copied").split("\n")
    assert [line.split("\t")[0] for line in lines[1:]] == [f"'{h}" if h.startswith("=") else h for h in HOSTILE]
    shown.locator("#numbers").hover()
    shown.locator("#numbers .copy").click()
    lines = shown.evaluate("window.copied").split("\n")
    assert lines[:3] == ["Region\t2022\t", "\tD\tRank", "Beta\t0.5**\t0"]


def test_rules_are_shown_when_asked_for(shown):
    rule = shown.locator(".rule").first
    assert not rule.is_visible()
    shown.locator("#show-rules").check()
    assert rule.is_visible()


@pytest.mark.parametrize(("width", "unfolded"), [(360, False), (1280, True), (1920, True)])
def test_the_page_fits_every_screen(shown, width, unfolded):
    shown.set_viewport_size({"width": width, "height": 800})
    shown.reload()
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert shown.locator("nav ol").is_visible() is unfolded
    (box,) = shown.locator("#hostile .box").all()
    scrolls = box.evaluate("e => e.scrollWidth > e.clientWidth")
    assert box.get_attribute("tabindex") == ("0" if scrolls else None)
    if not unfolded:
        shown.locator("nav summary").click()
        assert shown.locator("nav ol").is_visible()
