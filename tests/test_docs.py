"""The documentation is true: its links lead somewhere, its snippets run, its lists are those of the program."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import textwrap
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import pytest
import shapely

import ouhe
from ouhe import cli, regions, text
from ouhe.figures import FIGURES
from ouhe.output import scaffold
from ouhe.output.drawing import Drawn
from ouhe.output.reporting import FORMATS
from ouhe.report.findings import catalogue as findings
from ouhe.report.render.html import TEMPLATES
from ouhe.report.render.word.styles import NAMES
from ouhe.study import document
from ouhe.study.analyses import ANALYSES
from ouhe.study.load import load, validate
from ouhe.study.methods import COMBINATIONS, FETCHED, METHODS, options

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
GENERATED = {"study-file.md", "study-file.zh.md", "paper-file.md", "paper-file.zh.md"}
HOW_TO = sorted(p for p in (ROOT / "docs" / "how-to").rglob("*.md"))
REAL = {"read-yearbooks", "read-nbs-exports"}
#: Pages on published papers, whose YAML is a paper file.
PAPERS = {"audit-a-paper"}
#: Pages whose fragments of a study are in the language of the page.
TRANSLATED = {"fill-in-the-template"}

FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")

#: What a fragment of a study is laid over to be a whole one.
WHOLE = """\
title: 示例
years: [2010, 2022]
data: {path: panel.csv}
systems:
  投入: {rd_intensity: 正向}
  产出: {papers: 正向}
"""


@dataclass(frozen=True)
class Snippet:
    language: str
    body: str

    @property
    def commands(self) -> list[str]:
        return [line[2:] for line in self.body.splitlines() if line.startswith("$ ")]

    @property
    def shown(self) -> list[str]:
        return [line for line in self.body.splitlines() if line.strip() and not line.startswith("$ ")]


def snippets(page: Path, *languages: str) -> list[Snippet]:
    found = FENCE.finditer(page.read_text("utf-8"))
    return [Snippet(m["language"], textwrap.dedent(m["body"])) for m in found if m["language"] in languages]


def language_of(page: Path) -> text.Lang:
    return "zh" if page.parent.name == "zh" or page.name.endswith(".zh.md") else "en"


def partner(page: Path) -> Path:
    """The same page in Chinese."""
    return page.parent / "zh" / page.name if page in HOW_TO else page.with_suffix(".zh.md")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def slug(heading: str) -> str:
    """Anchor that a heading has on a page."""
    plain = re.sub(r"[`*]", "", heading).strip().lower()
    kept = "".join(c for c in plain if c in "-_ " or unicodedata.category(c)[0] in "LNM")
    return kept.replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    content = FENCE.sub("", page.read_text("utf-8"))
    wrong = []
    for target in (m["target"] for m in LINK.finditer(content)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        to = (page.parent / path).resolve() if path else page
        headings = re.findall(r"^#+ (.+)$", to.read_text("utf-8"), re.MULTILINE) if to.suffix == ".md" else []
        if not to.exists() or (anchor and anchor not in map(slug, headings)):
            wrong.append(target)
    assert not wrong


def in_english() -> list[Path]:
    both = [ROOT / "README.md", ROOT / "docs" / "method.md"]
    return both + [p for p in HOW_TO if language_of(p) == "en"]


def without_comments(snippet: Snippet) -> str:
    return re.sub(r"(^|\s+)#.*$", "", snippet.body, flags=re.MULTILINE)


def without_words(snippet: Snippet) -> object:
    """A fragment of a study without names that are words of one language: of systems, their parts, and indicators."""

    def bare(branch: Mapping[str, Any]) -> list[object]:
        leaf = {k: v for k, v in branch.items() if k not in {"name", "unit"}}
        if "direction" in leaf:
            return [leaf]
        return [(key if "direction" in child else "", bare(child)) for key, child in branch.items()]

    data = document.parse(snippet.body).data
    return {**data, "systems": bare(data["systems"])}


@pytest.mark.parametrize("page", in_english(), ids=name)
def test_both_languages_show_the_same_snippets(page: Path) -> None:
    other = partner(page)
    compared = without_words if page.stem in TRANSLATED else without_comments
    for language, shown in (("yaml", compared), ("python", without_comments)):
        assert [shown(s) for s in snippets(page, language)] == [shown(s) for s in snippets(other, language)]
    commands = [
        [re.sub(r" --lang (zh|en)$", "", c) for s in snippets(p, "console") for c in s.commands] for p in (page, other)
    ]
    assert commands[0] == commands[1]
    headings = [len(re.findall(r"^#+ ", FENCE.sub("", p.read_text("utf-8")), re.MULTILINE)) for p in (page, other)]
    assert headings[0] == headings[1]


@pytest.mark.parametrize(
    "page", [p for p in PAGES if p.name not in GENERATED and p.stem not in PAPERS and snippets(p, "yaml")], ids=name
)
def test_every_study_and_every_part_of_one_is_valid(page: Path) -> None:
    for snippet in snippets(page, "yaml"):
        given = document.parse(snippet.body, file=page.name)
        data = {**document.parse(WHOLE).data, **given.data}
        _, problems = validate(document.Document(data, page.name))
        assert not problems


def write_weights_and_borders(folder: Path) -> None:
    """Spatial weights and borders of a reader's own: squares where the tile grid has them."""
    china = regions.load("china-provinces")
    touching = pd.DataFrame(0, index=china.ids, columns=china.ids)
    for one, other in china.borders:
        touching.loc[one, other] = touching.loc[other, one] = 1
    touching.to_csv(folder / "weights.csv")
    places = china.table[["tile_column", "tile_row"]].astype(int).itertuples(index=False)
    squares = [shapely.box(column, -row, column + 1, 1 - row) for column, row in places]
    drawn = geopandas.GeoDataFrame({"name": china.table["name_zh"].to_list()}, geometry=squares, crs="EPSG:4326")
    drawn.to_file(folder / "provinces.geojson")


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quickened: Callable[[Path], Path]) -> Path:
    """A folder like that of a reader: the demonstration, the first study beside a panel, weights and borders."""
    quickened(scaffold.demo(tmp_path / "ouhe-demo"))
    first = snippets(ROOT / "README.md", "yaml")[0].body
    (tmp_path / "first.yml").write_text(first, "utf-8")
    (tmp_path / "ouhe-demo" / "first.yml").write_text(first, "utf-8")
    (tmp_path / "panel.csv").write_bytes((tmp_path / "ouhe-demo" / "panel.csv").read_bytes())
    paper = snippets(ROOT / "docs" / "how-to" / "audit-a-paper.md", "yaml")[0].body
    (tmp_path / "paper.yml").write_text(paper, "utf-8")
    write_weights_and_borders(tmp_path)
    monkeypatch.chdir(tmp_path)
    for module in ("writing", "raster"):  # drawing has tests of its own, and takes long
        monkeypatch.setattr(f"ouhe.output.{module}.draw", lambda *_, **__: Drawn())
    return tmp_path


