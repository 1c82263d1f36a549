"""What a study may ask of its indices besides measuring them: one table of analyses, and the form of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, create_model
from pydantic_core import PydanticCustomError

from ouhe.compute import converge, density, geary, getis, inequality, lisa, moran, robust, transition
from ouhe.results.study_results import Part
from ouhe.results.uncertainty import CHOICES
from ouhe.study import answers, methods
from ouhe.study.convergence import convergence
from ouhe.study.form import Model, Name, chosen, off_or, one_or_many

__all__ = ["ANALYSES", "Analyses", "Analysis", "Autocorrelation", "Kind", "NeighboursChoice", "OfRegions", "listed"]


#: Choices that are drawn unless a study names others: weights are perturbed or resampled, indices rarely stretched.
USUAL = tuple(name for name in CHOICES if name not in ("resample", "rescale"))


class NeighboursChoice(methods.Choice):
    """Spatial weights, as a study names them."""

    name: str = ""


class Analysis(Model):
    """What every analysis takes."""

    of: Annotated[tuple[Name, ...], BeforeValidator(one_or_many), Field(min_length=1)] = ("index", "D")
    years: Annotated[Annotated[tuple[int, ...], Field(min_length=1)] | None, BeforeValidator(chosen)] = None

    #: Names of the method's options.
    takes: ClassVar[tuple[str, ...]] = ()

    #: What leaves the neighbours aside; "" where the analysis is about nothing else.
    without_neighbours: ClassVar[str] = ""

    def options(self) -> dict[str, Any]:
        """Options of the method as keyword arguments."""
        return {k: getattr(self, k) for k in self.takes}

    def weights(self) -> tuple[NeighboursChoice, ...]:
        """Spatial weights that the analysis asks for."""
        return ()


if TYPE_CHECKING:
    _Weights = NeighboursChoice
else:
    _Weights = methods.union("neighbours", NeighboursChoice)


class OfRegions(Analysis):
    """An analysis of every region, with one set of spatial weights."""

    neighbours: _Weights = Field("contiguity", validate_default=True)

    def weights(self) -> tuple[NeighboursChoice, ...]:
        """Spatial weights that the analysis asks for."""
        return (self.neighbours,)


class Autocorrelation(Analysis):
    """A statistic of all regions, for one or several sets of spatial weights, which are compared."""

    neighbours: Annotated[tuple[_Weights, ...], BeforeValidator(one_or_many), Field(min_length=1)] = Field(
        ("contiguity",), validate_default=True
    )

    def weights(self) -> tuple[NeighboursChoice, ...]:
        """Spatial weights that the analysis asks for."""
        return self.neighbours


class Moran(Autocorrelation):
    """Moran's I, also within every group."""

    within_groups: bool = True


class BivariateMoran(Autocorrelation):
    """Moran's I between two variables: every ordered pair of `of`."""

    of: Annotated[tuple[Name, ...], BeforeValidator(one_or_many), Field(min_length=1)] = ("index",)


class Convergences(OfRegions):
    """σ, β and clubs; the weights are those of spatial β."""

    controls: Annotated[tuple[Name, ...], BeforeValidator(one_or_many)] = ()
    log: Annotated[tuple[Name, ...], BeforeValidator(one_or_many)] = ()
    zeros: Literal["refuse", "leave-out"] = "refuse"
    trend_lags: int = Field(0, ge=0)
    dependence: Literal["none", "lag", "error"] = "none"
    clubs: bool = True
    smoothing: converge.Smoothing = 400.0
    discard: converge.Discard = 0.3
    merging: converge.Merging = "phillips-sul"

    without_neighbours = "dependence: none"

    def weights(self) -> tuple[NeighboursChoice, ...]:
        """Spatial weights that the analysis asks for."""
        return () if self.dependence == "none" else super().weights()


#: Regions of a group of a study's own.
_Members = Annotated[tuple[str, ...], Field(min_length=1)]


class Densities(Analysis):
    """Kernel densities and the shape of their curves."""

    prominence: float = Field(0.05, ge=0, le=1)


class Transitions(OfRegions):
    """Moves between the study's classes of D, or between quantile classes; also by the class of the neighbours."""

    of: Annotated[tuple[Name, ...], BeforeValidator(one_or_many), Field(min_length=1)] = ("D",)
    classes: Literal["study", "quantiles"] = "study"
    spatial: bool = True

    without_neighbours = "spatial: false"

    def weights(self) -> tuple[NeighboursChoice, ...]:
        """Spatial weights that the analysis asks for; none where neighbours are left aside."""
        return (self.neighbours,) if self.spatial else ()


