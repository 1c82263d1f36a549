"""What all figures have in common: fonts, size, labels, files of the same bytes, and figures that cannot be drawn."""

from __future__ import annotations

import dataclasses
import hashlib
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import font_manager
from matplotlib.colors import to_rgb
from pylopdf_fonts_zh_cn import serif_path

from ouhe import text
from ouhe.errors import OptionError
from ouhe.figures import FIGURES, Style, drawings, fitting, index_trends, labels, left_out, save, years
from ouhe.figures.saving import file_name
from ouhe.figures.style import LINES, contrast, ordered

DEJAVU = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


def luminance(colour: str) -> float:
    return float(np.dot(to_rgb(colour), [0.299, 0.587, 0.114]))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# fonts


@pytest.mark.parametrize("made", ["absent", "folder", "text", "cut", "empty"])
def test_a_font_that_cannot_be_used_is_told(made, tmp_path):
    path = tmp_path / "font.ttf"
    if made == "folder":
        path.mkdir()
    elif made == "text":
        path.write_text("this is no font", "utf-8")
    elif made == "cut":
        path.write_bytes(DEJAVU.read_bytes()[:1000])
    elif made == "empty":
        path.write_bytes(b"")
    with pytest.raises(OptionError) as caught:
        Style(lang="zh", font=path)
    assert len(caught.value.problems) == 1
    assert str(path) in str(caught.value)
    assert "leave `font` out" in str(caught.value)


def test_chinese_figures_need_a_font_that_knows_chinese():
    with pytest.raises(OptionError, match="no Chinese characters"):
        Style(lang="zh", font=DEJAVU)
    assert Style(lang="en", font=DEJAVU).font == DEJAVU


def test_the_font_a_user_names_is_the_one_that_is_drawn(study_results, tmp_path):
    frame = index_trends.frame(study_results("zh"))
    for name, font in (("shipped", None), ("serif", serif_path())):
        save(index_trends.draw(frame, Style(lang="zh", font=font)), tmp_path, name, formats=["svg", "pdf"])
    assert b"NotoSansSC" in (tmp_path / "shipped.pdf").read_bytes()
    assert b"NotoSerifSC" not in (tmp_path / "shipped.pdf").read_bytes()
    assert b"NotoSerifSC" in (tmp_path / "serif.pdf").read_bytes()
    assert digest(tmp_path / "shipped.svg") != digest(tmp_path / "serif.svg")


def test_a_latin_font_gives_way_to_the_shipped_one_for_chinese_names(study_results, tmp_path):
    """Names of regions may be Chinese in an English figure; a missing glyph would be a warning, and thus an error."""
    frame = index_trends.frame(study_results("zh"))
    save(index_trends.draw(frame, Style(lang="en", font=DEJAVU)), tmp_path, "mixed", formats=["pdf"])
    held = (tmp_path / "mixed.pdf").read_bytes()
    assert b"DejaVuSans" in held
    assert b"NotoSansSC" in held


def test_fonts_of_the_machine_are_left_alone():
    def lists() -> dict[Path, int]:
        return {p: p.stat().st_mtime_ns for p in Path(mpl.get_cachedir()).glob("fontlist*.json")}

    before = lists()
    with Style(lang="zh", font=serif_path()).applied():
        first = font_manager.FontProperties(family=[mpl.rcParams["font.family"][0]])
        assert font_manager.findfont(first) == str(serif_path())
    assert lists() == before
    assert "ouhe" not in mpl.rcParams["font.family"][0]


# settings


@pytest.mark.parametrize("options", [{"width_mm": 10}, {"width_mm": float("nan")}, {"dpi": 0}, {"dpi": 10**6}])
def test_sizes_have_bounds(options):
    with pytest.raises(OptionError, match=str(*options.values())):
        Style(lang="en", **options)


def test_what_matplotlib_is_told_elsewhere_changes_no_figure(study_results, tmp_path):
    frame, style = index_trends.frame(study_results("zh")), Style(lang="zh")
    save(index_trends.draw(frame, style), tmp_path, "before")
    with mpl.rc_context({"lines.linewidth": 9, "font.size": 30, "text.usetex": False, "axes.facecolor": "red"}):
        figure = index_trends.draw(frame, style)
        mpl.rcParams["font.family"] = "serif"
        save(figure, tmp_path, "after")
        assert mpl.rcParams["lines.linewidth"] == 9
        assert mpl.rcParams["font.family"] == ["serif"]
    for ending in ("svg", "pdf", "png"):
        assert digest(tmp_path / f"before.{ending}") == digest(tmp_path / f"after.{ending}")


