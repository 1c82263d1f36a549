"""The page of benchmarks and the figures of the README are those that were measured, in both languages."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import page
import pytest
import rendering
from timing import Row, rows

HERE = Path(page.__file__).parent
MACHINE = {"processor": "Any", "cores": 2, "memory": 8.0, "system": "Linux", "python": "3.11"}


def results(*measured: Row, benchmark: str = "space") -> rendering.Results:
    run = {"benchmark": benchmark, "date": "2026-01-02", "machine": MACHINE, "busy": 0.1, "took": 12.3, "quick": False}
    return rendering.Results({benchmark: run | {"versions": {"ouhe": "1", "esda": "2.8"}}}, {benchmark: measured})


def space() -> list[Row]:
    case = {"variables": 26, "regions": 31, "permutations": 999}
    taken = {"ouhe": [0.002, 0.001, 0.004], "esda": [0.3, 0.2, 0.2]}
    return list(rows("global", case, taken, figures={"esda": {"part": 6}}, note={"esda": "part"}))


def test_a_table_tells_medians_ranges_and_ratios_of_the_same_repeat() -> None:
    lines = rendering.table("space", space(), "en").splitlines()
    assert lines[0] == "| what | who | repeats | median | range | times as long as the first | note |"
    assert lines[2] == "| 26 variables × 31 regions, 999 permutations | ouhe | 3 | 2.0 ms | 1.0 – 4.0 |  |  |"
    assert lines[3] == "|  | esda | 3 | 0.20 s | 0.20 – 0.30 | 150 (50.0 – 200) | timed on 6 of the variables |"


def test_chinese_readers_get_the_same_figures_in_their_words() -> None:
    lines = rendering.table("space", space(), "zh").splitlines()
    assert lines[2] == "| 26 个变量 × 31 个地区，置换 999 次 | ouhe | 3 | 2.0 毫秒 | 1.0 – 4.0 |  |  |"
    assert lines[3].endswith("| 0.20 秒 | 0.20 – 0.30 | 150 (50.0 – 200) | 只对 6 个变量计时 |")


def test_repeats_that_differ_give_the_ratio_of_medians() -> None:
    found = list(rows("t", {}, {"ouhe": [1.0, 2.0, 3.0], "peer": [8.0]}))
    assert found[1].ratio == (4.0,)


@pytest.mark.parametrize(("esda", "verdict"), [(0.3, "met"), (0.05, "**not met**")])
def test_a_target_is_met_or_not(esda: float, verdict: str) -> None:
    case = {"variables": 26, "regions": 31, "permutations": 999}
    found = rendering.wanted(results(*rows("global", case, {"ouhe": [0.001], "esda": [esda]})), "en")
    line = next(line for line in found.splitlines() if "26 × 31, 999" in line)
    assert line == f"| 26 × 31, 999 permutations: esda over ouhe | ≥ 100 × | {1000 * esda:.0f} × | {verdict} |"


def test_memory_and_growth_targets_are_read_from_their_rows() -> None:
    def row(table: str, rows: int, **fields: Any) -> Row:
        return Row(table=table, case={"rows": rows}, contender="ouhe", **fields)

    measured = [
        row("parquet", 10**8, seconds=(10.0,), peak=900.4),
        row("growth", 10**6, figures={"nanoseconds": 100.0}, peak=500.0),
        row("growth", 10**7, peak=600.0),
        row("growth", 10**8, figures={"nanoseconds": 125.0}, peak=630.0),
    ]
    lines = rendering.wanted(results(*measured, benchmark="scale"), "en").splitlines()
    assert "| 100 million region-years, Parquet: peak memory | ≤ 1,024 MiB | 900 MiB | met |" in lines
    assert "| time of a row at 100 million rows over that at 1 million | ≤ 1.2 × | 1.25 × | **not met** |" in lines
    assert "| peak memory at 100 million rows over that at 10 million | ≤ 1.1 × | 1.05 × | met |" in lines
    assert "| the same: time of ouhe over polars | ≤ 1.3 × | not measured |  |" in lines


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.00031, "0.31 ms"),
        (0.0035, "3.5 ms"),
        (0.038, "38.0 ms"),
        (0.24, "0.24 s"),
        (13.24, "13.2 s"),
        (150.4, "150 s"),
    ],
)
def test_times_have_the_digits_that_can_be_relied_on(seconds: float, told: str) -> None:
    assert rendering.duration(seconds, "en") == told
    assert rendering.duration(math.nan, "en") == "–"


@pytest.mark.parametrize("language", rendering.LANGUAGES)
def test_a_page_states_machine_versions_command_and_date(language: str) -> None:
    text = page.page(results(*space()), language)
    assert "Any" in text
    assert "esda 2.8" in text
    assert "`python benchmarks/space.py`" in text
    assert "2026-01-02" in text
    assert text.count("\n## ") == len(page.BENCHMARKS) + 2
    assert rendering.words(language)["page"]["missing"] in text
    assert not re.search(r"\{\w*\}|\[\[", text)


def test_a_machine_of_its_own_is_told() -> None:
    one, other = results(*space()), results(*rows("spatial", {"regions": 1, "years": 2, "classes": 5}, {"ouhe": [1.0]}))
    run = {**other.runs["space"], "machine": MACHINE | {"processor": "Other"}}
    both = rendering.Results(
        {**one.runs, "measure": one.runs["space"], "transition": run},
        {**one.rows, "measure": [], "transition": other.rows["space"]},
    )
    text = page.page(both, "en")
    assert "Measured on another machine: Other" in text.split("## Spatial Markov")[1]
    assert text.count("Measured on another machine") == 1


def test_a_readme_is_written_between_its_marks_once_all_of_it_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    key = "space/global/26-31-999"
    said = {"speed": f"ouhe [[{key}/ouhe|seconds]], esda [[{key}/esda|ratio]] times"}
    monkeypatch.setattr(page, "words", lambda _: {"readme": said})
    before = "a\n<!-- benchmarks: speed -->\nold\n<!-- end -->\nb\n"
    assert page.readme(before, results(*space()), "en") == before.replace("old", "\nouhe 2.0 ms, esda 150 times\n")
    assert page.readme(before, results(*space()[:1]), "en") == before


def test_what_is_measured_again_replaces_what_was(tmp_path: Path) -> None:
    def lines(name: str, count: int) -> str:
        return "".join(json.dumps({"benchmark": name, "row": number}) + "\n" for number in range(count))

    (tmp_path / "before").write_text(lines("measure", 2) + lines("space", 3), "utf-8")
    (tmp_path / "again").write_text(lines("measure", 1), "utf-8")
    assert page.merged(tmp_path / "before", {"measure": tmp_path / "again"}) == lines("measure", 1) + lines("space", 3)


def test_the_pages_and_readmes_are_those_of_what_was_measured_last() -> None:
    for path, text in page.pages(rendering.read(page.RESULTS)).items():
        assert path.read_text("utf-8") == text, f"{path.name}: run python benchmarks/page.py --render"


def leaves(tree: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield path + key, value


def asked(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None} | set(
        map(str, rendering.FIGURE.findall(text))
    )


def test_both_languages_say_the_same() -> None:
    english, chinese = (dict(leaves(rendering.words(language))) for language in ("en", "zh"))
    assert english.keys() == chinese.keys()
    differ = [key for key, text in english.items() if asked(text) != asked(chinese[key])]
    assert not differ


def test_every_benchmark_has_its_words_and_every_target_its_row() -> None:
    said = rendering.words("en")
    assert set(said["benchmarks"]) == set(page.BENCHMARKS)
    wanted = tomllib.loads((HERE / "wanted.toml").read_text("utf-8"))["target"]
    assert {target["name"] for target in wanted} == set(said["wanted"]["what"])
    for target in wanted:
        for key in (target["row"], target.get("against", target["row"])):
            benchmark, table, *_ = key.split("/")
            assert table in said["benchmarks"][benchmark]["what"], key
    for found in rendering.FIGURE.finditer(said["readme"]["speed"]):
        benchmark, table, *_ = found["row"].split("/")
        assert table in said["benchmarks"][benchmark]["what"], found["row"]


def test_every_benchmark_is_a_script_of_the_page() -> None:
    parts = {"page", "rendering", "timing", "region_years"}
    there = {path.stem for path in HERE.glob("*.py")}
    assert there - parts == set(page.BENCHMARKS) & there
