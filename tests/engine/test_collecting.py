from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import weakref
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dask
import dask.array
import numpy as np
import pytest
from dask.delayed import Delayed

from ouhe import engine
from ouhe.engine import running
from ouhe.engine.graphs import named
from ouhe.engine.threads import LOT, Threads
from ouhe.errors import DataError, OuheError, Place, Problem


def double(n: int, times: Counter[int] | None = None) -> tuple[np.ndarray]:
    if times is not None:
        times[n] += 1
    return (np.full(3, 2.0 * n),)


def told(steps: list[tuple[str, int, int]]) -> running.Progress:
    return lambda step, done, total: steps.append((step, done, total))


@contextmanager
def of_threads(count: int) -> Iterator[None]:
    with engine.started() as here:
        here.runner = Threads(count)
        yield


def test_results_come_in_order_and_progress_after_each(tmp_path: Path) -> None:
    def late(n: int) -> tuple[int]:
        time.sleep(0.01 * (n == 0))  # the first is done last
        return (n,)

    steps: list[tuple[str, int, int]] = []
    with engine.started(progress=told(steps)):
        found = engine.collect([dask.delayed(late)(n) for n in range(5)], step="extremes")
    assert [int(a) for (a,) in found] == [0, 1, 2, 3, 4]
    assert steps == [("extremes", done, 5) for done in range(6)]


def test_nothing_to_do_gives_nothing() -> None:
    assert engine.collect([]) == []


def test_the_same_bytes_for_any_number_of_threads() -> None:
    x = dask.array.random.default_rng(1).standard_normal((4000, 7), chunks=(300, 7))
    tasks = [dask.delayed(lambda a: (a.sum(axis=0), a.min()))(block) for block in x.to_delayed().ravel()]
    found = []
    for count in (1, 2, 5):
        with of_threads(count):
            found.append([b"".join(a.tobytes() for a in each) for each in engine.collect(tasks)])
    assert found[0] == found[1] == found[2]


def test_what_tasks_share_is_computed_once() -> None:
    times: Counter[str] = Counter()

    def shared() -> int:
        times["shared"] += 1
        return 5

    five = dask.delayed(shared)()
    found = engine.collect([dask.delayed(lambda a, n: (a + n,))(five, n) for n in range(4)])
    assert [int(a) for (a,) in found] == [5, 6, 7, 8]
    assert times["shared"] == 1


def test_the_same_call_may_stand_there_twice() -> None:
    task = dask.delayed(double)(3)
    (a,), (b,), _ = engine.collect([task, task, dask.delayed(double)(1)])
    assert a.tolist() == b.tolist() == [6.0, 6.0, 6.0]


def test_chunks_are_let_go_as_soon_as_they_are_done() -> None:
    alive: set[int] = set()
    most: list[int] = []

    class Chunk(np.ndarray):
        pass

    def read(n: int) -> Chunk:
        chunk = np.zeros(1000).view(Chunk)
        alive.add(n)
        weakref.finalize(chunk, alive.discard, n)
        most.append(len(alive))
        return chunk

    tasks = [dask.delayed(lambda c: (c[:2],))(dask.delayed(read)(n)) for n in range(60)]
    with of_threads(2):
        found = engine.collect(tasks)
    assert len(found) == 60
    assert max(most) <= 4
    assert not alive


def test_no_more_than_a_lot_of_tasks_is_taken_at_a_time() -> None:
    begun: list[int] = []
    done: list[int] = []

    def supply() -> Iterator[tuple[int, Delayed]]:
        for n in range(LOT + 10):
            begun.append(n)
            yield n, named(dask.delayed(double)(n), "step", n)

    def finished(number: int, _given: object) -> None:
        done.append(number)
        assert len(begun) - len(done) < LOT

    Threads(1).run(supply(), finished)
    assert done == list(range(LOT + 10))  # and in their order, as they lie on the disk


def test_an_error_comes_out_as_it_is_and_the_rest_is_left() -> None:
    problem = Problem("errors.empty_file", Place(file="a.tif", cell="B3"))
    times: Counter[int] = Counter()

    def fail(n: int) -> tuple[int]:
        times[n] += 1
        time.sleep(0.001)
        if n == 3:
            raise DataError(problem)
        return (n,)

    with of_threads(2), pytest.raises(DataError) as caught:
        engine.collect([dask.delayed(fail)(n) for n in range(200)])
    assert caught.value.problems == (problem,)
    assert sum(times.values()) < 50


@pytest.mark.parametrize("given", [3, [1], (object(),), (np.array([None]),)])
def test_a_task_that_gives_something_else_is_a_defect(given: object) -> None:
    with pytest.raises(TypeError, match="a task gives"):
        engine.collect([dask.delayed(lambda: given)()])


def test_tasks_know_that_they_are_and_collect_inside_without_threads_of_their_own() -> None:
    def inner() -> tuple[bool, int]:
        here = threading.get_ident()
        ((same,),) = engine.collect([dask.delayed(lambda: (threading.get_ident() == here,))()])
        return engine.inside_task(), bool(same)

    assert not engine.inside_task()
    assert [bool(a) for a in engine.collect([dask.delayed(inner)()])[0]] == [True, True]
    assert not engine.inside_task()


