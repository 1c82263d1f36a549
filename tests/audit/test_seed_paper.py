"""The worked example: what a published paper's tables and sentences say about one another."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest

from ouhe import audit
from ouhe.audit import Audited
from ouhe.audit.gather import gather
from ouhe.audit.load import load
from ouhe.text import LANGUAGES

EXAMPLE = Path(str(files("ouhe.audit"))) / "examples" / "seed-paper" / "paper.yml"


@pytest.fixture(scope="module")
def audited() -> Audited:
    return audit.run(EXAMPLE)


def test_it_finds_what_disagrees_and_raises_no_false_alarm(audited: Audited) -> None:
    found = [(v.certainty, v.kind) for v in audited.verdicts]
    assert found == [
        ("certain", "divisor_formula"),  # equation 4 divides by ln n
        ("certain", "index_of_shares"),  # equation 6 sums P·W
        ("certain", "growth_periods"),  # 6.03 % divides by 11
        ("certain", "bound_exceeded"),  # mean D above √(mean T)
        ("certain", "p_not_of_z"),  # 2021: z = 3.039, p = 0.024, **
        ("question", "directions_assigned"),  # SO2 and waste water weigh much for reversed indicators
        ("question", "matrix_not_named"),  # which spatial weights
    ]


def test_it_says_what_method_says(audited: Audited) -> None:
    by_kind = {v.kind: v for v in audited.verdicts}
    assert by_kind["growth_periods"].says["rate"] == "5.52 %"
    assert by_kind["growth_periods"].says["other"] == 11
    assert by_kind["p_not_of_z"].says["implied"] == "0.0024"
    assert by_kind["p_not_of_z"].arithmetic[-1] == "p = 0.0024 → *** ≠ **"
    assert by_kind["index_of_shares"].says["due"] == "0.00248"
    assert by_kind["index_of_shares"].says["times"].names == ("61", "68")
    # √(0.5·0.2 + 0.5·0.24) = 0.469, and with half a unit more on both sides 0.4696
    assert [line.rpartition("≤ ")[2] for line in by_kind["bound_exceeded"].arithmetic] == [
        "0.4833 < 0.518",
        "0.4049 < 0.436",
        "0.3537 < 0.371",
        "0.4696 < 0.489",
    ]
    assert "b₂ ∈ 3.7 … 7.0" in "\n".join(by_kind["matrix_not_named"].arithmetic)
    assert by_kind["matrix_not_named"].says["possible"].names == ("邻接",)


@pytest.mark.real
def test_it_holds_the_paper_as_printed(paper_tables: Path) -> None:
    read = gather(load(EXAMPLE)).published
    indicators = pd.read_csv(paper_tables / "indicators.csv", dtype=str)
    held = [(w.system, w.dimension, w.indicator, w.weight.text, w.direction) for w in read.weights]
    columns = ["system", "dimension", "indicator", "weight", "direction"]
    assert held == list(indicators[columns].itertuples(index=False, name=None))
    moran = pd.read_csv(paper_tables / "moran.csv", dtype=str, keep_default_na=False)
    rows = [r for t in read.morans for r in t.rows if r.z and r.p and r.statistic]
    shown = [(r.variable, r.year, r.statistic.text.rstrip("*"), r.z.text, r.p.text, "*" * (r.stars or 0)) for r in rows]
    assert shown == list(moran.itertuples(index=False, name=None))
    said = pd.read_csv(paper_tables / "text_figures.csv", dtype=str)
    means = said[~said["quantity"].str.contains("growth") & ~said["scope"].isin(["江苏", "广东"])]
    assert sorted(m.value.text for m in read.means) == sorted(means["value"])


def test_it_counts_what_agrees(audited: Audited) -> None:
    checked = {name: (c.count, c.agreed) for name, c in audited.checked.items()}
    assert checked["weights"] == (10, 10)  # two systems, six dimensions, their sums
    assert checked["p_values"] == (26, 25)
    assert checked["stars"] == (26, 26)
    assert checked["bound"] == (6, 2)
    assert checked["repeated"] == (4, 4)  # Moran's I in sentences and in tables


def test_the_english_edition_says_the_same(audited: Audited) -> None:
    english = audit.run(EXAMPLE.with_name("paper.en.yml"))
    assert [(v.kind, v.certainty) for v in english.verdicts] == [(v.kind, v.certainty) for v in audited.verdicts]
    assert english.checked == audited.checked
    assert not any("一" <= c <= "鿿" for v in english.verdicts for c in v.sentence("en") + "".join(v.arithmetic))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_verdict_and_reason_can_be_read(audited: Audited, lang: str) -> None:
    for verdict in audited.verdicts:
        assert verdict.sentence(lang).strip()  # type: ignore[arg-type]
    for reasons in audited.not_checked.values():
        assert all(r.message(lang) for r in reasons)  # type: ignore[arg-type]


def test_what_the_paper_does_not_name_is_named_in_the_language_asked_for() -> None:
    english = audit.run(EXAMPLE, lang="en")
    by_kind = {v.kind: v for v in english.verdicts}
    assert english.lang == "en"
    assert by_kind["matrix_not_named"].says["possible"].names == ("contiguity",)
    assert by_kind["bound_exceeded"].arithmetic[0].startswith("Eastern 2010–2022: ")
    chinese = audit.run(EXAMPLE.with_name("paper.en.yml"), lang="zh")
    sentence = next(v for v in chinese.verdicts if v.kind == "index_of_shares").sentence("zh")
    assert "所印 Innovation resources、New quality productive forces 的水平（0.152、0.168）" in sentence
