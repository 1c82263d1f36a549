"""The structure of a study file: what may stand where. A study is a frozen value; a changed one is a new value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from ouhe import text
from ouhe.panel import Direction, Indicator
from ouhe.study import methods

__all__ = ["Classes", "Coupling", "DataEntry", "Derivation", "IndicatorEntry", "Missing", "Regions", "Study"]

DIRECTIONS: Mapping[str, Direction] = {
    "positive": "positive", "正向": "positive", "正": "positive", "+": "positive",
    "negative": "negative", "负向": "negative", "负": "negative", "-": "negative", "−": "negative",
}  # fmt: skip

Name = Annotated[str, Field(min_length=1, pattern=r"^[^\x00-\x1f\x7f]+$")]


def _coerce_direction(value: Any) -> Any:
    return DIRECTIONS.get(str(value).strip().lower(), value)


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str | Mapping) else value


def _year_range(value: Any) -> Any:
    if isinstance(value, int):
        return [value]
    if isinstance(value, Mapping) and set(value) == {"only"}:
        return value["only"]
    if isinstance(value, list) and len(value) == 2 and all(isinstance(v, int) for v in value):
        first, last = value
        if first > last or last - first > 1000:
            raise PydanticCustomError("ouhe", "", {"key": "study.years_order", "first": first, "last": last})
        return range(first, last + 1)
    return value


class Model(BaseModel):
    """Frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Regions(Model):
    """Which regions are studied."""

    set: str = Field("china-provinces", description="A built-in set, or a CSV file with a region a line.")
    without: tuple[str, ...] = Field((), description="Regions of the set that are left out of the study.")


class DataEntry(Model):
    """One source of data: a file, several files, or a pattern such as ``yearbook/*.xls``."""

    path: Annotated[tuple[str, ...], BeforeValidator(_one_or_many), Field(min_length=1)] = Field(
        description="Path or pattern, or a list of them, from the study file's folder."
    )
    layout: Literal["auto", "yearbook", "nbs", "long", "wide", "sheet-per-year", "sheet-per-indicator", "stata"] = (
        Field("auto", description="How the file is laid out; auto looks and says what it took the file for.")
    )
    sheet: str | None = Field(None, description="The only sheet to read.")
    region: str | None = Field(None, description="Header of the column with the regions.")
    year: str | None = Field(None, description="Header of the column with the years.")
    fixed_year: int | None = Field(None, description="Year of all values, where the file does not say it.")
    series: Name | None = Field(None, description="Id of the one series the file holds.")
    columns: dict[Name, str] | None = Field(None, description="Id of a series: header text of its column.")

    @model_validator(mode="before")
    @classmethod
    def _list_of_columns(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("columns"), list):
            return {**data, "columns": {str(c): str(c) for c in data["columns"]}}
        return data


class Derivation(Model):
    """A series computed from other series."""

    expression: str = Field(description="Arithmetic on series, such as education_budget / population * 10000.")
    name: str = Field("", description="What the series is called.")
    unit: str = Field("", description="Its unit.")
    if_absent: bool = Field(default=False, description="Use the series from the data where it stands there.")


class IndicatorEntry(Model):
    """One indicator of a system."""

    direction: Annotated[Direction, BeforeValidator(_coerce_direction)] = Field(
        description="positive: more is better; negative: less is better (正向, 负向, + and - are accepted)."
    )
    name: str = Field("", description="Name a reader sees; the id when left out.")
    unit: str = Field("", description="Unit.")
    definition: str = Field("", description="What exactly is measured.")
    source: str = Field("", description="Where the figures come from.")


LEAF_KEYS = frozenset(IndicatorEntry.model_fields)


def _branch_kind(value: Any) -> str:
    """Tell an indicator from a node of the tree: a direction alone, or nothing but texts under an indicator's keys."""
    if value is None or isinstance(value, str | IndicatorEntry):
        return "indicator"
    if not isinstance(value, Mapping) or not value:
        return "node"
    plain = not any(isinstance(v, Mapping | list) for v in value.values())
    return "indicator" if plain and any(k in LEAF_KEYS for k in value) else "node"


def _indicator_long_form(value: Any) -> Any:
    if isinstance(value, str):
        return {"direction": value}
    return {} if value is None else value


_Leaf = Annotated[IndicatorEntry, BeforeValidator(_indicator_long_form), Tag("indicator")]
Branch = TypeAliasType(
    "Branch",
    "Annotated[_Leaf | Annotated[dict[Name, Branch], Field(min_length=1), Tag('node')], Discriminator(_branch_kind)]",
)


def _missing_methods(value: Any) -> Any:
    if value is None or value == "none":
        return ()
    return _one_or_many(value)


class Missing(Model):
    """What is done about missing values."""

    method: Annotated[tuple[MissingMethod, ...], BeforeValidator(_missing_methods)] = Field(
        (), description="none, or one or several methods, tried in the order given."
    )
    limit: float = Field(1.0, ge=0, le=1, description="Largest share of an indicator's values that may be filled.")
    tokens: tuple[str, ...] = Field((), description='Texts that mean "missing" in tables, such as —.')
    before_derive: tuple[str, ...] = Field((), description="Series that are filled before anything is derived.")


class Coupling(methods.Choice):
    """How systems are coupled: the form of C, and how T and the lag type are made."""

    rescale: tuple[float, float] | None = Field(
        None, description="Rescale every index to this range over the whole panel first, such as [0.01, 0.99]."
    )
    contribution: dict[str, float] | None = Field(None, description="System: its share in T; equal by default.")
    in_step: float = Field(0.01, ge=0, description="Indices that differ by no more than this are in step.")


