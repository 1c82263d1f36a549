from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xarray as xr

import ouhe
from ouhe import text
from ouhe.report import methods, references
from ouhe.report.document import Block, Bullets, Cite, Equation, Inline, Paragraph, Ref, Symbol
from ouhe.report.formulas import names as formula_names
from ouhe.results.groups import NATION
from ouhe.results.space import Space
from ouhe.results.study_results import StudyResults
from ouhe.study.analyses import ANALYSES
from ouhe.study.methods import COMBINATIONS, METHODS, options
from ouhe.study.schema import Study

ROOT = Path(__file__).resolve().parents[2]

#: Options without a default: what the tests give them.
IDS = ("rd_intensity", "rd_personnel", "maker_spaces", "patents_granted", "papers", "contract_value")
REQUIRED: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("normalise", "goalposts"): {"low": dict.fromkeys(IDS, 0.5), "high": dict.fromkeys(IDS, 7654.0)},
    ("weights", "given"): {"weights": dict.fromkeys(IDS, 1 / 3)},
    ("neighbours", "distance-band"): {"threshold_km": 1234},
    ("neighbours", "economic"): {"of": "income"},
    ("neighbours", "economic-geographic"): {"of": "income"},
    ("neighbours", "matrix"): {"path": "space/w.csv"},
    ("neighbours", "boundaries"): {"path": "space/map.geojson"},
}
ALL_METHODS = [(stage, method) for stage, held in METHODS.items() for method in held]
ALL_METHODS += [("weights", name) for name in COMBINATIONS]


@pytest.fixture(scope="module")
def spatial() -> StudyResults:
    """Results of the study in the examples that looks at space: 31 provinces, 13 years, two systems."""
    quick = [
        "analyses.moran.permutations=9",
        "analyses.bivariate_moran.permutations=9",
        "analyses.lisa.permutations=19",
    ]
    results = ouhe.run(ROOT / "examples" / "space.yml", settings=quick)
    values = results.data.values
    called = ["发表论文" if s == "papers" else "" for s in values["series"].to_numpy()]
    return replace(results, data=replace(results.data, values=values.assign_coords(name=("series", called))))


#: What settings resolve to, by what was asked for; the same settings come up in many tests.
_resolved: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {}


def varied(results: StudyResults, *, filled: bool = True, **changes: Any) -> StudyResults:
    """The same results as of a study with other settings; only what texts are made of is changed along."""
    asked = {**results.settings, **changes}
    if repr(asked) not in _resolved:
        study = Study.model_validate(asked)
        _resolved[repr(asked)] = study.model_dump(mode="json"), tuple(name for name, _ in study.analyses.asked())
    settings, wanted = _resolved[repr(asked)]
    chosen = methods.space.choices(settings)
    made = tuple(results.space.weights[0].styled(c["style"]).named(f"W{i}") for i, c in enumerate(chosen))
    analyses = {name: results.analyses.get(name, results.analyses["moran"]) for name in wanted}
    values = results.data.values
    if filled:
        values = values.assign(filled_by=xr.ones_like(values["filled_by"]))
    data = replace(results.data, values=values)
    return replace(results, settings=settings, space=Space(made), analyses=analyses, data=data)


def choice(stage: str, method: str, **more: Any) -> dict[str, Any]:
    """Changes of a study that choose a method."""
    chosen: Any = {"method": method, **REQUIRED.get((stage, method), {}), **more}
    if method in COMBINATIONS:
        chosen["of"] = ["entropy", "critic"]
    if stage == "neighbours":
        return {"analyses": {"geary": {"neighbours": [chosen]}}}
    return {stage: {"method": [chosen]} if stage == "missing" else chosen}


STEP_OF = {"missing": "preparing"}


def pieces(blocks: tuple[Block, ...]) -> Iterator[Inline]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield from block.content
        elif isinstance(block, Bullets):
            for item in block.items:
                yield from item


def plain(blocks: tuple[Block, ...]) -> str:
    """Everything a reader reads, equations by their name."""
    said = []
    for block in blocks:
        if isinstance(block, Equation):
            said.append(f" <{block.name}> ")
            continue
        said += [p if isinstance(p, str) else f"<{p}>" for p in pieces((block,))]
    return "".join(said)


def step(results: StudyResults, name: str, lang: text.Lang = "en") -> tuple[Block, ...]:
    with text.use(lang):
        return methods.steps(results)[name]


