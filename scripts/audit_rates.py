"""How far the checker of published tables can be trusted: false alarms, and mistakes found, in random papers.

Random studies are computed by the same functions as every study and printed as papers print them
(``paper_simulation``). Clean papers must raise no finding that is certain or likely. Then mistakes of the kinds that
papers hold are planted, one a paper; a mistake counts as found where a check that is meant for it says so, as certain
or likely.

    python scripts/audit_rates.py [--studies 1000] [--decimals 3] [--only NAME …]

Prints one row a kind of mistake. A thousand studies of everything take about half an hour on two cores; the tests run
some of the same seeds.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from pathlib import Path

import numpy as np
from paper_simulation.mistakes import MISTAKES
from paper_simulation.printing import Paper, Style, printed
from paper_simulation.study import random_study

from ouhe import audit

#: Seeds that are tried for a paper with a mistake that shows; kinds that need a rare study find fewer.
TRIES = 12


@dataclass(frozen=True)
class Outcome:
    """What was found in one paper: (check, kind of finding, certainty) of every finding."""

    seed: int
    found: tuple[tuple[str, str, str], ...]

    @property
    def alarms(self) -> tuple[tuple[str, str, str], ...]:
        """Findings that are no questions."""
        return tuple(f for f in self.found if f[2] != "question")

    def by(self, checks: frozenset[str]) -> str:
        """The greatest certainty with which one of some checks found something, "" for none."""
        said = {certainty for check, _, certainty in self.found if check in checks}
        return next((c for c in audit.CERTAINTIES[:2] if c in said), "")


def audited(paper: Paper, seed: int) -> Outcome:
    """Write a paper down, and check it."""
    folder = Path(tempfile.mkdtemp())
    try:
        verdicts = audit.run(paper.write(folder)).verdicts
    finally:
        shutil.rmtree(folder)
    return Outcome(seed, tuple((v.check, v.kind, v.certainty) for v in verdicts))


def clean(seed: int, *, decimals: int = 3) -> Outcome:
    """The paper of a seed as it should be."""
    return audited(printed(random_study(seed), Style.random(seed, decimals=decimals)), seed)


def planted(number: int, *, name: str, decimals: int = 3) -> Outcome | None:
    """The paper of a number with a mistake planted in it; None where none of its seeds lets the mistake show."""
    for seed in islice(count(number * TRIES), TRIES):
        rng = np.random.default_rng([seed, 3])
        paper = MISTAKES[name].plant(random_study(seed), Style.random(seed, decimals=decimals), rng)
        if paper is not None:
            return audited(paper, seed)
    return None


def rows(studies: int, decimals: int, names: list[str], pool: ProcessPoolExecutor) -> Iterator[str]:
    """Lines of the table."""
    if not names:
        done = list(pool.map(partial(clean, decimals=decimals), range(studies), chunksize=10))
        alarmed = [o for o in done if o.alarms]
        asked = Counter(kind for o in done for kind in {k for _, k, c in o.found if c == "question"})
        yield f"clean papers: {len(done)}, with a false alarm: {len(alarmed)} {alarmed[:5] or ''}"
        yield f"questions in clean papers: {dict(asked)}"
        yield ""
    yield "| mistake | papers | found | of these certain | missed, seeds |"
    yield "|---|---:|---:|---:|---|"
    for name in names or list(MISTAKES):
        made = [o for o in pool.map(partial(planted, name=name, decimals=decimals), range(studies), chunksize=5) if o]
        how = [(o.seed, o.by(MISTAKES[name].checks)) for o in made]
        found, certain = sum(bool(h) for _, h in how), sum(h == "certain" for _, h in how)
        missed = [seed for seed, h in how if not h][:6]
        share, sure = (f"{n / max(len(made), 1):.1%}" for n in (found, certain))
        yield f"| {MISTAKES[name].says} | {len(made)} | {share} | {sure} | {', '.join(map(str, missed))} |"


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser()
    options.add_argument("--studies", type=int, default=1000)
    options.add_argument("--decimals", type=int, default=3)
    options.add_argument("--only", nargs="*", default=[], choices=list(MISTAKES))
    asked = options.parse_args()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for line in rows(asked.studies, asked.decimals, asked.only, pool):
            print(line, flush=True)


if __name__ == "__main__":
    main()
