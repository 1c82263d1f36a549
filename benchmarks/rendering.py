"""Measured rows as Markdown in both languages: a table a benchmark, targets, and figures for the README.

Words stand in ``words/LANGUAGE.toml``, targets in ``wanted.toml``.
"""

from __future__ import annotations

import json
import math
import re
import statistics
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from timing import Row, ratios

HERE = Path(__file__).resolve().parent
LANGUAGES = ("en", "zh")

#: What stands in a text for a figure: the row with its benchmark, and what of it.
FIGURE = re.compile(r"\[\[(?P<row>[^\[\]|]+)\|(?P<quantity>\w+)\]\]")


@dataclass(frozen=True)
class Results:
    """What was measured last: a record and the rows of every benchmark."""

    runs: Mapping[str, Mapping[str, Any]]
    rows: Mapping[str, Sequence[Row]]

    def row(self, key: str) -> Row | None:
        """A row by ``benchmark/table/case/contender``."""
        benchmark, _, rest = key.partition("/")
        return next((row for row in self.rows.get(benchmark, ()) if row.key == rest), None)


def read(*files: Path) -> Results:
    """Results of JSON lines; what a later file says of a benchmark replaces what an earlier one says."""
    runs: dict[str, Mapping[str, Any]] = {}
    rows: dict[str, list[Row]] = {}
    for file in files:
        for line in file.read_text("utf-8").splitlines() if file.exists() else ():
            record = json.loads(line)
            if "run" in record:
                runs[record["run"]["benchmark"]] = record["run"]
                rows[record["run"]["benchmark"]] = []
            else:
                fields = {k: tuple(v) if isinstance(v, list) else v for k, v in record["row"].items()}
                rows[record["benchmark"]].append(Row(**fields))
    return Results(runs, rows)


@cache
def words(language: str) -> dict[str, Any]:
    """All words of the pages in one language."""
    return tomllib.loads((HERE / "words" / f"{language}.toml").read_text("utf-8"))


