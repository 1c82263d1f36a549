"""Tables as CSV files; the same tables give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ouhe.report.render.excel.injection import would_run

__all__ = ["inert", "write_csv"]


def inert(value: object) -> object:
    """`value` with a leading apostrophe where a spreadsheet would run it as a formula, also behind spaces and quotes.

    No two values become one: without the apostrophe, what has one is the value as it was.

    Examples
    --------
    >>> inert("=cmd()"), inert("北京"), inert(-1.0)
    ("'=cmd()", '北京', -1.0)
    >>> inert("  ＠SUM(1)"), inert("R&D - a note")
    ("'  ＠SUM(1)", 'R&D - a note')
    """
    return f"'{value}" if isinstance(value, str) and would_run(value) else value


def write_csv(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write every table as ``NAME.csv``: UTF-8 with BOM, so that Excel opens it right, and full precision."""
    folder.mkdir()
    for name, table in tables.items():
        texts = table.select_dtypes(exclude=["number", "bool"]).columns
        safe = table.assign(**{c: table[c].map(inert, na_action="ignore") for c in texts})
        safe.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8-sig", lineterminator="\r\n")