def check_sound(told: Mapping[str, tuple[Block, ...]]) -> None:
    """Formulas and works exist, references lead to an equation of the same step, nothing is left unfilled."""
    for name, blocks in told.items():
        equations = [b for b in blocks if isinstance(b, Equation)]
        anchors = {e.anchor for e in equations}
        assert len(anchors) == len(equations), name
        assert {e.name for e in equations} <= set(formula_names()), name
        assert all(re.fullmatch(r"eq-[a-z0-9-]+", a) for a in anchors)
        for piece in pieces(blocks):
            if isinstance(piece, Ref):
                assert piece.anchor in anchors, (name, piece)
            elif isinstance(piece, Cite):
                assert set(piece.keys) <= set(references.works()), (name, piece)
            elif isinstance(piece, Symbol):
                assert not re.search(r"[{}$\\]", piece.name), (name, piece)
            else:
                assert isinstance(piece, str)
                assert not re.search(r"[{}$\\]|\[\[", piece), (name, piece)


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize(("stage", "method"), ALL_METHODS)
def test_every_method_has_its_text(spatial: StudyResults, stage: str, method: str, lang: text.Lang) -> None:
    results = varied(spatial, **choice(stage, method))
    with text.use(lang):
        told = methods.steps(results)
    check_sound(told)
    blocks = told[STEP_OF.get(stage, stage)]
    written = f"{stage}_{method}".replace("-", "_")
    if method != "matrix":  # a matrix that is read has no formula
        assert any(b.name.startswith(written) for b in blocks if isinstance(b, Equation))


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("stage", METHODS)
def test_methods_of_a_stage_are_told_apart(spatial: StudyResults, stage: Any, lang: text.Lang) -> None:
    chosen = [method for s, method in ALL_METHODS if s == stage]
    told = {plain(step(varied(spatial, **choice(stage, m)), STEP_OF.get(stage, stage), lang)) for m in chosen}
    assert len(told) == len(chosen)


def test_every_analysis_has_its_step() -> None:
    assert set(methods.ANALYSES) == set(ANALYSES)


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("name", ANALYSES)
def test_an_analysis_is_told_where_it_was_asked_for_only(spatial: StudyResults, name: str, lang: text.Lang) -> None:
    with text.use(lang):
        told = methods.steps(varied(spatial, analyses=[name]))
        without = methods.steps(varied(spatial, analyses={}))
    check_sound(told)
    assert set(told) & set(ANALYSES) == {name}
    assert any(isinstance(b, Equation) for b in told[name])
    assert not set(without) & {*ANALYSES, "neighbours"}


