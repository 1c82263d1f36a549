"""The text of a study file as plain data, with the place of every key and value, and nothing that can blow up."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ouhe.errors import Place, Problem, StudyError
from ouhe.text import t as message

__all__ = ["FULL_WIDTH", "Document", "Key", "load", "override", "parse"]

Key = tuple[str | int, ...]

MOST_BYTES = 2 * 1024**2
MOST_NODES = 100_000
MOST_DEPTH = 40
MOST_DIGITS = 30

_PLAIN = {f"tag:yaml.org,2002:{t}" for t in ("str", "int", "float", "bool", "null")}
_COLLECTIONS = {"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}
_TEXT = {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge", "tag:yaml.org,2002:value"}


@dataclass(frozen=True)
class Document:
    """A study file as it stands.

    Parameters
    ----------
    data
        Mappings, lists and scalars.
    file
        Name for messages.
    places
        Key path → where it stands.
    text
        The file's text.
    """

    data: Mapping[str, Any]
    file: str = ""
    places: Mapping[Key, Place] = field(default_factory=dict)
    text: str = ""

    def place(self, *key: str | int) -> Place:
        """Place of the longest part of `key` that stands in the file; the file where none does."""
        while key and key not in self.places:
            key = key[:-1]
        return self.places[key] if key else Place(file=self.file or None)

    def find(self, name: str) -> Place:
        """Place of the first key or value called `name` below ``systems``, or of ``systems``."""
        keys = [k for k in self.places if k[:1] == ("systems",) and k[-1] == name]
        return self.place(*keys[0]) if keys else self.place("systems")


@dataclass
class _Walk:
    """State of one walk over the nodes: aliases are followed, so the nodes are counted as they are met."""

    yaml: YAML
    file: str
    numbers_as_written: bool = False
    places: dict[Key, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0

    def at(self, node: Node) -> Place:
        return Place(file=self.file, line=node.start_mark.line + 1, column=node.start_mark.column + 1)

    def value(self, node: Node, key: Key) -> Any:
        if not isinstance(node, ScalarNode) and str(node.tag) not in _COLLECTIONS:
            self.problems.append(Problem("document.tag", self.at(node), {"tag": node.tag}))
        self.nodes += 1
        if self.nodes > MOST_NODES or len(key) > MOST_DEPTH:
            raise StudyError.of("document.too_large", self.at(node), nodes=MOST_NODES, depth=MOST_DEPTH)
        self.places.setdefault(key, self.at(node))
        if isinstance(node, MappingNode):
            return self.mapping(node, key)
        if isinstance(node, SequenceNode):
            return [self.value(child, (*key, i)) for i, child in enumerate(node.value)]
        return self.scalar(node)

    def mapping(self, node: MappingNode, key: Key) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for name_node, value_node in node.value:
            if not isinstance(name_node, ScalarNode):
                self.problems.append(Problem("document.key_not_text", self.at(name_node)))
                continue
            name = str(name_node.value)
            if name in out:
                self.problems.append(Problem("document.key_twice", self.at(name_node), {"key": name}))
                continue
            self.places[(*key, name)] = self.at(name_node)
            out[name] = self.value(value_node, (*key, name))
        return out

    def scalar(self, node: Node) -> Any:
        tag = str(node.tag)
        if tag in _TEXT:
            return str(node.value)
        if tag not in _PLAIN:
            self.problems.append(Problem("document.tag", self.at(node), {"tag": tag}))
            return None
        if tag == "tag:yaml.org,2002:int" and len(node.value) > MOST_DIGITS:
            self.problems.append(Problem("document.long_number", self.at(node), {"most": MOST_DIGITS}))
            return None
        if self.numbers_as_written and tag != "tag:yaml.org,2002:null":
            return str(node.value)
        return self.yaml.constructor.construct_object(node)


def parse(text: str, *, file: str = "", numbers_as_written: bool = False) -> Document:
    r"""Plain data and places from the text of a study file (YAML 1.2).

    Parameters
    ----------
    text
        The text.
    file
        Name for messages.
    numbers_as_written
        Numbers stay the texts they are written as, so that 0.20 keeps its last digit.

    Raises
    ------
    StudyError
        The text is not YAML, is no mapping, holds a key twice, a tag for a program's object, or aliases that would
        unfold into more than a hundred thousand nodes.

    Examples
    --------
    >>> doc = parse("title: 示例\nyears: [2010, 2022]", file="study.yml")
    >>> doc.data["years"], str(doc.place("years"))
    ([2010, 2022], 'study.yml:2:1')
    """
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise StudyError.of("document.too_long", Place(file=file), most=MOST_BYTES // 1024**2)
    if _bracket_depth(text) > 10 * MOST_DEPTH:  # told before the parser labours over it
        raise StudyError.of("document.too_large", Place(file=file), nodes=MOST_NODES, depth=MOST_DEPTH)
    yaml = YAML(typ="safe", pure=True)
    walk = _Walk(yaml, file, numbers_as_written)
    try:
        root = yaml.compose(io.StringIO(text))
        data = {} if root is None else walk.value(root, ())
    except MarkedYAMLError as error:
        raise _syntax(error, text, file) from error
    except (YAMLError, ValueError) as error:
        raise StudyError.of("document.not_yaml", Place(file=file), why=" ".join(str(error).split())) from error
    except RecursionError as error:
        raise StudyError.of("document.too_large", Place(file=file), nodes=MOST_NODES, depth=MOST_DEPTH) from error
    if not isinstance(data, dict):
        walk.problems.append(Problem("document.no_mapping", Place(file=file, line=1)))
    if walk.problems:
        raise StudyError(*walk.problems)
    return Document(data, file, walk.places, text)


#: Signs of a Chinese keyboard that YAML takes for letters, and the ones that are meant.
FULL_WIDTH = {
    "：": ": ",
    "，": ", ",
    "［": "[",
    "］": "]",
    "｛": "{",
    "｝": "}",
    "【": "[",
    "】": "]",
    "\u00a0": " ",
    "\u3000": " ",
}

#: What the parser says → the text for it.
_REASONS = {
    "mapping values are not allowed": "reason_mapping",
    "could not find expected ':'": "reason_colon",
    "expected <block end>": "reason_indent",
    "expected ',' or ": "reason_bracket",
    "found unexpected end of stream": "reason_quote",
    "found character '\\t'": "reason_tab",
}


def _syntax(error: MarkedYAMLError, text: str, file: str) -> StudyError:
    """What is wrong with a text that is no YAML; a full-width sign near the place is the likeliest cause."""
    mark = error.problem_mark or error.context_mark
    line = mark.line if mark else 0
    for number in (line, line - 1):
        here = text.splitlines()[number] if 0 <= number < len(text.splitlines()) else ""
        code = here.partition(" #")[0]
        for at, sign in enumerate(code):
            if sign in FULL_WIDTH and not here.lstrip().startswith("#"):
                place = Place(file=file, line=number + 1, column=at + 1)
                shown = sign if sign.isprintable() and not sign.isspace() else f"U+{ord(sign):04X}"
                return StudyError.of("document.full_width", place, sign=shown, plain=FULL_WIDTH[sign])
    said = str(error.problem or error.context or "")
    reason = next((key for start, key in _REASONS.items() if said.startswith(start)), None)
    place = Place(file=file, line=line + 1, column=mark.column + 1) if mark else Place(file=file)
    why = message(f"document.{reason}") if reason else said
    return StudyError.of("document.not_yaml", place, why=why)


def _bracket_depth(text: str) -> int:
    """How deep brackets nest at most."""
    depth = deepest = 0
    for sign in re.findall(r"[\[\]{}]", text):
        depth = depth + 1 if sign in "[{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest


def load(path: Path, *, numbers_as_written: bool = False) -> Document:
    """Study file at `path`, which must be UTF-8 text.

    Parameters
    ----------
    path
        The file.
    numbers_as_written
        As in :func:`parse`.

    Raises
    ------
    StudyError
        There is no such file, it is not UTF-8, or :func:`parse` refuses it.
    """
    file = path.name
    try:
        if path.stat().st_size > MOST_BYTES:
            raise StudyError.of("document.too_long", Place(file=file), most=MOST_BYTES // 1024**2)
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise StudyError.of("document.no_file", Place(file=str(path))) from error
    except IsADirectoryError as error:
        raise StudyError.of("document.is_folder", Place(file=str(path))) from error
    except OSError as error:
        raise StudyError.of("document.unreadable", Place(file=str(path)), why=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise StudyError.of("document.not_utf8", Place(file=file), byte=error.start) from error
    return parse(text, file=file, numbers_as_written=numbers_as_written)


def override(
    document: Document, settings: Sequence[str], *, opened: Mapping[str, Callable[[Any], Any]] | None = None
) -> Document:
    """Document with ``key.path=value`` settings laid over it, as ``--set`` gives them; values are YAML.

    A setting below a short form (``weights: entropy`` and ``weights.offset=0.01``) opens the short form first.

    Parameters
    ----------
    document
        The study file.
    settings
        The settings, in order.
    opened
        Key → function that gives the long form of what stands there; a text under any other key names a method.

    Examples
    --------
    >>> override(parse("weights: entropy"), ["weights.offset=0.01"]).data
    {'weights': {'method': 'entropy', 'offset': 0.01}}
    """
    data, places = dict(document.data), dict(document.places)
    for setting in settings:
        path, equals, value_text = setting.partition("=")
        keys = path.strip().split(".")
        place = Place(file=f"--set {path}")
        if not equals or not all(keys):
            raise StudyError.of("document.bad_setting", Place(file="--set"), setting=setting)
        try:
            # a lone dash would begin a list; as a value it is a direction
            value = "-" if value_text.strip() == "-" else parse(f"value: {value_text}").data["value"]
        except StudyError as error:
            raise StudyError.of("document.bad_setting", Place(file="--set"), setting=setting) from error
        if len(keys) > 1 and opened and keys[0] in opened and keys[0] in data:
            data = {**data, keys[0]: opened[keys[0]](data[keys[0]])}
        data = _put(data, keys, value)
        found: Key = ()
        for key in keys:
            found = (*found, int(key) if key.isdigit() and (*found, key) not in places else key)
        places = {k: v for k, v in places.items() if k[: len(found)] != found} | {found: place}
        for n in range(1, len(found)):
            places.setdefault(found[:n], place)
    return Document(data, document.file, places, document.text)


def _put(inside: Any, keys: list[str], value: Any) -> Any:
    """Copy of `inside` with `value` at `keys`."""
    key, rest = keys[0], keys[1:]
    if isinstance(inside, list) and key.isdigit() and int(key) < len(inside):
        i = int(key)
        return [*inside[:i], _put(inside[i], rest, value) if rest else value, *inside[i + 1 :]]
    if isinstance(inside, str):
        inside = {"method": inside}
    inside = dict(inside) if isinstance(inside, dict) else {}
    inside[key] = _put(inside.get(key), rest, value) if rest else value
    return inside
