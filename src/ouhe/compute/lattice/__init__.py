"""Spatial autocorrelation of rasters, larger than memory if need be, without a matrix of weights."""

from __future__ import annotations

from ouhe.compute.lattice.autocorrelation import moran
from ouhe.compute.lattice.clusters import Precision, local
from ouhe.compute.lattice.contiguity import Rule
from ouhe.compute.lattice.points import Name

__all__ = ["Name", "Precision", "Rule", "local", "moran"]