def test_an_interrupted_run_goes_on_from_there(tmp_path: Path) -> None:
    times: Counter[int] = Counter()
    said: list[str] = []

    def run(stop: int | None) -> list[list[float]]:
        def maybe(n: int) -> tuple[np.ndarray]:
            if n == stop:
                raise KeyboardInterrupt
            return double(n, times)

        steps: list[tuple[str, int, int]] = []
        options = {"workspace": tmp_path / "w", "fingerprint": "f", "announce": lambda p: said.append(p.key)}
        with engine.started(**options, progress=told(steps)):  # type: ignore[arg-type]
            first = engine.collect([dask.delayed(double)(n, times) for n in range(100, 104)], step="extremes")
            second = engine.collect([dask.delayed(maybe)(n) for n in range(20)], step="sums")
        return [a.tolist() for (a,) in [*first, *second]]

    with pytest.raises(KeyboardInterrupt):
        run(10)
    assert (tmp_path / "w" / "journal").exists()
    before = times.copy()
    assert all(before[n] == 1 for n in range(100, 104))
    found = run(None)
    assert found == [[2.0 * n] * 3 for n in [*range(100, 104), *range(20)]]
    assert times[100] == 1
    assert sum(times.values()) <= 24 + 4  # what was under way when it was interrupted may be done again
    assert said == ["engine.goes_on"]
    assert not (tmp_path / "w").exists()


def test_another_fingerprint_begins_anew_and_empties_the_workspace(tmp_path: Path) -> None:
    times: Counter[int] = Counter()
    said: list[Problem] = []

    def run(fingerprint: str, *, fail: bool) -> None:
        with engine.started(workspace=tmp_path / "w", fingerprint=fingerprint, announce=said.append):
            engine.collect([dask.delayed(double)(1, times)])
            if fail:
                (tmp_path / "w" / "chunks").mkdir()
                (tmp_path / "w" / "chunks" / "0").write_bytes(b"old")
                raise OuheError.of("errors.empty_file")

    with pytest.raises(OuheError):
        run("f", fail=True)
    assert (tmp_path / "w" / "chunks" / "0").exists()
    run("g", fail=False)
    assert times[1] == 2
    assert [p.key for p in said] == ["engine.begins_anew"]
    assert not (tmp_path / "w").exists()


def test_two_runs_never_share_a_workspace(tmp_path: Path) -> None:
    with engine.started(workspace=tmp_path / "w"):
        script = f"""
from pathlib import Path
from ouhe import engine
from ouhe.errors import OuheError
try:
    with engine.started(workspace=Path({str(tmp_path / "w")!r})):
        print("in")
except OuheError as error:
    print(error.problems[0].key, error.problems[0].params["process"])
"""
        second = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert second.stdout.split() == ["engine.in_use", str(os.getpid())]
    with engine.started(workspace=tmp_path / "w"):
        pass


def test_what_a_killed_run_held_is_free(tmp_path: Path) -> None:
    script = f"""
import os, signal, dask
from pathlib import Path
from ouhe import engine
def stop(n):
    if n == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return (n,)
with engine.started(workspace=Path({str(tmp_path / "w")!r}), fingerprint="f") as here:
    here.runner = type(here.runner)(1)
    engine.collect([dask.delayed(stop)(n) for n in range(6)])
"""
    killed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert killed.returncode == -9, killed.stderr
    times: Counter[int] = Counter()
    with engine.started(workspace=tmp_path / "w", fingerprint="f"):
        found = engine.collect([dask.delayed(lambda n: (times.update([n]) or n,))(n) for n in range(6)])
    assert [int(a) for (a,) in found] == list(range(6))
    assert sorted(times) == [3, 4, 5]


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(OuheError, match=r"somebody else|他人") as caught, engine.started(workspace=tmp_path):
        pass
    assert caught.value.problems[0].key == "engine.foreign"
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.docx"]


def test_wrong_options_are_told_together() -> None:
    with pytest.raises(OuheError) as caught, engine.started(scheduler="tcp://a:1", workers=0, memory="2"):
        pass
    assert [p.key for p in caught.value.problems] == ["engine.no_size", "engine.either", "engine.few_workers"]


def test_more_workers_than_the_memory_has_room_for_are_refused_before_they_start() -> None:
    with pytest.raises(OuheError) as caught, engine.started(workers=99, memory="2GiB"):
        pass
    (problem,) = caught.value.problems
    assert problem.key == "engine.too_little_fewer"
    assert str(problem.params["needed"]).startswith("38.")


def test_without_distributed_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "find_spec", lambda _name: None)
    with pytest.raises(OuheError) as caught, engine.started(workers=2):
        pass
    assert "ouhe[cluster]" in caught.value.problems[0].message("en")
    with engine.started():  # threads need no more than what is there
        assert engine.current().local