#: Stage or analysis, method, option, another value than the default, what the English text then says of it.
OPTIONS: list[tuple[str, str, str, Any, str]] = [
    ("missing", "linear", "ends", "extrapolate", "line through the two nearest"),
    ("missing", "linear", "ends", "leave", "Nothing was interpolated before the first"),
    ("missing", "linear", "max_gap", 7, "longer than 7"),
    ("missing", "carry-forward", "limit", 4, "at most 4"),
    ("normalise", "minmax", "over", "year", "regions in the same year"),
    ("normalise", "minmax", "range_offset", 1e-9, "1e-09 was added"),
    ("normalise", "minmax", "winsorise", 0.025, "below the 2.5 % quantile or above the 97.5 % quantile"),
    ("normalise", "zscore", "winsorise", 0.01, "below the 1 % quantile or above the 99 %"),
    ("normalise", "vector", "winsorise", 0.05, "below the 5 % quantile or above the 95 %"),
    ("normalise", "zscore", "over", "year", "regions in the same year"),
    ("normalise", "zscore", "ddof", 0, "that of the population"),
    ("normalise", "zscore", "shift", 3.5, " is 3.5."),
    ("normalise", "goalposts", "low", dict.fromkeys(IDS, 0.25), ": 0.25–7654"),
    ("normalise", "goalposts", "high", dict.fromkeys(IDS, 99.0), ": 0.5–99"),
    ("normalise", "goalposts", "clip", True, "taken as the nearest bound"),
    ("normalise", "vector", "over", "year", "regions in the same year"),
    ("weights", "entropy", "offset", 1e-4, " = 0.0001 was added"),
    ("weights", "entropy", "denominator", "regions", "it may exceed 1 and turn weights around"),
    ("weights", "given", "rescale", True, "scaled within each system"),
    ("aggregate", "geometric", "offset", 0.002, " = 0.002 was added"),
    ("neighbours", "contiguity", "style", "binary", "binary, 1 for a neighbour: “W0”"),
    ("neighbours", "contiguity", "style", "raw", "not standardised: “W0”"),
    ("neighbours", "k-nearest", "k", 6, "the 6 nearest regions"),
    ("neighbours", "k-nearest", "metric", "great-circle", "great circles"),
    ("neighbours", "k-nearest", "points", "centroids", "centre of mass"),
    ("neighbours", "distance-band", "threshold_km", 777, " = 777 km"),
    ("neighbours", "distance-band", "metric", "great-circle", "great circles"),
    ("neighbours", "distance-band", "points", "centroids", "centre of mass"),
    ("neighbours", "inverse-distance", "power", 3, "power of <Symbol(name='p')> = 3"),
    ("neighbours", "inverse-distance", "threshold_km", 888, "more than 888 km apart do not count"),
    ("neighbours", "inverse-distance", "metric", "great-circle", "great circles"),
    ("neighbours", "inverse-distance", "points", "centroids", "centre of mass"),
    ("neighbours", "economic", "power", 2.5, "power of <Symbol(name='p')> = 2.5"),
    ("neighbours", "economic", "of", "papers", "means of 发表论文 over" ),
    ("neighbours", "economic-geographic", "of", "papers", "发表论文"),
    ("neighbours", "economic-geographic", "form", "mean", "each row-standardised"),
    ("neighbours", "economic-geographic", "form", "shares", "relative to the mean of all regions"),
    ("neighbours", "economic-geographic", "power", 4, "power of <Symbol(name='p')> = 4"),
    ("neighbours", "economic-geographic", "metric", "great-circle", "great circles"),
    ("neighbours", "economic-geographic", "points", "centroids", "centre of mass"),
    ("neighbours", "matrix", "path", "other/own.xlsx", "file own.xlsx"),
    ("neighbours", "matrix", "sheet", "W2", "The sheet is W2"),
    ("neighbours", "matrix", "order", "as-listed", "order is that of the region set"),
    ("neighbours", "matrix", "order", ["北京", "天津"], "the study states their order"),
    ("neighbours", "matrix", "allow_negative", True, "Negative weights were allowed"),
    ("neighbours", "boundaries", "path", "other/own.shp", "file own.shp"),
    ("neighbours", "boundaries", "rule", "rook", "share a line"),
    ("neighbours", "lattice", "rule", "rook", "cells of the raster that have an edge in common"),
    ("neighbours", "boundaries", "joined", [["海南", "广东"]], "海南–广东"),
    ("moran", "", "of", ["T"], "of the development index is tested"),
    ("moran", "", "years", [2010, 2020], "The years are 2010 and 2020"),
    ("moran", "", "neighbours", ["contiguity", "k-nearest"], "“W1” serve for comparison"),
    ("moran", "", "variance", "normality", "<moran_variance_normality>"),
    ("moran", "", "permutations", 98, "98 random permutations (seed 42)"),
    ("moran", "", "permutations", 0, "no permutation test"),
    ("bivariate_moran", "", "of", ["C", "D"], "the coupling degree and the coordination degree"),
    ("bivariate_moran", "", "years", [2010, 2020], "The years are 2010 and 2020"),
    ("bivariate_moran", "", "neighbours", ["contiguity", "k-nearest"], "“W1” serve for comparison"),
    ("bivariate_moran", "", "permutations", 98, "98 random permutations (seed 42)"),
    ("bivariate_moran", "", "permutations", 0, "no permutation test"),
    ("geary", "", "of", ["C"], "Differences of the coupling degree"),
    ("geary", "", "years", [2010, 2020], "The years are 2010 and 2020"),
    ("geary", "", "neighbours", ["contiguity", "k-nearest"], "“W1” serve for comparison"),
    ("geary", "", "variance", "normality", "under normality"),
    ("geary", "", "permutations", 98, "98 random permutations (seed 42)"),
    ("getis", "", "of", ["C"], "values of the coupling degree"),
    ("getis", "", "years", [2010, 2020], "The years are 2010 and 2020"),
    ("getis", "", "neighbours", ["contiguity", "k-nearest"], "“W1” serve for comparison"),
    ("getis", "", "style", "row", "Its weights are row-standardised"),
    ("getis", "", "style", "raw", "left as they are"),
    ("getis", "", "permutations", 98, "98 random permutations (seed 42)"),
    ("lisa", "", "of", ["C"], "clusters of the coupling degree"),
    ("lisa", "", "years", [2010, 2020], "The years are 2010 and 2020"),
    ("lisa", "", "inference", "analytic", "<lisa_variance>"),
    ("lisa", "", "permutations", 77, "77 conditional permutations (seed 42)"),
    ("lisa", "", "significance", 0.1, "about 20% of the regions"),
    ("lisa", "", "correction", "benjamini-hochberg", "false discovery rate"),
    ("lisa", "", "quadrant_origin", "mean_lag", "above the mean of the lags"),
    ("density", "", "of", ["C"], "distribution of the coupling degree over"),
    ("density", "", "years", [2010, 2020], "The years are 2010 and 2020"),
    ("density", "", "prominence", 0.2, "at least 20%"),
    ("density", "", "kernel", "epanechnikov", "<kernel_epanechnikov>"),
    ("density", "", "bandwidth", "scott", "<bandwidth_scott>"),
    ("density", "", "bandwidth", "silverman", "<bandwidth_silverman>"),
    ("density", "", "bandwidth", "isj", "<bandwidth_isj>"),
    ("density", "", "bandwidth", 0.125, " = 0.125 in all years"),
    ("density", "", "points", 300, "300 points"),
    ("density", "", "reflect", True, "reflected at 0 and 1"),
    ("density", "", "exact_up_to", 20, "more than 20 regions"),
    ("convergence", "", "of", ["C"], "alike in the coupling degree"),
    ("convergence", "", "years", [2010, 2014, 2018], "β downwards <Cite(keys=('nickell1981',))>."),
    ("convergence", "", "step", 3, " is 3 (years)"),
    ("convergence", "", "controls", ["papers"], "adds controls (发表论文)"),
    ("convergence", "", "zeros", "leave-out", "are left out"),
    ("convergence", "", "trend_lags", 2, "with 2 lags"),
    ("convergence", "", "dependence", "lag", "growth may depend on the neighbours’ growth"),
    ("convergence", "", "dependence", "error", "errors may depend on the neighbours’ errors"),
    ("convergence", "", "smoothing", 0, "without a filter"),
    ("convergence", "", "discard", 0.2, " = 0.2 of the years"),
    ("convergence", "", "merging", "schnurbus", "until there are none"),
    ("convergence", "", "merging", "none", "Clubs are not joined"),
    ("transition", "", "of", ["C"], "Moves of the coupling degree"),
    ("transition", "", "years", [2010, 2014, 2018], "4 years later"),
    ("transition", "", "classes", "quantiles", "4 classes by the quantiles of all years together"),
    ("transition", "", "spatial", False, "the same at all times"),
    ("transition", "", "step", 3, "moves overlap"),
    ("transition", "", "lag_classes", "quantiles", "classed by 4 quantiles of its own"),
    ("transition", "", "periods", 3, "of 3 periods"),
    ("inequality", "", "of", ["C"], "regions in the coupling degree are"),
    ("inequality", "", "years", [2010, 2020], "The years are 2010 and 2020"),
    ("inequality", "", "aversion", [0.25, 2.0], "of 0.25 and 2"),
    ("inequality", "", "sensitivity", 0.75, " = 0.75:"),
    ("inequality", "", "levels", [{"a": ["x"]}, {"b": ["x"]}], "groups of the study: 2."),
    ("uncertainty", "", "of", ["C"], "Of the coupling degree and of ranks"),
    ("uncertainty", "", "years", [2010, 2020], "The years are 2010 and 2020"),
    ("uncertainty", "", "choices", ["resample"], "drawn with replacement"),
    ("uncertainty", "", "choices", [], "No choice was drawn"),
    ("uncertainty", "", "draws", 77, "77 times"),
    ("uncertainty", "", "samples", 64, "64 base rows"),
    ("uncertainty", "", "weight_cv", 0.35, " = 0.35"),
    ("uncertainty", "", "contribution_cv", 0.15, "variation 0.15"),
    ("uncertainty", "", "contribution_cv", "uniform", "equally probable"),
    ("uncertainty", "", "level", 0.8, "holds 80% of"),
    ("uncertainty", "", "save_draws", True, "kept with the results"),
]  # fmt: skip


