"""The same study under other choices: laws of the table, roles swapped, printed formulas, and what cannot be had."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import ouhe
from ouhe.errors import OuheWarning, heard
from ouhe.output import scaffold
from ouhe.results.conventions import STEPS, Conventions, Row
from ouhe.results.coupling import Coupling
from ouhe.study.check import check
from ouhe.study.conventions import conventions
from ouhe.study.measuring import coupled, measure
from ouhe.study.methods import METHODS

STEPS_TO_D = STEPS[:7]
NUMBERS = (
    "mean_last",
    "mean",
    "change",
    "classes_changed",
    "classes_changed_all",
    "rank_correlation",
    "moran",
    "z",
    "p",
)

STUDY = """\
title: A study
lang: en
regions: regions.csv
years: {{only: [{years}]}}
data: {{path: panel.csv, layout: long}}
systems: {systems}
groups: null
figures: none
"""


def folder_of(
    folder: Path, *, n: int = 6, years: int = 3, systems: int = 2, regions: str = "path", seed: int = 1, extra: str = ""
) -> Path:
    """A study of n regions in a row, two indicators a system; `regions`: what is known of where they are."""
    rng = np.random.default_rng(seed)
    names, at = [f"R{i}" for i in range(n)], range(2001, 2001 + years)
    tree = {f"S{k}": {f"a{k}": "+", f"b{k}": "-" if k == 0 else "+"} for k in range(systems)}
    series = [i for branch in tree.values() for i in branch]
    rows = pd.DataFrame(list(itertools.product(names, at)), columns=["region", "year"])
    rows[series] = rng.lognormal(mean=np.arange(len(series)), sigma=0.7, size=(len(rows), len(series)))
    table = pd.DataFrame({"id": names})
    if regions in ("path", "borders"):
        table["neighbours"] = ["|".join(names[j] for j in (i - 1, i + 1) if 0 <= j < n) for i in range(n)]
    if regions in ("path", "points"):
        table["longitude"], table["latitude"] = rng.uniform(100, 110, n), rng.uniform(25, 35, n)
    folder.mkdir(exist_ok=True)
    table.to_csv(folder / "regions.csv", index=False)
    rows.to_csv(folder / "panel.csv", index=False)
    said = STUDY.format(years=", ".join(map(str, at)), systems=tree).replace("'", '"')
    (folder / "study.yml").write_text(said + extra, "utf-8")
    return folder / "study.yml"


def coupled_and_found(study: Path, *settings: str) -> tuple[Coupling, Conventions]:
    ready = check(study, settings=settings)
    with heard():
        measurement = measure(ready.prepared.x, ready.file.study)
        coupling = coupled(measurement.index, ready.file.study)
    return coupling, conventions(ready, measurement, coupling)


def found_for(study: Path, *settings: str) -> Conventions:
    return coupled_and_found(study, *settings)[1]


def by_choice(found: Conventions, step: str) -> dict[str, Row]:
    return {row.choice: row for row in found.steps[step]}


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return folder_of(tmp_path / "study")


@pytest.fixture(scope="module")
def china(tmp_path_factory: pytest.TempPathFactory, quickened: Callable[[Path], Path]) -> Path:
    return quickened(scaffold.demo(tmp_path_factory.mktemp("china"), lang="en"))


@pytest.fixture(scope="module")
def of_china(china: Path) -> Conventions:
    return found_for(china)


def test_every_step_of_the_method_has_the_studys_own_choice_first_and_once(of_china: Conventions) -> None:
    assert tuple(of_china.steps) == STEPS
    for rows in of_china.steps.values():
        assert [row.chosen for row in rows] == [True] + [False] * (len(rows) - 1)
        assert len(rows) > 1
        assert len({row.label.text() for row in rows}) == len(rows)


@given(seed=st.integers(0, 30), years=st.integers(1, 4), systems=st.integers(2, 4), n=st.integers(4, 7))
def test_the_studys_own_choice_changes_nothing_and_every_step_tells_the_same_of_it(
    tmp_path_factory: pytest.TempPathFactory, seed: int, years: int, systems: int, n: int
) -> None:
    path = folder_of(tmp_path_factory.mktemp("law") / "s", n=n, years=years, systems=systems, seed=seed)
    found = found_for(path)
    own = [found.chosen(step) for step in found.steps]
    for row in own:
        assert (row.change, row.classes_changed, row.classes_changed_all) == (0, 0, 0)
        assert row.rank_correlation == pytest.approx(1, abs=1e-14)
        assert [getattr(row, k) for k in NUMBERS] == [getattr(own[0], k) for k in NUMBERS]
    for row in found.rows:
        assert bool(row.refusals) == np.isnan(row.mean_last)
        if not row.refusals:
            assert 0 <= row.classes_changed <= n
            assert row.classes_changed <= row.classes_changed_all <= n * years
            assert -1 <= round(row.rank_correlation, 12) <= 1
            assert row.change == pytest.approx(row.mean_last - own[0].mean_last, abs=1e-14)


ROLES = [
    ("normalise", "minmax_panel", "minmax_year", "normalise={method: minmax, over: year}"),
    ("normalise", "minmax_panel", "vector_panel", "normalise=vector"),
    ("weights", "entropy", "equal", "weights=equal"),
    ("weights", "entropy", "critic", "weights=critic"),
    ("weights", "entropy", "principal", "weights=principal"),
    ("weights", "entropy", "variation", "weights=variation"),
    ("weights", "entropy", "mean_critic_entropy", "weights={method: mean, of: [critic, entropy]}"),
    ("denominator", "cells", "regions", "weights={method: entropy, denominator: regions}"),
    ("offset", "0", "0.0001", "weights={method: entropy, offset: 0.0001}"),
    ("aggregate", "linear", "shares", "aggregate=shares"),
    ("aggregate", "linear", "topsis", "aggregate=topsis"),
    ("aggregate", "linear", "geometric", "aggregate={method: geometric, offset: 0.0001}"),
    ("rescale", "none", "0.01_0.99", "coupling={rescale: [0.01, 0.99]}"),
    ("coupling", "standard", "wang", "coupling=wang"),
    ("coupling", "standard", "fan", "coupling=fan"),
    ("statistic", "randomisation", "normality", "analyses={moran: {variance: normality}}"),
    ("neighbours", "contiguity", "k-nearest", "analyses={moran: {neighbours: k-nearest}}"),
]


@pytest.fixture(scope="module")
def seven(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Coupling, Conventions]:
    """A study of seven regions, what coupling gave, and its table."""
    path = folder_of(tmp_path_factory.mktemp("seven") / "s", n=7)
    return path, *coupled_and_found(path)


@pytest.mark.parametrize(("step", "own", "other", "setting"), ROLES)
def test_a_study_that_chooses_the_alternative_swaps_the_roles(
    seven: tuple[Path, Coupling, Conventions], step: str, own: str, other: str, setting: str
) -> None:
    path, base, one = seven
    coupling, two = coupled_and_found(path, setting)
    assert (one.chosen(step).choice, two.chosen(step).choice) == (own, other)
    here, there, chosen = by_choice(one, step)[other], by_choice(two, step)[own], two.chosen(step)
    # the row of the alternative tells what the study that chooses it gives
    last = coupling.D.isel(year=-1)
    assert here.mean_last == pytest.approx(float(last.mean()), rel=1e-12)
    assert here.mean == pytest.approx(float(coupling.D.mean()), rel=1e-12)
    moved = coupling.level != base.level
    assert (here.classes_changed, here.classes_changed_all) == (int(moved.isel(year=-1).sum()), int(moved.sum()))
    spearman = stats.spearmanr(last, base.D.isel(year=-1)).statistic
    assert here.rank_correlation == pytest.approx(spearman, abs=1e-12)
    assert [here.moran, here.z, here.p] == pytest.approx([chosen.moran, chosen.z, chosen.p], rel=1e-9)
    # and the other way round
    assert there.mean_last == pytest.approx(one.chosen(step).mean_last, rel=1e-12)
    assert there.change == pytest.approx(-here.change, abs=1e-14)
    assert (there.classes_changed, there.classes_changed_all) == (here.classes_changed, here.classes_changed_all)
    assert there.rank_correlation == pytest.approx(here.rank_correlation, abs=1e-12)


@pytest.mark.parametrize("aggregate", ["topsis", "shares", "{method: geometric, offset: 0.01}"])
def test_other_weights_go_through_the_studys_own_aggregation(study: Path, aggregate: str) -> None:
    here = by_choice(found_for(study, f"aggregate={aggregate}"), "weights")
    for choice in ("equal", "variation"):
        direct = found_for(study, f"aggregate={aggregate}", f"weights={choice}").chosen("weights")
        assert here[choice].mean == pytest.approx(direct.mean, rel=1e-12)
        assert here[choice].moran == pytest.approx(direct.moran, rel=1e-9)


def test_moran_of_every_row_is_that_of_the_analysis(study: Path) -> None:
    asked = "analyses={moran: {of: D, permutations: 0, within_groups: false}}"
    for setting in ("coupling=fan", "weights=critic"):
        (step, choice) = setting.split("=")
        row = by_choice(found_for(study), step)[choice]
        last = ouhe.run(study, settings=[asked, setting]).tables()["moran"].iloc[-1]
        assert [row.moran, row.z, row.p] == pytest.approx([last["I"], last["z"], last["p"]], rel=1e-9)


def test_a_case_worked_by_hand(tmp_path: Path) -> None:
    """Two systems of one indicator each, one year: U are 0, 0.25, 0.75, 1 and 0, 0.75, 0.25, 1."""
    path = folder_of(tmp_path / "s", n=4, years=1)
    (path.parent / "panel.csv").write_text(
        "region,year,x,y\nR0,2001,0,0\nR1,2001,1,3\nR2,2001,3,1\nR3,2001,4,4\n", "utf-8"
    )
    said = path.read_text("utf-8").split("systems:")[0] + "systems: {A: {x: +}, B: {y: +}}\ngroups: null\n"
    path.write_text(said, "utf-8")
    found = found_for(path)
    # C = 2√(0.25·0.75) / 1 = 0.8660, T = 0.5, D = 0.6580 in the two regions between; 0 and 1 at the ends
    between = np.sqrt(2 * np.sqrt(0.1875) * 0.5)
    assert found.chosen("coupling").mean_last == pytest.approx((0 + 2 * between + 1) / 4)
    forms = by_choice(found, "coupling")
    # Fan: C = 1 − 0.5; Wang: C = √(0.5 · 1/3)
    assert forms["fan"].mean_last == pytest.approx((2 * np.sqrt(0.25) + 1) / 4)
    assert forms["wang"].mean_last == pytest.approx((2 * np.sqrt(np.sqrt(0.5 / 3) * 0.5) + 1) / 4)
    # nine classes: 0.6580 stands in (0.6, 0.7], Fan's 0.5 in (0.4, 0.5] and Wang's 0.4518 too
    assert (forms["fan"].classes_changed, forms["wang"].classes_changed) == (2, 2)
    assert forms["fan"].rank_correlation == pytest.approx(1)
    # D along the path R0 R1 R2 R3, with rows that sum to 1
    D = np.array([0, between, between, 1]) - (2 * between + 1) / 4
    lag = [D[1], (D[0] + D[2]) / 2, (D[1] + D[3]) / 2, D[2]]
    assert found.chosen("coupling").moran == pytest.approx(D @ lag / (D @ D))
    assert found.chosen("statistic").moran == found.chosen("coupling").moran
    # one year: ln(nT) is ln n, and the panel is the year
    assert by_choice(found, "denominator")["regions"].change == 0
    assert by_choice(found, "normalise")["minmax_year"].change == 0


def test_the_printed_formulas_do_what_the_method_says_of_them(china: Path, of_china: Conventions) -> None:
    printed = by_choice(of_china, "denominator")["regions"]
    assert {w.key for w in printed.warnings} == {"compute.entropy_regions", "compute.entropy_above_one"}
    ready = check(china)
    study = ready.file.study.replace(weights={"method": "entropy", "denominator": "regions"})
    with heard():
        entropy = measure(ready.prepared.x, study).entropy
    own = measure(ready.prepared.x, ready.file.study).entropy
    assert float(own.max()) <= 1
    n, years = ready.prepared.x.sizes["region"], ready.prepared.x.sizes["year"]
    np.testing.assert_allclose(entropy / own, np.log(n * years) / np.log(n), rtol=1e-12)
    # the weights turn around: E above 1, so the most even indicator weighs most
    assert float(entropy.min()) > 1
    shares = by_choice(of_china, "aggregate")["shares"]
    assert [w.key for w in shares.warnings] == ["compute.printed_shares"]
    # the mean of every U over the panel is 1/(nT), so that D, at most √T, has a mean of no more than its root
    assert shares.mean <= np.sqrt(1 / (n * years))
    assert by_choice(of_china, "rescale")["0.01_0.99"].change > 0.05


def test_what_the_study_itself_warns_of_is_no_news_of_its_alternatives(china: Path) -> None:
    found = found_for(china, "weights={method: entropy, denominator: regions}", "aggregate=shares")
    assert not [w.key for row in found.rows for w in row.warnings]


def test_an_alternative_that_warns_of_something_else_says_so(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same kind of warning is news where it names other indicators than the study's own."""

    def warning(names: str) -> Callable[..., xr.DataArray]:
        def weigh(y: xr.DataArray, **_options: object) -> xr.DataArray:
            warnings.warn(OuheWarning.of("compute.entropy_above_one", indicators=names), stacklevel=1)
            return METHODS["weights"]["equal"](y)

        return weigh

    for method, names in (("entropy", "a0"), ("critic", "b1"), ("variation", "a0")):
        monkeypatch.setitem(METHODS["weights"], method, warning(names))
    rows = by_choice(found_for(study), "weights")
    assert [w.params["indicators"] for w in rows["critic"].warnings] == ["b1"]
    assert not rows["variation"].warnings


