"""What stands at the head: that data are simulated, what the study is, and its main findings."""

from __future__ import annotations

from collections.abc import Iterator

from ouhe import text
from ouhe.report.document import Block, Bullets, Paragraph, Said
from ouhe.report.findings.catalogue import Numbered
from ouhe.report.sections.material import Material

__all__ = ["HEADLINES", "blocks"]

#: Rules whose sentences sum a study up, by the module they come from; of each variable the first that held is taken.
HEADLINES: tuple[tuple[str, tuple[str, ...]], ...] = ()


def blocks(m: Material) -> Iterator[Block]:
    """Notices and main findings."""
    if m.results.simulated:
        yield Paragraph((text.t("labels.simulated"),), "notice")
    said = [n for n in m.found if _headline(n)]
    if said:
        yield m.heading(1, "summary")
        yield Bullets(tuple((Said(n.sentence, n.number, n.condition),) for n in said))


def _headline(found: Numbered) -> bool:
    return any(found.finding.rule == rule for _, rules in HEADLINES for rule in rules)
