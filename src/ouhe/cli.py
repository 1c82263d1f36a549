"""The command line: a door to :mod:`ouhe.output`, without a formula of its own.

Heavy modules are imported inside the commands, so that ``ouhe --help`` answers at once.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ouhe import __version__, templates, text
from ouhe.errors import OuheError, Problem
from ouhe.study import formats

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["main"]

DONE, WRONG, USAGE, INTERNAL = 0, 1, 2, 3


def _t(name: str) -> str:
    return text.t(f"cli.{name}")


def _language_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--lang", type=click.Choice(text.LANGUAGES), help=_t("lang"), expose_value=False, is_eager=True
    )(function)


def _set_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help=_t("set"))(function)


def _confined_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--confined", is_flag=True, help=_t("confined"))(function)


def _quiet_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--quiet", "-q", is_flag=True, help=_t("quiet"))(function)


def commands() -> click.Group:
    """All commands, their help in the current language."""

    @click.group(help=_t("ouhe"), context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
    @click.version_option(__version__, "--version", help=_t("version"))
    @_language_option
    def ouhe() -> None:
        pass

    ouhe.add_command(_demo())
    ouhe.add_command(_new())
    ouhe.add_command(_check())
    ouhe.add_command(_run())
    ouhe.add_command(_report())
    ouhe.add_command(_audit())
    ouhe.add_command(_regions())
    return ouhe


def _demo() -> click.Command:
    default, studies = templates.DEFAULT, click.Choice([*templates.shipped(), templates.GRID])

    @click.command("demo", help=_t("demo"))
    @click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
    @click.option("--study", type=studies, default=default, show_default=True, help=_t("demo_study"))
    @click.option("--cells", type=click.IntRange(min=1), help=_t("demo_cells"))
    @click.option("--data", "form", type=click.Choice(["zarr", "geotiff"]), help=_t("demo_data"))
    @_quiet_option
    @_language_option
    def demo(folder: Path | None, study: str, cells: int | None, form: Any, *, quiet: bool) -> None:
        from ouhe.output import national_grid, scaffold

        folder = folder or Path("ouhe-demo" if study == default else f"ouhe-demo-{study}")
        if study == templates.GRID:
            with _progress(quiet=quiet) as progress:
                size = cells or national_grid.CELLS
                file = national_grid.national_grid(folder, cells=size, form=form or "zarr", progress=progress)
        elif cells or form:
            raise click.UsageError(_t("demo_not_grid"))
        else:
            file = scaffold.demo(folder, study=study)
        _run_study(file, None, (), confined=False, quiet=quiet)

    return demo


def _new() -> click.Command:
    @click.command("new", help=_t("new"))
    @click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
    @click.option("--template", default="innovation-productivity", show_default=True, help=_t("template"))
    @_language_option
    def new(folder: Path, template: str) -> None:
        from ouhe.output import scaffold

        made = scaffold.new(folder, template=template, lang=text.current())
        for path in made:
            click.echo(text.t("cli.made", path=path))
        click.echo(text.t("cli.new_next", folder=folder))

    return new


def _check() -> click.Command:
    @click.command("check", help=_t("check"))
    @click.argument("study", type=click.Path(path_type=Path))
    @_set_option
    @_confined_option
    @_quiet_option
    @_language_option
    def check(study: Path, settings: tuple[str, ...], *, confined: bool, quiet: bool) -> None:
        from ouhe.output import checked as read_and_check

        with _progress(quiet=quiet) as progress:
            checked = read_and_check(study, settings=settings, confined=confined, progress=progress)
        if not quiet:
            click.echo(checked.summary())
        _warn(checked.warnings)

    return check


def _run() -> click.Command:
    @click.command("run", help=_t("run"))
    @click.argument("study", type=click.Path(path_type=Path))
    @click.option("--out", type=click.Path(path_type=Path, file_okay=False), help=_t("out"))
    @_set_option
    @_confined_option
    @click.option("--scheduler", metavar="ADDRESS", help=_t("scheduler"))
    @click.option("--workers", type=click.IntRange(min=1), metavar="N", help=_t("workers"))
    @click.option("--memory", metavar="SIZE", help=_t("memory"))
    @_quiet_option
    @_language_option
    def run(
        study: Path,
        out: Path | None,
        settings: tuple[str, ...],
        *,
        confined: bool,
        scheduler: str | None,
        workers: int | None,
        memory: str | None,
        quiet: bool,
    ) -> None:
        engine = {"scheduler": scheduler, "workers": workers, "memory": memory}
        _run_study(study, out, settings, confined=confined, quiet=quiet, engine=engine)

    return run


def _report() -> click.Command:
    @click.command("report", help=_t("report"))
    @click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
    @click.option("--lang", type=click.Choice(text.LANGUAGES), help=_t("report_lang"))
    @click.option("--format", "wanted", type=click.Choice(formats.REPORTS), multiple=True, help=_t("report_format"))
    @click.option("--templates", type=click.Path(path_type=Path, file_okay=False), help=_t("report_templates"))
    @click.option("--to", type=click.Path(path_type=Path, file_okay=False), help=_t("report_to"))
    @_quiet_option
    def report(
        folder: Path,
        *,
        lang: text.Lang | None,
        wanted: tuple[str, ...],
        templates: Path | None,
        to: Path | None,
        quiet: bool,
    ) -> None:
        from ouhe.errors import heard
        from ouhe.output import write_report

        with _progress(quiet=quiet) as progress, heard() as told:
            made = write_report(folder, lang=lang, formats=wanted, templates=templates, to=to, progress=progress)
        if not quiet:
            for path in made:
                click.echo(text.t("cli.made", path=path))
        _warn(tuple(told))

    return report


def _audit() -> click.Command:
    @click.command("audit", help=_t("audit"))
    @click.argument("paper", type=click.Path(path_type=Path), required=False)
    @click.option("--example", is_flag=True, help=_t("audit_example"))
    @click.option("--out", type=click.Path(path_type=Path, file_okay=False), help=_t("audit_out"))
    @click.option("--lang", type=click.Choice(text.LANGUAGES), help=_t("audit_lang"))
    @click.option("--format", "wanted", type=click.Choice(formats.AUDITS), multiple=True, help=_t("audit_format"))
    @_quiet_option
    def audit(
        paper: Path | None,
        *,
        example: bool,
        out: Path | None,
        lang: text.Lang | None,
        wanted: tuple[formats.ReportFormat, ...],
        quiet: bool,
    ) -> None:
        from ouhe.audit.summary import lines
        from ouhe.errors import heard
        from ouhe.output import auditing

        if paper is None and not example:
            raise click.UsageError(_t("audit_what"))
        if example:
            paper = auditing.example(paper or Path("ouhe-audit"))
        with heard() as told:
            found, folder = auditing.write_audit(paper or "", out, lang=lang, formats=wanted or ("html", "docx"))
        if not quiet:
            with text.use(lang or found.lang):
                for certainty, said in lines(found):
                    _say_finding(certainty, said)
                _say_written(folder, "audit")
        _warn(tuple(told))

    return audit


def _say_finding(certainty: str, said: str) -> None:
    colours = {"certain": "red", "likely": "yellow", "question": "cyan"}
    if certainty:
        click.echo(click.style(text.t(f"audit_report.{certainty}"), fg=colours[certainty], bold=True) + f"  {said}")
    else:
        click.echo(said)


def _regions() -> click.Command:
    @click.command("regions", help=_t("regions"))
    @click.argument("name", default="")
    @click.option("--groups", is_flag=True, help=_t("regions_groups"))
    @click.option("--neighbours", is_flag=True, help=_t("regions_neighbours"))
    @_language_option
    def regions(name: str, *, groups: bool, neighbours: bool) -> None:
        from ouhe import regions as known
        from ouhe.regions import listing

        if not name:
            _show(listing.sets([known.load(n) for n in known.builtin()]))
            return
        shown = known.load(name)
        if groups or neighbours:
            for asked, table in ((groups, listing.groups), (neighbours, listing.neighbours)):
                if asked:
                    _show(table(shown))
        else:
            _show(listing.names(shown))

    return regions


def _show(table: pd.DataFrame) -> None:
    """A table on the terminal; rich knows how wide Chinese characters are."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    console = Console(soft_wrap=not sys.stdout.isatty(), width=None if sys.stdout.isatty() else 160)
    drawn = Table(*map(str, table.columns), box=SIMPLE_HEAD)
    for row in table.astype(str).itertuples(index=False):
        drawn.add_row(*row)
    console.print(drawn)