def test_zscores_have_no_entropy_and_the_row_says_so(of_china: Conventions) -> None:
    row = by_choice(of_china, "normalise")["zscore_panel"]
    assert {p.key for p in row.refusals} == {"compute.negative_share", "panel.and_more"}
    assert all(np.isnan(getattr(row, k)) for k in NUMBERS)
    last = row.refusals[-1].params["count"]
    assert row.note.startswith("not computed: 2010 ")
    assert row.note.endswith(f" (and {19 + last} more of the kind)")


def test_a_study_of_zscores_names_the_alternatives_that_need_what_it_lacks(study: Path) -> None:
    settings = ("normalise={method: zscore, ddof: 0}", "weights=equal", "coupling={rescale: [0.01, 0.99]}")
    found = found_for(study, *settings)
    own = found.chosen("normalise")
    assert (own.choice, own.label.text()) == ("zscore_panel", "z-score over all regions and years (ddof=0)")
    refused = {row.choice: row.refusals[0].key for row in found.rows if row.refusals}
    assert refused == {
        "entropy": "compute.negative_share",
        "mean_critic_entropy": "compute.negative_share",
        "shares": "compute.negative_shares",
        "geometric": "compute.not_positive",
        "none": "compute.index_negative",
    }
    assert {"denominator", "offset"}.isdisjoint(found.steps)
    assert by_choice(found, "normalise")["minmax_panel"].mean_last > 0


