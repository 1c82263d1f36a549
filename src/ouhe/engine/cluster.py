"""Run tasks on the workers of ``dask.distributed``: those of a scheduler that exists, or a few processes of our own."""

from __future__ import annotations

import itertools
import logging
import multiprocessing
import signal
import socket
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ouhe.engine.graphs import Arrays, needed
from ouhe.engine.scheduler import Site, looked_at
from ouhe.errors import OuheError

if TYPE_CHECKING:
    from dask.delayed import Delayed

__all__ = ["Cluster", "connected", "local"]

#: Tasks under way for each thread of the workers: one at work, others waiting, so that no thread waits for us.
AHEAD = 3

#: Where the dashboard stands when nobody else has taken the place.
DASHBOARD = 8787

#: What dask does with a worker that has little memory left. Nothing is moved to the disk: our chunks are cut so that
#: they fit, and a run that swaps would rather be told.
CONFIG = {
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": 0.8,
    "distributed.worker.memory.terminate": 0.95,
    "distributed.logging": {"distributed": "critical", "bokeh": "critical", "tornado": "critical"},
    "distributed.comm.timeouts.connect": "5s",
    "distributed.admin.tick.limit": "1h",  # a long step of numpy is no fault of the event loop
}


@dataclass(frozen=True)
class Cluster:
    """Workers of ``dask.distributed``.

    Parameters
    ----------
    client
        Connected to their scheduler.
    threads
        How many tasks they work on at a time.
    """

    client: Any
    threads: int

    def run(self, tasks: Iterable[tuple[int, Delayed]], finished: Callable[[int, Arrays], None]) -> None:
        """Compute `tasks`, each with its number, and hand over what each gives as soon as it is there."""
        from distributed import as_completed

        supply = iter(tasks)
        under_way: dict[Any, int] = {}
        done = as_completed(loop=self.client.loop, with_results=True, raise_errors=False)
        try:
            while True:
                lot = list(itertools.islice(supply, self.threads * AHEAD - len(under_way)))
                for (number, _), future in zip(lot, self._sent(lot), strict=True):
                    under_way[future] = number
                    done.add(future)
                if not under_way:
                    return
                for future, result in done.next_batch():
                    finished(under_way.pop(future), _given(future, result))
        finally:
            with suppress(Exception):  # the scheduler may be gone, and what went wrong before is what is told
                self.client.cancel(list(under_way), force=True)

    def _sent(self, lot: list[tuple[int, Delayed]]) -> list[Any]:
        """Hand tasks to the scheduler, earlier ones to be done first; each is a single one there.

        What it reads stays on the worker that reads it, and is gone when it is done.
        """
        return [
            self.client.submit(_Whole(needed([task]), task.key), key=task.key, priority=-number) for number, task in lot
        ]


@dataclass(frozen=True)
class _Whole:
    """A task with all that it needs, which a worker computes on its own."""

    graph: Mapping[Any, Any]
    key: Any

    def __call__(self) -> Arrays:
        """Compute it, step by step."""
        from dask.local import get_sync

        given: Arrays = get_sync(self.graph, self.key)
        return given


def _given(future: Any, result: Any) -> Arrays:
    """What a task gave; an error of its own as it is, one of the cluster as one that a user understands."""
    from concurrent.futures import CancelledError

    from distributed import KilledWorker

    if future.status == "finished":
        return tuple(result)
    error = future.exception() if future.status == "error" else None
    if isinstance(error, KilledWorker):
        raise OuheError.of("engine.workers_killed") from error
    if error is None or isinstance(error, CancelledError):
        raise OuheError.of("engine.scheduler_lost")
    raise error


@contextmanager
def connected(address: str) -> Iterator[tuple[Cluster, Site]]:
    """Workers of a scheduler that runs already.

    Raises
    ------
    OuheError
        Nobody answers there within ten seconds, or no scheduler, or one of other versions, or one without workers.
    """
    import dask.config
    from distributed import Client

    with dask.config.set(CONFIG), _quiet():
        site = looked_at(address)
        client = Client(address, timeout=5, set_as_default=False, heartbeat_interval=5000)
        try:
            yield Cluster(client, site.workers * site.threads), site
        finally:
            client.close(timeout=5)


@contextmanager
def local(workers: int, *, memory: int, scratch: Path | None) -> Iterator[tuple[Cluster, Site]]:
    """Worker processes of our own, one thread each, reached from this machine alone; gone at the end.

    Parameters
    ----------
    workers
        How many.
    memory
        Bytes that each may take.
    scratch
        Where dask may put files.

    Raises
    ------
    OuheError
        The processes cannot be started.
    """
    import dask.config
    from distributed import Client, LocalCluster

    if getattr(multiprocessing.current_process(), "_inheriting", False):
        # a script that is not guarded runs again in each process that it starts; the first of them tells it
        raise SystemExit(1)
    folder = {"temporary-directory": str(scratch)} if scratch else {}
    with dask.config.set({**CONFIG, **folder}), _quiet():
        options = {"host": "127.0.0.1", "dashboard_address": _dashboard(), "silence_logs": logging.CRITICAL}
        try:
            with _deaf():
                cluster = LocalCluster(n_workers=workers, threads_per_worker=1, memory_limit=memory, **options)
        except RuntimeError as error:
            raise OuheError.of("engine.no_processes") from error
        with cluster, Client(cluster, set_as_default=False) as client:
            dashboard = client.dashboard_link or ""
            yield Cluster(client, workers), Site(workers, 1, memory, dashboard)


@contextmanager
def _deaf() -> Iterator[None]:
    """Start threads and processes that never hear Ctrl-C: this process does, and ends them in good order.

    What is started inherits what its parent is deaf to at that moment; so do workers that are started again later.
    """
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # whoever starts it first hears again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _dashboard() -> str | None:
    """Where a dashboard may stand, reached from this machine alone; None where what draws it is not installed."""
    from importlib.util import find_spec

    if find_spec("bokeh") is None:
        return None
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind(("127.0.0.1", DASHBOARD))
            return f"127.0.0.1:{DASHBOARD}"
    return "127.0.0.1:0"


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what dask's own parts say among themselves from the terminal; they say it in threads of their own."""
    talkers = "distributed", "bokeh", "tornado", "asyncio"
    # some of their parts have levels of their own
    names = {*talkers, *(n for n in logging.root.manager.loggerDict if n.split(".")[0] in talkers)}
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        for package in (*talkers, "dask"):
            warnings.filterwarnings("ignore", module=rf"{package}(\.|$)")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
