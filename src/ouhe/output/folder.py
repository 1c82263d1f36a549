"""An output folder that is whole or absent: written beside its place, then moved into it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ouhe.errors import OuheError, Place

__all__ = ["MARK", "recover", "replaced"]

#: The file that shows a folder to be an output of ours, which may be replaced.
MARK = "run.json"


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write into; at the end it takes the place of `folder`.

    Whatever stood there stays whole until the new folder is complete, also when the program is killed.

    Parameters
    ----------
    folder
        Where the output goes. It may be absent, empty, or an earlier output.

    Raises
    ------
    OuheError
        `folder` holds something that is not an output, or cannot be written.
    """
    folder = folder.absolute()
    _refuse_foreign(folder)
    new = folder.with_name(f".{folder.name}.partial-{os.getpid()}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        recover(folder)
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


def recover(folder: Path) -> None:
    """Put the previous output back, where a program was killed between the two moves of an exchange."""
    old = _old(folder)
    if old.exists():
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(folder)


def _exchange(new: Path, folder: Path) -> None:
    old = _old(folder)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _old(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.previous")


def _refuse_foreign(folder: Path) -> None:
    """Stop before anything that is not ours could be replaced."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise OuheError.of("output.foreign", Place(file=str(folder)))
    if folder.exists() and not folder.is_dir():
        raise OuheError.of("output.not_folder", Place(file=str(folder)))


def _sweep(folder: Path) -> None:
    """Remove what killed runs left; a run that is still alive keeps its own."""
    prefix = f".{folder.name}.partial-"
    for left in folder.parent.iterdir():
        pid = left.name.removeprefix(prefix)
        if left.name.startswith(prefix) and pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


def _alive(pid: int) -> bool:
    if os.name != "posix":  # signal 0 would end the process elsewhere
        return pid != os.getpid()
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != os.getpid()


def _cannot_write(folder: Path, error: OSError) -> OuheError:
    return OuheError.of("output.cannot_write", Place(file=str(folder)), why=error.strerror or str(error))
