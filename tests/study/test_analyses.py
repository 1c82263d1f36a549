"""Analyses as a study asks for them, and what they give beside what the functions give."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ouhe
from ouhe import output, regions
from ouhe.compute import density, geary, getis, lisa, moran
from ouhe.errors import OuheError
from ouhe.neighbours import Neighbours
from ouhe.output import scaffold
from ouhe.results.study_results import StudyResults
from ouhe.study.analyses import ANALYSES
from ouhe.study.load import load
from ouhe.study.run import compute
from ouhe.study.schema import Study


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, quickened: Callable[[Path], Path]) -> Path:
    """The shipped study, without figures."""
    study = quickened(scaffold.demo(tmp_path_factory.mktemp("demo"), lang="en"))
    content = study.read_text("utf-8").replace("figures: all", "figures: none")
    study.write_text(content, "utf-8")
    return study


def plain(**more: Any) -> dict[str, Any]:
    return {
        "title": "t",
        "years": [2010, 2012],
        "data": "panel.csv",
        "systems": {"A": {"a": "+"}, "B": {"b": "+"}},
        **more,
    }


def asked(value: Any) -> dict[str, Any]:
    study = Study.model_validate(plain(analyses=value))
    return dict(study.analyses.asked())


@pytest.mark.parametrize(
    "value",
    [["moran", "density"], {"moran": None, "density": {}}, {"moran": True, "density": None, "lisa": False}],
)
def test_an_analysis_needs_no_more_than_its_name(value: Any) -> None:
    found = asked(value)
    assert list(found) == ["moran", "density"]
    assert found["moran"].of == ("index", "D")
    assert found["moran"].options() == {"variance": "randomisation", "permutations": 999}


def test_a_setting_below_a_short_form_keeps_the_rest(small_study: Path) -> None:
    short = "\nanalyses: [moran, density]\n"
    content = small_study.read_text("utf-8").replace("figures: none", "figures: [weights]")
    small_study.write_text(content + short, "utf-8")
    settings = ["analyses.moran.permutations=99", "figures.dpi=100", "regions.without=[C]"]
    study = load(small_study, settings=settings).study
    assert [name for name, _ in study.analyses.asked()] == ["moran", "density"]
    assert study.analyses.moran.permutations == 99
    assert (study.figures.only, study.figures.dpi) == (("weights",), 100)
    assert (study.regions.set, study.regions.without) == ("regions.csv", ("C",))


def test_a_bandwidth_that_reaches_no_point_is_told(demo: Path) -> None:
    with pytest.raises(OuheError, match=r"so narrow|过窄"):
        density.estimate(ouhe.run(demo, settings=["analyses={}"]).coupling.D, bandwidth=1e-300)


def test_nothing_is_analysed_unasked() -> None:
    assert not list(Study.model_validate(plain()).analyses.asked())


def test_a_study_is_the_same_after_it_was_written_and_read() -> None:
    more = {"moran": {"neighbours": ["contiguity", {"method": "k-nearest", "k": 5}], "years": [2010]}, "lisa": None}
    study = Study.model_validate(plain(analyses=more, figures=["weights"], map="a.geojson"))
    assert Study.model_validate(study.model_dump(mode="json")) == study
    none = Study.model_validate(plain(figures="none"))
    assert none.figures is False
    assert Study.model_validate(none.model_dump(mode="json")) == none


def problems_of(study: Path, *settings: str) -> str:
    with pytest.raises(OuheError) as caught:
        ouhe.check(study, settings=settings)
    return "\n".join(p.message() for p in caught.value.problems)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["analyses.morann={}"], ["morann", "moran"]),
        (["analyses=[moran, morann]"], ['"morann"', 'did you mean "moran"']),
        (["analyses.moran.permutations=1000000000000"], ["permutations", "1000000"]),
        (["analyses.density.points=1000000000000"], ["points", "100000"]),
        (["analyses.uncertainty.draws=1000000000"], ["draws", "100000"]),
        (["analyses.uncertainty.samples=2147483648"], ["samples", "65536"]),
        (["analyses.moran.permutation=99"], ["permutation", "permutations"]),
        (["analyses.moran.permutations=-1"], ["permutations", "0"]),
        (["analyses.moran.of=E"], ['"E"', "index, C, T, D"]),
        (["analyses.density.years=[2009, 2010]"], ["2009", "2010 to 2022"]),
        (["analyses.moran.neighbours=contiguty"], ["contiguty", "contiguity"]),
        (["analyses.moran.neighbours={method: k-nearest, k: 0}"], ["k", "1"]),
        (["analyses.lisa.neighbours={method: distance-band}"], ["threshold_km"]),
        (["analyses.moran.neighbours={method: matrix, path: none.csv}"], ["none.csv"]),
        (["analyses.moran.neighbours={method: economic, of: gpd}"], ["gpd", "gdp"]),
        (
            ["analyses.moran.neighbours=[{method: k-nearest, name: W}, {method: contiguity, name: W}]"],
            ["W", "name"],
        ),
        (["analyses.bivariate_moran.of=D"], ["two variables"]),
        (["figures=[weigths]"], ["weigths", "weights"]),
        (["figures.years=[2009]"], ["2009"]),
        (["figures.font=no.ttf"], ["no.ttf"]),
        (["figures.formats=[jpg]"], ["jpg", "png"]),
        (["map=no.geojson"], ["no.geojson"]),
    ],
)
def test_what_is_wrong_with_an_analysis_is_told(demo: Path, settings: list[str], said: list[str]) -> None:
    def whole() -> str:
        with pytest.raises(OuheError) as caught:
            ouhe.write(demo, demo.parent / "never", settings=settings)
        return "\n".join(p.message() for p in caught.value.problems)

    found = whole()
    assert not [word for word in said if word not in found], found
    assert not (demo.parent / "never").exists()


def test_what_is_wrong_is_told_once(demo: Path) -> None:
    for settings in (
        "analyses.moran.permutations=-1",
        "analyses.lisa.significance=2",
        "figures.dpi=9",
        "analyses.geary=7",
    ):
        assert problems_of(demo, settings).count("\n") == 0, settings


#: A density that does not fit the values, a local Moran without neighbours, and one that can be done.
TWO_OF_THREE = (
    "analyses.density={of: D, bandwidth: 0.9, reflect: true, bounds: [0, 0.5]}",
    "analyses.bivariate_moran=false",
    "analyses.moran={of: C, permutations: 0}",
    "analyses.lisa={of: D, years: [2010], neighbours: {method: distance-band, threshold_km: 1}}",
    "figures={only: [density_curves, moran_years], formats: [svg]}",
    "report={formats: [html]}",
)


def test_an_analysis_that_cannot_be_done_is_left_out_with_its_reason(demo: Path, tmp_path: Path) -> None:
    results, folder = ouhe.write(demo, tmp_path / "out", settings=TWO_OF_THREE)
    assert results.analyses_not_done == ("density",)
    assert "0.5" in results.not_done["density"][0].message()
    assert "moran" in results.analyses
    assert (folder / "figures" / "moran_years.svg").exists()
    assert not (folder / "figures" / "density_curves.svg").exists()
    loaded = ouhe.load(folder)
    assert loaded.not_done == results.not_done
    told = (folder / "report.html").read_text("utf-8")
    assert told.count("it could not be done; all other results stand") == 1
    record = json.loads((folder / "run.json").read_text("utf-8"))
    assert "could not be done" in record["not_drawn"]["density_curves"]


def test_permutations_report_how_far_they_are(demo: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    checked = ouhe.check(demo, settings=["analyses={moran: {permutations: 9999}, lisa: {}}"])
    compute(checked, progress=lambda *told: seen.append(told))
    permuted = [(done, total) for step, done, total in seen if step == "permute"]
    assert (9999, 9999) in permuted
    assert (999, 999) in permuted
    assert len(permuted) > 4


def test_all_problems_of_analyses_come_together(demo: Path) -> None:
    found = problems_of(demo, "analyses.moran.of=E", "analyses.density.years=[2009]", "analyses.lisa.of=F")
    assert found.count("\n") == 2


def test_spatial_statistics_need_four_regions(small_study: Path) -> None:
    (small_study.parent / "regions.csv").write_text("id,neighbours\nA,B\nB,C\nC,\n", "utf-8")
    assert "four" in problems_of(small_study, "analyses=[moran]")


def test_three_regions_are_told_how_to_leave_neighbours_aside(small_study: Path) -> None:
    (small_study.parent / "regions.csv").write_text("id,neighbours\nA,B\nB,C\nC,\n", "utf-8")
    told = problems_of(small_study, "analyses={transition: {}, convergence: {dependence: lag}}")
    assert ("`spatial: false`" in told, "`dependence: none`" in told) == (True, True)
    left = ouhe.run(small_study, settings=["analyses={transition: {spatial: false}, convergence: {}}"])
    assert "transition" in left.analyses


def test_a_region_set_without_borders_has_no_contiguity(small_study: Path) -> None:
    assert "border" in problems_of(small_study, "analyses=[moran]")


@pytest.fixture(scope="module")
def results(demo: Path) -> StudyResults:
    every = "{of: [index, D], neighbours: [contiguity, {method: k-nearest, k: 4}]}"
    return ouhe.run(demo, settings=[f"analyses.moran={every}", "analyses.geary={}", "analyses.getis={}"])


def contiguity() -> Neighbours:
    china = regions.load("china-provinces")
    return Neighbours.from_pairs(china.borders, china.ids)


def test_every_analysis_equals_its_function(results: StudyResults) -> None:
    x = results.coupling.D
    w = contiguity()
    for name, function in (("moran", moran.univariate), ("geary", geary.c), ("getis", getis.general)):
        expected = function(x, w, permutations=0)
        found = results.analyses[name].main.sel(variable="D")
        for part in ("statistic", "expected", "sd", "z", "p_value"):
            # sums over the regions of several variables at once may differ in the last place
            np.testing.assert_allclose(found[part].to_numpy(), expected[part].to_numpy(), rtol=1e-12)
    local = lisa.local(x, w, inference="analytic")
    np.testing.assert_array_equal(results.analyses["lisa"].local["statistic"].sel(variable="D"), local["statistic"])
    curve = density.estimate(x, reflect=True)
    np.testing.assert_array_equal(results.analyses["density"].curves["density"].sel(variable="D"), curve["density"])


def test_the_first_weights_are_the_main_ones_and_all_are_compared(results: StudyResults) -> None:
    tables = results.tables()
    first, *_ = results.analyses["moran"].neighbours
    compared = tables["moran_neighbours"]
    assert set(compared["neighbours"]) == {"contiguity", "4 nearest"} | set(results.analyses["moran"].neighbours)
    main = compared[compared["neighbours"] == first].drop(columns="neighbours").reset_index(drop=True)
    assert main.equals(tables["moran"])


def test_within_groups_three_regions_have_only_a_permutation_p(results: StudyResults) -> None:
    table = results.tables()["moran_groups"]
    three = table[table["n"] == 3]
    assert len(three) == 3 * 13
    assert three[["sd", "z", "p"]].isna().all(axis=None)
    assert three["p_sim"].notna().all()
    assert table["few"].all()


def test_the_same_seed_gives_the_same_p_whatever_else_is_asked(demo: Path, results: StudyResults) -> None:
    alone = ouhe.run(demo, settings=["analyses={moran: {of: D, neighbours: contiguity}}"])
    np.testing.assert_array_equal(
        alone.analyses["moran"].main["p_sim"].sel(variable="D"),
        results.analyses["moran"].main["p_sim"].sel(variable="D"),
    )
    other = ouhe.run(demo, settings=["analyses={moran: {of: D}}", "seed=7"])
    assert (other.analyses["moran"].main["p_sim"] != alone.analyses["moran"].main["p_sim"]).any()


def test_a_series_that_only_weights_need_is_read(small_study: Path) -> None:
    folder = small_study.parent
    panel = (folder / "panel.csv").read_text("utf-8").splitlines()
    rows = [f"{line},{i % 4 * 7 + 1}" for i, line in enumerate(panel[1:])]
    rows += [f"D,{year},{i},{i + 3},{i},{i + 2},{30 - i}" for i, year in enumerate((2018, 2019, 2020), start=1)]
    (folder / "panel.csv").write_text("\n".join([f"{panel[0]},wealth", *rows]), "utf-8")
    (folder / "regions.csv").write_text("id\nA\nB\nC\nD\n", "utf-8")
    settings = ["analyses={moran: {permutations: 0, neighbours: {method: economic, of: wealth}}}"]
    found = ouhe.run(small_study, settings=settings).space.weights
    assert [w.name for w in found] == ["economic distance, wealth"]


def test_regions_without_a_group_count_for_all_regions_only(demo: Path, results: StudyResults) -> None:
    groups = "groups={north: [北京, 天津, 河北], delta: [上海, 江苏, 浙江, 安徽]}"
    tables = ouhe.run(demo, settings=[groups, "analyses={moran: {of: D, permutations: 0}}"]).tables()
    assert tables["moran_groups"].groupby("group")["n"].first().to_dict() == {"north": 3, "delta": 4}
    whole = results.tables()["moran"].query("variable == 'D'")["I"]
    np.testing.assert_allclose(tables["moran"]["I"], whole, rtol=1e-12)


@pytest.mark.parametrize("settings", ["figures=[wieghts]", "figures={font: nothere.ttf}", "figures={years: [1999]}"])
def test_check_looks_at_figures_too(demo: Path, settings: str) -> None:
    with pytest.raises(OuheError):
        output.checked(demo, settings=[settings])


def square(west: float, south: float, size: float, *, closed: bool = True) -> list[list[float]]:
    ring = [[west, south], [west + size, south], [west + size, south + size], [west, south + size]]
    return [*ring, ring[0] if closed else [west + size / 2, south]]


@pytest.mark.parametrize(
    ("rings", "said"),
    [
        ([square(12_000_000 + 10 * i, 4_000_000, 10) for i in range(4)], "degrees"),
        ([square(0, 0, 1), square(1, 0, 1), square(2, 0, 1), square(3, 0, 1, closed=False)], "map.geojson"),
    ],
)
def test_a_map_that_cannot_be_right_is_told(small_study: Path, rings: list[Any], said: str) -> None:
    folder = small_study.parent
    names = ["A", "B", "C", "D"]
    features = [
        {"type": "Feature", "properties": {"name": n}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for n, ring in zip(names, rings, strict=True)
    ]
    (folder / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    (folder / "regions.csv").write_text("id\nA\nB\nC\nD\n", "utf-8")
    with (folder / "panel.csv").open("a", encoding="utf-8") as panel:
        panel.writelines(f"D,{year},{i},{i + 3},{i},{i + 2}\n" for i, year in enumerate((2018, 2019, 2020), start=1))
    weights = "analyses={moran: {permutations: 0, neighbours: {method: boundaries, path: map.geojson}}}"
    assert said in problems_of(small_study, weights)


def test_bivariate_moran_holds_both_directions(results: StudyResults) -> None:
    table = results.tables()["bivariate_moran"]
    first, second = results.coupling.systems
    assert set(zip(table["variable"], table["lagged"], strict=True)) == {(first, second), (second, first)}


def test_results_come_back_as_they_were(demo: Path, tmp_path: Path) -> None:
    settings = ["analyses.geary={}", "analyses.getis={}", "analyses.lisa.inference=analytic", "report=none"]
    written, folder = ouhe.write(demo, tmp_path / "out", settings=settings)
    loaded = ouhe.load(folder)
    assert list(loaded.analyses) == list(written.analyses)
    before, after = written.tables(), loaded.tables()
    assert list(before) == list(after)
    for name, table in before.items():
        assert table.equals(after[name]), name
    for one, two in zip(written.space.weights, loaded.space.weights, strict=True):
        assert one.regions == two.regions
        assert (one.matrix != two.matrix).nnz == 0


def test_a_corrected_p_is_shown_and_judged(demo: Path) -> None:
    found = ouhe.run(demo, settings=["analyses={lisa: {of: D, correction: benjamini-hochberg}}"]).tables()["lisa"]
    assert (found["p_adjusted"] >= found["p"]).all()
    assert (found["significant"] == (found["p_adjusted"] <= 0.05)).all()


def test_words_say_how_a_density_changes(results: StudyResults) -> None:
    change = results.tables()["density_change"].query("variable == 'D'").set_index(["first_year", "last_year"])
    over_all = change.loc[(2010, 2022)]
    assert over_all["height"] < 0 < over_all["width"]
    assert (over_all["peak"], over_all["spread"]) == ("lower", "wider")


def test_one_year_has_no_moves(demo: Path) -> None:
    results = ouhe.run(demo, settings=["years=2022", "analyses.lisa.permutations=99"])
    tables = results.tables()
    assert tables["lisa_moves"].empty
    assert tables["class_moves"].empty
    assert tables["density_change"].empty
    assert len(tables["moran"]) == 3


def test_the_report_stands_where_an_analysis_leaves_its_neighbours_aside(small_study: Path) -> None:
    settings = ["analyses={transition: {spatial: false}}", "report=markdown"]
    results, folder = ouhe.write(small_study, settings=settings)
    assert not results.space.weights
    assert "transition" in results.analyses
    assert (folder / "report.md").is_file()


def test_every_analysis_has_its_result_and_no_other() -> None:
    assert list(ANALYSES) == list(StudyResults.ANALYSES)
