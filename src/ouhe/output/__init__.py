"""The output folder: written whole or not at all, loaded again, and its report rendered again."""

from ouhe.output.again import write_report
from ouhe.output.auditing import write_audit
from ouhe.output.writing import checked, load, write

__all__ = ["checked", "load", "write", "write_audit", "write_report"]
