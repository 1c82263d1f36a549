"""Readings put together: editions, contradictions, units, other years."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouhe import regions
from ouhe.errors import OptionError, Problem
from ouhe.read import LeftOut, Reading, Source, assemble
from ouhe.read.reading import cells

CHINA = regions.load("china-provinces")
NAN = float("nan")


def reading(file, *rows, edition=-1, units=None, left_out=(), problems=()):
    """Reading of rows (region, year, series, value); the n-th stands in row n of column C."""
    table = cells([(r, y, s, v, 0, i, 2, edition) for i, (r, y, s, v) in enumerate(rows)])
    return Reading(table, (Source(file, ""),), units or {}, tuple(left_out), (), tuple(problems))


def put(*readings, years=(2020, 2021), series=("x",), **options):
    return assemble(readings, regions=CHINA, years=years, series=series, **options)


def at(panel, region, year, series="x"):
    return panel.values.sel(region=region, year=year, indicator=series).item()


def keys(panel):
    return [p.key for p in panel.problems]


class TestPanel:
    def test_values_and_where_they_stand(self):
        panel = put(
            reading("a.csv", ("天津", 2021, "x", 2.0)), reading("b.csv", ("北京", 2020, "y", 3.0)), series=("y", "x")
        )
        assert panel.problems == ()
        assert panel.values.dims == panel.source.dims == ("region", "year", "indicator")
        assert tuple(panel.values.region.values) == CHINA.ids
        assert at(panel, "天津", 2021) == 2.0
        assert at(panel, "北京", 2020, "y") == 3.0
        assert int(panel.values.notnull().sum()) == 2
        assert panel.source.sel(region="北京", year=2020, indicator="y").item() == 1
        assert panel.source.sel(region="北京", year=2021, indicator="y").item() == -1
        assert [s.file for s in panel.sources] == ["a.csv", "b.csv"]

    def test_other_years_are_not_used_and_on_record_for_each_sheet(self):
        footer = LeftOut(0, "注", "footer", 9)
        rows = [("北京", y, "x", 1.0) for y in (2010, 2011, 2012, 2015, 2020)]
        unused = [("北京", 2018, "x", NAN), ("北京", 2018, "y", 1.0)]  # no value, and no series of the panel
        panel = put(
            reading("a.csv", *rows, *unused, left_out=[footer]),
            reading("b.csv", ("北京", 2021, "x", 1.0)),
            reading("c.csv", ("天津", 2019, "x", 1.0)),
        )
        assert panel.problems == ()
        assert panel.left_out == (
            footer,
            LeftOut(0, "2010–2012, 2015", "outside-the-years"),
            LeftOut(2, "2019", "outside-the-years"),
        )

    def test_no_years_and_no_series(self):
        one = reading("a.csv", ("北京", 2020, "x", 1.0))
        assert put(one, years=()).values.shape == (31, 0, 1)
        assert put(one, series=()).values.shape == (31, 2, 0)

    def test_nothing_read(self):
        panel = put()
        assert panel.values.shape == (31, 2, 1)
        assert panel.values.isnull().all()
        assert panel.problems == panel.left_out == ()

    def test_the_readers_problems_come_first(self):
        told = Problem("read.several_headers", params={"series": "gdp", "headers": "C1, D1"})
        panel = put(
            reading("a.csv", ("北京", 2020, "x", 1.0)), reading("b.csv", ("北京", 2020, "x", 2.0), problems=[told])
        )
        assert keys(panel) == ["read.several_headers", "read.two_values"]

    def test_different_units_are_told_and_different_spellings_are_not(self):
        rows = [("北京", 2020, "x", 1.0)]
        one = reading("a.csv", *rows, units={"x": "万元/人"})
        assert keys(put(one, reading("b.csv", *rows, units={"x": "万元／ 人"}))) == []
        (problem,) = put(one, reading("b.csv", *rows, units={"x": "元/人"})).problems
        assert problem.key == "read.two_units"
        for part in ("万元/人", "a.csv", '"元/人"', "b.csv"):
            assert part in problem.message("en")


class TestContradictions:
    def test_equal_values_are_one_value(self):
        rows = [("北京", 2020, "x", 0.1 + 0.2)]
        panel = put(reading("a.csv", *rows), reading("b.csv", *rows), reading("c.csv", *rows, edition=2021))
        assert panel.problems == ()
        assert len(panel.editions) == 0

    def test_different_values_show_both_places(self):
        panel = put(reading("a.csv", ("北京", 2020, "x", 1.0)), reading("b.csv", ("北京", 2020, "x", 1.5)))
        (problem,) = panel.problems
        assert problem.key == "read.two_values"
        assert problem.message("en").startswith("a.csv C1: 北京 2020 x is 1 here but 1.5 in b.csv C1")

    def test_the_same_edition_twice_or_an_unknown_one_is_a_contradiction_under_every_rule(self):
        for first, second in ((2021, 2021), (2021, -1)):
            one = reading("a.csv", ("北京", 2020, "x", 1.0), edition=first)
            other = reading("b.csv", ("北京", 2020, "x", 1.5), edition=second)
            for rule in ("error", "first", "latest", "own-year"):
                assert keys(put(one, other, editions=rule)) == ["read.two_values"]

    def test_an_edition_not_taken_that_contradicts_itself_is_told(self):
        files = [("a.csv", 1.0, 2022), ("b.csv", 2.0, 2021), ("c.csv", 3.0, 2021)]
        panel = put(*(reading(f, ("北京", 2020, "x", v), edition=e) for f, v, e in files), editions="latest")
        assert keys(panel) == ["read.two_values"]
        assert at(panel, "北京", 2020) == 1.0

    def test_a_missing_value_neither_disagrees_nor_wins(self):
        old = reading("a.csv", ("北京", 2020, "x", 1.0), edition=2020)
        new = reading("b.csv", ("北京", 2020, "x", NAN), edition=2022)
        for rule in ("error", "first", "latest", "own-year"):
            panel = put(old, new, editions=rule)
            assert panel.problems == ()
            assert at(panel, "北京", 2020) == 1.0

    def test_many_are_counted(self):
        one = reading("a.csv", *((r, 2020, "x", 1.0) for r in CHINA.ids))
        other = reading("b.csv", *((r, 2020, "x", 2.0) for r in CHINA.ids))
        found = put(one, other).problems
        assert [p.key for p in found] == ["read.two_values"] * 20 + ["read.two_values_more"]
        assert found[-1].params["count"] == 11


class TestEditions:
    # printed in the editions of 2012, 2013 and 2019 of one yearbook
    FILES = (("2013.xls", 5.9, 2013), ("2012.xls", 5.8, 2012), ("2019.xls", 5.6, 2019))

    def files(self, year=2013):
        return [reading(f, ("北京", year, "x", v), edition=e) for f, v, e in self.FILES]

    @pytest.mark.parametrize(
        ("rule", "year", "value"),
        [
            ("first", 2013, 5.8),
            ("latest", 2013, 5.6),
            ("own-year", 2013, 5.9),
            ("own-year", 2014, 5.6),  # no edition of that year: the earliest after it
            ("own-year", 2020, 5.6),  # none after it either: the latest before it
        ],
    )
    def test_rules(self, rule, year, value):
        panel = put(*self.files(year), years=[year], editions=rule)
        assert panel.problems == ()
        assert at(panel, "北京", year) == value
        assert (
            panel.sources[panel.source.sel(region="北京", year=year, indicator="x").item()].file
            == {
                5.8: "2012.xls",
                5.9: "2013.xls",
                5.6: "2019.xls",
            }[value]
        )

    def test_every_choice_is_logged(self):
        panel = put(*self.files(), years=[2013], editions="latest")
        expected = pd.DataFrame(
            {
                "region": ["北京"] * 2,
                "year": [2013] * 2,
                "series": ["x"] * 2,
                "chosen_value": [5.6] * 2,
                "chosen_edition": [2019] * 2,
                "chosen_source": [2] * 2,
                "other_value": [5.9, 5.8],
                "other_edition": [2013, 2012],
                "other_source": [0, 1],
            }
        )
        pd.testing.assert_frame_equal(panel.editions, expected, check_dtype=False)

    def test_without_a_rule_each_is_a_problem_that_says_what_to_do(self):
        panel = put(*self.files(), years=[2013])
        assert keys(panel) == ["read.two_editions"] * 2
        assert "own-year" in panel.problems[0].message("en")

    def test_an_unknown_rule(self):
        with pytest.raises(OptionError, match="latest"):
            put(editions="last")


@given(st.permutations(range(6)), st.sampled_from(["first", "latest", "own-year"]))
def test_the_order_of_readings_changes_nothing(order, rule):
    rng = np.random.default_rng(7)
    all_of_them = [
        reading(f"{e}.csv", *((r, 2020, "x", rng.choice([1.0, 2.0, NAN])) for r in CHINA.ids[:9]), edition=e)
        for e in range(2018, 2024)
    ]
    one = put(*all_of_them, editions=rule)
    other = put(*(all_of_them[i] for i in order), editions=rule)
    assert one.values.equals(other.values)
    assert len(one.editions) == len(other.editions)


def test_what_is_assembled_is_what_a_loop_over_the_cells_finds():
    rng = np.random.default_rng(1)
    names = [f"s{i}" for i in range(5)]
    parts = []
    expected = {}
    for edition in range(2010, 2014):
        rows = [(r, y, s, float(rng.integers(3))) for r in CHINA.ids for y in (2020, 2021) for s in names]
        parts.append(reading(f"{edition}.csv", *rows, edition=edition))
        expected |= {(r, y, s): v for r, y, s, v in rows}  # the latest edition overwrites
    panel = put(*parts, series=names, editions="latest")
    assert {k: at(panel, *k) for k in expected} == expected
