"""What stands at the head: that data are simulated, what the study is, and its main findings."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ouhe import text
from ouhe.report.document import Block, Bullets, Paragraph, Said
from ouhe.report.findings.catalogue import Numbered
from ouhe.report.sections.material import Material
from ouhe.results.measured import Measured

__all__ = ["HEADLINES", "blocks"]

#: What sums a study up, in this order: module, what it is about ("" any, "index" every system), and the beginnings of
#: the rules that will do, any when empty; the first sentence that fits is taken.
HEADLINES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("levels", "index", ("rise", "fall", "steady", "gain", "loss", "level")),
    ("autocorrelation", "index", ("positive", "negative", "both", "none")),
    ("coupling", "", ("high_", "low_high", "low_low")),
    ("levels", "D", ("rise", "fall", "steady", "gain", "loss", "level")),
    ("groups", "D", ("order", "last")),
    ("gaps", "D", ("wider", "narrower", "steady")),
    ("classes", "", ("split", "most_")),
    ("autocorrelation", "D", ("positive", "negative", "both", "none")),
    ("densities", "D", ()),
    ("regions", "D", ("strongest", "crowded")),
    ("obstacles", "index", ("most", "spread", "top_")),
)


def blocks(m: Material[Measured]) -> Iterator[Block]:
    """Notices and main findings."""
    if m.results.simulated:
        yield Paragraph((text.t("labels.simulated"),), "notice")
    said = list(_headlines(m))
    if said:
        yield m.heading(1, "summary")
        yield Bullets(tuple((Said(n.sentence, n.number, n.condition),) for n in said))


def _headlines(m: Material[Measured]) -> Iterator[Numbered]:
    """The first sentence that fits, of every kind of headline and variable."""
    for module, about, rules in HEADLINES:
        for variable in m.systems if about == "index" else [about]:
            about_it = (n for n in m.found if n.module == module and (not variable or n.finding.about == variable))
            fits = (n for n in about_it if not rules or n.name.startswith(rules))
            yield from islice(fits, 1)
