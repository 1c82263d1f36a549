"""Convergence as a study asks for it: groups, zeros, short series, and what it gives beside the functions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import ouhe
from ouhe.compute import converge
from ouhe.figures import Style, beta_estimates, club_paths, sigma_years
from ouhe.figures.catalogue import left_out
from ouhe.results.convergence import Convergence
from ouhe.results.study_results import StudyResults

REGIONS = [f"R{i:02d}" for i in range(14)]
YEARS = range(2010, 2020)

STUDY = """\
title: Convergence
lang: en
regions: regions.csv
years: [{first}, 2019]
data: {{path: panel.csv, layout: long}}
systems:
  One: {{a: +, b: +}}
  Two: {{c: +, d: +}}
normalise: {{method: goalposts, low: {{a: {low}, b: {low}, c: {low}, d: {low}}}, high: {{a: 9, b: 9, c: 9, d: 9}}}}
groups: {{East: [{east}], West: [{west}], Pair: [R12, R13]}}
analyses:
  convergence: {{of: [index, D], {options}}}
figures: none
report: none
"""


def run(folder: Path, options: str = "", *, first: int = 2010, low: float = 0.0, write: bool = False) -> StudyResults:
    rng = np.random.default_rng(3)
    level = rng.uniform(1.2, 3, size=(14, 1, 5))
    values = (level + rng.normal(0, 0.05, size=(14, 10, 5)).cumsum(axis=1)).clip(1.0, 8.0)
    values[0, 0] = 1.0
    index = pd.MultiIndex.from_product([REGIONS, YEARS], names=["region", "year"])
    pd.DataFrame(values.reshape(-1, 5), index, list("abcde")).reset_index().to_csv(folder / "panel.csv", index=False)
    beside = [f"{REGIONS[i - 1]}|{REGIONS[(i + 1) % 14]}" for i in range(14)]
    pd.DataFrame({"id": REGIONS, "name_en": REGIONS, "neighbours": beside}).to_csv(folder / "regions.csv", index=False)
    given = {"east": ", ".join(REGIONS[:6]), "west": ", ".join(REGIONS[6:12])}
    study = STUDY.format(options=options or "step: 1", first=first, low=low, **given)
    (folder / "study.yml").write_text(study, "utf-8")
    return ouhe.write(folder / "study.yml", folder / "out")[0] if write else ouhe.run(folder / "study.yml")


def result(results: StudyResults) -> Convergence:
    found = results.analyses["convergence"]
    assert isinstance(found, Convergence)
    return found


def keys(results: StudyResults) -> list[str]:
    return [w.key for w in results.warnings if w.key.startswith("converge.")]


def row(table: pd.DataFrame, **where: Any) -> pd.Series[Any]:
    (found,) = (r for _, r in table.iterrows() if all(r[k] == v for k, v in where.items()))
    return found


def test_what_a_study_gives_is_what_the_functions_give(tmp_path: Path) -> None:
    results = run(tmp_path, "controls: [e, a], log: e, dependence: error")
    tables, D = results.tables(), results.coupling.D.transpose("region", "year")
    e = results.data.values["value"].sel(series=["e", "a"]).rename(series="control")
    controls = e.where(e["control"] != "e", np.log(e))
    for group, regions in (("All regions", REGIONS), ("East", REGIONS[:6])):
        some = D.sel(region=regions)
        ours = {"absolute": converge.beta(some), "cross-section": converge.cross_section(some)}
        ours["conditional"] = converge.beta(some, controls.sel(region=regions))
        for model, found in ours.items():
            told = row(tables["beta"], variable="D", group=group, model=model)
            assert (told.beta, told.se, told.p) == pytest.approx([float(found[k]) for k in ("beta", "se", "p_value")])
            assert told.few == (len(regions) < 10)
        told = row(tables["beta_controls"], variable="D", group=group, control="e")
        assert told.coefficient == pytest.approx(float(ours["conditional"]["coefficient"].sel(control="e")))
        told = row(tables["sigma"], variable="D", group=group, year=2014)
        assert told.variation == pytest.approx(float(converge.dispersion(some.sel(year=2014))["variation"]))
    spatial = converge.spatial(D, results.space.weights[0], dependence="error")
    told = row(tables["beta_spatial"], variable="D", model="absolute")
    assert (told.rho, told.beta) == pytest.approx((float(spatial["rho"]), float(spatial["beta"])))
    clubs = converge.clubs(D)
    counted = tables["club_members"].query("variable == 'D'").groupby("club")["region"].count()
    for number in range(1, int(clubs["club"].max()) + 1):
        assert counted[f"Club {number}"] == int((clubs["club"] == number).sum())


def test_a_group_of_two_is_empty_but_for_its_dispersion_and_told(tmp_path: Path) -> None:
    results = run(tmp_path)
    tables = results.tables()
    assert tables["beta"].query("group == 'Pair'")["beta"].isna().all()
    assert tables["sigma"].query("group == 'Pair'")["variation"].notna().all()
    (told,) = (w for w in results.warnings if w.key == "converge.small_group")
    assert (told.params["group"], told.params["count"]) == ("Pair", 2)


def test_zeros_take_beta_away_and_nothing_else(tmp_path: Path) -> None:
    results = run(tmp_path, low=1.0)
    assert "beta" not in results.tables()
    assert {"sigma", "clubs"} <= set(results.tables())
    told = [w for w in results.warnings if w.key == "converge.zeros"]
    assert [w.params["variable"] for w in told] == ["One", "Two", "D"]
    assert all(w.params["at"] == "R00 2010" and w.params["value"] == 0 for w in told)
    assert left_out(results)["beta_estimates"].key == "figures.lacks_part"


def test_observations_of_zeros_are_left_out_where_asked_for(tmp_path: Path) -> None:
    results = run(tmp_path, "zeros: leave-out, dependence: lag", low=1.0)
    assert row(results.tables()["beta"], variable="D", group="All regions", model="absolute").observations == 125
    assert {"converge.zeros_left_out", "converge.missing_spatial"} <= set(keys(results))
    assert "beta_spatial" not in results.tables()


def test_few_years_leave_out_clubs_and_fewer_everything(tmp_path: Path) -> None:
    results = run(tmp_path, first=2016)
    assert "clubs" not in results.tables()
    assert "converge.few_years_clubs" in keys(results)
    assert left_out(results)["club_paths"].key == "figures.lacks_part"
    for first in (2018, 2019):
        (told,) = run(tmp_path, first=first).not_done["convergence"]
        assert told.key == "converge.few_years"


def test_a_control_without_variation_within_regions_is_told(tmp_path: Path) -> None:
    panel = run(tmp_path, "controls: e")
    table = pd.read_csv(tmp_path / "panel.csv")
    table["e"] = table["region"].map({r: float(i) for i, r in enumerate(REGIONS)})
    table.to_csv(tmp_path / "panel.csv", index=False)
    results = ouhe.run(tmp_path / "study.yml")
    assert "converge.absorbed" in keys(results)
    assert "conditional" not in set(results.tables()["beta"]["model"])
    assert "conditional" in set(panel.tables()["beta"]["model"])


def test_wrong_names_are_told_before_anything_is_computed(tmp_path: Path) -> None:
    with pytest.raises(ouhe.errors.OuheError) as error:
        run(tmp_path, "controls: [zz], log: e")
    assert {p.key for p in error.value.problems} == {"converge.log_of_nothing", "gather.no_series"}


def test_results_come_back_and_are_told_in_the_other_language(tmp_path: Path) -> None:
    written = run(tmp_path, "controls: e, dependence: lag", write=True)
    loaded = ouhe.load(tmp_path / "out")
    stored = loaded.tables()
    for name, table in written.tables().items():
        pd.testing.assert_frame_equal(table, stored[name], check_exact=True)
    other = loaded.told_in("zh")
    assert set(other.tables()["beta"]["model"]) == {"绝对收敛", "条件收敛", "截面回归"}
    assert set(other.tables()["sigma"]["group"]) == {"全部地区", "East", "West", "Pair"}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [160.0, 84.0])
def test_figures_hold_what_the_tables_hold(tmp_path: Path, lang: str, width: float) -> None:
    results = run(tmp_path, "controls: e")
    tables, style = results.tables(), Style(lang=lang, width_mm=width)  # type: ignore[arg-type]
    frame = sigma_years.frame(results)
    assert frame["value"].tolist() == tables["sigma"]["variation"].tolist()
    said = {t.get_text() for t in sigma_years.draw(frame, style).findobj(lambda a: hasattr(a, "get_text"))}
    assert {"East", "West", "Pair", style.t("figures.sigma_years_variation")} <= said
    frame = beta_estimates.frame(results)
    assert frame["beta"].tolist() == tables["beta"]["beta"].dropna().tolist()
    said = {t.get_text() for t in beta_estimates.draw(frame, style).findobj(lambda a: hasattr(a, "get_text"))}
    assert {"East", "β", *(style.t(f"figures.model_{m}") for m in ("absolute", "conditional", "cross_section"))} <= said
    frame = club_paths.frame(results)
    means = frame.query("variable == 'D' and club == 1 and year == 2019")["path"].mean()
    told = row(tables["club_paths"], variable="D", club="Club 1", year=2019)
    assert means == pytest.approx(told.path, rel=1e-12)
    assert club_paths.draw(frame, style).axes
