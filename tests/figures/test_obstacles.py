"""The figure of obstacles: what it shows, and that it can be read, whatever the groups and names."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from ouhe.errors import OptionError
from ouhe.figures import Style, drawings, fitting, left_out, obstacles, save
from ouhe.figures.canvas import StyledFigure
from ouhe.results.groups import NATION
from ouhe.results.obstacles import Obstacles
from ouhe.study.obstacles import obstacles as of_study

SIZES = [("zh", 160.0), ("zh", 84.0), ("en", 160.0), ("en", 84.0)]


@pytest.fixture(scope="module")
def demo(study_results):
    """The shipped study with its obstacles."""

    def made(lang):
        results = copy.copy(study_results(lang))
        found = of_study(results.measurement, results.groups)
        object.__setattr__(results, "obstacles", found)
        return results

    return made


def made_up(degrees, *, label="Group {}", name="Indicator {}", systems=None):
    """Results that hold obstacles of a nation and some groups ``(group, indicator)`` in two years, and nothing else."""
    degrees = np.asarray(degrees, dtype=float)
    count, size = degrees.shape
    groups = [NATION, *(f"g{k}" for k in range(1, count))]
    array = xr.DataArray(np.stack([degrees[:, ::-1], degrees], axis=1), dims=("group", "year", "indicator"))
    array = array.assign_coords(
        group=groups,
        year=[2020, 2021],
        indicator=[f"i{k}" for k in range(size)],
        system_of=("indicator", systems or ["s"] * size),
        name=("indicator", [name.format(k) for k in range(size)]),
        direction=("indicator", ["negative" if k == 0 else "positive" for k in range(size)]),
    )
    labels = {NATION: "Nation", **{g: label.format(g[1:]) for g in groups[1:]}}
    return SimpleNamespace(obstacles=Obstacles(xr.Dataset(), array, xr.DataArray(), labels))


def shares(count, size, *, seed=0):
    """Random degrees of some groups, that sum to 1."""
    drawn = np.random.default_rng(seed).gamma(0.7, size=(count, size))
    return drawn / drawn.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("lang", "width"), SIZES)
def test_it_can_be_read_at_a_journals_widths(lang, width, demo, assert_legible):
    style = Style(lang=lang, width_mm=width, simulated=True)
    found = list(drawings(demo(lang), style, only=["obstacles"]))
    assert [name.split("-")[0] for name, _ in map(named, found)] == ["obstacles"] * 2
    for _, figure in map(named, found):
        assert figure.get_size_inches()[0] * 25.4 == pytest.approx(width)
        assert_legible(figure)


def named(drawing):
    """File name and figure of one drawing."""
    name, figure = drawing
    return getattr(name, "file", name), figure


def test_the_frame_holds_the_table_of_groups_of_the_last_year(demo):
    results = demo("en")
    table = results.obstacles.tables()["obstacles_groups"]
    last = table[table["year"] == 2022]
    frame = obstacles.frame(results)
    by = ["system", "label", "indicator"]
    theirs = last.rename(columns={"group": "label"}).set_index(by)["degree"].sort_index()
    shown = frame.set_index(by)["degree"]
    pd.testing.assert_series_equal(shown, theirs.loc[shown.index], check_names=False)
    for (system, label), rows in frame.groupby(["system", "label"]):
        heavy = theirs.loc[system, label].sort_values(ascending=False).index[:5].tolist()
        assert rows[rows["rank"] > 0].sort_values("rank")["indicator"].tolist() == heavy
    for _, rows in frame[frame["group"] == NATION].groupby("system"):
        assert rows["degree"].is_monotonic_decreasing
    # nothing is shown that is among the five of none
    assert (frame.groupby(["system", "indicator"])["rank"].max() > 0).all()


def test_every_number_of_the_frame_is_written_and_the_heaviest_are_shaded(demo, drawn):
    for lang in ("zh", "en"):
        for _, rows in obstacles.frame(demo(lang)).groupby("system", sort=False):
            figure = obstacles.draw(rows, Style(lang=lang))
            said = [t for t, _ in drawn(figure)]
            numbers = [f"{100 * v:.1f}" for v in rows["degree"]]
            assert sorted(t for t in said if t in set(numbers)) == sorted(numbers)
            assert {t.replace("\n", "") for t in said} >= {v.replace(" ", "") for v in rows["label"]}
            (mesh,) = figure.axes[0].collections[:1]
            heavy = rows["rank"].to_numpy().reshape(rows["group"].nunique(), -1).T > 0
            np.testing.assert_array_equal(~np.ma.getmaskarray(mesh.get_array()), heavy)


def test_a_heavier_obstacle_is_darker_and_none_as_light_as_paper():
    figure = obstacles.draw(obstacles.frame(made_up([[0.4, 0.25, 0.15, 0.1, 0.07, 0.03]])), Style(lang="en"))
    (mesh,) = figure.axes[0].collections[:1]
    figure.draw_without_rendering()
    lightness = [np.dot(to_rgb(c), [0.299, 0.587, 0.114]) for c in mesh.to_rgba(mesh.get_array().compressed())]
    assert len(lightness) == 5
    assert lightness == sorted(lightness)
    assert max(lightness) < 0.92


def test_an_indicator_that_hinders_nobody_is_not_shown():
    frame = obstacles.frame(made_up([[0.7, 0.3, 0.0], [0.0, 1.0, 0.0]]))
    assert frame["indicator"].unique().tolist() == ["i0", "i1"]
    assert frame[frame["group"] == "g1"]["rank"].tolist() == [0, 1]


def test_missing_degrees_are_a_dash(drawn):
    degrees = shares(3, 6)
    degrees[1] = np.nan
    frame = obstacles.frame(made_up(degrees))
    said = [t for t, _ in drawn(obstacles.draw(frame, Style(lang="en")))]
    assert said.count("–") == frame["indicator"].nunique()
    # a system of which nothing is known has no drawing at all
    degrees = np.full((2, 4), np.nan)
    degrees[:, 2:] = 0.5
    assert obstacles.frame(made_up(degrees, systems=list("sstt")))["system"].unique().tolist() == ["t"]


@pytest.mark.parametrize("width", [160.0, 84.0])
@pytest.mark.parametrize(
    ("count", "size", "label", "name"),
    [
        (1, 1, "", "Only"),
        (1, 40, "", "Indicator {}"),
        (9, 40, "Group of regions {}", "A rather long name of an indicator, number {}"),
        (60, 12, "Northwestern{}", "指标名称{}"),
        (8, 30, "{}" + "地区分组" * 30, "长" * 200 + "{}"),
    ],
)
def test_any_number_of_groups_and_any_names_can_be_read(count, size, label, name, width, drawn, assert_legible):
    frame = obstacles.frame(made_up(shares(count, size), label=label, name=name))
    figure = obstacles.draw(frame, Style(lang="en", width_mm=width))
    assert_legible(figure)
    said = " ".join(t for t, _ in drawn(figure))
    assert frame["group"].nunique() == min(count, 25)
    assert ("The first 24 of 59 groups" in said) == (count == 60)
    assert ("less is better" in said) == bool((frame["direction"] == "negative").any())


def test_groups_beyond_the_width_stand_in_tables_below():
    frame = obstacles.frame(made_up(shares(20, 10)))
    figure = obstacles.draw(frame, Style(lang="en", width_mm=84.0))
    heads = [[t.get_text().replace("\n", " ") for t in axes.get_xticklabels()] for axes in figure.axes]
    assert len(heads) > 2
    assert [h for table in heads for h in table] == frame["label"].drop_duplicates().tolist()
    ends = {tuple(axes.get_xlim()) for axes in figure.axes}
    assert len(ends) == 1  # so that all columns are as wide


def test_names_are_never_instructions(drawn, tmp_path):
    hostile = "$x_1^2$ <b>&amp;</b>\n\u202e%s {{0}}"
    frame = obstacles.frame(made_up(shares(3, 6), label=hostile, name=hostile, systems=["$s$\u202e"] * 6))
    figure = obstacles.draw(frame, Style(lang="en"))
    said = "\n".join(t for t, _ in drawn(figure))
    assert "$x_1^2$" in said
    assert "$s$" in said
    assert "\u202e" not in said
    assert not any(t.get_parse_math() for t in figure.findobj(Text) if t.get_text())
    save(figure, tmp_path, "obstacles", formats=["svg"])


def test_the_same_obstacles_give_the_same_bytes(demo, tmp_path):
    frame = obstacles.frame(demo("zh"))
    rows = frame[frame["system"] == frame["system"].iloc[0]]
    figures: list[StyledFigure] = [obstacles.draw(rows, Style(lang="zh")) for _ in range(2)]
    written = [save(f, tmp_path / str(i), "obstacles", formats=["svg"])[0] for i, f in enumerate(figures)]
    assert written[0].read_bytes() == written[1].read_bytes()


def test_a_study_without_obstacles_has_no_figure_of_them_and_says_why(demo):
    results = demo("en")
    assert "obstacles" in fitting(results)
    object.__setattr__(results, "obstacles", None)
    assert "normalise with minmax" in left_out(results)["obstacles"].message("en")
    assert "obstacles" not in fitting(results)
    with pytest.raises(OptionError, match="obstacles is not drawn"):
        fitting(results, only=["obstacles"])
