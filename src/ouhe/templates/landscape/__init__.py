"""A synthetic national grid: rasters of a country that does not exist, at any size, the same for the same seed."""

from ouhe.templates.landscape.country import Country
from ouhe.templates.landscape.indicators import INDICATORS, values
from ouhe.templates.landscape.storing import FORMATS, Format, store_indicators, store_provinces

__all__ = ["FORMATS", "INDICATORS", "Country", "Format", "store_indicators", "store_provinces", "values"]