def changed(stage: str, method: str, option: str, value: Any) -> dict[str, Any]:
    if stage in ANALYSES:
        return {"analyses": {stage: {option: value}}}
    return choice(stage, method, **{option: value})


@pytest.mark.parametrize(("stage", "method", "option", "value", "told"), OPTIONS)
def test_an_option_that_is_not_the_default_is_told(
    spatial: StudyResults, stage: str, method: str, option: str, value: Any, told: str
) -> None:
    default = {"analyses": {stage: {}}} if stage in ANALYSES else choice(stage, method)
    name = STEP_OF.get(stage, stage)
    with_option = varied(spatial, **changed(stage, method, option, value))
    without = varied(spatial, **default)
    assert told in plain(step(with_option, name))
    assert told not in plain(step(without, name))
    assert plain(step(with_option, name, "zh")) != plain(step(without, name, "zh"))


def test_every_option_there_is_has_such_a_case() -> None:
    there = {(stage, m, o) for stage, held in METHODS.items() for m, f in held.items() for o in options(f)}
    there |= {(name, "", o) for name, kind in ANALYSES.items() for o in options(kind.function)}
    told = {(stage, method, option) for stage, method, option, _, _ in OPTIONS}
    elsewhere = {
        ("weights", "given", "weights"),  # the table of weights holds them
        ("density", "", "bounds"),  # told with reflection, below
        ("neighbours", "economic-geographic", "geographic_share"),  # told with the form mean, below
        ("transition", "", "k"),  # told of quantile classes, below
        ("transition", "", "quantiles"),
    }
    styles = {("neighbours", m, "style") for m in METHODS["neighbours"]}  # one way for all
    assert there - told == elsewhere | (styles - {("neighbours", "contiguity", "style")})


def test_options_that_need_another_are_told_with_it(spatial: StudyResults) -> None:
    bounded = varied(spatial, analyses={"density": {"reflect": True, "bounds": [-0.5, 2.5]}})
    assert "reflected at -0.5 and 2.5" in plain(step(bounded, "density"))
    binned = {"classes": "quantiles", "k": 5, "quantiles": "yearly"}
    told = plain(step(varied(spatial, analyses={"transition": binned}), "transition"))
    assert "5 classes by the quantiles of every year" in told
    logged = {"controls": ["papers", "income"], "log": ["papers"]}
    told = plain(step(varied(spatial, analyses={"convergence": logged}), "convergence"))
    assert "Of these, 发表论文 enter as logarithms" in told
    assert "clubs_log_t" not in plain(step(varied(spatial, analyses={"convergence": {"clubs": False}}), "convergence"))
    nested = {"method": "economic-geographic", "of": "income", "form": "mean", "geographic_share": 0.35}
    told = plain(step(varied(spatial, analyses={"geary": {"neighbours": [nested]}}), "neighbours"))
    assert " = 0.35:" in told
    assert "<neighbours_economic_geographic_mean>" in told


