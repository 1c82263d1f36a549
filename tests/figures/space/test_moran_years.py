"""Moran's I by year: a line a variable, a panel for each set of weights."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from ouhe.figures import Style, moran_years

WEIGHTS = ("contiguity", "nearest 4", "distance")


def test_the_frame_holds_the_table(spatial):
    results = spatial(weights=WEIGHTS)
    frame = moran_years.frame(results)
    table = results.analyses["moran"].tables()["moran_neighbours"]
    by = ["neighbours", "variable", "year"]
    both = frame.merge(table, on=by, suffixes=("", "_table"), validate="one_to_one")
    assert len(both) == len(frame) == len(table)
    for column in ("I", "expected", "p"):
        assert (both[column] == both[f"{column}_table"]).all()
    assert (frame["significant"] == (frame["p"] < 0.05)).all()
    assert list(frame["neighbours"].unique()) == list(WEIGHTS)


def test_p_by_permutation_where_there_is_no_other(spatial):
    results = spatial()
    statistics = results.analyses["moran"].statistics
    statistics["p_value"][:] = np.nan
    assert moran_years.frame(results)["p"].to_numpy() == pytest.approx(statistics["p_sim"].to_numpy().ravel())
    statistics["p_sim"][:] = np.nan
    assert not moran_years.frame(results)["significant"].any()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [160.0, 84.0])
@pytest.mark.parametrize("weights", [WEIGHTS, WEIGHTS[:1]])
def test_texts(spatial, assert_apart, lang, width, weights):
    style = Style(lang=lang, width_mm=width)
    frame = moran_years.frame(spatial(weights=weights, lang=lang))
    said = assert_apart(moran_years.draw(frame, style))
    if len(weights) == 1:
        assert {"zh": "空间权重：contiguity", "en": "Weights: contiguity"}[lang] in said
    else:
        for letter, name in zip("abc", weights, strict=True):
            assert f"({letter}) {name}" in said
    for expected in ("Effort", "Result", style.t("figures.variable_C"), style.t("figures.variable_D")):
        assert said.count(expected) == 1
    for key in ("moran_years_expected", "moran_years_significant", "moran_years_not_significant"):
        assert style.t(f"figures.{key}") in said
    assert said.count(style.t("figures.year")) == len(weights)


def test_lines_and_markers_show_the_values(spatial):
    frame = moran_years.frame(spatial(weights=WEIGHTS))
    panels = moran_years.draw(frame, Style(lang="en")).axes
    assert len(panels) == 3
    for axes, name in zip(panels, WEIGHTS, strict=True):
        part = frame[frame["neighbours"] == name]
        expected, *drawn = axes.get_lines()
        assert expected.get_ydata().tolist() == [-1 / 30] * 13
        lines = [line for line in drawn if line.get_linestyle() != "None"]
        assert [line.get_ydata().tolist() for line in lines] == [
            part.loc[part["variable"] == v, "I"].tolist() for v in frame["variable"].unique()
        ]
        points = [line for line in drawn if line.get_linestyle() == "None"]
        filled = [line for line in points if to_rgb(line.get_markerfacecolor()) != (1, 1, 1)]
        assert sum(len(line.get_xdata()) for line in filled) == part["significant"].sum()
        assert sum(len(line.get_xdata()) for line in points) == len(part)
    assert len({a.get_ylim() for a in panels}) == 1
    (low, high) = panels[0].get_ylim()
    assert low < frame["I"].min() < frame["I"].max() < high


def test_many_variables_have_a_panel_each(spatial, assert_apart):
    names = tuple(f"indicator {i}" for i in range(9))
    frame = moran_years.frame(spatial(variables=names, weights=WEIGHTS))
    figure = moran_years.draw(frame, Style(lang="en"))
    said = assert_apart(figure)
    assert len(figure.axes) == 9
    for letter, name in zip("abcdefghi", names, strict=True):
        assert f"({letter}) {name}" in said
    for name in WEIGHTS:
        assert said.count(name) == 1


def test_hostile_names_are_only_names(spatial, assert_apart, hostile):
    frame = moran_years.frame(spatial(variables=hostile, weights=hostile, years=range(2018, 2023)))
    said = assert_apart(moran_years.draw(frame, Style(lang="en")))
    assert sum("$\\frac{1}{0}$ & $x_1$" in s for s in said) == 2
    assert any("<b>bold</b>" in s for s in said)


def test_the_same_bytes_twice(spatial, assert_same_bytes):
    assert_same_bytes(lambda: moran_years.draw(moran_years.frame(spatial(weights=WEIGHTS)), Style(lang="zh")))
