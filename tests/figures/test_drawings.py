"""Every figure of the shipped study: what it shows, and that it can be read."""

from __future__ import annotations

import dataclasses
import warnings
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PatchCollection
from matplotlib.colors import to_hex
from matplotlib.text import Text

from ouhe.errors import OptionError, OuheWarning
from ouhe.figures import (
    FIGURES,
    Style,
    class_maps,
    class_stack,
    classes,
    coordination_heatmap,
    coupling_trends,
    drawings,
    fitting,
    index_trends,
    left_out,
    save,
    weights,
)
from ouhe.results.groups import NATION

SIZES = [("zh", 160.0), ("zh", 84.0), ("en", 160.0), ("en", 84.0)]
#: What C and D are degrees of.
DEGREES = ("Coupling", "Coordination")
MINE = ["weights", "index_trends", "coupling_trends", "coordination_heatmap", "class_stack", "class_maps"]


@pytest.mark.parametrize(("lang", "width"), SIZES)
@pytest.mark.parametrize("name", MINE)
def test_every_figure_can_be_read_at_a_journals_widths(name, lang, width, study_results, assert_legible):
    style = Style(lang=lang, width_mm=width, simulated=True)
    found = list(drawings(study_results(lang), style, only=[name]))
    assert found
    for _, figure in found:
        assert figure.get_size_inches()[0] * 25.4 == pytest.approx(width)
        assert_legible(figure)


def test_figures_of_rasters_are_refused_by_name(study_results):
    panel = study_results("en")
    assert not {"raster_classes", "raster_clusters", "zone_means"} & {*fitting(panel), *left_out(panel)}
    with pytest.raises(OptionError) as told:
        fitting(panel, only=["raster_classes"])
    assert "regions" in told.value.problems[0].message("en")


@pytest.mark.parametrize("name", MINE)
def test_figures_say_that_data_are_simulated(name, study_results, drawn):
    results = study_results("en")
    for simulated in (True, False):
        _, figure = next(iter(drawings(results, Style(lang="en", simulated=simulated), only=[name])))
        said = [t for t, _ in drawn(figure)]
        assert any("simulated data" in t for t in said) == simulated
    assert figure.get_size_inches()[1] > 0


def test_trends_show_the_table_of_groups(study_results):
    results = study_results("en")
    table = results.groups.tables()["groups"].set_index(["variable", "group", "year"])["value"]
    for module in (index_trends, coupling_trends):
        frame = module.frame(results)
        shown = frame.set_index(["variable", "label", "year"])["value"]
        assert set(frame["variable"]) == (set(results.coupling.systems) if module is index_trends else {"C", "D"})
        assert len(frame) == 2 * 5 * 13
        pd.testing.assert_series_equal(shown, table.loc[shown.index], check_names=False)


@pytest.mark.parametrize("module", [index_trends, coupling_trends])
def test_trends_draw_a_line_a_group_and_a_panel_a_variable(module, study_results):
    frame = module.frame(study_results("en"))
    figure = module.draw(frame, Style(lang="en"))
    assert len(figure.axes) == 2
    for axes, (_, rows) in zip(figure.axes, frame.groupby("variable", sort=False), strict=True):
        lines = axes.get_lines()
        assert len(lines) == 5
        for line, (_, part) in zip(lines, rows.groupby("group", sort=False), strict=True):
            np.testing.assert_array_equal(line.get_xydata(), part[["year", "value"]].to_numpy())
        # told apart without colour
        assert len({(line.get_linestyle(), line.get_marker()) for line in lines}) == 5
        assert axes.get_xlabel() == "Year"
    expected = ["Index (dimensionless)"] * 2 if module is index_trends else [f"{x} degree (0–1)" for x in DEGREES]
    assert [axes.get_ylabel() for axes in figure.axes] == expected
    said = [t.get_text() for t in figure.legends[0].get_texts()]
    assert sorted(said) == sorted(frame["label"].unique())


def test_groups_beyond_the_palette_have_looks_of_their_own():
    style = Style(lang="en")
    looks = [style.line(n) for n in range(-1, 30)]
    assert len({(x["color"], str(x["linestyle"]), x["marker"]) for x in looks}) == 31


