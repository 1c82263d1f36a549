"""Density curves: one panel a variable, the chosen years laid over each other."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import rgb_to_hsv, to_rgb

from ouhe.errors import OptionError
from ouhe.figures import Style, density_curves


def test_the_frame_holds_the_table(spatial):
    results = spatial()
    frame = density_curves.frame(results)
    density = results.analyses["density"].curves
    assert list(frame["year"].unique()) == [2010, 2014, 2018, 2022]
    for (variable, year), rows in frame.groupby(["variable", "year"]):
        assert rows["x"].tolist() == density["x"].sel(variable=variable).values.tolist()
        assert rows["density"].tolist() == density["density"].sel(variable=variable, year=year).values.tolist()
    table = frame[["variable", "year", "x", "density"]]
    assert list(frame.columns) == list(table.columns)


def test_years_that_the_analysis_has_not(spatial):
    results = spatial()
    density = results.analyses["density"]
    results.analyses["density"] = type(density)(density.curves.sel(year=[2010, 2013, 2016, 2019, 2022]), density.shape)
    shown = [
        density_curves.frame(results, years=y)["year"].unique().tolist() for y in ([2013, 2014, 2016], [2011], None)
    ]
    assert shown == [[2013, 2016], [2010, 2013, 2016, 2019, 2022], [2010, 2013, 2016, 2019, 2022]]
    with pytest.raises(OptionError, match="2030"):
        density_curves.frame(results, years=[2013, 2030])


def test_years_of_ones_own(spatial):
    assert list(density_curves.frame(spatial(), years=[2020, 2011])["year"].unique()) == [2011, 2020]
    with pytest.raises(OptionError, match="2030"):
        density_curves.frame(spatial(), years=[2030])


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [160.0, 84.0])
def test_texts(spatial, assert_apart, lang, width):
    style = Style(lang=lang, width_mm=width, simulated=True)
    frame = density_curves.frame(spatial(lang=lang))
    said = assert_apart(density_curves.draw(frame, style))
    for name in ("Effort", "Result", style.t("figures.variable_C"), style.t("figures.variable_D")):
        assert said.count(name) == 1
    for year in (2010, 2014, 2018, 2022):
        assert said.count(str(year)) == 1
    assert said.count(style.t("figures.density_curves_density")) == 4
    assert style.t("labels.simulated") in said


@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_curves_are_told_apart_in_grey(spatial, count):
    frame = density_curves.frame(spatial(), years=range(2010, 2010 + count))
    for axes in density_curves.draw(frame, Style(lang="en")).axes:
        lines = axes.get_lines()
        assert len(lines) == count
        grey = [float(np.dot(to_rgb(line.get_color()), (0.299, 0.587, 0.114))) for line in lines]
        assert (np.diff(grey) < -0.02).all()  # each year darker than the one before
        assert max(grey) < 0.75  # and the palest still seen on white
        assert rgb_to_hsv(to_rgb(lines[-1].get_color()))[2] < 0.5
        assert lines[-1].get_linestyle() == "-"
        dashes = [
            line.get_linestyle() if line.get_linestyle() == "-" else line._unscaled_dash_pattern for line in lines
        ]
        assert all(a != b for a, b in pairwise(dashes))
        assert axes.get_ylim()[0] == 0


def test_curves_show_the_values(spatial):
    frame = density_curves.frame(spatial())
    for axes, name in zip(density_curves.draw(frame, Style(lang="en")).axes, frame["variable"].unique(), strict=True):
        part = frame[frame["variable"] == name]
        for line, year in zip(axes.get_lines(), sorted(part["year"].unique()), strict=True):
            curve = part[part["year"] == year]
            assert line.get_xydata().tolist() == curve[["x", "density"]].values.tolist()
        assert axes.get_xlim() == (part["x"].min(), part["x"].max())


def test_hostile_names_are_only_names(spatial, assert_apart, hostile):
    said = assert_apart(density_curves.draw(density_curves.frame(spatial(variables=hostile)), Style(lang="en")))
    assert any("$\\frac{1}{0}$ & $x_1$" in s for s in said)
    assert any("<b>bold</b> &amp; {year} %s" in s for s in said)


def test_the_same_bytes_twice(spatial, assert_same_bytes):
    assert_same_bytes(lambda: density_curves.draw(density_curves.frame(spatial()), Style(lang="zh")))
