"""Series derived from other series by arithmetic a study writes down, such as ``gdp / population * 10000``."""

from __future__ import annotations

from ouhe.compute.derive.evaluation import evaluate
from ouhe.compute.derive.formula import looks_back, names, order
from ouhe.compute.derive.functions import FUNCTIONS, Function

__all__ = ["FUNCTIONS", "Function", "evaluate", "looks_back", "names", "order"]
