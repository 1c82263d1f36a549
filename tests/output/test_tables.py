from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouhe.output.tables import inert, write_csv

SIGNS = "=+-@\t\r\n＝＋－＠"


@pytest.mark.parametrize(
    "said", [f"{before}{sign}cmd()" for sign in SIGNS for before in ("", " ", "\u3000", '"', "'", " '")]
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(said: str) -> None:
    assert inert(said) == f"'{said}"


@pytest.mark.parametrize("said", ["=cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "+1", "-2+3+cmd|' /C calc'!A0"])
def test_commands_of_other_programs_are_inert(said: str) -> None:
    assert inert(said) == f"'{said}"


@pytest.mark.parametrize("value", ["北京", "R&D - a note", "a=b", "", "'quoted'", "5 %", 1.5, -1.5, None, True])
def test_everything_else_stays(value: object) -> None:
    assert inert(value) is value


@given(st.text(alphabet=SIGNS + " '\"ab"), st.text(alphabet=SIGNS + " '\"ab"))
def test_no_two_texts_become_one(one: str, other: str) -> None:
    assert (inert(one) == inert(other)) == (one == other)


@given(st.text())
def test_what_comes_out_never_starts_with_a_sign(said: str) -> None:
    assert not str(inert(said)).lstrip(" ").startswith(tuple(SIGNS))


def test_a_file_keeps_all_digits_and_opens_in_excel(tmp_path: Path) -> None:
    table = pd.DataFrame({"region": ["=cmd()", None, "北京"], "value": [0.1 + 0.2, np.nan, -1.0]})
    write_csv({"index": table}, tmp_path / "tables")
    written = (tmp_path / "tables" / "index.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(written.decode("utf-8-sig").splitlines()))
    assert rows == [["region", "value"], ["'=cmd()", "0.30000000000000004"], ["", ""], ["北京", "-1.0"]]