def exit_code(arguments: list[str]) -> int | str | None:
    try:
        cli.main(arguments)
    except SystemExit as stop:
        return stop.code
    return cli.DONE


def run_commands(snippet: Snippet) -> None:
    """Run the commands of a console: what it shows must be said, and it ends as it shows; "…" leaves a line open."""
    said = io.StringIO()
    commands = [shlex.split(c) for c in snippet.commands if c.startswith("ouhe ")]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        codes = [exit_code(arguments) for _, *arguments in commands]
    problem = any(re.match(r"(\S+\.yml:|--set )", line) for line in snippet.shown)
    assert codes == [cli.WRONG if problem else cli.DONE] * len(codes), said.getvalue()
    lines = said.getvalue().splitlines()
    for shown in snippet.shown:
        assert any(x.startswith(shown[:-1]) if shown.endswith("…") else x == shown for x in lines), said.getvalue()


@pytest.mark.parametrize(
    "page",
    [p for p in PAGES if p.stem not in REAL and p.parent.name != "examples" and snippets(p, "console")],
    ids=name,
)
def test_every_command_does_what_the_page_shows(page: Path, workplace: Path) -> None:
    with text.use(language_of(page)):
        for snippet in snippets(page, "console"):
            run_commands(snippet)


@pytest.mark.real
@pytest.mark.parametrize("page", [p for p in HOW_TO if p.stem in REAL], ids=name)
def test_files_as_downloaded_are_read_as_the_page_shows(page: Path, shared_data: Path, workplace: Path) -> None:
    for folder in ("yearbook", "nbs"):
        (workplace / folder).symlink_to(shared_data / folder)
    for snippet in snippets(page, "yaml"):
        title = re.match(r"# (\S+\.yml)\n", snippet.body)
        assert title
        (workplace / title[1]).write_text(snippet.body, "utf-8")
    with text.use(language_of(page)):
        for snippet in snippets(page, "console"):
            run_commands(snippet)