def test_pyplot_is_never_loaded():
    code = (
        "import sys, ouhe.figures as f\n"
        "assert 'matplotlib' not in sys.modules, 'figures are listed without drawing'\n"
        "s = f.Style(lang='zh')\n"
        "with s.applied(): s.figure(2, 2, height_mm=50)\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_panels_fit_the_width():
    wide, narrow = Style(lang="en", width_mm=160), Style(lang="en", width_mm=84)
    assert [wide.panels(n, least_mm=60) for n in (1, 2, 3, 5)] == [(1, 1), (1, 2), (2, 2), (3, 2)]
    assert [narrow.panels(n, least_mm=60) for n in (1, 2, 3)] == [(1, 1), (2, 1), (3, 1)]


# colours


@pytest.mark.parametrize("count", [1, 2, 4, 9, 10, 15])
def test_colours_of_classes_get_darker_step_by_step(count):
    grey = [luminance(c) for c in ordered(count)]
    assert len(grey) == count
    assert all(a - b > 0.02 for a, b in pairwise(grey))


def test_text_is_readable_on_every_colour():
    for colour in [*ordered(10), *(c for c, _, _ in LINES)]:
        # the ratio WCAG 2 asks of large text and of parts of figures
        assert ratio(colour, contrast(colour)) >= 3.0


def ratio(a: str, b: str) -> float:
    def light(colour: str) -> float:
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
        return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))

    dark, bright = sorted((light(a), light(b)))
    return (bright + 0.05) / (dark + 0.05)


# labels


@given(st.text(max_size=60), st.floats(20, 300))
def test_lines_are_no_wider_than_asked_and_lose_nothing(label, most):
    lines = labels.wrapped(label, size=7.0, most=most, lines=10**6).split("\n")
    for line in lines:
        assert labels.width(line, size=7.0) <= most + 1e-9 or len(line) == 1
    assert "".join("".join(lines).split()) == "".join(labels.plain(label).split())


@given(st.text(max_size=40))
def test_plain_text_is_one_line_without_marks_that_turn_it(label):
    said = labels.plain(label)
    assert labels.plain(said) == said
    assert "\n" not in said
    assert not set("\u200e\u200f\u202a\u202b\u202d\u202e\u2066\u2067\u2069\x00\x1b") & set(said)


def test_lines_do_not_begin_with_closing_signs():
    said = labels.wrapped("科技创新，资源整合（综合）指数", size=10.0, most=40.0, lines=20)
    assert all(line[0] not in "，）" and line[-1] != "（" for line in said.split("\n"))


def test_what_does_not_fit_ends_in_an_ellipsis():
    said = labels.wrapped("one two three four five six", size=7.0, most=40.0, lines=2)
    assert said.endswith("…")
    assert said.count("\n") == 1


# files


def test_the_same_figure_gives_the_same_bytes(study_results, tmp_path):
    style = Style(lang="zh", simulated=True)
    for name in ("first", "second"):
        for drawing, figure in drawings(study_results("zh"), style, only=["class_maps", "coupling_trends"]):
            save(figure, tmp_path / name, drawing.file, dpi=100)
    first = {p.name: digest(p) for p in (tmp_path / "first").iterdir()}
    second = {p.name: digest(p) for p in (tmp_path / "second").iterdir()}
    assert first == second
    assert len(first) == 6


def test_files_say_nothing_of_the_day_or_the_software(study_results, tmp_path):
    figure = index_trends.draw(index_trends.frame(study_results("en")), Style(lang="en"))
    for path in save(figure, tmp_path, "trends"):
        held = path.read_bytes().lower()
        assert not any(word in held for word in (b"creationdate", b"producer", b"creator", b"dc:date", b"software"))


def test_a_png_has_the_resolution_asked_for(study_results, tmp_path):
    frame = index_trends.frame(study_results("en"))
    for asked, style, wide in ((None, Style(lang="en", dpi=100), 630), (200, Style(lang="en"), 1260)):
        (path,) = save(index_trends.draw(frame, style), tmp_path, "trends", formats=["png"], dpi=asked)
        (found,) = struct.unpack(">I", path.read_bytes()[16:20])
        assert abs(found - wide) <= 1


def test_an_unknown_format_is_told(study_results, tmp_path):
    figure = index_trends.draw(index_trends.frame(study_results("en")), Style(lang="en"))
    with pytest.raises(OptionError, match=r'"gif".*known: svg, pdf, png'):
        save(figure, tmp_path, "trends", formats=["svg", "gif"])
    assert not list(tmp_path.iterdir())


@given(st.text(max_size=300))
def test_a_file_name_is_safe_whatever_the_text(name):
    made = file_name(name)
    assert made
    assert len(made.encode()) <= 120
    assert not set(made) & set('/\\:*?"<>|.\n\x00 ')
    assert file_name(made) == made


