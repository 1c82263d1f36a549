"""A drawing of ours as part of a page: ids of its own, nothing that runs and nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from io import BytesIO
from pathlib import Path
from xml.parsers import expat

from ouhe.errors import DataError, Place

__all__ = ["inline"]

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_STRUCTURE = {"svg", "g", "defs", "use", "clipPath", "pattern", "mask", "marker", "symbol", "style", "title", "desc"}
_SHAPES = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "image", "text", "tspan"}
_ELEMENTS = _STRUCTURE | _SHAPES | {"linearGradient", "radialGradient", "stop"}
_ATTRIBUTES = re.compile(r"(?!on)[A-Za-z][A-Za-z0-9-]*")
_POINTED = re.compile(r"url\(\s*['\"]?#([^)'\"]+)['\"]?\s*\)")
_PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=\s]*")
#: What could fetch or run from inside a style.
_FETCHES = re.compile(r"url\(|@|\\|expression", re.IGNORECASE)
_RULE = re.compile(r"\s*\*\s*\{([^{}<]*)\}\s*")


def inline(file: Path, *, prefix: str, label: str) -> str:
    """An SVG file as an ``<svg>`` element for an HTML page.

    Ids that something points to are renamed, so that two drawings never share one; other ids, comments and metadata
    are left out.

    Parameters
    ----------
    file
        A drawing by matplotlib.
    prefix
        What every id begins with, different for every drawing of a page.
    label
        What the drawing shows, for readers who do not see it.

    Raises
    ------
    DataError
        The file is not an SVG or cannot be read, or holds what no drawing of ours holds: scripts, other documents,
        addresses.
    """
    try:
        return _Drawing(file, prefix, label).read()
    except OSError as error:
        raise DataError.of("html.figure_unreadable", Place(file=str(file)), why=error.strerror or str(error)) from error
    except expat.ExpatError as error:
        place = Place(file=str(file), line=error.lineno)
        raise DataError.of("html.figure_unreadable", place, why=expat.ErrorString(error.code)) from error


class _Drawing:
    """The parts of one file on their way into the page."""

    def __init__(self, file: Path, prefix: str, label: str) -> None:
        self.file, self.prefix, self.label = file, prefix, label
        self.raw = file.read_bytes()
        self.names: dict[str, str] = {}
        self.parts: list[str] = []
        self.open: list[str] = []
        self.dropped = 0

    def read(self) -> str:
        """Check everything and give the element."""
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._find
        self.parser.EntityDeclHandler = lambda *_: self._refuse("<!ENTITY>")
        self.parser.ParseFile(BytesIO(self.raw))
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.ParseFile(BytesIO(self.raw))
        return "".join(self.parts)

    def _refuse(self, what: str) -> None:
        place = Place(file=str(self.file), line=self.parser.CurrentLineNumber)
        raise DataError.of("html.figure_foreign", place, what=what)

    def _find(self, _: str, attributes: Mapping[str, str]) -> None:
        """Note which ids are pointed to."""
        for name, value in attributes.items():
            if name in ("href", f"{_XLINK} href") and value.startswith("#"):
                self._name(value[1:])
            for pointed in _POINTED.findall(value):
                self._name(pointed)

    def _name(self, old: str) -> str:
        return self.names.setdefault(old, f"{self.prefix}--{len(self.names) + 1}")

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        space, _, element = name.rpartition(" ")
        if self.dropped or (space == _SVG and element == "metadata"):
            self.dropped += 1
            return
        if space != _SVG or element not in _ELEMENTS or (element == "svg") != (not self.open):
            self._refuse(f"<{element}>")
        self.open.append(element)
        if element == "style":
            self.parts.append("<style>")
            return
        kept = "".join(f' {a}="{escape(v)}"' for a, v in self._attributes(element, attributes).items())
        self.parts.append(f"<{element}{kept}>")

    def _attributes(self, element: str, attributes: Mapping[str, str]) -> dict[str, str]:
        kept: dict[str, str] = {}
        for full, value in attributes.items():
            name = full.removeprefix(f"{_XLINK} ")
            if name == "id":
                if value in self.names:
                    kept["id"] = self.names[value]
            elif name == "href":
                kept["href"] = self._target(element, value)
            elif not _ATTRIBUTES.fullmatch(name):
                self._refuse(f"{name}=")
            else:
                kept[name] = self._pointing(name, value)
        if element == "svg":
            kept.pop("version", None)
            kept |= {"id": self.prefix + "--0", "role": "img", "aria-label": self.label}
        return kept

    def _target(self, element: str, value: str) -> str:
        if value.startswith("#"):
            return f"#{self._name(value[1:])}"
        if element != "image" or not _PICTURE.fullmatch(value):
            self._refuse(f'href="{value[:60]}"')
        return value

    def _pointing(self, name: str, value: str) -> str:
        if _FETCHES.search(_POINTED.sub("", value)):
            self._refuse(f'{name}="{value[:60]}"')
        return _POINTED.sub(lambda m: f"url(#{self._name(m[1])})", value)

    def _end(self, _: str) -> None:
        if self.dropped:
            self.dropped -= 1
            return
        self.parts.append(f"</{self.open.pop()}>")

    def _text(self, data: str) -> None:
        if self.dropped or not self.open:
            return
        if self.open[-1] == "style":
            # matplotlib's one rule is for every element; it must hold for those of this drawing only
            rule = _RULE.fullmatch(data)
            if rule is None or _FETCHES.search(rule[1]):
                self._refuse("<style>")
            else:
                self.parts.append(f"#{self.prefix}--0 *{{{rule[1]}}}")
        elif self.open[-1] in ("text", "tspan", "title", "desc"):
            self.parts.append(escape(data))
        elif data.strip():
            self._refuse(data.strip()[:60])
