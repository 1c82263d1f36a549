"""Spatial weights: who is whose neighbour, and how much.

>>> from ouhe import neighbours, regions
>>> china = regions.load("china-provinces")
>>> neighbours.contiguity(china)
Neighbours('contiguity': 31 regions, 69 pairs)
>>> neighbours.inverse_distance(china.table, power=2)
Neighbours('inverse-distance': 31 regions, 465 pairs)
"""

from ouhe.neighbours.contiguity import Rule, contiguity, from_boundaries
from ouhe.neighbours.distance import distance_band, inverse_distance, k_nearest
from ouhe.neighbours.economic import Form, economic, economic_geographic
from ouhe.neighbours.lattice import lattice
from ouhe.neighbours.points import Metric
from ouhe.neighbours.weights import Neighbours, Style

__all__ = [
    "Form",
    "Metric",
    "Neighbours",
    "Rule",
    "Style",
    "contiguity",
    "distance_band",
    "economic",
    "economic_geographic",
    "from_boundaries",
    "inverse_distance",
    "k_nearest",
    "lattice",
]
