"""Uncertainty of studies: a draw is the study run with its settings; nothing drawn, nothing changed; what cannot be."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import ouhe
from ouhe.compute import couple, robust
from ouhe.errors import StudyError
from ouhe.results.study_results import StudyResults
from ouhe.results.uncertainty import CHOICES, Uncertainty
from ouhe.study.check import Checked, check
from ouhe.study.measuring import coupled, measure
from ouhe.study.methods import METHODS
from ouhe.study.schema import Study
from ouhe.study.uncertainty.combining import combinable
from ouhe.study.uncertainty.evaluating import Evaluation, Samples
from ouhe.study.uncertainty.offered import offered, with_setting
from ouhe.study.uncertainty.staging import whole_weights

STUDY = """\
title: A study
lang: en
regions: regions.csv
years: {{only: [{years}]}}
data: {{path: panel.csv, layout: long}}
missing: [linear, indicator-mean]
systems: {systems}
groups: null
figures: none
report: none
analyses: {{uncertainty: {{{options}}}}}
"""

EVERY = "choices: [" + ", ".join(CHOICES) + "]"


def folder_of(
    folder: Path,
    *,
    n: int = 6,
    years: int = 3,
    indicators: tuple[int, ...] = (3, 2),
    seed: int = 1,
    holes: int = 0,
    options: str = "draws: 40, samples: 0",
    extra: str = "",
) -> Path:
    """A study of n regions; some cells of its panel are missing."""
    rng = np.random.default_rng(seed)
    names, at = [f"R{i}" for i in range(n)], range(2001, 2001 + years)
    tree = {f"S{k}": {f"i{k}{j}": "-" if (k, j) == (0, 1) else "+" for j in range(m)} for k, m in enumerate(indicators)}
    series = [i for branch in tree.values() for i in branch]
    rows = pd.DataFrame(list(itertools.product(names, at)), columns=["region", "year"])
    rows[series] = rng.lognormal(mean=np.arange(len(series)) / 4, sigma=0.7, size=(len(rows), len(series)))
    for hole in rng.choice(len(rows), size=holes, replace=False):
        rows.loc[hole, series[hole % len(series)]] = np.nan
    folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame({"id": names}).to_csv(folder / "regions.csv", index=False)
    rows.to_csv(folder / "panel.csv", index=False)
    shown = ", ".join(map(str, at))
    (folder / "study.yml").write_text(STUDY.format(years=shown, systems=tree, options=options) + extra, "utf-8")
    return folder / "study.yml"


def result_of(results: StudyResults) -> Uncertainty:
    found = results.analyses["uncertainty"]
    assert isinstance(found, Uncertainty)
    return found


def evaluation(checked: Checked, choices: tuple[str, ...] = CHOICES, *, draws: int = 30, cv: float = 0.3) -> Evaluation:
    study, x = checked.file.study, checked.prepared.x
    found = combinable(study, offered(checked, choices, draws=draws))
    samples = Samples.drawn(draws, x, len(study.systems), np.random.default_rng(5))
    return Evaluation(study, found, samples, cv, cv)


def by_itself(e: Evaluation, study: Study, levels: dict[str, int]) -> dict[str, xr.DataArray]:
    """C, T and D of one draw, run as a study of its own: one indicator fewer, weights from its regions, its methods."""
    chosen = {
        name: e.offered.values[name][k]
        for name, k in levels.items()
        if name not in ("resample", "perturb", "contribution")
    }
    changed = study
    for name in ("normalise", "weights", "aggregate", "rescale", "coupling"):
        changed = with_setting(changed, name, chosen[name])
    x = chosen["missing"]
    left = chosen["leave-out"]
    kept = [i for i in range(x.sizes["indicator"]) if i != left]
    x = x.isel(indicator=kept)
    found = measure(x, changed)
    weight = found.weight
    if levels["resample"]:
        rows = e.samples.resample[levels["resample"] - 1]
        weight = whole_weights(changed.weights, x.isel(region=rows), found.y.isel(region=rows))
    if levels["perturb"]:
        values, system = weight.values.copy(), weight["system_of"].values
        for name in study.systems:
            mine = system == name
            uniform = e.samples.perturb[levels["perturb"] - 1][kept][mine]
            values[mine] = robust.dirichlet(values[mine], uniform, variation=e.weight_variation)
        weight = weight.copy(data=values)
    aggregate = METHODS["aggregate"][changed.aggregate.method]
    index = aggregate(found.y, weight, **changed.aggregate.options()).sel(system=list(study.systems))
    made = coupled(index, changed)
    T = made.T
    if levels["contribution"]:
        own = np.full(len(study.systems), 1 / len(study.systems))
        share = robust.dirichlet(
            own, e.samples.contribution[levels["contribution"] - 1], variation=e.contribution_variation
        )
        rescaled = changed.coupling.rescale
        u = couple.rescale(index, low=rescaled[0], high=rescaled[1]) if rescaled else index
        T = couple.development(u, contribution=dict(zip(study.systems, map(float, share), strict=True)))
    return {"C": made.C, "T": T, "D": couple.coordination(made.C, T)}


@pytest.mark.parametrize("systems", [(3, 2), (2, 1, 4)])
def test_every_draw_is_the_study_run_with_its_settings(tmp_path: Path, systems: tuple[int, ...]) -> None:
    """All choices drawn together; sums in another order differ by rounding alone."""
    checked = check(folder_of(tmp_path / "s", n=8, years=4, indicators=systems, holes=6))
    e = evaluation(checked)
    assert min(len(e.offered.drawn[name]) for name in CHOICES) > 1
    drawn = robust.drawn({name: e.offered.drawn[name] for name in CHOICES}, draws=60, rng=np.random.default_rng(2))
    (block,) = e(drawn)
    assert not e.refused
    for draw in range(60):
        levels = {name: int(drawn.sel(choice=name)[draw]) for name in CHOICES}
        for name, alone in by_itself(e, checked.file.study, levels).items():
            together = getattr(block, name).isel(draw=draw)
            assert together.values == pytest.approx(alone.transpose("region", "year").values, abs=1e-12), levels


def test_blocks_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = check(folder_of(tmp_path / "s", n=8, holes=4))
    e = evaluation(checked)
    drawn = robust.drawn({name: e.offered.drawn[name] for name in CHOICES}, draws=40, rng=np.random.default_rng(2))
    (whole,) = e(drawn)
    for module in ("evaluating", "staging"):
        monkeypatch.setattr(f"ouhe.study.uncertainty.{module}.BLOCK", 3000)
    parts = list(e(drawn))
    assert len(parts) > 5
    assert xr.concat([p.D for p in parts], "draw").values == pytest.approx(whole.D.values, abs=1e-14)


@pytest.mark.parametrize(
    "options", ["choices: []", "choices: [perturb, contribution], weight_cv: 0, contribution_cv: 0"]
)
def test_without_perturbation_the_interval_is_the_point(tmp_path: Path, options: str) -> None:
    results = ouhe.run(folder_of(tmp_path / "s", options=f"draws: 20, samples: 8, {options}"))
    found = result_of(results).intervals
    for name in ("low", "median", "high"):
        assert found[name].values == pytest.approx(found["point"].values, abs=1e-15)
        assert (found[f"rank_{name}"] == found["rank"]).all()
    assert found["point"].sel(variable="D").values == pytest.approx(results.coupling.D.values)
    sure = found["probability"].isel({"class": found["level"].astype(int)})
    assert (sure == 1.0).all()


def test_nothing_drawn_has_no_shares(tmp_path: Path) -> None:
    results = ouhe.run(folder_of(tmp_path / "s", options="choices: []"))
    tables = results.tables()
    assert tables["sensitivity"].empty
    assert tables["sensitivity_alone"].empty
    assert len(tables["uncertainty"]) == 5 * 6 * 3


def test_a_known_distribution(tmp_path: Path) -> None:
    """Two indicators with uniform weights: U₁ = w·y₁ + (1 − w)·y₂, U₂ fixed, D = (U₁U₂)^¼ has a known distribution.

    Dir(1, 1) is a coefficient of variation of √(1/3) around equal weights. The share of draws with D ≤ d is compared at
    every draw: Kolmogorov and Smirnov's bound for a thousandth is 1.95/√n.
    """
    rows = [("R0", 2001, 0, 10, 4), ("R1", 2001, 10, 0, 2), ("R2", 2001, 2, 2, 10), ("R3", 2001, 5, 5, 0)]
    folder_of(tmp_path / "s", n=4, years=1, indicators=(2, 1), options="")
    pd.DataFrame(rows, columns=["region", "year", "i00", "i01", "i10"]).to_csv(
        tmp_path / "s" / "panel.csv", index=False
    )
    own = "weights: equal\n"
    file = tmp_path / "s" / "study.yml"
    options = (
        f"uncertainty: {{choices: [perturb], weight_cv: {(1 / 3) ** 0.5}, draws: 4000, samples: 0, save_draws: true}}"
    )
    file.write_text(file.read_text("utf-8").replace("uncertainty: {}", options) + own, "utf-8")
    draws = result_of(ouhe.run(file)).draws
    assert draws is not None
    D = np.sort(draws["D"].sel(region="R2", year=2001).values)
    # min-max: y = 2/10 of the first, better when large, and (10 − 2)/10 of the second, better when small; U₂ = 1:
    # U₁ = 0.8 − 0.6 w is uniform on [0.2, 0.8], and P(D ≤ d) = (d⁴ − 0.2)/0.6
    assert np.abs((D**4 - 0.2) / 0.6 - np.arange(1, 4001) / 4000).max() < 1.95 / 4000**0.5
    # where both are 1 the weights do not matter: U₁ = 1, U₂ = 0.2
    assert draws["D"].sel(region="R1", year=2001).values == pytest.approx(0.2**0.25)


@pytest.mark.parametrize("choice", CHOICES)
def test_each_choice_alone_can_be_drawn(tmp_path: Path, choice: str) -> None:
    results = ouhe.run(folder_of(tmp_path / "s", holes=4, options=f"choices: [{choice}], draws: 25, samples: 16"))
    found = result_of(results)
    assert found.varied == [choice]
    spread = found.intervals["high"].sel(variable="D") - found.intervals["low"].sel(variable="D")
    assert float(spread.max()) > 1e-6
    assert found.shares["total"].sel(target="mean_D").values == pytest.approx(1.0, abs=0.5)
    assert found.alone["varied"].values.tolist() == [choice]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study in which every choice is drawn."""
    return folder_of(tmp_path_factory.mktemp("laws") / "s", n=9, holes=5, options=f"{EVERY}, draws: 60, samples: 16")


