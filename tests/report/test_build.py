"""The document of a study: everything in it numbered, referred to and equal to the tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ouhe
from ouhe import text
from ouhe.figures.catalogue import Drawing
from ouhe.output import scaffold
from ouhe.report import build
from ouhe.report.document import Block, Document, Equation, Figure, Heading, Paragraph, Ref, Said, Table
from ouhe.report.findings import catalogue
from ouhe.results.study_results import StudyResults

FEW = [f"analyses.{name}.permutations=19" for name in ("moran", "bivariate_moran", "lisa")]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, quickened: Callable[[Path], Path]) -> Path:
    return quickened(scaffold.demo(tmp_path_factory.mktemp("report")))


@pytest.fixture(scope="session")
def results(demo: Path) -> StudyResults:
    return ouhe.run(demo, settings=[*FEW, "lang=en"])


def made(results: StudyResults, *drawings: Drawing) -> Document:
    return build.document(results, catalogue.find(results), drawings)


@pytest.fixture(scope="session", params=text.LANGUAGES)
def document(results: StudyResults, request: pytest.FixtureRequest) -> Document:
    return made(results.told_in(request.param), Drawing("index_trends", "", "index_trends"))


def of(document: Document, kind: type[Block]) -> list[Block]:
    return [b for b in document.blocks if isinstance(b, kind)]


def table(document: Document, anchor: str) -> Table:
    [found] = [b for b in of(document, Table) if b.anchor == anchor]
    return found


class TestWhole:
    def test_every_reference_leads_somewhere(self, document: Document) -> None:
        refs = [p.anchor for p in document.pieces() if isinstance(p, Ref)]
        assert refs
        assert set(refs) <= set(document.labels)

    def test_anchors_differ(self, document: Document) -> None:
        anchors = [b.anchor for b in document.blocks if isinstance(b, Heading | Table | Figure | Equation)]
        assert len(anchors) == len(set(anchors))

    @pytest.mark.parametrize("kind", [Table, Figure, Equation])
    def test_numbers_follow_one_another(self, document: Document, kind: type) -> None:
        assert [b.number for b in of(document, kind)] == [str(n) for n in range(1, len(of(document, kind)) + 1)]

    def test_headings_are_numbered_in_their_order(self, document: Document) -> None:
        numbers = [h.number for h in of(document, Heading) if h.number]
        first = [n for n in numbers if "." not in n]
        assert first == [*map(str, range(1, len(first) - 3)), "A", "B", "C", "D"]
        deeper = [n for n in numbers if "." in n]
        assert all(n.rpartition(".")[0] in numbers for n in deeper)

    def test_every_finding_is_said_and_none_twice_in_the_text(self, results: StudyResults, document: Document) -> None:
        found = catalogue.find(results.told_in(document.lang))
        body = [p for b in document.blocks if isinstance(b, Paragraph) for p in b.content if isinstance(p, Said)]
        numbers = [s.number for s in body]
        assert len(numbers) == len(set(numbers))
        everywhere = {p.number for p in document.pieces() if isinstance(p, Said)}
        assert everywhere == {n.number for n in found}
        assert {s.sentence for s in body} <= {n.sentence for n in found}

    def test_rows_have_a_cell_for_every_column(self, document: Document) -> None:
        for found in of(document, Table):
            assert found.rows, found.anchor
            assert {len(row) for row in found.rows} == {len(found.columns)}, found.anchor

    def test_simulated_data_are_said_to_be(self, document: Document) -> None:
        assert document.notice == text.t("labels.simulated", lang=document.lang)
        assert isinstance(document.blocks[0], Paragraph)
        assert document.blocks[0].kind == "notice"

    def test_nothing_is_in_the_other_language(self, results: StudyResults) -> None:
        said = " ".join(p.sentence for p in made(results).pieces() if isinstance(p, Said))
        assert not any("\u4e00" <= c <= "\u9fff" for c in said)


class TestTablesEqualTheFiles:
    """Numbers of the report's tables are those of ``tables/``, rounded."""

    def test_weights(self, results: StudyResults, document: Document) -> None:
        told = results.told_in(document.lang).tables()["weights"]
        for position, system in enumerate(results.coupling.systems, start=1):
            here = told[told["system"] == system]
            rows = table(document, f"tab-weights-{position}").rows
            assert [r[-1].shown for r in rows] == [f"{w:.4f}" for w in here["weight"]]
            assert [r[-2].shown for r in rows] == [f"{e:.4f}" for e in here["entropy"]]
            assert [r[-5].shown for r in rows] == here["name"].tolist()

    def test_means(self, results: StudyResults, document: Document) -> None:
        told = results.told_in(document.lang).tables()["groups"]
        for position, system in enumerate(results.coupling.systems, start=1):
            here = told[told["variable"] == system].pivot_table(index="year", columns="group", values="value")
            found = table(document, f"tab-means-{position}")
            groups = [c.label for c in found.columns[1:]]
            for row in found.rows[: len(here)]:
                assert [c.shown for c in row[1:]] == [f"{here.loc[row[0].value, g]:.3f}" for g in groups]
            growth = results.told_in(document.lang).tables()["growth"]
            growth = growth[growth["variable"] == system].set_index("group")["annual_growth"]
            assert [c.shown for c in found.rows[-1][1:]] == [f"{growth[g]:.2%}".replace("-", "−") for g in groups]

    def test_regions(self, results: StudyResults, document: Document) -> None:
        told = results.told_in(document.lang).tables()["coupling"]
        last = told[told["year"] == 2022].sort_values("D", ascending=False, kind="stable")
        rows = table(document, "tab-regions").rows
        assert [r[0].shown for r in rows] == last["region"].tolist()
        assert [r[4].shown for r in rows] == [f"{v:.3f}" for v in last["D"]]
        assert [r[-2].shown for r in rows] == last["class"].tolist()
        assert [r[-1].shown for r in rows] == last["lag"].tolist()

    def test_classes(self, results: StudyResults, document: Document) -> None:
        told = results.told_in(document.lang).tables()["classes"]
        counts = told[told["year"] == 2022]["count"].tolist()
        assert [r[5].value for r in table(document, "tab-classes").rows] == counts

    @pytest.mark.parametrize("name", ["moran", "bivariate_moran"])
    def test_statistics(self, results: StudyResults, document: Document, name: str) -> None:
        told = results.told_in(document.lang).tables()[name]
        rows = [t for t in of(document, Table) if t.source == name]
        cells = [(r[0].value, *r[k : k + 4]) for t in rows for r in t.rows for k in range(1, len(r), 4)]
        expected = {(y, f"{i:.3f}{s}", f"{z:.3f}") for y, i, s, z in told[["year", "I", "stars", "z"]].to_numpy()}
        assert {(y, i.shown, z.shown) for y, i, z, *_ in cells} == {
            tuple(x.replace("-", "−") if isinstance(x, str) else x for x in e) for e in expected
        }
        assert len(cells) == len(told)

    def test_quadrants(self, results: StudyResults, document: Document) -> None:
        told = results.told_in(document.lang).tables()["lisa"]
        here = told[(told["variable"] == "D") & (told["year"] == 2022)]
        row = table(document, "tab-quadrants-3").rows[-1]
        for cell, quadrant in zip(row[1:], ("HH", "LH", "LL", "HL"), strict=True):
            members = here[here["quadrant"] == quadrant]
            assert cell.value == len(members)
            for region, significant in zip(members["region"], members["significant"], strict=True):
                assert (f"{region}†" in cell.shown) == significant
                assert region in cell.shown

    def test_shapes(self, results: StudyResults, document: Document) -> None:
        told = results.told_in(document.lang).tables()["density_shape"]
        here = told[told["year"].isin([2010, 2014, 2018, 2022])]
        rows = table(document, "tab-density").rows
        assert [(r[1].value, r[3].shown, r[-1].shown) for r in rows] == [
            (y, f"{m:.3f}", w) for y, m, w in here[["year", "mode", "peakedness"]].to_numpy()
        ]

    def test_obstacles(self, results: StudyResults, document: Document) -> None:
        told = results.told_in(document.lang).tables()["obstacles"]
        system = results.coupling.systems[0]
        here = told[(told["system"] == system) & (told["year"] == 2022)]
        for row in table(document, "tab-obstacles-regions-1").rows:
            if row[0].value is None:
                continue
            of_region = here[here["region"] == row[0].value].sort_values("rank")
            np.testing.assert_array_equal([c.value for c in row[1:]], of_region["degree"])

    def test_choices(self, results: StudyResults, document: Document) -> None:
        told = results.told_in(document.lang).tables()["conventions"]
        rows = table(document, "tab-choices").rows
        assert [r[2].value for r in rows] == [None if pd.isna(v) else v for v in told["mean_D_last"]]
        assert sum(bool(c) for c in told["chosen"]) == len(set(told["step"]))

    def test_sources(self, results: StudyResults, document: Document) -> None:
        told = results.tables()["sources"]
        assert [r[0].shown for r in table(document, "tab-sources").rows] == told["file"].tolist()
        assert all(
            s.startswith(r[3].shown) for r, s in zip(table(document, "tab-sources").rows, told["sha256"], strict=True)
        )


