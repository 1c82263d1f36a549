"""Make the MathML and the OMML of all formulas: src/ouhe/report/formulas/rendered.json from formulas.toml.

LaTeX becomes MathML with latex2mathml; what that gets wrong for display is mended here, and the result is turned into
Word's own OMML: sums with their limits and the term they run over, roots without a degree, functions, fences, cases.
"""

from __future__ import annotations

import itertools
import json
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from pathlib import Path

from latex2mathml.converter import convert

FOLDER = Path(__file__).resolve().parents[1] / "src/ouhe/report/formulas"
MATHML = "http://www.w3.org/1998/Math/MathML"
OMML = "http://schemas.openxmlformats.org/officeDocument/2006/math"

#: Signs that are repeated over a range, and where the term they run over ends.
N_ARY = frozenset("∑∏")
ENDS = frozenset("=+−,;<>≤≥≠")
#: Functions; latex2mathml takes two of them for operators, whose ranges stand below them in display.
LIMITS = frozenset({"max", "min"})
FUNCTIONS = LIMITS | {"ln"}
#: Widths of spaces in em and the characters of that width.
SPACES = ((0.5, "\u2003"), (0.2, "\u2005"), (0.0, "\u2009"))
#: Signs that stand at the end of a script, and the style of what is text, not mathematics.
SIGNS = frozenset("+−±*·≥≤")
TEXT = "text"
CLOSING = {")": "(", "]": "[", "}": "{"}
ACCENTS = {"^": "\u0302", "~": "\u0303"}

Node = ET.Element


def rendered() -> dict[str, dict[str, str]]:
    """Name → ``mathml`` and ``omml`` of every formula."""
    written = tomllib.loads((FOLDER / "formulas.toml").read_text("utf-8"))
    return {name: render(latex) for name, latex in written.items()}


def render(latex: str) -> dict[str, str]:
    """One formula in both forms."""
    math = _mathml(latex)
    omml = _omml(math)
    _enlarge(omml)
    return {"mathml": _text(math, MATHML, ""), "omml": _text(omml, OMML, "m")}


def _text(root: Node, namespace: str, prefix: str) -> str:
    """XML on one line, in a namespace that is declared at its root."""
    head = f"{prefix}:" if prefix else ""
    for node in root.iter():
        node.tag = head + node.tag
        node.attrib = {k if ":" in k else head + k: v for k, v in node.attrib.items()}
    root.set("xmlns:m" if prefix else "xmlns", namespace)
    return ET.tostring(root, encoding="unicode")


# MathML


def _mathml(latex: str) -> Node:
    """MathML of a formula, without namespace."""
    root = ET.fromstring(convert(latex, display="block"))  # noqa: S314 (made here, of our own formulas)
    for node in root.iter():
        node.tag = node.tag.removeprefix(f"{{{MATHML}}}")
    for node in root.iter():
        _mend(node)
    for row in list(root.iter("mrow")):
        _space_after_functions(row)
    _limits_below(root)
    return root


def _mend(node: Node) -> None:
    """A name is one identifier; signs that are no letters are no identifiers."""
    if node.tag == "mo" and node.text in LIMITS:
        node.tag = "mi"
    elif node.tag == "mi" and node.text in {":", "±", "#"}:
        node.tag = "mo" if node.text == ":" else "mn"
    elif node.tag == "mrow" and len(node) > 1 and all(_upright(c) for c in node):
        name = "".join(c.text or "" for c in node)
        node.clear()
        node.tag, node.text = "mi", name


def _upright(node: Node) -> bool:
    return node.tag == "mi" and node.get("mathvariant") == "normal"


def _is_function(node: Node) -> bool:
    """Whether it is the name of a function, with or without its range."""
    base = node[0] if node.tag in {"msub", "munder"} else node
    return base.tag == "mi" and base.text in FUNCTIONS


def _space_after_functions(row: Node) -> None:
    """Put a thin space between a function and what it is taken of, where no parenthesis parts them."""
    children = list(row)
    for here, following in itertools.pairwise(children):
        if _is_function(here) and following.text != "(" and not _fenced(following):
            row.insert(list(row).index(following), ET.Element("mspace", width="0.167em"))


def _limits_below(node: Node) -> None:
    """Put the range of max and min below them where the formula is set large: not in fractions and scripts."""
    if node.tag in {"mfrac", "msub", "msup", "msubsup"}:
        if node.tag == "msub" and _is_function(node):
            node.tag = "munder"
        return
    for child in node:
        _limits_below(child)


