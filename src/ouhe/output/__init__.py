"""The output folder: written whole or not at all, and loaded again."""

from ouhe.output.writing import load, write

__all__ = ["load", "write"]
