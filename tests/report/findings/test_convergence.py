"""Convergence: the numbers are turned, and the sentences turn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
import xarray as xr

from ouhe import text
from ouhe.report.findings import convergence
from ouhe.report.findings.finding import Finding, Labels, condition, numbers, sentence

NAMES = Labels(groups={"nation": "All regions", "e": "East", "w": "West"})
NAN = float("nan")


def rules(found: Iterable[Finding]) -> list[str]:
    return [f.rule.removeprefix("convergence.") for f in found]


def dispersed(slopes: list[list[float]], p: list[list[float]], alike: float = 0.25) -> list[Finding]:
    """σ of all regions and two groups: slope and p by group, of the variation and of the logarithms."""
    groups = ["nation", "e", "w"][: len(slopes)]
    at = {"variable": "D", "group": groups}
    trends = xr.Dataset(
        {k: (("group", "measure"), v) for k, v in (("slope", slopes), ("p_value", p))},
        at | {"measure": ["variation", "sd_log"]},
    )
    trends["autocorrelation"] = xr.full_like(trends["slope"], alike)
    years = {"variation": [[0.5, 0.4]] * len(groups), "sd_log": [[0.6, 0.7]] * len(groups)}
    measures = xr.Dataset({k: (("group", "year"), v) for k, v in years.items()}, at | {"year": [2010, 2020]})
    return list(convergence.dispersion(measures, trends, NAMES))


def grown(model: str = "absolute", **given: Any) -> list[Finding]:
    plain = {"beta": -0.3, "p_value": 0.001, "random_walk": -0.2, "half_life": 2.0, "regions": 31} | given
    plain = {"high": plain["beta"] + 0.05} | plain
    return list(convergence.growth(xr.Dataset(plain, {"variable": "D", "model": model}), NAMES))


def within(beta: list[float], p: list[float], regions: list[int]) -> list[Finding]:
    told = {"beta": beta, "p_value": p, "regions": regions, "random_walk": [-0.2] * 3, "high": [b + 0.05 for b in beta]}
    made = xr.Dataset({k: ("group", v) for k, v in told.items()}, {"variable": "D", "group": ["nation", "e", "w"]})
    return list(convergence.groups(made, NAMES))


def beside(rho: float, p: float, *, errors: bool = False) -> list[Finding]:
    made = xr.Dataset({"rho": rho, "rho_p": p}, {"variable": "D"})
    return list(convergence.neighbours(made, NAMES, errors=errors))


def clubbed(numbers: list[float], sizes: list[float], t: float) -> list[Finding]:
    told = {"club": ("region", numbers), "size": ("club_number", sizes), "all_t": t}
    return list(convergence.clubs(xr.Dataset(told, {"variable": "D"}), NAMES))


def everything() -> list[Finding]:
    found = []
    for slope in (-0.1, 0.1):
        found += dispersed([[slope, -slope], [slope, 0], [slope, 0]], [[0.01, 0.01]] * 3)
        found += dispersed([[slope, slope]], [[0.01, 0.01]], alike=0.5)
    found += dispersed([[0.1, 0.1]], [[0.3, 0.3]])
    for model in ("absolute", "conditional", "cross_section"):
        found += grown(model) + grown(model, half_life=NAN, beta=-1.5)
        found += grown(model, beta=0.1, half_life=NAN) + grown(model, p_value=0.2)
    found += grown(beta=-0.1)
    found += within([0, -0.3, 0.3], [0.01] * 3, [31, 10, 12])
    for errors in (False, True):
        found += beside(0.3, 0.01, errors=errors) + beside(-0.3, 0.01, errors=errors) + beside(0.3, 0.2, errors=errors)
    found += clubbed([1.0, 1.0], [2.0], 1.0) + clubbed([0.0, 0.0], [NAN], -3.0)
    return found + clubbed([1.0, 1.0, 0.0], [2.0], -3.0) + clubbed([1.0, 1.0, 2.0, 2.0], [2.0, 2.0], -3.0)


def test_every_rule_is_produced_and_told_in_both_languages() -> None:
    found = everything()
    named = {k for k in text.texts("findings_convergence", "en") if not k.endswith("_if")}
    assert {f.rule.removeprefix("convergence.") for f in found} == named
    for lang in text.LANGUAGES:
        with text.use(lang):
            for f in found:
                assert sentence(f)[0] not in "βσΒΣ"
                assert condition(f.rule)
                assert numbers(f)


def test_dispersion_turns_with_its_slope() -> None:
    assert rules(dispersed([[-0.1, -0.1]], [[0.04, 0.04]])) == ["sigma_falls"]
    assert rules(dispersed([[0.1, 0.1]], [[0.04, 0.04]])) == ["sigma_rises"]
    assert rules(dispersed([[0.1, 0.1]], [[0.05, 0.05]])) == ["sigma_level"]
    assert rules(dispersed([[0.1, 0.1]], [[NAN, 0.01]])) == []


def test_measures_that_disagree_are_both_told_with_their_own_numbers() -> None:
    first, second = dispersed([[-0.1, 0.2]], [[0.01, 0.01]])
    assert rules([first, second]) == ["sigma_falls", "logs_rise"]
    assert (first.says["first"], first.says["last"]) == (0.5, 0.4)
    assert (second.says["first"], second.says["last"]) == (0.6, 0.7)
    assert rules(dispersed([[0.1, 0.2]], [[0.3, 0.01]])) == ["sigma_level", "logs_rise"]


def test_groups_are_named_by_the_way_they_go() -> None:
    found = dispersed([[0, 0], [-0.1, 0], [0.1, 0]], [[0.3, 0.3], [0.01, 0.3], [0.01, 0.3]])
    told = {f.rule: f.says["groups"] for f in found if "groups" in f.says}
    assert told == {"convergence.groups_fall": "East", "convergence.groups_rise": "West"}


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({}, "beta_converges"),
        ({"high": -0.21}, "beta_converges"),
        ({"high": -0.2}, "beta_within_bias"),
        ({"high": -0.1}, "beta_within_bias"),
        ({"beta": -0.2}, "beta_within_bias"),
        ({"beta": -0.1}, "beta_within_bias"),
        ({"p_value": 0.05}, "beta_none"),
        ({"beta": 0.1}, "beta_diverges"),
        ({"half_life": NAN}, "beta_overshoots"),
    ],
)
def test_growth_turns_with_beta_and_its_bias(given: dict[str, float], rule: str) -> None:
    assert rules(grown(**given)) == [rule]


def test_a_trend_whose_residuals_are_alike_is_not_taken_as_proven() -> None:
    assert rules(dispersed([[-0.1, -0.1]], [[0.01, 0.01]], alike=0.26)) == ["sigma_falls_unsure"]
    assert rules(dispersed([[0.1, 0.1]], [[0.01, 0.01]], alike=0.26)) == ["sigma_rises_unsure"]
    assert rules(dispersed([[0.1, 0.1]], [[0.2, 0.2]], alike=0.26)) == ["sigma_level"]
    assert rules(dispersed([[0.1, 0], [0.1, 0], [-0.1, 0]], [[0.2, 1]] + [[0.01, 1]] * 2, alike=0.26)) == [
        "sigma_level"
    ]
    assert rules(dispersed([[-0.1, -0.1]], [[0.01, 0.01]], alike=NAN)) == ["sigma_falls"]  # a perfect line


def test_without_a_test_nothing_is_said() -> None:
    assert grown(p_value=NAN) == []
    assert beside(0.1, NAN) == []
    assert clubbed([NAN, NAN], [NAN], NAN) == []


def test_groups_with_few_regions_are_not_told_of() -> None:
    assert rules(within([0, -0.3, 0.3], [0.01] * 3, [31, 9, 9])) == []
    assert rules(within([0, -0.1, 0.3], [0.01] * 3, [31, 10, 12])) == ["within_diverge"]
    assert rules(within([0, -0.3, 0.3], [0.01, 0.01, 0.2], [31, 10, 12])) == ["within_converge"]


def test_clubs_turn_with_the_test() -> None:
    assert rules(clubbed([1.0, 1.0], [2.0], -1.64)) == ["one_club"]
    (found,) = clubbed([1.0, 1.0, 0.0], [2.0, NAN], -1.65)
    assert found.rule == "convergence.clubs"
    assert (found.says["count"], found.says["outside"]) == (1, 1)


def test_p_below_a_thousandth_is_told_as_such() -> None:
    assert grown(p_value=1e-9)[0].says["tested"] == "p < 0.001"
    assert np.isclose(grown(p_value=0.02)[0].says["p"], 0.02)
