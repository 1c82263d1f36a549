"""The report as files: with a run, and again from stored results."""

from __future__ import annotations

import hashlib
import json
import re
import time
import warnings
from pathlib import Path
from typing import Any

import docx
import pandas as pd
import pytest

import ouhe
from ouhe import text
from ouhe.cli import main
from ouhe.errors import OuheError, OuheWarning
from ouhe.figures import saving
from ouhe.report import build
from ouhe.report.document import Table
from ouhe.report.findings import catalogue

ALL = ["report=[html, docx, markdown, latex]"]
DRAWN = ["figures={only: [index_trends, class_stack], formats: [svg, png], dpi: 100}"]


def digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir() if p.name.startswith("report")}


def record(folder: Path) -> dict[str, object]:
    return json.loads((folder / "run.json").read_text("utf-8"))


@pytest.fixture
def output(small_study: Path) -> Path:
    return ouhe.write(small_study, settings=[*ALL, *DRAWN])[1]


class TestWithARun:
    def test_a_web_page_and_word_unless_asked_otherwise(self, small_study: Path) -> None:
        small_study.write_text(small_study.read_text("utf-8").replace("report: none\n", ""), "utf-8")
        _, folder = ouhe.write(small_study)
        assert {p.name for p in folder.glob("report*")} == {"report.html", "report.docx"}

    def test_every_format(self, output: Path) -> None:
        assert {p.name for p in output.glob("report*")} == {"report.html", "report.docx", "report.md", "report.tex"}
        assert set(digests(output)) <= set(record(output)["files"])

    @pytest.mark.parametrize("value", ["none", "false"])
    def test_none(self, small_study: Path, value: str) -> None:
        _, folder = ouhe.write(small_study, settings=[f"report={value}"])
        assert not list(folder.glob("report*"))

    def test_the_same_study_gives_the_same_bytes(self, small_study: Path, output: Path) -> None:
        before = digests(output)
        time.sleep(1.1)  # a second later, so that a time of day in a file would show
        ouhe.write(small_study, settings=[*ALL, *DRAWN])
        assert digests(output) == before

    def test_no_path_of_the_machine_and_no_time_in_it(self, output: Path) -> None:
        for name in ("report.html", "report.md", "report.tex"):
            assert str(output.parent) not in (output / name).read_text("utf-8")

    def test_word_holds_every_table_as_it_is_in_the_document(self, small_study: Path, output: Path) -> None:
        results = ouhe.load(output)
        document = build.document(results, catalogue.find(results), ())
        expected = [b for b in document.blocks if isinstance(b, Table)]
        found = docx.Document(str(output / "report.docx")).tables
        assert len(found) == len(expected)
        for table, made in zip(expected, found, strict=True):
            heads = 2 if any(c.above for c in table.columns) else 1
            rows = [[cell.text for cell in row.cells] for row in made.rows][heads:]
            assert rows == [[c.shown for c in row] for row in table.rows], table.anchor

    def test_findings_stand_in_a_table_with_their_rules_and_numbers(self, output: Path) -> None:
        told = pd.read_csv(output / "tables" / "findings.csv")
        assert told["number"].tolist() == list(range(1, len(told) + 1))
        assert told[["rule", "sentence", "condition"]].notna().all(axis=None)
        page = (output / "report.html").read_text("utf-8")
        for row in told.itertuples():
            assert json.loads(row.numbers)
            assert f'id="finding-{row.number}"' in page

    def test_what_to_cite_is_on_record(self, output: Path) -> None:
        cite = record(output)["cite"]
        assert "ouhe" in cite["software"]
        assert {w["key"] for w in cite["methods"]} >= {"shannon1948"}
        assert any("panel.csv" in entry for entry in cite["data"])

    def test_a_source_says_how_to_cite_it(self, small_study: Path) -> None:
        entry = "data={path: panel.csv, layout: long, cite: 'Office of X, Yearbook <2021>'}"
        _, folder = ouhe.write(small_study, settings=["report=html", entry])
        assert "Office of X, Yearbook <2021>" in record(folder)["cite"]["data"]
        assert "Office of X, Yearbook &lt;2021&gt;" in (folder / "report.html").read_text("utf-8")

    def test_what_drawing_warns_of_is_told_in_the_report_at_once(
        self, small_study: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = saving.save

        def save(*args: Any, **kwargs: Any) -> list[Path]:
            warnings.warn(OuheWarning.of("figures.no_glyph", figure="weights", characters="𪚥"), stacklevel=1)
            return real(*args, **kwargs)

        monkeypatch.setattr(saving, "save", save)
        _, folder = ouhe.write(small_study, settings=["report=html", *DRAWN])
        page = (folder / "report.html").read_text("utf-8")
        assert "𪚥" in page
        [again] = ouhe.write_report(folder)
        assert again.read_text("utf-8") == page


class TestAgain:
    def test_the_same_bytes_without_the_study(self, small_study: Path, output: Path) -> None:
        before = digests(output)
        for name in ("report.html", "report.docx", "report.md", "report.tex"):
            (output / name).unlink()
        (small_study.parent / "panel.csv").unlink()
        small_study.unlink()
        made = ouhe.write_report(output)
        assert [p.name for p in made] == ["report.html", "report.docx", "report.md", "report.tex"]
        assert digests(output) == before

    @pytest.mark.parametrize("lang", text.LANGUAGES)
    def test_either_language(self, output: Path, lang: text.Lang) -> None:
        [page] = ouhe.write_report(output, lang=lang, formats=["html"])
        assert page.name == ("report.html" if lang == "en" else "report-zh.html")
        content = page.read_text("utf-8")
        assert f'<html lang="{lang}' in content
        assert ("权重" in content) == (lang == "zh")
        assert content.count("<svg") >= 2

    def test_a_study_in_the_other_language_gives_the_same_report(self, small_study: Path, tmp_path: Path) -> None:
        formats = ["report=html", *DRAWN]
        _, zh = ouhe.write(small_study, tmp_path / "zh", settings=[*formats, "lang=zh"])
        _, en = ouhe.write(small_study, tmp_path / "en", settings=[*formats, "lang=en"])
        [again] = ouhe.write_report(zh, lang="en", formats=["html"])
        assert again.read_text("utf-8") == (en / "report.html").read_text("utf-8")

    def test_what_it_writes_is_ours_for_the_next_run(self, small_study: Path, output: Path) -> None:
        ouhe.write_report(output, lang="zh", formats=["html", "markdown"])
        _, again = ouhe.write(small_study, settings=[*ALL, *DRAWN])
        assert not list(again.glob("report-zh*"))

    def test_into_another_folder(self, output: Path, tmp_path: Path) -> None:
        before = record(output)
        made = ouhe.write_report(output, lang="zh", formats=["markdown"], to=tmp_path / "elsewhere")
        assert made == [tmp_path / "elsewhere" / "report-zh.md"]
        assert record(output) == before
        links = re.findall(r"\]\(<([^>]+\.svg)>\)", made[0].read_text("utf-8"))
        assert len(links) == 2
        assert all((tmp_path / "elsewhere" / link).is_file() for link in links)

    def test_figures_in_a_format_that_the_study_did_not_want_are_drawn(self, small_study: Path) -> None:
        drawn = ["figures={only: [class_stack], formats: [pdf]}", "report=none"]
        _, folder = ouhe.write(small_study, settings=drawn)
        [page] = ouhe.write_report(folder, formats=["html"])
        assert "<svg" in page.read_text("utf-8")
        assert {p.name for p in (folder / "figures").iterdir()} == {"class_stack.pdf"}

    def test_an_unknown_format(self, output: Path) -> None:
        with pytest.raises(OuheError, match='no format "htm"; did you mean "html"'):
            ouhe.write_report(output, formats=["htm"])

    def test_a_folder_that_is_no_output(self, tmp_path: Path) -> None:
        with pytest.raises(OuheError, match="not an output"):
            ouhe.write_report(tmp_path)

    def test_the_command(self, output: Path, capsys: pytest.CaptureFixture[str]) -> None:
        main(["report", str(output), "--lang", "zh", "--format", "latex"])
        assert "report-zh.tex" in capsys.readouterr().out
        with pytest.raises(SystemExit) as ended:
            main(["report", str(output), "--format", "pdf"])
        assert ended.value.code == 2


class TestTemplates:
    def test_a_style_of_ones_own(self, small_study: Path) -> None:
        own = small_study.parent / "look"
        own.mkdir()
        (own / "style.css").write_text("body { color: #123456 }", "utf-8")
        _, folder = ouhe.write(small_study, settings=["report={formats: html, templates: look}"])
        assert "#123456" in (folder / "report.html").read_text("utf-8")
        [again] = ouhe.write_report(folder)
        assert "#123456" in again.read_text("utf-8")

    def test_a_folder_that_is_not_there_is_told_with_the_rest(self, small_study: Path) -> None:
        with pytest.raises(OuheError) as error:
            ouhe.write(small_study, settings=["report.templates=nowhere", "figures.only=[class_stak]"])
        assert {p.key for p in error.value.problems} == {"output.no_templates", "figures.unknown_figure"}

    @pytest.mark.parametrize("files", [[], ["my-style.css", "report.docx"]])
    def test_a_folder_without_a_template_is_told(self, small_study: Path, output: Path, files: list[str]) -> None:
        own = small_study.parent / "look"
        own.mkdir()
        for name in files:
            (own / name).write_text("x", "utf-8")
        with pytest.raises(OuheError, match=r"style\.css, template\.docx"):
            ouhe.write(small_study, settings=["report={formats: html, templates: look}"])
        with pytest.raises(OuheError, match="holds no template"):
            ouhe.write_report(output, templates=own)

    def test_outside_the_studys_folder_where_that_is_refused(self, small_study: Path) -> None:
        with pytest.raises(OuheError, match="leads out"):
            ouhe.write(small_study, settings=["report.templates=.."], confined=True)


class TestMaps:
    @pytest.fixture
    def mapped(self, small_study: Path) -> Path:
        pytest.importorskip("geopandas")
        square = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
        areas = [
            {
                "type": "Feature",
                "properties": {"name": name},
                "geometry": {"type": "Polygon", "coordinates": [[[x + 100 + k, y + 30] for x, y in square]]},
            }
            for k, name in enumerate("ABC")
        ]
        content = json.dumps({"type": "FeatureCollection", "features": areas})
        (small_study.parent / "map.geojson").write_text(content, "utf-8")
        settings = ["map=map.geojson", "figures={only: [class_maps, class_stack], dpi: 100}", "report=html"]
        return ouhe.write(small_study, settings=settings)[1]

    def test_the_map_is_drawn_again_from_the_same_file(self, mapped: Path) -> None:
        [page] = ouhe.write_report(mapped, lang="zh")
        assert page.read_text("utf-8").count("<svg") == 2

    def test_another_file_in_its_place_is_no_base_map(self, small_study: Path, mapped: Path) -> None:
        path = small_study.parent / "map.geojson"
        path.write_text(path.read_text("utf-8") + " ", "utf-8")
        with pytest.warns(OuheWarning, match="base map"):
            [page] = ouhe.write_report(mapped, lang="zh")
        assert page.read_text("utf-8").count("<svg") == 1
