"""Equations of a Word file: Word's own, in the middle of the line, their numbers at the margin."""

from __future__ import annotations

import re

from ouhe.report.document import Equation
from ouhe.report.formulas import formula
from ouhe.report.render.word.markup import Xml, run, w, xml
from ouhe.report.render.word.running import Writer

__all__ = ["equation"]

FONT = "Cambria Math"


def equation(block: Equation, writer: Writer, *, width: int) -> Xml:
    """Paragraph of an equation.

    Parameters
    ----------
    block, writer
        The equation, and what the file shares.
    width
        Width of the text in twentieths of a point.
    """
    tabs = w("tabs", w("tab", val="center", pos=width // 2), w("tab", val="right", pos=width))
    tab = w("r", w("tab"))
    before, _, after = writer.said("equation", number="\n").partition("\n")
    number = writer.counted("Equation", block.number)
    shown = (tab, run(before), writer.marked(writer.names[block.anchor], number), run(after)) if block.number else ()
    return writer.paragraph("Equation", tab, omml(block.name), *shown, properties=(tabs,))


def omml(name: str) -> Xml:
    """Word's form of a formula, its letters in the font of mathematics."""
    fonts = w("rPr", xml("w:rFonts", {"w:ascii": FONT, "w:hAnsi": FONT}))
    return Xml(re.sub(r"<m:t[ >]", lambda found: fonts + found[0], formula(name).omml))
