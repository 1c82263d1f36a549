"""Time 1,000 draws of every choice of a study, beside a plain loop that runs the study once a draw.

Run ``python benchmarks/uncertainty.py``. The panel has 31 regions, 13 years and 60 indicators in two systems, some
cells missing; every choice is drawn, weights are resampled and perturbed. Both start from the same levels and give the
same D, which is checked before anything is timed. The loop runs a few of the draws, and its time is that of as many as
asked for, which is said. The whole analysis adds shares of variance, each choice alone, and quantiles. Memory is the
peak of a fresh process.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from timing import Row, fresh, main, most_resident, rows, turns

import ouhe
from ouhe.compute import robust
from ouhe.results.uncertainty import CHOICES
from ouhe.study.check import Checked, check
from ouhe.study.measuring import coupled, measure
from ouhe.study.uncertainty.combining import combinable
from ouhe.study.uncertainty.evaluating import Evaluation, Samples
from ouhe.study.uncertainty.offered import offered, with_setting

REGIONS, YEARS, INDICATORS = 31, 13, 60

#: Draws that the loop runs; its time is that of as many as are asked for.
LOOPED = 10

#: Choices that the loop can run by itself, a study each; what is sampled inside the weights is no setting of a study.
OF_A_STUDY = tuple(name for name in CHOICES if name not in ("resample", "perturb", "contribution"))


def study_in(folder: Path, draws: int) -> Path:
    """A study file with its panel."""
    rng = np.random.default_rng(1)
    names, years = [f"R{i}" for i in range(REGIONS)], range(2010, 2010 + YEARS)
    ids = [f"i{k}" for k in range(INDICATORS)]
    rows = pd.DataFrame([(r, y) for r in names for y in years], columns=["region", "year"])
    values = rng.lognormal(sigma=0.7, size=(len(rows), INDICATORS))
    values[rng.random(values.shape) < 0.01] = np.nan
    pd.concat([rows, pd.DataFrame(values, columns=ids)], axis=1).to_csv(folder / "panel.csv", index=False)
    pd.DataFrame({"id": names}).to_csv(folder / "regions.csv", index=False)
    tree = {s: dict.fromkeys(ids[part], "+") for s, part in (("A", slice(0, 30)), ("B", slice(30, 60)))}
    (folder / "study.yml").write_text(
        f"title: Timing\nlang: en\nregions: regions.csv\nyears: [2010, {2009 + YEARS}]\ndata: panel.csv\n"
        f"missing: [linear, indicator-mean]\nsystems: {tree}\ngroups: null\nfigures: none\nreport: none\n"
        f"analyses: {{uncertainty: {{draws: {draws}, choices: [{', '.join(CHOICES)}]}}}}\n",
        "utf-8",
    )
    return folder / "study.yml"


def evaluation(checked: Checked, choices: tuple[str, ...], draws: int) -> Evaluation:
    """The study, ready to be drawn."""
    study, x = checked.file.study, checked.prepared.x
    samples = Samples.drawn(draws, x, len(study.systems), np.random.default_rng(2))
    return Evaluation(study, combinable(study, offered(checked, choices, draws=draws)), samples, 0.2, 0.2)


def loop(e: Evaluation, levels: list[dict[str, int]]) -> list[np.ndarray]:
    """D of every draw, each a study of its own."""
    found = []
    for level in levels:
        changed = e.study
        for name in ("normalise", "weights", "aggregate", "rescale", "coupling"):
            changed = with_setting(changed, name, e.offered.values[name][level[name]])
        x, left = e.offered.values["missing"][level["missing"]], e.offered.values["leave-out"][level["leave-out"]]
        kept = [i for i in range(x.sizes["indicator"]) if i != left]
        found.append(
            coupled(measure(x.isel(indicator=kept), changed).index, changed).D.transpose("region", "year").values
        )
    return found


def together(e: Evaluation, drawn: object) -> np.ndarray:
    """D of all draws."""
    return np.concatenate([block.D.values for block in e(drawn)])  # type: ignore[arg-type]


def alone(study: str) -> dict[str, float]:
    """How long a whole study with its analysis takes in this process, and the peak of memory."""
    start = time.perf_counter()
    ouhe.run(study)
    return {"seconds": time.perf_counter() - start, "peak": most_resident()}


def measured(asked: argparse.Namespace) -> Iterator[Row]:
    """The draws beside the loop, the draws of everything, and the whole study in a process of its own."""
    draws = 100 if asked.quick else 1000
    size = {"regions": REGIONS, "years": YEARS, "indicators": INDICATORS, "draws": draws}
    with tempfile.TemporaryDirectory() as folder:
        file = study_in(Path(folder), draws)
        checked = check(file)
        e = evaluation(checked, OF_A_STUDY, draws)
        drawn = robust.drawn({c: e.offered.drawn[c] for c in CHOICES}, draws=draws, rng=np.random.default_rng(3))
        few = [{c: int(drawn.sel(choice=c)[i]) for c in CHOICES} for i in range(LOOPED)]
        for ours, theirs in zip(together(e, drawn[:LOOPED]), loop(e, few), strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-12)
        full = evaluation(checked, CHOICES, draws)
        every = robust.drawn({c: full.offered.drawn[c] for c in CHOICES}, draws=draws, rng=np.random.default_rng(3))
        calls = {
            "ouhe": lambda: together(e, drawn),
            "loop": lambda: loop(e, few),
            "everything": lambda: together(full, every),
        }
        taken = turns(calls, 1 if asked.quick else 3)
        taken["loop"] = [seconds * draws / LOOPED for seconds in taken["loop"]]
        everything = taken.pop("everything")
        figures, note = {"loop": {"looped": LOOPED}}, {"loop": "looped"}
        yield from rows("draws", size, taken, figures=figures, note=note)
        yield from rows("everything", size, {"ouhe": everything})
        whole = fresh(__file__, str(file))
        yield from rows("whole", size, {"ouhe": [whole["seconds"]]}, peak={"ouhe": whole["peak"]})


if __name__ == "__main__":
    main(__doc__, measured, packages=("numpy", "xarray", "SALib"), alone=alone)
