"""The output folder: written whole or not at all, and loaded again."""

from ouhe.output.writing import checked, load, write

__all__ = ["checked", "load", "write"]