def test_inequality_is_split_where_there_are_groups(spatial: StudyResults) -> None:
    results = varied(spatial, analyses={"inequality": {}})
    assert "After Dagum" in plain(step(results, "inequality"))
    alone = replace(results, groups=replace(results.groups, means=results.groups.means.isel(group=[0, 1])))
    assert "not split by groups" in plain(step(alone, "inequality"))
    assert "Dagum" not in plain(step(alone, "inequality"))


def test_missing_values_are_told_in_the_order_in_which_they_were_filled(spatial: StudyResults) -> None:
    chosen = {"method": ["linear", {"method": "carry-forward", "limit": 2}, "indicator-mean"], "max_share": 0.3}
    results = varied(spatial, missing={**chosen, "before_derive": ["papers"], "tokens": ["—"]})
    blocks = step(results, "preparing")
    said = plain(blocks)
    assert "in this order: linear interpolation, the last known value and indicator mean." in said
    assert "The entries “—” of the files count as missing." in said
    assert "No more than 30%" in said
    assert "Missing values of 发表论文 were filled before these computations" in said
    filled = results.data.values["filled_by"].size
    assert f"the number of values filled, over all series, is {filled}." in said
    names = [b.name for b in blocks if isinstance(b, Equation)]
    assert names == ["missing_linear", "missing_carry_forward", "missing_indicator_mean"]


def test_a_panel_without_gaps_is_told_as_such(spatial: StudyResults) -> None:
    complete = varied(spatial, filled=False, missing=None)
    assert "no value was filled" in plain(step(complete, "preparing"))
    spare = varied(spatial, filled=False, missing="trend")
    said = plain(step(spare, "preparing"))
    assert "were to be filled by linear trend, but none was missing" in said
    assert "<missing_trend>" not in said


def test_editions_dropped_indicators_and_the_theil_index_are_told(spatial: StudyResults) -> None:
    data = replace(spatial.data, derived={"income": "theil(a, b, c, d)"}, dropped=("papers",))
    results = varied(replace(spatial, data=data), editions="own-year", filled=False)
    said = plain(step(results, "preparing"))
    assert "the edition of the year itself holds" in said
    assert "left out: 发表论文." in said
    assert "<theil>" in said
    assert "Cite(keys=('gan2011',))" in said
    for editions in ("first", "latest"):
        assert "disagree" in plain(step(varied(spatial, editions=editions), "preparing"))
    assert "disagree" not in plain(step(spatial, "preparing"))


def test_combined_weights_are_told_part_by_part(spatial: StudyResults) -> None:
    chosen = {"method": "product", "of": ["entropy", "principal", {"method": "entropy", "offset": 0.01}]}
    blocks = step(varied(spatial, weights=chosen), "weights")
    names = [b.name for b in blocks if isinstance(b, Equation)]
    assert names == ["share", "entropy", "weights_entropy", "weights_principal", "share_offset", "weights_product"]
    said = plain(blocks)
    assert "product of 3 kinds of weights" in said
    assert "entropy weights, weights from principal components and entropy weights" in said
    # what would stand twice is referred to
    assert Ref("eq-weights-entropy") in list(pieces(blocks))


def test_directions_decide_which_formulas_stand(spatial: StudyResults) -> None:
    def with_directions(*directions: str) -> list[str]:
        weight = spatial.measurement.weight
        given = [directions[i % len(directions)] for i in range(weight.sizes["indicator"])]
        measured = replace(spatial.measurement, weight=weight.assign_coords(direction=("indicator", given)))
        return [b.name for b in step(replace(spatial, measurement=measured), "normalise") if isinstance(b, Equation)]

    assert with_directions("positive") == ["normalise_minmax"]
    assert with_directions("negative") == ["normalise_minmax_negative"]
    assert with_directions("positive", "negative") == ["normalise_minmax", "normalise_minmax_negative"]


def test_winsorised_values_are_counted(spatial: StudyResults) -> None:
    results = varied(spatial, normalise={"method": "minmax", "over": "year", "winsorise": 0.01})
    entropy = spatial.measurement.entropy
    counted = entropy.assign_coords(winsorised=("indicator", [8] * (entropy.size - 1) + [1200]))
    told = plain(step(replace(results, measurement=replace(results.measurement, entropy=counted)), "normalise"))
    assert "within each year" in told
    assert f"moved {8 * (entropy.size - 1) + 1200:,} values, 8 to 1,200 of each indicator" in told


