"""Text files: encodings, delimiters, notes, and what is refused."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ouhe.errors import DataError
from ouhe.read.delimited import open_delimited

TABLE = "地区,2022年\n北京市,1.5\n天津市,2\n"


def opened(tmp_path: Path, data: bytes, name: str = "a.csv"):
    path = tmp_path / name
    path.write_bytes(data)
    return open_delimited(path, file=name)


def refused(tmp_path: Path, data: bytes, name: str = "a.csv"):
    with pytest.raises(DataError) as caught:
        opened(tmp_path, data, name)
    (problem,) = caught.value.problems
    assert problem.message("zh") != problem.message("en")
    return problem


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gb2312", "gb18030"),
        ("utf-16", "utf-16"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_usual_encoding_and_line_end_gives_the_same_records(tmp_path, written, said, newline):
    found = opened(tmp_path, TABLE.replace("\n", newline).encode(written))
    assert found.encoding == said
    assert found.rows == (("地区", "2022年"), ("北京市", "1.5"), ("天津市", "2"))


def test_a_character_outside_gbk_is_read_as_gb18030(tmp_path):
    assert opened(tmp_path, "县,值\n㑇\U00020000,1\n".encode("gb18030")).rows[1][0] == "㑇\U00020000"


def test_broken_utf8_is_told_with_its_place_and_not_read_as_gb18030(tmp_path):
    data = TABLE.encode()
    at = data.index("天".encode())
    problem = refused(tmp_path, data[: at + 1] + data[at + 2 :])
    assert problem.key == "decoding.damaged"
    assert (problem.params["offset"], problem.params["line"]) == (at, 3)


def test_broken_utf8_with_a_mark_says_the_offset_in_the_file(tmp_path):
    problem = refused(tmp_path, b"\xef\xbb\xbfa,b\n\xff,1\n")
    assert (problem.key, problem.params["offset"]) == ("decoding.damaged", 7)


def test_bytes_of_no_encoding_name_what_was_tried(tmp_path):
    problem = refused(tmp_path, b"a,b\n\xff\xff,1\n")
    assert problem.key == "decoding.no_encoding"
    assert problem.params["tried"] == "utf-8 (4), gb18030 (4)"


@pytest.mark.parametrize("scar", ["�", "锟斤拷"])
def test_characters_lost_before_are_told(tmp_path, scar):
    problem = refused(tmp_path, f"地区,值\n{scar},1\n".encode())
    assert (problem.key, problem.place.line) == ("decoding.lost_characters", 2)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "errors.empty_file"),
        (b"\n \n", "errors.empty_file"),
        (b"a,b\n1,\x00\n", "decoding.binary"),
        (b"PK\x03\x04rest", "decoding.other_kind"),
        (b"\xd0\xcf\x11\xe0rest", "decoding.other_kind"),
    ],
)
def test_what_is_no_text_is_told(tmp_path, data, key):
    assert refused(tmp_path, data).key == key


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("ouhe.read.delimited.MOST_BYTES", 10)
    assert refused(tmp_path, TABLE.encode()).key == "read.too_large"


LIMITED = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]) << 20, int(sys.argv[2]) << 20))
from ouhe.errors import DataError
from ouhe.read import ReadOptions
from ouhe.read.sheets import open_sheets
try:
    (sheet,) = open_sheets(Path(sys.argv[1]), file="x", options=ReadOptions())
    print(*sheet.grid.shape)
except DataError as error:
    print(*(p.key for p in error.problems))
"""


def in_little_memory(path, mib):
    """Shape of the only sheet of a file, opened in a process of its own with so many MiB of addresses, or a problem."""
    command = [sys.executable, "-c", LIMITED, str(path), str(mib)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def test_one_long_record_among_many_is_refused_before_it_is_laid_out(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a" + "," * 200_000 + "\n" + "1\n" * 200_000, encoding="utf-8")
    assert in_little_memory(path, 2048) == "read.too_many_cells"


def test_a_large_honest_table_is_read(tmp_path):
    path = tmp_path / "a.csv"
    line = ",".join(f"{v}.25" for v in range(10_000, 10_041)) + "\n"
    path.write_text(line * 100_000, encoding="utf-8")
    assert in_little_memory(path, 3072) == "100000 41"


def test_a_small_parquet_file_of_many_cells_is_refused(tmp_path):
    path = tmp_path / "a.parquet"
    pd.DataFrame({c: np.zeros(5_100_000) for c in "abcd"}).to_parquet(path, compression="zstd")
    assert path.stat().st_size < 100_000
    assert in_little_memory(path, 2048) == "read.too_many_cells"


def test_an_unclosed_quote_is_told(tmp_path):
    assert refused(tmp_path, b'a,b\n"1,2\n3,4\n').key == "read.bad_record"


def test_a_quoted_field_may_hold_delimiters_and_line_breaks(tmp_path):
    assert opened(tmp_path, b'a,b\r\n"1,\r\n2",3\r\n').rows == (("a", "b"), ("1,\r\n2", "3"))


def test_notes_before_the_header_keep_their_rows(tmp_path):
    found = opened(tmp_path, '# 来源："年鉴\n\n# second\na,b\n1,2\n'.encode())
    assert found.notes == ('来源："年鉴', "second")
    assert found.rows == (('# 来源："年鉴',), ("",), ("# second",), ("a", "b"), ("1", "2"))


@pytest.mark.parametrize(
    ("data", "delimiter"),
    [
        (b"a\tb\tc\n1,000\t2\t3,000\n", "\t"),
        (b"Population, total, by province\na\tb\tc\n1\t2\t3\n", "\t"),
        (b'"a\tx",b\n1,2\n', ","),
        ("数据库：分省\n指标：人口\n地区,2022年,2021年\n北京,1,2\n".encode(), ","),
        (b"one column\n1\n", ","),
    ],
)
def test_the_delimiter_is_the_one_that_stands_equally_often_in_most_lines(tmp_path, data, delimiter):
    assert opened(tmp_path, data).delimiter == delimiter


@settings(deadline=None)
@given(st.text(min_size=1).filter(lambda s: s.strip() and "\x00" not in s and "\ufffd" not in s and "锟斤拷" not in s))
def test_any_text_is_read_or_refused_with_a_message(tmp_path_factory, said):
    try:
        data = said.encode()
    except UnicodeEncodeError:  # lone surrogates cannot stand in a file
        return
    path = tmp_path_factory.mktemp("any") / "a.csv"
    path.write_bytes(data)
    try:
        said_back = open_delimited(path, file="a.csv").rows
    except DataError as error:
        said_back = [p.message() for p in error.problems]
    assert said_back


def test_a_record_with_too_many_fields_is_told_and_never_shifted(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("region,year,a,b\nA,2018,1,2\nB,2018,1,234.5,2\nC,2018,3,4,\n", "utf-8")
    with pytest.raises(DataError, match=r"d\.csv:3: the record has 5 fields where the table has 4 columns"):
        open_delimited(path, file="d.csv")


def test_notes_with_commas_above_and_below_a_table_are_no_records_of_it(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("a title, with, many, commas, in it\nregion,year,a\nA,2018,1\nB,2018,2\nsource: x\n", "utf-8")
    assert len(open_delimited(path, file="d.csv").rows) == 5


@pytest.mark.parametrize("data", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf\n"])
def test_a_file_without_text_is_told_as_empty(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"a\.csv: the file is empty"):
        open_delimited(path, file="a.csv")