@pytest.mark.parametrize("page", [p for p in PAGES if language_of(p) == "en" and snippets(p, "python")], ids=name)
def test_the_python_of_a_page_runs(
    page: Path, workplace: Path, capsys: pytest.CaptureFixture[str], quickened: Callable[[Path], Path]
) -> None:
    quickened(scaffold.demo(workplace / "ouhe-demo-us-states", study="us-states"))
    namespace: dict[str, object] = {}
    for snippet in snippets(page, "python"):
        exec(compile(snippet.body, name(page), "exec"), namespace)


def test_the_readmes_hold_the_two_commands_to_set_up() -> None:
    for page in (ROOT / "README.md", ROOT / "README.zh.md"):
        commands = [c for s in snippets(page, "console") for c in s.commands if "pip" in c]
        assert commands == ["python -m pip install . && ouhe demo", 'python -m pip install -e ".[dev]" && pytest']


def described_tables(page: Path) -> dict[str, list[str]]:
    """Table → columns, as a page lists them."""
    content = page.read_text("utf-8")
    parts = re.split(r"^### `(\w+)`$", content, flags=re.MULTILINE)[1:]
    return {
        table: re.findall(r"^\| `(\w+)` \|", body, re.MULTILINE)
        for table, body in zip(parts[::2], parts[1::2], strict=True)
    }


def test_every_table_is_described_with_its_columns(workplace: Path) -> None:
    every = "{moran: {neighbours: [contiguity, k-nearest]}, bivariate_moran: , geary: , getis: , lisa: , density: , "
    every += "inequality: , transition: , "
    every += f"convergence: {{controls: rd_intensity, dependence: lag, of: T, years: {[*range(2013, 2023)]}}}, "
    every += "uncertainty: {draws: 9, samples: 2}}"
    _, folder = ouhe.write("first.yml", "results", settings=[f"analyses={every}", "report=none"])
    heads = {file.stem: pd.read_csv(file, nrows=0).columns for file in (folder / "tables").iterdir()}
    columns = {table: [c for c in head if c != "simulated"] for table, head in heads.items()}
    for page in (p for p in HOW_TO if p.stem == "output"):
        assert described_tables(page) == columns


def test_every_key_of_run_json_is_described(workplace: Path) -> None:
    _, folder = ouhe.write("first.yml", "results")
    told = json.loads((folder / "run.json").read_text("utf-8"))
    for page in (p for p in HOW_TO if p.stem == "reproducibility"):
        assert re.findall(r"^\| `(\w+)` \|", page.read_text("utf-8"), re.MULTILINE) == list(told)


def rows_of(page: Path) -> list[list[str]]:
    """Cells of the tables of a page."""
    rows = re.findall(r"^\|(.+)\|$", page.read_text("utf-8"), re.MULTILINE)
    return [[cell.strip() for cell in row.split("|")] for row in rows]


def test_every_figure_is_described_with_the_tables_behind_it(workplace: Path) -> None:
    every = "{moran: {neighbours: [contiguity, k-nearest]}, lisa: {inference: analytic}, density: , inequality: , "
    every += "transition: , uncertainty: {draws: 9, samples: 2}, "
    every += f"convergence: {{of: T, years: {[*range(2013, 2023)]}}}}}"
    tables = ouhe.run("first.yml", settings=[f"analyses={every}"]).tables()
    for page in (p for p in HOW_TO if p.stem == "figures-and-maps"):
        described = {
            r[0].strip("`"): re.findall(r"`(\w+)`", r[2]) for r in rows_of(page) if len(r) == 4 and "`" in r[0]
        }
        assert list(described) == list(FIGURES)
        assert {name for names in described.values() for name in names} <= set(tables)


def test_every_analysis_is_described_with_its_tables_and_figures() -> None:
    for page in (p for p in HOW_TO if p.stem == "spatial-analysis"):
        described = {r[1].strip("`"): set(re.findall(r"`(\w+)`", r[3])) for r in rows_of(page) if len(r) == 4}
        own_pages = {"density", "inequality", "transition", "convergence", "uncertainty"}
        assert set(ANALYSES) - own_pages <= set(described)
        assert {f for n in ANALYSES for f in described.get(n, ())} <= set(FIGURES)


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """Tables of the demonstration on real data, by variable where they have one."""
    file = scaffold.demo(tmp_path_factory.mktemp("states") / "demo", study="us-states", lang="en")
    tables = ouhe.run(file).tables()
    return {n: t.set_index("variable") if "variable" in t else t for n, t in tables.items()}