def test_dimensions_are_told_where_there_are_some(small_study: Path, spatial: StudyResults) -> None:
    def equations(results: StudyResults, name: str) -> list[str]:
        return [b.name for b in step(results, name) if isinstance(b, Equation)]

    results = ouhe.run(small_study)
    assert "weights_dimension" in equations(results, "weights")
    assert "aggregate_dimension" in equations(results, "aggregate")
    assert "weights_dimension" not in equations(spatial, "weights")
    assert "aggregate_dimension" not in equations(spatial, "aggregate")


def test_coupling_is_told_for_as_many_systems_as_there_are(spatial: StudyResults) -> None:
    two = step(spatial, "coupling")
    assert Equation("coupling_standard_two", "eq-coupling-standard-two") in two
    assert " = 0.5" in plain(two)
    more = replace(spatial, coupling=replace(spatial.coupling, systems=("A", "B", "C1")))
    blocks = step(more, "coupling")
    assert Equation("coupling_standard", "eq-coupling-standard") in blocks
    assert " = 3 the number of systems" in plain(blocks)
    assert " = 0.333" in plain(blocks)


def test_settings_of_coupling_are_told(spatial: StudyResults) -> None:
    shares = {"创新投入": 0.4, "创新产出": 0.6}
    chosen = {"method": "fan", "rescale": [0.02, 0.98], "contribution": shares, "in_step": 0.03}
    results = varied(spatial, coupling=chosen)
    blocks = step(results, "coupling")
    assert "stretched over the whole panel to [0.02, 0.98]" in plain(blocks)
    assert "创新投入 0.4 and 创新产出 0.6" in plain(blocks)
    names = [b.name for b in blocks if isinstance(b, Equation)]
    assert names == ["rescale", "coupling_fan", "development", "coordination"]
    assert "no more than 0.03. The indices compared are those stretched" in plain(step(results, "lag"))
    assert "stretched" not in plain(step(spatial, "lag"))
    assert "0.03" in plain(step(results, "lag", "zh"))


@pytest.mark.parametrize(
    ("classes", "cited", "said"),
    [
        ("nine-level", "ran2024", "severe imbalance (0–0.2)"),
        ("ten-level", "liao1999", "in steps of 0.1"),
        (
            [{"upper": 0.4, "label": "low"}, {"upper": 1, "label": "high"}],
            "",
            "2 classes: low (0–0.4) and high (0.4–1).",
        ),
    ],
)
def test_classes_are_told_with_their_bounds(spatial: StudyResults, classes: Any, cited: str, said: str) -> None:
    results = varied(spatial, classes=classes)
    if isinstance(classes, list):
        labels, upper = tuple(c["label"] for c in classes), tuple(c["upper"] for c in classes)
        results = replace(results, coupling=replace(results.coupling, labels=labels, upper=upper))
    if classes == "nine-level":
        results = replace(results, coupling=spatial.told_in("en").coupling)
    blocks = step(results, "classes")
    assert said in plain(blocks)
    assert [p.keys for p in pieces(blocks) if isinstance(p, Cite)] == ([(cited,)] if cited else [])


def test_groups_are_named_and_those_outside_counted(spatial: StudyResults) -> None:
    english = spatial.told_in("en")
    said = plain(step(english, "groups"))
    assert "The level of the nation and of each group (Eastern, Central, Western and Northeastern)" in said
    assert "belong to no group" not in said
    assert " = 12 is the number of years" in said
    members = {g: m[:2] if g != "nation" else m for g, m in english.groups.members.items()}
    fewer = replace(english, groups=replace(english.groups, members=members))
    assert "belong to no group (23)" in plain(step(fewer, "groups"))


def test_a_study_of_few_regions_without_groups_and_of_one_year(small_study: Path) -> None:
    results = ouhe.run(small_study, settings=["years=[2020]"])
    for lang in text.LANGUAGES:
        with text.use(lang):
            check_sound(methods.steps(results))
    blocks = step(results, "groups")
    assert [b.name for b in blocks if isinstance(b, Equation)] == ["nation_mean"]
    assert "The level of all regions is the plain mean" in plain(blocks)
    assert "3 regions for 2020," in plain(step(results, "preparing"))
    assert "Gaps between regions are measured" in plain(step(results, "gaps"))


def test_few_regions_are_told_where_z_is_no_guide(spatial: StudyResults) -> None:
    def of(n: int, permutations: int) -> str:
        measured = replace(spatial.measurement, x=spatial.measurement.x.isel(region=slice(n)))
        few = replace(varied(spatial, analyses={"moran": {"permutations": permutations}}), measurement=measured)
        return plain(step(few, "moran"))

    assert "fewer than 20 regions the normal" not in of(20, 99)
    assert "With fewer than 20 regions the normal" in of(19, 99)
    assert "all of them were taken" not in of(5, 99)
    assert "no more than 120 orders, all of them were taken instead, and this <Symbol(name='p')> is exact" in of(5, 120)


