"""Spatial weights as one frozen value over a sparse matrix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from ouhe.errors import DataError, Problem

__all__ = ["Neighbours", "Style", "Sums"]

#: How weights are scaled: every row to a sum of 1, every neighbour to 1, or as they are.
Style = Literal["row", "binary", "raw"]


class Sums(NamedTuple):
    """Sums of weights that the moments of spatial statistics are made of (Cliff & Ord 1981)."""

    s0: float
    s1: float
    s2: float


@dataclass(frozen=True, eq=False, repr=False)
class Neighbours:
    """Spatial weights W of a set of regions.

    Parameters
    ----------
    regions
        Ids of the regions, in the order of rows and columns.
    matrix
        W as a sparse array ``(n, n)`` of float64, without diagonal; row i holds the neighbours of region i.
    style
        How the weights are scaled.
    name
        What tables and figures call these weights.

    Examples
    --------
    >>> w = Neighbours.from_pairs([("a", "b"), ("b", "c")], ["a", "b", "c", "d"])
    >>> w
    Neighbours('': 4 regions, 2 pairs, 1 isolate)
    >>> w.isolates, w.matrix.toarray()[1].tolist()
    (('d',), [0.5, 0.0, 0.5, 0.0])
    """

    regions: tuple[str, ...]
    matrix: sparse.csr_array
    style: Style = "row"
    name: str = ""

    def __post_init__(self) -> None:
        clean = sparse.csr_array(self.matrix, dtype=np.float64, copy=True)
        clean.sum_duplicates()
        clean.eliminate_zeros()
        clean.sort_indices()
        for part in (clean.data, clean.indices, clean.indptr):
            part.flags.writeable = False
        object.__setattr__(self, "matrix", clean)
        object.__setattr__(self, "regions", tuple(map(str, self.regions)))

    @classmethod
    def from_pairs(
        cls, pairs: Iterable[tuple[str, str]], regions: Sequence[str], *, style: Style = "row", name: str = ""
    ) -> Neighbours:
        """Weights of regions that touch.

        Parameters
        ----------
        pairs
            Pairs of neighbours; each holds in both directions.
        regions
            All regions, in order.
        style, name
            As in :class:`Neighbours`.
        """
        position = {r: i for i, r in enumerate(regions)}
        ends = np.array([(position[a], position[b]) for a, b in pairs], dtype=np.int64).reshape(-1, 2)
        rows, columns = np.concatenate([ends, ends[:, ::-1]]).T
        n = len(regions)
        binary = sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(n, n)).tocsr()
        binary.data[:] = 1.0
        return cls(tuple(regions), binary, "binary", name).styled(style)

    @classmethod
    def from_dense(
        cls, matrix: ArrayLike, regions: Sequence[str], *, style: Style = "raw", name: str = ""
    ) -> Neighbours:
        """Weights from a full matrix ``(n, n)``, scaled to `style`."""
        return cls(tuple(regions), sparse.csr_array(np.asarray(matrix, dtype=np.float64)), "raw", name).styled(style)

    def styled(self, style: Style) -> Neighbours:
        """The same neighbours, their weights scaled otherwise; an isolate's row stays empty.

        Examples
        --------
        >>> w = Neighbours.from_dense([[0, 2, 6], [1, 0, 0], [0, 0, 0]], ["a", "b", "c"])
        >>> w.styled("row").matrix.toarray()[0].tolist()
        [0.0, 0.25, 0.75]
        """
        scaled = self.matrix.copy()
        if style == "binary":
            scaled.data = np.ones_like(scaled.data)
        elif style == "row":
            sums = np.asarray(self.matrix.sum(axis=1)).ravel()
            per_row = np.divide(1.0, sums, out=np.zeros_like(sums), where=sums != 0)
            scaled.data = scaled.data * np.repeat(per_row, np.diff(self.matrix.indptr))
        return Neighbours(self.regions, scaled, style, self.name)

    def named(self, name: str) -> Neighbours:
        """The same weights under another name."""
        return Neighbours(self.regions, self.matrix, self.style, name)

    def only(self, regions: Sequence[str]) -> Neighbours:
        """Weights cut to `regions`, in their order; where rows summed to 1 they do so again.

        Raises
        ------
        DataError
            Regions that the weights do not hold; all are named.
        """
        position = {r: i for i, r in enumerate(self.regions)}
        absent = [r for r in map(str, regions) if r not in position]
        if absent:
            raise DataError(*(Problem("neighbours.not_held", params={"region": r, "name": self.name}) for r in absent))
        chosen = np.array([position[str(r)] for r in regions], dtype=np.int64)
        cut = Neighbours(tuple(map(str, regions)), self.matrix[chosen][:, chosen], self.style, self.name)
        return cut.styled("row") if self.style == "row" else cut

    def aligned(self, x: xr.DataArray) -> Neighbours:
        """Weights in the order of the regions of `x`.

        Raises
        ------
        DataError
            `x` and the weights do not hold the same regions; all that differ are named. Nothing is cut in silence:
            :meth:`only` does that where it is meant.
        """
        regions = [str(r) for r in x["region"].values]
        if tuple(regions) == self.regions:
            return self
        extra = [r for r in self.regions if r not in set(regions)]
        if extra:
            raise DataError(
                *(Problem("neighbours.without_value", params={"region": r, "name": self.name}) for r in extra)
            )
        return self.only(regions)

    @cached_property
    def degrees(self) -> NDArray[np.int64]:
        """Number of neighbours of every region."""
        return np.asarray(np.diff(self.matrix.indptr), dtype=np.int64)

    @property
    def isolates(self) -> tuple[str, ...]:
        """Regions without a neighbour."""
        return tuple(r for r, k in zip(self.regions, self.degrees, strict=True) if k == 0)

    @property
    def symmetric(self) -> bool:
        """Whoever is a neighbour of a region has it as a neighbour too; weights may differ."""
        pattern = self.styled("binary").matrix
        return bool((pattern != pattern.T).nnz == 0)

    @cached_property
    def sums(self) -> Sums:
        r"""S0 = Σ w, S1 = ½ Σ (w_ij + w_ji)², S2 = Σ (w_i· + w_·i)²."""
        w = self.matrix
        both = w + w.T
        ends = np.asarray(w.sum(axis=1)).ravel() + np.asarray(w.sum(axis=0)).ravel()
        return Sums(float(w.sum()), float((both.data**2).sum() / 2), float((ends**2).sum()))

    def lag(self, x: xr.DataArray) -> xr.DataArray:
        """Spatial lag Σ_j w_ij x_j of every region; missing for an isolate.

        Parameters
        ----------
        x
            Values with a dimension ``region``, which must hold the regions of the weights.

        Examples
        --------
        >>> w = Neighbours.from_pairs([("a", "b"), ("b", "c")], ["a", "b", "c"])
        >>> w.lag(xr.DataArray([1.0, 2.0, 5.0], dims="region", coords={"region": ["a", "b", "c"]})).values
        array([2., 3., 2.])
        """
        w = self.aligned(x)
        first = x.transpose("region", ...)
        flat = first.to_numpy().reshape(len(w.regions), -1)
        lags = np.asarray(w.matrix @ flat, dtype=np.float64).reshape(first.shape)
        lags[w.degrees == 0] = np.nan
        return first.copy(data=lags).transpose(*x.dims)

    def to_frame(self) -> pd.DataFrame:
        """Table ``region neighbour weight``, row by row."""
        w = self.matrix.tocoo()
        names = np.array(self.regions, dtype=object)
        return pd.DataFrame({"region": names[w.row], "neighbour": names[w.col], "weight": w.data})

    @classmethod
    def from_graph(cls, graph: Any, *, style: Style = "raw", name: str = "") -> Neighbours:
        """Weights from a ``libpysal.graph.Graph``, its weights as they are unless `style` scales them.

        Examples
        --------
        >>> from libpysal.graph import Graph
        >>> graph = Graph.from_arrays(["a", "b", "c"], ["b", "a", "c"], [1.0, 1.0, 0.0])
        >>> Neighbours.from_graph(graph, name="touch")
        Neighbours('touch': 3 regions, 1 pair, 1 isolate)
        """
        ids = [str(i) for i in graph.unique_ids]
        matrix = sparse.csr_array(graph.sparse)
        matrix.setdiag(0.0)
        return cls(tuple(ids), matrix, "raw", name).styled(style)

    def to_graph(self) -> Any:
        """The weights as a ``libpysal.graph.Graph``; needs the extra ``geo``."""
        from libpysal.graph import Graph

        table = self.to_frame()
        alone = pd.DataFrame({"region": self.isolates, "neighbour": self.isolates, "weight": 0.0})
        table = pd.concat([table, alone]) if len(alone) else table
        series = table.set_index(["region", "neighbour"])["weight"].rename_axis(["focal", "neighbor"])
        order = {r: i for i, r in enumerate(self.regions)}
        series = series.sort_index(key=lambda level: level.map(order)).rename("weight")
        return Graph(series, transformation="r" if self.style == "row" else "O", is_sorted=True)

    def record(self) -> Mapping[str, Any]:
        """What the weights are, as plain data."""
        return {
            "name": self.name,
            "style": self.style,
            "regions": len(self.regions),
            "weights": int(self.matrix.nnz),
            "isolates": list(self.isolates),
        }

    def __len__(self) -> int:
        return len(self.regions)

    def __repr__(self) -> str:
        alone = len(self.isolates)
        links = f"{self.matrix.nnz // 2} pair" + "s" * (self.matrix.nnz != 2)
        said = links if self.symmetric else f"{self.matrix.nnz} weights"
        said += f", {alone} isolate{'s' * (alone != 1)}" if alone else ""
        return f"Neighbours({self.name!r}: {len(self)} regions, {said})"