class Level(Model):
    """One class of coordination: all D up to `upper` that no lower class holds."""

    upper: float = Field(gt=0, le=1, description="Largest D of the class; the interval is open below.")
    label: str = Field(description="Name of the class.")


class Classes(Model):
    """Classes of coordination: a built-in scheme by name, or levels of one's own."""

    scheme: Literal["nine-level", "ten-level"] | None = "nine-level"
    levels: tuple[Level, ...] | None = None

    @model_validator(mode="after")
    def _rising(self) -> Self:
        upper = [level.upper for level in self.levels or ()]
        if self.levels is not None and (not upper or upper != sorted(set(upper)) or upper[-1] < 1):
            raise PydanticCustomError("ouhe", "", {"key": "study.levels"})
        return self


def _classes_long_form(value: Any) -> Any:
    if isinstance(value, str):
        return {"scheme": value}
    return {"scheme": None, "levels": value} if isinstance(value, list) else value


if TYPE_CHECKING:
    MissingMethod = methods.Choice
    Normalise = methods.Choice
    Weights = methods.Choice
    Aggregate = methods.Choice
    CouplingChoice = Coupling
else:
    MissingMethod = methods.union("missing")
    Normalise = methods.union("normalise")
    Weights = methods.union("weights")
    Aggregate = methods.union("aggregate")
    CouplingChoice = methods.union("coupling", Coupling)


def _expression(value: Any) -> Any:
    return {"expression": str(value)} if isinstance(value, str | int | float) else value


def _missing_long_form(value: Any) -> Any:
    return {"method": value} if value is None or isinstance(value, str | list) else value


class Study(Model):
    """A study: its data, its systems, and the choice made at every step."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)

    title: str = Field(description="Title of the study.")
    lang: text.Lang | None = Field(None, description="Language of outputs; Chinese where the title is Chinese.")
    simulated: bool = Field(default=False, description="The data are simulated; every output then says so.")
    regions: Annotated[Regions, BeforeValidator(lambda v: {"set": v} if isinstance(v, str) else v)] = Field(
        Regions(), description="A built-in region set, a file with regions, or a set without some regions."
    )
    years: Annotated[tuple[int, ...], BeforeValidator(_year_range), Field(min_length=1)] = Field(
        description="First and last year; or every year, when there are more than two or as {only: […]}."
    )
    data: Annotated[tuple[DataEntry, ...], BeforeValidator(_one_or_many), Field(min_length=1)] = Field(
        description="Where the values come from."
    )
    region_aliases: dict[str, str] = Field({}, description="Names as they stand in the data: the region meant.")
    editions: Literal["error", "first", "latest", "own-year"] = Field(
        "error", description="Which of several editions of a value holds when they differ."
    )
    derive: dict[Name, Annotated[Derivation, BeforeValidator(_expression)]] = Field(
        {}, description="Series computed from other series."
    )
    missing: Annotated[Missing, BeforeValidator(_missing_long_form)] = Field(
        Missing(), description="What is done about missing values; by default they are an error."
    )
    constant: Literal["error", "leave-out"] = Field(
        "error", description="What is done about an indicator that never varies."
    )
    systems: dict[Name, Annotated[dict[Name, Branch], Field(min_length=1)]] = Field(
        min_length=2, description="The systems, each a tree of dimensions and indicators of any depth."
    )
    normalise: Normalise = Field("minmax", description="How indicators are made comparable.")
    weights: Weights = Field("entropy", description="How indicators are weighted within each system.")
    aggregate: Aggregate = Field("linear", description="How indicators are put together into an index.")
    coupling: CouplingChoice = Field("standard", description="How C, T and D are computed from the indices.")
    classes: Annotated[Classes, BeforeValidator(_classes_long_form)] = Field(
        Classes(), description="Classes of coordination."
    )
    groups: str | dict[Name, tuple[str, ...]] | None = Field(
        "four-economic-regions", description="A grouping of the region set, groups of one's own, or null for none."
    )
    seed: int = Field(42, ge=0, lt=2**63, description="Seed of everything random.")

    @model_validator(mode="after")
    def _tree(self) -> Self:
        seen: dict[str, str] = {}
        for indicator in self.indicators:
            if indicator.id in seen:
                raise PydanticCustomError(
                    "ouhe", "", {"key": "study.indicator_twice", "id": indicator.id, "system": indicator.system}
                )
            seen[indicator.id] = indicator.system
        return self

    @model_validator(mode="after")
    def _contribution(self) -> Self:
        shares = self.coupling.contribution
        if shares is not None and (set(shares) != set(self.systems) or abs(sum(shares.values()) - 1) > 1e-9):
            raise PydanticCustomError("ouhe", "", {"key": "study.contribution", "systems": ", ".join(self.systems)})
        return self

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """All indicators, in the order of the study."""
        return tuple(
            Indicator(i, system, path, e.direction, e.name, e.unit, e.definition)
            for system, branch in self.systems.items()
            for i, path, e in _leaves(branch, (), system)
        )

    @property
    def language(self) -> text.Lang:
        """Language of outputs: `lang`, or Chinese where the title holds Chinese characters."""
        return self.lang or ("zh" if any("一" <= c <= "鿿" for c in self.title) else "en")

    def replace(self, **changes: Any) -> Study:
        """New study with some fields changed, checked like any other.

        Parameters
        ----------
        **changes
            Field: new value, as it would stand in a study file.
        """
        return type(self).model_validate({**self.model_dump(), **changes})


def _leaves(branch: Any, path: tuple[str, ...], name: str) -> Iterator[tuple[str, tuple[str, ...], IndicatorEntry]]:
    if isinstance(branch, IndicatorEntry):
        yield name, path[:-1], branch
        return
    for child_name, child in branch.items():
        yield from _leaves(child, (*path, child_name), child_name)
