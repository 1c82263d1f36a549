from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import ouhe

GOALPOSTS = (
    "{method: goalposts, low: {staff: 0, funds: 0, patents: 0, waste: 0}, "
    "high: {staff: 50, funds: 500, patents: 30, waste: 20}}"
)


def change(study: Path, *pairs: tuple[str, str], extra: str = "") -> Path:
    """Rewrite parts of a study file."""
    text = study.read_text("utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    study.write_text(text + extra, "utf-8")
    return study


def edit(study: Path, *pairs: tuple[str, str]) -> None:
    """Rewrite parts of the panel beside a study."""
    change(study.parent / "panel.csv", *pairs)


def test_three_systems_couple_as_two_do(small_study: Path) -> None:
    change(small_study, ("    output:\n      patents", "    patents"), ("      waste", "  Waste:\n    waste"))
    results = ouhe.run(small_study)
    u = results.measurement.index
    assert list(u["system"].to_numpy()) == ["Effort", "Result", "Waste"]
    expected = 3 * u.prod("system") ** (1 / 3) / u.sum("system")
    np.testing.assert_allclose(results.coupling.C, expected.where(u.sum("system") > 0, 0), atol=1e-12)
    assert set(results.tables()["coupling"]["lag"]) <= {"Effort lagging", "Result lagging", "Waste lagging", "in step"}


def test_missing_values_are_an_error_that_lists_them(small_study: Path) -> None:
    edit(small_study, ("B,2019,4,35", "B,2019,,35"), ("C,2020,30,390", "C,2020,30,"))
    with pytest.raises(ouhe.OuheError) as caught:
        ouhe.run(small_study)
    first, second = (p.message() for p in caught.value.problems)
    assert first.startswith("study.yml:8:5: staff (R&D staff): 1 of 9 values are missing (B 2019)")
    assert second.startswith("study.yml:9:5: funds (Funds): 1 of 9 values are missing (C 2020)")


def test_filled_cells_are_listed_with_their_method(small_study: Path) -> None:
    edit(
        small_study,
        ("B,2019,4,35", "B,2019,,35"),
        ("C,2018,20,300,11,4\nC,2019,26,330,15,3\nC,2020,30", "C,2018,,300,11,4\nC,2019,,330,15,3\nC,2020,"),
    )
    results = ouhe.run(change(small_study, extra="missing: [linear, indicator-mean]\n"))
    listed = results.tables()["missing"].set_index(["indicator", "region", "year"])
    assert listed.loc[("staff", "B", 2019), ["method", "value"]].tolist() == ["linear", 4.5]
    mean = (10 + 12 + 15 + 3 + 4.5 + 6) / 6
    assert listed.loc[("staff", "C", 2018), ["method", "value"]].tolist() == ["indicator-mean", pytest.approx(mean)]
    panel = results.tables()["panel"].set_index(["indicator", "region", "year"])
    assert panel.loc[("staff", "B", 2019), ["status", "source"]].tolist() == ["filled", ""]
    assert panel.loc[("staff", "B", 2018), "status"] == "read"


def test_no_more_is_filled_than_the_limit_allows(small_study: Path) -> None:
    edit(small_study, ("B,2019,4,35", "B,2019,,35"))
    change(small_study, extra="missing: {method: linear, max_share: 0.1}\n")
    with pytest.raises(ouhe.OuheError, match=r"staff: 11\.1% of its values would be filled, more than .* 10\.0%"):
        ouhe.run(small_study)


def test_the_limit_counts_what_is_filled_before_deriving(small_study: Path) -> None:
    edit(small_study, ("B,2019,4,35", "B,2019,,35"))
    change(
        small_study,
        ("    staff: {name: R&D staff, unit: persons, direction: positive}\n", ""),
        ("    funds: {name: Funds, unit: yuan, direction: positive}", "    each: positive"),
        extra="derive: {each: funds / staff}\nmissing: {method: linear, before_derive: [staff], max_share: 0.1}\n",
    )
    with pytest.raises(ouhe.OuheError, match=r"staff: 11\.1% of its values would be filled"):
        ouhe.run(small_study)


def test_a_derived_series_cannot_be_filled_before_deriving(small_study: Path) -> None:
    extra = "derive: {each: funds / staff}\nmissing: {method: linear, before_derive: [each]}\n"
    change(
        small_study, ("    funds: {name: Funds, unit: yuan, direction: positive}", "    each: positive"), extra=extra
    )
    with pytest.raises(ouhe.OuheError, match="names each, which is itself derived"):
        ouhe.run(small_study)


def test_the_order_of_filling_and_deriving_is_the_studys(small_study: Path) -> None:
    edit(small_study, ("B,2019,4,35", "B,2019,,35"))
    change(
        small_study,
        ("    funds: {name: Funds, unit: yuan, direction: positive}", "    each: positive"),
        ("    staff: {name: R&D staff, unit: persons, direction: positive}\n", ""),
        extra="derive: {each: funds / staff}\nmissing: linear\n",
    )
    after = ouhe.run(small_study).measurement.x.sel(region="B", year=2019, indicator="each")
    assert float(after) == pytest.approx((20 / 3 + 50 / 6) / 2)
    change(small_study, ("missing: linear", "missing: {method: linear, before_derive: [staff]}"))
    before = ouhe.run(small_study).measurement.x.sel(region="B", year=2019, indicator="each")
    assert float(before) == pytest.approx(35 / 4.5)


def test_growth_looks_back_beyond_the_first_year(small_study: Path) -> None:
    change(
        small_study,
        ("[2018, 2020]", "[2019, 2020]"),
        ("    funds: {name: Funds, unit: yuan, direction: positive}", "    rise: positive"),
        extra="derive: {rise: growth(funds)}\n",
    )
    results = ouhe.run(small_study)
    x = results.measurement.x.sel(indicator="rise", region="A")
    assert x.values == pytest.approx([0.3, 160 / 130 - 1])
    assert set(results.tables()["panel"]["year"]) == {2019, 2020}


def test_a_series_that_stands_in_the_data_is_not_derived_where_the_study_says_so(small_study: Path) -> None:
    change(small_study, extra="derive: {funds: {expression: staff * 10, if_absent: true}}\n")
    assert ouhe.run(small_study).data.derived == {}
    edit(small_study, ("funds", "other"))
    results = ouhe.run(small_study)
    assert results.data.derived == {"funds": "staff * 10"}
    row = results.tables()["panel"].query("indicator == 'funds'").iloc[0]
    assert (row["value"], row["source"], row["status"]) == (100.0, "staff * 10", "derived")


def test_a_series_both_read_and_derived_is_an_error(small_study: Path) -> None:
    change(
        small_study,
        ("layout: long", "layout: long, columns: [staff, funds, patents, waste]"),
        extra="derive: {funds: staff * 10}\n",
    )
    with pytest.raises(ouhe.OuheError, match=r'study.yml:17:10: the series "funds" is both read and derived'):
        ouhe.run(small_study)


def test_an_indicator_that_never_varies_is_left_out_only_if_the_study_says_so(small_study: Path) -> None:
    panel = small_study.parent / "panel.csv"
    head, *rows = panel.read_text("utf-8").splitlines()
    panel.write_text("\n".join([head, *(row.rpartition(",")[0] + ",7" for row in rows)]), "utf-8")
    with pytest.raises(ouhe.OuheError, match=r"study.yml:13:7: the indicator waste never varies"):
        ouhe.run(small_study)
    results = ouhe.run(change(small_study, extra="constant: leave-out\n"))
    assert results.data.dropped == ("waste",)
    assert "waste" not in results.measurement.weight["indicator"]
    assert any("waste never varies and was left out" in str(w) for w in results.warnings)


def test_a_system_without_any_indicator_that_varies_is_told(small_study: Path) -> None:
    panel = small_study.parent / "panel.csv"
    head, *rows = panel.read_text("utf-8").splitlines()
    panel.write_text("\n".join([head, *(",".join([*r.split(",")[:4], "7", "7"]) for r in rows)]), "utf-8")
    with pytest.raises(ouhe.OuheError, match="the system Result has no indicator left that varies"):
        ouhe.run(change(small_study, extra="constant: leave-out\n"))


def test_regions_can_be_left_out(small_study: Path) -> None:
    change(small_study, ("regions: regions.csv", "regions: {set: regions.csv, without: [B]}"))
    results = ouhe.run(small_study)
    assert list(results.coupling.D["region"].to_numpy()) == ["A", "C"]
    change(small_study, ("without: [B]", "without: [Bee]"))
    with pytest.raises(ouhe.OuheError, match='unknown region "Bee"'):
        ouhe.run(small_study)


def test_groups_of_ones_own(small_study: Path) -> None:
    change(small_study, ("groups: null", "groups: {Coast: [A, C]}"))
    results = ouhe.run(small_study)
    table = results.tables()["groups"].set_index(["group", "year", "variable"])["value"]
    D = results.coupling.D
    assert table["Coast", 2019, "D"] == pytest.approx(float(D.sel(region=["A", "C"], year=2019).mean()), rel=1e-12)
    assert table["All regions", 2019, "D"] == pytest.approx(float(D.sel(year=2019).mean()), rel=1e-12)
    assert any("B stand in no group" in str(w) for w in results.warnings)
    growth = results.tables()["growth"].set_index(["variable", "group"]).loc[("D", "All regions")]
    assert growth["annual_growth"] == pytest.approx((growth["last"] / growth["first"]) ** 0.5 - 1)


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ("{x: [A, Z]}", 'unknown region "Z"'),
        ("{x: [A], y: [A]}", "A stands in two groups"),
        ("four-regions", 'unknown grouping "four-regions"'),
    ],
)
def test_groups_that_cannot_be(small_study: Path, groups: str, said: str) -> None:
    with pytest.raises(ouhe.OuheError, match=said):
        ouhe.run(change(small_study, ("groups: null", f"groups: {groups}")))


