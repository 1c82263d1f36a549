from __future__ import annotations

from typing import get_args

import pytest
from pydantic import TypeAdapter, ValidationError

import ouhe
from ouhe.errors import StudyError
from ouhe.read import LAYOUTS
from ouhe.study import document, methods
from ouhe.study.load import validate
from ouhe.study.schema import DataEntry, Study

#: Values for options without a default.
GIVEN = {"weights": {"a": 1.0}, "low": {"a": 0.0}, "high": {"a": 1.0}, "threshold_km": 9.0, "of": "a", "path": "w.csv"}

MINIMAL = """\
title: t
years: [2010, 2012]
data: {path: d.csv}
systems:
  A: {a: positive}
  B: {b: negative}
"""


def study(extra: str = "", base: str = MINIMAL) -> Study:
    return validate(document.parse(base + extra, file="study.yml"))[0]


def told(extra: str = "", base: str = MINIMAL) -> list[str]:
    """Messages about a study, of parts with a default and without."""
    try:
        return [p.message() for p in validate(document.parse(base + extra, file="study.yml"))[1]]
    except StudyError as error:
        return [p.message() for p in error.problems]


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("weights: critic", "weights: {method: critic}"),
        ("weights: {offset: 0.1}", "weights: {method: entropy, offset: 0.1}"),
        ("missing: linear", "missing: {method: [{method: linear}]}"),
        ("missing: none", "missing: {method: []}"),
        (
            "missing: {method: linear, ends: leave, max_share: 0.5}",
            "missing: {method: [{method: linear, ends: leave}], max_share: 0.5}",
        ),
        ("leave_out_rows: 全省", "leave_out_rows: [全省]"),
        ("missing: [linear, indicator-mean]", "missing: {method: [linear, {method: indicator-mean}]}"),
        ("classes: ten-level", "classes: {scheme: ten-level}"),
        ("classes: [{upper: 1, label: all}]", "classes: {scheme: null, levels: [{upper: 1, label: all}]}"),
        ("regions: china-provinces", "regions: {set: china-provinces}"),
        ("derive: {x: a / b}", "derive: {x: {expression: a / b}}"),
        ("coupling: wang", "coupling: {method: wang}"),
    ],
)
def test_short_forms_mean_their_long_forms(short: str, long: str) -> None:
    assert study(short) == study(long)


@pytest.mark.parametrize(
    ("written", "years"),
    [
        ("[2010, 2012]", (2010, 2011, 2012)),
        ("[2012, 2015, 2020]", (2012, 2015, 2020)),
        ("{only: [2010, 2020]}", (2010, 2020)),
        ("[2020]", (2020,)),
        ("2020", (2020,)),
        ("['2010', '2012']", (2010, 2011, 2012)),
        ("[2010.0, 2012.0]", (2010, 2011, 2012)),
        ("[2020, 2012, 2015]", (2012, 2015, 2020)),
    ],
)
def test_years(written: str, years: tuple[int, ...]) -> None:
    assert study(base=MINIMAL.replace("[2010, 2012]", written)).years == years


@pytest.mark.parametrize("written", ["positive", "正向", '"+"', "+", "Positive", "正"])
def test_spellings_of_a_direction(written: str) -> None:
    assert study(base=MINIMAL.replace("positive", written)).indicators[0].direction == "positive"


@pytest.mark.parametrize("written", ["负向", '"-"', "−"])
def test_spellings_of_the_other_direction(written: str) -> None:
    assert study(base=MINIMAL.replace("negative", written)).indicators[1].direction == "negative"


def test_a_tree_of_any_depth() -> None:
    deep = study(base=MINIMAL.replace("{a: positive}", "{d: {e: {f: {g: {a: {name: N, unit: m, direction: +}}}}}}"))
    a = deep.indicators[0]
    assert (a.system, a.path, a.id, a.name, a.unit) == ("A", ("d", "e", "f", "g"), "a", "N", "m")


@pytest.mark.parametrize(("title", "lang"), [("Coupling", "en"), ("耦合协调 study", "zh")])
def test_language_follows_the_title(title: str, lang: str) -> None:
    assert study(base=MINIMAL.replace("title: t", f"title: {title}")).language == lang


def test_every_option_of_every_method_reaches_its_function() -> None:
    for stage, known in methods.METHODS.items():
        for name, function in known.items():
            wanted = set(methods.options(function))
            takes = {**methods.FETCHED.get((stage, name), {}), **methods.options(function)}
            given = {k: GIVEN[k] for k, (_, default) in takes.items() if default is ...}
            choice = TypeAdapter(methods.union(stage)).validate_python({"method": name, **given})
            assert set(choice.options()) == wanted, (stage, name)


def test_the_layouts_of_the_schema_are_those_of_the_readers() -> None:
    assert set(get_args(DataEntry.model_fields["layout"].annotation)) == {"auto", "grid", *LAYOUTS}


