"""A study as a paper prints it: rounded tables and sentences, written down as a paper file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ouhe.compute.rank import descending
from paper_simulation.study import RandomStudy

#: p below which a statistic has three, two, one star.
STARS = (0.01, 0.05, 0.1)


@dataclass(frozen=True)
class Style:
    """How a paper prints.

    Parameters
    ----------
    decimals
        Decimals of everything but growth, which has two in per cent.
    percent
        Weights are printed in per cent, with two decimals less.
    starred
        Stars stand behind I, not in a column.
    below
        p below its last decimal is printed as ``<0.001``, not as 0.000.
    every_year
        Values of the regions are printed for every year, not for the first and the last alone.
    names_matrix
        The spatial weights are named, where the regions are provinces.
    """

    decimals: int
    percent: bool
    starred: bool
    below: bool
    every_year: bool
    names_matrix: bool

    @classmethod
    def random(cls, seed: int, *, decimals: int) -> Style:
        """The style of a seed."""
        draws = np.random.default_rng([seed, 2]).random(5) < (0.3, 0.3, 0.5, 0.5, 0.5)
        return cls(decimals, *map(bool, draws))


@dataclass(frozen=True)
class Paper:
    """A printed paper.

    Parameters
    ----------
    about
        The paper file without its tables and statements.
    tables
        Kind → the table, every cell a text as printed.
    entries
        Kind → what the paper file says of the table besides its file.
    statements
        Numbers in sentences.
    raw
        Raw data, "" where the paper gives none.
    """

    about: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    entries: Mapping[str, Mapping[str, Any]]
    statements: tuple[Mapping[str, Any], ...]
    raw: str = ""

    def without(self, *kinds: str) -> Paper:
        """The paper without some of its tables."""
        return replace(self, tables={k: t for k, t in self.tables.items() if k not in kinds})

    def only(self, *kinds: str) -> Paper:
        """The paper with some of its tables alone."""
        return replace(self, tables={k: t for k, t in self.tables.items() if k in kinds})

    def saying(self, **formulas: object) -> Paper:
        """The paper with other formulas."""
        return replace(self, about={**self.about, "formulas": {**self.about["formulas"], **formulas}})

    def with_table(self, kind: str, table: pd.DataFrame) -> Paper:
        """The paper with another table of a kind."""
        return replace(self, tables={**self.tables, kind: table})

    def write(self, folder: Path) -> Path:
        """Write the paper file and its tables into `folder`; returns the paper file."""
        folder.mkdir(parents=True, exist_ok=True)
        told = dict(self.about)
        told["tables"] = []
        for kind, table in self.tables.items():
            (folder / f"{kind}.csv").write_text(table.to_csv(index=False), "utf-8")
            told["tables"].append({"kind": kind, "path": f"{kind}.csv", **self.entries.get(kind, {})})
        if self.statements:
            told["statements"] = list(self.statements)
        if self.raw:
            (folder / "raw.csv").write_text(self.raw, "utf-8")
            told["raw"] = "raw.csv"
        path = folder / "paper.yml"
        path.write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")  # JSON is YAML
        return path


def printed(study: RandomStudy, style: Style, *, raw: bool = True) -> Paper:
    """The paper of a study."""
    unit = {"unit": "%"} if style.percent else {}
    return Paper(
        about=_about(study, style),
        tables={
            "weights": _weights(study, style),
            "dimension-weights": _dimension_weights(study, style),
            "values": _values(study, style),
            "means": _means(study, style),
            "growth": _growth(study),
            "moran": _moran(study, style),
        },
        entries={"weights": unit, "dimension-weights": unit, "growth": {"unit": "%"}},
        statements=_statements(study, style),
        raw=_raw(study) if raw else "",
    )


def number(value: float, decimals: int) -> str:
    """A number as printed.

    Examples
    --------
    >>> number(-0.0004, 3), number(0.4375, 3)
    ('0.000', '0.438')
    """
    shown = f"{value:.{decimals}f}"
    return shown.removeprefix("-") if float(shown) == 0 else shown


def stars(p: float) -> str:
    """Stars of a p value."""
    return "*" * sum(p < bound for bound in STARS)


def _about(study: RandomStudy, style: Style) -> dict[str, Any]:
    named = {"set": "china-provinces"} if study.provinces else {"names": [str(r) for r in study.raw["region"].values]}
    members: dict[str, list[str]] = {}
    for region, name in study.groups.items():
        members.setdefault(name, []).append(region)
    equal = len(set(study.choices.contribution.values())) == 1
    named_matrix = {"neighbours": matrix(study)} if study.provinces and style.names_matrix else {}
    return {
        "title": "A paper that never was",
        "lang": "en",
        "regions": named,
        "years": [study.years[0], study.years[-1]],
        "systems": study.systems,
        "nation": ["nation"],
        "groups": "four-economic-regions" if study.provinces else members,
        "classes": study.choices.classes,
        "stars": {"***": 0.01, "**": 0.05, "*": 0.1},
        "formulas": {
            "weights": "entropy",
            "entropy_divisor": "ln nT",
            "index": "values",
            "coupling": study.choices.coupling,
            "coordination": "sqrt CT",
            "contribution": "equal" if equal else dict(study.choices.contribution),
            "in_step": 0.01,
        },
        **named_matrix,
    }


def matrix(study: RandomStudy) -> dict[str, Any]:
    """The spatial weights as a paper file names them."""
    if study.weights_matrix.name == "contiguity":
        return {"method": "contiguity"}
    return {"method": "k-nearest", "k": int(study.weights_matrix.degrees[0])}


def _weights(study: RandomStudy, style: Style) -> pd.DataFrame:
    w = study.w
    return pd.DataFrame(
        {
            "system": w["system_of"].values,
            "dimension": w["dimension_of"].values,
            "indicator": w["indicator"].values,
            "weight": [_share(x, style) for x in w.values],
            "direction": np.where(w["direction"].values == "positive", "+", "-"),
        }
    )


def _dimension_weights(study: RandomStudy, style: Style) -> pd.DataFrame:
    sums = study.w.to_dataframe("weight").groupby(["system_of", "dimension_of"], sort=False)["weight"].sum()
    rows = [(system, dimension, _share(x, style)) for (system, dimension), x in sums.items()]
    return pd.DataFrame(rows, columns=["system", "dimension", "weight"])


def _share(value: float, style: Style) -> str:
    return number(value * 100, max(style.decimals - 2, 0)) if style.percent else number(value, style.decimals)


def _values(study: RandomStudy, style: Style) -> pd.DataFrame:
    named = class_labels(study.choices.classes)
    rank = descending(study.values["D"]).transpose("region", "year").values
    x, level, lag = study.variables, study.level.values, study.lagging.values
    years = range(len(study.years)) if style.every_year else (0, len(study.years) - 1)
    shown = np.char.mod(f"%.{style.decimals}f", x.values)
    rows = [
        (
            region,
            study.years[t],
            *shown[i, t],
            int(rank[i, t]),
            named[level[i, t]],
            "in step" if lag[i, t] < 0 else study.systems[lag[i, t]],
        )
        for i, region in enumerate(x["region"].values.tolist())
        for t in years
    ]
    return pd.DataFrame(rows, columns=["region", "year", *x["variable"].values, "rank", "class", "lag"])


@cache
def class_labels(scheme: str) -> list[str]:
    """Names of the classes of a scheme, in English."""
    return list(tomllib.loads((files("ouhe.study") / "classes.toml").read_text("utf-8"))[scheme]["en"])


def _means(study: RandomStudy, style: Style) -> pd.DataFrame:
    rows = [
        (variable, scope, year, number(float(study.means.values[s, t, v]), style.decimals))
        for v, variable in enumerate(study.means["variable"].values.tolist())
        for s, scope in enumerate(study.means["scope"].values.tolist())
        for t, year in enumerate(study.years)
    ]
    return pd.DataFrame(rows, columns=["variable", "scope", "year", "value"])


def _growth(study: RandomStudy) -> pd.DataFrame:
    period = f"{study.years[0]}-{study.years[-1]}"
    rows = [
        (variable, scope, period, number(float(study.growth.values[s, v]) * 100, 2))
        for v, variable in enumerate(study.growth["variable"].values.tolist())
        for s, scope in enumerate(study.growth["scope"].values.tolist())
        if np.isfinite(study.growth.values[s, v])
    ]
    return pd.DataFrame(rows, columns=["variable", "scope", "period", "value"])


def _moran(study: RandomStudy, style: Style) -> pd.DataFrame:
    found = study.moran
    table = pd.DataFrame({"variable": found["variable"], "year": found["year"]})
    table["I"] = [number(x, style.decimals) for x in found["I"]]
    table["z"] = [number(x, style.decimals) for x in found["z"]]
    table["p"] = [_p(x, style) for x in found["p"]]
    table["stars"] = [stars(x) for x in found["p"]]
    if style.starred:
        table["I"] += table.pop("stars")
    return table


def _p(value: float, style: Style) -> str:
    least = 10.0**-style.decimals
    return f"<{least:.{style.decimals}f}" if style.below and value < least else number(value, style.decimals)


def _statements(study: RandomStudy, style: Style) -> tuple[dict[str, Any], ...]:
    """What the text says of the first system and of D: mean in the first and last year, growth."""
    said: list[dict[str, Any]] = []
    for variable in (study.systems[0], "D"):
        for t in (0, -1):
            mean = float(study.means.sel(scope="nation", variable=variable)[t])
            period = str(study.years[t])
            said.append(
                {
                    "quantity": "mean",
                    "of": variable,
                    "scope": "nation",
                    "period": period,
                    "value": number(mean, style.decimals),
                    "where": "section 3",
                }
            )
        rate = float(study.growth.sel(scope="nation", variable=variable))
        if np.isfinite(rate):
            said.append(
                {
                    "quantity": "growth",
                    "of": variable,
                    "scope": "nation",
                    "unit": "%",
                    "period": f"{study.years[0]}-{study.years[-1]}",
                    "value": number(rate * 100, 2),
                    "where": "section 3",
                }
            )
    return tuple(said)


def _raw(study: RandomStudy) -> str:
    x = study.raw
    index = pd.MultiIndex.from_product([x["region"].values, x["year"].values], names=["region", "year"])
    frame = pd.DataFrame(x.values.reshape(-1, x.sizes["indicator"]), index, columns=x["indicator"].values)
    return frame.to_csv()
