"""Reading a formula: what it may hold, which series it uses, and in which order several are computed.

A formula is untrusted text. It is parsed, never compiled, and every node of it must stand on a short list.
"""

from __future__ import annotations

import ast
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from ouhe.compute.derive.functions import FUNCTIONS
from ouhe.errors import Place, Problem, StudyError, did_you_mean

__all__ = ["Formula", "looks_back", "names", "order", "parse", "placed", "plain"]

_LONGEST = 2000  # characters
_DEEPEST = 120  # levels
_LARGEST_NUMBER = 1e30
_LARGEST_EXPONENT = 100.0
_LARGEST_OPTION = 100

# Signs a Chinese keyboard or a word processor offers, which NFKC leaves alone.
_SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", "–": "-", "∕": "/"})


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was read and found harmless.

    Parameters
    ----------
    text
        The formula, its characters in their plain (NFKC) form.
    tree
        What it says.
    names
        Series it uses, in order of appearance.
    """

    text: str
    tree: ast.expr
    names: tuple[str, ...]


def plain(name: str) -> str:
    """Name as Python's own parser sees it (NFKC): ``ＧＤＰ`` and ``GDP`` are one name.

    Examples
    --------
    >>> plain("ＧＤＰ")
    'GDP'
    """
    return unicodedata.normalize("NFKC", name.strip())


def names(
    expression: str, *, known: Iterable[str] | None = None, place: Place | None = None, target: str = ""
) -> tuple[str, ...]:
    """Series a formula uses, in order of appearance; reading it checks it.

    Parameters
    ----------
    expression
        Arithmetic on names of series: numbers, ``+ - * / **``, parentheses and the functions of :data:`FUNCTIONS`.
    known
        Ids of the series there are; the names are then given as they are written here.
    place
        Where the formula stands, for messages.
    target
        Series the formula defines, for messages.

    Returns
    -------
    tuple of str
        Names without repetition; in NFKC form where `known` is not given.

    Raises
    ------
    StudyError
        The formula holds something it may not, or a name that is not `known`; all of it is told together.

    Examples
    --------
    >>> names("技术市场成交额 / 总人口 * log(gdp / 总人口)")
    ('技术市场成交额', '总人口', 'gdp')
    """
    formula = parse(expression, known=known, place=place, target=target)
    ids = {plain(k): k for k in known or ()}
    return tuple(ids.get(n, n) for n in formula.names)


def looks_back(expression: str) -> bool:
    """Whether a formula takes values of earlier years than the one it is computed for, by ``growth`` or ``lag``.

    Parameters
    ----------
    expression
        Arithmetic on names of series, as for :func:`names`.

    Returns
    -------
    bool
        True where it calls such a function; a series of that name is none.

    Raises
    ------
    StudyError
        The formula holds something it may not.

    Examples
    --------
    >>> looks_back("growth（gdp） * 100"), looks_back("growth / gdp")
    (True, False)
    """
    calls = (n.func for n in ast.walk(parse(expression).tree) if isinstance(n, ast.Call))
    return any(FUNCTIONS[f.id].looks_back for f in calls if isinstance(f, ast.Name))


def order(expressions: Mapping[str, str], *, places: Mapping[str, Place] | None = None) -> tuple[str, ...]:
    """Order in which derived series can be computed, each after those it uses.

    Parameters
    ----------
    expressions
        Derived series → its formula; names that are no key are read from the data.
    places
        Derived series → where its formula stands, for messages.

    Returns
    -------
    tuple of str
        The keys of `expressions`.

    Raises
    ------
    StudyError
        A formula cannot be read, or series use one another in a circle.

    Examples
    --------
    >>> order({"share": "rd / output", "output": "gdp * 10"})
    ('output', 'share')
    """
    places = places or {}
    ids = {plain(key): key for key in expressions}
    uses: dict[str, list[str]] = {}
    problems: list[Problem] = []
    for key, expression in expressions.items():
        try:
            used = parse(expression, place=places.get(key), target=key).names
        except StudyError as error:
            problems += error.problems
        else:
            uses[key] = [ids[n] for n in used if n in ids]
    if problems:
        raise StudyError(*problems)
    try:
        return tuple(TopologicalSorter(uses).static_order())
    except CycleError as error:
        circle = error.args[1][::-1]
        first = places.get(circle[0], Place())
        raise StudyError(Problem("derive.circle", first, {"circle": " → ".join(circle)})) from None


def parse(
    expression: str, *, known: Iterable[str] | None = None, place: Place | None = None, target: str = ""
) -> Formula:
    """Read a formula into a tree that holds nothing but arithmetic; parameters and errors as for :func:`names`.

    Examples
    --------
    >>> parse("（产值 ÷ 人口）").text
    '(产值 / 人口)'
    """
    text = unicodedata.normalize("NFKC", str(expression)).translate(_SIGNS).strip()
    tree, problems = _tree(text)
    if tree is None:
        raise StudyError(*placed(problems, text, place=place, target=target))
    problems = list(_wrong(tree, text))
    used = () if problems else tuple(dict.fromkeys(_series(tree)))
    if not problems and not used:
        problems.append(Problem("derive.no_series"))
    if known is not None:
        problems += _unknown(used, known)
    if problems:
        raise StudyError(*placed(problems, text, place=place, target=target))
    return Formula(text, tree, used)


def placed(problems: Iterable[Problem], text: str, *, place: Place | None, target: str) -> list[Problem]:
    """Problems of one formula, each with the formula and its place before it."""
    shown = text if len(text) <= 200 else text[:200] + " …"
    formula = f"{target} = {shown}" if target else shown
    return [Problem("derive.in_formula", place or Place(), {"formula": formula, "problem": p}) for p in problems]


def _tree(text: str) -> tuple[ast.expr | None, list[Problem]]:
    """Syntax tree of a text of bearable length, or what keeps it from being read."""
    if not text:
        return None, [Problem("derive.empty")]
    if len(text) > _LONGEST:
        return None, [Problem("derive.too_long", params={"length": len(text), "most": _LONGEST})]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return ast.parse(text, mode="eval").body, []
    except SyntaxError as error:
        at = max((error.offset or 1) - 1, 0)
        return None, [Problem("derive.syntax", params={"near": text[at : at + 20] or text[-20:], "at": at + 1})]
    except (ValueError, RecursionError, MemoryError):
        return None, [Problem("derive.too_deep", params={"most": _DEEPEST})]


def _wrong(node: ast.expr, text: str, depth: int = 0) -> Iterator[Problem]:
    """Everything in a tree that a formula may not hold."""
    if depth > _DEEPEST:
        yield Problem("derive.too_deep", params={"most": _DEEPEST})
        return
    match node:
        case ast.Name():
            return
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            if not abs(value) <= _LARGEST_NUMBER:
                yield _about("derive.number", node, text, most=f"{_LARGEST_NUMBER:g}")
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=inner):
            yield from _wrong(inner, text, depth + 1)
        case ast.BinOp(left=left, op=ast.Pow(), right=exponent):
            yield from _wrong(left, text, depth + 1)
            if not _is_exponent(exponent):
                yield _about("derive.exponent", exponent, text, most=f"{_LARGEST_EXPONENT:g}")
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
            yield from _wrong(left, text, depth + 1)
            yield from _wrong(right, text, depth + 1)
        case ast.Call(func=ast.Name()):
            yield from _wrong_call(node, text, depth)
        case _:
            yield _about("derive.not_allowed", node, text, functions=", ".join(FUNCTIONS))


def _wrong_call(call: ast.Call, text: str, depth: int) -> Iterator[Problem]:
    """Everything wrong in a call of a function: its name, how many series, its options, its arguments."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    function = FUNCTIONS.get(name)
    if function is None:
        yield Problem(
            "derive.unknown_function",
            params={"name": name, "suggestion": did_you_mean(name, FUNCTIONS), "functions": ", ".join(FUNCTIONS)},
        )
    elif len(call.args) not in function.counts or any(k.arg not in function.options for k in call.keywords):
        yield _about("derive.arguments", call, text, usage=function.usage)
    else:
        for keyword in call.keywords:
            value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
            if type(value) is not int or not 1 <= value <= _LARGEST_OPTION:
                yield _about("derive.option", call, text, option=keyword.arg, most=_LARGEST_OPTION)
    for argument in call.args:
        yield from _wrong(argument, text, depth + 1)


