"""The structure of a study file: what may stand where. A study is a frozen value; a changed one is a new value.

What each field is for is said, in both languages, by the texts ``fields.MODEL_FIELD``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from ouhe import text
from ouhe.panel import Direction, Indicator
from ouhe.study import methods
from ouhe.study.analyses import Analyses, listed
from ouhe.study.form import Model, Name, chosen, off_or, one_or_many, span
from ouhe.study.formats import FIGURES, FigureFormat, GridFormat, ReportFormat

__all__ = [
    "LONG_FORMS",
    "Classes",
    "Coupling",
    "DataEntry",
    "Derivation",
    "Figures",
    "IndicatorEntry",
    "Map",
    "Missing",
    "Raster",
    "Regions",
    "Report",
    "Study",
]

DIRECTIONS: Mapping[str, Direction] = {
    "positive": "positive", "正向": "positive", "正": "positive", "+": "positive",
    "negative": "negative", "负向": "negative", "负": "negative", "-": "negative", "−": "negative",
}  # fmt: skip


def _coerce_direction(value: Any) -> Any:
    return DIRECTIONS.get(str(value).strip().lower(), value)


def _data_entries(value: Any) -> Any:
    """List of entries; a path alone stands for an entry."""
    entries = one_or_many(value)
    return [{"path": e} if isinstance(e, str) else e for e in entries] if isinstance(entries, list | tuple) else entries


class Regions(Model):
    """Which regions are studied."""

    set: str = "china-provinces"
    without: tuple[str, ...] = ()


class DataEntry(Model):
    """One source of data: a file, several files, or a pattern such as ``yearbook/*.xls``."""

    path: Annotated[tuple[str, ...], BeforeValidator(one_or_many), Field(min_length=1)]
    layout: Literal[
        "auto", "yearbook", "nbs", "long", "wide", "sheet-per-year", "sheet-per-indicator", "stata", "grid"
    ] = "auto"
    sheet: str | None = None
    region: str | None = None
    year: str | None = None
    fixed_year: int | None = None
    series: Name | None = None
    columns: dict[Name, Annotated[tuple[str, ...], BeforeValidator(one_or_many)]] | None = None
    cite: str = ""

    @model_validator(mode="before")
    @classmethod
    def _list_of_columns(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("columns"), list):
            return {**data, "columns": {str(c): (str(c),) for c in data["columns"]}}
        return data


class Derivation(Model):
    """A series computed from other series."""

    expression: str
    name: str = ""
    unit: str = ""
    if_absent: bool = False


class IndicatorEntry(Model):
    """One indicator of a system."""

    direction: Annotated[Direction, BeforeValidator(_coerce_direction)]
    name: str = ""
    unit: str = ""
    definition: str = ""
    source: str = ""


#: Names that the tables use themselves.
RESERVED = frozenset(
    {"C", "T", "D", "nation"}
    | {text.t(f"labels.{k}", lang=lang) for k in ("nation", "all_regions") for lang in text.LANGUAGES}
)

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
    return one_or_many(value)


class Missing(Model):
    """What is done about missing values."""

    method: Annotated[tuple[MissingMethod, ...], BeforeValidator(_missing_methods)] = ()
    max_share: float = Field(1.0, ge=0, le=1)
    tokens: tuple[str, ...] = ()
    before_derive: tuple[str, ...] = ()


class Coupling(methods.Choice):
    """How systems are coupled: the form of C, and how T and the lag type are made."""

    rescale: tuple[float, float] | None = None
    contribution: dict[str, float] | None = None
    in_step: float = Field(0.01, ge=0)


class Level(Model):
    """One class of coordination: all D up to `upper` that no lower class holds."""

    upper: float = Field(gt=0, le=1)
    label: str


class Classes(Model):
    """Classes of coordination: a built-in scheme by name, or levels of one's own."""

    scheme: Literal["nine-level", "ten-level"] | None = "nine-level"
    levels: tuple[Level, ...] | None = None

    @model_validator(mode="after")
    def _rising(self) -> Self:
        labels = [level.label for level in self.levels or ()]
        if len(set(labels)) < len(labels):
            raise PydanticCustomError("ouhe", "", {"key": "study.labels_twice"})
        upper = [level.upper for level in self.levels or ()]
        if self.levels is not None and (not upper or upper != sorted(set(upper)) or upper[-1] < 1):
            raise PydanticCustomError("ouhe", "", {"key": "study.levels"})
        return self


def _classes_long_form(value: Any) -> Any:
    if isinstance(value, str):
        return {"scheme": value}
    return {"scheme": None, "levels": value} if isinstance(value, list) else value


class Figures(Model):
    """Which figures are drawn, and how."""

    only: Annotated[Annotated[tuple[Name, ...], Field(min_length=1)] | None, BeforeValidator(one_or_many)] = None
    formats: Annotated[tuple[FigureFormat, ...], BeforeValidator(one_or_many), Field(min_length=1)] = FIGURES
    years: Annotated[Annotated[tuple[int, ...], Field(min_length=1)] | None, BeforeValidator(chosen)] = None
    width: float = Field(160, ge=70, le=400)
    dpi: int = Field(300, ge=72, le=1200)
    font: str | None = None


def _figures_long_form(value: Any) -> Any:
    """``all``, ``none``, names, or the long form."""
    if value in ("none", "all") or value is None or isinstance(value, bool):
        return {} if value in ("all", True) else False
    return {"only": value} if isinstance(value, str | list | tuple) else value


class Report(Model):
    """The report, and how it is rendered."""

    formats: Annotated[tuple[ReportFormat, ...], BeforeValidator(one_or_many), Field(min_length=1)] = ("html", "docx")
    templates: str | None = None


def _report_long_form(value: Any) -> Any:
    """``all``, ``none``, formats, or the long form."""
    if value in ("none", "all") or value is None or isinstance(value, bool):
        return {} if value in ("all", True) else False
    return {"formats": value} if isinstance(value, str | list | tuple) else value


class Map(Model):
    """The user's own base map."""

    boundaries: str
    name_column: str | None = None
    approval: str = ""


class Raster(Model):
    """What a study of rasters takes besides: the cells that count, zones, and what is written of every cell."""

    mask: str = "same"
    zones: str | None = None
    zone_names: str | None = None
    area_weights: bool = False
    write: Annotated[tuple[Name, ...], BeforeValidator(one_or_many), Field(min_length=1)] | None = None
    formats: Annotated[tuple[GridFormat, ...], BeforeValidator(one_or_many), Field(min_length=1)] | None = None
    type: Literal["float32", "float64"] | None = None


def _default(stage: methods.Stage) -> Any:
    """Default of a stage in its short form, which validation opens."""
    return methods.DEFAULTS[stage]


if TYPE_CHECKING:
    MissingMethod = methods.Choice
    Normalise = methods.Choice
    Weights = methods.Choice
    Aggregate = methods.Choice
    CouplingChoice = Coupling
    FiguresOrNone = Figures | Literal[False]
    ReportOrNone = Report | Literal[False]
else:
    FiguresOrNone = off_or(Figures)
    ReportOrNone = off_or(Report)
    MissingMethod = methods.union("missing")
    Normalise = methods.union("normalise")
    Weights = methods.union("weights")
    Aggregate = methods.union("aggregate")
    CouplingChoice = methods.union("coupling", Coupling)


def _expression(value: Any) -> Any:
    return {"expression": str(value)} if isinstance(value, str | int | float) else value


def _missing_long_form(value: Any) -> Any:
    """Long form; options beside the name of a single method are that method's."""
    if value is None or isinstance(value, str | list):
        return {"method": value}
    if isinstance(value, Mapping) and isinstance(value.get("method"), str):
        own = {k: v for k, v in value.items() if k in Missing.model_fields}
        options = {k: v for k, v in value.items() if k not in own}
        return own | {"method": {"method": value["method"], **options}} if options else value
    return value


def _regions_long_form(value: Any) -> Any:
    return {"set": value} if isinstance(value, str) else value


def _map_long_form(value: Any) -> Any:
    return {"boundaries": value} if isinstance(value, str) else value


#: Long form of every key of a study whose short form is no name of a method.
LONG_FORMS: Mapping[str, Callable[[Any], Any]] = {
    "regions": _regions_long_form,
    "missing": _missing_long_form,
    "classes": _classes_long_form,
    "analyses": listed,
    "figures": _figures_long_form,
    "report": _report_long_form,
    "map": _map_long_form,
}


class Study(Model):
    """A study: its data, its systems, and the choice made at every step."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)

    title: str
    lang: text.Lang | None = None
    simulated: bool = False
    regions: Annotated[Regions, BeforeValidator(_regions_long_form)] = Regions()
    years: Annotated[tuple[int, ...], BeforeValidator(span), Field(min_length=1)]
    data: Annotated[tuple[DataEntry, ...], BeforeValidator(_data_entries), Field(min_length=1)]
    region_aliases: dict[str, str] = Field({})
    leave_out_rows: Annotated[tuple[str, ...], BeforeValidator(one_or_many)] = ()
    editions: Literal["error", "first", "latest", "own-year"] = "error"
    derive: dict[Name, Annotated[Derivation, BeforeValidator(_expression)]] = Field({})
    missing: Annotated[Missing, BeforeValidator(_missing_long_form)] = Missing()
    constant: Literal["error", "leave-out"] = "error"
    systems: dict[Name, Annotated[dict[Name, Branch], Field(min_length=1)]] = Field(min_length=2)
    normalise: Normalise = _default("normalise")
    weights: Weights = _default("weights")
    aggregate: Aggregate = _default("aggregate")
    coupling: CouplingChoice = _default("coupling")
    classes: Annotated[Classes, BeforeValidator(_classes_long_form)] = Classes()
    groups: str | dict[Name, Annotated[tuple[str, ...], Field(min_length=1)]] | None = "four-economic-regions"
    analyses: Annotated[Analyses, BeforeValidator(listed)] = Analyses()
    figures: Annotated[FiguresOrNone, BeforeValidator(_figures_long_form)] = Figures()
    report: Annotated[ReportOrNone, BeforeValidator(_report_long_form)] = Report()
    map: Annotated[Map | None, BeforeValidator(_map_long_form)] = None
    raster: Raster | None = None
    seed: int = Field(42, ge=0, lt=2**63)

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
    def _no_reserved_names(self) -> Self:
        """A table of groups holds the systems beside C, T and D, and the groups beside all regions."""
        names = [*self.systems, *(self.groups if isinstance(self.groups, dict) else ())]
        taken = [n for n in names if n in RESERVED]
        if taken:
            raise PydanticCustomError("ouhe", "", {"key": "study.reserved", "names": ", ".join(taken), "at": "systems"})
        return self

    @model_validator(mode="after")
    def _contribution(self) -> Self:
        shares = self.coupling.contribution
        if shares is not None and (set(shares) != set(self.systems) or abs(sum(shares.values()) - 1) > 1e-6):
            raise PydanticCustomError(
                "ouhe", "", {"key": "study.contribution", "systems": ", ".join(self.systems), "at": "coupling"}
            )
        return self

    @model_validator(mode="after")
    def _one_kind_of_data(self) -> Self:
        """Cells of a raster and rows of tables are measured apart."""
        grids = [entry.layout == "grid" for entry in self.data]
        if any(grids) and not all(grids):
            raise PydanticCustomError("ouhe", "", {"key": "study.grids_and_tables", "at": "data"})
        if self.raster is not None and not any(grids):
            raise PydanticCustomError("ouhe", "", {"key": "study.raster_without_grid", "at": "raster"})
        return self

    @field_serializer("years", when_used="json")
    def _written_years(self, years: tuple[int, ...]) -> Any:
        """Years as a study file writes them, so that what is read back is the same study."""
        return {"only": list(years)} if len(years) == 2 else list(years)

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """All indicators, in the order of the study."""
        return tuple(
            Indicator(i, system, path, e.direction, e.name, e.unit, e.definition, e.source)
            for system, branch in self.systems.items()
            for i, path, e in _leaves(branch, (), system)
        )

    @property
    def of_rasters(self) -> bool:
        """The data are rasters, or tables too large for memory."""
        return self.data[0].layout == "grid"

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