def row(table: pd.DataFrame, variable: str, **where: object) -> pd.Series:
    """The one row of a table with these labels."""
    (found,) = (r for _, r in table.loc[[variable]].iterrows() if all(r[k] == v for k, v in where.items()))
    return found


def test_the_numbers_told_of_the_space_of_the_states_are_theirs(states: dict[str, pd.DataFrame]) -> None:
    economy = "Regional economy"
    now, then = (row(states["moran"], economy, year=y) for y in (1986, 1970))
    south = row(states["moran_groups"], economy, year=1986, group="South")
    other = row(states["bivariate_moran"], "Public capital", lagged=economy, year=1986)
    told = [f"I = {now.I:.3f}", f"z = {now.z:.2f}", f"p = {now.p:.3f}", f"{now.p_sim:.3f}"]
    told += [f"z = {then.z:.2f}", f"{then.p_sim:.3f}", f"I = {south.I:.3f}", f"p_sim = {south.p_sim:.3f}"]
    told += [f"I = {other.I:.3f}", f"p_sim = {other.p_sim:.3f}"]
    assert then.p < 0.001
    assert states["moran_groups"].loc[economy, "few"].all()
    significant = states["lisa"].loc[economy].query("year == 1986 and significant")
    told += [f" {len(significant)} ", f"{len(states['lisa_changes'].loc[economy])} "]
    assert significant["quadrant"].value_counts().to_dict() == {"LL": 6, "HH": 3, "LH": 3}
    assert set(significant.query("quadrant == 'HH'")["region"]) == {"Montana", "Nebraska", "South Dakota"}
    assert set(significant.query("quadrant == 'LH'")["region"]) == {"Colorado", "Idaho", "Utah"}
    assert states["lisa_moves"].loc[economy, "count"].sum() == 768
    for page in (p for p in HOW_TO if p.stem == "spatial-analysis"):
        assert [s for s in told if s not in page.read_text("utf-8")] == []


def test_the_numbers_told_of_the_trends_of_the_states_are_theirs(states: dict[str, pd.DataFrame]) -> None:
    growth = row(states["growth"], "D", group="All regions")
    told = [f"{growth['first']:.3f}", f"{growth['last']:.3f}", f"{growth['annual_growth']:.2%}".replace("%", "")]
    for year in (1970, 1986):
        apart = {b: row(states["gaps"], "D", between=b, year=year) for b in ("groups", "regions")}
        told += [f"{gap.variation:.3f}" for gap in apart.values()] + [f"{apart['regions'].ratio:.2f}"]
        shape = row(states["density_shape"], "D", year=year)
        assert (shape.modality, shape["tail"], shape.peakedness) == ("single-peaked", "right-skewed", "sharp")
        told.append(f"{shape['mode']:.3f}")
    change = row(states["density_change"], "D", first_year=1970, last_year=1986)
    assert (change.peak, change.spread) == ("higher", "narrower")
    moves, order = states["class_moves"], list(dict.fromkeys(states["classes"]["class"]))
    steps = moves["last_class"].map(order.index) - moves["first_class"].map(order.index)
    told += [f"{moves.loc[where, 'count'].sum()} " for where in (steps > 0, steps < 0, steps == 0)]
    assert steps.max() == 1
    for page in (p for p in HOW_TO if p.stem == "density-and-trends"):
        assert [s for s in told if s not in page.read_text("utf-8")] == []


def test_the_numbers_told_of_the_convergence_of_the_states_are_theirs(states: dict[str, pd.DataFrame]) -> None:
    trend = row(states["sigma_trend"], "D", group="All regions", measure="coefficient of variation")
    panel, ends = (row(states["beta"], "D", group="All regions", model=m) for m in ("absolute", "cross-section"))
    capital = row(states["beta"], "Public capital", group="All regions", model="absolute")
    spatial, clubs = states["beta_spatial"].loc["D"], states["clubs"].loc["D"]
    assert trend.p < 0.001
    assert capital.stars == "***"
    assert panel.beta < panel.random_walk < capital.beta < 0
    assert panel.random_walk < panel.high
    told = [f"{trend['first']:.3f}", f"{trend['last']:.3f}", f" {-trend.slope:.4f}", f" {trend.autocorrelation:.2f}"]
    told += [f"β = {v.beta:.3f}" for v in (panel, ends, capital)]
    told += [f" {panel.random_walk:.3f}", f" {panel.half_life:.1f} ", f" {ends.half_life:.0f} "]
    told += [f" {spatial.beta:.3f}", f"ρ = {spatial.rho:.3f}", f"t = {clubs['t'].iloc[0]:.2f}"]
    assert clubs["regions"].tolist() == [48, 13, 22, 7, 4, 2]
    for page in (p for p in HOW_TO if p.stem == "convergence"):
        assert [s for s in told if s not in page.read_text("utf-8")] == []


