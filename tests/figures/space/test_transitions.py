"""Matrices of moves: what the frame holds, that all fits, and that names are only names."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from ouhe.compute import transition
from ouhe.figures import Style, transition_matrix, transition_neighbours
from ouhe.neighbours import Neighbours
from ouhe.results.transition import Transition

CLASSES = ("severe imbalance", "moderate imbalance", "mild imbalance", "near imbalance", "barely coordinated")


@pytest.fixture
def moved():
    """Results of a study with moves of D between five classes, the highest empty, and of another variable."""

    def make(*, classes=CLASSES, spatial=True, variables=("Effort", "D"), count=31):
        rng = np.random.default_rng(0)
        ids = [f"r{i}" for i in range(count)]
        w = Neighbours.from_pairs([(ids[i], ids[i - 1]) for i in range(count)], ids, name="contiguity")
        x = rng.random((count, 1)) * 0.6 + 0.05 * rng.random((count, 13)).cumsum(axis=1) * rng.random((count, 1))
        x = xr.DataArray(x / x.max() * 0.79, dims=("region", "year"), coords={"region": ids, "year": range(2010, 2023)})
        upper = {"D": [0.2, 0.4, 0.6, 0.8, 1.0]}
        chains = {v: transition.estimate(x, upper.get(v), w if spatial else None) for v in variables}
        about = {"classes": classes, "given": ("D",), "neighbours": "contiguity" if spatial else ""}
        return SimpleNamespace(analyses={"transition": Transition.of(chains, {}, options={}, **about)})

    return make


def parts(module, results):
    frame = module.frame(results)
    return [frame[frame["variable"] == v] for v in frame["variable"].unique()]


def test_the_frame_holds_the_classes_that_occur(moved):
    results = moved()
    found = results.analyses["transition"]
    _, part = parts(transition_matrix, results)
    table = found.tables()["transition"].query("variable == 'D'")
    shown = table[table["from"].isin(CLASSES[:4]) & table["to"].isin(CLASSES[:4])]
    assert part["count"].tolist() == shown["count"].tolist()
    assert part["probability"].tolist() == shown["probability"].tolist()
    assert part["from_label"].tolist() == shown["from"].tolist()
    assert sorted(part["from"].unique()) == [1, 2, 3, 4]


def test_panels_by_neighbours_add_up_to_the_whole(moved):
    results = moved()
    for whole, part in zip(parts(transition_matrix, results), parts(transition_neighbours, results), strict=True):
        summed = part.groupby(["from", "to"])["count"].sum()
        assert summed.tolist() == whole.set_index(["from", "to"])["count"].tolist()
        assert (part.groupby("neighbours")["count"].sum() > 0).all()


def test_without_neighbours_there_is_nothing_to_draw(moved):
    assert transition_neighbours.frame(moved(spatial=False)).empty


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [160.0, 84.0])
@pytest.mark.parametrize("module", [transition_matrix, transition_neighbours])
def test_texts(moved, assert_apart, module, lang, width):
    style = Style(lang=lang, width_mm=width, simulated=True)
    for part in parts(module, moved()):
        said = assert_apart(module.draw(part, style))
        assert style.t("figures.transition_from") in said
        assert style.t("labels.simulated") in said
        if module is transition_matrix:
            assert sum("\n(" in s for s in said) == (part["count"] > 0).sum()


def test_cells_hold_the_numbers(moved):
    (part,) = parts(transition_matrix, moved(variables=("D",)))
    figure = transition_matrix.draw(part, Style(lang="en"))
    written = [t.get_text() for t in figure.axes[0].texts]
    moves = part[part["count"] > 0]
    told = [f"{100 * p:.1f}\n({n:.0f})" for p, n in zip(moves["probability"], moves["count"], strict=True)]
    assert written == told


@pytest.mark.parametrize("module", [transition_matrix, transition_neighbours])
def test_hostile_names_are_only_names(moved, assert_apart, hostile, module):
    results = moved(classes=(*hostile, "last"), variables=("D",))
    (part,) = parts(module, results)
    said = " ".join(assert_apart(module.draw(part, Style(lang="en"))))
    assert "$\\frac{1}{0}$" in said
    assert "<b>bold</b>" in said


@pytest.mark.parametrize("module", [transition_matrix, transition_neighbours])
def test_the_same_bytes_twice(moved, assert_same_bytes, module):
    part = parts(module, moved())[0]
    assert_same_bytes(lambda: module.draw(part, Style(lang="zh")))
