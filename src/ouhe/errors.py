"""What went wrong, where it stands, and what to do: problems that are collected and told together."""

from __future__ import annotations

import difflib
import itertools
import math
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self, get_args

from ouhe import text

__all__ = [
    "DataError",
    "Listed",
    "OptionError",
    "OuheError",
    "OuheWarning",
    "Place",
    "Problem",
    "StudyError",
    "cell_name",
    "check_choice",
    "choice_problems",
    "did_you_mean",
    "heard",
    "listed",
    "placed",
]

#: How many names a message lists.
MOST_NAMED = 20


def cell_name(row: int, column: int) -> str:
    """Excel's name of a cell from its zero-based row and column.

    Examples
    --------
    >>> cell_name(6, 2), cell_name(0, 26)
    ('C7', 'AA1')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"


def did_you_mean(name: str, known: Iterable[str], *, most: int = 3) -> str:
    """Part of a message that offers the nearest known names, or an empty text. It never decides anything.

    Examples
    --------
    >>> with text.use("en"):
    ...     did_you_mean("entrpy", ["entropy", "equal"])
    '; did you mean "entropy"?'
    """
    near = difflib.get_close_matches(str(name), [str(k) for k in known], n=most, cutoff=0.5)
    return text.t("errors.did_you_mean", names=listed(f'"{n}"' for n in near)) if near else ""


@dataclass(frozen=True, slots=True)
class Listed:
    """Names in a message, joined in the language that the message is told in.

    Parameters
    ----------
    names
        Those that are named.
    more
        How many there are besides.

    Examples
    --------
    >>> problem = Problem("labels.with_options", params={"label": "W", "options": Listed(("a", "b"), 2)})
    >>> problem.message("en"), problem.message("zh")
    ('W (a, b and 2 more)', 'W（a、b，另有 2 个）')
    """

    names: tuple[str, ...]
    more: int = 0

    def __bool__(self) -> bool:
        return bool(self.names)

    def __str__(self) -> str:
        shown = text.t("labels.comma").join(self.names)
        return text.t("errors.and_more", names=shown, more=self.more) if self.more > 0 else shown


def listed(names: Iterable[object], *, most: int = MOST_NAMED, count: int | None = None) -> Listed:
    """Names for a message: the first of them, and how many more there are.

    Parameters
    ----------
    names
        The names.
    most
        How many are named.
    count
        How many there are, where `names` does not hold them all.

    Examples
    --------
    >>> with text.use("en"):
    ...     str(listed(["a", "b"])), str(listed(range(25), most=3))
    ('a, b', '0, 1, 2 and 22 more')
    """
    rest = iter(names)
    shown = tuple(map(str, itertools.islice(rest, most)))
    more = sum(1 for _ in rest) if count is None else count - most
    return Listed(shown, max(more, 0))


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file with a sheet and cell, or with a line and column."""

    file: str | None = None
    sheet: str | None = None
    cell: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """``data.xlsx [2-15] C7`` or ``study.yml:12:3``."""
        out = self.file or ""
        if self.line is not None:
            out += f":{self.line}" + (f":{self.column}" if self.column is not None else "")
        if self.sheet is not None:
            out += f" [{self.sheet}]"
        if self.cell is not None:
            out += f" {self.cell}"
        return out.strip()


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, as data: a text key, its values, and its place.

    Parameters
    ----------
    key
        Key of the message in :mod:`ouhe.text`, which says what stands there, what was expected and what to do.
    place
        Where it stands.
    params
        Values for the message.
    """

    key: str
    place: Place = Place()
    params: Mapping[str, Any] = field(default_factory=dict)

    def message(self, lang: text.Lang | None = None) -> str:
        """Whole message in `lang`, its place first."""
        with text.use(lang):
            said = text.t(self.key, **self.params)
        place = str(self.place)
        return f"{place}: {said}" if place else said

    def __str__(self) -> str:
        return self.message()

    def record(self) -> dict[str, Any]:
        """The problem as plain data that JSON can hold.

        Examples
        --------
        >>> told = Problem("errors.empty_file", params={"high": float("inf")}).record()
        >>> told["params"], Problem.from_record(told).params
        ({'high': {'number': 'inf'}}, {'high': inf})
        """
        return {"key": self.key, "place": asdict(self.place), "params": {k: _plain(v) for k, v in self.params.items()}}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Problem:
        """What :meth:`record` gave, as it was."""
        return cls(record["key"], Place(**record["place"]), {k: _told(v) for k, v in record["params"].items()})


def _plain(value: Any) -> Any:
    """A value of a message as JSON holds it: numpy's numbers as Python's, and those that are no finite ones by name."""
    if isinstance(value, Listed):
        return {"names": list(value.names), "more": value.more}
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, float) and not math.isfinite(plain):
        return {"number": str(plain)}
    return plain if isinstance(plain, str | int | float | bool | None) else str(plain)


def _told(value: Any) -> Any:
    """A value of a message from what :func:`_plain` made of it."""
    if not isinstance(value, dict):
        return value
    return Listed(tuple(value["names"]), value["more"]) if "names" in value else float(value["number"])


class OuheWarning(UserWarning):
    """A choice that the numbers speak against, taken because the caller asked for it.

    Examples
    --------
    >>> with text.use("en"):
    ...     str(OuheWarning.of("errors.empty_file"))
    'the file is empty'
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem

    @classmethod
    def of(cls, key: str, **params: Any) -> Self:
        """Warning from the key of its text and the text's values."""
        return cls(Problem(key, Place(), params))

    def __str__(self) -> str:
        return self.problem.message()


