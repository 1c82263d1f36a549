"""New study folders: the shipped demonstration, and templates with a workbook to fill in."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from ouhe.errors import OuheError, Place, Problem

__all__ = ["demo", "new", "templates"]

_DATA_BLOCK = re.compile(r"^# >>> data\n.*?^# <<< data\n", re.MULTILINE | re.DOTALL)
_DEMO_DATA = "simulated: true\ndata:\n  - {path: panel.csv, layout: long}\n"


def templates() -> tuple[str, ...]:
    """Names of the studies that ship."""
    return tuple(sorted(d.name for d in files("ouhe.studies").iterdir() if (d / "study.yml").is_file()))


def demo(folder: Path, *, study: str = "innovation-productivity") -> Path:
    """Put a shipped study and its panel into `folder`; returns the study file.

    Raises
    ------
    OuheError
        Other files of these names stand there already.
    """
    source = files("ouhe.studies") / study
    text_of_study = _DATA_BLOCK.sub(_DEMO_DATA, (source / "study.yml").read_text("utf-8"))
    _place(folder, {"study.yml": text_of_study.encode(), "panel.csv": (source / "panel.csv").read_bytes()})
    return folder / "study.yml"


def _place(folder: Path, contents: dict[str, bytes]) -> list[Path]:
    """Write files that are not there yet; a file of the same name with other content stops everything."""
    taken = [n for n, c in contents.items() if (folder / n).exists() and (folder / n).read_bytes() != c]
    if taken:
        raise OuheError(*(Problem("output.taken", Place(file=str(folder / name))) for name in taken))
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]
