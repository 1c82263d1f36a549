from __future__ import annotations

from pathlib import Path

import pytest

from ouhe import text
from ouhe.study.reference import reference

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize(("lang", "page"), [("en", "study-file.md"), ("zh", "study-file.zh.md")])
def test_the_reference_pages_are_those_of_the_schema(lang: text.Lang, page: str) -> None:
    """Run ``python scripts/reference_pages.py`` after a change of the schema, a method or a text."""
    assert (DOCS / page).read_text("utf-8") == reference(lang)


def test_every_text_about_a_field_or_method_is_used() -> None:
    """A text that the page does not show belongs to a field or an option that is gone."""
    page = reference("en")
    for namespace in ("fields", "methods"):
        for key, said in text.texts(namespace, "en").items():
            shown = said.format().replace("|", "\\|")
            assert shown in page or key == "choice_method", f"{namespace}.{key}"
