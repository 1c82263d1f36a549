"""How much do weights matter? The coordination degree D of one study under several ways of weighting."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

import ouhe

STUDY = Path(__file__).with_name("first-study.yml")
METHODS = ("entropy", "equal", "critic", "variation", "principal", "{method: mean, of: [entropy, critic]}")


def degrees() -> pd.DataFrame:
    """D in the last year, a row a region and a column a method."""
    runs = {method: ouhe.run(STUDY, settings=[f"weights={method}"]) for method in METHODS}
    return pd.DataFrame({method: run.coupling.D.isel(year=-1).to_series() for method, run in runs.items()})


def main() -> None:
    """Write D, and then how alike the rankings are to that of entropy weights."""
    found = degrees()
    found.to_csv(sys.stdout, sep="\t", float_format="%.3f")
    found.rank().corr()["entropy"].rename("rank correlation").to_csv(sys.stdout, sep="\t", float_format="%.3f")


if __name__ == "__main__":
    main()
