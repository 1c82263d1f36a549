"""Whether the checker can be trusted: random studies, printed as papers print them, clean or with a mistake planted.

Some of the seeds of ``python scripts/audit_rates.py``, which does a thousand of everything: too long for every run.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"

CLEAN, PLANTED = 150, 8

MISTAKES = (
    "weight", "dimension-weight", "ln n", "ln T", "prints ln n", "not reversed", "P·W", "index", "D", "rescaled",
    "rescaled, means", "contribution", "C without k", "C above 1", "C squared", "class", "lag", "rank", "group mean",
    "nation mean", "sentence", "periods", "p", "stars", "z", "matrix",
)  # fmt: skip


@pytest.fixture(scope="module")
def rates() -> ModuleType:
    if not SCRIPTS.is_dir():
        pytest.skip("the scripts are not here: this is an installed package")
    sys.path.insert(0, str(SCRIPTS))
    try:
        return importlib.import_module("audit_rates")
    finally:
        sys.path.remove(str(SCRIPTS))


def test_every_kind_of_mistake_is_tried(rates: ModuleType) -> None:
    assert set(MISTAKES) == set(rates.MISTAKES)


@pytest.mark.parametrize("decimals", [2, 3, 4])
def test_clean_papers_raise_no_alarm(rates: ModuleType, decimals: int) -> None:
    alarms = [o for o in (rates.clean(s, decimals=decimals) for s in range(CLEAN // 3)) if o.alarms]
    assert alarms == []


@pytest.mark.parametrize("name", MISTAKES)
def test_a_planted_mistake_is_found(rates: ModuleType, name: str) -> None:
    made = [o for o in (rates.planted(n, name=name) for n in range(PLANTED)) if o]
    assert len(made) >= PLANTED // 2
    found = [o.seed for o in made if o.by(rates.MISTAKES[name].checks)]
    assert len(found) >= 0.95 * len(made), f"seeds {sorted({o.seed for o in made} - set(found))}"
