"""Figures of inequality: what is drawn, where it stands, and that it reads in any language, width and study."""

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from ouhe.compute import inequality as measured
from ouhe.figures import Style, inequality_groups, inequality_sources
from ouhe.results.inequality import PARTS, Inequality

HOSTILE = ("<b>x</b> & $y$", "=cmd()", "\u202eمنطقة\u202c", "a name that goes on and on " * 8)


@pytest.fixture
def study():
    """Results with inequality of random values."""

    def make(*, regions=24, years=range(2010, 2023), variables=("Effort", "D"), groups=("a", "b", "c"), lang="en"):
        rng = np.random.default_rng(1)
        ids = [f"r{i}" for i in range(regions)]
        coords = {"variable": list(variables), "region": ids, "year": list(years)}
        x = xr.DataArray(rng.lognormal(0, 0.5, [len(c) for c in coords.values()]), coords, list(coords))
        by = {r: groups[i % len(groups)] for i, r in enumerate(ids)} if groups else {}
        labels = {g: g for g in groups}
        found = Inequality(measured.indices(x), options={"sensitivity": 1.3})
        if groups:
            split = measured.dagum(x, by), measured.theil(x, by)
            indices = measured.indices(x, groups=by)
            found = Inequality(indices, *split, {"sensitivity": 1.3}, labels)
        return SimpleNamespace(analyses={"inequality": found}, language=lang, simulated=False)

    return make


def test_the_frame_of_the_sources_holds_the_decomposition(study):
    results = study()
    frame = inequality_sources.frame(results)
    found = results.analyses["inequality"].dagum
    assert list(frame["variable"].unique()) == ["Effort", "D"]
    for (variable, year), rows in frame.groupby(["variable", "year"]):
        one = found.sel(variable=variable, year=year)
        assert rows["value"].tolist() == [one[p].item() for p in PARTS]
        assert rows["value"].sum() == pytest.approx(one["gini"].item(), rel=1e-12)
        assert rows["share"].sum() == pytest.approx(1.0, rel=1e-12)


def test_bars_are_as_high_as_the_gini_coefficient(study):
    frame = inequality_sources.frame(study())
    figure = inequality_sources.draw(frame, Style(lang="en"))
    for axes, name in zip(figure.axes, ["Effort", "D"], strict=True):
        rows = frame[frame["variable"] == name]
        tops = {round(p.get_x() + p.get_width() / 2): p.get_y() + p.get_height() for p in axes.patches}
        whole = rows.groupby("year")["value"].sum()
        assert [tops[i] for i in range(len(whole))] == pytest.approx(whole.tolist())


def test_the_frame_of_the_groups_holds_both_kinds(study):
    results = study()
    frame = inequality_groups.frame(results)
    found = results.analyses["inequality"].dagum
    kinds = frame.drop_duplicates(["kind", "line"]).groupby("kind")["line"].apply(list).to_dict()
    assert kinds == {"within": ["a", "b", "c"], "between": ["a–b", "a–c", "b–c"]}
    row = frame[(frame["variable"] == "D") & (frame["line"] == "a–c") & (frame["year"] == 2015)]
    expected = found["pair_gini"].sel(variable="D", group="a", other="c", year=2015).item()
    assert row["gini"].tolist() == [expected]


def test_of_many_groups_the_widest_gaps_are_shown_and_the_rest_is_told(study, drawn):
    results = study(regions=60, groups=tuple("abcdefghij"), variables=("D",))
    frame = inequality_groups.frame(results)
    figure = inequality_groups.draw(frame, Style(lang="en"))
    assert [len(axes.get_lines()) for axes in figure.axes] == [7, 7]
    between = frame[(frame["kind"] == "between") & (frame["year"] == 2022)].nlargest(7, "gini")
    said = [text for text, _ in drawn(figure)]
    assert set(between["line"]) <= set(said)
    assert any("7 of 45 pairs" in text for text in said)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [160.0, 84.0])
@pytest.mark.parametrize("groups", [("a", "b", "c"), HOSTILE])
def test_texts_stand_apart_on_the_canvas(study, drawn, lang, width, groups):
    results = study(lang=lang, groups=groups, variables=("D", HOSTILE[0]))
    style = Style(lang=lang, width_mm=width)
    frames = [inequality_groups.frame(results).query("variable == 'D'"), inequality_sources.frame(results)]
    for figure in (inequality_groups.draw(frames[0], style), inequality_sources.draw(frames[1], style)):
        found = drawn(figure)
        for i, (said, a) in enumerate(found):
            assert a.x0 >= -0.5, said
            assert a.x1 <= figure.bbox.x1 + 0.5, said
            assert a.y0 >= -0.5, said
            for other, b in found[:i]:
                apart = min(a.x1, b.x1) - max(a.x0, b.x0) < 0.5 or min(a.y1, b.y1) - max(a.y0, b.y0) < 0.5
                assert apart, f"{said!r} covers {other!r}"


def test_years_without_a_decomposition_leave_a_gap(study):
    results = study()
    found = results.analyses["inequality"]
    gap = found.dagum.where(found.dagum["year"] != 2015)
    gap["n"] = found.dagum["n"]
    results.analyses["inequality"] = Inequality(found.indices, gap, found.theil, found.options, found.group_labels)
    figure = inequality_sources.draw(inequality_sources.frame(results), Style(lang="en"))
    heights = [p.get_height() for p in figure.axes[0].patches if round(p.get_x() + p.get_width() / 2) == 5]
    assert heights == [0.0, 0.0, 0.0]
    inequality_groups.draw(inequality_groups.frame(results).query("variable == 'D'"), Style(lang="en"))


def test_without_groups_the_frames_are_empty(study):
    results = study(groups=())
    assert inequality_sources.frame(results).empty
    assert inequality_groups.frame(results).empty
