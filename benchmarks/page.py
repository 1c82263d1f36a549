"""Run every benchmark and write ``docs/benchmarks.md``, ``docs/benchmarks.zh.md`` and the figures of the README.

    python benchmarks/page.py                      everything, about 25 minutes on two free cores
    python benchmarks/page.py --only space local   these again; what was measured of the others stays
    python benchmarks/page.py --quick              small sizes, under two minutes, tables in the terminal and no page
    python benchmarks/page.py --render             the pages again, from what was measured last

What was measured last is kept in ``benchmarks/results.jsonl``.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import rendering
from rendering import LANGUAGES, Results, words

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
RESULTS = HERE / "results.jsonl"

#: Every benchmark, in the order of the page.
BENCHMARKS = (
    "scale",
    "measure",
    "space",
    "local",
    "lattice",
    "density",
    "dagum",
    "transition",
    "convergence",
    "uncertainty",
    "conventions",
    "audit",
    "report",
    "commands",
)

#: Part of a README that is written here, between two comments.
BLOCK = re.compile(r"(<!-- benchmarks: (?P<name>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def page(results: Results, language: str) -> str:
    """The whole page."""
    said = words(language)["page"]
    parts = [said["made"], f"# {said['title']}", said["other"], said["about"].strip(), said["memory"].strip()]
    parts += [f"## {said['wanted']}", rendering.wanted(results, language).rstrip()]
    parts += [f"## {said['machine']}", *machine(results, language)]
    for name in BENCHMARKS:
        parts += section(name, results, language)
    return "\n\n".join(parts) + "\n"


def usual(results: Results) -> Mapping[str, Any]:
    """The machine that most benchmarks ran on."""
    machines = [run["machine"] for run in results.runs.values()]
    return max(machines, key=machines.count) if machines else {}


def machine(results: Results, language: str) -> list[str]:
    """The machine and all versions."""
    said, found = words(language)["page"], usual(results)
    if not found:
        return [said["missing"]]
    return [said["machine_line"].format(**found), said["versions"].format(listed(everywhere(results)))]


def everywhere(results: Results) -> dict[str, str]:
    """Version of every package, the first that is met of each."""
    met: dict[str, str] = {}
    for name in BENCHMARKS:
        met = dict(results.runs.get(name, {}).get("versions", {})) | met
    return dict(sorted(met.items(), key=lambda item: (item[0] != "ouhe", item[0].lower())))


def listed(versions: Mapping[str, str]) -> str:
    """Packages with their versions."""
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def section(name: str, results: Results, language: str) -> list[str]:
    """Title, what it is about, the table, and how it was made."""
    said, mine = words(language)["page"], words(language)["benchmarks"][name]
    parts, run = [f"## {mine['title']}", mine["about"].strip()], results.runs.get(name)
    if run is None:
        return [*parts, said["missing"]]
    parts.append(rendering.table(name, results.rows[name], language).rstrip())
    took = rendering.duration(run["took"], language)
    made = said["run"].format(command=rendering.command(name), date=run["date"], took=took, busy=run["busy"])
    if run["machine"] != usual(results):
        made += " " + said["machine_other"].format(said["machine_line"].format(**run["machine"]))
    other = {p: v for p, v in run["versions"].items() if everywhere(results)[p] != v}
    return [*parts, made + (" " + said["packages"].format(listed(other)) if other else "")]


def readme(before: str, results: Results, language: str) -> str:
    """A README with its marked parts written again; a part stays as it is until all that it tells is measured."""

    def part(found: re.Match[str]) -> str:
        text = words(language)["readme"][found["name"]].strip()
        if rendering.unmeasured(text, results):
            return found[0]
        return found[1] + "\n" + rendering.filled(text, results, language) + "\n\n" + found[3]

    return BLOCK.sub(part, before)


def pages(results: Results) -> dict[Path, str]:
    """Every file that is written, with what stands in it."""
    found = {}
    for language in LANGUAGES:
        ending = "" if language == "en" else f".{language}"
        found[ROOT / "docs" / f"benchmarks{ending}.md"] = page(results, language)
        front = ROOT / f"README{ending}.md"
        found[front] = readme(front.read_text("utf-8"), results, language)
    return found


def measure(names: Sequence[str], folder: Path, extra: Mapping[str, Sequence[str]]) -> dict[str, Path]:
    """Run benchmarks one after the other, each in a process of its own, and say which worked, with their rows."""
    environments = tomllib.loads((HERE / "wanted.toml").read_text("utf-8"))["environment"]
    done = {}
    for place, name in enumerate(names, 1):
        print(f"\n== {name}, {place} of {len(names)}", flush=True)
        start, rows = time.perf_counter(), folder / f"{name}.jsonl"
        command = [
            sys.executable,
            str(HERE / f"{name}.py"),
            "--rows",
            str(rows),
            *extra.get("", ()),
            *extra.get(name, ()),
        ]
        code = subprocess.run(command, env=os.environ | environments.get(name, {}), check=False).returncode
        print(
            f"== {name}: {f'failed with {code}' if code else 'done'}, {time.perf_counter() - start:.0f} s", flush=True
        )
        if code == 0:
            done[name] = rows
    return done


def merged(before: Path, done: Mapping[str, Path]) -> str:
    """Lines of all results, those of `done` in place of earlier ones."""
    lines: dict[str, list[str]] = {}
    for line in before.read_text("utf-8").splitlines() if before.exists() else ():
        found = re.search(r'"benchmark": "(\w+)"', line)
        assert found is not None
        lines.setdefault(found[1], []).append(line)
    for name, file in done.items():
        lines[name] = file.read_text("utf-8").splitlines()
    return "".join(line + "\n" for name in BENCHMARKS for line in lines.get(name, []))


def main() -> int:
    """Measure, keep, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="small sizes, tables in the terminal, no page")
    parser.add_argument("--render", action="store_true", help="measure nothing")
    parser.add_argument("--scratch", help="folder for data; a temporary one, removed at the end, when left out")
    parser.add_argument("--reuse", help="a Parquet file of 100 million rows that scale.py made before")
    asked = parser.parse_args()
    names = [] if asked.render else [n for n in BENCHMARKS if n in (asked.only or BENCHMARKS)]
    given = [
        part for option in ("scratch", "reuse") if (value := getattr(asked, option)) for part in (f"--{option}", value)
    ]
    extra = {"": ["--quick"] if asked.quick else [], "scale": given}
    with tempfile.TemporaryDirectory() as folder:
        done = measure(names, Path(folder), extra)
        if asked.quick:
            found = rendering.read(*done.values())
            for name in done:
                print(
                    f"\n{words('en')['benchmarks'][name]['title']}\n\n{rendering.table(name, found.rows[name], 'en')}"
                )
            return int(len(done) < len(names))
        if done:
            RESULTS.write_text(merged(RESULTS, done), "utf-8")
    for path, text in pages(rendering.read(RESULTS)).items():
        path.write_text(text, "utf-8")
        print(f"written: {path.relative_to(ROOT)}")
    return int(len(done) < len(names))


if __name__ == "__main__":
    sys.exit(main())