@pytest.fixture(scope="module")
def results(file: Path) -> StudyResults:
    """Its results."""
    return ouhe.run(file)


class TestLaws:
    def test_a_seed_gives_its_results(self, file: Path, results: StudyResults) -> None:
        again, other = ouhe.run(file), ouhe.run(file, settings=["seed=7"])
        stored = again.tables()
        for name, table in results.tables().items():
            pd.testing.assert_frame_equal(table, stored[name])
        assert not results.tables()["uncertainty"].equals(other.tables()["uncertainty"])

    def test_probabilities_sum_to_one(self, results: StudyResults) -> None:
        table = results.tables()["class_probabilities"]
        assert table.groupby(["region", "year"])["probability"].sum().to_numpy() == pytest.approx(1.0)
        assert table.groupby(["region", "year"])["chosen"].sum().eq(1).all()

    def test_intervals_hold_the_median(self, results: StudyResults) -> None:
        for name in ("uncertainty", "uncertainty_ranks"):
            table = results.tables()[name]
            assert (table["low"] <= table["median"]).all()
            assert (table["median"] <= table["high"]).all()

    def test_ranks_are_places(self, results: StudyResults) -> None:
        table = results.tables()["uncertainty_ranks"]
        assert table[["rank", "low", "median", "high"]].isin(range(1, 10)).all(axis=None)
        assert table.groupby("year")["above_next"].apply(lambda v: v.isna().sum()).eq(1).all()

    def test_it_comes_back_as_it_was(self, file: Path, results: StudyResults, tmp_path: Path) -> None:
        written, folder = ouhe.write(file, tmp_path / "results", settings=["analyses.uncertainty.save_draws=true"])
        loaded = ouhe.load(folder)
        stored = loaded.tables()
        for name, table in written.tables().items():
            pd.testing.assert_frame_equal(table, stored[name])
        found = result_of(loaded).draws
        assert found is not None
        assert found["D"].dims == ("draw", "region", "year")
        assert found["D"].sizes["draw"] == 60

    def test_it_is_told_in_the_other_language(self, results: StudyResults) -> None:
        table = results.told_in("zh").tables()["class_probabilities"]
        assert set(table["class"]) <= set(results.told_in("zh").coupling.labels)
        assert "剔除" in results.told_in("zh").tables()["uncertainty_choices"]["level"].str.cat()


