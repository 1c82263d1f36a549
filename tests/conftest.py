"""What several tests need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ouhe import text

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Messages are asserted in English unless a test says otherwise; never in the language of the machine."""
    with text.use("en"):
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data that is not part of the project."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the real data of ../shared/data are not here")
    return SHARED / "data"


@pytest.fixture(scope="session")
def paper_tables() -> Path:
    """The paper's tables, which are not part of the project."""
    if not (SHARED / "paper").is_dir():
        pytest.skip("the paper's tables of ../shared/paper are not here")
    return SHARED / "paper"
