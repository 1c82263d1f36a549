"""The shipped panel returns what the paper prints, by formulas written out here and by the package."""

import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import ouhe
from ouhe import panel, regions
from ouhe.compute import aggregate, normalise, weight
from ouhe.output.scaffold import demo
from ouhe.study import document

STUDY = files("ouhe.templates") / "innovation-productivity"
ROOT = Path(__file__).parents[2]
CHINA = regions.load("china-provinces")
GROUP_OF = np.array([CHINA.groupings["four-economic-regions"][r] for r in CHINA.ids])

#: Weights in thousandths, in the order of tables 1 and 2 of the paper.
PRINTED_WEIGHTS = {
    "科技创新资源整合": [22, 56, 63, 51, 20, 21, 73, 62, 73, 37, 16, 41, 64, 18, 17, 75, 52, 32, 57, 32, 63, 20, 35],
    "新质生产力": [
        *[17, 39, 15, 11, 6, 7, 22, 54, 58, 8, 27, 47, 14, 12, 24, 14, 16, 25, 9],
        *[14, 19, 36, 28, 28, 20, 7, 16, 15, 55, 18, 6, 58, 51, 42, 51, 38, 73],
    ],
}  # fmt: skip
#: Means of the index: nation in 2010 and 2022, then the regions over all years (section 3(4) of the paper).
PRINTED_MEANS = {
    "科技创新资源整合": (0.105, 0.200, {"East": 0.231, "Central": 0.166, "West": 0.087, "Northeast": 0.116}),
    "新质生产力": (0.122, 0.240, {"East": 0.235, "Central": 0.164, "West": 0.123, "Northeast": 0.135}),
}
#: Global Moran's I and z by year, 2010-2022 (tables 4 and 5 of the paper).
PRINTED_MORAN = {
    "科技创新资源整合": (
        [0.176, 0.225, 0.253, 0.302, 0.317, 0.301, 0.292, 0.315, 0.328, 0.304, 0.302, 0.299, 0.305],
        [1.798, 2.259, 2.510, 2.961, 3.099, 2.965, 2.872, 3.146, 3.208, 3.041, 3.022, 3.039, 3.108],
    ),
    "新质生产力": (
        [0.346, 0.326, 0.307, 0.289, 0.268, 0.281, 0.275, 0.247, 0.202, 0.195, 0.200, 0.220, 0.234],
        [3.270, 3.108, 2.950, 2.804, 2.615, 2.737, 2.687, 2.457, 2.097, 2.053, 2.096, 2.274, 2.397],
    ),
}
SYSTEMS = list(PRINTED_WEIGHTS)


def leaves(branch, path=()):
    for key, child in branch.items():
        if isinstance(child.get("direction"), str):
            yield key, path, child
        else:
            yield from leaves(child, (*path, key))


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(STUDY / "panel.csv", encoding="utf-8-sig", comment="#")


@pytest.fixture(scope="module")
def indicators() -> list[panel.Indicator]:
    systems = document.load(Path(str(STUDY / "study.yml"))).data["systems"]
    return [panel.Indicator(key, path[0], path[1:], leaf["direction"]) for key, path, leaf in leaves(systems)]


@pytest.fixture(scope="module")
def values(table, indicators) -> dict[str, np.ndarray]:
    """Values of every indicator, shape (region, year)."""
    return {i.id: table[i.id].to_numpy().reshape(31, 13) for i in indicators}


def by_hand(values, indicators, system):
    """Weights (eq. 1-5 with ln(nT)) and index of one system, by plain numpy."""
    normalised, divergences = [], []
    for i in (i for i in indicators if i.system == system):
        x = values[i.id] if i.direction == "positive" else -values[i.id]
        y = (x - x.min()) / (x.max() - x.min())
        p = (y / y.sum())[y > 0]
        normalised.append(y)
        divergences.append(1 + (p * np.log(p)).sum() / np.log(31 * 13))
    w = np.array(divergences) / sum(divergences)
    return w, np.tensordot(w, np.array(normalised), axes=1)


def by_package(table, indicators, system):
    x = panel.describe(panel.from_frame(table), [i for i in indicators if i.system == system])
    y = normalise.minmax(x)
    w = weight.entropy(y)
    index = aggregate.linear(y, w).sel(system=system).transpose("region", "year")
    return w.to_numpy(), index.to_numpy()


