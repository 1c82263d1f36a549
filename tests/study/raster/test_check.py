from __future__ import annotations

from pathlib import Path

import pytest

import ouhe
from ouhe import text
from ouhe.errors import OuheError, StudyError

from .conftest import Raster, written


def told(study: Path, *settings: str) -> list[str]:
    with pytest.raises(OuheError) as caught:
        ouhe.check(study, settings=list(settings))
    return [p.message() for p in caught.value.problems]


def changed(study: Path, folder: Path, *changes: tuple[str, str]) -> Path:
    """A copy of a study file beside links to its data, with some of its text changed."""
    for path in study.parent.iterdir():
        if path.name != "study.yml":
            (folder / path.name).symlink_to(path)
    content = study.read_text("utf-8")
    for old, new in changes:
        assert old in content
        content = content.replace(old, new)
    (folder / "study.yml").write_text(content, "utf-8")
    return folder / "study.yml"


def test_the_summary_says_what_was_found(study_file: Path) -> None:
    said = ouhe.check(study_file).summary()
    assert "A small raster: 40 × 50 cells, 2018-2020 (3 years), 4 indicators in 2 systems" in said
    assert "cells.zarr: zarr" in said
    assert "values are checked while they are computed" in said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("regions: {set: china-provinces, without: [海南]}", "`regions` means nothing for a raster"),
        ("regions: china-provinces", "`regions` means nothing for a raster"),
        ("region_aliases: {a: 北京}", "`region_aliases` means nothing"),
        ("leave_out_rows: 全省", "`leave_out_rows` means nothing"),
        ("editions: latest", "`editions` means nothing"),
        ("missing: linear", "`missing` means nothing for a raster"),
        ("groups: four-economic-regions", "give their zones as a raster"),
        ("map: provinces.geojson", "`map` draws shapes of regions"),
        ("constant: leave-out", "take `constant` out"),
        ("derive: {a: {expression: staff, if_absent: true}}", "`if_absent` means nothing"),
    ],
)
def test_what_means_nothing_for_rasters_is_refused_at_its_line(
    study_file: Path, tmp_path: Path, line: str, said: str
) -> None:
    study = changed(study_file, tmp_path, ("years:", f"{line}\nyears:"))
    (problem,) = told(study)
    assert problem.startswith("study.yml:3")
    assert said in problem


@pytest.mark.parametrize("line", ["groups: null", "missing: none", "constant: error"])
def test_what_says_nothing_is_taken(study_file: Path, tmp_path: Path, line: str) -> None:
    ouhe.check(changed(study_file, tmp_path, ("years:", f"{line}\nyears:")))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("analyses=[geary]", '"geary" is not for rasters; those that are: moran, lisa, density'),
        ("analyses={moran: {permutations: 99}}", 'moran: "permutations" is not for rasters'),
        ("analyses={lisa: {inference: permutation}}", "write `inference: analytic`"),
        ("analyses={moran: {neighbours: k-nearest}}", '"k-nearest" makes neighbours of regions with names'),
        ("analyses={moran: {neighbours: {method: lattice, style: binary}}}", '"lattice" makes neighbours'),
        ("analyses={moran: {of: E}}", '"E" is no variable'),
        ("analyses={lisa: {of: C}}", "is asked of C, which is not written"),
        ("raster.write=[DD]", 'there is no variable "DD"'),
        ("raster.area_weights=true", "the grid is not in degrees"),
        ("raster.zones=zone.nc", 'did you mean "zones.nc"'),
        ("raster.zones=null", "`zone_names` names zones that are not there"),
        ("derive={patents: lag(staff)}", "looks back to earlier years"),
    ],
)
def test_what_cannot_be_asked_is_told(study_file: Path, tmp_path: Path, setting: str, said: str) -> None:
    base = () if "raster." in setting or "lisa: {of" not in setting else ("raster.write=[D, class]",)
    assert any(said in problem for problem in told(study_file, *base, setting)), told(study_file, *base, setting)


def test_all_problems_are_told_at_once(study_file: Path, tmp_path: Path) -> None:
    study = changed(study_file, tmp_path, ("years:", "missing: linear\nmap: a.geojson\nyears:"), ("lisa:", "geary:"))
    problems = told(study)
    assert len(problems) == 3
    with text.use("zh"), pytest.raises(StudyError, match="`missing` 不用于栅格"):
        ouhe.check(study)


def test_grids_do_not_stand_beside_tables(study_file: Path, tmp_path: Path) -> None:
    beside = ("data: {path: cells.zarr, layout: grid}", "data: [{path: cells.zarr, layout: grid}, {path: a.csv}]")
    assert "cannot stand beside others" in told(changed(study_file, tmp_path, beside))[0]


def test_raster_belongs_to_grids(study_file: Path, tmp_path: Path) -> None:
    study = changed(study_file, tmp_path, ("layout: grid", "layout: long"))
    assert "`raster` belongs to a study whose data have `layout: grid`" in told(study)[0]


def test_a_lattice_is_not_for_regions(small_study: Path) -> None:
    (small_study.parent / "regions.csv").write_text("id\nA\nB\nC\nD\n", "utf-8")
    panel = small_study.parent / "panel.csv"
    panel.write_text(panel.read_text("utf-8") + "".join(f"D,{y},1,{y},3,4\n" for y in (2018, 2019, 2020)), "utf-8")
    problems = told(small_study, "analyses={moran: {neighbours: lattice}}")
    assert any("only the cells of a raster lie on a lattice" in p for p in problems)


def test_a_missing_year_and_an_unknown_indicator_are_told(raster: Raster, tmp_path: Path) -> None:
    study = written(tmp_path, raster)
    assert any("2021" in p for p in told(study, "years=[2018, 2021]"))
    study.write_text(study.read_text("utf-8").replace("staff: {name: R&D staff", "staf: {name: R&D staf"), "utf-8")
    assert any('"staff"' in p for p in told(study))


def test_grids_that_do_not_fit_are_not_taken_for_a_table(raster: Raster, tmp_path: Path) -> None:
    study = written(tmp_path, raster)
    problems = told(study, "years=[2018, 2021]", "raster.formats=[zarr, cog]")
    assert len(problems) == 4  # one an indicator, and nothing of tables
    assert all("2021" in p for p in problems)


def test_cells_in_no_zone_are_told(raster: Raster, tmp_path: Path) -> None:
    study = written(tmp_path, raster)
    zones = raster.zones.astype("float64")
    zones[20, 24:27] = float("nan")
    zones.to_dataset(name="zones").to_netcdf(tmp_path / "zones.nc", engine="h5netcdf")
    warnings = [p.message() for p in ouhe.check(study).warnings]
    assert any(p.startswith("zones.nc: 3 of the ") for p in warnings), warnings
