"""Moran scatter plots: the points, the line, and a name for every region."""

import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_hex

from ouhe.errors import OptionError
from ouhe.figures import Style, moran_scatter, save
from ouhe.results.lisa import QUADRANTS

YEARS = [2010, 2014, 2018, 2022]


def of(frame, variable):
    return frame[frame["variable"] == variable]


def test_the_frame_holds_the_table_of_local_moran(spatial):
    results = spatial()
    frame = moran_scatter.frame(results)
    table = results.analyses["lisa"].tables()["lisa"]
    shown = table[table["year"].isin(YEARS)].reset_index(drop=True)
    for column in ("variable", "year", "region", "value", "lag", "quadrant", "significant"):
        assert frame[column].tolist() == shown[column].tolist(), column
    assert frame["label"].iloc[:3].tolist() == ["00", "01", "02"]
    assert frame["named"].all()
    assert frame["quadrant"].isin(QUADRANTS).all()


def test_the_frame_holds_the_table_of_global_moran(spatial):
    results = spatial()
    frame = moran_scatter.frame(results, years=[2012, 2011])
    table = results.analyses["moran"].tables()["moran"].set_index(["variable", "year"])
    for (variable, year), rows in frame.groupby(["variable", "year"]):
        assert year in (2011, 2012)
        assert (rows["I"] == table.loc[(variable, year), "I"]).all()
        assert (rows["p"] == table.loc[(variable, year), "p"]).all()
        assert (rows["stars"] == table.loc[(variable, year), "stars"]).all()


def test_the_line_is_fitted_and_its_slope_is_morans_i(spatial):
    frame = moran_scatter.frame(spatial())
    for _, rows in frame.groupby(["variable", "year"]):
        slope, intercept = np.polyfit(rows["value"], rows["lag"], 1)
        assert rows["slope"].iloc[0] == pytest.approx(slope, abs=1e-12)
        assert rows["intercept"].iloc[0] == pytest.approx(intercept, abs=1e-12)
        assert rows["slope"].iloc[0] == pytest.approx(rows["I"].iloc[0], abs=1e-12)  # the weights' rows sum to 1


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("apart", [{"style": "binary"}, {"alone": 2}])
def test_a_slope_that_is_not_morans_i_is_told(spatial, texts, lang, apart):
    style = Style(lang=lang)
    said = texts(moran_scatter.draw(of(moran_scatter.frame(spatial(years=[2010, 2011])), "D"), style))
    head, tail = {"zh": ("拟合线斜率：", "，与莫兰指数"), "en": ("Slope of the fitted line: ", ". It is not")}[lang]
    assert head not in " ".join(said)
    frame = of(moran_scatter.frame(spatial(years=[2010, 2011], **apart)), "D")
    expected = []
    for year, rows in frame.dropna(subset="lag").groupby("year"):
        slope = np.polyfit(rows["value"], rows["lag"], 1)[0]
        assert abs(slope - rows["I"].iloc[0]) > 0.0005
        number = f"{slope:.3f}".replace("-", "−")
        expected.append({"zh": f"{number}（{year} 年）", "en": f"{number} ({year})"}[lang])
    figure = moran_scatter.draw(frame, style)
    lines = sorted(figure.texts, key=lambda t: -t.get_position()[1])  # a note may take several
    note = ("" if lang == "zh" else " ").join(t.get_text() for t in lines)
    assert head + style.t("labels.comma").join(expected) + tail in note


def test_the_slope_of_binary_weights_is_i_times_the_mean_number_of_neighbours(spatial):
    """I = n/S0 times z'Wz/z'z, and z'Wz/z'z is the slope as z has the mean 0 (Anselin 1996)."""
    frame = moran_scatter.frame(spatial(style="binary"))
    panels = frame.drop_duplicates(["variable", "year"])
    assert panels["slope"].to_numpy() == pytest.approx(panels["I"].to_numpy() * 60 / 31, abs=1e-12)


def test_many_points_are_one_picture_in_vector_formats(spatial, tmp_path):
    sizes = {}
    for count in (2000, 2001):
        frame = of(moran_scatter.frame(spatial(count=count, years=[2010], variables=("D",))), "D")
        (path,) = save(moran_scatter.draw(frame, Style(lang="en")), tmp_path, str(count), formats=["svg"], dpi=100)
        assert ("<image" in path.read_text("utf-8")) == (count > 2000)
        sizes[count] = path.stat().st_size
    assert sizes[2001] < sizes[2000] / 2


