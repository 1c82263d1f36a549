"""Spatial weights as one frozen value over a sparse matrix."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from ouhe.errors import DataError, OuheError, OuheWarning, Problem, check_choice, listed

__all__ = ["Neighbours", "Style", "Sums"]

#: How far a row's sum may be from 1 by rounding alone.
ROUNDING = 1e-12

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

    Raises
    ------
    OptionError
        There is no such style.
    DataError
        The matrix is not n by n, a weight is not finite, a region is its own neighbour, or a region stands twice.

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
        check_choice("style", self.style, Style)
        clean = sparse.csr_array(self.matrix, dtype=np.float64, copy=True)
        clean.sum_duplicates()
        clean.eliminate_zeros()
        clean.sort_indices()
        for part in (clean.data, clean.indices, clean.indptr):
            part.flags.writeable = False
        object.__setattr__(self, "matrix", clean)
        object.__setattr__(self, "regions", tuple(map(str, self.regions)))
        problems = list(self._problems())
        if problems:
            raise DataError(*problems)

    def _problems(self) -> Iterator[Problem]:
        """Go through what no weights of any kind may be."""
        n = len(self.regions)
        if self.matrix.shape != (n, n):
            rows, columns = self.matrix.shape
            yield Problem("neighbours.wrong_size", params={"rows": rows, "columns": columns, "regions": n})
            return
        twice = [r for r, count in Counter(self.regions).items() if count > 1]
        if twice:
            yield Problem("neighbours.region_twice", params={"regions": listed(twice)})
        wrong = ~np.isfinite(self.matrix.data)
        if wrong.any():
            at = np.flatnonzero(wrong)
            pairs = zip(self._rows[at], self.matrix.indices[at], strict=True)
            said = (f"{self.regions[i]}–{self.regions[j]}" for i, j in pairs)
            yield Problem("neighbours.not_finite", params={"count": len(at), "pairs": listed(said)})
        own = np.flatnonzero(self.matrix.diagonal())
        if len(own):
            regions = listed(self.regions[i] for i in own)
            yield Problem("neighbours.own_neighbour", params={"count": len(own), "regions": regions})

    @property
    def _rows(self) -> NDArray[np.int64]:
        """Row of every weight."""
        return np.repeat(np.arange(self.matrix.shape[0]), np.diff(self.matrix.indptr))

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

        Raises
        ------
        OptionError
            There is no such style.
        DataError
            A pair names a region that is not among `regions`, or the same region twice.
        """
        pairs = list(pairs)
        position = {r: i for i, r in enumerate(regions)}
        absent = dict.fromkeys(r for pair in pairs for r in pair if r not in position)
        if absent:
            raise DataError(*(Problem("neighbours.not_held", params={"region": r, "name": name}) for r in absent))
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
        """Weights from a full matrix ``(n, n)``, scaled to `style`.

        Raises
        ------
        OptionError, DataError
            As :class:`Neighbours` and :meth:`styled`.
        """
        return cls(tuple(regions), sparse.csr_array(np.asarray(matrix, dtype=np.float64)), "raw", name).styled(style)

    def styled(self, style: Style) -> Neighbours:
        """The same neighbours, their weights scaled otherwise; an isolate's row stays empty.

        Raises
        ------
        OptionError
            There is no such style.
        DataError
            Rows shall sum to 1, but there are rows of which the weights, some of them negative, sum to 0 or less.

        Examples
        --------
        >>> w = Neighbours.from_dense([[0, 2, 6], [1, 0, 0], [0, 0, 0]], ["a", "b", "c"])
        >>> w.styled("row").matrix.toarray()[0].tolist()
        [0.0, 0.25, 0.75]
        """
        check_choice("style", style, Style)
        scaled = self.matrix.copy()
        if style == "binary":
            scaled.data = np.ones_like(scaled.data)
        elif style == "row":
            scaled.data = scaled.data * np.repeat(self._per_row(), np.diff(self.matrix.indptr))
        return Neighbours(self.regions, scaled, style, self.name)

    def _per_row(self) -> NDArray[np.float64]:
        """Factor that brings each row to the sum 1; 1 where it is there but for rounding, so that twice is once."""
        sums = np.asarray(self.matrix.sum(axis=1)).ravel()
        linked = self.degrees > 0
        without = np.flatnonzero(linked & (sums <= 0.0))
        if len(without):
            raise DataError.of(
                "neighbours.no_row_sum", regions=listed(self.regions[i] for i in without), name=self.name
            )
        sums[(np.abs(sums - 1.0) <= ROUNDING) | ~linked] = 1.0
        return 1.0 / sums

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
        if tuple(map(str, regions)) == self.regions:
            return self
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
            `x` has no dimension ``region``; or it and the weights do not hold the same regions: all that differ are
            named. Nothing is cut in silence: :meth:`only` does that where it is meant.
        """
        if "region" not in x.dims:
            raise DataError.of("neighbours.no_region", dims=listed(x.dims) or "-")
        regions = [str(r) for r in x["region"].values]
        if tuple(regions) == self.regions:
            return self
        held = set(regions)
        extra = [r for r in self.regions if r not in held]
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

        Regions keep the graph's order. A region that the graph links to itself with the weight 0 is an isolate, as
        there.

        Raises
        ------
        DataError
            The graph links a region to itself with another weight, as kernels do: take ``assign_self_weight(0)`` of it.

        Examples
        --------
        >>> from libpysal.graph import Graph
        >>> graph = Graph.from_arrays(["a", "b", "c"], ["b", "a", "c"], [1.0, 1.0, 0.0])
        >>> Neighbours.from_graph(graph, name="touch")
        Neighbours('touch': 3 regions, 1 pair, 1 isolate)
        """
        links, ids = graph.adjacency, graph.unique_ids
        # Graph.sparse has no column for a region that is nobody's neighbour
        ends = [ids.get_indexer(links.index.get_level_values(level)) for level in ("focal", "neighbor")]
        matrix = sparse.coo_array((links.to_numpy(np.float64), (ends[0], ends[1])), shape=(len(ids), len(ids)))
        return cls(tuple(map(str, ids)), matrix.tocsr(), "raw", name).styled(style)

    def to_graph(self) -> Any:
        """The weights as a ``libpysal.graph.Graph``, regions in their order; needs the extra ``geo``.

        Raises
        ------
        OuheError
            The extra is not installed.
        """
        try:
            from libpysal.graph import Graph
        except ImportError as error:
            raise OuheError.of("neighbours.no_libpysal") from error

        alone = np.flatnonzero(self.degrees == 0)
        rows, columns = np.append(self._rows, alone), np.append(self.matrix.indices, alone)
        weights = np.append(self.matrix.data, np.zeros(len(alone)))
        order = np.argsort(rows, kind="stable")
        # levels in our order and whole, as PySAL makes matrices of them
        ids, codes = list(self.regions), [rows[order].tolist(), columns[order].tolist()]
        index = pd.MultiIndex([ids, ids], codes, names=["focal", "neighbor"])
        links = pd.Series(weights[order], index, name="weight")
        return Graph(links, transformation={"row": "R", "binary": "B"}.get(self.style, "O"), is_sorted=True)

    def telling_isolates(self) -> Neighbours:
        """The same weights, after a warning that names the regions without a neighbour, where there are any.

        Warns
        -----
        OuheWarning
            There are isolates.
        """
        if self.isolates:
            told = {"count": len(self.isolates), "regions": listed(self.isolates), "name": self.name}
            warnings.warn(OuheWarning.of("neighbours.isolates", **told), stacklevel=3)
        return self

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
        said = _counted(self.matrix.nnz // 2, "pair") if self.symmetric else _counted(self.matrix.nnz, "weight")
        said += f", {_counted(alone, 'isolate')}" if alone else ""
        return f"Neighbours({self.name!r}: {_counted(len(self), 'region')}, {said})"


def _counted(count: int, noun: str) -> str:
    """Number of things, with the plural where they are not one."""
    return f"{count} {noun}{'s' * (count != 1)}"
