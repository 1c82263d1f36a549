"""Local spatial autocorrelation: which regions stand beside regions like them, and how that changes."""

from __future__ import annotations

from ouhe.compute.lisa.autocorrelation import Correction, Inference, QuadrantOrigin, local
from ouhe.compute.lisa.transitions import moves

__all__ = ["Correction", "Inference", "QuadrantOrigin", "local", "moves"]
