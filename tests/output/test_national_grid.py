"""The demonstration of rasters, from the study that ships to its figures and its report."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

pytest.importorskip("zarr")
pytest.importorskip("rasterio")

import ouhe
from ouhe import cli, templates, text
from ouhe.output.national_grid import national_grid
from ouhe.results.raster_results import RasterResults
from ouhe.study import document
from ouhe.study.schema import Study

CELLS = 2_000
QUICK = ["figures={formats: svg}", "report={formats: [html, docx]}", "raster.formats=[zarr]"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[RasterResults, Path]:
    study = national_grid(tmp_path_factory.mktemp("grid") / "study", cells=CELLS, lang="en")
    results, folder = ouhe.write(study, settings=QUICK)
    assert isinstance(results, RasterResults)
    return results, folder


@pytest.fixture(scope="module")
def page(run: tuple[RasterResults, Path]) -> str:
    return (run[1] / "report.html").read_text("utf-8")


def edition(name: str) -> Study:
    path = Path(str(files("ouhe.templates") / templates.GRID / name))
    return Study.model_validate(document.load(path).data)


def test_both_editions_are_the_same_study() -> None:
    plain = {"title", "systems"}
    chinese, english = edition("study.yml"), edition("study.en.yml")
    assert chinese.model_dump(exclude=plain) == english.model_dump(exclude=plain)
    assert (chinese.language, english.language) == ("zh", "en")
    of = [[(i.id, i.direction, len(i.path)) for i in study.indicators] for study in (chinese, english)]
    assert of[0] == of[1]
    assert not re.findall("[一-鿿]", (files("ouhe.templates") / templates.GRID / "study.en.yml").read_text("utf-8"))


def test_everything_that_can_be_drawn_is(run: tuple[RasterResults, Path]) -> None:
    record = json.loads((run[1] / "run.json").read_text("utf-8"))
    drawn = {d["figure"] for d in record["drawings"]}
    shared = {"weights", "index_trends", "coupling_trends", "moran_years", "density_curves", "class_stack"}
    assert drawn == shared | {"raster_classes", "raster_clusters", "zone_means"}
    assert record["not_drawn"] == {}
    assert {d["file"] for d in record["drawings"]} == {p.stem for p in (run[1] / "figures").iterdir()}
    assert record["cite"]["methods"]


def test_the_report_tells_the_grid_and_its_numbers(run: tuple[RasterResults, Path], page: str) -> None:
    results = run[0]
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert f"{results.grid.counted:,}" in said
    assert "Synthetic national grid (Lambert azimuthal equal area)" in said
    D = results.groups.means.sel(variable="D", group="nation")
    for year in results.years:
        assert f"{float(D.sel(year=year)):.3f}" in said
    for part in ("The raster", "Zones", "Local spatial autocorrelation", "Distribution over cells", "Lagging systems"):
        assert part in said
    figures = len(list((run[1] / "figures").iterdir()))
    assert f"Figure {figures}" in said
    assert f"Figure {figures + 1}" not in said
    assert text.t("labels.simulated", lang="en") in said
    assert (run[1] / "report.docx").stat().st_size > 50_000


def test_a_report_of_rasters_speaks_of_cells_and_zones(page: str) -> None:
    text_of_ours = page.partition('id="sec-references"')[0]
    said = re.sub(r"<(style|script|svg|math)\b.*?</\1>|<[^>]+>|tables/\w+\.csv", " ", text_of_ours, flags=re.DOTALL)
    assert "cells" in said
    assert not re.findall(r"[^.]*\b(?:regions?|groups?)\b[^.]*", said)


def test_every_finding_is_printed(run: tuple[RasterResults, Path], page: str) -> None:
    import pandas as pd

    found = pd.read_csv(run[1] / "tables" / "findings.csv")
    assert len(found) > 20
    letters = re.sub(r"<[^>]+>|&[^;]+;|\W+", "", page)
    for sentence in found["sentence"]:
        assert re.sub(r"\W+", "", sentence) in letters, sentence


def test_the_report_is_made_again_in_the_other_language(run: tuple[RasterResults, Path], tmp_path: Path) -> None:
    [made] = ouhe.write_report(run[1], lang="zh", formats=["html"], to=tmp_path)
    said = made.read_text("utf-8")
    assert "像元" in said
    assert "地区" not in re.sub(r"<(style|script)\b.*?</\1>", "", said, flags=re.DOTALL)


@pytest.mark.parametrize("arguments", [["--cells", "5000"], ["--data", "geotiff"]])
def test_options_of_the_grid_are_refused_elsewhere(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with text.use("en"), pytest.raises(SystemExit) as stopped:
        cli.main(["demo", str(tmp_path / "none"), *arguments])
    assert stopped.value.code == cli.USAGE
    assert "national-grid" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