def test_replace_gives_a_new_checked_study() -> None:
    before = study()
    after = before.replace(weights="equal", seed=1)
    assert (before.weights.method, after.weights.method, after.seed) == ("entropy", "equal", 1)
    assert after.replace(weights="entropy", seed=42) == before
    with pytest.raises(ValidationError):
        before.replace(weights="nothing")
    with pytest.raises(ValidationError, match="frozen"):
        before.seed = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("weigths: entropy", 'study.yml:7:1: unknown key "weigths"; did you mean "weights"'),
        ("weights: entrop", 'study.yml:7:1: unknown method "entrop"; did you mean "entropy"'),
        ("weights: {method: entropy, offst: 1}", 'study.yml:7:28: unknown key "offst"; did you mean "offset"'),
        ("weights: {method: entropy, offset: much}", '"offset": "much" stands where a number is due'),
        ("weights: {method: mean, of: [entropy]}", "too few entries"),
        (
            "weights: {method: mean, of: [entropy, critc]}",
            'study.yml:7:39: unknown method "critc"; did you mean "critic"',
        ),
        ("editions: newest", '"newest" is not one of error, first, latest, own-year'),
        ("missing: {method: linear, max_share: 2}", "must be at most 1"),
        ("missing: liner", 'unknown method "liner"; did you mean "linear"'),
        ("classes: [{upper: 0.5, label: a}, {upper: 0.4, label: b}]", "the upper ends must rise"),
        ("classes: [{upper: 0.5, label: a}]", "the last must be 1"),
        ("coupling: {method: standard, contribution: {A: 0.5, C: 0.5}}", "must name every system (A, B)"),
        ("coupling: {method: standard, contribution: {A: 0.5, B: 0.6}}", "study.yml:7:1: coupling.contribution"),
        ("seed: yes", '"seed": "yes" stands where a whole number is due'),
        ("seed: .inf", "stands where a number is due"),
        ("derive: {x: {expression: per_head(a, b)}}", "a comma inside {…} ends a value"),
        ("groups: [a]", '"groups"'),
        ("groups: {全国: [北京]}", "全国 cannot name a system or a group"),
        ("groups: {A: []}", "too few entries"),
        ("coupling: {method: standard, rescale: [0.5]}", "too few entries; at least 2"),
        ("weights: {offset: .nan}", "stands where a number is due"),
        ("weights: {offset: -1}", '"offset": -1 must be at least 0'),
        ("normalise: {range_offset: -5}", '"range_offset": -5 must be at least 0'),
        ("normalise: {winsorise: 0.5}", '"winsorise": 0.5 must be less than 0.5'),
        ("normalise: {method: goalposts, winsorise: 0.1}", "winsorise"),
        ("classes: [{upper: 0.5, label: a}, {upper: 1, label: a}]", "two classes have the same label"),
        ("groups: {nation: [北京]}", "nation cannot name a system or a group"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_the_nearest_name(extra: str, message: str) -> None:
    assert any(message in said for said in told(extra)), told(extra)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("title: t\n", ""), 'the key "title" is missing'),
        (("[2010, 2012]", "[2012, 2010]"), "study.yml:2:1: years: the first year 2012 must not come after"),
        (("[2010, 2012]", "[2010, 2011, 2011, 2012]"), "study.yml:2:1: years: 2011 stand twice"),
        (("[2010, 2012]", "[2010.5, 2012]"), "stands where a whole number is due"),
        (("  A: {", "  D: {"), "study.yml:4:1: D cannot name a system or a group"),
        (("[2010, 2012]", "[2010，2012]"), "study.yml:2:9: here stands the full-width ，"),
        (("{a: positive}", "{a: up}"), '"up" is not one of positive, negative'),
        (("{a: positive}", "{a: {name: x}}"), 'the key "direction" is missing'),
        (("{a: positive}", "{a: }"), 'the key "direction" is missing'),
        (("{b: negative}", "{a: negative}"), 'study.yml:6:7: the indicator "a" stands twice'),
        (("  B: {b: negative}\n", ""), "too few entries; at least 2"),
        (("{a: positive}", "{}"), "too few entries"),
        (("{path: d.csv}", "{path: d.csv, layuot: long}"), 'unknown key "layuot"; did you mean "layout"'),
        (("{path: d.csv}", "{path: d.csv, layout: lng}"), '"lng" is not one of auto, yearbook'),
    ],
)
def test_what_is_wrong_in_parts_without_a_default(change: tuple[str, str], message: str) -> None:
    base = MINIMAL.replace(*change)
    assert any(message in said for said in told(base=base)), told(base=base)


def test_all_problems_of_the_structure_are_told_together() -> None:
    said = told("weigths: entropy\nseed: yes\neditions: newest\n")
    assert len(said) == 3


def test_a_misspelt_part_with_a_default_does_not_stop_the_data_from_being_read(small_study) -> None:  # type: ignore[no-untyped-def]
    small_study.write_text(small_study.read_text("utf-8") + "weigths: equal\n", "utf-8")
    panel = small_study.parent / "panel.csv"
    panel.write_text(panel.read_text("utf-8").replace("A,2018,10", "A,2018,ten"), "utf-8")
    with pytest.raises(ouhe.OuheError) as caught:
        ouhe.check(small_study)
    said = str(caught.value)
    assert 'unknown key "weigths"' in said
    assert '"ten" is not a number' in said
    assert len(caught.value.problems) == 2
