"""z, p, stars, the expectation and the standard deviation of Moran's I."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from ouhe import neighbours, regions
from ouhe.audit import Audited
from ouhe.audit.checks.spatial import Moments
from ouhe.audit.interval import Interval
from ouhe.compute import moran

Kinds = Callable[..., list[tuple[str, str]]]
Run = Callable[..., Audited]

HEAD = "title: t\nlang: en\nregions: 31\nyears: [2010, 2022]\nsystems: [S, P]\n"


def table(rows: Sequence[str], head: str = "year, I, z, p", said: str = "") -> str:
    lines = "\n".join(f"      {2010 + i}, {row}" for i, row in enumerate(rows))
    return f"{said}tables:\n  - kind: moran\n    where: table 4\n    variable: S\n    rows: |\n      {head}\n{lines}\n"


def two(z: float) -> str:
    return f"{math.erfc(z / math.sqrt(2)):.3f}"


Z = (1.798, 2.259, 2.510, 2.050, 1.100, 0.900, 1.650)
AGREE = [f"{z / 9:.3f}, {z}, {two(z)}" for z in Z]


def test_p_of_two_sides_and_of_one(kinds: Kinds) -> None:
    assert kinds(table(AGREE), head=HEAD) == []
    halved = [f"{z / 9:.3f}, {z}, {float(two(z)) / 2:.4f}" for z in Z]
    assert kinds(table([h[:-1] for h in halved]), head=HEAD) == []  # the table as a whole is one-sided


def test_one_row_among_many(kinds: Kinds) -> None:
    other = [*AGREE[:-1], f"0.183, 1.650, {0.0495:.3f}"]  # 1.650 has 0.0989 two-sided, 0.0495 one-sided
    assert kinds(table(other), head=HEAD) == [("p_other_side", "likely")]
    neither = [*AGREE[:-1], "0.183, 1.650, 0.009"]
    assert kinds(table(neither), head=HEAD) == [("p_not_of_z", "certain")]
    said = table(other).replace("    variable", "    sided: two\n    variable")
    assert kinds(said, head=HEAD) == [("p_other_side", "certain")]


def test_few_rows_make_it_likely_only(kinds: Kinds) -> None:
    assert kinds(table([*AGREE[:2], "0.183, 1.650, 0.009"]), head=HEAD) == [("p_not_of_z", "likely")]
    assert kinds(table([*AGREE[:4], "0.183, 1.650, 0.009"]), head=HEAD) == [("p_not_of_z", "likely")]


def test_p_of_another_test_is_a_question(kinds: Kinds) -> None:
    permuted = [f"{z / 9:.3f}, {z}, 0.4{i}0" for i, z in enumerate(Z)]
    assert kinds(table(permuted), head=HEAD) == [("p_none", "question")]
    assert kinds(table(["0.183, 1.650, 0.009"]), head=HEAD) == [("p_none", "question")]


def test_a_printed_bound_is_a_bound(kinds: Kinds) -> None:
    rows = [*AGREE, "0.400, 3.900, <0.001"]
    assert kinds(table(rows), head=HEAD) == []
    assert kinds(table([*AGREE, "0.400, 2.500, <0.001"]), head=HEAD) == [("p_not_of_z", "certain")]


STARRED = [f"{z / 9:.3f}{s}, {z}, {two(z)}" for z, s in zip(Z, ("*", "**", "**", "**", "", "", "*"), strict=True)]
MEANING = 'stars: {"*": 0.1, "**": 0.05, "***": 0.01}\n'


def test_stars_as_the_paper_explains_them(kinds: Kinds) -> None:
    assert kinds(table(STARRED, said=MEANING), head=HEAD) == []
    wrong = [STARRED[0].replace("*", "**"), *STARRED[1:]]
    assert kinds(table(wrong, said=MEANING), head=HEAD) == [("stars_wrong", "certain")]
    lacking = [STARRED[0].replace("*", ""), *STARRED[1:]]
    assert kinds(table(lacking, said=MEANING), head=HEAD) == [("stars_wrong", "certain")]


def test_a_paper_may_not_use_a_single_star(kinds: Kinds) -> None:
    said = 'stars: {"**": 0.05, "***": 0.01}\n'
    rows = ["0.2***, 3.0, 0.003", "0.2**, 2.2, 0.028", "0.2, 1.8, 0.072"]
    assert kinds(table(rows, said=said), head=HEAD) == []
    rows[2] = "0.2**, 1.8, 0.072"
    assert kinds(table(rows, said=said), head=HEAD) == [("stars_wrong", "certain")]


def test_a_p_is_a_probability(kinds: Kinds) -> None:
    rows = [*AGREE[:-1], "0.183, 1.650, 1.099"]
    assert kinds(table(rows), head=HEAD) == [("p_outside", "certain")]
    assert kinds(table(["0.183, 1.650, -0.099"]), head=HEAD) == [("p_outside", "certain")]
    assert kinds(table(["0.001, 0.000, 1.000"]), head=HEAD) == []


def test_stars_without_a_note(kinds: Kinds) -> None:
    assert kinds(table(STARRED), head=HEAD) == []
    stricter = [f"{z / 9:.3f}{s}, {z}, {two(z)}" for z, s in zip(Z, ("", "*", "*", "*", "", "", ""), strict=True)]
    assert kinds(table(stricter), head=HEAD) == []  # 5, 1 and 0.1 %
    assert kinds(table([STARRED[0].replace("*", "***"), *STARRED[1:]]), head=HEAD) == [("stars_wrong", "likely")]
    turned = [
        f"{z / 9:.3f}{s}, {z}, {two(z)}" for z, s in zip(Z, ("***", "", "", "", "***", "***", "***"), strict=True)
    ]
    assert kinds(table(turned), head=HEAD) == [("stars_none_fit", "question")]


def test_stars_in_a_column_and_without_p(kinds: Kinds) -> None:
    rows = [f"{z / 9:.3f}, {z}, {s}" for z, s in zip(Z, ("*", "**", "**", "**", "", "", "*"), strict=True)]
    assert kinds(table(rows, head="year, I, z, stars", said=MEANING), head=HEAD) == []
    rows[4] = "0.122, 1.1, ***"
    assert kinds(table(rows, head="year, I, z, stars", said=MEANING), head=HEAD) == [("stars_wrong", "certain")]


def test_p_on_a_threshold_may_have_either_number_of_stars(kinds: Kinds) -> None:
    for stars in ("**", "***"):
        assert kinds(table([f"0.252{stars}, 2.576, 0.010"], said=MEANING), head=HEAD) == []
    assert kinds(table(["0.252*, 2.576, 0.010"], said=MEANING), head=HEAD) == [("stars_wrong", "certain")]


def test_expectation_sign_and_quotient(kinds: Kinds) -> None:
    head = "year, I, E(I), sd, z"
    assert kinds(table(["0.176, −0.033, 0.116, 1.798"], head=head), head=HEAD) == []  # 0.209/0.116 = 1.80
    assert kinds(table(["0.176, −0.034, 0.116, 1.798"], head=head), head=HEAD) == [("expected_wrong", "certain")]
    assert kinds(table(["0.176, −0.033, 0.116, 2.798"], head=head), head=HEAD) == [("quotient_wrong", "certain")]
    assert kinds(table(["0.176, −1.798"], head="year, I, z"), head=HEAD) == [("sign_wrong", "certain")]
    assert kinds(table(["−0.033, −0.001"], head="year, I, z"), head=HEAD) == []  # I may be above E


def test_a_row_unlike_its_neighbours_is_likely(kinds: Kinds) -> None:
    rows = [f"{0.1 * z:.3f}, {10 * (0.1 * z + 1 / 30) / 1.15:.3f}" for z in (2, 2.2, 2.4, 2.6, 2.8, 3)]
    assert kinds(table(rows, head="year, I, z"), head=HEAD) == []
    rows[2] = rows[2].replace(", 2", ", 5")
    assert kinds(table(rows, head="year, I, z"), head=HEAD) == [("deviation_outlying", "likely")]


@pytest.mark.parametrize("style", ["row", "binary"])
def test_implied_kurtosis_is_that_of_the_values(style: str) -> None:
    china = regions.load("china-provinces")
    w = neighbours.contiguity(china).styled(style)  # type: ignore[arg-type]
    x = np.exp(np.random.default_rng(3).normal(size=31))
    values = xr.DataArray(x, dims="region", coords={"region": list(china.ids)})
    sd = float(moran.univariate(values, w, permutations=0).sd)
    z = x - x.mean()
    found = Moments.of(w).kurtosis(Interval(sd, sd))
    assert found is not None
    assert found.middle == pytest.approx(31 * (z**4).sum() / (z**2).sum() ** 2, rel=1e-9)
    normal = float(moran.univariate(values, w, variance="normality", permutations=0).sd)
    assert Moments.of(w).normally(Interval(normal, normal))


CHINA = HEAD.replace("31", "china-provinces")


def test_spatial_weights_are_asked_for_and_judged(kinds: Kinds, run: Run) -> None:
    head = "year, I, z"
    rows = ["0.176, 1.798", "0.225, 2.259", "0.253, 2.510"]
    assert kinds(table(rows, head=head), head=CHINA) == [("matrix_not_named", "question")]
    assert kinds(table(rows, head=head, said="neighbours: contiguity\n"), head=CHINA) == []
    # four nearest neighbours have a standard deviation near 0.1 at most
    named = "neighbours: {method: k-nearest, k: 4}\n"
    assert kinds(table(rows, head=head, said=named), head=CHINA) == [("deviation_impossible", "likely")]
    wild = ["0.176, 0.300", "0.225, 0.350", "0.253, 0.400"]
    assert kinds(table(wild, head=head), head=CHINA) == [("matrix_unknown", "question")]
    assert (
        run(table(rows, head=head), head=HEAD).not_checked["deviations"][0].key == "audit_checks.deviations_no_matrix"
    )
    few = "title: t\nlang: en\nregions: 3\nyears: [2010, 2022]\nsystems: [S, P]\n"
    assert kinds(table(rows, head=head), head=few) == []


def printed_study(decimals: int = 3) -> tuple[str, list[str]]:
    """Values of the provinces in three years and their Moran's I, rounded as printed."""
    china = regions.load("china-provinces")
    rng, w = np.random.default_rng(5), neighbours.contiguity(china)
    x = np.exp(rng.normal(-2, 0.6, (31, 3)))
    lines = [f"{r}," + ",".join(f"{v:.{decimals}f}" for v in row) for r, row in zip(china.ids, x, strict=True)]
    values = xr.DataArray(x, dims=("region", "year"), coords={"region": list(china.ids)})
    found = moran.univariate(values, w, permutations=0)
    shown = [f"{float(found.statistic[t]):.3f}, {float(found.z[t]):.3f}" for t in range(3)]
    return "region,2010,2011,2012\n" + "\n".join(lines), shown