def _run_study(
    study: Path,
    out: Path | None,
    settings: tuple[str, ...],
    *,
    confined: bool,
    quiet: bool,
    engine: Mapping[str, Any] | None = None,
) -> None:
    from ouhe.output import write

    lang = text.current()  # a study is run in its own language

    def announce(said: Problem) -> None:
        if not quiet:
            click.echo(said.message(lang), err=True)

    options = {"settings": settings, "confined": confined, **(engine or {})}
    with _progress(quiet=quiet) as progress:
        results, folder = write(study, out, **options, progress=progress, announce=announce)
    if not quiet:
        click.echo(results.summary())
    _warn(results.warnings)
    _warn(tuple(p for name in results.analyses_not_done for p in results.not_done[name]), key="cli.not_done")
    if not quiet:
        _say_written(folder, "report")


def _say_written(folder: Path, first: str) -> None:
    """Where the output is; reports first: they are what is opened."""
    inside = sorted(folder.iterdir(), key=lambda p: (not p.name.startswith(first), p.name))
    holds = text.t("labels.comma").join(p.name + "/" * p.is_dir() for p in inside)
    click.echo(text.t("cli.written", folder=folder, holds=holds))


def _warn(warnings: tuple[object, ...], *, key: str = "cli.warning") -> None:
    for warning in warnings:
        click.secho(text.t(key, said=warning), fg="yellow", err=True)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Progress bars on a terminal; none where nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield lambda _step, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def told(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(text.t(f"cli.step_{step}"), total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield told


def _asked_language(arguments: list[str]) -> text.Lang | None:
    """Language that ``--lang`` names anywhere on the line, known before the help is made in it."""
    for here, following in pairwise([*arguments, ""]):
        asked = following if here == "--lang" else here.removeprefix("--lang=")
        for lang in text.LANGUAGES:
            if asked == lang and here.startswith("--lang"):
                return lang
    return None


def main(arguments: list[str] | None = None) -> None:
    """Entry point: exit 0 done, 1 the study or its data are wrong, 2 wrong usage, 3 internal error."""
    arguments = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character still shows the rest
    with text.use(_asked_language(arguments)):
        try:
            commands().main(arguments, prog_name="ouhe", standalone_mode=False)
        except click.ClickException as error:
            error.show()
            sys.exit(USAGE)
        except click.exceptions.Exit as stop:
            sys.exit(stop.exit_code)
        except (click.Abort, KeyboardInterrupt):
            click.echo(_t("interrupted"), err=True)
            sys.exit(130)
        except BrokenPipeError:  # whoever read the output has seen enough
            sys.stderr.close()
            sys.exit(DONE)
        except OuheError as error:
            _tell(error)
            sys.exit(WRONG)
        except Exception as error:  # noqa: BLE001 (the last net: a defect of ours is told as such)
            _tell_defect(error)
            sys.exit(INTERNAL)


def _tell(error: OuheError) -> None:
    for problem in error.problems:
        click.secho(problem.message(), fg="red" if sys.stderr.isatty() else None, err=True)
    if len(error.problems) > 1:
        click.echo(text.t("cli.problems", count=len(error.problems)), err=True)


def _tell_defect(error: Exception) -> None:
    if os.environ.get("OUHE_DEBUG"):
        traceback.print_exception(error)
    click.echo(text.t("cli.internal", kind=type(error).__name__, said=error), err=True)


if __name__ == "__main__":
    main()
