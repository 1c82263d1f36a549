"""An output folder that is whole or absent: written beside its place, then moved into it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ouhe.errors import OuheError, Place, Problem
from ouhe.output.written import Written, carry, contents

__all__ = ["present", "replaceable", "replaced"]

#: Age in seconds at which a folder of an unfinished run is taken for abandoned, where that cannot be asked.
ABANDONED = 86400


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write into; at the end it takes the place of `folder`.

    Whatever stood there stays whole until the new folder is complete, also when the program is killed. What somebody
    changed there since we wrote it, until the very end, is kept in the new folder.

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
        _ready(folder)
        new.mkdir()
    except OSError as error:
        raise _cannot_write(folder, error) from error
    try:
        yield new
        if _ours(folder) is not None:
            carry(folder, new)
        _exchange(new, folder)
    except OSError as error:
        raise _cannot_write(folder, error) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def replaceable(folder: Path) -> None:
    """Stop before a long run what :func:`replaced` would stop at its end.

    Parameters
    ----------
    folder
        Where the output is to go.

    Raises
    ------
    OuheError
        `folder` holds something that is not an output, or cannot be written.
    """
    folder = folder.resolve()
    try:
        _ready(folder)
    except OSError as error:
        raise _cannot_write(folder, error) from error


def present(folder: Path) -> Path:
    """Where the output of `folder` lies: there, or beside it, where a program was killed between two moves."""
    folder = folder.resolve()
    return _previous(folder) if not folder.exists() and _previous(folder).exists() else folder


def _ready(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    _recover(folder)
    _refuse_foreign(folder)
    _sweep(folder)


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
    written = _ours(folder)
    added = written.foreign(folder) if written else []
    if added:
        raise OuheError(*(Problem("output.added", Place(file=str(folder / f))) for f in added))


def _ours(folder: Path) -> Written | None:
    """What the record of an earlier output says; None where there is nothing yet."""
    if not (folder.is_dir() and contents(folder)):
        return None
    try:
        return Written.of(folder)
    except (OSError, ValueError, KeyError, TypeError):
        raise OuheError.of("output.foreign", Place(file=str(folder))) from None


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