def test_threads_draw_what_one_would(study_results, tmp_path):
    frame = index_trends.frame(study_results("zh"))
    styles = [Style(lang="zh"), Style(lang="zh", width_mm=84.0, simulated=True)]

    def drawn(number: int) -> str:
        figure = index_trends.draw(frame, styles[number % 2])
        (path,) = save(figure, tmp_path, f"trends-{number}", formats=["svg"])
        return digest(path)

    alone = [drawn(0), drawn(1)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(drawn, range(2, 10))) == alone * 4


# the catalogue


def test_every_figure_has_a_frame_and_a_drawing():
    for name in FIGURES:
        module = import_module(f"ouhe.figures.{name}")
        assert callable(module.frame)
        assert callable(module.draw)


def test_figures_come_one_by_one(study_results):
    """So that a caller can show progress and save each before the next is made."""
    found = drawings(study_results("en"), Style(lang="en"), only=["index_trends", "class_stack"])
    assert next(found)[0].figure == "index_trends"
    assert next(found)[0].figure == "class_stack"
    assert next(found, None) is None


def test_a_figure_that_is_not_known_is_told(study_results):
    with pytest.raises(OptionError) as caught:
        fitting(study_results("en"), only=["index_trend", "map", "weights"])
    assert [p.params["name"] for p in caught.value.problems] == ["index_trend", "map"]
    assert 'did you mean "index_trends"' in str(caught.value)


def test_drawings_of_names_that_differ_in_signs_alone_have_files_of_their_own(study_results):
    results = study_results("en")
    weight = results.measurement.weight
    systems = ["A/B" if i % 2 else "a:b" for i in range(weight.sizes["indicator"])]
    renamed = weight.assign_coords(system_of=("indicator", systems))
    results = dataclasses.replace(results, measurement=dataclasses.replace(results.measurement, weight=renamed))
    names = [drawing.file for drawing, _ in drawings(results, Style(lang="en"), only=["weights"])]
    assert names == ["weights-a-b", "weights-A-B-2"]


def test_one_year_has_no_trend(study_results):
    results = study_results("en")
    coupling = results.coupling
    short = {name: getattr(coupling, name).isel(year=[0]) for name in ("C", "T", "D", "level", "lagging")}
    results = dataclasses.replace(results, coupling=dataclasses.replace(coupling, **short))
    assert {"index_trends", "coupling_trends"} <= set(left_out(results))
    assert "one year only" in left_out(results)["index_trends"].message("en")
    assert "index_trends" not in fitting(results)
    with pytest.raises(OptionError, match="one year only"):
        next(drawings(results, Style(lang="en"), only=["index_trends"]))
    for _, figure in drawings(results, Style(lang="en"), only=["coordination_heatmap", "class_stack", "class_maps"]):
        figure.draw_without_rendering()


def test_an_analysis_that_was_not_asked_for_is_told_with_its_key(study_results):
    results = study_results("en")
    asked = {name: part for name, part in results.analyses.items() if name != "lisa"}
    lacking = left_out(dataclasses.replace(results, analyses=asked))
    assert set(lacking) == {"moran_scatter", "lisa_maps"}
    for lang in text.LANGUAGES:
        assert "`lisa`" in lacking["lisa_maps"].message(lang)
        assert "lisa_maps" in lacking["lisa_maps"].message(lang)


@pytest.mark.parametrize("spoilt", ["unknown", "shared"])
def test_regions_without_squares_of_their_own_have_no_tile_grid(spoilt, study_results):
    results = study_results("zh")
    table = results.places.table.copy()
    table.loc["北京", ["tile_row", "tile_column"]] = (
        [np.nan, np.nan] if spoilt == "unknown" else table.loc["天津", ["tile_row", "tile_column"]].to_list()
    )
    results = dataclasses.replace(results, places=dataclasses.replace(results.places, table=table))
    assert "class_maps" in left_out(results)
    assert "tile_row" in left_out(results)["class_maps"].message("en")
    assert "class_maps" not in left_out(results, mapped=True)


def test_years_to_show():
    assert years.chosen(range(2010, 2023)) == [2010, 2014, 2018, 2022]
    assert years.chosen([2000, 2010, 2020]) == [2000, 2010, 2020]
    assert years.chosen([2020]) == [2020]
    assert years.chosen(range(2010, 2023), [2022, 2011, 2022]) == [2011, 2022]
    with pytest.raises(OptionError) as caught:
        years.chosen(range(2010, 2023), [2009, 2015, 2023])
    assert [p.params["year"] for p in caught.value.problems] == [2009, 2023]


def test_messages_of_figures_are_given_in_both_languages():
    for key in ("figures.width", "figures.dpi"):
        said = {lang: text.t(key, lang=lang, width=1.0, dpi=1, least=2, most=3) for lang in text.LANGUAGES}
        assert said["zh"] != said["en"]
