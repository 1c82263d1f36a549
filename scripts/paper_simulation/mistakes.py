"""Mistakes of the kinds that published papers hold, planted one at a time.

A mistake of typing changes one digit of one printed number, not its last; one of method is made before anything is
rounded and runs through all that follows from it. A mistake that the printed digits cannot show is not planted: then
the study gives None. What shows is told by a few lines of arithmetic here, not by the checks that are tried.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
import pandas as pd
import xarray as xr

from ouhe.compute import couple, weight
from ouhe.errors import OuheWarning
from paper_simulation.printing import Paper, Style, class_labels, number, printed
from paper_simulation.study import CLASSES, RandomStudy, coupling_of

__all__ = ["MISTAKES", "Mistake"]

Plant = Callable[[RandomStudy, Style, np.random.Generator], Paper | None]


@dataclass(frozen=True)
class Mistake:
    """A kind of mistake.

    Parameters
    ----------
    says
        What was done wrong.
    checks
        Checks of which one should say so.
    plant
        Gives the paper of a study with the mistake, None where it would not show.
    """

    says: str
    checks: frozenset[str]
    plant: Plant


def mistyped(shown: str, rng: np.random.Generator) -> str:
    """The number with one digit wrong that is neither the last nor a 0 before the point."""
    digits = [i for i, c in enumerate(shown) if c.isdigit()]
    places = [i for i in digits[:-1] if not (i == digits[0] and shown[i] == "0" and "." in shown)]
    if not places:
        return shown
    at = int(rng.choice(places))
    others = [c for c in "0123456789" if c != shown[at]]
    return shown[:at] + str(rng.choice(others)) + shown[at + 1 :]


def _typed(paper: Paper, kind: str, column: str, row: int, shown: object) -> Paper:
    table = paper.tables[kind].copy()
    table.iloc[row, table.columns.get_loc(column)] = shown
    return paper.with_table(kind, table)


def _any(table: pd.DataFrame, rng: np.random.Generator) -> int:
    return int(rng.integers(len(table)))


def _mistyped_in(kind: str, column: str = "") -> Plant:
    """One number of a table is mistyped."""

    def plant(study: RandomStudy, style: Style, rng: np.random.Generator) -> Paper | None:
        paper = printed(study, style, raw=False)
        table = paper.tables[kind]
        row, name = _any(table, rng), column or table.columns[-1]
        stood = str(table[name].iloc[row])
        typed = mistyped(stood, rng)
        return _typed(paper, kind, name, row, typed) if typed != stood else None

    return plant


def _p_of_the_other_side(study: RandomStudy, style: Style, rng: np.random.Generator) -> Paper | None:
    """One p is of one side where the others are of two, or the other way round."""
    table, found = printed(study, style, raw=False), study.moran
    least = 6 * 10.0**-style.decimals
    rows = [i for i, p in enumerate(found["p"]) if least <= p <= 0.45]
    if not rows:
        return None
    row = int(rng.choice(rows))
    p = found["p"].iloc[row] * (0.5 if study.choices.sided == 2 else 2.0)
    return _typed(table, "moran", "p", row, number(p, style.decimals))


def _stars(study: RandomStudy, style: Style, rng: np.random.Generator) -> Paper | None:
    """One star too many or too few."""
    paper, half = printed(study, style, raw=False), 0.5 * 10.0**-style.decimals
    bounds = np.array([0.1, 0.05, 0.01])
    row, p = (i := _any(study.moran, rng)), study.moran["p"].iloc[i]
    right = int((p < bounds).sum())
    wrong = right + int(rng.choice([-1, 1]))
    if not 0 <= wrong <= 3 or abs(p - bounds[max(right, wrong) - 1]) <= 2 * half:
        return None
    column = "I" if style.starred else "stars"
    stood = str(paper.tables["moran"][column].iloc[row])
    return _typed(paper, "moran", column, row, stood.rstrip("*") + "*" * wrong)


def _z(study: RandomStudy, style: Style, rng: np.random.Generator) -> Paper | None:
    """One z is mistyped, so that its p is another."""
    paper, unit = printed(study, style, raw=False), 10.0**-style.decimals
    row = _any(study.moran, rng)
    stood = str(paper.tables["moran"]["z"].iloc[row])
    typed = mistyped(stood, rng)

    def p(z: str) -> float:
        return study.choices.sided * NormalDist().cdf(-abs(float(z)))

    shows = abs(p(typed) - p(stood)) > 1.5 * unit + 0.4 * unit * study.choices.sided
    return _typed(paper, "moran", "z", row, typed) if shows else None


def _periods(study: RandomStudy, style: Style, rng: np.random.Generator) -> Paper | None:
    """All growth is computed with one period too many or too few."""
    spans = study.years[-1] - study.years[0]
    wrong = spans + int(rng.choice([-1, 1]))
    paper, half = printed(study, style, raw=False), 0.5 * 10.0**-style.decimals
    ends = study.means.isel(year=[0, -1])
    rates, shows = [], False
    for row in paper.tables["growth"].itertuples():
        first, last = (float(x) for x in ends.sel(variable=row.variable, scope=row.scope))
        rate = (last / first) ** (1 / wrong) - 1
        low = ((last - 2 * half) / (first + 2 * half)) ** (1 / spans) - 1
        high = ((last + 2 * half) / (first - 2 * half)) ** (1 / spans) - 1 if first > 2 * half else math.inf
        shows |= not low - 0.0001 <= rate <= high + 0.0001
        rates.append(number(rate * 100, 2))
    if not shows or wrong < 1:
        return None
    return paper.with_table("growth", paper.tables["growth"].assign(value=rates)).without("values")


def _otherwise_coupled(make: Callable[[RandomStudy], xr.Dataset | None]) -> Plant:
    """C, T and D are computed from the printed indices in another way than the paper says."""

    def plant(study: RandomStudy, style: Style, _rng: np.random.Generator) -> Paper | None:
        found = make(study)
        if found is None or float(found["D"].max()) > CLASSES[study.choices.classes][-1]:
            return None
        if float(abs(found["D"] - study.values["D"]).max()) < 4 * 10.0**-style.decimals:
            return None
        return printed(study.but(coupled=lambda _: found), style, raw=False)

    return plant


def _rescaled(study: RandomStudy) -> xr.Dataset:
    return coupling_of(study, couple.rescale(study.u))


def _means_of_rescaled(study: RandomStudy, style: Style, rng: np.random.Generator) -> Paper | None:
    """The same where means alone are printed; shows where a mean D is above the root of the mean T it can have."""
    paper = _otherwise_coupled(_rescaled)(study, style, rng)
    shares = xr.DataArray(list(study.choices.contribution.values()), dims="variable")
    wrong = study.but(coupled=_rescaled)
    T = (wrong.means.sel(variable=study.systems) * shares.values).sum("variable")
    above = wrong.means.sel(variable="D") - np.sqrt(T)
    if paper is None or float(above.max()) < 3 * 10.0**-style.decimals:
        return None
    means = paper.tables["means"]
    return paper.only("means").with_table("means", means[~means["variable"].isin(["C", "T"])])


def _other_contribution(study: RandomStudy) -> xr.Dataset:
    first, *others = study.systems
    share = 0.6 if study.choices.contribution[first] != 0.6 else 0.5
    return _with_contribution(study, {first: share} | {s: (1 - share) / len(others) for s in others})


def _with_contribution(study: RandomStudy, contribution: Mapping[str, float]) -> xr.Dataset:
    T = couple.development(study.u, contribution=dict(contribution))
    C = study.values["C"]
    return xr.Dataset({"C": C, "T": T, "D": couple.coordination(C, T)})


def _times(factor: Callable[[int], float]) -> Callable[[RandomStudy], xr.Dataset | None]:
    def make(study: RandomStudy) -> xr.Dataset | None:
        if study.choices.coupling != "standard":
            return None
        C, T = study.values["C"] * factor(len(study.systems)), study.values["T"]
        return xr.Dataset({"C": C, "T": T, "D": np.minimum(couple.coordination(C, T), 1.0)})

    return make


def _squared(study: RandomStudy) -> xr.Dataset | None:
    """The product of the indices over the square of their mean, without the root."""
    if study.choices.coupling != "standard":
        return None
    C, T = study.values["C"] ** len(study.systems), study.values["T"]
    return xr.Dataset({"C": C, "T": T, "D": couple.coordination(C, T)})


def _group_mean(study: RandomStudy, style: Style, rng: np.random.Generator) -> Paper | None:
    """The mean of one group is mistyped; shows where the group is large enough to move the nation's mean."""
    paper = printed(study, style, raw=False).without("values")
    table = paper.tables["means"]
    row = int(rng.choice(np.flatnonzero(table["scope"] != "nation")))
    stood = str(table["value"].iloc[row])
    typed = mistyped(stood, rng)
    size = list(study.groups.values()).count(table["scope"].iloc[row]) / len(study.groups)
    moved = abs(float(typed) - float(stood)) * size
    return _typed(paper, "means", "value", row, typed) if moved > 2 * 10.0**-style.decimals else None


