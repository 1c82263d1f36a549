"""The output folder: written whole or not at all, loaded again, and its report rendered again."""

from ouhe.output.reporting import report
from ouhe.output.writing import checked, load, write

__all__ = ["checked", "load", "report", "write"]
