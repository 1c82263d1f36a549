"""Results to draw, and what is looked for in a drawing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from ouhe import regions, text
from ouhe.figures.canvas import StyledFigure
from ouhe.output import scaffold
from ouhe.results.places import Places
from ouhe.results.study_results import StudyResults
from ouhe.study.run import run

Drawn = Callable[[StyledFigure], list[tuple[str, Bbox]]]


@pytest.fixture(scope="session")
def study_results(
    tmp_path_factory: pytest.TempPathFactory, quickened: Callable[[Path], Path]
) -> Callable[[text.Lang], StudyResults]:
    """The shipped study in a language."""

    @cache
    def made(lang: text.Lang) -> StudyResults:
        results = run(quickened(scaffold.demo(tmp_path_factory.mktemp("study"), lang=lang)))
        return dataclasses.replace(results, places=_all_provinces(lang))

    return made


def _all_provinces(lang: text.Lang) -> Places:
    """The 31 provinces studied and the three that a map shows without data."""
    china = regions.load("china-provinces-34")
    about = {
        "label": [china.label(r, lang) for r in china.ids],
        "short": china.table[f"short_{lang}"],
        "studied": [r not in {"台湾", "香港", "澳门"} for r in china.ids],
    }
    return Places(china.table[["tile_row", "tile_column"]].assign(**about))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    """Give every text that a figure draws, with its box in pixels."""

    def record(figure: StyledFigure) -> list[tuple[str, Bbox]]:
        seen: list[Text] = []
        usual = Text.draw

        def draw(self: Text, renderer: object) -> None:
            if self.get_visible() and self.get_text().strip():
                seen.append(self)
            usual(self, renderer)  # type: ignore[arg-type]

        figure.settle()
        with monkeypatch.context() as patch:
            patch.setattr(Text, "draw", draw)
            figure.draw_without_rendering()
        return [(t.get_text(), Text.get_window_extent(t)) for t in dict.fromkeys(seen)]

    return record


@pytest.fixture
def assert_legible(drawn: Drawn) -> Callable[[StyledFigure], None]:
    """Refuse a figure with text beyond its edge, texts over one another, or text that is too small to read."""

    def check(figure: StyledFigure) -> None:
        texts = drawn(figure)
        assert texts
        edge = figure.bbox
        for said, box in texts:
            assert edge.x0 - 0.5 <= box.x0 <= box.x1 <= edge.x1 + 0.5, f"{said!r} is cut off at the side"
            assert edge.y0 - 0.5 <= box.y0 <= box.y1 <= edge.y1 + 0.5, f"{said!r} is cut off above or below"
        assert not _overlapping(texts)
        assert min(t.get_fontsize() for t in figure.findobj(Text)) >= 7.0

    return check


def _overlapping(texts: list[tuple[str, Bbox]]) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes share more than the air above and below letters."""
    boxes = np.array([box.extents for _, box in texts])
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = high - low
    heights = boxes[:, 3] - boxes[:, 1]
    air = 0.2 * np.minimum(heights[:, None], heights[None, :])
    first, second = np.nonzero(np.triu((shared[..., 0] > 0.5) & (shared[..., 1] > air), k=1))
    return [(texts[i][0], texts[j][0]) for i, j in zip(first, second, strict=True)]