@pytest.fixture(scope="module", params=["numpy", "ouhe"])
def measured(request, table, values, indicators) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """System → weights and index ``(region, year)``."""
    if request.param == "numpy":
        return {s: by_hand(values, indicators, s) for s in SYSTEMS}
    return {s: by_package(table, indicators, s) for s in SYSTEMS}


def moran(u: np.ndarray) -> tuple[float, float]:
    """Moran's I and its z under randomisation (Cliff & Ord 1981), row-standardised contiguity."""
    n, at = len(u), {r: k for k, r in enumerate(CHINA.ids)}
    w = np.zeros((n, n))
    for a, b in CHINA.borders:
        w[at[a], at[b]] = w[at[b], at[a]] = 1
    w /= w.sum(axis=1, keepdims=True)
    z = u - u.mean()
    i = z @ w @ z / (z @ z)
    s1, s2 = ((w + w.T) ** 2).sum() / 2, ((1 + w.sum(axis=0)) ** 2).sum()
    b2 = n * (z**4).sum() / (z @ z) ** 2
    first = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * n**2)
    second = b2 * ((n**2 - n) * s1 - 2 * n * s2 + 6 * n**2)
    variance = (first - second) / ((n - 1) * (n - 2) * (n - 3) * n**2) - 1 / (n - 1) ** 2
    return i, (i + 1 / (n - 1)) / np.sqrt(variance)


def test_the_file_says_it_is_simulated():
    raw = (STUDY / "panel.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf#")
    notice = [line for line in raw.decode("utf-8-sig").splitlines() if line.startswith("#")]
    assert "模拟数据" in notice[0]
    said = "\n".join(notice)
    assert all(word in said for word in ("SIMULATED", "no evidence", "scripts/simulate_panel.py", "seed 20220"))


def test_it_is_complete_and_in_order(table, indicators):
    assert list(table.columns) == ["region", "year", *(i.id for i in indicators)]
    assert list(zip(table["region"], table["year"], strict=True)) == [
        (r, y) for r in CHINA.ids for y in range(2010, 2023)
    ]
    assert np.isfinite(table.drop(columns=["region", "year"]).to_numpy()).all()


@pytest.mark.parametrize("system", SYSTEMS)
def test_weights_are_the_printed_ones(measured, system):
    w, _ = measured[system]
    # The printed weights of both systems add up to exactly 1, so nothing but their rounding stands in the way.
    assert sum(PRINTED_WEIGHTS[system]) == 1000
    np.testing.assert_allclose(w, np.array(PRINTED_WEIGHTS[system]) / 1000, atol=0.0005, rtol=0)


@pytest.mark.parametrize("system", SYSTEMS)
def test_means_are_the_printed_ones(measured, system):
    _, index = measured[system]
    first, last, of_groups = PRINTED_MEANS[system]
    assert index[:, 0].mean() == pytest.approx(first, abs=0.0005)
    assert index[:, -1].mean() == pytest.approx(last, abs=0.0005)
    for group, mean in of_groups.items():
        assert index[group == GROUP_OF].mean() == pytest.approx(mean, abs=0.0005), group


@pytest.mark.parametrize("system", SYSTEMS)
def test_morans_i_and_z_are_the_printed_ones(measured, system):
    _, index = measured[system]
    found = np.array([moran(index[:, t]) for t in range(13)])
    np.testing.assert_allclose(found.T, PRINTED_MORAN[system], atol=0.0005, rtol=0)


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> dict[str, pd.DataFrame]:
    """Tables of the demonstration, as a study gives them."""
    study = demo(tmp_path_factory.mktemp("demo"), lang="zh")
    return ouhe.run(study, settings=[f"analyses.{name}=false" for name in ("lisa", "density", "uncertainty")]).tables()


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_study_gives_the_printed_tables_of_morans_i(tables, system):
    found = tables["moran"].query("variable == @system")
    expected, z = PRINTED_MORAN[system]
    np.testing.assert_allclose(found["I"], expected, atol=0.0005, rtol=0)
    np.testing.assert_allclose(found["z"], z, atol=0.005, rtol=0)