def _fenced(node: Node) -> bool:
    return node.tag == "mrow" and len(node) > 0 and node[0].get("form") == "prefix"


# OMML


def _make(tag: str, *children: Node, val: str | None = None) -> Node:
    node = ET.Element(tag, {} if val is None else {"val": val})
    node.extend(children)
    return node


def _omml(math: Node) -> Node:
    return _make("oMath", *_row(list(math)))


def _enlarge(node: Node) -> None:
    """Ask for terms of full size in the outermost fractions: Word sets them small beside the number of an equation."""
    for child in node:
        if child.tag == "f":
            for part in child:
                part.insert(0, _make("argPr", _make("argSz", val="1")))
        elif child.tag not in {"sub", "sup", "lim"}:
            _enlarge(child)


def _run(text: str, *, style: str | None = None) -> Node:
    """Characters; single letters are italic unless `style` says otherwise."""
    t = _make("t")
    t.text = text
    if text != text.strip():
        t.set("xml:space", "preserve")
    properties = _make("nor") if style == TEXT else _make("sty", val=style)
    return _make("r", _make("rPr", properties), t) if style else _make("r", t)


def _row(nodes: Sequence[Node]) -> list[Node]:
    """OMML of neighbours, rows inside them dissolved, equal runs joined."""
    made: list[Node] = []
    items = _grouped([*_dissolved(nodes)])
    while items:
        node = items.pop(0)
        if _sign(node):
            end = _end_of_term(items)
            made.append(_n_ary(node, items[:end]))
            del items[:end]
        elif _is_function(node):
            argument = next(i for i in _popped(items) if i.tag != "mspace")
            made.append(_make("func", _make("fName", *_name(node)), _make("e", *_row([argument]))))
        else:
            made.extend(_converted(node))
    return _joined(made)


def _popped(items: list[Node]) -> Iterator[Node]:
    while items:
        yield items.pop(0)


