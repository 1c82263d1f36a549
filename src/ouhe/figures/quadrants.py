"""Quadrants of Moran's scatter plot and clusters of local Moran: their rows, colours and names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ouhe.figures.years import of_analysis
from ouhe.results.lisa import QUADRANTS, Lisa
from ouhe.results.study_results import StudyResults

if TYPE_CHECKING:
    from ouhe.figures.style import Style

__all__ = ["COLOURS", "CORNERS", "chance", "name", "rows", "significant"]

#: Colours as maps of local Moran have them: like among like strong, unlike pale. Any colour vision tells them apart
#: (ColorBrewer's RdBu); in grey the letters HH, LH, LL and HL do.
COLOURS: Mapping[str, str] = {"HH": "#b2182b", "LL": "#2166ac", "LH": "#92c5de", "HL": "#f4a582"}

#: Which corner of the plot a quadrant fills: right or left, above or below.
CORNERS: Mapping[str, tuple[bool, bool]] = {
    "HH": (True, True),
    "LH": (False, True),
    "LL": (False, False),
    "HL": (True, False),
}


def rows(results: StudyResults, years: Sequence[int] | None) -> pd.DataFrame:
    """Table ``variable year region value lag quadrant significant cluster level corrected`` of local Moran.

    ``quadrant`` is "" for a region without neighbours; ``cluster`` is the quadrant where it is significant, else "";
    ``level`` is the largest p that counts as significant, missing where it is not on record; ``corrected`` says that p
    is judged by the false discovery rate.

    Parameters
    ----------
    results
        Results of a study with local Moran.
    years
        Years to show; first, last and two between when left out.
    """
    lisa = results.analyses["lisa"]
    assert isinstance(lisa, Lisa)
    by = ["variable", "year", "region"]
    local = lisa.local[["value", "lag", "quadrant", "significant"]].assign(cluster=lisa.clusters())
    shown = of_analysis(local["year"].to_numpy(), years, results.coupling.D["year"].to_numpy())
    local = local.sel(year=shown).transpose(*by)
    table = local.to_dataframe(dim_order=by)[[*map(str, local.data_vars)]].reset_index()
    for column in ("quadrant", "cluster"):
        table[column] = np.array(QUADRANTS, dtype=object)[table[column].to_numpy()]
    level = lisa.options.get("significance")
    return table.assign(level=np.nan if level is None else float(level), corrected=bool(lisa.options.get("correction")))


def name(quadrant: str, style: Style) -> str:
    """Name of a quadrant.

    Examples
    --------
    >>> from ouhe.figures.style import Style
    >>> name("HL", Style(lang="en")), name("HL", Style(lang="zh"))
    ('HL (high–low)', '高-低（HL）')
    """
    return style.t(f"figures.quadrant_{quadrant}")


def significant(frame: pd.DataFrame, style: Style) -> str:
    """What significant means in a frame made of :func:`rows`, in words.

    Examples
    --------
    >>> from ouhe.figures.style import Style
    >>> significant(pd.DataFrame({"level": [0.05], "corrected": [False]}), Style(lang="en"))
    'local Moran significant (p ≤ 0.05)'
    """
    level, corrected = _judged(frame)
    if np.isnan(level):
        return style.t("figures.lisa_significant")
    return style.t(f"figures.lisa_significant_{'fdr' if corrected else 'p'}", level=f"{level:g}")


def chance(frame: pd.DataFrame, count: int, style: Style, *, of: str = "regions") -> list[str]:
    """Note that regions are judged one by one, and how many chance alone makes significant; none where corrected.

    Parameters
    ----------
    frame
        Rows of one variable with ``level`` and ``corrected`` of :func:`rows`.
    count
        Regions of a year that have a p.
    style
        How it looks.
    of
        ``regions`` or ``cells``.

    Examples
    --------
    >>> from ouhe.figures.style import Style
    >>> chance(pd.DataFrame({"level": [0.05], "corrected": [True]}), 31, Style(lang="en"))
    []
    >>> chance(pd.DataFrame({"level": [0.05], "corrected": [False]}), 20000, Style(lang="en"))[0].split(";")[0]
    '20000 regions are judged one by one: chance alone makes about 2000 a year significant'
    """
    level, corrected = _judged(frame)
    if corrected or np.isnan(level):
        return []
    expected = 2 * count * level  # p is the smaller of both tails
    said = f"{expected:.{0 if expected >= 10 else 1}f}"
    return [style.t(f"figures.lisa_one_by_one{'_cells' if of == 'cells' else ''}", count=count, expected=said)]


def _judged(frame: pd.DataFrame) -> tuple[float, bool]:
    """Largest p that is significant, and whether it is that of the false discovery rate."""
    return float(frame["level"].iloc[0]), bool(frame["corrected"].iloc[0])
