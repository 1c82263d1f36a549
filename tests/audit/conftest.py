"""A paper file typed in a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ouhe import audit
from ouhe.audit import Audited, Verdict

HEAD = """\
title: A paper
lang: en
regions: [A, B, C, D]
years: [2010, 2012]
systems: [S, P]
"""


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Audited]:
    """Audits a paper file: its text below a usual head, and files beside it."""

    def audited(text: str, *, head: str = HEAD, files: Mapping[str, str] | None = None) -> Audited:
        for name, content in (files or {}).items():
            (tmp_path / name).write_text(content, "utf-8")
        path = tmp_path / "paper.yml"
        path.write_text(head + text, "utf-8")
        return audit.run(path)

    return audited


@pytest.fixture
def kinds(run: Callable[..., Audited]) -> Callable[..., list[tuple[str, str]]]:
    """Kinds and certainties of what is found, in order; what is found must be readable in both languages."""

    def found(text: str, **options: object) -> list[tuple[str, str]]:
        verdicts: tuple[Verdict, ...] = run(text, **options).verdicts
        assert all(v.sentence("zh") and v.sentence("en") and v.about for v in verdicts)
        return [(v.kind, v.certainty) for v in verdicts]

    return found