def _nation_mean(study: RandomStudy, style: Style, rng: np.random.Generator) -> Paper | None:
    paper = printed(study, style, raw=False).without("values")
    table = paper.tables["means"]
    row = int(rng.choice(np.flatnonzero(table["scope"] == "nation")))
    stood = str(table["value"].iloc[row])
    typed = mistyped(stood, rng)
    return _typed(paper, "means", "value", row, typed) if typed != stood else None


def _class(study: RandomStudy, style: Style, rng: np.random.Generator) -> Paper | None:
    """One region is printed in the class beside its own."""
    paper = printed(study, style, raw=False)
    table, upper = paper.tables["values"], CLASSES[study.choices.classes]
    labels = class_labels(study.choices.classes)
    row = _any(table, rng)
    right = labels.index(table["class"].iloc[row])
    wrong = right + int(rng.choice([-1, 1]))
    if not 0 <= wrong < len(labels):
        return None
    border = upper[min(right, wrong)]
    if abs(float(table["D"].iloc[row]) - border) <= 0.6 * 10.0**-style.decimals:
        return None
    return _typed(paper, "values", "class", row, labels[wrong])


def _lag(study: RandomStudy, style: Style, rng: np.random.Generator) -> Paper | None:
    """One region is printed with another system lagging."""
    paper = printed(study, style, raw=False)
    table = paper.tables["values"]
    row = _any(table, rng)
    u = [float(table[s].iloc[row]) for s in study.systems]
    others = [s for s, x in zip(study.systems, u, strict=True) if x > min(u) + 2 * 10.0**-style.decimals]
    return _typed(paper, "values", "lag", row, str(rng.choice(others))) if others else None


