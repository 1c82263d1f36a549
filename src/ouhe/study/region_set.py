"""The regions of a study: a built-in set or a file beside it, without those that are left out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from ouhe import regions
from ouhe.errors import OuheError, Problem, placed
from ouhe.read.reading import Source
from ouhe.regions import RegionSet
from ouhe.study.load import StudyFile
from ouhe.study.paths import Folder

__all__ = ["Studied", "studied_regions"]


@dataclass(frozen=True)
class Studied:
    """Regions of a study.

    Parameters
    ----------
    full
        The whole set, by which names are recognised; the study's ``leave_out_rows`` are names of no region.
    kept
        The set without the regions that are left out.
    source
        The file the set came from, None for a built-in set.
    problems
        Regions that the study names and the set does not hold.
    """

    full: RegionSet
    kept: RegionSet
    source: Source | None
    problems: tuple[Problem, ...]


def studied_regions(file: StudyFile, folder: Folder) -> Studied:
    """Regions of a study.

    Raises
    ------
    OuheError
        The set cannot be had.
    """
    with placed(file.document.place("regions", "set")):
        full, source = _set(file.study.regions.set, folder)
    full = full.setting_aside(file.study.leave_out_rows)
    aliases = full.check_aliases(file.study.region_aliases)
    problems = [replace(p, place=file.document.place("region_aliases", str(p.params["alias"]))) for p in aliases]
    for name in file.study.regions.without:
        if name not in full.ids:
            place = file.document.place("regions", "without")
            problems.append(Problem("gather.unknown_region", place, {"region": name, "near": full.nearest(name)}))
    kept = full.without(file.study.regions.without) if file.study.regions.without else full
    return Studied(full, kept, source, tuple(problems))


def _set(name: str, folder: Folder) -> tuple[RegionSet, Source | None]:
    """A built-in set, or a file in the study's folder; no other folder is ever looked into."""
    if name in regions.builtin():
        return regions.load(name), None
    path = folder.path / name
    if folder.refuses(path):
        raise OuheError.of("gather.outside", path=name)
    if not path.is_file():
        regions.unknown(name)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return regions.from_file(path), Source(folder.name(path), digest, layout="regions")