def test_given_weights_have_no_steps_of_entropy_and_no_weights_in_their_name(study: Path) -> None:
    found = found_for(study, "weights={method: given, weights: {a0: 0.4, b0: 0.6, a1: 0.3, b1: 0.7}}")
    assert tuple(found.steps) == tuple(s for s in STEPS if s not in {"denominator", "offset"})
    assert found.chosen("weights").label.text() == "given beforehand"
    assert list(by_choice(found, "weights")) == [
        "given", "entropy", "equal", "critic", "variation", "principal", "mean_critic_entropy"
    ]  # fmt: skip


def test_entropy_within_combined_weights_changes_alone(study: Path) -> None:
    found = found_for(study, "weights={method: mean, of: [{method: entropy, offset: 0.00001}, critic]}")
    assert [row.label.text() for row in found.steps["offset"]] == [
        "1e-05 added before shares are taken",
        "nothing added: 0·ln 0 = 0",
        "0.0001 added before shares are taken",
    ]
    assert found.chosen("weights").label.text() == "mean of entropy and CRITIC"
    printed = by_choice(found, "denominator")["regions"]
    direct = found_for(
        study, "weights={method: mean, of: [{method: entropy, offset: 0.00001, denominator: regions}, critic]}"
    )
    assert printed.mean_last == pytest.approx(direct.chosen("weights").mean_last, rel=1e-12)
    # the alternative by entropy alone keeps what the study adds
    alone = found_for(study, "weights={method: entropy, offset: 0.00001}")
    assert by_choice(found, "weights")["entropy"].mean_last == pytest.approx(
        alone.chosen("weights").mean_last, rel=1e-12
    )