def test_moran_again_from_printed_values(kinds: Kinds) -> None:
    values, shown = printed_study()
    said = "neighbours: contiguity\n"
    also = "  - {kind: values, variable: S, path: values.csv}\n"
    files = {"values.csv": values}
    assert kinds(table(shown, head="year, I, z", said=said) + also, head=CHINA, files=files) == []
    statistic, z = shown[1].split(", ")
    slipped = [shown[0], f"{float(statistic) + 0.03:.3f}, {z}", shown[2]]
    found = kinds(table(slipped, head="year, I, z", said=said) + also, head=CHINA, files=files)
    assert ("recomputed_wrong", "likely") in found
    # the matrix is recognised where it is not named
    found = kinds(table(slipped, head="year, I, z") + also, head=CHINA, files=files)
    assert ("recomputed_wrong", "likely") not in found  # two of three rows are too few to know it by


def test_a_slope_printed_as_z_is_recognised(kinds: Kinds) -> None:
    values, shown = printed_study()
    china = regions.load("china-provinces")
    x = np.array([[float(v) for v in line.split(",")[1:]] for line in values.splitlines()[1:]])
    w = neighbours.contiguity(china).matrix
    t = [stats.linregress(x[:, k], w @ x[:, k]) for k in range(3)]
    rows = [f"{row.partition(',')[0]}, {fit.slope / fit.stderr:.2f}" for row, fit in zip(shown, t, strict=True)]
    said = "neighbours: contiguity\n" + table(rows, head="year, I, z")
    found = kinds(
        said + "  - {kind: values, variable: S, path: values.csv}\n", head=CHINA, files={"values.csv": values}
    )
    assert ("recomputed_slope", "likely") in found


