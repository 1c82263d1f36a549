"""Derived series: what a formula means, what it may hold, and how everything wrong with it is told."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ouhe import text
from ouhe.compute import derive
from ouhe.errors import DataError, OuheError, Place, StudyError

nan = np.nan


def array(values: list[list[float]], years: tuple[int, ...] = (2020, 2021)) -> xr.DataArray:
    regions = ["北京", "天津", "河北"][: len(values)]
    return xr.DataArray(values, dims=("region", "year"), coords={"region": regions, "year": list(years)}).astype(float)


@pytest.fixture
def series() -> dict[str, xr.DataArray]:
    return {
        "gdp": array([[10, 20], [30, 60]]),
        "population": array([[2, 4], [5, 10]]),
        "holes": array([[1, nan], [3, 4]]),
        "技术市场成交额": array([[8, 8], [10, 40]]),
        "总人口": array([[2, 4], [5, 10]]),
    }


def told(error: pytest.ExceptionInfo[OuheError], lang: text.Lang = "en") -> list[str]:
    return [p.message(lang) for p in error.value.problems]


# What a formula means


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("gdp / population * 10000", [[50000, 50000], [60000, 60000]]),
        ("技术市场成交额/总人口", [[4, 2], [2, 4]]),
        ("-gdp + 2 * (population - 1)", [[-8, -14], [-22, -42]]),
        ("2 ** 3 * population ** 2 / 8", [[4, 16], [25, 100]]),
        ("(population ** 2) ** (1/2)", [[2, 4], [5, 10]]),
        ("population ** -1 * 20", [[10, 5], [4, 2]]),
        ("10 / 4 * population", [[5, 10], [12.5, 25]]),
        ("1 / 3 + 0 * gdp", [[1 / 3, 1 / 3], [1 / 3, 1 / 3]]),
        ("holes + 1", [[2, nan], [4, 5]]),
        ("0 * holes", [[0, nan], [0, 0]]),
        ("ratio(gdp, population)", [[5, 5], [6, 6]]),
        ("per_head(gdp, population)", [[5, 5], [6, 6]]),
        ("growth(gdp)", [[nan, 1], [nan, 1]]),
        ("lag(gdp)", [[nan, 10], [nan, 30]]),
        ("log(exp(population))", [[2, 4], [5, 10]]),
        ("sqrt(population ** 2)", [[2, 4], [5, 10]]),
        ("abs(population - 5)", [[3, 1], [0, 5]]),
        ("sum(gdp, population, 1)", [[13, 25], [36, 71]]),
        ("mean(gdp, population)", [[6, 12], [17.5, 35]]),
        ("min(gdp, 25, 9 * population)", [[10, 20], [25, 25]]),
        ("max(gdp, 25, holes)", [[25, nan], [30, 60]]),
        ("（gdp ÷ population）× ２", [[10, 10], [12, 12]]),
        ("ｇｄｐ − population", [[8, 16], [25, 50]]),
    ],
)
def test_formula_by_hand(series: dict[str, xr.DataArray], expression: str, expected: list[list[float]]) -> None:
    result = derive.evaluate(expression, series, target="t")
    assert result.dims == ("region", "year")
    assert result.name == "t"
    np.testing.assert_allclose(result, expected, rtol=1e-14)


def test_every_function_is_tested_and_described() -> None:
    tested = {"ratio", "per_head", "growth", "lag", "theil", "log", "exp", "sqrt", "abs", "sum", "mean", "min", "max"}
    assert set(derive.FUNCTIONS) == tested
    for name, function in derive.FUNCTIONS.items():
        assert function.usage.startswith(f"{name}(")
        assert "Examples" in (function.compute.__doc__ or "")
        assert derive.names(function.usage.replace("…", "z, z"))


def test_lag_and_growth_go_by_the_year_and_not_by_the_position() -> None:
    x = array([[2, 3, 6, 12]], years=(2015, 2016, 2018, 2019))
    np.testing.assert_allclose(derive.evaluate("lag(x)", {"x": x}), [[nan, 2, nan, 6]])
    np.testing.assert_allclose(derive.evaluate("lag(x, years=2)", {"x": x}), [[nan, nan, 3, nan]])
    np.testing.assert_allclose(derive.evaluate("growth(x)", {"x": x}), [[nan, 0.5, nan, 1]])
    np.testing.assert_allclose(derive.evaluate("growth(x, periods=3)", {"x": x}), [[nan, nan, 2, 3]])


def test_theil_by_hand() -> None:
    # Output 1 : 3 : 6, employment 5 : 3 : 2, so TL = .1 ln(.1/.5) + .3 ln(.3/.3) + .6 ln(.6/.2).
    values = {"y1": 10, "y2": 30, "y3": 60, "l1": 250, "l2": 150, "l3": 100}
    s = {k: array([[v]], years=(2020,)) for k, v in values.items()}
    expected = 0.1 * np.log(0.2) + 0.6 * np.log(3)
    assert derive.evaluate("theil(y1, y2, y3, l1, l2, l3)", s).item() == pytest.approx(expected, rel=1e-14)


def test_theil_takes_an_empty_sector_and_leaves_a_missing_one_missing() -> None:
    s = {
        "y1": array([[0, 0, nan]], (2020, 2021, 2022)),
        "y2": array([[4, 4, 4]], (2020, 2021, 2022)),
        "l1": array([[2, 0, 1]], (2020, 2021, 2022)),
        "l2": array([[2, 7, 1]], (2020, 2021, 2022)),
    }
    np.testing.assert_allclose(derive.evaluate("theil(y1, y2, l1, l2)", s), [[np.log(2), 0, nan]])


shares = st.lists(st.floats(0.01, 100), min_size=6, max_size=6)


@given(shares)
def test_theil_is_never_negative_and_free_of_units(values: list[float]) -> None:
    s = {f"x{i}": array([[v]], (2020,)) for i, v in enumerate(values)}
    plain = derive.evaluate("theil(x0, x1, x2, x3, x4, x5)", s).item()
    scaled = derive.evaluate("theil(7*x0, 7*x1, 7*x2, x3/3, x4/3, x5/3)", s).item()
    assert plain >= -1e-12
    assert scaled == pytest.approx(plain, rel=1e-9, abs=1e-12)


@given(st.permutations(["北京", "天津", "河北"]))
def test_order_of_regions_changes_nothing(regions: list[str]) -> None:
    s = {"a": array([[1, 2], [3, 4], [5, 6]]), "b": array([[7, 8], [9, 10], [11, 12]])}
    whole = derive.evaluate("a / b + growth(a)", s)
    mixed = derive.evaluate("a / b + growth(a)", {k: v.sel(region=regions) for k, v in s.items()})
    xr.testing.assert_identical(mixed, whole.sel(region=regions))


def test_labels_decide_and_nothing_is_dropped() -> None:
    a, b = array([[1, 2], [3, 4]]), array([[10, 20]], years=(2021, 2022))
    result = derive.evaluate("a + b", {"a": a, "b": b})
    assert sorted(result["year"].values) == [2020, 2021, 2022]
    assert result.sel(region="北京", year=2021) == 12
    assert int(result.notnull().sum()) == 1


def test_result_holds_nothing_of_the_indicators_it_came_from(series: dict[str, xr.DataArray]) -> None:
    gdp = series["gdp"].assign_coords(indicator="gdp", unit="亿元").assign_attrs(note="x").rename("gdp")
    result = derive.evaluate("gdp * 2", {"gdp": gdp})
    assert (set(result.coords), result.name, result.attrs) == ({"region", "year"}, None, {})


def test_rasters_and_chunks() -> None:
    x = xr.DataArray(np.arange(1.0, 25.0).reshape(2, 3, 4), dims=("y", "x", "year"), coords={"year": [1, 2, 3, 4]})
    whole = derive.evaluate("log(a) / a + lag(a)", {"a": x})
    assert whole.dims == ("y", "x", "year")
    xr.testing.assert_allclose(derive.evaluate("log(a) / a + lag(a)", {"a": x.chunk({"x": 1})}).compute(), whole)


def test_a_chunked_series_is_computed_once_to_find_what_is_wrong() -> None:
    read: list[int] = []

    def counted(block: np.ndarray) -> np.ndarray:
        if block.size:
            read.append(block.size)
        return block

    values = np.arange(24.0).reshape(4, 6)
    x = xr.DataArray(values, dims=("region", "year"), coords={"region": list("abcd"), "year": range(6)}, name="a")
    lazy = xr.apply_ufunc(counted, x.chunk({"region": 2}), dask="parallelized", output_dtypes=[float])
    formula = "log(a + 1) / (a + 2) + sqrt(a) * growth(a + 1) - max(a, 2) / exp(0 - a)"
    read.clear()
    result = derive.evaluate(formula, {"a": lazy})
    assert read == [12, 12]
    assert result.chunks is not None
    xr.testing.assert_allclose(result.compute(), derive.evaluate(formula, {"a": x}))
    with pytest.raises(DataError) as error:
        derive.evaluate("1 / a + log(a - 1)", {"a": lazy})
    assert [m.split('": ')[1].split("; ")[0] for m in told(error)] == [
        "a 0: 1 is divided by 0",
        "a 0: there is no logarithm of -1",
        "a 1: there is no logarithm of 0",
    ]


def test_an_infinite_value_on_the_way_is_told_though_the_result_is_finite() -> None:
    with pytest.raises(DataError, match="too large"):
        derive.evaluate("1 / (a * 1e30) ** 20", {"a": array([[1, 2]])})


# Names and order


def test_names_in_order_of_appearance() -> None:
    assert derive.names("theil(b, a, l1, l2) + b / (c - -d)") == ("b", "a", "l1", "l2", "c", "d")


def test_names_are_compared_in_their_plain_form_and_given_as_they_are_known() -> None:
    assert derive.names("ＧＤＰ / GDP") == ("GDP",)
    assert derive.names("GDP / 人口", known=["ＧＤＰ", "人口"]) == ("ＧＤＰ", "人口")
    assert derive.evaluate("GDP * 2", {"ＧＤＰ": array([[1, 2]])}).values.tolist() == [[2, 4]]


def test_a_series_may_bear_the_name_of_a_function() -> None:
    assert derive.evaluate("log(log)", {"log": array([[1, 1]])}).values.tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("growth(gdp)", True),
        ("growth （gdp）", True),
        ("ｇｒｏｗｔｈ(gdp, periods=2) * 100", True),
        ("a / -sqrt(lag(b))", True),
        ("regrowth + lagging", False),
        ("growth / lag", False),
        ("log(gdp) ** 2", False),
    ],
)
def test_a_formula_looks_back_by_calling_growth_or_lag(expression: str, expected: bool) -> None:
    assert derive.looks_back(expression) is expected


def test_looking_back_is_no_question_to_what_is_no_formula() -> None:
    with pytest.raises(StudyError):
        derive.looks_back("regrowth(gdp)")


def test_order_puts_each_after_what_it_uses() -> None:
    expressions = {"d": "b + c", "c": "b * 2", "b": "raw / other", "e": "raw"}
    found = derive.order(expressions)
    assert sorted(found) == ["b", "c", "d", "e"]
    assert found.index("b") < found.index("c") < found.index("d")
    assert derive.order({}) == ()


@given(st.integers(2, 400))
def test_order_of_a_long_chain(length: int) -> None:
    chain = {f"x{i}": f"x{i + 1} * 2" for i in range(length)}
    assert derive.order(chain) == tuple(reversed(chain))


@pytest.mark.parametrize(
    ("expressions", "circle"),
    [
        ({"a": "b + raw", "b": "c", "c": "a"}, {"a → b → c → a", "b → c → a → b", "c → a → b → c"}),
        ({"gdp": "gdp / 100"}, {"gdp → gdp"}),
    ],
)
def test_circle_is_named(expressions: dict[str, str], circle: set[str]) -> None:
    with pytest.raises(StudyError) as error:
        derive.order(expressions, places={k: Place("study.yml", line=4) for k in expressions})
    (message,) = told(error)
    assert message.startswith("study.yml:4: ")
    assert any(f": {c}; " in message for c in circle)


def test_order_tells_every_unreadable_formula() -> None:
    with pytest.raises(StudyError) as error:
        derive.order({"a": "x.y", "b": "1 +", "c": "fine"})
    assert [m.split(":")[0] for m in told(error)] == ['formula "a = x.y"', 'formula "b = 1 +"']


# What a formula may not hold

REACHING = [
    "__import__('os').system('true')",
    "().__class__.__bases__[0]",
    "gdp.__class__",
    "gdp.values.tofile('x')",
    "gdp.to_netcdf",
    "gdp[0]",
    "gdp[0:1]",
    "open('/etc/passwd')",
    "(lambda: 1)()",
    "(open)(gdp)",
    "ratio.compute(gdp, gdp)",
    "[x for x in gdp]",
    "{gdp}",
    "{1: gdp}",
    "(gdp, gdp)",
    "[gdp]",
    "f'{gdp}'",
    "'gdp'",
    "b'gdp'",
    "gdp if gdp else 1",
    "gdp < 1",
    "gdp and gdp",
    "not gdp",
    "~gdp",
    "gdp // 2",
    "gdp % 2",
    "gdp @ gdp",
    "gdp << 2",
    "gdp | gdp",
    "gdp & gdp",
    "True * gdp",
    "None",
    "...",
    "1j * gdp",
    "(x := gdp)",
    "await gdp",
    "(yield gdp)",
    "sum(*gdp, gdp)",
    "lag(**gdp)",
]


@pytest.mark.parametrize("expression", REACHING)
def test_anything_but_arithmetic_is_refused_and_told(expression: str, series: dict[str, xr.DataArray]) -> None:
    for call in (lambda: derive.evaluate(expression, series), lambda: derive.names(expression)):
        with pytest.raises(StudyError) as error:
            call()
        assert all(f'formula "{expression}": ' in m for m in told(error))
        assert any("may hold names of series" in m or "functions are" in m or "; write " in m for m in told(error))


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("", "the formula is empty"),
        ("   ", "the formula is empty"),
        ("gdp +", "it cannot be read"),
        ("gdp = 1", "it cannot be read"),
        ("gdp; gdp", "it cannot be read"),
        ("import os", "it cannot be read"),
        ("gdp gdp", "it cannot be read"),
        ("gdp\n+ 1", "it cannot be read"),
        ("1if gdp else 2", "it cannot be read"),
        ("R&D / gdp", '"R&D / gdp" is not allowed'),
        ("1 + 2", "it uses no series"),
        ("1e999 * gdp", '"1e999" is too large'),
        ("1" * 40 + " * gdp", "is too large"),
        ("9**9**9", '"9**9" is no exponent'),
        ("gdp ** gdp", '"gdp" is no exponent'),
        ("gdp ** 101", '"101" is no exponent'),
        ("gdp ** -1e3", '"-1e3" is no exponent'),
        ("gdp ** (1/0)", '"1/0" is no exponent'),
        ("gdp ** (1/1e-9)", '"1/1e-9" is no exponent'),
        ("gdp ** True", '"True" is no exponent'),
        ("log(gdp, gdp)", "write log(x)"),
        ("sum(gdp)", "write sum(a, b, …)"),
        ("log()", "write log(x)"),
        ("theil(gdp, gdp, gdp)", "write theil(y1, y2, …, l1, l2, …)"),
        ("theil(gdp, gdp)", "write theil(y1, y2, …, l1, l2, …)"),
        ("lag(gdp, 1)", "write lag(x, years=1)"),
        ("lag(gdp, periods=1)", "write lag(x, years=1)"),
        ("lag(gdp, years=gdp)", "years must be a whole number"),
        ("lag(gdp, years=0)", "years must be a whole number"),
        ("lag(gdp, years=-1)", "years must be a whole number"),
        ("lag(gdp, years=1.0)", "years must be a whole number"),
        ("growth(gdp, periods=True)", "periods must be a whole number"),
        ("log * gdp", "write log(x)"),
        ("sqr(gdp)", 'no function "sqr"; did you mean "sqrt"'),
        ("popluation", 'no series "popluation"; did you mean "population"'),
        ("总人囗 * gdp", 'no series "总人囗"; did you mean "总人口"'),
        ("-" * 1000 + "gdp", "nested more than 120 levels"),
        ("(" * 400 + "gdp" + ")" * 400, "it cannot be read"),
        ("abs(" * 150 + "gdp" + ")" * 150, "nested more than 120 levels"),
        ("gdp + " * 400 + "gdp", "at most 2000 are allowed"),
        ("gdp+" * 300 + "gdp", "nested more than 120 levels"),
        ("gdp \x00", "it cannot be read|nested more"),
        ("gdp \ud800", "it cannot be read|nested more"),
    ],
)
def test_wrong_formula_says_what_is_wrong(expression: str, says: str, series: dict[str, xr.DataArray]) -> None:
    with pytest.raises(StudyError) as error:
        derive.evaluate(expression, series)
    assert any(part in m for m in told(error) for part in says.split("|"))


def test_a_formula_that_would_take_for_ever_is_refused_at_once() -> None:
    start = time.perf_counter()
    for expression in ("9**9**9**9", "(9**99)**9**9**9", "x" + "**9" * 500, "((9**99)**99)**99 ** 1e9"):
        with pytest.raises(StudyError):
            derive.names(expression)
    assert time.perf_counter() - start < 1


def test_everything_wrong_in_a_formula_is_told_together(series: dict[str, xr.DataArray]) -> None:
    with pytest.raises(StudyError) as error:
        derive.evaluate("gdp.x + sqr(gdp[1]) + lag(gdp, years=0)", series, place=Place("study.yml", line=7, column=3))
    messages = told(error)
    assert len(messages) == 4
    assert all(m.startswith('study.yml:7:3: formula "gdp.x + ') for m in messages)
    with pytest.raises(StudyError) as error:
        derive.evaluate("gpd / populaton", series)
    assert len(told(error)) == 2


LETTERS = "ab0123456789.+-*/()[]{},:='\"\\ _eE<>!&|^%@~#\n人口（×"


@given(st.text(LETTERS, max_size=40) | st.text(max_size=20))
def test_any_text_is_computed_or_refused_with_a_message(expression: str) -> None:
    known = {"a": array([[1, 2]]), "b": array([[3, 0]])}
    try:
        result = derive.evaluate(expression, known)
    except OuheError as caught:
        problems = caught.problems
    else:
        assert result.shape == (1, 2)
        assert not np.isinf(result).any()
        return
    assert problems
    assert all("公式“" in p.message("zh") and 'formula "' in p.message("en") for p in problems)


def arithmetic() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["a", "b", "2", "0.5", "3"])
    return st.recursive(
        leaves, lambda s: st.tuples(s, st.sampled_from("+-*"), s).map(lambda t: f"({t[0]} {t[1]} {t[2]})"), max_leaves=8
    )


@given(arithmetic())
def test_arithmetic_is_pythons(expression: str) -> None:
    known = {"a": array([[1.5, -2]]), "b": array([[3, 0]])}
    formula = f"{expression} + 0 * a"
    expected = [eval(formula, {}, {"a": a, "b": b}) for a, b in ((1.5, 3.0), (-2.0, 0.0))]
    np.testing.assert_allclose(derive.evaluate(formula, known)[0], expected, rtol=1e-12)


# Cells a formula cannot take


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("a / b", "天津 2021: 4 is divided by 0"),
        ("ratio(a, b)", "天津 2021: 4 is divided by 0"),
        ("1 / b", "天津 2021: 1 is divided by 0"),
        ("b ** -1", "天津 2021: 0 cannot be raised"),
        ("(-a) ** 0.5", "北京 2020: -1 cannot be raised"),
        ("log(b)", "天津 2021: there is no logarithm of 0"),
        ("log(-a)", "天津 2021: there is no logarithm of -4"),
        ("sqrt(-a)", "天津 2021: there is no square root of -4"),
        ("exp(a * 1000)", "天津 2021: exp(4000) is too large"),
        ("(a + 1e30) ** 99", "天津 2021: the result is too large"),
        ("(a * 1e30) ** 10 * 1e9", "天津 2021: the result is too large"),
        ("per_head(a, b)", "天津 2021: the population is 0"),
        ("per_head(a, -a)", "天津 2021: the population is -4"),
        ("growth(-a)", "天津 2021: no growth rate can be taken from the earlier value -3"),
        ("theil(b, b, a, a)", "天津 2021: the output of the sectors adds up to 0"),
        ("theil(a, -2*a, a, a)", "天津 2021: the output of sector 2 is -8"),
        ("theil(a, a, 3*a, -a)", "天津 2021: the employment of sector 2 is -4"),
        ("theil(a, a, b, a)", "天津 2021: sector 1 has the output 4 and no employment"),
    ],
)
def test_cells_a_formula_cannot_take_are_named(expression: str, says: str) -> None:
    known = {"a": array([[1, 2], [3, 4]]), "b": array([[1, 2], [3, 0]])}
    with pytest.raises(DataError) as error:
        derive.evaluate(expression, known, target="t", place=Place("s.yml", line=2))
    assert any(m.startswith(f's.yml:2: formula "t = {expression}": {says}') for m in told(error))
    assert any("天津 2021：" in m for m in told(error, "zh"))


def test_cells_of_several_steps_are_told_together_and_none_twice() -> None:
    known = {"a": array([[1, -2]]), "b": array([[0, 5]])}
    with pytest.raises(DataError) as error:
        derive.evaluate("log(a) + sqrt(1 / b)", known)
    assert [m.split('": ')[1] for m in told(error)] == [
        "北京 2021: there is no logarithm of -2; it must be greater than 0",
        "北京 2020: 1 is divided by 0; correct the divisor, or leave its cell empty if the value is not known",
    ]


def test_many_cells_are_counted_after_the_first_twenty() -> None:
    x = array([[0] * 13] * 3, years=tuple(range(2010, 2023)))
    with pytest.raises(DataError) as error:
        derive.evaluate("1 / x", {"x": x})
    assert len(told(error)) == 21
    assert told(error)[-1].endswith("19 more of this kind")


def test_missing_is_not_an_error() -> None:
    known = {"a": array([[nan, 1]]), "b": array([[0, nan]])}
    for expression in ("a / b", "per_head(a, b)", "log(a + b)", "sqrt(b - 1 + a)", "(a - 9 + b) ** 0.5", "growth(a)"):
        assert np.isnan(derive.evaluate(expression, known)).all()


def test_infinite_data_are_named_once() -> None:
    with pytest.raises(DataError) as error:
        derive.evaluate("1 / a + a", {"a": array([[1, np.inf]])})
    (message,) = told(error)
    assert "北京 2021: the series holds inf" in message


def test_functions_stand_alone() -> None:
    compute: Callable[..., xr.DataArray] = derive.FUNCTIONS["log"].compute
    with pytest.raises(DataError, match="天津 2020"):
        compute(array([[1, 2], [-3, 4]]))
