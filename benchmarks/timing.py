"""What all benchmarks share: contenders run in turn, memory of whole process trees, and one form of what was measured.

A benchmark is a script with a function that yields :class:`Row` one after the other, and :func:`main` at its end. It
runs alone (``python benchmarks/NAME.py``), or with all others from ``page.py``.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

#: Seconds between two looks at the memory of a process and its children.
LOOK = 0.05


@dataclass(frozen=True, kw_only=True)
class Row:
    """One contender on one case.

    Parameters
    ----------
    table, case
        Name of the table, and what was measured: sizes and options, the same for all contenders of a case.
    contender
        Who; the first of a case is the one that others are compared with.
    seconds
        Time of every repeat.
    ratio
        Time over that of the first contender in the same repeat: median, lowest, highest; the median alone where they
        were not repeated equally often.
    peak, anonymous
        Most memory of the process and all its children at one time, in MiB: resident, and what of it is no mapped file.
    figures
        What else was measured.
    note
        Name of a sentence about it; `case` and `figures` are its placeholders.
    """

    table: str
    case: Mapping[str, Any]
    contender: str
    seconds: tuple[float, ...] = ()
    ratio: tuple[float, ...] = ()
    peak: float | None = None
    anonymous: float | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def key(self) -> str:
        """Name of the row within its benchmark: table, case, contender."""
        return "/".join([self.table, "-".join(map(str, self.case.values())), self.contender])

    @property
    def median(self) -> float:
        """Median seconds; not a number where no time was taken."""
        return statistics.median(self.seconds) if self.seconds else math.nan


def turns(
    contenders: Mapping[str, Callable[[], object]],
    repeats: int | Mapping[str, int],
    *,
    calls: Mapping[str, int] | None = None,
) -> dict[str, list[float]]:
    """Seconds of a call, contenders in turn within every repeat, so that a busy moment of the machine hits all alike.

    `repeats` may differ between contenders; `calls` are made in a row where one would be too short to time.
    """
    wanted = {name: repeats if isinstance(repeats, int) else repeats[name] for name in contenders}
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for repeat in range(max(wanted.values())):
        for name, call in contenders.items():
            if repeat < wanted[name]:
                many = (calls or {}).get(name, 1)
                start = time.perf_counter()
                for _ in range(many):
                    call()
                taken[name].append((time.perf_counter() - start) / many)
    return taken


def ratios(seconds: Sequence[float], first: Sequence[float]) -> tuple[float, ...]:
    """How many times as long as the first contender, repeat by repeat."""
    if len(seconds) != len(first):
        return (statistics.median(seconds) / statistics.median(first),)
    each = [ours / theirs for ours, theirs in zip(seconds, first, strict=True)]
    return statistics.median(each), min(each), max(each)


def rows(
    table: str, case: Mapping[str, Any], taken: Mapping[str, Sequence[float]], **more: Mapping[str, Any]
) -> Iterator[Row]:
    """Rows of one case; `more` are other fields of a row, by contender."""
    first = next(iter(taken.values()))
    for number, (name, seconds) in enumerate(taken.items()):
        fields = {key: values[name] for key, values in more.items() if name in values}
        ratio = ratios(seconds, first) if number else ()
        yield Row(table=table, case=case, contender=name, seconds=tuple(seconds), ratio=ratio, **fields)


@dataclass(frozen=True)
class Watched:
    """What a process tree took: seconds by the clock, peaks in MiB, and what its first process printed."""

    seconds: float
    peak: float
    anonymous: float
    output: str


def watch(command: Sequence[str], *, environment: Mapping[str, str] | None = None, also: Sequence[int] = ()) -> Watched:
    """Run a command and watch the memory of its process and all children, and of the trees of the processes `also`.

    Resident memory is added up over processes, so that what they share counts as often as it is mapped; page cache
    that no process maps does not count. The most that the first process ever held is known exactly from the system;
    between two looks a child may have held more than was seen.

    Raises
    ------
    subprocess.CalledProcessError
        Where the command fails.
    """
    peak = anonymous = 0.0
    start = time.perf_counter()
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as said,
        subprocess.Popen(command, stdout=said, env=os.environ | dict(environment or {})) as process,
    ):
        while running(process):
            seen = [memory_of(pid) for root in (process.pid, *also) for pid in tree(root)]
            peak = max(peak, sum(s["resident"] for s in seen), *(s["most"] for s in seen[:1]))
            anonymous = max(anonymous, sum(s["anonymous"] for s in seen))
        seconds = time.perf_counter() - start
        said.seek(0)
        output = said.read()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(command), output)
    return Watched(seconds, peak, anonymous, output)


def running(process: subprocess.Popen[Any]) -> bool:
    """Whether it still runs after the time between two looks; at once where it ends before."""
    try:
        process.wait(LOOK)
    except subprocess.TimeoutExpired:
        return True
    return False


def tree(root: int) -> list[int]:
    """A process and all its children that live now."""
    import psutil

    try:
        return [root, *(child.pid for child in psutil.Process(root).children(recursive=True))]
    except psutil.NoSuchProcess:
        return []


def memory_of(pid: int | str = "self") -> dict[str, float]:
    """MiB that a process holds: resident, of it anonymous or shared, and the most it was; zeros once it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines()
    except OSError:
        lines = []
    held = dict(line.split(":", 1) for line in lines if line.startswith(("VmRSS", "VmHWM", "RssAnon", "RssShmem")))
    mib = {name: int(value.split()[0]) / 1024 for name, value in held.items()}
    anonymous = mib.get("RssAnon", 0.0) + mib.get("RssShmem", 0.0)
    return {"resident": mib.get("VmRSS", 0.0), "anonymous": anonymous, "most": mib.get("VmHWM", 0.0)}