def _rank(study: RandomStudy, style: Style, rng: np.random.Generator) -> Paper | None:
    """Two regions of a year have each other's ranks."""
    paper = printed(study, style, raw=False)
    table = paper.tables["values"]
    year = table["year"] == int(rng.choice(table["year"].unique()))
    one, two = rng.choice(np.flatnonzero(year), 2, replace=False)
    if abs(float(table["D"].iloc[one]) - float(table["D"].iloc[two])) < 2 * 10.0**-style.decimals:
        return None
    first, second = table["rank"].iloc[one], table["rank"].iloc[two]
    return _typed(_typed(paper, "values", "rank", int(one), second), "values", "rank", int(two), first)


def _other_matrix(study: RandomStudy, style: Style, rng: np.random.Generator) -> Paper | None:
    """Moran's I under other spatial weights than the paper names; values of all years are printed."""
    if not study.provinces:
        return None
    paper = printed(study, replace(style, names_matrix=True, every_year=True), raw=False)
    nearest = {"method": "k-nearest", "k": int(rng.integers(3, 6))}
    said = nearest if study.weights_matrix.name == "contiguity" else {"method": "contiguity"}
    return replace(paper, about={**paper.about, "neighbours": said})


def _divided_by(cells: Callable[[RandomStudy], int]) -> Plant:
    """Entropy is divided by the logarithm of another number of cells; the paper gives its raw data."""

    def plant(study: RandomStudy, style: Style, _rng: np.random.Generator) -> Paper | None:
        entropy = weight.information_entropy(study.y)
        wrong = 1 - entropy * (math.log(study.y.sizes["region"] * study.y.sizes["year"]) / math.log(cells(study)))
        sums = wrong.groupby("system_of").sum()
        w = study.w.copy(data=(wrong.values / sums.sel(system_of=wrong["system_of"].values).values))
        if (w < 0).any() or float(abs(w - study.w).max()) < 3 * 10.0**-style.decimals:
            return None
        return printed(study.but(weigh=lambda _: w), style).only("weights", "dimension-weights")

    return plant


