from __future__ import annotations

from pathlib import Path

import pytest

from ouhe import text
from ouhe.audit.reference import reference

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize(("lang", "page"), [("en", "paper-file.md"), ("zh", "paper-file.zh.md")])
def test_the_reference_pages_are_those_of_the_structure(lang: text.Lang, page: str) -> None:
    """Run ``python scripts/reference_pages.py`` after a change of the structure, a check or a text."""
    assert (DOCS / page).read_text("utf-8") == reference(lang)


def test_every_text_about_a_field_is_used() -> None:
    """A text that the page does not show belongs to a field that is gone."""
    page = reference("en")
    unused = [
        k for k, said in text.texts("paper_fields", "en").items() if said.format().replace("|", "\\|") not in page
    ]
    assert unused == []
