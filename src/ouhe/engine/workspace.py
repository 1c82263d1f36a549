"""The folder in which a run keeps what it has finished, one run at a time."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ouhe.errors import OuheError, Place

__all__ = ["JOURNAL", "SCRATCH", "claimed", "emptied", "finished"]

#: Held, and with the number of its process, by the run that is at work.
RUNNING = "running"
JOURNAL = "journal"
#: Byte of the file that is locked where files are locked by bytes.
LOCKED = 1 << 20
#: What dask and its workers put down while they work.
SCRATCH = "scratch"


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold a workspace for this run alone.

    Parameters
    ----------
    folder
        Made where there is none. What an interrupted run left there stays.

    Raises
    ------
    OuheError
        Another run is at work there; it holds files that no run put there; or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / RUNNING).exists() and any(folder.iterdir()):
            raise OuheError.of("engine.foreign", Place(file=str(folder)))
        held = (folder / RUNNING).open("a+b")
    except OSError as error:
        raise OuheError.of("engine.no_workspace", Place(file=str(folder)), why=error.strerror or str(error)) from error
    with held:
        if not _locked(held):
            held.seek(0)
            raise OuheError.of("engine.in_use", Place(file=str(folder)), process=held.read(20).decode() or "?")
        held.truncate(0)
        held.write(str(os.getpid()).encode())
        held.flush()
        try:
            yield
        finally:
            _left(folder)


def emptied(folder: Path) -> None:
    """Remove all that an earlier run left in a claimed workspace."""
    for path in folder.iterdir():
        if path.name == RUNNING:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def finished(folder: Path) -> None:
    """Remove what a complete run needs no more."""
    (folder / JOURNAL).unlink(missing_ok=True)


def _left(folder: Path) -> None:
    """Leave a workspace to the next run; one that holds nothing for it goes."""
    shutil.rmtree(folder / SCRATCH, ignore_errors=True)
    with suppress(OSError):  # elsewhere than on POSIX the held file goes with the next run
        if not any(p.name != RUNNING for p in folder.iterdir()):
            (folder / RUNNING).unlink()
            folder.rmdir()


def _locked(file: BinaryIO) -> bool:
    """Take the lock, which the system gives back however this process ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(LOCKED)  # what is locked there cannot be read, and the number of the process is
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