def test_names_of_quadrants_stand_on_white_over_the_line_and_under_the_points(spatial):
    frame = of(moran_scatter.frame(spatial(years=[2010])), "D")
    (axes,) = moran_scatter.draw(frame, Style(lang="en")).axes
    corners = [t for t in axes.texts if t.get_text()[:2] in {"HH", "LH", "LL", "HL"}]
    assert len(corners) == 4
    for text in corners:
        assert to_hex(text.get_bbox_patch().get_facecolor()) == "#ffffff"
        assert max(line.get_zorder() for line in axes.lines) < text.get_zorder()
        assert text.get_zorder() < min(c.get_zorder() for c in axes.collections if len(c.get_offsets()) > 1)


def test_p_by_permutation_where_there_is_no_other(spatial):
    results = spatial()
    statistics = results.analyses["moran"].statistics
    statistics["p_value"][:] = np.nan
    frame = moran_scatter.frame(results)
    table = results.analyses["moran"].tables()["moran"].set_index(["variable", "year"])
    assert frame["p"].iloc[0] == table.loc[("Effort", 2010), "p_sim"]


def without_moran(results):
    del results.analyses["moran"]


def with_other_weights(results):
    results.analyses["lisa"] = replace(results.analyses["lisa"], neighbours="others")


@pytest.mark.parametrize("change", [without_moran, with_other_weights])
def test_no_global_moran_of_these_weights_no_statistic(spatial, assert_apart, change):
    results = spatial(years=[2010])
    change(results)
    frame = moran_scatter.frame(results)
    assert frame["I"].isna().all()
    said = assert_apart(moran_scatter.draw(of(frame, "D"), Style(lang="en")))
    assert "2010" in said
    assert not any("Moran's I" in s or "***" in s for s in said)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [160.0, 84.0])
def test_every_region_is_named_and_no_name_covers_another(spatial, assert_apart, lang, width):
    shorts = [chr(0x4E00 + 7 * i) for i in range(31)] if lang == "zh" else [f"{chr(65 + i % 26)}{i}" for i in range(31)]
    frame = of(moran_scatter.frame(spatial(lang=lang, shorts=shorts)), "D")
    style = Style(lang=lang, width_mm=width)
    said = assert_apart(moran_scatter.draw(frame, style))
    for name in shorts:
        assert said.count(name) == 4
    for quadrant in ("HH", "LH", "LL", "HL"):
        assert sum(quadrant in s for s in said) == 4
    first = frame.iloc[0]
    assert any(s.startswith("(a) 2010") and f"{first['I']:.3f}".replace("-", "−") + first["stars"] in s for s in said)
    assert style.t("figures.stars") in " ".join(said)


def test_points_are_filled_where_significant(spatial):
    frame = of(moran_scatter.frame(spatial(), years=[2010]), "D")
    (axes,) = moran_scatter.draw(frame, Style(lang="en")).axes
    hollow, *filled = (c for c in axes.collections if len(c.get_offsets()) and c.get_facecolor().size)
    assert hollow.get_offsets().tolist() == frame.loc[~frame["significant"], ["value", "lag"]].values.tolist()
    assert sum(len(c.get_offsets()) for c in filled) == frame["significant"].sum()
    assert (hollow.get_facecolor()[0] == 1).all()
    assert not any((c.get_facecolor()[0] == 1).all() for c in filled)


def test_panels_have_the_same_scales_and_show_every_point(spatial):
    frame = of(moran_scatter.frame(spatial()), "Result")
    panels = moran_scatter.draw(frame, Style(lang="en")).axes
    assert len({(a.get_xlim(), a.get_ylim()) for a in panels}) == 1
    (left, right), (bottom, top) = panels[0].get_xlim(), panels[0].get_ylim()
    assert left < frame["value"].min() < frame["value"].max() < right
    assert bottom < frame["lag"].min() < frame["lag"].max() < top


def test_a_region_without_neighbours_is_told(spatial, assert_apart):
    frame = moran_scatter.frame(spatial(alone=2), years=[2010])
    part = frame[frame["region"].isin(["r0000", "r0001"])]
    assert part["lag"].isna().all()
    assert not part["named"].any()
    said = assert_apart(moran_scatter.draw(of(frame, "D"), Style(lang="en")))
    assert "Without neighbours and therefore not in the plot (2): 00, 01." in said


def test_of_many_regions_some_are_named_and_the_figure_says_so(spatial, assert_apart):
    frame = of(moran_scatter.frame(spatial(count=200, years=[2010, 2011])), "D")
    for _, rows in frame.groupby("year"):
        named, others = rows[rows["named"]], rows[~rows["named"]]
        assert len(named) == 30
        # 200 p between 0 and 0.2: more than 30 are significant, so all that are named are, and lie farthest out
        assert named["significant"].all()
        far = np.hypot(others["value"], others["lag"])[others["significant"]]
        assert far.max() <= np.hypot(named["value"], named["lag"]).min()
    said = " ".join(assert_apart(moran_scatter.draw(frame, Style(lang="en"))))
    assert "Of 200 regions 30 a panel are named" in said