def test_the_heat_map_shows_every_d(study_results, drawn):
    results = study_results("en")
    frame = coordination_heatmap.frame(results)
    table = results.coupling.coupling().set_index(["region", "year"])["D"]
    shown = frame.set_index(["region", "year"])["value"]
    assert frame["label"].tolist() == [results.region_labels[r] for r in frame["region"]]
    pd.testing.assert_series_equal(shown, table.loc[shown.index], check_names=False)
    last = frame[frame["year"] == 2022]
    assert last["group"].drop_duplicates().tolist() == [g for g in results.groups.members if g != NATION]
    assert all(rows["value"].is_monotonic_decreasing for _, rows in last.groupby("group"))
    said = [t for t, _ in drawn(coordination_heatmap.draw(frame, Style(lang="en")))]
    assert sorted(t for t in said if t in set(frame["label"])) == sorted(frame["label"].unique())
    values = [f"{v:.2f}" for v in frame["value"]]
    assert all(said.count(v) >= values.count(v) for v in set(values))
    assert {"Eastern", "Central", "Western", "Northeastern", "Coordination degree D"} <= set(said)


def heat_frame(regions: int, years: int, sizes: list[int]) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    groups = np.repeat([f"g{k}" for k in range(len(sizes))], sizes)
    return pd.DataFrame(
        {
            "group": np.repeat(groups, years),
            "group_label": [f"Group {g[1:]}" for g in np.repeat(groups, years)],
            "region": np.repeat([f"r{i}" for i in range(regions)], years),
            "label": np.repeat([f"Region {i}" for i in range(regions)], years),
            "year": [*range(2023 - years, 2023)] * regions,
            "value": rng.uniform(0, 1, regions * years),
        }
    )


@pytest.mark.parametrize("width", [160.0, 84.0])
def test_a_heat_map_of_many_regions_and_years_says_what_it_leaves_out(width, drawn, assert_legible):
    frame = heat_frame(300, 45, [200, 40, 30, 20, 7, 3])
    figure = coordination_heatmap.draw(frame, Style(lang="en", width_mm=width))
    assert_legible(figure)
    said = " ".join(t for t, _ in drawn(figure)).replace("\n", " ")
    assert "300 regions" in said
    assert "Region 7" not in said
    assert "from top to bottom: Group 0, Group 1, Group 2, Group 3, Group 4, Group 5" in said


def test_regions_without_groups_need_none(study_results, assert_legible):
    frame = heat_frame(12, 1, [12]).assign(group="", group_label="")
    assert_legible(coordination_heatmap.draw(frame, Style(lang="zh")))


def test_class_counts_are_those_of_the_table(study_results):
    results = study_results("zh")
    frame = class_stack.frame(results)
    table = results.coupling.coupling().groupby(["year", "class"]).size()
    assert frame.groupby("year")["count"].sum().eq(31).all()
    held = frame[frame["count"] > 0].set_index(["year", "label"])["count"]
    assert held.to_dict() == table.to_dict()
    assert frame["interval"].iloc[0] == "[0, 0.2]"
    assert frame["levels"].eq(9).all()


def test_bars_are_as_high_as_the_counts_and_hold_them(study_results, drawn):
    frame = class_stack.frame(study_results("en"))
    figure = class_stack.draw(frame, Style(lang="en"))
    (axes,) = figure.axes
    heights = np.array([[bar.get_height() for bar in bars] for bars in axes.containers])
    expected = frame.pivot_table(index="level", columns="year", values="count", aggfunc="sum").to_numpy()
    np.testing.assert_array_equal(heights, expected)
    said = [t for t, _ in drawn(figure)]
    counts = [str(c) for c in frame["count"] if c > 0]
    assert all(said.count(c) >= counts.count(c) for c in set(counts))
    assert "Number of regions" in said


def test_weights_are_those_of_the_table(study_results, drawn):
    results = study_results("en")
    frame = weights.frame(results)
    table = results.measurement.weights()
    assert frame["weight"].tolist() == table["weight"].tolist()
    assert frame["name"].tolist() == table["name"].tolist()
    sums = frame.drop_duplicates(["system", "dimension"])["dimension_weight"].tolist()
    assert sums == pytest.approx(results.measurement.dimension_weights()["weight"].tolist())
    for system, rows in frame.groupby("system", sort=False):
        figure = weights.draw(rows, Style(lang="en"))
        assert [bar.get_width() for bar in figure.axes[0].patches] == rows["weight"].tolist()
        said = [t.replace("\n", " ") for t, _ in drawn(figure)]
        assert system in said
        for row in rows.itertuples():
            assert (f"{row.name} (−)" if row.direction == "negative" else row.name) in said


