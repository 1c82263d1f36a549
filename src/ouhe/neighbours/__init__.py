"""Spatial weights: who is whose neighbour, and how much."""

from ouhe.neighbours.weights import Neighbours, Style

__all__ = ["Neighbours", "Style"]
