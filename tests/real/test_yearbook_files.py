"""The 94 yearbook files as downloaded, against the collection's own tidied table and against each other.

The tidied table (techme/core_2010_2022.csv) was made from the same yearbooks by other people. Where its figures and
those of the sheets differ, one of the two is the other rounded to whole units (half up), as the tests state edition by
edition; there is no other difference but the single cell named in ``test_intensity_of_the_year``.
"""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ouhe import regions, text
from ouhe.read.reading import ReadOptions, join
from ouhe.read.sheets import open_sheets
from ouhe.read.yearbook import read_yearbook

DATA = Path(__file__).parents[2] / "../shared/data"
YEARBOOK, TECHME = DATA / "yearbook", DATA / "techme"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not YEARBOOK.is_dir(), reason="needs ../shared/data/yearbook"),
]

CHINA = regions.load("china-provinces")
#: The four slips of the digitised sheets; nothing else needs a word from the user.
SLIPS = {"内蒙占": "内蒙古", "江两": "江西", "山两": "山西", "两藏": "西藏"}


def files(folder, pattern="*.xls"):
    return sorted((YEARBOOK / folder).glob(pattern))


def reading(folder, pattern="*.xls", **options):
    options = ReadOptions(**{"aliases": SLIPS, **options})
    return join([opened(p, f"{folder}/{p.name}", options) for p in files(folder, pattern)])


def opened(path, file, options):
    sheets = open_sheets(path, file=file, options=options)
    return read_yearbook(sheets, file=file, regions=CHINA, options=options)


@pytest.fixture(scope="module")
def tidied():
    table = pd.read_csv(TECHME / "core_2010_2022.csv")
    return table.set_index(["province", "year"]).rename_axis(["region", "year"])


def beside(found, tidied):
    """Cells with the figure of the tidied table beside them, up to its last year."""
    cells = found.cells[found.cells["year"].le(2022)]
    long = tidied.reset_index().melt(["region", "year"], var_name="series", value_name="tidied")
    return cells.merge(long, on=["region", "year", "series"], how="left", validate="many_to_one")


def equal(a, b):
    return (a == b) | (a.isna() & b.isna())


def rounded(x):
    return np.floor(x + 0.5)


# --- everything is read


@pytest.fixture(scope="module")
def everything():
    folders = sorted(p.name for p in YEARBOOK.iterdir() if p.is_dir())
    start = time.perf_counter()
    found = {folder: reading(folder) for folder in folders}
    return found, time.perf_counter() - start


def test_all_94_files_are_read_with_four_aliases_and_quickly(everything):
    found, seconds = everything
    paths = {s.file for r in found.values() for s in r.sources}
    assert len(found) == 10
    assert len(paths) == 94
    assert [str(p) for r in found.values() for p in r.problems] == []
    assert seconds < 15


def test_every_table_has_every_province_once(everything):
    for found in everything[0].values():
        cells = found.cells.groupby(["source", "series", "year"])["region"]
        assert (cells.nunique() == 31).all()
        assert (cells.size() == 31).all()


def test_what_was_left_out(everything):
    labels = {}
    for found in everything[0].values():
        for x in found.left_out:
            labels.setdefault(x.reason, set()).add("".join(x.label.split()))
    notes = labels.pop("footer")
    assert labels == {
        "national": {"全国"},
        "macro-region": {"东部地区", "中部地区", "西部地区", "东北地区"},
        "outside-the-set": {"台湾", "香港", "澳门"},
        "not-a-region": {"其他", "国外", "港澳台"},
        "no-region-column": {"CNKI"},
    }
    assert all(note.startswith(("注", "Note", "据暂未", "Asofthefinalization")) for note in notes)


def test_most_workbooks_are_protected(everything):
    protected = {s.file for r in everything[0].values() for s in r.sources if s.protected}
    assert len(protected) == 78


@pytest.mark.parametrize(
    ("folder", "year", "slips"),
    [
        ("rd-personnel", 2013, {"内蒙占": ("A17", "内蒙古")}),
        ("patents-accepted", 2014, {"江两": ("A25", "江西")}),
        ("patents-granted", 2012, {"山两": ("A15", "山西"), "两藏": ("A37", "西藏")}),
    ],
)
def test_slips_in_names_are_errors_until_the_study_names_them(folder, year, slips):
    found = reading(folder, f"{year}.xls", aliases={})
    assert {p.params["label"]: p.place.cell for p in found.problems} == {k: cell for k, (cell, _) in slips.items()}
    with text.use("en"):
        for problem, (_, meant) in zip(found.problems, slips.values(), strict=True):
            assert problem.key == "read.unknown_region"
            assert f'"{meant}"' in str(problem)


def test_no_other_file_needs_an_alias():
    known = {"rd-personnel/2013.xls", "patents-accepted/2014.xls", "patents-granted/2012.xls"}
    for folder in sorted(p.name for p in YEARBOOK.iterdir() if p.is_dir()):
        found = reading(folder, aliases={})
        assert {p.place.file for p in found.problems} <= known


