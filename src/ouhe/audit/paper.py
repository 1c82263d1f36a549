"""The structure of a paper file: what a paper prints, as somebody typed it in. Numbers are texts, as printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from ouhe import text
from ouhe.audit.printed import STARS
from ouhe.study.form import Model, Name, one_or_many, span

__all__ = ["KINDS", "Formulas", "Level", "Matrix", "PaperFile", "Raw", "RegionsOf", "Statement", "TableEntry"]

Scheme = Literal["nine-level", "ten-level"]
Kind = Literal["weights", "dimension-weights", "moran", "values", "means", "growth"]
KINDS: tuple[str, ...] = ("weights", "dimension-weights", "moran", "values", "means", "growth")


def _regions_long_form(value: Any) -> Any:
    if isinstance(value, str):
        return {"count": value} if value.strip().isdigit() else {"set": value}
    return {"names": value} if isinstance(value, list) else value


class RegionsOf(Model):
    """The regions: a set, their names, or how many there are."""

    set: str | None = None
    without: tuple[str, ...] = ()
    names: Annotated[tuple[Name, ...], Field(min_length=2)] | None = None
    count: int | None = Field(None, ge=2, le=100_000)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(given is not None for given in (self.set, self.names, self.count)) != 1:
            raise PydanticCustomError("ouhe", "", {"key": "audit.regions_one_way"})
        return self


class Level(Model):
    """One class of coordination as the paper prints it: above `above`, up to `to`."""

    above: float | None = None
    to: float
    label: str


def _classes_long_form(value: Any) -> Any:
    """Classes by the name of a scheme, as ``label: [above, to]`` or ``label: to``, or as levels."""
    if not isinstance(value, Mapping) or {"above", "to", "label"} & set(value):
        return value
    pairs = [(label, ends if isinstance(ends, list) else [None, ends]) for label, ends in value.items()]
    if any(len(ends) != 2 for _, ends in pairs):
        raise PydanticCustomError("ouhe", "", {"key": "audit.class_ends"})
    return [{"label": label, "above": above, "to": to} for label, (above, to) in pairs]


class Formulas(Model):
    """What the paper prints as its formulas; what it does not print is left out."""

    weights: Literal["entropy", "other"] | None = None
    entropy_divisor: Literal["ln nT", "ln n", "ln T"] | None = None
    index: Literal["values", "shares"] | None = None
    coupling: Literal["standard", "wang", "fan", "unrooted", "other"] | None = None
    coordination: Literal["sqrt CT", "other"] | None = None
    contribution: Literal["equal"] | dict[Name, Annotated[float, Field(ge=0, le=1)]] | None = None
    in_step: float | None = Field(None, ge=0)


class Matrix(Model):
    """The spatial weights that the paper says it used: a built-in kind, or a file."""

    method: Literal["contiguity", "k-nearest", "inverse-distance", "file"] = "contiguity"
    style: Literal["row", "binary", "raw"] = "row"
    k: int = Field(4, ge=1)
    power: float = Field(1.0, gt=0)
    path: str | None = None


def _matrix_long_form(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return {"method": "file", "path": value} if "." in value else {"method": value}


def _rising_stars(said: dict[str, float]) -> dict[str, float]:
    """Meanings of stars: stars only, each number of them once, and a smaller p the more there are."""
    rising = sorted(said.items(), key=lambda item: len(item[0]))
    counts, limits = [len(stars) for stars, _ in rising], [p for _, p in rising]
    plain = all(stars and not stars.strip(STARS) for stars in said)
    if not (plain and counts == sorted(set(counts)) and limits == sorted(set(limits), reverse=True)):
        raise PydanticCustomError("ouhe", "", {"key": "audit.stars_meaning"})
    return said


#: Number of stars, as stars → the p below which they stand.
_Stars = Annotated[dict[str, Annotated[float, Field(gt=0, lt=1)]], AfterValidator(_rising_stars)]


class TableEntry(Model):
    """One table of the paper: a file, or its rows."""

    kind: Kind
    where: str = ""
    path: str | None = None
    sheet: str | None = None
    rows: str | tuple[tuple[str | None, ...], ...] | None = None
    columns: dict[Name, str] = Field({})
    variable: str | None = None
    system: str | None = None
    scope: str | None = None
    period: str | None = None
    unit: Literal["", "%"] = ""
    sided: Literal["one", "two"] | None = None
    variance: Literal["randomisation", "normality"] | None = None
    stars: _Stars | None = None
    directions: Literal["printed", "assigned"] = "printed"

    @model_validator(mode="after")
    def _something_in_it(self) -> Self:
        if (self.path is None) == (self.rows is None):
            raise PydanticCustomError("ouhe", "", {"key": "audit.path_or_rows"})
        return self


class Statement(Model):
    """A number that stands in a sentence of the paper."""

    quantity: Literal["mean", "value", "growth", "dimension-weight", "moran"]
    of: str
    scope: str | None = None
    period: str | None = None
    value: str
    unit: Literal["", "%"] = ""
    where: str = ""


class Raw(Model):
    """Raw data of the indicators, one row a region and year, one column an indicator."""

    path: str
    sheet: str | None = None
    region: str | None = None
    year: str | None = None
    columns: dict[Name, str] = Field({})


def _raw_long_form(value: Any) -> Any:
    return {"path": value} if isinstance(value, str) else value


def _systems(value: Any) -> Any:
    """System → its other names in the tables."""
    if isinstance(value, list):
        return {str(name): () for name in value}
    if isinstance(value, Mapping):
        return {k: () if v is None else one_or_many(v) for k, v in value.items()}
    return value


class PaperFile(Model):
    """A paper: where its numbers stand, and what they are."""

    title: str
    citation: str = ""
    lang: text.Lang | None = None
    regions: Annotated[RegionsOf, BeforeValidator(_regions_long_form)]
    region_aliases: dict[str, str] = Field({})
    years: Annotated[tuple[int, ...], BeforeValidator(span), Field(min_length=1)]
    systems: Annotated[dict[Name, tuple[str, ...]], BeforeValidator(_systems), Field(min_length=1)]
    nation: Annotated[tuple[str, ...], BeforeValidator(one_or_many)] = Field(())
    groups: str | dict[Name, int | tuple[str, ...]] | None = None
    classes: Annotated[Scheme | tuple[Level, ...] | None, BeforeValidator(_classes_long_form)] = None
    stars: _Stars | None = None
    neighbours: Annotated[Matrix | None, BeforeValidator(_matrix_long_form)] = None
    formulas: Formulas = Formulas()
    lag_labels: dict[str, str] = Field({})
    tables: tuple[TableEntry, ...] = ()
    statements: tuple[Statement, ...] = ()
    raw: Annotated[Raw | None, BeforeValidator(_raw_long_form)] = None

    @model_validator(mode="after")
    def _contribution(self) -> Self:
        shares = self.formulas.contribution
        if isinstance(shares, dict) and (set(shares) != set(self.systems) or abs(sum(shares.values()) - 1) > 0.02):
            told = {"key": "audit.contribution", "systems": ", ".join(self.systems), "at": "formulas.contribution"}
            raise PydanticCustomError("ouhe", "", told)
        return self

    @property
    def language(self) -> text.Lang:
        """Language of the report: `lang`, or Chinese where the title holds Chinese characters."""
        return self.lang or ("zh" if any("一" <= c <= "鿿" for c in self.title) else "en")
