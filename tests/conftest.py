"""What several tests need."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from ouhe import text

# no slow machine fails a law; where a change is judged, the examples are the same every time
hypothesis.settings.register_profile(
    "ouhe", deadline=None, derandomize="CI" in os.environ, max_examples=int(os.environ.get("OUHE_EXAMPLES", "15"))
)
hypothesis.settings.load_profile("ouhe")

STUDY = """\
title: A small study
lang: en
regions: regions.csv
years: [2018, 2020]
data: {path: panel.csv, layout: long}
systems:
  Effort:
    staff: {name: R&D staff, unit: persons, direction: positive}
    funds: {name: Funds, unit: yuan, direction: positive}
  Result:
    output:
      patents: {name: Patents, unit: items, direction: positive}
      waste: {name: Waste, unit: tons, direction: negative}
groups: null
figures: none
report: none
"""

PANEL = """\
region,year,staff,funds,patents,waste
A,2018,10,100,5,9
A,2019,12,130,7,8
A,2020,15,160,9,6
B,2018,3,20,1,12
B,2019,4,35,2,11
B,2020,6,50,2,10
C,2018,20,300,11,4
C,2019,26,330,15,3
C,2020,30,390,21,2
"""

#: Fewer draws, for tests of a shipped study that are about something else.
FEW_DRAWS = ("draws: 500, samples: 128", "draws: 20, samples: 2")

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Messages are asserted in English unless a test says otherwise; never in the language of the machine."""
    with text.use("en"):
        yield


@pytest.fixture
def small_study(tmp_path: Path) -> Path:
    """A study of three regions, three years and four indicators, in a folder of its own."""
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.yml").write_text(STUDY, "utf-8")
    (folder / "panel.csv").write_text(PANEL, "utf-8")
    (folder / "regions.csv").write_text("id\nA\nB\nC\n", "utf-8")
    return folder / "study.yml"


@pytest.fixture(scope="session")
def quickened() -> Callable[[Path], Path]:
    """Makes a shipped study draw few of its uncertain choices, which take most of its time."""

    def quicken(study: Path) -> Path:
        whole, (many, few) = study.read_text("utf-8"), FEW_DRAWS
        assert many in whole
        study.write_text(whole.replace(many, few), "utf-8")
        return study

    return quicken


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data that is not part of the project."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the real data of ../shared/data are not here")
    return SHARED / "data"


@pytest.fixture(scope="session")
def paper_tables() -> Path:
    """The paper's tables, which are not part of the project."""
    if not (SHARED / "paper").is_dir():
        pytest.skip("the paper's tables of ../shared/paper are not here")
    return SHARED / "paper"


#: The command line without figures and with few draws, which take long and have tests of their own.
UNDRAWN = """
import sys
from ouhe.cli import main
from ouhe.output import scaffold, writing
from ouhe.output.drawing import Drawn
writing.draw = lambda *_, **__: Drawn()
demo = scaffold.demo
def quick(*given, **named):
    study = demo(*given, **named)
    study.write_text(study.read_text("utf-8").replace(*FEW_DRAWS), "utf-8")
    return study
scaffold.demo = quick
main(sys.argv[1:])
"""


@pytest.fixture(scope="session")
def undrawn() -> Callable[..., str]:
    """Runs a command in a folder, in a process of its own and without figures; gives what it says."""

    def run(folder: Path, *arguments: str) -> str:
        command = [sys.executable, "-c", f"FEW_DRAWS = {FEW_DRAWS!r}\n{UNDRAWN}", *arguments]
        environment = {**os.environ, "PYTHONUTF8": "1"}
        done = subprocess.run(command, cwd=folder, capture_output=True, check=True, env=environment)
        return done.stdout.decode("utf-8")

    return run
