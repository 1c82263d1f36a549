"""Time 1,000 draws of every choice of a study, beside a plain loop that runs the study once a draw.

Run ``python benchmarks/uncertainty.py``. The panel has 31 regions, 13 years and 60 indicators in two systems, some
cells missing; every choice is drawn, weights are resampled and perturbed. Both start from the same levels and give the
same D, which is checked before anything is timed. The loop runs a few of the draws, and its time is that of as many as
asked for, which is said. The whole analysis adds shares of variance, each choice alone, and quantiles. Memory is the
peak of a fresh process.
"""

from __future__ import annotations

import argparse
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

import ouhe
from ouhe.compute import robust
from ouhe.results.uncertainty import CHOICES
from ouhe.study.check import Checked, check
from ouhe.study.measuring import coupled, measure
from ouhe.study.uncertainty.combining import combinable
from ouhe.study.uncertainty.evaluating import Evaluation, Samples
from ouhe.study.uncertainty.offered import offered, with_setting

REGIONS, YEARS, INDICATORS, DRAWS = 31, 13, 60, 1000

#: Choices that the loop can run by itself, a study each; what is sampled inside the weights is no setting of a study.
OF_A_STUDY = tuple(name for name in CHOICES if name not in ("resample", "perturb", "contribution"))


def study_in(folder: Path) -> Path:
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
        f"analyses: {{uncertainty: {{draws: {DRAWS}, choices: [{', '.join(CHOICES)}]}}}}\n",
        "utf-8",
    )
    return folder / "study.yml"


def evaluation(checked: Checked, choices: tuple[str, ...]) -> Evaluation:
    """The study, ready to be drawn."""
    study, x = checked.file.study, checked.prepared.x
    samples = Samples.drawn(DRAWS, x, len(study.systems), np.random.default_rng(2))
    return Evaluation(study, combinable(study, offered(checked, choices, draws=DRAWS)), samples, 0.2, 0.2)


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


def told(name: str, times: list[float]) -> None:
    """Print a median with its range."""
    print(f"{name:<62}{statistics.median(times):8.2f} s   ({min(times):.2f} to {max(times):.2f})")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--whole", help="run this study and print the peak memory in MiB")
    arguments = parser.parse_args()
    if arguments.whole:
        before = time.perf_counter()
        ouhe.run(arguments.whole)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(time.perf_counter() - before, peak)
        return
    print(f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}")
    print(f"{REGIONS} regions × {YEARS} years × {INDICATORS} indicators, {DRAWS:,} draws")
    with tempfile.TemporaryDirectory() as folder:
        file = study_in(Path(folder))
        checked = check(file)
        some = 10
        e = evaluation(checked, OF_A_STUDY)
        drawn = robust.drawn({c: e.offered.drawn[c] for c in CHOICES}, draws=DRAWS, rng=np.random.default_rng(3))
        few = [{c: int(drawn.sel(choice=c)[i]) for c in CHOICES} for i in range(some)]
        for ours, theirs in zip(together(e, drawn[:some]), loop(e, few), strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-12)
        full = evaluation(checked, CHOICES)
        every = robust.drawn({c: full.offered.drawn[c] for c in CHOICES}, draws=DRAWS, rng=np.random.default_rng(3))
        ours, theirs, all_of_it, ratios = [], [], [], []
        for _ in range(arguments.repeats):
            start = time.perf_counter()
            together(e, drawn)
            ours.append(time.perf_counter() - start)
            start = time.perf_counter()
            loop(e, few)
            theirs.append((time.perf_counter() - start) * DRAWS / some)
            start = time.perf_counter()
            together(full, every)
            all_of_it.append(time.perf_counter() - start)
            ratios.append(theirs[-1] / ours[-1])
        told("draws of the choices that a study can name", ours)
        told(f"the same by a loop over studies ({some} run)", theirs)
        print(f"{'times as fast':<62}{statistics.median(ratios):8.1f}     ({min(ratios):.1f} to {max(ratios):.1f})")
        told("draws of everything, weights resampled and perturbed", all_of_it)
        whole = subprocess.run(
            [sys.executable, __file__, "--whole", str(file)], capture_output=True, text=True, check=True
        )
        seconds, peak = map(float, whole.stdout.split())
        print(f"{'the whole study with its analysis, a fresh process':<62}{seconds:8.2f} s   peak {peak:.0f} MiB")


if __name__ == "__main__":
    main()
