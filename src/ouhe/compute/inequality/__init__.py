"""How unequal the regions of a year are, and how much of it lies between groups of them.

:func:`indices` gives one number a measure; :func:`dagum` splits the Gini coefficient, :func:`theil` the Theil indices
for groups within groups.
"""

from ouhe.compute.inequality.dagum import dagum
from ouhe.compute.inequality.indices import indices
from ouhe.compute.inequality.theil import theil

__all__ = ["dagum", "indices", "theil"]
