"""What was written into an output, by its SHA-256, so that what somebody changed since is kept and not replaced."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import warnings
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Self

from ouhe.errors import OuheWarning

__all__ = ["PARTIAL", "RECORD", "Written", "as_json", "carry", "contents", "digests", "put", "relative", "replace"]

#: The file that shows a folder to be an output of ours, and lists what we put into it under ``files``.
RECORD = "run.json"

#: Ending of files that a killed program may leave half-written in an output.
PARTIAL = ".partial"

#: Bytes above which a file is listed without its digest, which would take longer than many a study.
LARGEST = 256 * 2**20

#: Files that file managers put into every folder somebody looks at.
DROPPED = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


@dataclass(frozen=True)
class Written:
    """What the record of an output says of its files.

    Parameters
    ----------
    files
        Path in the folder, with ``/`` → SHA-256 of what was written there; "" where that was not noted. A path that
        ends with ``/`` stands for everything below it.
    kept
        Files that are somebody's own: changed after they were written, or added, and kept beside ours.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()

    @classmethod
    def of(cls, folder: Path) -> Self:
        """The record of a folder.

        Raises
        ------
        OSError, ValueError, KeyError, TypeError
            There is none, or it is none of ours.
        """
        record = json.loads((folder / RECORD).read_text("utf-8"))
        files = record["files"]
        return cls(dict(files) if isinstance(files, dict) else dict.fromkeys(files, ""), tuple(record.get("kept", ())))

    def foreign(self, folder: Path) -> list[str]:
        """Files in the folder that we did not write, and that are not kept already."""
        known = {*self.files, *self.kept, RECORD}
        stores = tuple(f for f in self.files if f.endswith("/"))
        others = (f for f in contents(folder) if f not in known and not f.startswith(stores))
        return [f for f in others if not f.endswith(PARTIAL)]

    def changed(self, folder: Path) -> list[str]:
        """Files of ours that are no longer as we wrote them."""
        here = {f: self.files[f] for f in contents(folder) if self.files.get(f)}
        return [f for f, digest in here.items() if _digest(folder / f) != digest]


def contents(folder: Path) -> list[str]:
    """Files of a folder, as paths with ``/``, sorted; without those that file managers leave."""
    files = (p for p in folder.rglob("*") if p.name not in DROPPED and p.is_file())
    return sorted(p.relative_to(folder).as_posix() for p in files)


def digests(folder: Path, *, stores: Collection[str] = ()) -> dict[str, str]:
    """SHA-256 of every file of a folder, but for its record.

    Parameters
    ----------
    folder
        The folder.
    stores
        Folders in it, with ``/`` at the end, that hold one value in many files: each is listed as a whole, with "".

    Returns
    -------
    dict of str to str
        Path → digest; "" also for a file of more than :data:`LARGEST` bytes.
    """
    held = {f: next((s for s in stores if f.startswith(s)), "") for f in contents(folder) if f != RECORD}
    found = {
        store or f: "" if store or (folder / f).stat().st_size > LARGEST else _digest(folder / f)
        for f, store in held.items()
    }
    return dict(sorted(found.items()))


def as_json(record: Mapping[str, Any]) -> bytes:
    """A record as it is written; the same record gives the same bytes."""
    return (json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def relative(path: Path | None, target: Path) -> str:
    """Path of the study file from its output folder, for the report to find what the study names; "" for none."""
    with suppress(ValueError):  # on another drive
        return Path(os.path.relpath(path, target)).as_posix() if path else ""
    return ""


def carry(old: Path, new: Path) -> None:
    """Copy what is somebody's own in an output into the one that takes its place, under a new name where it is ours.

    Parameters
    ----------
    old
        The earlier output. What was changed or added there since it was written is told and kept.
    new
        The new output, complete; its record gets the list of what is kept.
    """
    written, taken = Written.of(old), {*contents(old), *contents(new)}
    changed, added = written.changed(old), written.foreign(old)
    own = [f for f in (*written.kept, *added) if (old / f).is_file()]
    names: dict[str, str] = {}
    for f in (*own, *changed):
        names[f] = f if f in own and not (new / f).exists() else _beside(f, taken)
        taken.add(names[f])
    if not names:
        return
    for f, name in names.items():
        _copy(old / f, new / name)
    record = json.loads((new / RECORD).read_text("utf-8"))
    put(as_json(record | {"kept": sorted(names.values())}), new / RECORD)
    _tell("output.kept", {f: names[f] for f in changed})
    _tell("output.kept_added", {f: names[f] for f in added})


def replace(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder; what somebody changed there is kept beside them.

    In an output of ours its record lists them before they are there, so that the next run may replace them wherever
    the program is killed. In another folder nobody knows who wrote what stands there, so that all that differs is kept.

    Parameters
    ----------
    folder
        The folder, which exists.
    files
        Path in it, with ``/`` → content.
    """
    try:
        written, ours = Written.of(folder), True
    except (OSError, ValueError, KeyError, TypeError):
        written, ours = Written(), False
    taken = {*contents(folder), *files} if ours else {p.name for p in folder.iterdir()} | {*files}
    kept: dict[str, str] = {}
    for name, content in files.items():
        if _is_own(folder / name, content, written.files.get(name), ours=ours):
            kept[name] = _beside(name, taken)
            taken.add(kept[name])
    if ours:
        record = json.loads((folder / RECORD).read_text("utf-8"))
        listed = dict(written.files) | {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        own = sorted({*written.kept, *kept.values()})
        put(as_json(record | {"files": dict(sorted(listed.items())), "kept": own}), folder / RECORD)
    for name, beside in kept.items():
        _copy(folder / name, folder / beside)
    for name, content in files.items():
        put(content, folder / name)
    _tell("output.kept" if ours else "output.kept_other", kept)


def put(content: bytes, path: Path) -> None:
    """Write a file whole or not at all; one written at the same time by another program is as whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL}")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _is_own(path: Path, content: bytes, noted: str | None, *, ours: bool) -> bool:
    """Whether what stands at a path is somebody's own, and would be lost."""
    if not path.is_file() or (ours and noted == ""):
        return False
    here = _digest(path)
    return here not in (noted, hashlib.sha256(content).hexdigest())


def _beside(file: str, taken: Collection[str]) -> str:
    """``report.kept-1.docx`` for ``report.docx``; the first number that is free."""
    path, number = PurePosixPath(file), 1
    while (name := path.with_name(f"{path.stem}.kept-{number}{path.suffix}").as_posix()) in taken:
        number += 1
    return name


def _copy(source: Path, target: Path) -> None:
    """A copy that is whole or absent, with the time at which its content was made."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}{PARTIAL}")
    try:
        shutil.copy2(source, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _tell(key: str, kept: Mapping[str, str]) -> None:
    for file, name in kept.items():
        warnings.warn(OuheWarning.of(key, file=file, kept=name), stacklevel=4)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
