"""One task a chunk: what a chunk's values come from is computed inside the task that writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

if TYPE_CHECKING:
    from dask.delayed import Delayed

__all__ = ["chunk_tasks"]

#: How many times as much work as there is may be done where chunks share some of it.
MOST_REPEATED = 2


def chunk_tasks(
    function: Callable[..., tuple[NDArray[Any], ...]], places: Sequence[object], variables: Sequence[xr.Variable]
) -> list[Delayed]:
    """Tasks that do a function on each chunk of variables that are chunked alike.

    Parameters
    ----------
    function
        Gets a place and the values of each variable there.
    places
        One for every chunk, the last dimension running fastest.
    variables
        The variables.

    Returns
    -------
    list of dask.delayed.Delayed
        One a chunk. What the variables of a chunk share is computed once, and on one worker.

    Examples
    --------
    >>> x = xr.Variable("region", [1.0, 2.0, 3.0]).chunk(region=2)
    >>> tasks = chunk_tasks(lambda place, a, b: (place, a + b), ["first", "second"], [x, 2 * x])
    >>> [task.compute() for task in tasks]
    [('first', array([3., 6.])), ('second', array([9.]))]
    """
    import dask
    from dask.highlevelgraph import HighLevelGraph

    keys = list(zip(*(_keys(v) for v in variables), strict=True))
    # layers that variables share are laid out once
    graph = dict(HighLevelGraph.merge(*(v.data.__dask_graph__() for v in variables)))
    cut = [_cut(graph, chunk) for chunk in keys]
    call = dask.delayed(_computed, pure=False)
    if sum(len(c.graph) for c in cut) <= MOST_REPEATED * len(graph) + len(cut):
        return [call(function, place, c) for place, c in zip(places, cut, strict=True)]
    # chunks hang together, so each would compute what others compute too
    blocks = zip(*(v.data.to_delayed(optimize_graph=False).ravel() for v in variables), strict=True)
    plain = dask.delayed(function, pure=False)
    return [plain(place, *chunk) for place, chunk in zip(places, blocks, strict=True)]


class _Cut:
    """The part of a graph that one chunk needs; no dataclass, because dask looks for tasks inside those."""

    __slots__ = ("graph", "keys")

    def __init__(self, graph: Mapping[Any, Any], keys: Sequence[Any]) -> None:
        self.graph = graph
        self.keys = list(keys)


def _keys(v: xr.Variable) -> list[Any]:
    numbers = np.ndindex(*(len(c) for c in v.data.chunks))
    return [(v.data.name, *n) for n in numbers]


def _cut(graph: Mapping[Any, Any], keys: Sequence[Any]) -> _Cut:
    from dask.optimization import cull

    return _Cut(cull(graph, list(keys))[0], keys)


def _computed(function: Callable[..., tuple[NDArray[Any], ...]], place: object, cut: _Cut) -> tuple[NDArray[Any], ...]:
    import dask

    return function(place, *dask.get(cut.graph, cut.keys))
