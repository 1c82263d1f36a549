"""Appendix: software, and how to cite it, the methods and the data."""

from __future__ import annotations

from collections.abc import Iterator

from ouhe import text
from ouhe.report import citing
from ouhe.report.document import Block
from ouhe.report.sections.material import Material
from ouhe.results.measured import Measured

__all__ = ["blocks"]


def blocks(m: Material[Measured]) -> Iterator[Block]:
    """Versions, and what to cite."""
    yield m.heading(1, "software")
    versions = [f"{name} {version}" for name, version in m.results.versions.items() if name != "ouhe"]
    seed, own = m.results.settings["seed"], m.results.versions["ouhe"]
    yield m.paragraph("software_used", version=own, others=text.enumerated(versions), seed=seed)
    yield m.paragraph("findings_kept", count=len(m.found))
    yield from citing.citation(m.results, m.results.language).blocks()
