"""Moves between classes by the class of the neighbours: one matrix for each, so that they can be laid side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ouhe.figures import matrices
from ouhe.figures.style import MM
from ouhe.results.study_results import StudyResults

if TYPE_CHECKING:
    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]

#: Least width of a panel and of a cell, height of a cell and of what stands around a matrix, in millimetres.
LEAST_MM, CELL_MM, TALL_MM, AROUND_MM = 40.0, 5.0, 5.5, 13.0


def frame(results: StudyResults) -> pd.DataFrame:
    """Table ``variable neighbours neighbours_label from from_label to to_label count probability``.

    Classes that occur, and classes of neighbours from which moves start, numbered from 1; nothing where neighbours are
    left aside.

    Parameters
    ----------
    results
        Results of a study with transitions.
    """
    found = matrices.chains(results)
    columns = ["variable", "neighbours", "neighbours_label", "from", "from_label", "to", "to_label"]
    columns += ["count", "probability"]
    parts = []
    for variable in found.variables if found.spatial else ():
        chain, names, around = found.chain(variable), found.labels(variable), found.around_labels(variable)
        shown = matrices.occurring(chain["count"].to_numpy())
        cut = chain[["given_count", "given_probability"]].isel({"from": shown, "to": shown})
        table = cut.to_dataframe(dim_order=["given", "from", "to"]).reset_index()
        table = table[table.groupby("given")["given_count"].transform("sum") > 0]
        told = {"neighbours_label": table["given"].map(lambda c, names=around: names[c])}
        told |= {f"{end}_label": table[end].map(lambda c, names=names: names[c]) for end in ("from", "to")}
        told |= {"neighbours": table["given"] + 1, **{end: table[end] + 1 for end in ("from", "to")}}
        renamed = {"given_count": "count", "given_probability": "probability"}
        parts.append(table.assign(variable=variable, **told).rename(columns=renamed)[columns])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """A panel for every class of neighbours, the lowest first.

    Parameters
    ----------
    frame
        What :func:`frame` gives, of one variable.
    style
        How it looks.
    """
    around = frame.drop_duplicates("neighbours")[["neighbours", "neighbours_label"]]
    classes = matrices.held(frame)
    count = len(classes)
    least = max(LEAST_MM, 10 + count * CELL_MM)
    rows, columns = style.panels(len(around), least_mm=min(least, style.width_mm / 2))
    wide = style.width_mm / columns
    notes = [style.t("figures.transition_neighbours_note")]
    if any(label != f"Q{number}" for number, label in classes.itertuples(index=False)):
        said = [
            style.t("figures.transition_number", number=i, label=label) for i, label in classes.itertuples(index=False)
        ]
        notes.append(style.t("figures.transition_classes", classes=style.t("labels.comma").join(said)))
    with style.applied():
        figure, panels = style.figure(rows, columns, height_mm=rows * (count * TALL_MM + AROUND_MM), notes=notes)
        room = ((wide - 8) / count * MM * 72, TALL_MM * MM * 72)
        for place, axes in enumerate(panels.ravel()):
            if place >= len(around):
                axes.remove()
                continue
            number, label = around.iloc[place]
            part = frame[frame["neighbours"] == number]
            p, n = (matrices.square(part, c) for c in ("probability", "count"))
            matrices.draw_matrix(axes, p, n, style, room=room)
            ticks, numbers = [i + 0.5 for i in range(count)], _numbers(classes)
            axes.set_yticks(ticks, numbers)
            axes.set_xticks(ticks, numbers)
            if place % columns == 0:
                axes.set_ylabel(style.t("figures.transition_from"))
            if place + columns >= len(around):
                axes.set_xlabel(style.t("figures.transition_to"))
            title = style.t("figures.transition_around", label=label, count=int(n.sum()))
            style.title(axes, title, number=place if len(around) > 1 else None, most=(wide - 10) * MM * 72)
    return figure


def _numbers(classes: pd.DataFrame) -> list[str]:
    """Numbers of the classes, or their names where these are no longer."""
    short = all(len(str(label)) < 4 for label in classes["label"])
    return [str(v) for v in classes["label" if short else "number"]]
