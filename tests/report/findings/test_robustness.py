"""Findings on uncertainty: each turns, or goes, with the numbers."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from ouhe import text
from ouhe.report.findings import robustness
from ouhe.report.findings.finding import Finding, Labels, condition, sentence

REGIONS = [f"R{i}" for i in range(10)]


def own(values: list[float]) -> xr.DataArray:
    return xr.DataArray(values, dims="region", coords={"region": REGIONS[: len(values)], "year": 2022})


def rules(found: list[Finding]) -> list[str]:
    return [f.rule.partition(".")[2] for f in found]


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ([0.95] * 6 + [0.1] * 4, ["classes_certain"]),
        ([0.95] * 5 + [0.1] * 5, []),
        ([0.99] * 4 + [0.49] * 6, ["classes_doubtful"]),
        ([0.7] * 10, []),
    ],
)
def test_most_classes_are_certain_or_doubtful(values: list[float], rule: list[str]) -> None:
    assert rules(list(robustness.classes(own(values)))) == rule


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ([0.93, 0.97, 0.4], ["surest", "least_sure"]),
        ([0.93, 0.94, 0.4], ["none_certain", "least_sure"]),
        ([0.93, 0.97, 0.5], ["surest", "all_likely"]),
    ],
)
def test_the_surest_and_the_least_sure_are_named(values: list[float], rule: list[str]) -> None:
    found = list(robustness.surest(own(values), ["low", "high", "low"], Labels()))
    assert rules(found) == rule
    if rule[0] == "surest":
        with text.use("en"):
            assert sentence(found[0]) == "Most certain is the class of R1 in 2022: high, with probability 0.97."


def last(first: tuple[int, int], width: int) -> xr.Dataset:
    rank = np.arange(1, 11)
    low, high = rank.copy(), np.minimum(rank + width, 12)
    low[0], high[0] = first
    arrays = {"rank": rank, "rank_low": low, "rank_high": np.where(rank > 1, low + width, high)}
    return xr.Dataset({k: ("region", v) for k, v in arrays.items()}, coords={"region": REGIONS, "year": 2022})


@pytest.mark.parametrize(
    ("first", "width", "rule"),
    [
        ((1, 1), 1, ["first_sure", "ranks_stable"]),
        ((1, 3), 1, ["first_unsure", "ranks_stable"]),
        ((1, 1), 2, ["first_sure"]),
        ((1, 3), 3, ["first_unsure", "ranks_move"]),
    ],
)
def test_ranks_are_stable_or_move(first: tuple[int, int], width: int, rule: list[str]) -> None:
    assert rules(list(robustness.ranks(last(first, width), Labels(), 0.9))) == rule


def shares(total: list[float], error: float) -> xr.Dataset:
    names = np.array(["weights", "perturb", "coupling"], dtype=object)
    arrays = {"total": total, "total_error": [error] * 3}
    return xr.Dataset(
        {k: (("choice", "target"), np.array(v, dtype=float)[:, None]) for k, v in arrays.items()},
        coords={"choice": names, "target": ["mean_D"]},
    )


@pytest.mark.parametrize(
    ("total", "error", "rule"),
    [
        ([0.2, 0.7, 0.1], 0.1, ["choice_most"]),
        ([0.2, 0.7, 0.1], 0.25, ["choices_alike"]),
        ([np.nan, np.nan, np.nan], 0.1, []),
    ],
)
def test_a_choice_stands_out_beyond_the_error_of_shares(total: list[float], error: float, rule: list[str]) -> None:
    found = list(robustness.choices(shares(total, error)))
    assert rules(found) == rule
    if rule == ["choice_most"]:
        assert found[0].says["choice"] == text.t("uncertainty.choice_perturb")


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_conditions_state_their_limits(lang: text.Lang) -> None:
    with text.use(lang):
        assert "0.95" in condition("robustness.surest")
        assert "10%" in condition("robustness.ranks_stable")