def test_combined_entropies_that_differ_are_told_as_several(study: Path) -> None:
    both = "weights={method: product, of: [entropy, {method: entropy, denominator: regions, offset: 0.5}]}"
    found = found_for(study, both)
    assert (found.chosen("denominator").choice, found.chosen("offset").choice) == ("several", "several")
    assert list(by_choice(found, "denominator")) == ["several", "cells", "regions"]


def test_without_borders_and_weights_there_is_no_moran(tmp_path: Path) -> None:
    for kind in ("points", "none"):
        found = found_for(folder_of(tmp_path / kind, regions=kind))
        assert {"neighbours", "statistic"}.isdisjoint(found.steps)
        assert all(np.isnan(row.moran) and np.isnan(row.z) and np.isnan(row.p) for row in found.rows)
        assert not any(row.warnings for row in found.steps["coupling"])


def test_without_coordinates_distances_are_rows_with_their_reason(tmp_path: Path) -> None:
    found = by_choice(found_for(folder_of(tmp_path / "s", regions="borders")), "neighbours")
    assert list(found) == ["contiguity", "inverse-distance", "k-nearest"]
    assert not np.isnan(found["contiguity"].moran)
    for method in ("inverse-distance", "k-nearest"):
        assert np.isnan(found[method].moran)
        assert found[method].note.startswith("not computed: R0: ") or "R0" in found[method].note