# --- against the tidied table

PERSONNEL = {
    "v4_zh_qsdl_hj": "R&D人员全时当量",
    "v4_zh_qsdl_yjry": "R&D人员 > 研究人员",
    "v4_zh_qsdl_jcyj": "基础研究",
    "v4_zh_qsdl_yyyj": "应用研究",
    "v4_zh_qsdl_syfz": "试验发展",
}
ACCEPTED = {
    "v4_cg_zlsq_hj": "合计",
    "v4_cg_zlsq_fm": "发明",
    "v4_cg_zlsq_syxx": "实用新型",
    "v4_cg_zlsq_wgsj": "外观设计",
}
GRANTED = {name.replace("zlsq", "zlsq2"): header for name, header in ACCEPTED.items()}
EXPENDITURE = {
    "v4_zh_nbzc_hj": "R&D经费内部支出",
    "v4_zh_nbzc_jcyj": "基础研究",
    "v4_zh_nbzc_yyyj": "应用研究",
    "v4_zh_nbzc_syfz": "试验发展",
}


def compared(folder, names, tidied):
    """Cells beside the tidied table, after a look that every series was found in every file."""
    accepted = {k: (v,) if isinstance(v, str) else v for k, v in names.items()}
    found = reading(folder, names=accepted, required=True)
    assert found.problems == ()
    return beside(found, tidied), found


@pytest.mark.parametrize(
    ("folder", "names", "unit"),
    [("patents-accepted", ACCEPTED, "件"), ("patents-granted", GRANTED, "件"), ("rd-personnel", PERSONNEL, "人年")],
)
def test_personnel_and_patents_of_all_years_equal_the_tidied_table(folder, names, unit, tidied):
    cells, found = compared(folder, names, tidied)
    assert len(cells) == 31 * 13 * len(names)
    assert cells["tidied"].notna().sum() >= len(cells) - 1
    # The sheet of 2010 gives personnel to a tenth of a man-year, the tidied table in whole ones.
    tenths = cells["year"].eq(2010) & (folder == "rd-personnel")
    assert equal(cells["value"], cells["tidied"])[~tenths].all()
    assert rounded(cells["value"]).eq(cells["tidied"])[tenths].all()
    assert set(found.units.values()) == {unit}
    assert set(found.units) == set(names)


def test_the_only_empty_cell_of_the_patents(tidied):
    cells, _ = compared("patents-accepted", ACCEPTED, tidied)
    empty = cells[cells["value"].isna()]
    assert empty[["region", "year", "series"]].to_numpy().tolist() == [["吉林", 2019, "v4_cg_zlsq_wgsj"]]
    assert empty["tidied"].isna().all()


def test_papers_and_their_ranks(tidied):
    names = {
        "v4_cg_gwlw_pssci": "篇数 > SCI",
        "v4_cg_gwlw_psei": "篇数 > EI",
        "v4_cg_gwlw_pscpcis": "篇数 > CPCI-S",
        # 2022 calls the rank 国内位次; in 2013 the I of EI was read as a 1.
        "v4_cg_gwlw_wcsci": ("位次 > SCI", "国内位次 > SCI"),
        "v4_cg_gwlw_wcei": ("位次 > EI", "位次 > E1", "国内位次 > EI"),
        "v4_cg_gwlw_wccpcis": ("位次 > CPCI-S", "国内位次 > CPCI-S"),
    }
    cells, _ = compared("papers", names, tidied)
    assert len(cells) == 31 * 13 * 6
    assert equal(cells["value"], cells["tidied"]).all()


def test_high_technology(tidied):
    names = {
        "v4_cy_scjy_qys": "企业数",
        "v4_cy_scjy_zyyw": ("主营业务收入", "营业收入"),
        "v4_cy_scjy_lrze": ("利润", "利润总额"),
    }
    cells, found = compared("hightech-operation", names, tidied)
    assert len(cells) == 31 * 12 * 3
    assert found.units == {"v4_cy_scjy_qys": "个", "v4_cy_scjy_zyyw": "亿元", "v4_cy_scjy_lrze": "亿元"}
    money = cells["series"].ne("v4_cy_scjy_qys")
    whole, finer = cells["year"].isin([2015, 2016]) & money, cells["year"].isin([2020, 2021]) & money
    assert equal(cells["value"], cells["tidied"])[~whole & ~finer].all()
    assert equal(cells["value"], rounded(cells["tidied"]))[whole].all()
    assert equal(rounded(cells["value"]), cells["tidied"])[finer].all()


def test_expenditure(tidied):
    cells, _ = compared("rd-expenditure", EXPENDITURE, tidied)
    assert len(cells) == 31 * 5 * 4
    whole, finer = cells["year"].eq(2018), cells["year"].isin([2020, 2021])
    assert equal(cells["value"], cells["tidied"])[~whole & ~finer].all()
    assert equal(cells["value"], rounded(cells["tidied"]))[whole].all()
    assert equal(rounded(cells["value"]), cells["tidied"])[finer].all()


