"""The engine in force: what computes chunked work, how much memory it may take, and where it keeps what is finished."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ouhe.engine import workspace as folder
from ouhe.engine.allocation import keep_freed_memory
from ouhe.engine.graphs import Arrays, named
from ouhe.engine.journal import Journal
from ouhe.engine.machine import available, cores, memory_size, size_told
from ouhe.engine.threads import Threads
from ouhe.errors import OptionError, Problem

if TYPE_CHECKING:
    from dask.delayed import Delayed

    from ouhe.engine.cluster import Cluster
    from ouhe.engine.scheduler import Site

__all__ = ["Announce", "Engine", "Progress", "current", "started"]

Progress = Callable[[str, int, int], None]
Announce = Callable[[Problem], None]

#: Most threads of one process: more of them wait for memory rather than for a core.
MOST_THREADS = 8

#: Bytes beyond which larger chunks make nothing faster.
USEFUL = 2 << 30


class Runner(Protocol):
    """What computes tasks."""

    def run(self, tasks: Iterable[tuple[int, Delayed]], finished: Callable[[int, Arrays], None]) -> None:
        """Compute `tasks`, each with its number, and hand over what each gives as soon as it is there."""


@dataclass(eq=False)
class Engine:
    """What computes chunked work.

    Parameters
    ----------
    runner
        What computes tasks.
    workers
        Worker processes; 0 where this process works itself.
    threads
        Threads of a process that works.
    memory
        Bytes that a process that works may take: all of this one, or each worker.
    local
        Whether all works on this machine.
    workspace
        Folder for what is finished and must outlive an interruption; None for none.
    dashboard
        Address of the page that shows what the workers do; empty where there is none.
    progress, announce
        Told how far a step is; told what a user should know.
    """

    runner: Runner
    workers: int = 0
    threads: int = 1
    memory: int = USEFUL
    local: bool = True
    workspace: Path | None = None
    dashboard: str = ""
    progress: Progress = lambda _step, _done, _total: None
    announce: Announce = lambda _said: None
    _journal: Journal | None = field(default=None, repr=False)

    def resume(self, fingerprint: str) -> bool:
        """Go on from where a run with the same fingerprint was interrupted, from the first collection on.

        Parameters
        ----------
        fingerprint
            All that the results depend on: study, inputs, chunks, versions. What another run left is thrown away, told.

        Returns
        -------
        bool
            Whether there is something to go on from.
        """
        if self.workspace is None:
            return False
        self._close()
        path = self.workspace / folder.JOURNAL
        begun = path.exists()
        self._journal = Journal(path, fingerprint)
        fresh = self._journal.fresh
        if fresh:
            self._close()
            folder.emptied(self.workspace)
            self._journal = Journal(path, fingerprint)
        if begun:
            self.announce(Problem("engine.begins_anew" if fresh else "engine.goes_on"))
        return not fresh

    def collect(self, tasks: Sequence[Delayed], *, step: str) -> list[Arrays]:
        """As :func:`ouhe.engine.collect`."""
        found = self._journal.begin(step, len(tasks)) if self._journal else {}
        self.progress(step, len(found), len(tasks))

        def finished(number: int, given: Arrays) -> None:
            found[number] = given
            if self._journal:
                self._journal.add(number, given)
            self.progress(step, len(found), len(tasks))

        left = [n for n in range(len(tasks)) if n not in found]
        if left:
            name = f"{step}-{uuid.uuid4().hex}"  # no other run on the same cluster has tasks of this name
            self.runner.run(((n, named(tasks[n], name, n)) for n in left), finished)
        return [found[n] for n in range(len(tasks))]

    def restrict(self, threads: int) -> None:
        """Work with no more than so many threads from now on, where this process works itself."""
        if isinstance(self.runner, Threads) and threads < self.threads:
            self.runner, self.threads = Threads(threads), threads

    def _close(self) -> None:
        if self._journal and self.workspace:
            self._journal.close()
            if self._journal.empty:
                (self.workspace / folder.JOURNAL).unlink()
            self._journal = None


_current: ContextVar[Engine | None] = ContextVar("ouhe_engine", default=None)


def current() -> Engine:
    """The engine in force: the one started last, or threads of this process.

    Examples
    --------
    >>> current().workers, current().local
    (0, True)
    """
    return _current.get() or threads_of_this_process(None)


@contextmanager
def started(
    *,
    scheduler: str | None = None,
    workers: int | None = None,
    memory: int | str | None = None,
    workspace: Path | None = None,
    fingerprint: str = "",
    progress: Progress | None = None,
    announce: Announce | None = None,
) -> Iterator[Engine]:
    """Compute everything inside the block on an engine of this kind: threads of this process when nothing is said.

    Parameters
    ----------
    scheduler
        Address of a scheduler of ``dask.distributed``, such as ``tcp://host:8786``. Its workers must see the same
        files under the same paths.
    workers
        Start so many worker processes on this machine instead, with one thread each. They are gone at the end.
    memory
        What the run may take in all, such as ``2GiB``; with a scheduler, what each of its workers may take. Half of
        what the machine has free when left out, and no more than is of use.
    workspace
        Folder in which finished tasks are written down, one run at a time. It goes when the block ends well.
    fingerprint
        All that the results depend on; see :meth:`Engine.resume`, which can be called later as well.
    progress
        Called with a step, how many of its tasks are done and how many there are.
    announce
        Called with what a user should know: where the dashboard is, that an interrupted run goes on.

    Raises
    ------
    OuheError
        An option is wrong; nobody listens at the address; the workspace is in use; an extra is not installed.

    Examples
    --------
    >>> import dask
    >>> from ouhe import engine
    >>> with engine.started(memory="500MiB") as here:
    ...     here.memory, engine.collect([dask.delayed(divmod)(7, 2)])
    (524288000, [(array(3), array(1))])
    """
    size = _checked(scheduler, workers, memory)
    with ExitStack() as stack:
        if workspace is not None:
            stack.enter_context(folder.claimed(workspace))
        engine = _made(stack, scheduler, workers, size, workspace)
        engine.workspace = workspace
        engine.progress = progress or engine.progress
        engine.announce = announce or engine.announce
        if engine.dashboard:
            engine.announce(Problem("engine.dashboard", params={"address": engine.dashboard}))
        stack.callback(engine._close)  # noqa: SLF001 (our own)
        if fingerprint:
            engine.resume(fingerprint)
        token = _current.set(engine)
        try:
            yield engine
        finally:
            _current.reset(token)
        engine._close()  # noqa: SLF001
        if workspace is not None:
            folder.finished(workspace)


def _checked(scheduler: str | None, workers: int | None, memory: int | str | None) -> int | None:
    """The memory asked for, once all options are right; their problems are told together."""
    problems: list[Problem] = []
    size = None
    try:
        size = None if memory is None else memory_size(memory)
    except OptionError as error:
        problems += error.problems
    if scheduler is not None and workers is not None:
        problems.append(Problem("engine.either"))
    if workers is not None and workers < 1:
        problems.append(Problem("engine.few_workers", params={"workers": workers}))
    if (scheduler is not None or workers is not None) and find_spec("distributed") is None:
        problems.append(Problem("engine.no_distributed"))
    if problems:
        raise OptionError(*problems)
    return size


def _each(memory: int, workers: int) -> int:
    """Memory of each of several processes; too many are refused before the machine is full of them."""
    from ouhe.engine.planning import BASE  # plans know engines

    if memory // workers < BASE:
        needed = size_told(-(-BASE * workers // (1 << 26)) << 26)
        raise OptionError.of("engine.too_little_fewer", memory=size_told(memory), needed=needed)
    return memory // workers


def _made(
    stack: ExitStack, scheduler: str | None, workers: int | None, memory: int | None, workspace: Path | None
) -> Engine:
    """An engine of the kind asked for."""
    if scheduler is None and workers is None:
        keep_freed_memory()
        return threads_of_this_process(memory)
    from ouhe.engine import cluster

    opened: AbstractContextManager[tuple[Cluster, Site]]
    if scheduler is not None:
        opened = cluster.connected(scheduler)
    else:
        assert workers is not None
        each = _each(memory or _half(), workers)
        opened = cluster.local(workers, memory=each, scratch=workspace and workspace / folder.SCRATCH)
    runner, site = stack.enter_context(opened)
    limit = min(m for m in (site.memory, memory if scheduler else None) if m) if site.memory or memory else USEFUL
    return Engine(
        runner,
        workers=site.workers,
        threads=site.threads,
        memory=limit,
        local=scheduler is None,
        dashboard=site.dashboard,
    )


def threads_of_this_process(memory: int | None) -> Engine:
    """An engine that works here, with so many bytes of memory."""
    count = min(cores(), MOST_THREADS)
    return Engine(Threads(count), threads=count, memory=memory or min(USEFUL, _half()))


def _half() -> int:
    """Half of the memory that is free, a power of two, so that chunks are cut alike next time."""
    return 1 << (max(available() // 2, 1).bit_length() - 1)
