from __future__ import annotations

from pathlib import Path

import pytest

from ouhe.errors import StudyError
from ouhe.study import document


def test_places_of_keys_and_values() -> None:
    read = document.parse("a:\n  b: 1\n  c: [x, y]\n", file="s.yml")
    assert str(read.place("a", "b")) == "s.yml:2:3"
    assert str(read.place("a", "c", 1)) == "s.yml:3:10"
    assert str(read.place("a", "nothing", "here")) == "s.yml:1:1"


def test_yaml_1_2_has_no_surprises() -> None:
    assert document.parse("a: no\nb: 12:30\nc: 2020-01-01\nd: 010").data == {
        "a": "no",
        "b": "12:30",
        "c": "2020-01-01",
        "d": 10,
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2\n", 's.yml:2:1: the key "a" stands twice'),
        ("a: !!python/object:os.system x\n", "the tag tag:yaml.org,2002:python/object:os.system is not accepted"),
        ("a: [1, 2\n", "not valid YAML"),
        ("- 1\n- 2\n", "the file must consist of"),
        ("? [a]\n: 1\n", "a key must be text"),
        ("a: " + "[" * 200 + "]" * 200, "unfolds into more than"),
        ("a: &x [*x]\n", "unfolds into more than"),
        ("a: \x00\n", "not valid YAML"),
        ("# 说明：x\ntitle：试\nyears: [1]\n", "s.yml:2:6: here stands ：, which YAML does not know"),
        ("a: 1\nb:\u00a0[1\nc: 2\n", "s.yml:2:3: here stands U+00A0"),
        ("a: b: c\n", "a colon stands where none is due"),
        ("a: 'x\n", "a quotation mark is not closed"),
        ("a:\n  b: 1\n c: 2\n", "the indentation does not fit"),
    ],
)
def test_bad_yaml_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(StudyError, match=r"s\.yml") as caught:
        document.parse(text, file="s.yml")
    assert said in str(caught.value)


def test_aliases_that_multiply_are_stopped_early() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    with pytest.raises(StudyError, match="anchors"):
        document.parse("\n".join(lines))


def test_a_plain_alias_is_fine() -> None:
    assert document.parse("a: &x [1, 2]\nb: *x\n").data["b"] == [1, 2]


def test_a_file_that_is_too_long_is_not_parsed() -> None:
    with pytest.raises(StudyError, match="larger than 2 MiB"):
        document.parse("a: " + "x" * (2 * 1024**2))


@pytest.mark.parametrize(("data", "said"), [(b"title: \xc4\xe3", "not UTF-8"), (None, "no such file")])
def test_files_that_cannot_be_read(tmp_path: Path, data: bytes | None, said: str) -> None:
    path = tmp_path / "study.yml"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(StudyError, match=said):
        document.load(path)


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    path = tmp_path / "study.yml"
    path.write_bytes("title: 示例".encode("utf-8-sig"))
    assert document.load(path).data == {"title": "示例"}


def test_settings_lie_over_the_file() -> None:
    read = document.override(
        document.parse("weights: entropy\ndata: [{path: a}]", file="s.yml"),
        ["weights.method=equal", "data.0.path=b", "years=[2010, 2012]", "coupling.in_step=0.02"],
    )
    assert read.data["weights"] == {"method": "equal"}
    assert read.data["data"] == [{"path": "b"}]
    assert read.data["years"] == [2010, 2012]
    assert str(read.place("weights", "method")) == "--set weights.method"


@pytest.mark.parametrize("setting", ["weights", "=1", "a..b=1", "a=[1"])
def test_a_setting_that_is_not_understood(setting: str) -> None:
    with pytest.raises(StudyError, match="is not understood"):
        document.override(document.parse("a: 1"), [setting])