def _is_exponent(node: ast.expr) -> bool:
    """Whether an exponent is a bounded number, or a fraction of two; nothing is computed that could be large."""
    match node:
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            above, below = _number(left), _number(right)
            value = above / below if above is not None and below else None
        case _:
            value = _number(node)
    return value is not None and abs(value) <= _LARGEST_EXPONENT


def _number(node: ast.expr) -> float | None:
    """Value written at a node as a number with its sign, or None."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return float(value) if abs(value) <= _LARGEST_NUMBER else None
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            size = _number(inner)
            return None if size is None else -size
    return None


def _series(node: ast.expr) -> Iterator[str]:
    """Names of series in a tree that was found harmless, from left to right."""
    match node:
        case ast.Name(id=name):
            yield name
        case ast.UnaryOp(operand=inner):
            yield from _series(inner)
        case ast.BinOp(left=left, right=right):
            yield from _series(left)
            yield from _series(right)
        case ast.Call(args=arguments):
            for argument in arguments:
                yield from _series(argument)


def _unknown(used: Iterable[str], known: Iterable[str]) -> list[Problem]:
    """One problem a name that is no series, with the nearest names of series and functions."""
    ids = [*known]
    absent = [n for n in used if n not in {plain(k) for k in ids}]
    return [
        Problem("derive.arguments", params={"part": n, "usage": FUNCTIONS[n].usage})
        if n in FUNCTIONS
        else Problem("derive.unknown_series", params={"name": n, "suggestion": did_you_mean(n, [*ids, *FUNCTIONS])})
        for n in absent
    ]


def _about(key: str, node: ast.expr, text: str, **params: object) -> Problem:
    """Problem with one part of a formula, quoting it."""
    part = ast.get_source_segment(text, node) or text
    return Problem(key, params={"part": part if len(part) <= 60 else part[:60] + " …", **params})
