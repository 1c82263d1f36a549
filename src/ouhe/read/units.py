"""Units of measurement in brackets, told apart from brackets that are part of a name."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["is_unit", "split_unit"]

_SCALE = "(?:十|百|千|万|亿)*"
_MEASURES = (
    "个|人年|人次|人月|人公里|人|元|美元|欧元|日元|港元|人民币|项|件|篇|部|册|本|份|卷|种|类|次|例|起|家|户|所|间|栋|台|套|台套|"
    "辆|列|艘|架|张|座|处|条|门|只|头|株|位|名|级|点|分|倍|天|日|小时|分钟|年|学时|岁|床|"
    "公顷|亩|平方米|平方千米|平方公里|公里|千米|海里|米|厘米|毫米|吨标准煤|吨标煤|吨公里|吨|千克|公斤|克|毫克|微克|升|立方米|"
    "千瓦时|千瓦小时|千瓦|兆瓦|焦耳|标准箱|标台|比特|字节|度|百分点|摄氏度"
)
_CHINESE = rf"{_SCALE}(?:{_MEASURES})"
_SIGNS = "%|‰|℃|°C|(?:k|c|m)?m[23²³]|[kmcd]m|[km]?g|μg|ug|ha|mu|tce|[kMGT]Wh?|[KMGT]B|TEU|dB"
_CHINESE_UNIT = re.compile(rf"(?:{_SIGNS}|{_CHINESE})(?:/(?:{_SIGNS}|{_CHINESE}|{_SCALE}))?")
_ENGLISH_NOUN = (
    "(?:US\\s*)?dollars?|yuan|rmb|cny|usd|euros?|units?|persons?|people|pieces?|items?|sets?|times|years?|days?|hours?|"
    "man-years?|person-years?|households?|institutions?|firms?|enterprises?|events?|beds?|vehicles?|books?|copies|"
    "tonnes?|tons?|tons? of standard coal|kilograms?|hectares?|square met(?:er|re)s?|cubic met(?:er|re)s?|"
    "kilomet(?:er|re)s?|met(?:er|re)s?|per\\s?cent|percentage points?"
)
_ENGLISH_SCALE = r"(?:[\d\s,.]|ten|hundred|thousand|million|billion)*"
_ENGLISH = rf"{_ENGLISH_SCALE}(?:{_ENGLISH_NOUN}|{_SIGNS})"
_ENGLISH_UNIT = re.compile(rf"{_ENGLISH}(?:\s*(?:/|\bper\b)\s*{_ENGLISH})?", re.IGNORECASE)


def is_unit(text: str) -> bool:
    """Whether a text in brackets is a unit of measurement and no part of a name.

    Examples
    --------
    >>> said = ("万元", "人/万人", "%", "10 000 yuan", "persons per km2", "R&D", "规模以上", "农村", "上年=100")
    >>> [t for t in said if is_unit(t)]
    ['万元', '人/万人', '%', '10 000 yuan', 'persons per km2']
    """
    text = unicodedata.normalize("NFKC", text).strip()
    return bool(_CHINESE_UNIT.fullmatch(re.sub(r"\s", "", text)) or _ENGLISH_UNIT.fullmatch(text))


def split_unit(text: str) -> tuple[str, str]:
    """Name and unit of a header that ends in a unit in brackets; without one, the whole text is the name.

    Examples
    --------
    >>> split_unit("人口数(人口抽样调查)(人)"), split_unit("R&D经费（万元）")
    (('人口数(人口抽样调查)', '人'), ('R&D经费', '万元'))
    >>> split_unit("人口（农村）"), split_unit("GDP（上年=100）")
    (('人口（农村）', ''), ('GDP（上年=100）', ''))
    """
    trimmed = text.strip()
    start = _last_bracket(trimmed)
    inside = trimmed[start + 1 : -1].strip()
    return (trimmed[:start].strip(), inside) if start > 0 and is_unit(inside) else (trimmed, "")


def _last_bracket(text: str) -> int:
    """Where the bracket opens that closes at the end of a text; 0 where none does."""
    depth = 0
    for position in range(len(text) - 1, 0, -1):
        depth += (text[position] in ")）") - (text[position] in "(（")
        if depth == 0:
            return position if text[position] in "(（" else 0
    return 0