def number(value: float) -> str:
    """A figure with as many digits as can be relied on."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    size = abs(value)
    digits = 2 if size < 0.995 else 1 if size < 99.95 else 0
    return f"{value:.1g}" if size < 0.01 else f"{value:,.{digits}f}"


def unit(seconds: float) -> tuple[float, str]:
    """What seconds are multiplied by to be told, and the name of the unit."""
    return (1e3, "milliseconds") if seconds < 0.0995 else (1.0, "seconds")


def duration(seconds: float, language: str) -> str:
    """Seconds as they are told: 3.5 ms, 0.24 s."""
    if math.isnan(seconds):
        return "–"
    scale, name = unit(seconds)
    return words(language)["units"][name].format(number(seconds * scale))


def quantity(row: Row | None, name: str, language: str) -> str:
    """One figure of a row in words; a dash where it was not measured."""
    if row is None:
        return "–"
    if name == "seconds":
        return duration(row.median, language)
    if name == "ratio":
        return number(row.ratio[0]) if row.ratio else "–"
    if name == "peak":
        return "–" if row.peak is None else f"{row.peak:,.0f} MiB"
    return f"{row.figures[name]:.0e}" if name == "error" else number(row.figures[name])


def unmeasured(text: str, results: Results) -> list[str]:
    """Rows that a text asks for and that are not there."""
    return [m["row"] for m in FIGURE.finditer(text) if results.row(m["row"]) is None]


def filled(text: str, results: Results, language: str) -> str:
    """A text with the figures that it asks for."""
    return FIGURE.sub(lambda m: quantity(results.row(m["row"]), m["quantity"], language), text)


def grid(head: Sequence[str], lines: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """A Markdown table."""
    marks = ["---:" if place in right else "---" for place in range(len(head))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, marks, *lines]) + "\n"


def between(low: float, high: float) -> str:
    """Two ends of a range, once where they are told alike."""
    return number(low) if number(low) == number(high) else f"{number(low)} – {number(high)}"


def cells(benchmark: str, row: Row, language: str) -> dict[str, str]:
    """What a table shows of a row, by column."""
    said = words(language)
    mine = said["benchmarks"][benchmark]
    scale, _ = unit(row.median)
    ratio = "" if not row.ratio else number(row.ratio[0])
    if len(row.ratio) == 3 and len(row.seconds) > 1:
        ratio += f" ({between(*row.ratio[1:])})"
    note = mine["notes"][row.note].format(**{**row.case, **row.figures}) if row.note else ""
    return {
        "what": mine["what"][row.table].format(**row.case),
        "who": said["contenders"].get(row.contender, row.contender),
        "repeats": str(len(row.seconds) or 1),
        "median": duration(row.median, language),
        "range": between(min(row.seconds) * scale, max(row.seconds) * scale) if len(row.seconds) > 1 else "",
        "ratio": ratio,
        "peak": "" if row.peak is None else f"{row.peak:,.0f}",
        "anonymous": "" if row.anonymous is None else f"{row.anonymous:,.0f}",
        "note": note,
    }


def table(benchmark: str, rows: Sequence[Row], language: str) -> str:
    """The table of a benchmark, without columns that are empty everywhere; a case is named once."""
    lines = [cells(benchmark, row, language) for row in rows]
    head = words(language)["columns"]
    shown = [name for name in head if any(line[name] not in {"", "–"} for line in lines)]
    before = ""
    for line in lines:
        before, line["what"] = line["what"], "" if line["what"] == before else line["what"]
    right = [place for place, name in enumerate(shown) if name not in {"what", "who", "note"}]
    return grid([head[name] for name in shown], ([line[name] for name in shown] for line in lines), right=right)


def command(benchmark: str) -> str:
    """How a benchmark is run alone."""
    before = tomllib.loads((HERE / "wanted.toml").read_text("utf-8"))["environment"].get(benchmark, {})
    return " ".join([*(f"{k}={v}" for k, v in before.items()), f"python benchmarks/{benchmark}.py"])


def alone(run: Mapping[str, Any], rows: Sequence[Row]) -> str:
    """What a benchmark that runs by itself prints at the end."""
    machine = run["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
    said = f"{machine['processor']}, {machine['cores']} cores; Python {machine['python']}, {versions}"
    return f"{said}\n\n{table(run['benchmark'], rows, 'en')}"


def wanted(results: Results, language: str) -> str:
    """The table of targets: what was wanted, what was measured, whether it is met."""
    said = words(language)["wanted"]
    lines = []
    for target in tomllib.loads((HERE / "wanted.toml").read_text("utf-8"))["target"]:
        value = measured(target, results)
        most, bound = "at_most" in target, target.get("at_most", target.get("at_least"))
        met = math.isnan(value) or (value <= bound if most else value >= bound)
        verdict = "" if math.isnan(value) else said["met" if met else "not_met"]
        found = said["not_measured"] if math.isnan(value) else in_words(value, target, language)
        lines.append([said["what"][target["name"]], bounds(target, language), found, verdict])
    return grid([said["columns"][name] for name in ("what", "wanted", "measured", "met")], lines)


def measured(target: Mapping[str, Any], results: Results) -> float:
    """Value that a target is about; not a number where it was not measured."""
    row, other = results.row(target["row"]), results.row(target.get("against", ""))
    name = target.get("quantity", "times" if "against" in target else "seconds")
    if row is None or ("against" in target and other is None):
        return math.nan
    if name == "times":
        assert other is not None
        return ratios(row.seconds, other.seconds)[0] if len(row.seconds) else math.nan
    values = [of(each, name) for each in (row, other) if each is not None]
    return values[0] if len(values) == 1 else values[0] / values[1]


def of(row: Row, name: str) -> float:
    """A figure of a row."""
    if name == "seconds":
        return statistics.median(row.seconds) if row.seconds else math.nan
    if name == "peak":
        return math.nan if row.peak is None else row.peak
    return row.figures.get(name, math.nan)


def in_words(value: float, target: Mapping[str, Any], language: str) -> str:
    """A value with its unit, told closely enough to be seen on its side of a bound."""
    name = "times" if "against" in target else target.get("quantity", "seconds")
    scale, seconds = unit(value)
    if name == "seconds":
        return words(language)["units"][seconds].format(f"{value * scale:.3g}")
    told = f"{value:.2f}" if value < 9.995 and name != "paused" else f"{value:,.0f}"
    return told + {"times": " ×", "peak": " MiB"}.get(name, target.get("unit", ""))


def bounds(target: Mapping[str, Any], language: str) -> str:
    """What was wanted, as it was set, with its unit."""
    mark, bound = ("≤", target["at_most"]) if "at_most" in target else ("≥", target["at_least"])
    name = "times" if "against" in target else target.get("quantity", "seconds")
    scale, seconds = unit(bound)
    if name == "seconds":
        return f"{mark} {words(language)['units'][seconds].format(f'{bound * scale:g}')}"
    return f"{mark} {bound:,}" + {"times": " ×", "peak": " MiB"}.get(name, target.get("unit", ""))
