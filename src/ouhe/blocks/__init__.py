"""Walk an array in blocks that stay in the processor's cache, on several cores; chunked arrays stay lazy.

The functions handed in see plain float64 arrays, whatever the array's own type, and leave them alone. Blocks are cut
in the order in which the numbers lie in memory, so that nothing is turned around on the way. The cut does not depend
on the number of cores, so neither do the results. All works on ``xarray.Variable``, values with named dimensions and
nothing else: on a small panel, carrying labels through every step would take longer than the arithmetic.
:func:`labelled` puts them back at the end.

Where an array is chunked, a chunk is an array in memory to the same functions: results of cells stay lazy, reductions
merge what the chunks give, in their order. An array on another device (the Python array API) is one block.
"""

from ouhe.blocks.chunked import pieces
from ouhe.blocks.labels import labelled
from ouhe.blocks.namespaces import in_memory, namespace, products, taken
from ouhe.blocks.reducing import extremes, know_extremes, sums
from ouhe.blocks.shifting import affine
from ouhe.blocks.tiles import BLOCK, workers
from ouhe.blocks.walking import Function, Kernel, along, cells

__all__ = [
    "BLOCK",
    "Function",
    "Kernel",
    "affine",
    "along",
    "cells",
    "extremes",
    "in_memory",
    "know_extremes",
    "labelled",
    "namespace",
    "pieces",
    "products",
    "sums",
    "taken",
    "workers",
]