def test_moran_within_groups_is_told_where_it_was_computed(spatial: StudyResults) -> None:
    assert "Within groups, the weights are cut" in plain(step(spatial, "moran"))
    found = replace(spatial.analyses["moran"], within=None)
    without = replace(spatial, analyses={**spatial.analyses, "moran": found})
    assert "Within groups" not in plain(step(without, "moran"))


def test_weights_of_one_kind_share_their_formula(spatial: StudyResults) -> None:
    several = [{"method": "k-nearest", "k": k} for k in (3, 5)]
    blocks = step(varied(spatial, analyses={"geary": {"neighbours": several}}), "neighbours")
    assert [b.name for b in blocks if isinstance(b, Equation)].count("neighbours_k_nearest") == 1
    assert (
        "the 5 nearest regions are the neighbours of a region as in <Ref(anchor='eq-neighbours-k-nearest')>."
        in plain(blocks)
    )


def test_scaling_is_told_for_each_set_of_weights(spatial: StudyResults) -> None:
    chosen = ["contiguity", {"method": "k-nearest", "style": "binary"}, {"method": "inverse-distance", "style": "raw"}]
    said = plain(step(varied(spatial, analyses={"geary": {"neighbours": chosen}}), "neighbours"))
    assert "row-standardised: “W0”" in said
    assert "binary, 1 for a neighbour: “W1”" in said
    assert "not standardised: “W2”" in said


def test_regions_without_a_neighbour_are_counted(spatial: StudyResults) -> None:
    alone = spatial.space.weights[0]
    cut = type(alone)(alone.regions, alone.matrix * 0.0, alone.style, alone.name)
    results = varied(spatial, analyses={"geary": {}})
    said = plain(step(replace(results, space=Space((cut,))), "neighbours"))
    assert "Regions without a neighbour in “邻接”: 31." in said


def test_obstacles_are_told_where_they_could_be_computed(spatial: StudyResults) -> None:
    def told(found: object, groups: Any, lang: text.Lang = "en") -> tuple[Block, ...]:
        held: Any = SimpleNamespace(obstacles=found, groups=groups)
        with text.use(lang):
            return methods.STEPS["obstacles"](held)

    blocks = told(object(), spatial.groups)
    check_sound({"obstacles": blocks})
    assert [b.name for b in blocks if isinstance(b, Equation)] == ["obstacle"]
    assert "The degree of a group is the plain mean" in plain(blocks)
    assert "障碍度" in plain(told(object(), spatial.groups, "zh"))
    alone = replace(spatial.groups, members={"nation": spatial.groups.members["nation"]})
    assert "The degree of a group" not in plain(told(object(), alone))
    assert told(None, spatial.groups) == ()


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_stored_results_are_told_alike(spatial: StudyResults, lang: text.Lang) -> None:
    record = json.loads(json.dumps(spatial.record()))
    again = StudyResults.from_stored(record, {name: part.arrays() for name, part in spatial.parts().items()})
    with text.use(lang):
        assert methods.steps(again.told_in(lang)) == methods.steps(spatial.told_in(lang))


def test_hostile_names_come_out_as_text(spatial: StudyResults) -> None:
    names = ("[[cite:x]] $y$", "{0} <b>")
    groups = {g: f"[[ref:{g}]] $a$ {{1}}" for g in spatial.groups.labels}
    results = replace(
        spatial,
        coupling=replace(spatial.coupling, systems=names),
        groups=replace(spatial.groups, labels=groups),
    )
    for lang in text.LANGUAGES:
        assert names[0] in plain(step(results, "coupling", lang))
        assert names[1] in plain(step(results, "coupling", lang))
        assert not [p for p in pieces(step(results, "groups", lang)) if isinstance(p, Ref)]


def test_the_entropy_method_word_for_word(spatial: StudyResults) -> None:
    first, share, entropy, then, weights, where = step(spatial, "weights")
    assert [b.name for b in (share, entropy, weights) if isinstance(b, Equation)] == [
        "share",
        "entropy",
        "weights_entropy",
    ]
    assert isinstance(first, Paragraph)
    how = "the more unevenly its values are spread"
    assert first.content == (
        "Weights within each system come from the entropy method ",
        Cite(("shannon1948",)),
        f", by which an indicator weighs more {how}. First come shares and the information entropy,",
    )
    assert then == Paragraph(("then the weights:",))
    assert isinstance(where, Paragraph)
    assert where.content[:3] == ("where ", Symbol("p_tij"), " is the share, ")
    chinese = step(spatial, "weights", "zh")[0]
    assert isinstance(chinese, Paragraph)
    assert chinese.content == (
        "采用熵权法",
        Cite(("shannon1948",)),
        "确定各系统内指标的权重，指标数值的分布越不均匀，权重越大。先计算比重与信息熵：",
    )


def test_marks_are_the_same_in_both_languages() -> None:
    marks = re.compile(r"\[\[[^\]]+\]\]")
    zh, en = text.texts("report_methods", "zh"), text.texts("report_methods", "en")
    for key in en:
        assert sorted(marks.findall(zh[key])) == sorted(marks.findall(en[key])), key


