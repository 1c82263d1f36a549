"""How much do weights matter? The coordination degree D of one study under several ways of weighting."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import ouhe

STUDY = Path(__file__).with_name("first-study.yml")
METHODS = ("entropy", "equal", "critic", "variation", "principal", "{method: mean, of: [entropy, critic]}")


def main() -> None:
    """Print D in the last year, a column a method, and how alike the rankings are."""
    degrees = pd.DataFrame(
        {
            method: ouhe.run(STUDY, settings=[f"weights={method}"]).coupling.D.isel(year=-1).to_series()
            for method in METHODS
        }
    )
    print(degrees.round(3).to_string())
    print("\nrank correlation with entropy weights:")
    print(degrees.rank().corr()["entropy"].round(3).to_string())


if __name__ == "__main__":
    main()