def test_names_without_room_are_told(spatial, assert_apart):
    shorts = [f"{i:02d} is a very long name" for i in range(60)]
    frame = of(moran_scatter.frame(spatial(count=60, years=[2010], shorts=shorts)), "D")
    figure = moran_scatter.draw(frame, Style(lang="en", width_mm=100))
    written = {s[:2] for s in assert_apart(figure) if re.fullmatch(r"\d\d is a very.*…", s)}
    lines = sorted(figure.texts, key=lambda t: -t.get_position()[1])
    note = " ".join(t.get_text() for t in lines)
    told = set(re.findall(r"(\d\d) is a very", note[note.index("No room was left for the names of (") :]))
    assert told
    assert written.isdisjoint(told)
    assert sorted(written | told) == [f"{i:02d}" for i in range(60)]
    assert f"of ({len(told)})" in note


def test_the_divide_of_the_quadrants_may_be_the_mean_lag(spatial):
    options = {"quadrant_origin": "mean_lag", "significance": 0.1, "correction": "benjamini-hochberg"}
    frame = moran_scatter.frame(spatial(options=options))
    for _, rows in frame.groupby(["variable", "year"]):
        assert rows["divide"].iloc[0] == pytest.approx(rows["lag"].mean())
    assert (moran_scatter.frame(spatial())["divide"] == 0).all()


def test_what_significant_means_is_said(spatial, texts):
    for options, expected in (
        ({"significance": 0.1}, "local Moran significant (p ≤ 0.1)"),
        ({"significance": 0.1, "correction": "benjamini-hochberg"}, "(false discovery rate ≤ 0.1)"),
        ({}, "local Moran significant"),
    ):
        frame = of(moran_scatter.frame(spatial(options=options), years=[2010]), "D")
        said = texts(moran_scatter.draw(frame, Style(lang="en")))
        assert any(s.endswith(expected) for s in said)


def test_hostile_names_are_only_names(spatial, assert_apart, hostile):
    shorts = [hostile[i % 4] if i < 8 else str(i) for i in range(31)]
    frame = moran_scatter.frame(spatial(shorts=shorts, variables=hostile[:1]), years=[2010, 2022])
    said = assert_apart(moran_scatter.draw(frame, Style(lang="en")))
    assert any(s.startswith("$\\frac{1}{0}$ & $x_1$") for s in said)
    assert any("<b>bold</b>" in s for s in said)


def test_the_same_bytes_twice(spatial, assert_same_bytes):
    assert_same_bytes(lambda: moran_scatter.draw(of(moran_scatter.frame(spatial(years=[2010])), "D"), Style(lang="zh")))


def test_a_year_the_study_has_not(spatial):
    with pytest.raises(OptionError, match="2030"):
        moran_scatter.frame(spatial(), years=[2030])


def test_simulated_data_are_marked(spatial, texts):
    frame = of(moran_scatter.frame(spatial(), years=[2010]), "D")
    said = texts(moran_scatter.draw(frame, Style(lang="zh", simulated=True)))
    assert "模拟数据：仅供演示，不可作为证据" in said


@pytest.mark.parametrize("seed", range(4))
def test_names_cover_no_point_and_lead_to_their_own(spatial, drawn, seed):
    frame = of(moran_scatter.frame(spatial(seed=seed), years=[2010]), "D")
    figure = moran_scatter.draw(frame, Style(lang="en", width_mm=84))
    (axes,) = figure.axes
    boxes = {said: box for said, box in drawn(figure) if said in set(frame["label"])}
    assert len(boxes) == 31
    at = dict(zip(frame["label"], axes.transData.transform(frame[["value", "lag"]]), strict=True))
    (leaders,) = (c.get_segments() for c in axes.collections if hasattr(c, "get_segments"))
    starts, ends = axes.transAxes.transform(np.concatenate(leaders)).reshape(-1, 2, 2).transpose(1, 0, 2)
    point = figure.dpi / 72
    for said, box in boxes.items():
        assert not any(box.x0 < x < box.x1 and box.y0 < y < box.y1 for x, y in at.values()), said
        x, y = at[said]
        away = np.hypot(x - np.clip(x, box.x0, box.x1), y - np.clip(y, box.y0, box.y1))
        if away > 5 * point:  # farther than a marker and the gap: a line leads from the point to the name
            near = np.hypot(*(starts - at[said]).T) < 2.2 * point
            inside = (ends >= [box.x0 - point, box.y0 - point]) & (ends <= [box.x1 + point, box.y1 + point])
            assert (near & inside.all(axis=1)).any(), said
