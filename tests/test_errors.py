"""What messages are made of: names in a row, and options that are none of their choices."""

from typing import Literal

import pytest

from ouhe import text
from ouhe.errors import OptionError, check_choice, choice_problems, listed

Style = Literal["row", "binary", "raw"]


def test_a_few_names_are_all_listed():
    with text.use("en"):
        assert listed(map(str, range(20))).endswith("18, 19")
    with text.use("zh"):
        assert listed(["北京", "天津"]) == "北京、天津"
        assert listed([]) == ""


def test_long_lists_are_shortened_and_say_by_how_many():
    with text.use("en"):
        assert listed(range(21)).endswith("18, 19 and 1 more")
    with text.use("zh"):
        assert listed("甲乙丙", most=2) == "甲、乙，另有 1 个"
        assert listed("甲乙", most=2, count=9) == "甲、乙，另有 7 个"
        assert listed("甲乙", most=5, count=2) == "甲、乙"


@pytest.mark.parametrize("value", ["rows", None, 1, ["row"]])
def test_an_option_that_is_none_of_its_choices_is_refused(value):
    with pytest.raises(OptionError) as error:
        check_choice("style", value, Style)
    (problem,) = error.value.problems
    assert problem.key == "errors.no_choice"
    for lang in ("zh", "en"):
        assert "style" in problem.message(lang)
        assert "binary" in problem.message(lang)


def test_a_choice_passes_in_silence():
    check_choice("style", "row", Style)
    assert choice_problems("style", "raw", Style) == ()