def test_one_year_has_no_growth(small_study: Path) -> None:
    results = ouhe.run(change(small_study, ("[2018, 2020]", "2019")))
    assert len(results.tables()["growth"]) == 0
    assert "→" not in results.summary()
    assert "2019" in results.summary()


def test_rows_that_are_no_regions_are_left_out_only_if_the_study_says_so(small_study: Path) -> None:
    panel = small_study.parent / "panel.csv"
    panel.write_text(panel.read_text("utf-8") + "Whole province,2020,1,2,3,4\n", "utf-8")
    with pytest.raises(ouhe.OuheError, match="Whole province"):
        ouhe.run(small_study)
    left_out = ouhe.run(change(small_study, extra="leave_out_rows: [Whole province]\n")).tables()["left_out"]
    assert left_out.query("label == 'Whole province'")["reason"].tolist() == ["as-the-study-says"]


def test_a_derived_series_never_hides_a_column_of_its_name(small_study: Path) -> None:
    change(small_study, extra="derive: {funds: staff * 10}\n")
    with pytest.raises(ouhe.OuheError, match='the data hold a column "funds"'):
        ouhe.run(small_study)


def test_a_formula_that_uses_a_name_is_told_the_id(small_study: Path) -> None:
    change(
        small_study,
        ("name: Patents", "name: granted"),
        ("    funds: {name: Funds, unit: yuan, direction: positive}", "    each: positive"),
        extra="derive: {each: granted / staff}\n",
    )
    with pytest.raises(ouhe.OuheError, match="the name of the indicator patents: formulas use ids"):
        ouhe.run(small_study)


