"""Region sets: names, codes, groups and borders as data, and the matching of names."""

from ouhe.regions.builtin import builtin, load, unknown
from ouhe.regions.custom import from_file
from ouhe.regions.names import Recognition
from ouhe.regions.regionset import RegionSet

__all__ = ["Recognition", "RegionSet", "builtin", "from_file", "load", "unknown"]
