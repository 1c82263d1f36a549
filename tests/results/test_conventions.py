"""Rows of conventions: stored and brought back as they were, and told in the language of the reader."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from ouhe import text
from ouhe.errors import Place, Problem
from ouhe.results.conventions import NUMBERS, STEPS, Conventions, Label, Row
from ouhe.results.names import Names

COLUMNS = [
    "step", "choice", "chosen", "mean_D_last", "mean_D", "change", "classes_changed", "classes_changed_all",
    "rank_correlation", "I", "z", "p", "note",
]  # fmt: skip

ENTROPY = Label("conventions.weights_entropy", options={"offset": 1e-5})
COMBINED = Label("conventions.weights_mean", parts=(ENTROPY, Label("conventions.weights_critic")))
NAMED = Label("conventions.neighbours_named", {"name": "a{b} <i>&=cmd()\u202e"})
NEGATIVE = Problem("compute.negative_share", Place(file="a.csv", line=3), {"at": "B 2020 x", "value": np.float64(-0.5)})
MORE = Problem("panel.and_more", params={"count": np.int64(7)})


@pytest.fixture
def some() -> Conventions:
    own = {"mean_last": 0.5, "mean": 0.4, "change": 0.0, "classes_changed": 0, "classes_changed_all": 0}
    own |= {"rank_correlation": 1.0, "moran": 0.3, "z": 3.0, "p": 0.0027}
    moved = {**own, "mean_last": 0.7, "change": 0.2, "classes_changed": 4, "classes_changed_all": 9}
    printed = Problem("compute.printed_shares")
    return Conventions(
        (
            Row("weights", "mean_critic_entropy", COMBINED, chosen=True, **own),
            Row("weights", "equal", Label("conventions.weights_equal"), **moved),
            Row("weights", "critic", Label("conventions.weights_critic"), **{**moved, "change": -0.3}),
            Row("weights", "entropy", Label("conventions.weights_entropy"), refusals=(NEGATIVE, NEGATIVE, MORE)),
            Row("aggregate", "linear", Label("conventions.aggregate_linear"), chosen=True, **own),
            Row("aggregate", "shares", Label("conventions.aggregate_shares"), **moved, warnings=(printed, NEGATIVE)),
            Row("offset", "0", Label("conventions.offset_none"), chosen=True, **own),
            Row("offset", "1e-05", Label("conventions.offset_added", {"offset": 1e-5}), refusals=(NEGATIVE,)),
            Row("neighbours", "k-nearest", NAMED, chosen=True, **{**own, "moran": math.nan, "z": math.nan}),
            Row("neighbours", "contiguity", Label("labels.neighbours_contiguity"), **own),
        )
    )


def test_what_is_stored_comes_back_in_both_languages(some: Conventions) -> None:
    arrays, record = some.arrays(), json.loads(json.dumps(some.record()))
    assert arrays.sizes == {"row": 10}
    again = Conventions.from_stored(arrays, {"title": "other parts stand beside", **record})
    assert [(r.step, r.choice, r.label, r.chosen) for r in again.rows] == [
        (r.step, r.choice, r.label, r.chosen) for r in some.rows
    ]
    assert again.rows[3].refusals == some.rows[3].refusals
    for lang in text.LANGUAGES:
        with text.use(lang):
            pd.testing.assert_frame_equal(again.tables()["conventions"], some.tables()["conventions"])


def test_the_table_is_told_in_the_language_of_the_reader(some: Conventions) -> None:
    english = some.tables()["conventions"]
    with text.use("zh"):
        chinese = some.tables()["conventions"]
    assert list(english.columns) == list(chinese.columns) == COLUMNS
    assert english["step"][0] == "weights"
    assert english["choice"][0] == "mean of entropy (offset=1e-05) and CRITIC"
    assert chinese["step"][0] == "赋权方法"
    assert chinese["choice"][0] == "熵权法（offset=1e-05）、CRITIC 法的算术平均"
    assert english["choice"][8] == chinese["choice"][8] == "a{b} <i>&=cmd()\u202e"
    numbers = [c for c in COLUMNS if c not in {"step", "choice", "note"}]
    pd.testing.assert_frame_equal(english[numbers], chinese[numbers])


def test_numbers_that_do_not_exist_are_missing_and_counts_are_whole(some: Conventions) -> None:
    table = some.tables()["conventions"]
    assert table["classes_changed"].dtype == table["classes_changed_all"].dtype == "Int64"
    assert table.loc[3, list(NUMBERS.values())].isna().all()
    assert table.loc[1, "classes_changed_all"] == 9
    assert table["chosen"].tolist() == [True, False, False, False, True, False, True, False, True, False]


def test_notes_say_why_there_is_no_number_and_how_often(some: Conventions) -> None:
    notes = some.tables()["conventions"]["note"].tolist()
    assert notes[0] == ""
    assert notes[3].startswith("not computed: a.csv:3: 2020 x is -0.5; ")
    assert notes[3].endswith(" (and 8 more of the kind)")
    assert notes[7].startswith("not computed: a.csv:3: 2020 x is -0.5; ")
    assert not notes[7].endswith("of the kind)")
    assert notes[5].startswith("the index is the sum of shares")
    assert "; a.csv:3: B 2020 x is -0.5" in notes[5]


def test_steps_their_own_choice_and_the_largest_change(some: Conventions) -> None:
    assert {step: len(rows) for step, rows in some.steps.items()} == {
        "weights": 4, "aggregate": 2, "offset": 2, "neighbours": 2
    }  # fmt: skip
    assert some.chosen("neighbours").choice == "k-nearest"
    with pytest.raises(KeyError):
        some.chosen("rescale")
    # nothing could be computed beside the study's own offset, and other neighbours leave D as it is
    assert {step: row.choice for step, row in some.largest().items()} == {"weights": "critic", "aggregate": "shares"}


def test_names_of_regions_and_weights_change_nothing(some: Conventions) -> None:
    assert some.told_in(Names(), {}) is some


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_step_has_a_name(lang: text.Lang) -> None:
    names = {text.t(f"conventions.step_{step}", lang=lang) for step in STEPS}
    assert len(names) == len(STEPS)