def _dissolved(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        if node.tag == "mrow" and not _fenced(node):
            yield from _dissolved(list(node))
        else:
            yield node


def _joined(nodes: Sequence[Node]) -> list[Node]:
    """Neighbouring runs of the same style as one."""
    out: list[Node] = []
    for node in nodes:
        before = out[-1] if out else None
        if before is not None and before.tag == node.tag == "r" and _style(before) == _style(node):
            out[-1] = _run((before[-1].text or "") + (node[-1].text or ""), style=_style(node))
        else:
            out.append(node)
    return out


def _style(run: Node) -> str | None:
    found = run.find("rPr/")
    return None if found is None else found.get("val", TEXT)


def _sign(node: Node) -> bool:
    base = node[0] if node.tag in {"munder", "munderover", "msub", "msubsup"} else node
    return base.tag == "mo" and base.text in N_ARY


def _grouped(items: Sequence[Node]) -> list[Node]:
    """Put what stands between parentheses into a row of its own, as if they grew; their exponent is the row's."""
    levels: list[list[Node]] = [[]]
    for node in items:
        bracket = _bracket(node)
        if bracket in CLOSING.values():
            levels.append([_fence(bracket, "prefix")])
        elif bracket in CLOSING and len(levels) > 1:
            row = _make("mrow", *levels.pop(), _fence(bracket, "postfix"))
            levels[-1].append(row if node.tag == "mo" else _make(node.tag, row, *node[1:]))
        else:
            levels[-1].append(node)
    if len(levels) > 1:
        raise ValueError(f"a bracket is not closed: {levels[-1][0].text}")
    return levels[0]


def _bracket(node: Node) -> str:
    base = node[0] if node.tag in {"msup", "msub"} else node
    return base.text or "" if base.tag == "mo" and (base.text or "") in {*CLOSING, *CLOSING.values()} else ""


def _fence(bracket: str, form: str) -> Node:
    fence = _make("mo")
    fence.text = bracket
    fence.set("form", form)
    return fence


def _end_of_term(items: Sequence[Node]) -> int:
    """How many of `items` a sum runs over: up to the next sign of its own rank."""
    for position, node in enumerate(items):
        if node.text in ENDS or (node.tag == "mspace" and _width(node) >= 1):
            return position
    return len(items)


def _width(space: Node) -> float:
    """Width in em."""
    return float((space.get("width") or "0").removesuffix("em"))


def _name(node: Node) -> list[Node]:
    """Name of a function with its range, below or beside it."""
    if node.tag == "mi":
        return [_run(node.text or "", style="p")]
    base, under = _make("e", _run(node[0].text or "", style=TEXT)), _row([node[1]])
    if node.tag == "munder":
        return [_make("limLow", base, _make("lim", *under))]
    return [_make("sSub", base, _make("sub", *under))]


def _n_ary(node: Node, term: Sequence[Node]) -> Node:
    """Sum or product with limits above and below it in display, beside it elsewhere."""
    parts = [*node] if len(node) else [node]
    below = _row([parts[1]]) if len(parts) > 1 else []
    above = _row([parts[2]]) if len(parts) > 2 else []
    properties = [
        _make("chr", val=parts[0].text or ""),
        _make("limLoc", val="undOvr" if node.tag.startswith("munder") else "subSup"),
        *([] if below else [_make("subHide", val="1")]),
        *([] if above else [_make("supHide", val="1")]),
    ]
    return _make(
        "nary", _make("naryPr", *properties), _make("sub", *below), _make("sup", *above), _make("e", *_row(term))
    )


def _converted(node: Node) -> list[Node]:
    """OMML of an element that stands for itself."""
    if node.tag in TOKENS:
        return [TOKENS[node.tag](node)]
    if node.tag in PARTS:
        name, parts = PARTS[node.tag]
        return [_make(name, *(_make(p, *_part(p, c)) for p, c in zip(parts, node, strict=True)))]
    return [COMPOUND[node.tag](node)]


def _part(name: str, node: Node) -> list[Node]:
    """Part of a fraction or script; a sign at the end of a script has nothing to join, so that it is text."""
    row = [*_dissolved([node])]
    if name not in {"sub", "sup"} or row[-1].text not in SIGNS:
        return _row([node])
    return [*_row(row[:-1]), _run(row[-1].text or "", style=TEXT)]


def _identifier(node: Node) -> Node:
    text = node.text or ""
    return _run(text, style=TEXT if len(text) > 1 else None)


def _space(node: Node) -> Node:
    return _run(next(c for least, c in SPACES if _width(node) >= least), style=TEXT if _width(node) >= 1 else "p")


def _root(node: Node) -> Node:
    return _make("rad", _make("radPr", _make("degHide", val="1")), _make("deg"), _make("e", *_row(list(node))))


def _accent(node: Node) -> Node:
    """A bar over a letter is a bar, whose length fits; any other mark is an accent."""
    base, mark = _make("e", *_row([node[0]])), node[1].text or ""
    if mark in ACCENTS:
        return _make("acc", _make("accPr", _make("chr", val=ACCENTS[mark])), base)
    return _make("bar", _make("barPr", _make("pos", val="top")), base)


def _delimited(node: Node) -> Node:
    """What stands between growing fences; cases have no right one."""
    inner = list(node)
    opening = inner.pop(0).text or ""
    closing = (inner.pop().text or "") if inner and inner[-1].get("form") == "postfix" else ""
    properties = _make("dPr", _make("begChr", val=opening), _make("endChr", val=closing))
    return _make("d", properties, _make("e", *_row(inner)))


def _matrix(node: Node) -> Node:
    column = _make("mcPr", _make("count", val=str(len(node[0]))), _make("mcJc", val="left"))
    properties = _make("mPr", _make("plcHide", val="1"), _make("mcs", _make("mc", column)))
    rows = [_make("mr", *(_make("e", *_row(list(cell))) for cell in row)) for row in node]
    return _make("m", properties, *rows)


TOKENS = {
    "mi": _identifier,
    "mn": lambda node: _run(node.text or "", style="p"),
    "mo": lambda node: _run(node.text or "", style="p"),
    "mspace": _space,
}
PARTS = {
    "mfrac": ("f", ("num", "den")),
    "msub": ("sSub", ("e", "sub")),
    "msup": ("sSup", ("e", "sup")),
    "msubsup": ("sSubSup", ("e", "sub", "sup")),
}
COMPOUND = {"msqrt": _root, "mover": _accent, "mrow": _delimited, "mtable": _matrix}


def main() -> None:
    """Write all of them."""
    shown = json.dumps(rendered(), ensure_ascii=False, indent=1)
    (FOLDER / "rendered.json").write_text(shown + "\n", "utf-8")


if __name__ == "__main__":
    main()