def test_goalposts_take_an_indicator_that_never_varies(small_study: Path) -> None:
    panel = small_study.parent / "panel.csv"
    head, *rows = panel.read_text("utf-8").splitlines()
    panel.write_text("\n".join([head, *(row.rpartition(",")[0] + ",7" for row in rows)]), "utf-8")
    y = ouhe.run(small_study, settings=[f"normalise={GOALPOSTS}", "weights=equal"]).measurement.y
    assert np.unique(y.sel(indicator="waste")).tolist() == [pytest.approx(1 - 7 / 20)]


def test_shares_of_systems_may_be_rounded(small_study: Path) -> None:
    shares = "coupling.contribution={Effort: 0.3333333, Result: 0.6666667}"
    T = ouhe.run(small_study, settings=[shares]).coupling.T
    index = ouhe.run(small_study).measurement.index
    np.testing.assert_allclose(T, (index * [1 / 3, 2 / 3]).sum("system"), atol=1e-6)


def test_classes_of_ones_own(small_study: Path) -> None:
    levels = "classes: [{upper: 0.5, label: low}, {upper: 1, label: high}]\n"
    coupling = ouhe.run(change(small_study, extra=levels)).tables()["coupling"]
    assert ((coupling["D"] > 0.5) == (coupling["class"] == "high")).all()
    assert set(coupling["class"]) == {"low", "high"}


