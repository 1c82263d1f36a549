"""The real studies, run as a user runs them, against the figures of those who made the data."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

import ouhe
from ouhe import cli
from ouhe.errors import OuheError

HERE = Path(__file__).parent
pytestmark = pytest.mark.real


def run(name: str, out: Path, *settings: str) -> dict[str, pd.DataFrame]:
    """Tables that ``ouhe run`` writes."""
    arguments = ["run", str(HERE / name), "--out", str(out), "--quiet", "--set", "figures=none"]
    cli.main([*arguments, *(a for s in settings for a in ("--set", s))])
    return {p.stem: pd.read_csv(p) for p in (out / "tables").iterdir()}


@pytest.fixture(scope="module")
def nqp(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    assert shared_data.is_dir()
    return run("nqp-spatial.yml", tmp_path_factory.mktemp("nqp") / "out")


@pytest.fixture(scope="module")
def scores(nqp: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return nqp["index"].pivot_table(index=["region", "year"], columns="system", values="value")


@pytest.fixture(scope="module")
def yearbook(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    assert shared_data.is_dir()
    return run("yearbook.yml", tmp_path_factory.mktemp("yearbook") / "out")


@pytest.fixture(scope="module")
def nbs(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    assert shared_data.is_dir()
    return run("nbs.yml", tmp_path_factory.mktemp("nbs") / "out")


@pytest.fixture(scope="module")
def both(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    assert shared_data.is_dir()
    return run("innovation-productivity.yml", tmp_path_factory.mktemp("both") / "out")


class TestNqpSpatial:
    """Scores and weights of 127ww/nqp-spatial-development, by its authors' recipe."""

    def test_all_scores_of_new_quality_productive_forces(self, scores: pd.DataFrame, shared_data: Path) -> None:
        published = pd.read_csv(shared_data / "nqp-spatial/面板数据_最终测度得分结果.csv").set_index(["省份", "年份"])
        ours, theirs = scores["新质生产力"].align(published["新质生产力_组合得分"].rename_axis(["region", "year"]))
        assert len(ours) == 403
        # published in full precision: nothing but the order of floating-point sums may differ
        pd.testing.assert_series_equal(ours, theirs, check_names=False, rtol=0, atol=1e-12)

    def test_all_scores_of_high_quality_development(self, scores: pd.DataFrame, shared_data: Path) -> None:
        sheet = CalamineWorkbook.from_path(shared_data / "nqp-spatial/附录A_完整附表.xlsx").get_sheet_by_index(1)
        rows = [r for r in sheet.to_python() if len(str(r[1])) == 6]
        published = {(r[0], 2011 + i): float(v) for r in rows for i, v in enumerate(r[1:14])}
        assert len(published) == 403
        for at, score in published.items():
            assert scores.loc[at, "高质量发展"] == pytest.approx(score, abs=5e-5), at  # printed to 4 decimals

    def test_combined_weights(self, nqp: dict[str, pd.DataFrame]) -> None:
        weights = nqp["weights"].groupby("system", sort=False)["weight"].apply(list)
        # printed to 4 decimals
        assert weights["新质生产力"] == pytest.approx(
            [0.1043, 0.0943, 0.0943, 0.1190, 0.1358, 0.1582, 0.1824, 0.1117], abs=5.0001e-5
        )
        assert weights["高质量发展"] == pytest.approx([0.1312, 0.1429, 0.2385, 0.2161, 0.1404, 0.1310], abs=5.0001e-5)

    def test_every_filled_cell_is_listed_with_its_method(self, nqp: dict[str, pd.DataFrame]) -> None:
        panel, missing = nqp["panel"], nqp["missing"]
        filled = panel[panel["status"] == "filled"].set_index(["indicator", "region", "year"])["value"]
        listed = missing.set_index(["indicator", "region", "year"])["value"]
        assert len(listed) > 300
        pd.testing.assert_series_equal(listed.sort_index(), filled.sort_index())
        # R&D staff is missing for all provinces in 2011: the ends are carried
        carried = listed.loc[("rd_staff", "上海", 2011)]
        assert carried == panel.set_index(["indicator", "region", "year"]).loc[("rd_staff", "上海", 2012), "value"]

    def test_without_a_method_missing_values_stop_the_study_and_nothing_is_written(
        self, shared_data: Path, tmp_path: Path
    ) -> None:
        assert shared_data.is_dir()
        with pytest.raises(ouhe.OuheError, match=r"rd_staff.*of 403 values are missing"):
            ouhe.write(HERE / "nqp-spatial.yml", tmp_path / "out", settings=["missing=none"])
        assert list(tmp_path.iterdir()) == []


