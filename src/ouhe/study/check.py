"""Everything of a study read and checked, nothing computed; all problems together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ouhe import text
from ouhe.errors import OuheError, Problem, StudyError
from ouhe.panel import Status
from ouhe.study.gather import Gathered, Progress, gather, silent
from ouhe.study.grouping import Grouping, grouping
from ouhe.study.load import StudyFile, load
from ouhe.study.prepare import Prepared, prepare
from ouhe.study.questions import unanswerable
from ouhe.study.space import Located, locate

if TYPE_CHECKING:
    from ouhe.study.raster.check import RasterChecked

__all__ = ["Checked", "check", "check_panel"]

#: Sheets that a summary names one by one.
MOST_SHOWN = 20


@dataclass(frozen=True, eq=False)
class Checked:
    """A study whose data were read and checked, ready to be computed."""

    file: StudyFile
    gathered: Gathered
    grouping: Grouping
    prepared: Prepared
    located: Located

    @property
    def outside(self) -> tuple[str, ...]:
        """Files that were read from outside the study's folder."""
        return tuple(dict.fromkeys((*self.gathered.outside, *self.located.outside)))

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What a reader must know, found so far."""
        return (*self.prepared.warnings, *self.located.warnings)

    def summary(self) -> str:
        """What was found, in a few lines of the current language."""
        study, x, data = self.file.study, self.prepared.x, self.prepared.data
        first, last = int(x["year"].min()), int(x["year"].max())
        said: dict[str, Any] = {"title": study.title, "first": first, "last": last, "systems": len(study.systems)}
        sizes: dict[str, Any] = {
            "regions": x.sizes["region"],
            "years": x.sizes["year"],
            "indicators": x.sizes["indicator"],
        }
        lines = [text.t("cli.checked_study", **said, **sizes)]
        lines += [text.t("cli.checked_source", place=s.place(), layout=s.layout) for s in data.sources[:MOST_SHOWN]]
        if len(data.sources) > MOST_SHOWN:
            files = len({s.file for s in data.sources})
            lines.append(text.t("cli.checked_more", more=len(data.sources) - MOST_SHOWN, files=files))
        counts: dict[str, Any] = {s.name.lower(): int((data.values["status"] == s).sum()) for s in Status}
        lines.append(text.t("cli.checked_counts", left_out=len(data.left_out), **counts))
        return "\n".join([*lines, text.t("cli.checked_fine")])


def check(
    study: str | Path | StudyFile,
    *,
    settings: Sequence[str] = (),
    confined: bool = False,
    progress: Progress = silent,
    problems: Sequence[Problem] = (),
) -> Checked | RasterChecked:
    """Read and check everything of a study, compute nothing; of rasters, all that their metadata tell.

    Parameters
    ----------
    study
        The study file, or a loaded one.
    settings
        ``key.path=value`` settings laid over the file.
    confined
        Refuse paths that lead out of the study's folder.
    progress
        Called with a step, how much of it is done and how much there is.
    problems
        What the caller found wrong before, to be told with the rest.

    Raises
    ------
    OuheError
        With all problems of the study and its data together.
    """
    file = study if isinstance(study, StudyFile) else load(study, settings=settings)
    if file.study.of_rasters:
        from ouhe.study.raster.check import check_raster

        return check_raster(file, confined=confined, progress=progress, problems=problems)
    return check_panel(file, confined=confined, progress=progress, problems=problems)


def check_panel(
    file: StudyFile, *, confined: bool = False, progress: Progress = silent, problems: Sequence[Problem] = ()
) -> Checked:
    """Read and check everything of a study of regions; parameters and errors as in :func:`check`."""
    try:
        gathered = gather(file, confined=confined, progress=progress)
    except OuheError as error:
        raise StudyError(*problems, *file.problems, *error.problems) from error
    groups = grouping(file, gathered.regions)
    found = [*problems, *gathered.problems, *groups.problems, *unanswerable(file, len(gathered.regions))]
    try:
        prepared = prepare(file, gathered, groups)
    except OuheError as error:
        raise StudyError(*found, *error.problems) from error
    located = locate(file, gathered.regions, prepared.data.values["value"], confined=confined)
    found += [*prepared.problems, *located.problems]
    if found:
        raise StudyError(*found)
    alone = [r for r in gathered.regions.ids if groups.group_of and r not in groups.group_of]
    if alone:
        said = text.t("labels.comma").join(gathered.regions.label(r) for r in alone)
        warning = Problem("prepare.no_group", file.document.place("groups"), {"regions": said})
        prepared = replace(prepared, warnings=(*prepared.warnings, warning))
    data = replace(prepared.data, sources=(*prepared.data.sources, *located.sources))
    return Checked(file, gathered, groups, replace(prepared, data=data), located)