def test_rescaling_is_off_by_default_and_moves_d(small_study: Path) -> None:
    plain = ouhe.run(small_study)
    scaled = ouhe.run(small_study, settings=["coupling.rescale=[0.01, 0.99]"])
    assert float(plain.coupling.T.max()) == pytest.approx(float(plain.measurement.index.mean("system").max()))
    assert float(np.abs(scaled.coupling.D - plain.coupling.D).max()) > 0.02


@pytest.mark.parametrize("method", ["entropy", "equal", "critic", "variation", "principal"])
def test_every_method_of_weights_runs_and_sums_to_one(small_study: Path, method: str) -> None:
    weights = ouhe.run(small_study, settings=[f"weights={method}"]).tables()["weights"]
    assert weights.groupby("system")["weight"].sum().to_numpy() == pytest.approx([1, 1], abs=1e-12)


@pytest.mark.parametrize(
    "settings",
    [
        ["normalise=vector"],
        ["normalise={method: zscore, shift: 3}", "coupling.rescale=[0.01, 0.99]"],
        ["normalise.over=year"],
        [f"normalise={GOALPOSTS}"],
        ["aggregate={method: geometric, offset: 0.001}"],
        ["aggregate=topsis"],
        ["coupling=wang"],
        ["coupling=fan"],
        ["coupling={method: standard, contribution: {Effort: 0.3, Result: 0.7}}"],
        ["weights={method: product, of: [entropy, critic]}"],
        ["weights={method: given, weights: {staff: 0.5, funds: 0.5, patents: 0.9, waste: 0.1}}"],
        ["classes=ten-level"],
    ],
)
def test_every_option_of_the_method_runs_from_a_study(small_study: Path, settings: list[str]) -> None:
    default, changed = ouhe.run(small_study), ouhe.run(small_study, settings=settings)
    assert bool(changed.coupling.D.notnull().all())
    same = changed.tables()["coupling"].equals(default.tables()["coupling"])
    assert not same


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["normalise=zscore"], "staff.*negative"),
        (["aggregate=geometric"], "--set aggregate: "),
        (["normalise={method: zscore, shift: 9}", "coupling=wang"], "--set coupling: "),
    ],
)
def test_methods_that_do_not_go_together_say_where(small_study: Path, settings: list[str], said: str) -> None:
    with pytest.raises(ouhe.OuheError, match=said):
        ouhe.run(small_study, settings=settings)


def test_the_order_of_rows_in_the_data_changes_nothing(small_study: Path) -> None:
    before = ouhe.run(small_study).tables()["coupling"]
    panel = small_study.parent / "panel.csv"
    head, *rows = panel.read_text("utf-8").splitlines()
    panel.write_text("\n".join([head, *reversed(rows)]), "utf-8")
    assert ouhe.run(small_study).tables()["coupling"].equals(before)
