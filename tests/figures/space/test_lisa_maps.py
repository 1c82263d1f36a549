"""Maps of local clusters: a tile a region, letters in it, and counts in the legend."""

import pandas as pd
import pytest

from ouhe.errors import OptionError
from ouhe.figures import Style, lisa_maps
from ouhe.results.places import Places

CLUSTERS = ["HH", "LL", "LH", "HL"]


def of(frame, variable):
    return frame[frame["variable"] == variable]


def test_the_frame_holds_the_table(spatial):
    results = spatial()
    frame = lisa_maps.frame(results)
    table = results.analyses["lisa"].tables()["lisa"]
    both = frame.merge(table, on=["variable", "year", "region"], validate="one_to_one")
    assert len(both) == len(frame) == 4 * 4 * 31
    expected = both["quadrant"].where(both["significant"], "none")
    assert both["cluster"].tolist() == expected.tolist()
    assert frame["short"].iloc[:2].tolist() == ["00", "01"]
    with pytest.raises(OptionError, match="2030"):
        lisa_maps.frame(results, years=[2030])


def test_regions_that_are_not_studied_or_have_no_neighbours(spatial, assert_apart):
    results = spatial(alone=1, years=[2010, 2022])
    more = pd.DataFrame(
        {"label": "Isle", "short": "IS", "tile_row": 5.0, "tile_column": 0.0, "studied": False}, index=["isle"]
    )
    results.places = Places(pd.concat([results.places.table, more]))
    frame = of(lisa_maps.frame(results), "D").set_index("region")
    assert frame.loc["isle", "cluster"].isna().all()
    assert (frame.loc["r0000", "cluster"] == "alone").all()
    said = assert_apart(lisa_maps.draw(frame.reset_index(), Style(lang="en")))
    assert said.count("IS") == 2
    assert "no data" in said
    assert "no neighbours: 1, 1" in said


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [160.0, 84.0])
def test_texts(spatial, assert_apart, lang, width):
    style = Style(lang=lang, width_mm=width)
    results = spatial(lang=lang)
    frame = of(lisa_maps.frame(results), "D")
    said = assert_apart(lisa_maps.draw(frame, style))
    counts = results.analyses["lisa"].tables()["lisa_counts"]
    counts = counts[(counts["variable"] == "D") & counts["year"].isin([2010, 2014, 2018, 2022])]
    comma = style.t("labels.comma")
    for cluster in CLUSTERS:
        by_year = counts.loc[counts["quadrant"] == cluster, "significant"].tolist()
        name = style.t(f"figures.quadrant_{cluster}")
        assert style.t("figures.lisa_maps_counted", cluster=name, counts=comma.join(map(str, by_year))) in said
    rest = [31 - n for n in counts.groupby("year")["significant"].sum()]
    name = style.t("figures.lisa_maps_none")
    assert style.t("figures.lisa_maps_counted", cluster=name, counts=comma.join(map(str, rest))) in said
    for row in frame.itertuples():
        letters = f"\n({row.cluster})" if row.cluster in CLUSTERS else ""
        assert f"{row.short}{letters}" in said
    heading = "".join("".join(said).split())  # long ones are broken into lines
    for part in (style.t("figures.lisa_significant_p", level="0.05"), style.t("figures.variable_D")):
        assert "".join(part.split()) in heading


@pytest.mark.parametrize("correction", [None, "benjamini-hochberg"])
def test_maps_say_that_regions_are_judged_one_by_one_unless_p_are_corrected(spatial, texts, correction):
    results = spatial(alone=1, years=[2010, 2022], options={"significance": 0.05, "correction": correction})
    said = " ".join(texts(lisa_maps.draw(of(lisa_maps.frame(results), "D"), Style(lang="en"))))
    # 30 of 31 regions have neighbours, and so a p: 30 times twice 0.05, for either tail, is 3
    note = "30 regions are judged one by one: chance alone makes about 3.0 a year significant"
    assert (note in said) == (correction is None)


def test_tiles_have_the_colours_of_the_legend(spatial):
    frame = of(lisa_maps.frame(spatial(), years=[2010]), "D")
    figure = lisa_maps.draw(frame, Style(lang="en"))
    legend = [patch.get_facecolor() for patch in figure.legends[0].get_patches()]
    assert len(set(legend)) == 5  # four clusters and none
    (axes,) = figure.axes
    squares = {tuple(c.get_facecolor()[0]): len(c.get_paths()) for c in axes.collections}
    present = frame["cluster"].value_counts()
    assert squares == {
        colour: present[cluster]
        for cluster, colour in zip([*CLUSTERS, "none"], legend, strict=True)
        if cluster in present
    }


def test_hostile_names_are_only_names(spatial, assert_apart, hostile):
    shorts = [hostile[i % 4] if i < 8 else str(i) for i in range(31)]
    frame = lisa_maps.frame(spatial(shorts=shorts, variables=hostile[:1]), years=[2010, 2022])
    said = assert_apart(lisa_maps.draw(frame, Style(lang="en")))
    assert any("$\\frac{1}{0}$ & $x_1$" in s for s in said)


def test_the_same_bytes_twice(spatial, assert_same_bytes):
    assert_same_bytes(lambda: lisa_maps.draw(of(lisa_maps.frame(spatial()), "D"), Style(lang="zh")))
