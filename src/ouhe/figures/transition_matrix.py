"""Moves between classes: the probability of going from each class to each, with the number of moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ouhe.figures import labels, matrices
from ouhe.figures.style import MM
from ouhe.results.study_results import StudyResults

if TYPE_CHECKING:
    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]

#: Tallest and lowest cell, and room for the scale of colours and the names below, in millimetres.
TALLEST_MM, LOWEST_MM, AROUND_MM = 12.0, 8.0, 26.0

#: Part of the width that the names at the left take at most.
NAMES = 0.26


def frame(results: StudyResults) -> pd.DataFrame:
    """Table ``variable from from_label to to_label count probability``: classes that occur, numbered from 1.

    Parameters
    ----------
    results
        Results of a study with transitions.
    """
    found = matrices.chains(results)
    parts = []
    for variable in found.variables:
        chain, names = found.chain(variable), found.labels(variable)
        shown = matrices.occurring(chain["count"].to_numpy())
        cut = chain[["count", "probability"]].isel({"from": shown, "to": shown})
        table = cut.to_dataframe(dim_order=["from", "to"]).reset_index()
        told = {f"{end}_label": table[end].map(lambda c, names=names: names[c]) for end in ("from", "to")}
        ends = {end: table[end] + 1 for end in ("from", "to")}
        parts.append(table.assign(variable=variable, **told, **ends))
    columns = ["variable", "from", "from_label", "to", "to_label", "count", "probability"]
    return pd.concat(parts, ignore_index=True)[columns]


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """A matrix, a row for each class before, a column for each class after.

    Parameters
    ----------
    frame
        What :func:`frame` gives, of one variable.
    style
        How it looks.
    """
    classes = matrices.held(frame)
    count = len(classes)
    wide = style.width_mm * (1 - NAMES) * 0.97 / count
    tall = max(LOWEST_MM, min(TALLEST_MM, wide))
    most = NAMES * style.width_mm * MM * 72
    across = [style.wrapped(label, most=wide * MM * 72 - 2, lines=3) for label in classes["label"]]
    named = all(_whole(said, label) for said, label in zip(across, classes["label"], strict=True))
    numbered = not named and any(n != f"Q{i}" for i, n in zip(classes["number"], classes["label"], strict=True))
    with style.applied():
        notes = [style.t("figures.transition_matrix_note")]
        figure, ((axes,),) = style.figure(height_mm=count * tall + AROUND_MM, notes=notes)
        p, n = (matrices.square(frame, c) for c in ("probability", "count"))
        cells = matrices.draw_matrix(axes, p, n, style, room=(wide * MM * 72, tall * MM * 72))
        before = [f"{i} {label}" if numbered else label for i, label in classes.itertuples(index=False)]
        ticks = [i + 0.5 for i in range(count)]
        axes.set_yticks(ticks, [style.wrapped(b, most=most - 12, lines=2) for b in before])
        axes.set_xticks(ticks, across if named else [str(i) for i in classes["number"]])
        axes.set_ylabel(style.t("figures.transition_from"))
        axes.set_xlabel(style.t("figures.transition_to"))
        bar = figure.colorbar(cells, ax=axes, location="top", aspect=style.width_mm * 0.3, pad=0.01)
        bar.set_ticks([0, 0.25, 0.5, 0.75, 1], labels=["0", "25", "50", "75", "100"])
        bar.set_label(style.t("figures.transition_probability"))
        bar.outline.set_linewidth(0.3)
    return figure


def _whole(said: str, label: str) -> bool:
    """Nothing of a label was cut, and no word was broken."""
    return (
        "…" not in said
        and all(part in labels.plain(label) for part in said.split("\n"))
        and (" ".join(said.split("\n")) == labels.plain(label) or "".join(said.split("\n")) == labels.plain(label))
    )
