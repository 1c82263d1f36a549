"""Kernel density of the regions of a year, and the shape of its curve.

:func:`estimate` gives the curves, :func:`shape` what is to be seen in them; :func:`modality`, :func:`tail`,
:func:`peakedness` and :func:`course` put numbers into the few kinds that words tell apart.
"""

from ouhe.compute.density.curves import Bandwidth, estimate
from ouhe.compute.density.kinds import course, modality, peakedness, tail
from ouhe.compute.density.peaks import shape
from ouhe.compute.density.sums import Kernel

__all__ = ["Bandwidth", "Kernel", "course", "estimate", "modality", "peakedness", "shape", "tail"]