def test_of_very_many_indicators_the_heaviest_are_drawn_and_the_rest_is_told(study_results, drawn, assert_legible):
    results = study_results("en")
    whole = results.measurement
    many = whole.weight.isel(indicator=np.resize(np.arange(whole.weight.sizes["indicator"]), 240))
    made = dataclasses.replace(whole, weight=many, entropy=many)
    frame = weights.frame(dataclasses.replace(results, measurement=made))
    for system, rows in frame.groupby("system"):
        all_of = np.sort(many.to_numpy()[many["system_of"].to_numpy() == system])[::-1]
        np.testing.assert_array_equal(np.sort(rows["weight"])[::-1], all_of[:100])
        figure = weights.draw(rows, Style(lang="en"))
        assert_legible(figure)
        told = any(f"The 100 heaviest of {len(all_of)}" in t for t, _ in drawn(figure))
        assert told == (len(all_of) > 100)


def test_class_maps_show_the_classes_of_the_chosen_years(study_results, drawn):
    results = study_results("en")
    frame = class_maps.frame(results, years=[2022, 2010])
    assert frame["year"].unique().tolist() == [2010, 2022]
    table = results.coupling.coupling().set_index(["region", "year"])["class"]
    held = frame.dropna(subset="level")
    assert len(held) == 62
    for row in held.itertuples():
        assert row.label == table[(row.region, row.year)]
    figure = class_maps.draw(frame, Style(lang="en"))
    said = [t for t, _ in drawn(figure)]
    for short in frame["short"].unique():
        assert said.count(short) == 2
    assert "(a) 2010" in said
    assert any("Tile grid, not a map" in t for t in said)
    assert class_maps.frame(results)["year"].unique().tolist() == [2010, 2014, 2018, 2022]


def test_squares_have_the_colour_of_their_class(study_results):
    frame = class_maps.frame(study_results("zh"), years=[2022])
    figure = class_maps.draw(frame, Style(lang="zh"))
    held = [c for c in figure.axes[0].collections if isinstance(c, PatchCollection)]
    counted = {to_hex(c.get_facecolor()[0]): len(c.get_paths()) for c in held if not c.get_hatch()}
    colours = classes.colours(frame)
    expected = frame["level"].dropna().astype(int).value_counts()
    assert counted == {colours[k]: n for k, n in expected.items()}


def test_regions_not_studied_are_hatched_and_explained(study_results, drawn):
    results = study_results("zh")
    frame = class_maps.frame(results, years=[2022])
    figure = class_maps.draw(frame, Style(lang="zh"))
    hatched = [c for c in figure.axes[0].collections if c.get_hatch()]
    assert [len(c.get_paths()) for c in hatched] == [3]
    assert "无数据" in [t for t, _ in drawn(figure)]


@pytest.mark.parametrize("name", MINE)
def test_names_are_never_instructions(name, study_results, drawn, tmp_path):
    """Mathematics, markup, line breaks, marks that turn text around, and names without end."""
    hostile = [
        "$x_1^2$ \\frac{1}{2}",
        "<b>&amp;</b>",
        "_hidden",
        "a\nb\tc",
        "\u202eright",
        "%s {0} {x}",
        "长" * 400,
        "x" * 400,
    ]
    results = study_results("en")
    kind = FIGURES[name]
    module = __import__(f"ouhe.figures.{name}", fromlist=["frame"])
    frame = module.frame(results)
    for column in ("system", "dimension", "name", "label", "group_label", "short", "interval"):
        if column in frame:
            known = {v: hostile[i % len(hostile)] for i, v in enumerate(frame[column].dropna().unique())}
            frame[column] = frame[column].map(known)
    if name == "index_trends":
        frame["variable"] = frame["variable"].map(dict(zip(frame["variable"].unique(), hostile, strict=False)))
    if kind.each:
        frame = frame[frame[kind.each] == hostile[0]]
    figure = module.draw(frame, Style(lang="en"))
    said = "\n".join(t for t, _ in drawn(figure))
    assert "$x_1^2$" in said
    assert not any(c in said for c in "\u202e\t")
    assert not any(t.get_parse_math() for t in figure.findobj(Text) if t.get_text())
    for path in save(figure, tmp_path, hostile[0] + hostile[1] + "/../x"):
        assert path.parent == tmp_path
    ET.parse(next(tmp_path.glob("*.svg")))


def test_a_character_that_no_font_has_is_told(study_results, tmp_path):
    frame = index_trends.frame(study_results("en"))
    frame["label"] = frame["label"].str.replace("Eastern", "\U000e0100East\U0001fae8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure = index_trends.draw(frame, Style(lang="en"))
    with pytest.warns(OuheWarning, match=r"U\+1FAE8") as caught:
        save(figure, tmp_path, "trends", formats=["svg"])
    assert len(caught) == 1