@pytest.mark.parametrize(
    ("folder", "names", "most", "known"),
    [
        # Patents are counted, so their kinds add up exactly. Rounded man-years and money do to a thousandth, and
        # in two rows the publisher's own figures do not.
        ("patents-accepted", ACCEPTED, 0, []),
        ("patents-granted", GRANTED, 0, []),
        ("rd-personnel", PERSONNEL, 1e-3, [("四川", 2011)]),
        ("rd-expenditure", EXPENDITURE, 1e-4, [("上海", 2021)]),
    ],
)
def test_parts_add_up_to_the_total(folder, names, most, known):
    found = reading(folder, names={k: (v,) for k, v in names.items()}, required=True)
    wide = found.cells.pivot_table(index=["region", "year"], columns="series", values="value", dropna=False)
    total, *parts = [name for name in names if name != "v4_zh_qsdl_yjry"]
    off = (wide[parts].sum(axis="columns", skipna=False) - wide[total]).abs() / wide[total]
    assert off.notna().sum() >= len(wide) - 1
    assert off.index[off > most].tolist() == known


# --- years in columns


def test_intensity_of_the_year(tidied):
    found = reading("rd-intensity", series="v4_ztr_qd_RD")
    assert found.units == {"v4_ztr_qd_RD": "%"}
    assert sorted(set(found.cells["edition"])) == list(range(2018, 2024))
    assert set(found.cells["year"]) == set(range(2011, 2024))
    cells = beside(found, tidied)
    own = cells[cells["year"] == cells["edition"]]
    assert len(own) == 31 * 5
    # The sheet of 2020 gives all digits, the tidied table two.
    off = own[(own["value"].round(2) - own["tidied"]).abs() > 1e-9]
    assert off[["region", "year", "value", "tidied"]].to_numpy().tolist() == [["西藏", 2019, 0.25, 0.26]]


def test_editions_revise_the_past():
    cells = reading("rd-intensity", series="x").cells.set_index(["region", "year", "edition"])["value"]
    assert cells["北京", 2012, 2018] == 5.95
    assert [round(cells["北京", 2012, e], 2) for e in range(2019, 2024)] == [5.59] * 5


@pytest.mark.parametrize(
    ("pattern", "series", "unit", "title"),
    [
        ("type-amount-*.xls", "v4_cg_jssc_ht", "项", "技术市场技术输出地域(合同数)"),
        ("type-funds-*.xls", "v4_cg_jssc_je", "万元", "技术市场技术输出地域(合同金额)"),
    ],
)
def test_contracts_of_every_edition(pattern, series, unit, title, tidied):
    found = reading("techmarket-output", pattern, names={series: (title,)}, required=True)
    assert found.problems == ()
    assert found.units == {series: unit}
    cells = beside(found, tidied)
    cells = cells[cells["year"] >= 2010]
    # 西藏 2016 is printed as 0 in the editions of 2020 and 2021 and left empty in the others and in the tidied table.
    tibet = cells["region"].eq("西藏") & cells["year"].eq(2016)
    assert cells.loc[tibet].set_index("edition")["value"].fillna(-1).to_dict() == {2019: -1, 2020: 0, 2021: 0, 2022: -1}
    assert cells.loc[tibet, "tidied"].isna().all()
    # Figures of money are whole units in some editions and finer in others, and in the tidied table likewise.
    rest = cells[~tibet]
    exact = equal(rest["value"], rest["tidied"])
    same = exact | np.isclose(rest["value"], rest["tidied"], rtol=1e-14)
    same |= rest["value"].eq(rounded(rest["tidied"])) | rounded(rest["value"]).eq(rest["tidied"])
    assert same.all()
    assert exact.all() or series == "v4_cg_jssc_je"


# --- workbooks that are damaged on the way

FUZZ = """
import random, resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
from ouhe.errors import DataError, Place
from ouhe.read import protection
from ouhe.read.workbook import open_workbook
source, target = Path(sys.argv[1]), Path(sys.argv[2])
original = protection.unlock(source.read_bytes(), Place())
outcomes = set()
for seed in range(80):
    rng, data = random.Random(seed), bytearray(original)
    for _ in range(rng.choice([1, 4, 20])):
        at = rng.randrange(len(data) - 4)
        data[at : at + 4] = rng.choice([b"\\xff" * 4, bytes(4), rng.randbytes(4)])
    target.write_bytes(bytes(data))
    try:
        open_workbook(target, file="x.xls")
        outcomes.add("opened")
    except DataError as error:
        outcomes.add(error.problems[0].key)
print(*sorted(outcomes))
"""


def test_bytes_damaged_at_random_never_end_the_process(tmp_path):
    # The reader of the cells aborts the process on some of these when they are not refused before.
    source = YEARBOOK / "rd-personnel" / "2014.xls"
    command = [sys.executable, "-c", FUZZ, str(source), str(tmp_path / "x.xls")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert {"opened", "workbook.damaged", "workbook.impossible_extent"} <= set(done.stdout.split())