def of_raster(
    spatial: StudyResults, *, rule: str = "queen", zones: bool = True, mapped: bool = True, **settings: Any
) -> Any:
    """What methods read of a study of rasters, with the choices of a study of regions."""
    asked = {k: v for k, v in spatial.settings["analyses"].items() if k in ("moran", "lisa", "density")}
    weights, called = {"method": "lattice", "rule": rule}, f"lattice, {rule}"
    asked = {k: (v | {"neighbours": weights} if "neighbours" in v else v) for k, v in asked.items()}
    sizes = {"y": 30, "x": 40} if mapped else {"region": 1_000}
    outside = 200 if mapped else 0
    return SimpleNamespace(
        settings=dict(spatial.settings) | {"analyses": asked, "derive": {}} | settings,
        years=spatial.years,
        grid=SimpleNamespace(sizes=sizes, counted=1_000, outside=outside, is_raster=mapped),
        measurement=spatial.measurement,
        coupling=spatial.coupling,
        groups=spatial.groups if zones else replace(spatial.groups, members={NATION: ()}),
        analyses={
            "moran": SimpleNamespace(neighbours=(called,)),
            "lisa": SimpleNamespace(neighbours=called),
            "density": None,
        },
    )


def test_cells_of_a_raster_are_spoken_of(spatial: StudyResults) -> None:
    with text.use("en"):
        told = {name: plain(blocks) for name, blocks in methods.steps(of_raster(spatial)).items()}
        assert list(told) == [n for n in [*methods.OF_RASTERS, "moran", "lisa", "density"] if n in told]
        assert "30 × 40 cells, of which 1,000 are counted" in told["preparing"]
        assert "cell $" not in told["normalise"]
        assert not [name for name, said in told.items() if re.search(r"\bregions?\b", said)]
        assert "“lattice, queen”" in told["neighbours"]
        assert "each of the" in told["groups"]
        assert "all counted cells" in told["preparing"]
        assert "linear bins" in told["density"]
        rook = methods.steps(of_raster(spatial, rule="rook", zones=False, raster={"area_weights": True}))
        assert "cosine of the latitude" in plain(rook["groups"])
        assert "edge in common" in plain(rook["neighbours"])
        table = of_raster(spatial, mapped=False, derive={"a": {"expression": "b / c"}})
        said = plain(methods.steps(table)["preparing"])
        assert "1,000 rows" in said
        assert "a = b / c" in said
    with text.use("zh"):
        said = "".join(map(plain, methods.steps(of_raster(spatial)).values()))
    assert "像元" in said
    assert "地区" not in said


def test_no_text_stands_idle(spatial: StudyResults, small_study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used: set[str] = set()
    original = text.texts

    class Watched(dict[str, str]):
        def __getitem__(self, key: str) -> str:
            used.add(key)
            return super().__getitem__(key)

    def watched(namespace: str, lang: text.Lang) -> dict[str, str]:
        found = original(namespace, lang)
        return Watched(found) if namespace == "report_methods" else found

    monkeypatch.setattr(text, "texts", watched)
    methods.steps(ouhe.run(small_study))
    methods.steps(spatial)
    for stage, method in ALL_METHODS:
        methods.steps(varied(spatial, **choice(stage, method)))
    for stage, method, option, value, _ in OPTIONS:
        methods.steps(varied(spatial, **changed(stage, method, option, value)))
    test_missing_values_are_told_in_the_order_in_which_they_were_filled(spatial)
    test_a_panel_without_gaps_is_told_as_such(spatial)
    test_editions_dropped_indicators_and_the_theil_index_are_told(spatial)
    test_inequality_is_split_where_there_are_groups(spatial)
    test_directions_decide_which_formulas_stand(spatial)
    test_winsorised_values_are_counted(spatial)
    test_combined_weights_are_told_part_by_part(spatial)
    test_coupling_is_told_for_as_many_systems_as_there_are(spatial)
    test_settings_of_coupling_are_told(spatial)
    test_groups_are_named_and_those_outside_counted(spatial)
    test_few_regions_are_told_where_z_is_no_guide(spatial)
    test_scaling_is_told_for_each_set_of_weights(spatial)
    test_regions_without_a_neighbour_are_counted(spatial)
    test_obstacles_are_told_where_they_could_be_computed(spatial)
    test_options_that_need_another_are_told_with_it(spatial)
    test_cells_of_a_raster_are_spoken_of(spatial)
    for classes in ("ten-level", [{"upper": 1, "label": "all"}]):
        methods.steps(varied(spatial, classes=classes))
    every = [{"method": m, **REQUIRED.get(("weights", m), {})} for m in METHODS["weights"]]
    methods.steps(varied(spatial, weights={"method": "mean", "of": every}))
    never = {k for k in original("report_methods", "en") if k not in used and not k.startswith("cite_")}
    assert never == set()
