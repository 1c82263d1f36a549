"""How far results depend on choices: intervals, probabilities of classes, ranks, and what matters most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ouhe import text
from ouhe.errors import Problem
from ouhe.results.conventions import Label, in_short
from ouhe.results.names import Names

__all__ = ["CHOICES", "SAMPLED", "TARGETS", "Level", "Uncertainty"]

#: Choices that a study may draw, in the order of the method.
CHOICES = (
    "missing",
    "leave-out",
    "normalise",
    "weights",
    "resample",
    "perturb",
    "aggregate",
    "rescale",
    "coupling",
    "contribution",
)

#: Choices whose levels are samples and have no names.
SAMPLED = ("resample", "perturb", "contribution")

#: What shares of variance are told of, besides D of each region: mean D, and the mean shift of ranks.
TARGETS = ("mean_D", "rank_shift")

_SHARES = ("first", "first_error", "total", "total_error")
_ALONE = ("mean_low", "mean_high", "shift", "largest_shift", "classes_changed")


@dataclass(frozen=True)
class Level:
    """A level of a choice.

    Parameters
    ----------
    label
        Its name for a reader.
    own
        It is the study's own.
    refusals
        Why it is not drawn; empty where it is.
    """

    label: Label
    own: bool = False
    refusals: tuple[Problem, ...] = ()

    def record(self) -> dict[str, Any]:
        """The level as plain data."""
        return {"label": asdict(self.label), "own": self.own, "refusals": [p.record() for p in self.refusals]}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Level:
        """What :meth:`record` gave, as it was."""
        why = tuple(map(Problem.from_record, record["refusals"]))
        return cls(Label.from_record(record["label"]), record["own"], why)


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """What draws of the choices of a study gave.

    Parameters
    ----------
    intervals
        ``point``, ``low``, ``median`` and ``high`` ``(variable, region, year)``; of ranks by D ``rank``, ``rank_low``,
        ``rank_median``, ``rank_high`` and ``above_next`` ``(region, year)``; ``level``, the study's own class
        ``(region, year)``, and ``probability`` ``(class, region, year)``.
    shares
        Shares of variance ``first`` and ``total`` with their errors ``(choice, target)`` for :data:`TARGETS`, and
        ``region_first``, ``region_total`` … ``(choice, region)`` for D of the last year; without any choice where
        nothing varies or no shares were asked for.
    alone
        Each choice by itself, all else as in the study, in the last year ``(varied,)``: ``mean_low`` and ``mean_high``,
        the interval of mean D, ``shift`` and ``largest_shift``, the mean of the mean and of the largest absolute
        change of rank, ``classes_changed``, the mean share of regions in another class; ``D_low`` and ``D_high``
        ``(varied, region)``.
    levels
        Choice → its levels: the study's own, others that are drawn, and those that could not be.
    drawn
        Choice → how many levels are drawn; 1 where it is as the study has it.
    refused
        Draws for intervals that were not possible: why, and how many.
    counted
        Draws that intervals are made of.
    labels
        Names of the classes, lowest first.
    options
        Options as used.
    draws
        ``D`` ``(draw, region, year)`` and ``level`` of every choice ``(draw, choice)``; None where they were not kept.
    """

    intervals: xr.Dataset
    shares: xr.Dataset
    alone: xr.Dataset
    levels: Mapping[str, tuple[Level, ...]]
    drawn: Mapping[str, int]
    refused: tuple[tuple[Problem, int], ...]
    counted: int
    labels: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    draws: xr.Dataset | None = None

    @property
    def varied(self) -> list[str]:
        """Choices that have more than one level to draw."""
        return [name for name in CHOICES if self.drawn.get(name, 1) > 1]

    @property
    def impossible(self) -> int:
        """Draws that were not possible, of those that intervals are made of."""
        return int(self.options["draws"]) - self.counted

    def of_last(self, variable: str) -> pd.DataFrame:
        """Table ``region year value low median high`` of the last year, the best first.

        Parameters
        ----------
        variable
            A variable, or ``"rank"``.
        """
        last = self.intervals.isel(year=-1)
        if variable == "rank":
            names = {"rank": "value", "rank_low": "low", "rank_median": "median", "rank_high": "high"}
            chosen = last[list(names)].rename(names)
        else:
            chosen = last[["point", "low", "median", "high"]].sel(variable=variable).rename(point="value")
        table = chosen.reset_coords(drop=True).to_dataframe().reset_index().assign(year=int(last["year"]))
        table = table.sort_values(["value", "region"], ascending=[variable == "rank", True], ignore_index=True)
        return table[["region", "year", "value", "low", "median", "high"]]

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored; of the draws where they were kept."""
        parts = {f"shares_{k}": v for k, v in self.shares.rename(choice="varied_choice").items()}
        parts |= {f"alone_{k}": v for k, v in self.alone.items()}
        whole = xr.Dataset({**self.intervals, **parts})
        if self.draws is not None:
            whole = whole.assign({f"draws_{k}": v for k, v in self.draws.items()})
        return whole

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        return {
            "options": dict(self.options),
            "counted": self.counted,
            "levels": {name: [level.record() for level in levels] for name, levels in self.levels.items()},
            "drawn": dict(self.drawn),
            "refused": [[p.record(), count] for p, count in self.refused],
            "classes": list(self.labels),
        }

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, record: Mapping[str, Any]) -> Uncertainty:
        """What :meth:`arrays` and :meth:`record` gave, as it was."""

        def part(prefix: str) -> xr.Dataset:
            names = [str(k) for k in arrays.data_vars if str(k).startswith(prefix)]
            return arrays[names].rename({k: k.removeprefix(prefix) for k in names})

        of_parts = ("shares_", "alone_", "draws_")
        intervals = arrays[[k for k in arrays.data_vars if not str(k).startswith(of_parts)]]
        shares = part("shares_")
        return cls(
            intervals=intervals,
            shares=shares.rename(varied_choice="choice"),
            alone=part("alone_"),
            levels={name: tuple(map(Level.from_record, told)) for name, told in record["levels"].items()},
            drawn=record["drawn"],
            refused=tuple((Problem.from_record(p), count) for p, count in record["refused"]),
            counted=record["counted"],
            labels=tuple(record["classes"]),
            options=record["options"],
            draws=part("draws_") if any(str(k).startswith("draws_") for k in arrays.data_vars) else None,
        )

    def told_in(self, names: Names, _renamed: Mapping[str, str]) -> Uncertainty:
        """The same with names of another language."""
        return replace(self, labels=names.classes)

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables, by name."""
        return {
            "uncertainty": self._intervals(),
            "uncertainty_ranks": self._ranks(),
            "class_probabilities": self._classes(),
            "sensitivity": self._sensitivity(),
            "sensitivity_alone": self._each_alone(),
            "uncertainty_choices": self._choices(),
        }

    def _intervals(self) -> pd.DataFrame:
        """Table ``variable region year value low median high``."""
        by = ["variable", "year", "region"]
        chosen = self.intervals[["point", "low", "median", "high"]]
        table = chosen.to_dataframe(dim_order=by).reset_index().rename(columns={"point": "value"})
        return table[["variable", "region", "year", "value", "low", "median", "high"]]

    def _ranks(self) -> pd.DataFrame:
        """Table ``region year rank low median high above_next``."""
        names = {"rank": "rank", "rank_low": "low", "rank_median": "median", "rank_high": "high"}
        chosen = self.intervals[[*names, "above_next"]]
        table = chosen.to_dataframe(dim_order=["year", "region"]).reset_index().rename(columns=names)
        whole = table.astype(dict.fromkeys(names.values(), "Int64"))
        return whole[["region", "year", *names.values(), "above_next"]]

    def _classes(self) -> pd.DataFrame:
        """Table ``region year class chosen probability``: classes that some draw is in, and the study's own."""
        p = self.intervals["probability"].transpose("year", "region", "class")
        own = self.intervals["level"].transpose("year", "region").to_numpy()
        there = (p.to_numpy() > 0) | (own[..., None] == np.arange(p.sizes["class"]))
        year, region, level = np.nonzero(there)
        return pd.DataFrame(
            {
                "region": p["region"].to_numpy()[region],
                "year": p["year"].to_numpy()[year],
                "class": np.array(self.labels, dtype=object)[level],
                "chosen": own[year, region] == level,
                "probability": p.to_numpy()[there],
            }
        )

    def _sensitivity(self) -> pd.DataFrame:
        """Table ``about region choice first first_error total total_error``."""
        told = []
        for target in map(str, self.shares["target"].to_numpy()):
            table = self.shares[list(_SHARES)].sel(target=target, drop=True).to_dataframe().reset_index()
            told.append(table.assign(about=text.t(f"uncertainty.target_{target}"), region=""))
        regional = self.shares[[f"region_{k}" for k in _SHARES]].rename({f"region_{k}": k for k in _SHARES})
        table = regional.to_dataframe(dim_order=["region", "choice"]).reset_index()
        told.append(table.assign(about=text.t("uncertainty.target_D")))
        whole = pd.concat(told, ignore_index=True)
        whole["choice"] = whole["choice"].map(choice_name)
        return whole[["about", "region", "choice", *_SHARES]]

    def _each_alone(self) -> pd.DataFrame:
        """Table ``choice levels mean_low mean_high shift largest_shift classes_changed``."""
        table = self.alone[list(_ALONE)].to_dataframe().reset_index().rename(columns={"varied": "choice"})
        table["levels"] = np.array([self.drawn[c] for c in table["choice"]], dtype=np.int64)
        table["choice"] = table["choice"].map(choice_name)
        names = {
            "mean_low": "mean_D_low",
            "mean_high": "mean_D_high",
            "shift": "rank_shift",
            "classes_changed": "share_changed",
        }
        table = table.rename(columns={**names, "largest_shift": "largest_shift"})
        return table[["choice", "levels", "mean_D_low", "mean_D_high", "rank_shift", "largest_shift", "share_changed"]]

    def _choices(self) -> pd.DataFrame:
        """Table ``choice level own drawn probability note``."""
        rows = []
        for name in (c for c in CHOICES if c in self.options["choices"]):
            many, sampled = self.drawn[name], name in SAMPLED
            for level in self.levels[name]:
                drawn = not level.refusals and many > 1
                share = (1.0 if sampled else 1.0 / many) if drawn else np.nan
                note = in_short(level.refusals) if level.refusals else ""
                rows.append((choice_name(name), level.label.text(), level.own and not sampled, drawn, share, note))
        columns = ["choice", "level", "own", "drawn", "probability", "note"]
        table = pd.DataFrame(rows, columns=columns)
        return table.astype({"own": bool, "drawn": bool, "probability": float})


def choice_name(choice: object) -> str:
    """What a choice is called, in the current language."""
    return text.t(f"uncertainty.choice_{str(choice).replace('-', '_')}")