def _not_reversed(study: RandomStudy, style: Style, rng: np.random.Generator) -> Paper | None:
    """A negative indicator went in as if it were positive; the paper gives its raw data."""
    negative = np.flatnonzero(study.raw["direction"].values == "negative")
    if not len(negative):
        return None
    directions = study.raw["direction"].values.copy()
    directions[rng.choice(negative)] = "positive"
    w = study.but(raw=study.raw.assign_coords(direction=("indicator", directions))).w
    if float(abs(w.values - study.w.values).max()) < 3 * 10.0**-style.decimals:
        return None
    w = study.w.copy(data=w.values)
    return printed(study.but(weigh=lambda _: w), style).only("weights", "dimension-weights")


def _statement(study: RandomStudy, style: Style, rng: np.random.Generator) -> Paper | None:
    """A mean in a sentence is not that of the table."""
    paper = printed(study, style, raw=False).only("means")
    means = [i for i, s in enumerate(paper.statements) if s["quantity"] == "mean"]
    at = int(rng.choice(means))
    said = [dict(s) for s in paper.statements]
    typed = mistyped(said[at]["value"], rng)
    if typed == said[at]["value"]:
        return None
    said[at]["value"] = typed
    return Paper(paper.about, paper.tables, paper.entries, tuple(said))


def _prints(**formulas: str) -> Plant:
    """A formula is printed that the numbers do not follow; the paper gives its raw data."""

    def plant(study: RandomStudy, style: Style, _rng: np.random.Generator) -> Paper | None:
        return printed(study, style).saying(**formulas)

    return plant


def _quietly(plant: Plant) -> Plant:
    def quiet(study: RandomStudy, style: Style, rng: np.random.Generator) -> Paper | None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OuheWarning)
            return plant(study, style, rng)

    return quiet


#: Every kind of mistake by its name.
MISTAKES: Mapping[str, Mistake] = {
    name: Mistake(says, frozenset(checks.split()), _quietly(plant))
    for name, says, checks, plant in (
        ("weight", "one weight mistyped", "weights", _mistyped_in("weights", "weight")),
        ("dimension-weight", "one dimension's weight mistyped", "weights", _mistyped_in("dimension-weights")),
        ("ln n", "entropy divided by ln n, raw data given", "denominator", _divided_by(lambda s: s.y.sizes["region"])),
        ("ln T", "entropy divided by ln T, raw data given", "denominator", _divided_by(lambda s: s.y.sizes["year"])),
        ("prints ln n", "ln n printed, ln nT computed, raw data given", "denominator", _prints(entropy_divisor="ln n")),
        ("not reversed", "a negative indicator not reversed, raw data given", "denominator directions", _not_reversed),
        ("P·W", "index printed as ΣP·W, computed as ΣY·W", "index", _prints(index="shares")),
        (
            "index",
            "one index mistyped",
            "coupling development coordination means lags",
            lambda s, style, rng: _mistyped_in("values", s.systems[0])(s, style, rng),
        ),
        ("D", "one D mistyped", "coordination means classes in_range", _mistyped_in("values", "D")),
        (
            "rescaled",
            "C, T and D from indices rescaled to [0.01, 0.99]",
            "coupling development coordination",
            _otherwise_coupled(_rescaled),
        ),
        ("rescaled, means", "the same, means alone printed", "bound", _means_of_rescaled),
        (
            "contribution",
            "T with other contributions than said",
            "development",
            _otherwise_coupled(_other_contribution),
        ),
        ("C without k", "C without its factor k", "coupling", _otherwise_coupled(_times(lambda k: 1 / k))),
        ("C above 1", "C with its factor twice", "in_range coupling", _otherwise_coupled(_times(float))),
        ("C squared", "C without its root", "coupling", _otherwise_coupled(_squared)),
        ("class", "one region in the class beside its own", "classes", _class),
        ("lag", "one region with another system lagging", "lags", _lag),
        ("rank", "two regions with each other's ranks", "ranks", _rank),
        ("matrix", "Moran's I under other weights than named", "recomputed deviations", _other_matrix),
        ("group mean", "one mean of a group mistyped", "means growth bound", _group_mean),
        ("nation mean", "one mean of the nation mistyped", "means growth bound", _nation_mean),
        ("sentence", "a mean in a sentence other than in the table", "repeated growth", _statement),
        ("periods", "growth with one period too many or too few", "growth", _periods),
        ("p", "one p of the other number of sides", "p_values stars", _p_of_the_other_side),
        ("stars", "one star too many or too few", "stars", _stars),
        ("z", "one z mistyped", "p_values stars", _z),
    )
}