def test_four_regions_have_no_four_neighbours(tmp_path: Path) -> None:
    found = by_choice(found_for(folder_of(tmp_path / "s", n=4)), "neighbours")
    assert [p.key for p in found["k-nearest"].refusals] == ["neighbours.k_outside"]
    assert not found["inverse-distance"].refusals


def test_three_regions_have_no_moran(small_study: Path) -> None:
    found = found_for(small_study)
    assert "neighbours" not in found.steps
    assert found.chosen("coupling").mean_last > 0


def test_many_regions_have_inverse_distances_only_if_the_study_names_them(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ouhe.study.spatial_alternatives.MOST_REGIONS", 5)
    (refusal,) = by_choice(found_for(study), "neighbours")["inverse-distance"].refusals
    assert refusal.params == {"regions": 6, "pairs": 15, "most": 5}
    named = found_for(study, "analyses={moran: {neighbours: [inverse-distance, contiguity]}}")
    assert [(r.choice, r.refusals) for r in named.steps["neighbours"]] == [
        ("inverse-distance", ()),
        ("contiguity", ()),
        ("k-nearest", ()),
    ]


def test_weights_that_the_study_names_keep_their_names_and_stand_once(study: Path) -> None:
    odd = "a{b} <x> & =cmd()"
    setting = (
        f"analyses={{moran: {{neighbours: [{{method: k-nearest, k: 2, name: '{odd}'}}, {{method: k-nearest, k: 3}}]}}}}"
    )
    rows = found_for(study, setting).steps["neighbours"]
    assert [row.label.text() for row in rows] == [
        odd, "3 nearest", "contiguity", "inverse distance, power 1", "4 nearest"
    ]  # fmt: skip
    assert rows[0].chosen
    results = ouhe.run(study, settings=[setting.replace("{neighbours", "{of: D, permutations: 0, neighbours")])
    table = results.tables()["moran_neighbours"]
    last = table[(table["variable"] == "D") & (table["year"] == 2003)]
    assert [rows[0].moran, rows[1].moran] == pytest.approx(last["I"].tolist(), rel=1e-12)


def test_the_tests_of_moran(of_china: Conventions) -> None:
    rows = by_choice(of_china, "statistic")
    assert list(rows) == ["randomisation", "normality", "regression"]
    assert len({row.moran for row in rows.values()}) == 1
    assert len({row.z for row in rows.values()}) == 3
    t = rows["regression"]
    assert t.p == pytest.approx(2 * stats.t.sf(abs(t.z), 29))
    assert t.label.text() == "t of the regression of the lag on the value, 29 degrees of freedom"


def test_a_variant_without_moran_leaves_the_others_theirs(tmp_path: Path) -> None:
    """By year and with one indicator that is the same for all in the last year, that year has no range."""
    path = folder_of(tmp_path / "s", n=5, years=2, systems=2)
    panel = pd.read_csv(path.parent / "panel.csv")
    # in the last year the second system is 0 everywhere: D is 0 in every region, by every form
    panel.loc[panel["year"] == 2002, ["a1", "b1"]] = 0.0
    panel.to_csv(path.parent / "panel.csv", index=False)
    found = found_for(path)
    own = found.chosen("coupling")
    assert own.mean_last == 0
    assert np.isnan(own.moran)
    assert np.isnan(own.rank_correlation)
    assert [w.key for w in own.warnings] == ["moran.never_varies"]
    assert by_choice(found, "normalise")["minmax_year"].refusals[0].key == "compute.never_varies"
    lifted = by_choice(found, "rescale")["0.01_0.99"]
    assert lifted.mean_last > 0
    assert not np.isnan(lifted.moran)
    assert not lifted.warnings


def test_the_alternative_that_moves_most(of_china: Conventions) -> None:
    largest = of_china.largest()
    assert tuple(largest) == STEPS_TO_D
    for step, row in largest.items():
        moved = [abs(r.change) for r in of_china.steps[step] if not r.chosen and not r.refusals]
        assert abs(row.change) == max(moved)
        assert not row.chosen