def most_resident() -> float:
    """Most memory this process ever held, in MiB; not a number where the system does not say."""
    return memory_of()["most"] or math.nan


def fresh(script: str, what: str, *, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What a benchmark's `alone` gives in a process of its own."""
    command = [sys.executable, script, "--alone", what]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | dict(environment or {})
    )
    return dict(json.loads(done.stdout))


def machine() -> dict[str, Any]:
    """Processor, cores, memory, system, and how busy it was before."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processor": first_line("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": cores,
        "memory": round(int((first_line("/proc/meminfo", "MemTotal") or "0").split()[0]) / 2**20, 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
    }


def first_line(path: str, name: str) -> str:
    """Value of the first line ``name: value`` of a file of the system."""
    try:
        lines = Path(path).read_text("ascii", "replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Versions of packages as they are installed."""
    import ouhe

    return {"ouhe": ouhe.__version__} | {name: importlib.metadata.version(name) for name in packages}


def main(
    said: str | None,
    measured: Callable[[argparse.Namespace], Iterable[Row]],
    *,
    packages: Sequence[str] = (),
    alone: Callable[[str], Mapping[str, Any]] | None = None,
    options: Callable[[argparse.ArgumentParser], None] | None = None,
) -> None:
    """Run a benchmark: a line for every row as it is measured, the tables at the end, and the rows into a file.

    `alone` measures what needs a process of its own, see :func:`fresh`; `options` adds options of this benchmark.
    """
    parser = argparse.ArgumentParser(description=said, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes and few repeats, to see that it works")
    parser.add_argument("--rows", type=Path, help="file that rows are written to, as JSON lines")
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    if options:
        options(parser)
    asked = parser.parse_args()
    if asked.alone is not None:
        assert alone is not None
        print(json.dumps(alone(asked.alone)))
        return
    name, start, busy = Path(sys.argv[0]).stem, time.perf_counter(), os.getloadavg()[0]
    found = []
    for row in measured(asked):
        found.append(row)
        print(told(row), flush=True)
    run = {
        "benchmark": name,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "busy": round(busy, 2),
        "versions": versions(packages),
        "took": round(time.perf_counter() - start, 1),
        "quick": asked.quick,
    }
    if asked.rows:
        lines = [{"run": run}, *({"benchmark": name, "row": asdict(row)} for row in found)]
        asked.rows.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    else:
        import rendering

        print("\n" + rendering.alone(run, found))


def told(row: Row) -> str:
    """A row as a line of the terminal."""
    line = f"{row.key:<52}"
    if row.seconds:
        line += f" {row.median:9.4f} s ({min(row.seconds):.4f} to {max(row.seconds):.4f})"
    line += f" {row.ratio[0]:6.2f} times" if row.ratio else ""
    line += f" {row.peak:6.0f} MiB" if row.peak is not None else ""
    return line + "".join(f" {name} {value:g}" for name, value in row.figures.items())