def test_the_one_printed_p_that_does_not_fit_its_z_is_known(tables):
    """Table 4 prints z = 3.039 with p = 0.024 and two stars for 2021; that z has p = 0.0024, and three stars."""
    row = tables["moran"].query("variable == '科技创新资源整合' and year == 2021").iloc[0]
    assert row["p"] == pytest.approx(0.0024, abs=0.0001)
    assert row["stars"] == "***"


def test_the_nation_grows_every_year_and_the_gaps_widen(measured):
    for _, index in measured.values():
        assert (np.diff(index.mean(axis=0)) > 0).all()
        assert index[:, -1].std() > index[:, 0].std()


def test_the_west_overtakes_the_northeast_in_productivity_in_2021(measured):
    _, index = measured["新质生产力"]
    ahead = index[GROUP_OF == "West"].mean(axis=0) > index[GROUP_OF == "Northeast"].mean(axis=0)
    assert list(ahead) == [False] * 11 + [True] * 2


def test_who_leads_and_who_lags(measured):
    u = [index.mean(axis=1) for _, index in measured.values()]
    D = np.sqrt(2 * np.sqrt(u[0] * u[1]) / (u[0] + u[1]) * (u[0] + u[1]) / 2)
    for level in (*u, D):
        order = [CHINA.ids[k] for k in np.argsort(level)]
        assert set(order[:3]) == {"西藏", "海南", "宁夏"}
        assert set(order[-2:]) == {"江苏", "广东"}


def test_every_value_is_positive_and_counts_are_whole(table, indicators, values):
    assert (table[[i.id for i in indicators]] > 0).all(axis=None)
    for count in ("universities", "science_parks", "hightech_zones", "incubators", "patents_granted", "contracts"):
        assert (values[count] % 1 == 0).all(), count


def test_identities_hold(values):
    v = values
    people = v["gdp"] / v["gdp_per_head"] * 1e4
    areas = people / v["population_density"]
    # Values are rounded to six significant digits; an area does not change.
    np.testing.assert_allclose(areas, areas.mean(axis=1, keepdims=True).repeat(13, axis=1), rtol=2e-5)
    np.testing.assert_allclose(v["rd_intensity"], v["rd_expenditure"] / v["gdp"] / 100, rtol=2e-5)
    np.testing.assert_allclose(v["forest_area"], v["forest_cover"] * areas, rtol=5e-5)
    assert (v["patents_granted"] < v["patents_filed"]).all()


def test_people_and_areas_are_those_of_the_provinces(values):
    people = dict(zip(CHINA.ids, values["gdp"][:, -1] / values["gdp_per_head"][:, -1] * 1e4, strict=True))
    # 10 000 people at the end of 2022, and 10 000 square kilometres; a simulation need be no nearer than 15 %.
    for region, known in {"广东": 12657, "山东": 10163, "北京": 2184, "西藏": 364, "四川": 8374}.items():
        assert people[region] == pytest.approx(known, rel=0.15)
    assert sum(people.values()) == pytest.approx(141_000, rel=0.05)
    density = dict(zip(CHINA.ids, values["population_density"][:, -1], strict=True))
    for region, known in {"上海": 0.634, "新疆": 166, "江苏": 10.7, "西藏": 122.8}.items():
        assert people[region] / density[region] == pytest.approx(known, rel=0.15)


@pytest.mark.parametrize(
    ("indicator", "low", "high"),
    [
        ("rd_intensity", 0.1, 8),
        ("fiscal_autonomy", 5, 95),
        ("forest_cover", 3, 70),
        ("environmental_spending_share", 0.5, 8),
        ("foreign_investment_share", 0, 12),
        ("schooling_years", 4, 13),
        ("digital_finance", 15, 470),
        ("hospital_beds", 20, 90),
        ("gdp_per_head", 10_000, 200_000),
        ("labour_productivity", 20_000, 400_000),
    ],
)
def test_magnitudes_are_believable(values, indicator, low, high):
    assert values[indicator].min() >= low
    assert values[indicator].max() <= high


def test_series_run_smoothly(values):
    jumps = {k: np.abs(np.diff(np.log(v), axis=1)).max() for k, v in values.items()}
    # Half of all series never change by more than a half in a year, and none by more than a factor of four.
    assert np.median(list(jumps.values())) < np.log(1.5)
    assert max(jumps.values()) < np.log(4)


