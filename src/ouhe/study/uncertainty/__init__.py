"""How far the results of a study depend on the choices behind them: which there are, draws of them, what comes out."""

from ouhe.study.uncertainty.answering import uncertainty

__all__ = ["uncertainty"]
