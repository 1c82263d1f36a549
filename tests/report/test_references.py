from __future__ import annotations

import re

import pytest

from ouhe import text
from ouhe.report import references
from ouhe.report.document import Bullets, Cite, Heading, Paragraph
from ouhe.report.references import Work

CITED = re.compile(r"\[\[cite:([^\]{]+)\]\]")


def keys_cited(lang: text.Lang, namespace: str) -> set[str]:
    said = " ".join(text.texts(namespace, lang).values())
    # "works" stands for all works of a study, "a" and "b" stand in an example
    return {key.strip() for keys in CITED.findall(said) for key in keys.split(",")} - {"a", "b", "works"}


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_work_is_cited_by_some_text_and_every_key_is_a_work(lang: text.Lang) -> None:
    found = set().union(*(keys_cited(lang, namespace) for namespace in text.namespaces(lang)))
    assert found == set(references.works())


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_work_can_be_written(lang: text.Lang) -> None:
    for key, work in references.works(lang).items():
        entry = references.entry(key, lang)
        assert entry.entry.endswith((".", "(in Chinese)"))
        assert str(work.year) in entry.entry
        assert work.title in entry.entry
        assert not re.search(r"\.\.|,,|: :|  |None|\(\)", entry.entry), entry.entry
        assert entry.url == (f"https://doi.org/{work.doi}" if work.doi else "")


def test_readers_of_english_get_no_chinese_and_are_told_of_it() -> None:
    for key, work in references.works("en").items():
        entry = references.entry(key, "en").entry
        assert not re.search(r"[一-鿿]", entry), key
        assert entry.endswith("(in Chinese)") == (work.lang == "zh"), key


def article(*authors: str, lang: text.Lang = "en", **more: str) -> Work:
    given = {"container": "Biometrika", "volume": "37", "issue": "1", "pages": "17–23", **more}
    return Work("article", lang, authors, 1950, "Notes", **given)


@pytest.mark.parametrize(
    ("authors", "zh", "en"),
    [
        (["Moran, P. A. P."], "MORAN P A P", "P. A. P. Moran"),
        (["Cliff, A. D.", "Ord, J. K."], "CLIFF A D, ORD J K", "A. D. Cliff and J. K. Ord"),
        (["Ab, C.-L.", "De, F.", "Gh, I."], "AB C L, DE F, GH I", "C.-L. Ab, F. De and I. Gh"),
        (["Ab, C.", "De, F.", "Gh, I.", "Jk, L."], "AB C, DE F, GH I, et al", "C. Ab, F. De, I. Gh et al"),
    ],
)
def test_authors_of_an_article(authors: list[str], zh: str, en: str) -> None:
    work = article(*authors)
    assert work.written("zh") == f"{zh}. Notes[J]. Biometrika, 1950, 37(1): 17-23."
    assert work.written("en") == f"{en}. Notes. Biometrika, 37(1): 17–23, 1950."


def test_chinese_authors_stay_as_they_are_and_others_are_told_in_chinese() -> None:
    assert article("王一", "李二", "张三", lang="zh").written("zh").startswith("王一, 李二, 张三. Notes[J]")
    assert article("王一", "李二", "张三", "赵四", lang="zh").written("zh").startswith("王一, 李二, 张三, 等. Notes[J]")


@pytest.mark.parametrize(
    ("missing", "zh", "en"),
    [
        ({"issue": ""}, "1950, 37: 17-23.", "Biometrika, 37: 17–23, 1950."),
        ({"volume": ""}, "1950(1): 17-23.", "Biometrika, no. 1: 17–23, 1950."),
        ({"volume": "", "issue": "", "pages": ""}, "Biometrika, 1950.", "Biometrika, 1950."),
    ],
)
def test_an_article_without_all_its_numbers(missing: dict[str, str], zh: str, en: str) -> None:
    work = article("Moran, P. A. P.", **missing)
    assert work.written("zh").endswith(zh)
    assert work.written("en").endswith(en)


def test_a_book_and_a_chapter() -> None:
    book = Work("book", "en", ("Silverman, B. W.",), 1986, "Density", place="London", publisher="Chapman and Hall")
    assert book.written("zh") == "SILVERMAN B W. Density[M]. London: Chapman and Hall, 1986."
    assert book.written("en") == "B. W. Silverman. Density. London: Chapman and Hall, 1986."
    chapter = references.entry("anselin1996", "zh").entry
    assert "[M]//FISCHER M M, SCHOLTEN H J, UNWIN D. Spatial Analytical Perspectives on GIS. London" in chapter
    assert chapter.endswith("London: Taylor & Francis, 1996: 111-125.")
    told = references.entry("anselin1996", "en").entry
    assert "In M. M. Fischer, H. J. Scholten and D. Unwin (eds.), Spatial Analytical Perspectives on GIS." in told
    one = Work("chapter", "en", ("Ab, C.",), 2000, "On", container="Book", editors=("De, F.",), publisher="House")
    assert one.written("en") == "C. Ab. On. In F. De (ed.), Book. House, 2000."


def test_software_and_data_and_bodies() -> None:
    software = Work("software", "en", ("ouhe developers",), 2026, "ouhe", version="0.1.0", bodies=True)
    assert software.written("zh") == "ouhe developers. ouhe: 0.1.0[CP/OL]. 2026."
    assert software.written("en") == "ouhe developers. ouhe, version 0.1.0. 2026."
    data = Work("dataset", "en", ("Office of Statistics, Region",), 2020, "Panel", publisher="Office", bodies=True)
    assert data.written("zh") == "Office of Statistics, Region. Panel[DS/OL]. Office, 2020."


def test_works_are_listed_in_the_order_in_which_they_are_cited() -> None:
    blocks = (
        Heading(1, "Method", "method"),
        Paragraph(("See ", Cite(("getis1992", "moran1950")))),
        Bullets((("Also ", Cite(("geary1954",))), (Cite(("moran1950",)),))),
    )
    keys = references.cited(blocks)
    assert keys == ("getis1992", "moran1950", "geary1954")
    listed = references.listed(keys, "en")
    assert [item.key for item in listed.items] == list(keys)
    assert listed.items[1] == references.entry("moran1950", "en")


def test_an_unknown_key_is_a_defect() -> None:
    with pytest.raises(KeyError):
        references.entry("nobody1900", "en")
