"""Matrices of moves in figures: which classes are shown, and one matrix drawn into a panel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ouhe.figures import labels
from ouhe.figures.style import GREY, PALE, RISING, SMALL, contrast
from ouhe.results.study_results import StudyResults
from ouhe.results.transition import Transition

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ouhe.figures.style import Style

__all__ = ["chains", "draw_matrix", "held", "occurring", "square"]


def chains(results: StudyResults) -> Transition:
    """Chains of the results of a study that has them."""
    found = results.analyses["transition"]
    assert isinstance(found, Transition)
    return found


def occurring(counts: NDArray[Any]) -> NDArray[np.intp]:
    """Places of the classes in which somebody is at some time.

    Examples
    --------
    >>> occurring(np.array([[0, 0, 0], [0, 3, 1], [0, 0, 0]]))
    array([1, 2])
    """
    return np.flatnonzero(counts.sum(axis=0) + counts.sum(axis=1) > 0)


def held(frame: pd.DataFrame) -> pd.DataFrame:
    """Table ``number label``: classes of a frame of moves, lowest first, numbered from 1."""
    shown = frame[["from", "from_label"]].drop_duplicates("from").sort_values("from")
    return pd.DataFrame({"number": shown["from"].to_numpy(), "label": shown["from_label"].to_numpy()})


def square(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """A column of a frame of moves as a matrix, rows by ``from``."""
    wide = frame.pivot_table(index="from", columns="to", values=column, dropna=False, observed=False)
    return wide.to_numpy(dtype=float)


def draw_matrix(
    axes: Axes, probability: NDArray[np.float64], count: NDArray[np.float64], style: Style, *, room: tuple[float, float]
) -> Any:
    """Cells by probability, in per cent where moves were seen and the cell has room; rows without moves are grey.

    Parameters
    ----------
    axes
        The panel.
    probability, count
        Matrices, a row a class before.
    style
        How it looks.
    room
        Width and height of a cell in points.

    Returns
    -------
    matplotlib.collections.QuadMesh
        The cells, for a scale of colours.
    """
    cells = axes.pcolormesh(probability, cmap=RISING, vmin=0, vmax=1, edgecolor="white", linewidth=0.6)
    axes.set_facecolor(PALE)
    axes.invert_yaxis()
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    wide, tall = room
    fits = {d: labels.width(f"{100:.{d}f}", size=SMALL, font=style.font) + 0.3 < wide for d in (0, 1)}
    counted = tall > 2.6 * SMALL and fits[1]
    for (i, j), p in np.ndenumerate(probability):
        if np.isnan(p) or not count[i, j] or not fits[0]:
            continue
        said = f"{100 * p:.{1 if fits[1] else 0}f}" + (f"\n({count[i, j]:.0f})" if counted else "")
        ink = contrast(cells.cmap(float(p)))  # the scale runs from 0 to 1
        look: dict[str, Any] = {"ha": "center", "va": "center", "in_layout": False, "linespacing": 1.15}
        axes.text(j + 0.5, i + 0.5, said, size=SMALL, color=ink, **look)
    for place in range(len(probability)):  # those that stay
        axes.plot([place, place + 1, place + 1, place, place], [place, place, place + 1, place + 1, place],
                  color=GREY, linewidth=0.6, clip_on=False)  # fmt: skip
    return cells
