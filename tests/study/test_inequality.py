"""Inequality as a study asks for it: groups within groups, regions without a group, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import ouhe
from ouhe.compute import inequality
from ouhe.errors import OuheError
from ouhe.figures import Style, drawings
from ouhe.output import scaffold
from ouhe.report.findings import inequality as inequality_findings
from ouhe.results.groups import NATION

OFF = "figures=none"


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory, quickened: Callable[[Path], Path]) -> Path:
    """The study of the states."""
    return quickened(scaffold.demo(tmp_path_factory.mktemp("states") / "study", study="us-states", lang="en"))


def asked(study: Path, options: str, *more: str) -> ouhe.StudyResults:
    return ouhe.run(study, settings=[OFF, f"analyses={{inequality: {options}}}", *more])


def test_the_analysis_equals_its_functions(states: Path) -> None:
    results = asked(states, "{of: D, levels: census-divisions}")
    found, D = results.analyses["inequality"], results.coupling.D
    by = {r: g for g, members in results.groups.members.items() if g != NATION for r in members}
    parts = inequality.dagum(D, by)
    for name in parts.data_vars:
        np.testing.assert_array_equal(found.dagum[name].sel(variable="D").values, parts[name].values, err_msg=name)
    assert found.theil["part"].values.tolist() == ["between_1", "between_2", "within"]
    one = asked(states, "{of: D}").analyses["inequality"].theil
    two = found.theil["parts"].sel(part=["between_2", "within"]).sum("part")
    np.testing.assert_allclose(two, one["parts"].sel(part="within"), rtol=1e-12)


def test_regions_without_a_group_count_for_all_regions_only(states: Path) -> None:
    groups = "groups={Lakes: [Ohio, Michigan, Indiana], Gulf: [Texas, Louisiana, Florida]}"
    results = asked(states, "{of: D}", groups)
    found = results.analyses["inequality"]
    whole = inequality.indices(results.coupling.D)
    np.testing.assert_array_equal(found.indices["gini"].sel(variable="D").values, whole["gini"].values)
    six = results.coupling.D.sel(region=["Ohio", "Michigan", "Indiana", "Texas", "Louisiana", "Florida"])
    expected = inequality.indices(six)["gini"].values
    np.testing.assert_allclose(found.dagum["gini"].sel(variable="D").values, expected, rtol=1e-12)
    assert results.tables()["dagum_groups"]["n"].unique().tolist() == [3]


@pytest.mark.parametrize("groups", ["groups=null", "groups={All: [Ohio, Texas, Utah, Iowa]}"])
def test_fewer_than_two_groups_leave_the_measures(states: Path, groups: str) -> None:
    found = asked(states, "{of: D}", groups).analyses["inequality"]
    assert found.dagum is None
    assert "esteban_ray" not in found.indices
    assert found.indices["gini"].notnull().all()


@pytest.mark.parametrize(
    ("options", "more", "said"),
    [
        ("{levels: census-division}", [], ["census-division", "census-divisions"]),
        ("{levels: [{A: [Ohio]}]}", [], ["level 2", "Maine"]),
        ("{levels: [{A: [Ohio], B: [Ohio]}]}", [], ["Ohio", "two groups"]),
        ("{levels: [{A: [Atlantis]}]}", [], ["Atlantis"]),
        ("{levels: census-divisions}", ["groups=null"], ["has none"]),
        ("{aversion: [0]}", [], ["aversion"]),
        ("{sensitivity: 2}", [], ["sensitivity", "1.6"]),
    ],
)
def test_what_is_refused_before_anything_is_computed(
    states: Path, options: str, more: list[str], said: list[str]
) -> None:
    with pytest.raises(OuheError) as caught:
        ouhe.check(states, settings=[OFF, f"analyses={{inequality: {options}}}", *more])
    told = "\n".join(p.message() for p in caught.value.problems)
    assert not [word for word in said if word not in told], told


def test_levels_that_are_not_nested_leave_the_analysis_out(states: Path) -> None:
    results = asked(states, "{of: D, levels: census-regions}", "groups=census-divisions")
    assert "inequality" not in results.analyses
    [first, *_] = results.not_done["inequality"]
    assert "level 2 lies in several groups" in first.message()


@pytest.fixture
def negative(small_study: Path) -> Path:
    """A study whose indices lie below 0 in every year, and whose C, T and D do not."""
    content = small_study.read_text("utf-8").replace("groups: null", "groups: {one: [A, B], two: [C]}")
    content += "\nnormalise: {method: zscore}\nweights: equal\ncoupling: {rescale: [0.01, 0.99]}\n"
    small_study.write_text(content, "utf-8")
    return small_study


def test_values_below_0_leave_the_analysis_out_and_the_rest_stands(negative: Path) -> None:
    results = asked(negative, "{of: index}")
    assert "negative" in results.not_done["inequality"][0].message()
    assert results.coupling.D.notnull().all()


def test_a_variable_below_0_is_empty_beside_one_that_is_not(negative: Path) -> None:
    results = asked(negative, "{}")
    found = results.analyses["inequality"]
    gini = found.indices["gini"]
    assert gini.sel(variable=["Effort", "Result"]).isnull().all()
    assert gini.sel(variable="D").notnull().all()
    assert any("negative values in Effort 2018" in w.message() for w in results.warnings)
    assert {f.about for f in inequality_findings.find(results)} == {"D"}
    names = ["inequality_sources", "inequality_groups"]
    drawn = [d.part for d, _ in drawings(results, Style(lang="en"), only=names)]
    assert drawn == ["", "Effort", "Result", "D"]