class TestYearbook:
    """Ten tables of the science and technology yearbook, from the files as downloaded."""

    def test_all_94_files_are_read(self, yearbook: dict[str, pd.DataFrame], shared_data: Path) -> None:
        here = {p.relative_to(shared_data).as_posix() for p in (shared_data / "yearbook").rglob("*.xls")}
        read = {f.split("shared/data/")[1] for f in yearbook["sources"]["file"]}
        assert len(here) == 94
        assert read == here
        assert yearbook["sources"]["protected"].sum() > 50

    @pytest.mark.parametrize(
        ("series", "variable"),
        [
            ("rd_fte", "v4_zh_qsdl_hj"),
            ("patents_accepted", "v4_cg_zlsq_hj"),
            ("patents_granted", "v4_cg_zlsq2_hj"),
            ("inventions_granted", "v4_cg_zlsq2_fm"),
        ],
    )
    def test_values_equal_the_tidied_collection(
        self, yearbook: dict[str, pd.DataFrame], shared_data: Path, series: str, variable: str
    ) -> None:
        tidy = pd.read_csv(shared_data / "techme/core_2010_2022.csv").set_index(["province", "year"])[variable]
        panel = yearbook["panel"]
        ours = panel[panel["indicator"] == series].set_index(["region", "year"])["value"]
        assert len(ours) == 155
        assert (ours == tidy.reindex(ours.index)).all()

    def test_choices_between_editions_are_logged(self, yearbook: dict[str, pd.DataFrame]) -> None:
        editions = yearbook["editions"]
        beijing = editions[(editions["series"] == "rd_intensity") & (editions["region"] == "北京")]
        first = beijing[beijing["year"] == 2018].iloc[0]
        assert (first["chosen_edition"], first["chosen_value"], first["other_value"]) == (2018, 6.17, 5.65)
        assert first["chosen_source"].startswith("../../../shared/data/yearbook/rd-intensity/2018.xls")

    def test_slips_are_matched_as_the_study_says(self, yearbook: dict[str, pd.DataFrame]) -> None:
        told = yearbook["matches"].set_index("label")["region"]
        assert told[["内蒙占", "江两", "山两", "两藏"]].to_dict() == {
            "内蒙占": "内蒙古", "江两": "江西", "山两": "山西", "两藏": "西藏",
        }  # fmt: skip

    def test_without_the_aliases_every_slip_is_an_error(self, shared_data: Path) -> None:
        assert shared_data.is_dir()
        with pytest.raises(ouhe.OuheError) as caught:
            ouhe.check(HERE / "yearbook.yml", settings=["region_aliases={}"])
        said = str(caught.value)
        for slip, file in [("内蒙占", "rd-personnel/2013.xls"), ("江两", "patents-accepted/2014.xls")]:
            assert any(slip in line and file in line for line in said.splitlines()), slip

    def test_editions_that_disagree_stop_a_study_that_did_not_choose(self, shared_data: Path) -> None:
        assert shared_data.is_dir()
        with pytest.raises(ouhe.OuheError, match=r"rd_intensity"):
            ouhe.check(HERE / "yearbook.yml", settings=["editions=error"])

    def test_national_and_macro_regions_are_listed_not_dropped(self, yearbook: dict[str, pd.DataFrame]) -> None:
        left_out = yearbook["left_out"]
        assert (left_out["reason"] == "national").sum() == 94
        assert (left_out[left_out["label"] == "CNKI"]["reason"] == "no-region-column").all()