@pytest.mark.real
def test_a_published_table_of_slopes(run: Run, shared_data: Path) -> None:
    """127ww/nqp-spatial-development: scores to four decimals, I of 13 years, and 4.629 printed as z of 2011."""
    scores = pd.read_excel(shared_data / "nqp-spatial" / "附录A_完整附表.xlsx", header=None, engine="calamine")
    scores.columns = ["region", *range(2011, 2024)]
    printed = [".428", ".427", ".430", ".430", ".434", ".435", ".372", ".369", ".335", ".331", ".405", ".391", ".387"]
    lines = "\n".join(f"      {2011 + k}, {i}, {'4.629' if k == 0 else '—'}" for k, i in enumerate(printed))
    text = f"tables:\n  - kind: moran\n    variable: S\n    rows: |\n      year, I, z\n{lines}\n"
    text += "  - {kind: values, variable: S, path: scores.csv}\n"
    head = CHINA.replace("[2010, 2022]", "[2011, 2023]")
    found = run(text, head=head, files={"scores.csv": scores.to_csv(index=False, float_format="%.4f")})
    assert found.checked["recomputed"].agreed == 12  # contiguity is recognised, and only the z of 2011 is none
    assert [v.kind for v in found.of("likely")] == ["recomputed_slope"]
    assert not found.of("certain")
