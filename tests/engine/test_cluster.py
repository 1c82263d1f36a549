from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import dask
import dask.array
import numpy as np
import pytest
from dask.delayed import Delayed

from ouhe import engine
from ouhe.engine import cluster, scheduler
from ouhe.engine.graphs import Arrays
from ouhe.engine.running import Engine
from ouhe.errors import DataError, OuheError, Place, Problem


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    said: list[Problem] = []
    with engine.started(
        workers=2, memory="1GiB", workspace=tmp_path_factory.mktemp("c") / "w", announce=said.append
    ) as here:
        assert said == [Problem("engine.dashboard", params={"address": here.dashboard})]
        yield here


def on_threads(tasks: list[Delayed]) -> list[Arrays]:
    with engine.started():
        return engine.collect(tasks)


def keys(error: pytest.ExceptionInfo[OuheError]) -> list[str]:
    return [p.key for p in error.value.problems]


def test_workers_are_as_asked_for_and_reached_from_here_alone(two_workers: Engine) -> None:
    assert (two_workers.workers, two_workers.threads, two_workers.memory) == (2, 1, 1 << 29)
    assert two_workers.local
    assert "//127.0.0.1:" in two_workers.dashboard
    told = two_workers.runner.client.scheduler_info()
    assert told["address"].startswith("tcp://127.0.0.1:")
    for worker in told["workers"].values():
        assert worker["memory_limit"] == 1 << 29
        assert Path(worker["local_directory"]).is_relative_to(two_workers.workspace)


def test_the_same_bytes_as_on_threads_and_the_same_progress(two_workers: Engine) -> None:
    x = dask.array.random.default_rng(1).standard_normal((4000, 7), chunks=(300, 7))
    tasks = [
        dask.delayed(lambda a: (a.sum(axis=0), a.min(), engine.inside_task(), os.getpid()))(block)
        for block in (x * 2).to_delayed().ravel()
    ]
    steps: list[tuple[str, int, int]] = []
    two_workers.progress = lambda *step: steps.append(step)
    there = two_workers.collect(tasks, step="sums")
    here = on_threads(tasks)
    assert steps == [("sums", done, 14) for done in range(15)]
    for (a, b, inside, process), (c, d, _, own) in zip(there, here, strict=True):
        assert (a.tobytes(), b.tobytes(), bool(inside)) == (c.tobytes(), d.tobytes(), True)
        assert process != own


def test_an_error_of_a_task_comes_out_as_it_is(two_workers: Engine) -> None:
    problem = Problem("errors.empty_file", Place(file="a.tif", cell="B3"))

    def fail(n: int) -> tuple[int]:
        if n == 3:
            raise DataError(problem)
        return (n,)

    with pytest.raises(DataError) as caught:
        two_workers.collect([dask.delayed(fail)(n) for n in range(50)], step="sums")
    assert caught.value.problems == (problem,)
    assert [int(a) for (a,) in two_workers.collect([dask.delayed(lambda: (1,))()], step="sums")] == [1]


def test_no_more_is_sent_than_is_needed_to_keep_them_busy(two_workers: Engine) -> None:
    under_way: list[int] = []
    begun: list[int] = []
    done: list[int] = []

    class Watched(list):  # type: ignore[type-arg]
        def __getitem__(self, n):  # type: ignore[no-untyped-def]
            begun.append(n)
            return super().__getitem__(n)

    def progress(_step: str, finished: int, _total: int) -> None:
        done.append(finished)
        under_way.append(len(begun) - finished)

    two_workers.progress = progress
    found = two_workers.collect(Watched([dask.delayed(lambda n: (n,))(n) for n in range(60)]), step="sums")
    assert [int(a) for (a,) in found] == list(range(60))
    assert max(under_way) <= 2 * cluster.AHEAD


def test_a_worker_that_is_killed_changes_nothing(two_workers: Engine, tmp_path: Path) -> None:
    mark = tmp_path / "killed"

    def once(n: int) -> tuple[np.ndarray]:
        if n == 4 and not mark.exists():
            mark.write_text("")
            os.kill(os.getpid(), signal.SIGKILL)
        return (np.arange(5) / (n + 3),)

    tasks = [dask.delayed(once)(n) for n in range(12)]
    there = two_workers.collect(tasks, step="sums")
    assert mark.exists()
    here = on_threads(tasks)
    assert [a.tobytes() for (a,) in there] == [a.tobytes() for (a,) in here]


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("nonsense", "engine.no_address"),
        ("", "engine.no_address"),
        ("tcp://127.0.0.1", "engine.no_address"),
        ("127.0.0.1:8786", "engine.no_address"),
        ("tcp://127.0.0.1:99999", "engine.no_address"),
        ("http://127.0.0.1:8787", "engine.no_scheme"),
        ("tpc://127.0.0.1:8787", "engine.no_scheme"),
    ],
)
def test_what_can_be_no_address_is_told_at_once(address: str, key: str) -> None:
    with pytest.raises(OuheError) as caught:
        scheduler.looked_at(address)
    assert keys(caught) == [key]