def test_the_finding_told_of_the_states_is_theirs(tmp_path: Path, quickened: Callable[[Path], Path]) -> None:
    results = ouhe.run(quickened(scaffold.demo(tmp_path / "demo", study="us-states", lang="en")))
    for page in (p for p in HOW_TO if p.stem == "report"):
        lang = language_of(page)
        found = findings.find(results.told_in(lang))
        (told,) = (n for n in found if n.finding.rule == "gaps.narrower" and n.finding.about == "D")
        # a line break of the page is a space in English and nothing in Chinese
        content = re.sub(r"\n(> )?", " " if lang == "en" else "", page.read_text("utf-8"))
        assert [s for s in (told.sentence, told.condition, text.t("html.rules", lang=lang)) if s not in content] == []


def test_every_format_and_template_of_the_report_is_described() -> None:
    templates = {*TEMPLATES, "template.docx"}
    for page in (p for p in HOW_TO if p.stem == "report"):
        described = {r[0].strip("`"): r for r in rows_of(page) if "`" in r[0]}
        assert {n: r[1].strip("`") for n, r in described.items() if n in FORMATS} == {
            n: f"report.{kind.ending}" for n, kind in FORMATS.items()
        }
        assert set(described) - set(FORMATS) == templates
        styles = {n.lower() for n in NAMES.values()} - {"normal", "heading 2", "heading 3"}
        content = re.sub(r"\s+", " ", page.read_text("utf-8"))
        named = {n.lower() for n in re.findall(r"\*([A-Z][\w ]*)\*", content)}
        assert styles == named & {n.lower() for n in NAMES.values()}


@pytest.mark.parametrize("page", ["method.md", "method.zh.md"])
def test_the_method_page_names_every_method_and_option(page: str) -> None:
    content = (ROOT / "docs" / page).read_text("utf-8")
    functions = {n: f for stage in METHODS.values() for n, f in stage.items()} | COMBINATIONS
    functions |= {n: kind.function for n, kind in ANALYSES.items()}
    known = {
        *functions,
        *(o for f in functions.values() for o in options(f)),
        *(k for m in FETCHED.values() for k in m),
    }
    known |= {k for kind in ANALYSES.values() for k in kind.model.model_fields if k != "years"}
    named = {m for part in re.findall(r"`([^`]+)`", content) for m in re.findall(r"[\w-]+", part)}
    named |= set(re.findall(r"\\text(?:tt)?{([\w-]+)}", content))
    assert not known - named


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_method_and_option_has_its_sentence_and_no_other_has(lang: text.Lang) -> None:
    functions = {f"{stage}_{n}": f for stage, methods in METHODS.items() for n, f in methods.items()}
    functions |= {f"weights_{n}": f for n, f in COMBINATIONS.items()}
    functions |= {f"analyses_{n}": kind.function for n, kind in ANALYSES.items()}
    keys = {k.replace("-", "_") for k in functions}
    keys |= {f"{k.replace('-', '_')}_{option}" for k, f in functions.items() for option in options(f)}
    keys |= {f"{stage}_{n}_{k}".replace("-", "_") for (stage, n), more in FETCHED.items() for k in more}
    assert set(text.texts("methods", lang)) == keys


@pytest.mark.parametrize("study", sorted((ROOT / "examples").rglob("*.yml")), ids=name)
def test_every_example_runs(study: Path) -> None:
    results = ouhe.run(load(study))
    assert results.simulated
    assert float(results.coupling.D.min()) >= 0.0
    assert float(results.coupling.D.max()) <= 1.0


def test_the_example_in_python_tells_how_alike_the_rankings_are(capsys: pytest.CaptureFixture[str]) -> None:
    source = ROOT / "examples" / "compare_weights.py"
    namespace: dict[str, object] = {"__name__": "__main__", "__file__": str(source)}
    exec(compile(source.read_text("utf-8"), str(source), "exec"), namespace)
    *_, last = capsys.readouterr().out.strip().splitlines()
    assert 0.5 < float(last.split()[-1]) < 1.0
