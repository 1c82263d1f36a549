"""How far results depend on the choices behind them: draws of choices, intervals over draws, and shares of variance."""

from ouhe.compute.robust.drawing import alone, dirichlet, drawn, saltelli
from ouhe.compute.robust.intervals import above_next, interval, probabilities
from ouhe.compute.robust.sensitivity import shares

__all__ = ["above_next", "alone", "dirichlet", "drawn", "interval", "probabilities", "saltelli", "shares"]