def test_the_order_of_regions_changes_no_possibility(tmp_path: Path) -> None:
    """Regions in another order have the same draws of everything but resampling, which draws them by their place."""
    file = folder_of(tmp_path / "s", options="draws: 50, samples: 0")
    first = ouhe.run(file).tables()["uncertainty"].set_index(["variable", "region", "year"])
    order = pd.read_csv(tmp_path / "s" / "regions.csv")
    order[::-1].to_csv(tmp_path / "s" / "regions.csv", index=False)
    second = ouhe.run(file).tables()["uncertainty"].set_index(["variable", "region", "year"]).loc[first.index]
    assert second.to_numpy() == pytest.approx(first.to_numpy(), abs=1e-12)


class TestWhatCannotBe:
    def levels(self, file: Path, settings: tuple[str, ...] = ()) -> pd.DataFrame:
        return ouhe.run(file, settings=settings).tables()["uncertainty_choices"].set_index("choice")

    def test_a_level_that_goes_with_no_other_is_told(self, tmp_path: Path) -> None:
        """z-scores are negative, which entropy weights and the standard coupling refuse."""
        table = self.levels(folder_of(tmp_path / "s", options="choices: [normalise], draws: 10, samples: 0"))
        refused = table[table["level"].str.startswith("z-score")].iloc[0]
        assert not refused["drawn"]
        assert "negative" in refused["note"]
        assert np.isnan(refused["probability"])
        shared = table[table["drawn"]]
        assert shared["probability"].sum() == pytest.approx(1.0)

    def test_geometric_without_an_offset_stands_where_the_study_has_it(self, tmp_path: Path) -> None:
        """The study's own levels stay; what does not go with them is left out."""
        extra = "aggregate: geometric\nnormalise: {method: zscore, shift: 9}\nweights: equal\n"
        extra += "coupling: {rescale: [0.01, 0.99]}\n"
        file = folder_of(tmp_path / "s", options="draws: 20, samples: 0", extra=extra)
        table = self.levels(file).loc["normalisation"]
        told = table.set_index("level")["note"]
        assert told[told.index.str.startswith("min-max")].str.len().gt(0).all()
        assert table["drawn"].sum() <= 1

    def test_a_system_of_one_indicator_leaves_nothing(self, tmp_path: Path) -> None:
        file = folder_of(
            tmp_path / "s", indicators=(1, 1), options="choices: [leave-out, perturb], draws: 9, samples: 8"
        )
        table = self.levels(file)
        assert not table["drawn"].any()
        assert table["note"].str.contains("only indicator|single indicator").sum() == 3
        assert result_of(ouhe.run(file)).varied == []

    def test_nothing_missing_is_nothing_to_treat(self, tmp_path: Path) -> None:
        table = self.levels(folder_of(tmp_path / "s", options="choices: [missing], draws: 9, samples: 8"))
        assert table["note"].str.contains("missing").all()

    def test_resamples_without_weights_are_counted(self, tmp_path: Path) -> None:
        """Three draws of three regions take one region alone in 3 of 27 cases: of 900 draws 100, ± 3·√(100·8/9) = 28.

        Two regions alone make every correlation 1 or −1, so that some have no weights either.
        """
        options = "choices: [resample], draws: 900, samples: 0"
        file = folder_of(tmp_path / "s", n=3, years=1, indicators=(2, 2), options=options, extra="weights: critic\n")
        found = result_of(ouhe.run(file))
        counts = {problem.key: count for problem, count in found.refused}
        assert counts["compute.never_varies"] == pytest.approx(100, abs=28)
        assert sum(counts.values()) == found.impossible
        said = " ".join(problem.message("en") for problem, _ in found.refused)
        assert any(f"i{k} never varies" in said for k in ("00", "01", "10", "11"))
        assert found.intervals["low"].notnull().all()

    def test_all_weights_can_be_given(self, tmp_path: Path) -> None:
        extra = "weights: {method: given, weights: {i00: 0.5, i01: 0.3, i02: 0.2, i10: 0.6, i11: 0.4}}\n"
        checked = check(folder_of(tmp_path / "s", extra=extra))
        e = evaluation(checked, ("leave-out",))
        drawn = robust.alone({"leave-out": e.offered.drawn["leave-out"]})
        (block,) = e(drawn)
        y, study = measure(checked.prepared.x, checked.file.study), checked.file.study
        assert block.index.isel(draw=0).values == pytest.approx(y.index.values)
        without = (0.3 * y.y.sel(indicator="i01") + 0.2 * y.y.sel(indicator="i02")) / 0.5
        assert block.index.isel(draw=1).sel(system=next(iter(study.systems))).values == pytest.approx(without.values)


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("samples: 100", "power of 2"),
        ("choices: [wieghts]", "weights"),
        ("draws: 0", "1"),
        ("level: 1.5", ""),
        ("weight_cv: 1", "0.9"),
        ("contribution_cv: even", "uniform"),
    ],
)
def test_a_wrong_option_is_told(tmp_path: Path, option: str, told: str) -> None:
    file = folder_of(tmp_path / "s", options=option)
    if option.startswith("level"):
        assert "level" in ouhe.run(file).not_done["uncertainty"][0].message("en")
        return
    with pytest.raises(StudyError) as error:
        ouhe.run(file)
    assert told in str(error.value)


def test_chosen_years_are_told_alone(tmp_path: Path) -> None:
    found = ouhe.run(folder_of(tmp_path / "s", options="years: [2001, 2002], of: D, draws: 9, samples: 8")).tables()
    assert set(found["uncertainty"]["year"]) == {2001, 2002}
    assert set(found["uncertainty"]["variable"]) == {"D"}
    assert set(found["class_probabilities"]["year"]) == {2001, 2002}
