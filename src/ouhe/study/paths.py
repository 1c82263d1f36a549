"""The files a study names: found from its folder, kept inside it where the run is confined."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path

from ouhe.errors import Place, Problem, did_you_mean

__all__ = ["Folder"]


@dataclass(frozen=True, slots=True)
class Folder:
    """Folder that the paths of a study start from.

    Parameters
    ----------
    path
        The folder.
    confined
        Refuse paths that lead out of it.
    """

    path: Path
    confined: bool = False

    def holds(self, path: Path) -> bool:
        """Whether `path` lies in the folder after every link is followed."""
        return path.resolve().is_relative_to(self.path.resolve())

    def refuses(self, path: Path) -> bool:
        """Whether a confined run must not touch `path`."""
        return self.confined and not self.holds(path)

    def name(self, path: Path) -> str:
        """Path of a file as messages give it."""
        return (path.relative_to(self.path) if path.is_relative_to(self.path) else path).as_posix()

    def files(self, pattern: str, place: Place, *, folders: bool = False) -> tuple[list[Path], list[Problem]]:
        """Files that a path or pattern means, sorted, and what is wrong with it.

        Parameters
        ----------
        pattern
            As the study gives it.
        place
            Where it stands in the study file.
        folders
            Folders may stand there too, such as stores of many files.
        """
        try:
            if self.refuses(self.path / pattern):
                return [], [Problem("gather.outside", place, {"path": pattern})]
            found = self._matching(pattern)
            if not found:
                return [], [Problem("gather.no_file", place, {"path": pattern, "near": self._near(pattern)})]
        except (OSError, ValueError) as error:  # a name no file can have, or a folder that may not be listed
            return [], [Problem("gather.bad_path", place, {"path": pattern[:60], "why": error})]
        if any(self.refuses(f) for f in found):
            return [], [Problem("gather.outside", place, {"path": pattern})]
        there = [f for f in found if f.is_file() or (folders and f.is_dir())]
        return there, [Problem("gather.not_a_file", place, {"path": self.name(f)}) for f in found if f not in there]

    def _matching(self, pattern: str) -> list[Path]:
        literal = self.path / pattern
        if literal.exists():
            return [literal]
        absolute = str(Path(glob.escape(str(self.path))) / pattern)
        return sorted(Path(p) for p in glob.glob(absolute, recursive=True))  # noqa: PTH207 (Path.glob refuses absolute patterns)

    def _near(self, pattern: str) -> str:
        parent = (self.path / pattern).parent
        names = [p.name for p in parent.iterdir()] if parent.is_dir() else []
        return did_you_mean(Path(pattern).name, names)
