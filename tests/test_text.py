from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import ouhe
from ouhe import text

SOURCE = Path(ouhe.__file__).parent


def placeholders(said: str) -> set[str]:
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(said) if name}


def test_both_languages_have_the_same_files() -> None:
    assert text.namespaces("zh") == text.namespaces("en")


@pytest.mark.parametrize("namespace", text.namespaces("en"))
def test_both_languages_say_the_same_things(namespace: str) -> None:
    zh, en = text.texts(namespace, "zh"), text.texts(namespace, "en")
    assert set(zh) == set(en)
    for key in en:
        assert zh[key].strip(), key
        assert en[key].strip(), key
        assert placeholders(zh[key]) == placeholders(en[key]), key


def test_every_key_named_in_the_source_exists() -> None:
    known = {f"{n}.{k}" for n in text.namespaces("en") for k in text.texts(n, "en")}
    spaces = "|".join(text.namespaces("en"))
    named = {
        key
        for path in SOURCE.rglob("*.py")
        for key in re.findall(rf'"((?:{spaces})\.[a-z0-9_]+)"', path.read_text("utf-8"))
        if not key.endswith((".yml", ".csv", ".xlsx", ".nc", ".json"))
    }
    assert len(named) > 50
    assert named <= known, sorted(named - known)


def test_chinese_texts_are_chinese() -> None:
    exempt = {"regions.names"}
    for namespace in text.namespaces("zh"):
        for key, said in text.texts(namespace, "zh").items():
            bare = re.sub(r"\{[^}]*\}", "", said)
            if f"{namespace}.{key}" not in exempt and re.search(r"[A-Za-z]{3}", bare):
                assert re.search(r"[一-鿿]", bare), f"{namespace}.{key}"


@pytest.mark.parametrize(
    ("asked", "lang"), [("zh_CN.UTF-8", "zh"), ("Chinese_China.936", "zh"), ("en_US", "en"), ("C", "en")]
)
def test_language_follows_the_environment(monkeypatch: pytest.MonkeyPatch, asked: str, lang: str) -> None:
    monkeypatch.setenv("OUHE_LANG", asked)
    assert text.from_environment() == lang
