"""Local spatial autocorrelation: which regions stand beside regions like them, and how that changes."""

from __future__ import annotations

from ouhe.compute.lisa.autocorrelation import Correction, Inference, QuadrantOrigin, local
from ouhe.compute.lisa.transitions import CODES, moves

__all__ = ["CODES", "Correction", "Inference", "QuadrantOrigin", "local", "moves"]