def headings(document: Document) -> set[str]:
    return {h.anchor for h in of(document, Heading)}


class TestWhatIsAbsentIsLeftOut:
    @pytest.mark.parametrize(
        ("settings", "gone", "kept"),
        [
            (["analyses={}"], {"sec-space", "sec-distribution"}, {"sec-classes", "sec-obstacles"}),
            (["analyses={density: {}}"], {"sec-space"}, {"sec-distribution"}),
            (["analyses={lisa: {permutations: 19}}"], {"sec-moran", "sec-distribution"}, {"sec-space", "sec-lisa"}),
            (
                ["analyses={geary: {permutations: 19}, getis: {permutations: 19}}"],
                {"sec-moran"},
                {"sec-geary", "sec-getis"},
            ),
            (
                [
                    "normalise=zscore",
                    "weights=equal",
                    "aggregate=linear",
                    "coupling.rescale=[0.01,0.99]",
                    "analyses={}",
                ],
                {"sec-obstacles"},
                {"sec-levels"},
            ),
            (["years={only: [2015]}", "analyses={}"], set(), {"sec-levels", "sec-classes"}),
            (["groups=null", "analyses={moran: {permutations: 19}}"], set(), {"sec-moran"}),
        ],
    )
    @pytest.mark.parametrize("lang", text.LANGUAGES)
    def test_sections(self, demo: Path, settings: list[str], gone: set[str], kept: set[str], lang: str) -> None:
        document = made(ouhe.run(demo, settings=[*settings, f"lang={lang}"]))
        assert kept <= headings(document)
        assert not gone & headings(document)
        refs = {p.anchor for p in document.pieces() if isinstance(p, Ref)}
        assert refs <= set(document.labels)
        assert all(t.rows for t in of(document, Table))

    def test_many_groups_stand_in_several_tables(self, demo: Path, results: StudyResults) -> None:
        regions = list(results.coupling.D["region"].to_numpy())
        groups = {f"g{k}": regions[2 * k : 2 * k + 2] for k in range(14)}
        analyses = "analyses={moran: {of: [index, C, T, D], permutations: 19}}"
        document = made(ouhe.run(demo, settings=[f"groups={json.dumps(groups)}", analyses, "lang=en"]))
        means = [t for t in of(document, Table) if t.anchor.startswith("tab-means-1")]
        assert [len(t.columns) - 1 for t in means] == [10, 5]
        assert [c.label for t in means for c in t.columns[1:]][1:] == [*groups]
        assert means[1].caption == f"{means[0].caption} (continued)"
        inside = [t for t in of(document, Table) if t.anchor.startswith("tab-moran-groups")]
        assert [len(t.columns) for t in inside] == [8, 6]
        assert max(len(t.columns) for t in of(document, Table)) <= 13

    def test_figures_that_were_not_drawn(self, results: StudyResults) -> None:
        assert not of(made(results), Figure)
        [figure] = of(made(results, Drawing("weights", results.coupling.systems[1], "weights-2")), Figure)
        assert figure.file == "weights-2"
        assert results.coupling.systems[1] in figure.caption


def texts_of(document: Document) -> Iterator[str]:
    for found in of(document, Table):
        yield from (c.shown for row in found.rows for c in row)
    yield from (p if isinstance(p, str) else getattr(p, "sentence", "") for p in document.pieces())


@pytest.fixture
def hostile(small_study: Path) -> Callable[[str], StudyResults]:
    """A study whose first system has a name of somebody's who wishes us ill."""

    def run(name: str) -> StudyResults:
        content = small_study.read_text("utf-8")
        first = ouhe.load_study(small_study).study
        old = next(iter(first.systems))
        small_study.write_text(content.replace(old, f'"{name}"', 1) if old in content else content, "utf-8")
        return ouhe.run(small_study)

    return run


@pytest.mark.parametrize("name", ["{x}", "[[ref:tab-means-1]]", "$a_b$", "=cmd()", "<b>&", "%s {0}"])
def test_a_name_is_never_a_mark(hostile: Callable[[str], StudyResults], name: str) -> None:
    results = hostile(name)
    assert name in results.coupling.systems
    document = made(results)
    assert any(name in t for t in texts_of(document))
    assert name in " ".join(h.text for h in of(document, Heading))
