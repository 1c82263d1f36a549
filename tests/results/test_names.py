"""Results in the other language: as if the study had been run in it."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import ouhe
from ouhe import output
from ouhe.output import scaffold
from ouhe.results.study_results import StudyResults

#: Weights of every kind of name: by option, with other options, with a name of the study's own.
NEIGHBOURS = (
    "[contiguity, {method: k-nearest, k: 5}, {method: inverse-distance, metric: great-circle},"
    " {method: contiguity, style: binary, name: 甲}]"
)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, quickened: Callable[[Path], Path]) -> Path:
    return quickened(scaffold.demo(tmp_path_factory.mktemp("names")))


def run(study: Path, lang: str) -> StudyResults:
    weights = [f"analyses.{name}.neighbours={NEIGHBOURS}" for name in ("moran", "geary", "getis", "bivariate_moran")]
    few = [f"analyses.{name}.permutations=9" for name in ("moran", "geary", "getis", "bivariate_moran", "lisa")]
    return ouhe.run(study, settings=[f"lang={lang}", *weights, *few])


@pytest.fixture(scope="module")
def both(study: Path) -> dict[str, StudyResults]:
    return {lang: run(study, lang) for lang in ("zh", "en")}


@pytest.mark.parametrize(("of", "to"), [("zh", "en"), ("en", "zh")])
def test_told_in_another_language_is_run_in_it(both, of, to):
    told, expected = both[of].told_in(to).tables(), both[to].tables()
    assert told.keys() == expected.keys()
    for name, table in expected.items():
        pd.testing.assert_frame_equal(told[name], table, obj=name)


def test_there_and_back(both):
    back = both["zh"].told_in("en").told_in("zh").tables()
    for name, table in both["zh"].tables().items():
        pd.testing.assert_frame_equal(back[name], table, obj=name)


def test_stored_names_serve_both_languages(study, both, tmp_path):
    settings = [
        "lang=zh",
        "figures=none",
        "report=none",
        "analyses.moran.permutations=9",
        "analyses.lisa.permutations=9",
    ]
    written, folder = output.write(study, tmp_path / "out", settings=settings)
    loaded = output.load(folder)
    assert written.language == "zh"
    told = loaded.told_in("en").tables()
    for name, table in written.told_in("en").tables().items():
        pd.testing.assert_frame_equal(told[name], table, obj=name)
    assert {"Beijing", "Jiangsu"} <= set(told["coupling"]["region"])
