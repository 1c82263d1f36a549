"""How weight is spread over indicators and dimensions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ouhe import text
from ouhe.panel import Indicator, describe
from ouhe.report.findings import weights
from ouhe.report.findings.finding import condition, numbers, sentence
from ouhe.study.run import run

shares = st.lists(st.integers(1, 60), min_size=1, max_size=14)


def found(values, *, dimensions="", negative=(), entropy=None, method="entropy", system="S"):
    """Findings on weights of one system; `dimensions` holds a letter an indicator."""
    values = np.array(values, dtype=float)
    values = values / values.sum()
    letters = dimensions or "A" * len(values)
    about = [
        Indicator(f"i{k}", system, (letters[k],), "negative" if k in negative else "positive", name=f"Indicator {k}")
        for k in range(len(values))
    ]
    ids = [i.id for i in about]
    w = describe(xr.DataArray(values, {"indicator": ids}, ("indicator",)), about)
    e = np.linspace(0.8, 0.9, len(values)) if entropy is None else np.array(entropy, dtype=float)
    return [*weights.within(w, w.copy(data=e), method=method)]


def rules(*args, **kwargs) -> list[str]:
    return [f.rule.removeprefix("weights.") for f in found(*args, **kwargs)]


def said(lang: text.Lang, *args, **kwargs) -> list[str]:
    with text.use(lang):
        return [sentence(f) for f in found(*args, **kwargs)]


def test_ten_indicators_in_both_languages() -> None:
    values = [28, 18, 10, 8, 7, 7, 6, 6, 5, 5]
    given = {"dimensions": "AAABBBBBBB", "negative": (0, 9)}
    assert said("en", values, **given) == [
        (
            "Among the 10 indicators of S, weight is largest for Indicator 0 (28.00%), Indicator 1 (18.00%) and "
            "Indicator 2 (10.00%); the smallest weight is 5.00%."
        ),
        "The 5 heaviest together hold 71.0% of the weight, where equal weights would give them 50.0%.",
        "Weight is concentrated: half of it rests on 3 of 10 indicators.",
        "By dimension, the index of S is made up of A (56.00%) and B (44.00%).",
        "Indicators for which less is better (2 of 10) account for 33.00% of the weight.",
        "Information entropy runs from 0.800 (Indicator 0) to 0.900 (Indicator 9).",
    ]
    assert said("zh", values, **given, system="系统") == [
        (
            "系统的 10 项指标中，权重最大的为Indicator 0（28.00%）、Indicator 1（18.00%）、Indicator 2（10.00%），"
            "最小权重为 5.00%。"
        ),
        "权重最大的 5 项指标合计占 71.0%，若为等权则应占 50.0%。",
        "权重分布较为集中，10 项指标中的 3 项即占去一半权重。",
        "分维度看，系统各维度的权重由大到小依次为A（56.00%）、B（44.00%）。",
        "10 项指标中有 2 项为负向指标，权重合计 33.00%。",
        "各指标的信息熵介于 0.800（Indicator 0）与 0.900（Indicator 9）之间。",
    ]


def test_equal_and_given_weights_are_called_so() -> None:
    assert rules([1] * 6, method="equal") == ["equal"]
    assert rules([1] * 6, method="given") == ["given_equal"]
    assert rules([3, 1, 1], method="given") == ["given"]
    assert rules([100, 101, 99], method="given") == ["given"]
    assert rules([100, 101, 99], method="critic") == ["even"]
    assert said("zh", [1] * 4, method="equal") == ["S采用等权，4 项指标的权重均为 25.00%。"]


def test_one_indicator() -> None:
    assert said("en", [1]) == ["The index of S rests on a single indicator, Indicator 0."]


def test_a_system_with_a_missing_weight_is_silent() -> None:
    assert found([1, np.nan, 2]) == []
    assert "entropy" not in rules([1, 2, 3], entropy=[np.nan] * 3)


def test_many_that_tie_are_not_all_named() -> None:
    [first, *_] = found([5] * 8 + [1] * 4)
    assert first.rule == "weights.heaviest"
    with text.use("en"):
        assert sentence(first).count("Indicator") == 5
        assert "and 3 others" in sentence(first)


def test_every_system_is_told_of_apart() -> None:
    about = [Indicator(f"{s}{k}", s) for s in "XYZ" for k in range(3)]
    values = np.array([1, 1, 8, 8, 1, 1, 1, 8, 1]) / 10
    w = describe(xr.DataArray(values, {"indicator": [i.id for i in about]}, ("indicator",)), about)
    heaviest = {f.about: f.says["names"] for f in weights.within(w, w, method="critic") if "heaviest" in f.rule}
    assert heaviest == {"X": "X2 (80.00%)", "Y": "Y0 (80.00%)", "Z": "Z1 (80.00%)"}


@given(shares)
def test_flipped_directions_complement_the_negative_weight(values: list[int]) -> None:
    flips = [range(0, len(values), 2), range(1, len(values), 2)]
    held = [sum(f.says["share"] for f in found(values, negative=n) if f.rule == "weights.negative") for n in flips]
    if len(values) > 1:
        np.testing.assert_allclose(sum(held), 1)
    assert "negative" not in rules(values)


@given(shares, st.randoms(use_true_random=False))
def test_the_order_of_indicators_changes_no_rule(values: list[int], random) -> None:
    shuffled = values[:]
    random.shuffle(shuffled)
    assert rules(values, method="critic") == rules(shuffled, method="critic")


@given(shares)
def test_half_of_the_weight(values: list[int]) -> None:
    """The holders hold half, one fewer does not, and the verdict follows their share of the indicators."""
    told = [f for f in found(values) if f.rule in ("weights.concentrated", "weights.spread")]
    for f in told:
        falling = np.sort(np.array(values) / sum(values))[::-1]
        holders = f.says["holders"]
        assert falling[:holders].sum() >= 0.5 - 1e-9 > falling[: holders - 1].sum() - 1e-9
        assert (f.rule == "weights.concentrated") == (holders <= 0.35 * len(values))


@given(shares)
def test_evening_out_silences_the_heaviest(values: list[int]) -> None:
    evened = [1000 + v for v in values]
    assert {"heaviest", "few", "concentrated", "spread"}.isdisjoint(rules(evened, method="critic"))
    assert {"even", "single"} & {*rules(evened, method="critic")}


@given(shares)
def test_swapped_dimensions_swap_their_order(values: list[int]) -> None:
    half = len(values) // 2
    letters = "A" * half + "B" * (len(values) - half)
    ours = [f.says["values"] for f in found(values, dimensions=letters) if f.rule == "weights.dimensions"]
    swapped = letters.translate(str.maketrans("AB", "BA"))
    theirs = [f.says["values"] for f in found(values, dimensions=swapped) if f.rule == "weights.dimensions"]
    assert ours == theirs
    assert all(sorted(v, reverse=True) == list(v) for v in ours)


def test_every_rule_is_met_by_some_data_and_can_be_printed() -> None:
    seven = {"dimensions": "ABCDEFG"}
    met = [
        *found([1]),
        *found([1, 1], method="equal"),
        *found([1, 2], method="given"),
        *found([1, 1], method="given", dimensions="AB", entropy=[0.9, 0.901]),
        *found([1, 1], dimensions="AB", entropy=[0.9, 0.901]),
        *found([9, 8, 1, 1, 1, 1, 1, 1, 1, 1], negative=[1], dimensions="AABBBBBBBB"),
        *found([2, 2, 2, 2, 1]),
        *found([1, 2, 3, 4, 5, 6, 7], **seven),
    ]
    ruled = {f.rule.removeprefix("weights.") for f in met}
    assert ruled == {k for k in text.texts("findings_weights", "en") if not k.endswith("_if")}
    for lang in text.LANGUAGES:
        with text.use(lang):
            for f in met:
                assert "{" not in sentence(f) + condition(f.rule)
                assert "NaN" not in numbers(f)


def test_thresholds() -> None:
    assert rules([109, 91], method="critic") == ["even"]
    assert rules([111, 89], method="critic") == ["heaviest"]
    assert "dimensions" in rules([51, 49], dimensions="AB", method="critic")
    assert "even_dimensions" in rules([50.4, 49.6], dimensions="AB", method="critic")
    assert rules([1, 1], entropy=[0.9, 0.909])[-1] == "even_entropy"
    assert rules([1, 1], entropy=[0.9, 0.911])[-1] == "entropy"


def test_a_study_tells_of_its_systems(small_study: Path) -> None:
    results = run(small_study)
    told = [*weights.find(results)]
    assert list(dict.fromkeys(f.about for f in told)) == ["Effort", "Result"]
    assert next(weights.find(run(small_study, settings=["weights=equal"]))).rule == "weights.equal"
