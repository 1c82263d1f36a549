"""What was found in a paper, as a document: what was checked, what does not agree, what could not be checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ouhe import text
from ouhe.audit.verdict import CERTAINTIES, Audited, Certainty, Verdict
from ouhe.report.document import Block, Bullets, Cell, Column, Document, Heading, Kind, Paragraph, Table
from ouhe.report.sections import cells

__all__ = ["MOST_OF_A_KIND", "document", "name", "numbered"]

#: So many findings of one kind are told one by one; the others stand in a table.
MOST_OF_A_KIND = 8


def document(audited: Audited, *, version: str, lang: text.Lang | None = None) -> Document:
    """The report of an audit.

    Parameters
    ----------
    audited
        What was found.
    version
        Version of the software, which the report tells.
    lang
        Language of the report; that of the paper file when left out.

    Examples
    --------
    >>> report = document(Audited("A paper", "", "en"), version="1")
    >>> report.title, report.lang
    ('Published numbers checked: A paper', 'en')
    """
    lang = lang or audited.lang
    with text.use(lang):
        blocks = (*_summary(audited), *_verdicts(audited), *_not_checked(audited), *_read(audited, version))
        return Document(
            title=_t("title", title=audited.title),
            lang=lang,
            blocks=tuple(_with_numbers(blocks)),
            about={"software": f"ouhe {version}", "subject": _t("subject")},
        )


def numbered(audited: Audited) -> list[tuple[int, Verdict]]:
    """Findings with their numbers in the report: the surest first, in the order of the checks."""
    return list(enumerate((v for c in CERTAINTIES for v in audited.of(c)), start=1))


def name(verdict: Verdict) -> str:
    """What a finding is called: its check, and what it is about."""
    check = _named(verdict.check)
    return _t("name", check=check, about=text.t("labels.comma").join(verdict.about)) if verdict.about else check


def _t(key: str, /, **values: object) -> str:
    return text.t(f"audit_report.{key}", lang=None, **values)


def _named(check: str) -> str:
    return text.t(f"audit_checks.{check.replace('-', '_')}")


def _paragraph(key: str, /, **values: object) -> Paragraph:
    return Paragraph((_t(key, **values),))


def _summary(audited: Audited) -> Iterator[Block]:
    """What was checked, and how to read the rest."""
    if audited.citation:
        yield Paragraph((_t("citation", citation=audited.citation),), kind="note")
    yield Heading(1, _t("head_summary"), "sec-summary")
    count = sum(c.count for c in audited.checked.values())
    agreed = sum(c.agreed for c in audited.checked.values())
    if audited.verdicts:
        found: dict[str, object] = {c: len(audited.of(c)) for c in CERTAINTIES}
        yield _paragraph("summary_found", count=count, agreed=agreed, verdicts=len(audited.verdicts), **found)
    else:
        yield _paragraph("summary_none" if count else "summary_nothing", count=count)
    if count or audited.verdicts:
        yield _checks(audited)
        yield _paragraph("rounding")


def _checks(audited: Audited) -> Table:
    """One row a check."""
    tally = Counter((v.check, v.certainty) for v in audited.verdicts)
    checks = dict.fromkeys([*audited.checked, *(v.check for v in audited.verdicts)])
    rows = []
    for check in checks:
        done = audited.checked.get(check)
        counts = [done.count, done.agreed] if done else [float("nan")] * 2
        rows.append((cells.words(_named(check)), *map(cells.count, [*counts, *(tally[check, c] for c in CERTAINTIES)])))
    heads: tuple[tuple[str, Kind], ...] = (
        ("check", "wide"),
        *((h, "number") for h in ("checked", "agreed", *CERTAINTIES)),
    )
    return _table("summary", heads, rows, notes=(_t("note_summary"),), source="checks")


def _verdicts(audited: Audited) -> Iterator[Block]:
    """Findings by certainty, each with its sentence, place and arithmetic."""
    if not audited.verdicts:
        return
    yield Heading(1, _t("head_verdicts"), "sec-verdicts")
    for certainty in CERTAINTIES:
        found = [(number, v) for number, v in numbered(audited) if v.certainty == certainty]
        if found:
            yield from _of_one_certainty(certainty, found)


def _of_one_certainty(certainty: Certainty, found: Sequence[tuple[int, Verdict]]) -> Iterator[Block]:
    yield Heading(2, _t(f"head_{certainty}"), f"sec-{certainty}")
    yield Paragraph((_t(f"means_{certainty}"),))
    kinds: dict[tuple[str, str], list[tuple[int, Verdict]]] = {}
    for number, verdict in found:
        kinds.setdefault((verdict.check, verdict.kind), []).append((number, verdict))
    for alike in kinds.values():
        for number, verdict in alike[:MOST_OF_A_KIND]:
            yield from _verdict(number, verdict)
        if len(alike) > MOST_OF_A_KIND:
            yield _many(alike[MOST_OF_A_KIND:])


def _verdict(number: int, verdict: Verdict) -> Iterator[Block]:
    """One finding."""
    yield Heading(3, _t("finding", number=number, name=name(verdict)), f"finding-{number}")
    yield Paragraph((verdict.sentence(),))
    if verdict.arithmetic:
        yield Bullets(tuple((line,) for line in verdict.arithmetic))
    if verdict.where:
        yield Paragraph((_t("places", places=text.t("labels.comma").join(verdict.places())),), kind="note")


def _many(alike: Sequence[tuple[int, Verdict]]) -> Table:
    """Findings of one kind, a row each."""
    heads: tuple[tuple[str, Kind], ...] = (("number", "number"), ("sentence", "wide"), ("place", "wide"))
    rows = [
        (cells.count(n), cells.words(v.sentence()), cells.words(text.t("labels.comma").join(v.places())))
        for n, v in alike
    ]
    first = alike[0][0]
    return _table("many", heads, rows, source="verdicts", anchor=f"many-{first}", check=_named(alike[0][1].check))


def _not_checked(audited: Audited) -> Iterator[Block]:
    if not audited.not_checked:
        return
    yield Heading(1, _t("head_not_checked"), "sec-not-checked")
    rows = [
        (cells.words(_named(check)), cells.words(problem.message()))
        for check, problems in audited.not_checked.items()
        for problem in problems
    ]
    yield _table("not_checked", (("check", "text"), ("reason", "wide")), rows)


def _read(audited: Audited, version: str) -> Iterator[Block]:
    """Files with their digests, and the software."""
    yield Heading(1, _t("head_read"), "sec-read")
    if audited.sources:
        rows = [(cells.words(name), cells.words(digest)) for name, digest in audited.sources.items()]
        yield _table("read", (("file", "wide"), ("digest", "wide")), rows)
    yield _paragraph("software", version=version)


def _table(
    name: str,
    heads: Sequence[tuple[str, Kind]],
    rows: Sequence[tuple[Cell, ...]],
    *,
    notes: tuple[str, ...] = (),
    source: str = "",
    anchor: str = "",
    **said: object,
) -> Table:
    columns = tuple(Column(_t(f"column_{head}"), kind) for head, kind in heads)
    caption = _t(f"caption_{name}", **said)
    return Table(anchor or f"tab-{name.replace('_', '-')}", caption, columns, tuple(rows), notes, source)


def _with_numbers(blocks: Sequence[Block]) -> Iterator[Block]:
    """Sections and tables with their numbers; a finding has its own in its head."""
    first = second = tables = 0
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1:
            first, second = first + 1, 0
            yield replace(block, number=str(first))
        elif isinstance(block, Heading) and block.level == 2:
            second += 1
            yield replace(block, number=f"{first}.{second}")
        elif isinstance(block, Table):
            tables += 1
            yield replace(block, number=str(tables))
        else:
            yield block
