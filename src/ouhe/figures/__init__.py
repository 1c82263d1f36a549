"""Figures: what to draw from results as a tidy table, and the drawing of that table.

One module a figure, with ``frame(results)`` and ``draw(frame, style)``. Computing never draws and drawing never
computes; what is drawn stands in the frame, and nothing else does.
"""

from ouhe.figures.catalogue import FIGURES, drawings, fitting, left_out
from ouhe.figures.saving import save
from ouhe.figures.style import Style

__all__ = ["FIGURES", "Style", "drawings", "fitting", "left_out", "save"]