class TestNbs:
    """Seven exports of the National Bureau of Statistics."""

    def test_seven_files_become_one_panel(self, nbs: dict[str, pd.DataFrame]) -> None:
        assert len(nbs["sources"]) == 7
        assert set(nbs["panel"]["indicator"]) == {
            "gdp", "population_sample", "aged_sample", "urban_employment", "private_employment", "funds_growth",
            "technical_staff",
        }  # fmt: skip
        panel = nbs["panel"].set_index(["indicator", "region", "year"])
        assert panel.loc[("gdp", "河北", 2018), "value"] == 32947.0
        assert panel.loc[("gdp", "河北", 2018), "unit"] == "亿元"

    def test_the_jump_of_the_one_per_cent_sample_is_reported_and_not_changed(
        self, nbs: dict[str, pd.DataFrame]
    ) -> None:
        told = nbs["suspicious"]
        assert set(told["indicator"]) == {"population_sample", "aged_sample"}
        assert set(told["year"]) == {2015}
        assert len(told) == 62
        panel = nbs["panel"].set_index(["indicator", "region", "year"])["value"]
        assert panel[("population_sample", "北京", 2015)] == 335775

    def test_growth_has_the_right_number_of_periods(self, nbs: dict[str, pd.DataFrame]) -> None:
        row = nbs["growth"].query("variable == 'D' and group == '全国'").iloc[0]
        assert row["annual_growth"] == pytest.approx((row["last"] / row["first"]) ** (1 / 8) - 1, rel=1e-12)


class TestMoranOfNqpSpatial:
    """Spatial statistics of the same study, with our borders and with its authors' matrix."""

    @pytest.mark.parametrize("system", ["新质生产力", "高质量发展"])
    @pytest.mark.parametrize("weights", ["邻接", "W_adj_norm"])
    def test_published_i_of_every_year(
        self, nqp: dict[str, pd.DataFrame], published_moran: dict[str, list[float]], system: str, weights: str
    ) -> None:
        table = nqp["moran_neighbours"]
        rows = table[(table["variable"] == system) & (table["neighbours"] == weights)]
        # three decimals are printed; 2021 was rounded twice, 0.40446 stands in the README of the data
        assert rows["I"].tolist() == pytest.approx(published_moran[system], abs=0.0005)

    def test_z_under_normality(self, shared_data: Path, tmp_path: Path) -> None:
        assert shared_data.is_dir()
        settings = "analyses={moran: {of: 新质生产力, years: 2011, variance: normality, permutations: 0}}"
        row = run("nqp-spatial.yml", tmp_path / "out", settings)["moran"].iloc[0]
        assert row["z"] == pytest.approx(3.897, abs=0.0005)  # three decimals are printed

    def test_a_matrix_with_negative_weights_is_refused(self, shared_data: Path) -> None:
        path = shared_data / "nqp-spatial" / "W_eco_norm.csv"
        settings = f"analyses={{moran: {{neighbours: {{method: matrix, path: '{path}', order: as-listed}}}}}}"
        with pytest.raises(OuheError, match="245"):
            ouhe.check(HERE / "nqp-spatial.yml", settings=[settings])


class TestInnovationProductivity:
    """The question of the paper on real data: yearbook workbooks and the raw panel, 2011 to 2022."""

    def test_four_sets_of_weights_are_compared(self, both: dict[str, pd.DataFrame]) -> None:
        compared = both["moran_neighbours"]
        assert compared["neighbours"].nunique() == 4
        assert len(compared) == 4 * 3 * 12
        # neighbours are alike in D whatever makes a neighbour
        assert (compared.loc[compared["variable"] == "D", "I"] > 0.05).all()

    def test_what_everybody_knows_of_chinas_provinces(self, both: dict[str, pd.DataFrame]) -> None:
        last = both["ranks"].query("variable == 'D' and year == 2022").sort_values("rank")["region"].tolist()
        assert {"北京", "广东", "江苏", "上海", "浙江"} == set(last[:5])
        assert {"西藏", "青海", "新疆", "宁夏"} & set(last[-4:])
        lisa = both["lisa"].query("variable == 'D' and year == 2022").set_index("region")
        assert lisa.loc["江苏", "quadrant"] == "HH"
        assert lisa.loc["新疆", "quadrant"] == "LL"

    def test_densities_of_the_years_asked_for(self, both: dict[str, pd.DataFrame]) -> None:
        assert sorted(both["density_shape"]["year"].unique()) == [2011, 2014, 2018, 2022]
