"""Draw docs/picture.png and docs/picture.zh.png with the package's own figures, from the demonstrations.

Each shows class maps of the first and last year over Moran scatter plots of those years: of the 48 states in English,
which are real, and of the 31 provinces in Chinese, which are simulated.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from ouhe import figures, run, text
from ouhe.output.scaffold import demo

DOCS = Path(__file__).resolve().parents[1] / "docs"

#: Width on paper and sharpness: text of 7 points is then read at the width of a page on the screen.
WIDTH_MM, DPI = 160.0, 170

#: Pixels between two figures.
GAP = 24


@dataclass(frozen=True)
class Picture:
    """A picture: where it goes, its language, the demonstration, and the years and variable shown."""

    file: str
    lang: text.Lang
    study: str
    years: tuple[int, int]
    variable: str


PICTURES = (
    Picture("picture.png", "en", "us-states", (1970, 1986), "D"),
    Picture("picture.zh.png", "zh", "innovation-productivity", (2010, 2022), "新质生产力"),
)


def drawn(picture: Picture, folder: Path) -> list[Image.Image]:
    """The two figures, as the package draws them."""
    results = run(demo(folder, study=picture.study, lang=picture.lang))
    style = figures.Style(lang=picture.lang, width_mm=WIDTH_MM, dpi=DPI, simulated=results.simulated)
    wanted = ("class_maps", f"moran_scatter-{picture.variable}")
    saved = {}
    for drawing, figure in figures.drawings(results, style, only=["class_maps", "moran_scatter"], years=picture.years):
        if drawing.file in wanted:
            (path,) = figures.save(figure, folder, drawing.file, formats=["png"])
            saved[drawing.file] = Image.open(path).convert("RGB")
    return [saved[name] for name in wanted]


def stacked(parts: list[Image.Image]) -> Image.Image:
    """Pictures one under the other on white."""
    height = sum(p.height for p in parts) + GAP * (len(parts) - 1)
    whole, top = Image.new("RGB", (max(p.width for p in parts), height), "white"), 0
    for part in parts:
        whole.paste(part, (0, top))
        top += part.height + GAP
    return whole


def main() -> None:
    """Draw both."""
    for picture in PICTURES:
        with tempfile.TemporaryDirectory() as folder, text.use(picture.lang):
            whole = stacked(drawn(picture, Path(folder) / "demo"))
        whole.save(DOCS / picture.file, optimize=True)


if __name__ == "__main__":
    main()