def test_beijing_leads_in_intensity(values):
    for indicator in ("rd_intensity", "gdp_per_head", "schooling_years"):
        assert CHINA.ids[int(values[indicator][:, -1].argmax())] == "北京"


#: Indicators that grew in China from 2010 to 2022.
GREW = (
    *("rd_expenditure", "rd_intensity", "rd_personnel", "university_teachers", "hightech_investment_share"),
    *("incubators", "incubated_firms", "maker_spaces", "hightech_new_fixed_assets", "science_park_area"),
    *("transfer_training", "transfer_services", "startup_activity", "innovation_clusters", "doctoral_graduates"),
    *("hightech_firms", "hightech_profits", "gdp", "gdp_per_head", "optical_cable", "mobile_users"),
    *("patents_granted", "patents_filed", "papers", "contracts", "contract_value", "market_turnover"),
)
LARGE = ("北京", "上海", "江苏", "浙江", "广东")
SMALL = ("西藏", "海南", "宁夏")


def of(values, indicator, year=2022) -> pd.Series:
    return pd.Series(values[indicator][:, year - 2010], index=CHINA.ids)


@pytest.mark.parametrize("indicator", GREW)
def test_what_grew_in_china_grows_in_the_provinces(values, indicator):
    growth = of(values, indicator) / of(values, indicator, 2010)
    assert growth.min() >= 0.9
    assert growth[list(LARGE)].min() >= 1.2


@pytest.mark.parametrize("indicator", GREW)
def test_what_grew_does_not_collapse_on_the_way(values, indicator):
    assert (values[indicator].max(axis=1) / values[indicator][:, -1]).max() < 2


def test_beijing_grows_as_a_centre_of_innovation(measured, values):
    _, index = measured["科技创新资源整合"]
    beijing = index[list(CHINA.ids).index("北京")]
    assert (np.diff(beijing) > 0).all()
    assert 0.28 <= beijing[-1] <= 0.35
    people = of(values, "gdp") / of(values, "gdp_per_head")
    for indicator in ("rd_personnel", "patents_granted"):
        assert "北京" in set((of(values, indicator) / people).nlargest(5).index)


#: Rounded figures of China's statistical yearbook on science and technology for 2022, in thousands; the largest ten.
KNOWN = {
    "rd_personnel": "广东 970 江苏 820 浙江 640 山东 510 北京 370 上海 260 湖北 260 福建 260 安徽 250 湖南 250",
    "patents_granted": "广东 840 江苏 560 浙江 440 山东 340 北京 200 上海 180 湖北 160 安徽 160 福建 140 河南 140",
}


@pytest.mark.parametrize("indicator", KNOWN)
def test_large_provinces_have_levels_like_the_real_ones(values, indicator):
    words = KNOWN[indicator].split()
    known = pd.Series(words[1::2], index=words[::2]).astype(float) * 1000
    # A simulation that has to return printed figures need be no nearer than a factor of two and a half.
    assert np.abs(np.log(of(values, indicator)[known.index] / known)).max() < np.log(2.5)


def test_leaders_and_laggards_are_the_same_at_the_end(measured):
    u = [index[:, -1] for _, index in measured.values()]
    for level in (*u, np.sqrt(np.sqrt(u[0] * u[1]))):
        order = pd.Series(level, index=CHINA.ids)
        assert set(order.nlargest(2).index) == {"江苏", "广东"}
        assert set(order.nsmallest(3).index) == set(SMALL)


def test_the_script_makes_the_shipped_file_byte_for_byte(tmp_path):
    script = ROOT / "scripts" / "simulate_panel.py"
    if not script.is_file():
        pytest.skip("the scripts are not here: this is an installed package")
    made = tmp_path / "panel.csv"
    subprocess.run([sys.executable, str(script), str(made)], check=True, timeout=300)
    assert made.read_bytes() == (STUDY / "panel.csv").read_bytes()


def test_the_order_of_rows_changes_nothing(table, indicators):
    shuffled = table.sample(frac=1, random_state=1)
    for system in SYSTEMS:
        chosen = [i for i in indicators if i.system == system]
        w = [weight.entropy(normalise.minmax(panel.describe(panel.from_frame(t), chosen))) for t in (table, shuffled)]
        xr.testing.assert_allclose(w[0], w[1])
