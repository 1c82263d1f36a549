"""Numbers under one another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouhe.report.document import Cell, Column, Table
from ouhe.report.render import alignment

#: What stands before the decimal point of a number, and behind it.
parts = st.tuples(
    st.builds(
        str.__add__, st.sampled_from(["", "-", "−", "("]), st.from_regex(r"[0-9]{1,3}(,[0-9]{3})?", fullmatch=True)
    ),
    st.builds(
        str.__add__,
        st.one_of(st.just(""), st.from_regex(r"\.[0-9]{1,5}", fullmatch=True)),
        st.sampled_from(["", "*", "**", "***", "%", ")"]),
    ),
)


@given(st.lists(parts, min_size=1))
def test_behind_what_is_whole_stands_as_much_in_every_cell(numbers):
    padded = alignment.paddings([whole + rest for whole, rest in numbers])
    behind = [len(rest) + len(padding) for (_, rest), padding in zip(numbers, padded, strict=True)]
    assert len(set(behind)) == 1
    points = [(rest + padding).count(".") for (_, rest), padding in zip(numbers, padded, strict=True)]
    assert set(points) == {int(any("." in rest for _, rest in numbers))}


def test_whole_numbers_need_nothing():
    assert alignment.paddings(["1", "23", "—", ""]) == ("", "", "", "")
    assert alignment.paddings([]) == ()


def test_words_behind_a_number_make_no_room_for_themselves():
    assert alignment.paddings(["0.5 (of all regions)", "0.25"]) == ("0", "")


@pytest.mark.parametrize(("shown", "width"), [("", 0), ("abc", 3), ("中文", 4), ("e\u0301", 1)])
def test_width(shown, width):
    assert alignment.width(shown) == width


def test_width_of_a_table():
    columns = (Column("Region"), Column("D", "number"))
    assert alignment.table_width(Table("t", "c", columns, ())) == 6 + 2 + 1 + 2
    assert (
        alignment.table_width(Table("t", "c", columns, ((Cell("x" * 99, "x" * 99), Cell(1, "1.25")),)))
        == 28 + 2 + 4 + 2
    )
