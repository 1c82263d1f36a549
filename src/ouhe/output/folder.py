"""An output folder that is whole or absent: written beside its place, then moved into it."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ouhe.errors import OuheError, Place, Problem

__all__ = ["PARTIAL", "RECORD", "contents", "present", "replaced"]

#: The file that shows a folder to be an output of ours, and lists what we put into it under ``files``.
RECORD = "run.json"

#: Ending of files that a killed program may leave half-written in an output.
PARTIAL = ".partial"

#: Age in seconds at which a folder of an unfinished run is taken for abandoned, where that cannot be asked.
ABANDONED = 86400


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write into; at the end it takes the place of `folder`.

    Whatever stood there stays whole until the new folder is complete, also when the program is killed.

    Parameters
    ----------
    folder
        Where the output goes. It may be absent, empty, or an earlier output to which nothing was added.

    Raises
    ------
    OuheError
        `folder` holds something that is not an output, or cannot be written.
    """
    folder = folder.resolve()
    new = folder.with_name(f".{folder.name}.partial-{os.getpid()}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _recover(folder)
        _refuse_foreign(folder)
        _sweep(folder)
        new.mkdir()
    except OSError as error:
        raise _cannot_write(folder, error) from error
    try:
        yield new
        _exchange(new, folder)
    except OSError as error:
        raise _cannot_write(folder, error) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def contents(folder: Path) -> list[str]:
    """Files of a folder, as paths with ``/``, sorted."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def present(folder: Path) -> Path:
    """Where the output of `folder` lies: there, or beside it, where a program was killed between two moves."""
    folder = folder.resolve()
    return _previous(folder) if not folder.exists() and _previous(folder).exists() else folder


def _exchange(new: Path, folder: Path) -> None:
    previous = _previous(folder)
    if folder.exists():
        folder.rename(previous)
    try:
        new.rename(folder)
    except OSError:
        if previous.exists():
            previous.rename(folder)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def _previous(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.previous")


def _recover(folder: Path) -> None:
    """Put the previous output back, where a program was killed between the two moves of an exchange."""
    previous = _previous(folder)
    if previous.exists():
        if folder.exists():
            shutil.rmtree(previous, ignore_errors=True)
        else:
            previous.rename(folder)


def _refuse_foreign(folder: Path) -> None:
    """Stop before anything that is not ours could be replaced."""
    if folder.exists() and not folder.is_dir():
        raise OuheError.of("output.not_folder", Place(file=str(folder)))
    found = contents(folder) if folder.is_dir() else []
    if not found:
        return
    try:
        ours = json.loads((folder / RECORD).read_text("utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        raise OuheError.of("output.foreign", Place(file=str(folder))) from None
    added = [f for f in found if f not in ours and f != RECORD and not f.endswith(PARTIAL)]
    if added:
        raise OuheError(*(Problem("output.added", Place(file=str(folder / f))) for f in added))


def _sweep(folder: Path) -> None:
    """Remove what killed runs left; a run that is still alive keeps its own."""
    prefix = f".{folder.name}.partial-"
    for left in folder.parent.iterdir():
        pid = left.name.removeprefix(prefix)
        if left.name.startswith(prefix) and pid.isdigit() and not _alive(int(pid), left):
            shutil.rmtree(left, ignore_errors=True)


def _alive(pid: int, folder: Path) -> bool:
    """Whether the run that writes `folder` may still go on."""
    if os.name != "posix":  # signal 0 would end the process elsewhere
        return time.time() - folder.stat().st_mtime < ABANDONED
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != os.getpid()


def _cannot_write(folder: Path, error: OSError) -> OuheError:
    return OuheError.of("output.cannot_write", Place(file=str(folder)), why=error.strerror or str(error))
