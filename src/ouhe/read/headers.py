"""What the cells of a header say: a region column, a year column, or a series."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ouhe.read.units import split_unit

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
    "printed_key",
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

_CIRCLED = re.compile(r"[\u2460-\u2473\u24ea]")


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


def printed_key(text: str) -> str:
    """Header of a printed table as it is compared: its letters and digits, without a unit in brackets at the end.

    Print breaks and punctuates one header in many ways, so case, ``#``, "其中", colons and other marks make no
    difference there. In a table made for reading by programs they may tell two columns apart.

    Examples
    --------
    >>> printed_key("#研究 人员（人年）") == printed_key("其中：研究人员"), printed_key("CPCI-S")
    (True, 'cpcis')
    """
    name, _ = split_unit(unicodedata.normalize("NFKC", _CIRCLED.sub("", text)))
    letters = "".join(c for c in name if c.isalnum()).casefold()
    return letters.removeprefix("其中") or letters


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
    Brackets that hold no unit are part of the name: 人口（农村） is not 人口.

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
