"""Evidence that recommendations may rest on: said, weighed by nobody but the reader."""

from __future__ import annotations

from collections.abc import Iterator

from ouhe.report.document import Block, Bullets, Said
from ouhe.report.sections.material import Material

__all__ = ["blocks"]


def blocks(m: Material) -> Iterator[Block]:
    """A list of what the data point to."""
    found = [n for n in m.found if n.module == "evidence"]
    if not found:
        return
    yield m.heading(1, "evidence")
    yield m.paragraph("evidence_said")
    yield Bullets(tuple((Said(n.sentence, n.number, n.condition),) for n in found), numbered=True)
