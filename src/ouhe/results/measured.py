"""What results of regions and of rasters have in common, for figures and reports that serve both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pandas as pd
import xarray as xr

from ouhe import text
from ouhe.errors import Problem
from ouhe.results.groups import Groups
from ouhe.results.names import Names

__all__ = ["Classed", "ClassedCells", "Extent", "Gridded", "Measured", "Scheme", "Weighed"]


class Scheme(Protocol):
    """Systems and classes by name."""

    @property
    def systems(self) -> tuple[str, ...]:
        """Names of the systems."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes, lowest first."""
        ...

    @property
    def upper(self) -> tuple[float, ...]:
        """Upper ends of the classes."""
        ...


class Weighed(Protocol):
    """Weights of indicators."""

    @property
    def weight(self) -> xr.DataArray:
        """Weight of every indicator within its system, with what :func:`ouhe.panel.describe` puts on."""
        ...

    @property
    def entropy(self) -> xr.DataArray:
        """Entropy of every indicator, NaN where it has none."""
        ...

    def weights(self) -> pd.DataFrame:
        """Table ``system dimension element indicator name direction unit entropy weight``."""
        ...


class Classed(Protocol):
    """How many stand in each class."""

    @property
    def counts(self) -> xr.DataArray | None:
        """Regions or cells by ``(class, year)``; None where they were not counted."""
        ...

    @property
    def moves(self) -> xr.DataArray | None:
        """Regions or cells by ``(first_class, last_class)``; None where there is one year."""
        ...


class ClassedCells(Classed, Protocol):
    """How many cells stand in each class, and in which each system lags."""

    @property
    def lags(self) -> xr.DataArray | None:
        """Cells by ``(lag, year)``, −1 where systems are in step; None where they were not counted."""
        ...


class Measured(Protocol):
    """Results of a study, of regions or of rasters."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """The study as resolved."""
        ...

    @property
    def language(self) -> text.Lang:
        """Language of labels."""
        ...

    @property
    def title(self) -> str:
        """Title of the study."""
        ...

    @property
    def simulated(self) -> bool:
        """The data are simulated."""
        ...

    @property
    def years(self) -> tuple[int, ...]:
        """Years, rising."""
        ...

    @property
    def measurement(self) -> Weighed:
        """Weights."""
        ...

    @property
    def coupling(self) -> Scheme:
        """Systems and classes."""
        ...

    @property
    def groups(self) -> Groups:
        """Means of all regions or cells, and of groups or zones."""
        ...

    @property
    def trends(self) -> Classed:
        """Counts of classes."""
        ...

    @property
    def names(self) -> Mapping[text.Lang, Names]:
        """What readers of each language call things."""
        ...

    @property
    def analyses(self) -> Mapping[str, Any]:
        """Analyses by their key in the study file."""
        ...

    @property
    def not_done(self) -> Mapping[str, tuple[Problem, ...]]:
        """What cannot be done, and why."""
        ...

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What a reader must know before believing the numbers."""
        ...

    @property
    def versions(self) -> Mapping[str, str]:
        """Software that made them."""
        ...

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name."""
        ...

    def told_in(self, lang: text.Lang, /) -> Measured:
        """The same results with every name in another language."""
        ...


class Extent(Protocol):
    """Where the cells of a raster lie."""

    @property
    def crs(self) -> str:
        """Reference system as WKT, "" where there is none."""
        ...

    @property
    def transform(self) -> tuple[float, ...] | None:
        """Affine transform: cell width, 0, left edge, 0, cell height, top edge."""
        ...

    @property
    def sizes(self) -> Mapping[str, int]:
        """Cells along ``y`` and ``x``; of tables, rows of ``region``."""
        ...

    @property
    def counted(self) -> int:
        """Cells that are counted."""
        ...

    @property
    def outside(self) -> int:
        """Cells outside the study."""
        ...

    @property
    def dtype(self) -> str:
        """Type of the numbers."""
        ...

    @property
    def is_raster(self) -> bool:
        """It has a map; tables of regions have none."""
        ...


class Gridded(Measured, Protocol):
    """Results of a study of rasters."""

    @property
    def trends(self) -> ClassedCells:
        """Counts of classes and of lagging systems."""
        ...

    @property
    def grid(self) -> Extent:
        """Where the cells lie."""
        ...

    @property
    def grids(self) -> xr.Dataset:
        """What was written of every cell, read on demand."""
        ...

    def variable_of(self, name: str, /) -> str:
        """Name in `grids` of a system, or of C, T or D."""
        ...