@pytest.fixture
def listener() -> Iterator[tuple[str, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}", server


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is, but for how long is waited, so that the tests do not wait as long as users would."""
    monkeypatch.setattr(scheduler, "ANSWER", 0.6)
    monkeypatch.setattr(scheduler, "WORKERS", 0.2)


def test_ten_seconds_are_enough() -> None:
    assert scheduler.ANSWER + scheduler.WORKERS + 1 <= 9


@pytest.mark.usefixtures("impatient")
def test_nobody_listens(listener: tuple[str, socket.socket]) -> None:
    address, server = listener
    server.close()
    with pytest.raises(OuheError) as caught, engine.started(scheduler=address):
        pass
    assert keys(caught) == ["engine.nobody"]
    assert address in caught.value.problems[0].message("zh")


@pytest.mark.usefixtures("impatient")
def test_somebody_listens_and_never_says_a_word(listener: tuple[str, socket.socket]) -> None:
    with pytest.raises(OuheError) as caught, engine.started(scheduler=listener[0]):
        pass
    assert keys(caught) == ["engine.nobody"]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("word", [b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", bytes(64), b""])
def test_somebody_speaks_another_language(listener: tuple[str, socket.socket], word: bytes) -> None:
    address, server = listener

    def answer() -> None:
        while True:
            try:
                talk, _ = server.accept()
            except OSError:
                return
            with talk:
                talk.sendall(word)

    threading.Thread(target=answer, daemon=True).start()
    with pytest.raises(OuheError) as caught, engine.started(scheduler=address):
        pass
    assert keys(caught)[0] in {"engine.nobody", "engine.no_scheduler"}
    server.shutdown(socket.SHUT_RDWR)


def test_workers_of_a_scheduler_that_runs_already(two_workers: Engine) -> None:
    address = two_workers.runner.client.scheduler.address
    two_workers.runner.client.wait_for_workers(2, timeout=60)  # one that was killed may be on its way back
    said: list[Problem] = []
    with engine.started(scheduler=address, memory="100MB", announce=said.append) as here:
        assert (here.workers, here.threads, here.memory, here.local) == (2, 1, 100_000_000, False)
        assert here.runner.threads == 2  # both are kept busy
        found = engine.collect([dask.delayed(lambda n: (n,))(n) for n in range(4)])
    assert [int(a) for (a,) in found] == [0, 1, 2, 3]
    assert [p.key for p in said] == ["engine.dashboard"]
    assert here.dashboard.removesuffix("/status") == two_workers.dashboard.removesuffix("/status")


def test_a_worker_is_no_scheduler(two_workers: Engine) -> None:
    worker = next(iter(two_workers.runner.client.scheduler_info()["workers"]))
    with pytest.raises(OuheError) as caught, engine.started(scheduler=worker):
        pass
    assert keys(caught) == ["engine.no_scheduler"]


def test_other_versions_there_are_told_all_at_once(two_workers: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    here = {**scheduler._versions(), "ouhe": "99.1.2", "distributed": "1.2.3"}
    monkeypatch.setattr(scheduler, "_versions", lambda: here)
    with pytest.raises(OuheError) as caught, engine.started(scheduler=two_workers.runner.client.scheduler.address):
        pass
    assert keys(caught) == ["engine.other_version"] * 2
    said = str(caught.value)
    assert "99.1.2" in said
    assert "1.2.3" in said


def test_a_cluster_of_our_own_leaves_nothing_behind_and_says_nothing(tmp_path: Path) -> None:
    script = f"""
import os, signal, time
from pathlib import Path
import dask
from ouhe import engine
def main():
    place = Path({str(tmp_path / "w")!r})
    with engine.started(workers=1, memory="400MiB", workspace=place, fingerprint="f"):
        (pid,), = engine.collect([dask.delayed(lambda: (os.getpid(),))()])
        print(int(pid), flush=True)
        os.killpg(0, signal.SIGINT)  # what a terminal does
        engine.collect([dask.delayed(lambda: (time.sleep(60) or 1,))()])
if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("interrupted")
"""
    (tmp_path / "run.py").write_text(script)
    ran = subprocess.run(
        [sys.executable, tmp_path / "run.py"], capture_output=True, text=True, check=False, start_new_session=True
    )
    worker, last = ran.stdout.split()
    assert (last, ran.stderr) == ("interrupted", "")
    with pytest.raises(ProcessLookupError):
        os.kill(int(worker), 0)
    assert sorted(p.name for p in (tmp_path / "w").iterdir()) == ["journal", "running"]


def test_a_script_that_runs_again_in_its_workers_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_started(**_: object) -> None:
        raise RuntimeError("Nanny failed to start.")

    # in the first process
    monkeypatch.setattr("distributed.LocalCluster", none_started)
    with pytest.raises(OuheError) as caught, engine.started(workers=1):
        pass
    assert keys(caught) == ["engine.no_processes"]
    # in those that it starts, while they run the script again
    monkeypatch.setattr(multiprocessing.current_process(), "_inheriting", True, raising=False)
    with pytest.raises(SystemExit), engine.started(workers=1):
        pass
