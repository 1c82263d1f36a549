"""Messages in these tests are English whatever the machine's language."""

import pytest

from ouhe import text


@pytest.fixture(autouse=True)
def english():
    with text.use("en"):
        yield
