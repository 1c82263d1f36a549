"""What the cells of a header say: a region column, a year, a series and its unit."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

__all__ = [
    "INDICATOR_HEADERS",
    "REGION_HEADERS",
    "UNIT_HEADERS",
    "VALUE_HEADERS",
    "YEAR_HEADERS",
    "Chosen",
    "choose",
    "header_key",
    "label",
    "split_unit",
    "year_in",
    "year_of",
]

# fmt: off
REGION_HEADERS = frozenset({
    "地区", "省份", "省市", "省", "省区", "省域", "省市区", "省区市", "省份名称", "省名", "省级行政区", "地区名称",
    "城市", "城市名称", "市", "地级市", "区域", "县", "区县", "region", "regions", "regionname",
    "province", "provinces", "provincename", "prov", "city", "county", "state",
})
YEAR_HEADERS = frozenset({"年份", "年度", "年", "时间", "统计年份", "统计年度", "year", "years", "yr", "date", "time"})
INDICATOR_HEADERS = frozenset({
    "指标", "指标名称", "变量", "变量名", "变量名称", "indicator", "indicators", "series", "variable",
})
VALUE_HEADERS = frozenset({"数值", "值", "指标值", "数据", "value", "values"})
UNIT_HEADERS = frozenset({"单位", "计量单位", "unit", "units"})
# fmt: on

_YEARS = range(1000, 3000)
_YEAR = re.compile(r"(\d{4})(?:\.0+)?(?:年度?)?|(\d{4})[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ]?[\d:.]+)?")
_YEAR_INSIDE = re.compile(r"(?<![\d.])((?:1[89]|20)\d{2})(?![\d.])")


@lru_cache(maxsize=65536)
def header_key(text: str) -> str:
    """Header as it is compared: NFKC, without white space and byte-order marks.

    Examples
    --------
    >>> header_key("R&D 经费（万元）") == header_key("R&D经费(万元)")
    True
    """
    return "".join(c for c in unicodedata.normalize("NFKC", text) if not c.isspace() and c != "\ufeff")


def label(cell: object) -> str:
    """Text of a cell as a label: trimmed, a whole number without its ``.0``, nothing for an empty cell.

    Examples
    --------
    >>> label(110000.0), label(" 北京 "), label(None)
    ('110000', '北京', '')
    """
    if cell is None or (isinstance(cell, float) and np.isnan(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip().lstrip("\ufeff")


def year_of(cell: object) -> int | None:
    """Year that a cell is, or None: 2022, 2022.0, "2022", "2022年", "2022年度", or a date.

    Examples
    --------
    >>> year_of("2022年"), year_of(2022.0), year_of("2022-12-31"), year_of("2022Q1")
    (2022, 2022, 2022, None)
    """
    if cell is None or isinstance(cell, bool | np.bool_):
        return None
    if isinstance(cell, dt.date):
        return cell.year
    if isinstance(cell, int | float | np.integer | np.floating):
        return int(cell) if cell in _YEARS else None
    found = _YEAR.fullmatch(header_key(str(cell)))
    year = int(found[1] or found[2]) if found else 0
    return year if year in _YEARS else None


def year_in(text: str) -> int | None:
    """The only year from 1800 to 2099 that stands inside a text, or None.

    Examples
    --------
    >>> year_in("2-15 各地区专利(2022年)"), year_in("2010-2022")
    (2022, None)
    """
    found = {int(y) for y in _YEAR_INSIDE.findall(unicodedata.normalize("NFKC", text))}
    return found.pop() if len(found) == 1 else None


def split_unit(text: str) -> tuple[str, str]:
    """Name and unit of a header that ends in brackets; the unit is what the *last* pair holds.

    Examples
    --------
    >>> split_unit("人口数(人口抽样调查)(人)")
    ('人口数(人口抽样调查)', '人')
    >>> split_unit("R&D经费（万元）"), split_unit("人口")
    (('R&D经费', '万元'), ('人口', ''))
    """
    trimmed = text.strip()
    depth = 0
    for position in range(len(trimmed) - 1, 0, -1):
        depth += (trimmed[position] in ")）") - (trimmed[position] in "(（")
        if depth == 0:
            if trimmed[position] not in "(（":
                break
            return trimmed[:position].strip(), trimmed[position + 1 : -1].strip()
    return trimmed, ""


@dataclass(frozen=True)
class Chosen:
    """Which of several headers a study asks for.

    Parameters
    ----------
    series
        (position of the header, id of the series), in the order of the headers.
    several
        Id → positions of the headers that match it equally well.
    """

    series: tuple[tuple[int, str], ...]
    several: tuple[tuple[str, tuple[int, ...]], ...] = ()


def choose(headers: Sequence[Iterable[str]], names: Mapping[str, Iterable[str]]) -> Chosen:
    """Match headers to the names a study accepts.

    A header matches in full; where none does, a header without its unit does, unless another series already has it.

    Parameters
    ----------
    headers
        Texts of each column: its header, and its label where it has one.
    names
        Id of a series → texts it is accepted under.

    Examples
    --------
    >>> choose([["GDP（亿元）"], ["人口"]], {"gdp": ("GDP",), "pop": ("人口",), "rd": ("R&D",)})
    Chosen(series=((0, 'gdp'), (1, 'pop')), several=())
    """
    full = [{header_key(t) for t in texts} - {""} for texts in headers]
    bare = [{header_key(split_unit(t)[0]) for t in texts} - {""} for texts in headers]
    wanted = {name: {header_key(t) for t in texts} for name, texts in names.items()}
    hits = {name: [i for i, texts in enumerate(full) if texts & keys] for name, keys in wanted.items()}
    taken = {i for positions in hits.values() for i in positions}
    for name, keys in wanted.items():
        if not hits[name]:
            hits[name] = [i for i, texts in enumerate(bare) if texts & keys and i not in taken]
    return Chosen(
        series=tuple(sorted((p[0], name) for name, p in hits.items() if len(p) == 1)),
        several=tuple((name, tuple(p)) for name, p in hits.items() if len(p) > 1),
    )
