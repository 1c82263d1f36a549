"""Stata and SPSS files, made here with other people's writers."""

import pandas as pd
import pyreadstat
import pytest

from ouhe import regions
from ouhe.errors import DataError
from ouhe.read import LAYOUTS, ReadOptions
from ouhe.read.sheets import open_sheets

CHINA = regions.load("china-provinces")
FRAME = pd.DataFrame({"prov": ["北京", "天津"], "year": [2020, 2020], "gdp": [1.5, None]})


def read(path, **options):
    options = ReadOptions(**options)
    sheets = [s.said(layout="stata") for s in open_sheets(path, file=path.name, options=options)]
    return LAYOUTS["stata"](sheets, file=path.name, regions=CHINA, options=options)


def values(reading):
    cells = reading.cells
    return dict(zip(zip(cells["region"], cells["year"], cells["series"], strict=True), cells["value"], strict=True))


@pytest.mark.parametrize("version", [10, 12, 13, 14, 15])
def test_every_version_of_dta_in_utf8(tmp_path, version):
    path = tmp_path / "a.dta"
    pyreadstat.write_dta(FRAME, str(path), version=version)
    reading = read(path)
    assert reading.problems == ()
    assert values(reading)["北京", 2020, "gdp"] == 1.5
    assert reading.cells["value"].isna().tolist() == [False, True]
    assert reading.sources[0].layout == "stata"


def test_an_old_dta_that_holds_gbk_without_saying_so(tmp_path):
    # Latin-1 writes every byte as it is, so that the file holds the bytes of GBK, as Stata 12 on Chinese Windows does
    gbk = FRAME.assign(prov=[r.encode("gbk").decode("latin-1") for r in FRAME["prov"]])
    path = tmp_path / "a.dta"
    gbk.to_stata(path, version=114, write_index=False)
    reading = read(path)
    assert reading.problems == ()
    assert values(reading)["北京", 2020, "gdp"] == 1.5


@pytest.mark.parametrize("kind", ["dta", "sav"])
def test_a_coded_region_column_reads_as_its_labels_and_variables_by_theirs(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    write = pyreadstat.write_dta if kind == "dta" else pyreadstat.write_sav
    coded = FRAME.assign(prov=[1, 2])
    write(
        coded,
        str(path),
        column_labels=["省份", "年份", "地区生产总值（亿元）"],
        variable_value_labels={"prov": {1: "北京市", 2: "天津市"}},
    )
    reading = read(path, names={"output": ("地区生产总值",)})
    assert reading.problems == ()
    assert values(reading)["北京", 2020, "output"] == 1.5
    assert reading.units == {"output": "亿元"}


def test_a_broken_file_is_told(tmp_path):
    for name in ("a.dta", "a.sav"):
        (tmp_path / name).write_bytes(b"$FL2 not really")
        with pytest.raises(DataError) as caught:
            read(tmp_path / name)
        assert [p.key for p in caught.value.problems] == ["read.bad_file"]


@pytest.mark.real
def test_a_file_of_other_people_opens(shared_data, tmp_path):
    (tmp_path / "set.csv").write_text("id\n" + "\n".join(map(str, range(1, 50))) + "\n", encoding="utf-8")
    path = shared_data / "moran-stata/columbus.dta"
    columbus = regions.load(tmp_path / "set.csv")
    options = ReadOptions(names={"crime": ("CRIME",)}, region="NEIG", fixed_year=1980)
    sheets = open_sheets(path, file=path.name, options=options)
    reading = LAYOUTS["stata"](sheets, file=path.name, regions=columbus, options=options)
    assert reading.problems == ()
    assert len(reading.cells) == 49
    # the largest CRIME of the Columbus data as published (Anselin 1988)
    assert reading.cells["value"].max() == pytest.approx(68.892044, abs=1e-4)


@pytest.mark.parametrize("kind", ["dta", "sav"])
def test_more_cells_than_are_read_are_told(tmp_path, monkeypatch, kind):
    path = tmp_path / f"a.{kind}"
    write = pyreadstat.write_dta if kind == "dta" else pyreadstat.write_sav
    write(FRAME, str(path))
    monkeypatch.setattr("ouhe.read.records.MOST_CELLS", 6)
    assert read(path).problems == ()
    monkeypatch.setattr("ouhe.read.records.MOST_CELLS", 5)
    with pytest.raises(DataError) as caught:
        read(path)
    assert [p.key for p in caught.value.problems] == ["read.too_many_cells"]