class OuheError(Exception):
    """Something a user can mend; `problems` holds everything that was found, not only the first.

    Examples
    --------
    >>> error = DataError(Problem("errors.empty_file", Place(file="a.csv")))
    >>> with text.use("en"):
    ...     print(error)
    a.csv: the file is empty
    """

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    @classmethod
    def of(cls, key: str, place: Place | None = None, **params: Any) -> Self:
        """Error with a single problem."""
        return cls(Problem(key, place or Place(), params))

    def __str__(self) -> str:
        return "\n".join(p.message() for p in self.problems)


class StudyError(OuheError):
    """The study file is wrong: a key, a method, a name."""


class DataError(OuheError):
    """The data are wrong: a file, a cell, a value a formula cannot take."""


class OptionError(OuheError, ValueError):
    """A function was called with an option it does not have."""


def choice_problems(option: str, value: object, choices: object) -> tuple[Problem, ...]:
    """What is wrong with a value that is none of the choices of an option; empty where nothing is.

    Parameters
    ----------
    option, value
        Name of the option and what was given for it.
    choices
        ``Literal`` of what it may be.

    Examples
    --------
    >>> from typing import Literal
    >>> with text.use("en"):
    ...     print(*choice_problems("style", "rows", Literal["row", "binary"]))
    style is "rows"; it must be one of row, binary; did you mean "row"?
    """
    known = get_args(choices)
    if value in known:
        return ()
    near = did_you_mean(str(value), known)
    said = {"option": option, "value": value, "known": listed(known), "near": near}
    return (Problem("errors.no_choice", params=said),)


def check_choice(option: str, value: object, choices: object) -> None:
    """Refuse a value that is none of the choices of an option.

    Parameters
    ----------
    option, value, choices
        As in :func:`choice_problems`.

    Raises
    ------
    OptionError
        `value` is none of them; the nearest is offered.
    """
    problems = choice_problems(option, value, choices)
    if problems:
        raise OptionError(*problems)


@contextmanager
def placed(place: Place) -> Iterator[None]:
    """Give `place` to the problems raised inside the block that do not say where they stand.

    Examples
    --------
    >>> with placed(Place(file="study.yml", line=3)):
    ...     raise StudyError.of("errors.empty_file")
    Traceback (most recent call last):
    ...
    ouhe.errors.StudyError: study.yml:3: the file is empty
    """
    try:
        yield
    except OuheError as error:
        raise type(error)(*(replace(p, place=place) if p.place == Place() else p for p in error.problems)) from error


@contextmanager
def heard() -> Iterator[list[Problem]]:
    """Collect what :class:`OuheWarning` says inside this block, each once, when it ends; other warnings go on.

    Examples
    --------
    >>> with heard() as told:
    ...     warnings.warn(OuheWarning.of("errors.empty_file"))
    >>> [problem.key for problem in told]
    ['errors.empty_file']
    """
    told: list[Problem] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", OuheWarning)
        yield told
    for warning in caught:
        if not isinstance(warning.message, OuheWarning):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
        elif warning.message.problem not in told:
            told.append(warning.message.problem)
