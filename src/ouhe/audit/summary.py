"""What was found in a paper, as a few lines for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ouhe import text
from ouhe.audit.report import MOST_OF_A_KIND, name, numbered
from ouhe.audit.verdict import CERTAINTIES, Audited, Verdict

__all__ = ["lines"]


def lines(audited: Audited) -> Iterator[tuple[str, str]]:
    """Lines in the current language, each with the certainty of the finding that begins there, "" elsewhere.

    Parameters
    ----------
    audited
        What was found.

    Examples
    --------
    >>> with text.use("en"):
    ...     [said for _, said in lines(Audited("A paper", "", "en"))]
    ['A paper: 0 numbers or sets of numbers checked, 0 agree; findings: 0 (certain: 0, likely: 0, questions: 0)']
    """
    done = audited.checked.values()
    said: dict[str, object] = {c: len(audited.of(c)) for c in CERTAINTIES}
    said |= {"title": audited.title, "verdicts": len(audited.verdicts)}
    said |= {"count": sum(c.count for c in done), "agreed": sum(c.agreed for c in done)}
    yield "", text.t("audit_report.said_summary", lang=None, **said)
    for verdict, more in _shown(audited):
        yield from _finding(verdict)
        if more:
            yield "", "  " + text.t("audit_report.said_more", count=more)
    if audited.not_checked:
        names = text.t("labels.comma").join(text.t(f"audit_checks.{c.replace('-', '_')}") for c in audited.not_checked)
        yield "", text.t("audit_report.said_not_checked", checks=names)


def _shown(audited: Audited) -> Iterator[tuple[Verdict, int]]:
    """Findings that are shown, with how many of its kind are not shown behind the last of them."""
    kind = {number: (v.certainty, v.check, v.kind) for number, v in numbered(audited)}
    total, seen = Counter(kind.values()), Counter[tuple[str, str, str]]()
    for number, verdict in numbered(audited):
        seen[kind[number]] += 1
        if seen[kind[number]] <= MOST_OF_A_KIND:
            last = seen[kind[number]] == MOST_OF_A_KIND
            yield verdict, total[kind[number]] - MOST_OF_A_KIND if last else 0


def _finding(verdict: Verdict) -> Iterator[tuple[str, str]]:
    where = text.t("labels.comma").join(verdict.places())
    yield verdict.certainty, name(verdict) + (f" [{where}]" if where else "")
    yield "", "  " + verdict.sentence()
    for line in verdict.arithmetic:
        yield "", "    " + line