def _power_of_two(samples: int) -> int:
    """Rows of a design of Saltelli: none, or a power of 2 above 1."""
    if samples and (samples < 2 or samples & (samples - 1)):
        raise PydanticCustomError("ouhe", "", {"key": "uncertainty.power_of_two", "given": samples})
    return samples


if TYPE_CHECKING:
    _ChoiceName = str
else:
    _ChoiceName = Literal[CHOICES]


class Uncertainties(Analysis):
    """Choices that are drawn, how many draws, and how far sampled ones spread."""

    of: Annotated[tuple[Name, ...], BeforeValidator(one_or_many), Field(min_length=1)] = ("index", "C", "T", "D")
    choices: Annotated[tuple[_ChoiceName, ...], BeforeValidator(one_or_many)] = USUAL
    draws: int = Field(1000, ge=1, le=100_000)
    samples: Annotated[int, Field(ge=0, le=2**16), AfterValidator(_power_of_two)] = 256
    weight_cv: float = Field(0.2, ge=0, le=0.9)
    contribution_cv: Annotated[float, Field(ge=0, le=0.9)] | Literal["uniform"] = 0.2
    save_draws: bool = False


class Inequality(Analysis):
    """Inequality between regions, also between groups and the groups within these."""

    levels: Annotated[tuple[Name | dict[Name, _Members], ...], BeforeValidator(one_or_many)] = ()


@dataclass(frozen=True)
class Kind:
    """An analysis there is.

    Parameters
    ----------
    function
        The method, whose options are keys of the analysis.
    model
        What the analysis takes besides.
    answer
        Makes its result.
    """

    function: Callable[..., Any]
    model: type[Analysis]
    answer: Callable[[answers.Context], Part]


#: Every analysis by its key in the study file; a new one stands here, and its result in ``StudyResults.ANALYSES``.
ANALYSES: Mapping[str, Kind] = {
    "moran": Kind(moran.univariate, Moran, answers.moran),
    "bivariate_moran": Kind(moran.bivariate, BivariateMoran, answers.bivariate_moran),
    "geary": Kind(geary.c, Autocorrelation, answers.geary),
    "getis": Kind(getis.general, Autocorrelation, answers.getis),
    "lisa": Kind(lisa.local, OfRegions, answers.lisa),
    "density": Kind(density.estimate, Densities, answers.density),
    "inequality": Kind(inequality.indices, Inequality, answers.inequality),
    "transition": Kind(transition.estimate, Transitions, answers.transition),
    "convergence": Kind(converge.beta, Convergences, convergence),
    "uncertainty": Kind(robust.interval, Uncertainties, answers.uncertainty),
}


def _model(name: str, function: Callable[..., Any], base: type[Analysis]) -> type[Analysis]:
    options: dict[str, Any] = methods.options(function)
    made = create_model(f"Analysis{name.title().replace('_', '')}", __base__=base, **options)
    made.takes = tuple(options)
    return made


def _asked(value: Any) -> Any:
    """An analysis as asked for: no more than its name means its defaults, ``false`` that it is not wanted."""
    return {} if value is None or value is True else value


def listed(value: Any) -> Any:
    """Names of analyses as a list stand for their defaults."""
    if isinstance(value, str):
        value = [value]
    return dict.fromkeys(value) if isinstance(value, list | tuple) and all(isinstance(v, str) for v in value) else value


_FIELDS: dict[str, Any] = {
    name: (Annotated[off_or(_model(name, kind.function, kind.model)), BeforeValidator(_asked)], False)
    for name, kind in ANALYSES.items()
}


class _Asked(Model):
    def asked(self) -> Iterable[tuple[str, Analysis]]:
        """Analyses that are wanted, by name."""
        return ((name, getattr(self, name)) for name in ANALYSES if getattr(self, name) is not False)

    def weights(self) -> tuple[NeighboursChoice, ...]:
        """All spatial weights that are asked for, each once."""
        found: list[NeighboursChoice] = []
        for _, analysis in self.asked():
            found += [w for w in analysis.weights() if w not in found]
        return tuple(found)


if TYPE_CHECKING:
    Analyses = _Asked
else:
    Analyses = create_model("Analyses", __base__=_Asked, __doc__="Analyses that a study asks for.", **_FIELDS)
