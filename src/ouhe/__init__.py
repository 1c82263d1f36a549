"""ouhe (耦合): coupling coordination studies, from raw yearbook files to results.

>>> import ouhe
>>> results = ouhe.run("study.yml")            # doctest: +SKIP
>>> results.coupling.D.sel(region="江苏")       # doctest: +SKIP
>>> ouhe.write("study.yml", "results")         # doctest: +SKIP
>>> ouhe.load("results").tables()["weights"]   # doctest: +SKIP
>>> ouhe.write_report("results", lang="en")    # doctest: +SKIP
>>> ouhe.audit_paper("paper.yml").verdicts     # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from ouhe.audit.run import run as audit_paper
    from ouhe.errors import DataError, OptionError, OuheError, OuheWarning, StudyError
    from ouhe.output import load, write, write_audit, write_report
    from ouhe.results.study_results import StudyResults
    from ouhe.study.check import check
    from ouhe.study.load import load as load_study
    from ouhe.study.run import run
    from ouhe.study.schema import Study

__all__ = [
    "DataError",
    "OptionError",
    "OuheError",
    "OuheWarning",
    "Study",
    "StudyError",
    "StudyResults",
    "__version__",
    "audit_paper",
    "check",
    "load",
    "load_study",
    "run",
    "write",
    "write_audit",
    "write_report",
]

#: Name → module and name there; imported when first asked for, so that the command line answers at once.
_WHERE = {
    "DataError": ("ouhe.errors", "DataError"),
    "OptionError": ("ouhe.errors", "OptionError"),
    "OuheError": ("ouhe.errors", "OuheError"),
    "OuheWarning": ("ouhe.errors", "OuheWarning"),
    "Study": ("ouhe.study.schema", "Study"),
    "StudyError": ("ouhe.errors", "StudyError"),
    "StudyResults": ("ouhe.results.study_results", "StudyResults"),
    "audit_paper": ("ouhe.audit.run", "run"),
    "check": ("ouhe.study.check", "check"),
    "load": ("ouhe.output", "load"),
    "load_study": ("ouhe.study.load", "load"),
    "run": ("ouhe.study.run", "run"),
    "write": ("ouhe.output", "write"),
    "write_audit": ("ouhe.output", "write_audit"),
    "write_report": ("ouhe.output", "write_report"),
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _WHERE[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
