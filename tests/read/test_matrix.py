"""Spatial weights that other people made: what is read, what is told, what is refused."""

import warnings

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ouhe import neighbours, regions
from ouhe.errors import DataError, OptionError, OuheWarning
from ouhe.read.matrix import read_matrix

CHINA = regions.load("china-provinces")
FOUR = CHINA.without(CHINA.ids[4:])  # 北京 天津 河北 山西
ORDER = ["北京", "天津", "河北", "山西"]
#: 北京–天津, 北京–河北, 天津–河北, 河北–山西
TOUCH = [[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 1], [0, 0, 1, 0]]


def rows(matrix=TOUCH, above=ORDER, beside=ORDER, corner="地区"):
    """Cells of a matrix with names, or without where these are None."""
    table = [list(r) for r in matrix]
    if beside is not None:
        table = [[name, *r] for name, r in zip(beside, table, strict=True)]
    if above is not None:
        table = [[corner, *above] if beside is not None else list(above), *table]
    return table


def csv(tmp_path, table, *, name="w.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes("\n".join(",".join(map(str, r)) for r in table).encode(encoding))
    return path


def xlsx(tmp_path, table, *, top=0, left=0, sheets=("W",)):
    path = tmp_path / "w.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for sheet in map(book.add_worksheet, sheets):
            for i, r in enumerate(table):
                for j, cell in enumerate(r):
                    sheet.write(top + i, left + j, cell)
    return path


def read(path, set_=FOUR, *, style="raw", **options):
    return read_matrix(path, set_, style=style, **options)


def keys(error):
    return [p.key.removeprefix("neighbours.") for p in error.value.problems]


def told(path, set_=FOUR, **options):
    """Weights, and the keys of what was warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        w = read(path, set_, **options)
    assert all(isinstance(c.message, OuheWarning) for c in caught)
    return w, [c.message.problem.key.removeprefix("neighbours.") for c in caught]


# what is read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_matrix_with_names_in_any_encoding(tmp_path, encoding):
    w = read(csv(tmp_path, rows(), encoding=encoding))
    assert w.regions == tuple(ORDER)
    assert w.matrix.toarray().tolist() == TOUCH
    assert (w.name, w.style) == ("w", "raw")


def test_style_and_name(tmp_path):
    w = read_matrix(csv(tmp_path, rows()), FOUR, name="公路")
    assert (w.style, w.name) == ("row", "公路")
    assert w.matrix.toarray()[0].tolist() == [0, 0.5, 0.5, 0]


def test_any_name_of_a_region_holds(tmp_path):
    names = ["Beijing", "天津市", 130000, "晋"]
    assert read(csv(tmp_path, rows(above=names, beside=names))).matrix.toarray().tolist() == TOUCH
    names = ["北京", "天津", "河比", "山西"]
    path = csv(tmp_path, rows(above=names, beside=names))
    assert read(path, aliases={"河比": "河北"}).matrix.toarray().tolist() == TOUCH
    with pytest.raises(DataError) as error:
        read(path)
    assert keys(error) == ["matrix_unknown", "matrix_unknown", "matrix_rows_missing", "matrix_columns_missing"]
    assert str(error.value.problems[0].place) == "w.csv A4"
    assert '"河北"' in str(error.value.problems[0])


def test_a_workbook_with_an_empty_sheet_and_space_around(tmp_path):
    path = tmp_path / "w.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("空")
        sheet = book.add_worksheet("W")
        for i, r in enumerate(rows()):
            sheet.write_row(3 + i, 2, r)
    assert read(path).matrix.toarray().tolist() == TOUCH


def test_several_sheets_need_a_name(tmp_path):
    path = xlsx(tmp_path, rows(), sheets=("邻接", "距离"))
    with pytest.raises(DataError, match="邻接, 距离") as error:
        read(path)
    assert keys(error) == ["matrix_several_sheets"]
    assert read(path, sheet="距离").matrix.toarray().tolist() == TOUCH


@pytest.mark.parametrize("header", [("地区", "邻居", "权重"), ("region", "neighbour", "weight"), None])
def test_a_list_of_links(tmp_path, header):
    links = [(a, b, 2.5) for i, a in enumerate(ORDER) for j, b in enumerate(ORDER) if TOUCH[i][j]]
    table = [*([header] if header else []), *links]
    assert read(csv(tmp_path, table)).matrix.toarray().tolist() == (np.array(TOUCH) * 2.5).tolist()


def test_a_list_written_by_ourselves_comes_back(tmp_path):
    w = neighbours.inverse_distance(CHINA.table)
    w.to_frame().to_csv(tmp_path / "w.csv", index=False)
    back = read(tmp_path / "w.csv", CHINA)
    assert back.matrix.toarray() == pytest.approx(w.matrix.toarray(), rel=1e-15)


def test_a_region_that_a_list_does_not_name_is_an_isolate_and_told(tmp_path):
    w, notices = told(csv(tmp_path, [("a", "b", "w"), ("北京", "天津", 1), ("天津", "北京", 1), ("河北", "河北", 0)]))
    assert w.isolates == ("河北", "山西")
    assert notices == ["isolates"]


def test_a_list_that_holds_a_link_twice_under_two_names(tmp_path):
    table = [("region", "neighbour", "weight"), ("北京", "天津", 1), ("天津", "北京", 1), ("北京市", "天津市", 2)]
    with pytest.raises(DataError, match=r"w\.csv C2") as error:
        read(csv(tmp_path, table))
    assert keys(error) == ["matrix_pair_twice"]
    assert str(error.value.problems[0].place) == "w.csv C4"


def test_a_list_with_holes(tmp_path):
    table = [
        ("region", "neighbour", "weight"),
        ("北京", "", 1),
        ("天津", "北京", ""),
        ("河北", "山西", "x"),
        ("上海市", "河北", 1),
    ]
    with pytest.raises(DataError) as error:
        read(csv(tmp_path, table), FOUR)
    assert keys(error) == ["matrix_not_a_number", "matrix_blank", "matrix_no_name"]
    assert [str(p.place) for p in error.value.problems] == ["w.csv C4", "w.csv", "w.csv B2"]


# orders


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(above=st.permutations(range(4)), beside=st.permutations(range(4)))
def test_any_order_of_rows_and_columns_gives_the_same(tmp_path, above, beside):
    weights = np.array([[0, 1, 2, 0], [3, 0, 4, 0], [5, 6, 0, 7], [0, 0, 8, 0]])
    turned = weights[np.ix_(beside, above)]
    names = [[ORDER[i] for i in order] for order in (above, beside)]
    w, notices = told(csv(tmp_path, rows(turned, *names)))
    assert w.matrix.toarray().tolist() == weights.tolist()
    expected = "matrix_sides_differ" if above != beside else "matrix_reordered" if above != [0, 1, 2, 3] else None
    assert notices == [*([expected] if expected else []), "matrix_unequal"]


def test_names_on_one_side_hold_for_both_and_that_is_told(tmp_path):
    for table in (rows(beside=None), rows(above=None), rows(beside=[1, 2, 3, 4], corner="id")):
        w, notices = told(csv(tmp_path, table))
        assert w.matrix.toarray().tolist() == TOUCH
        assert notices == ["matrix_one_side"]
    turned = np.array(TOUCH)[::-1, ::-1]
    w, notices = told(csv(tmp_path, rows(turned, ORDER[::-1], None)))
    assert w.matrix.toarray().tolist() == TOUCH
    assert notices == ["matrix_one_side", "matrix_reordered"]


@pytest.mark.parametrize(
    ("above", "beside"),
    [
        (None, None),
        (["v1", "v2", "v3", "v4"], [1, 2, 3, 4]),
        ([1, 2, 3, 4], None),
        (None, [1, 2, 3, 4]),
        ([0, 1, 2, 3], [0, 1, 2, 3]),
        (None, ["r1", "r2", "r3", "r4"]),
    ],
)
def test_without_names_the_user_says_whose_rows_they_are(tmp_path, above, beside):
    path = csv(tmp_path, rows(TOUCH, above, beside, corner=""))
    with pytest.raises(DataError, match="order: as-listed") as error:
        read(path)
    assert keys(error) == ["matrix_no_order"]
    assert "北京、天津、河北" in error.value.problems[0].message("zh")
    assert read(path, order="as-listed").matrix.toarray().tolist() == TOUCH
    other = read(path, order=["山西", "河北省", "天津", "Beijing"])
    assert other.matrix.toarray().tolist() == np.array(TOUCH)[::-1, ::-1].tolist()


def test_numbers_that_happen_to_be_codes_are_still_numbers(tmp_path):
    # 11 to 15 are the codes of 北京 to 内蒙古
    n = len(CHINA)
    w = neighbours.contiguity(CHINA, style="binary")
    path = csv(tmp_path, rows(w.matrix.toarray(), None, list(range(1, n + 1))))
    with pytest.raises(DataError, match="order: as-listed"):
        read(path, CHINA)
    assert np.array_equal(read(path, CHINA, order="as-listed").matrix.toarray(), w.matrix.toarray())


def test_numbers_in_another_order_are_followed(tmp_path):
    turned = np.array(TOUCH)[[2, 0, 1, 3]][:, [2, 0, 1, 3]]
    w = read(csv(tmp_path, rows(turned, [3, 1, 2, 4], [3, 1, 2, 4], corner="")), order="as-listed")
    assert w.matrix.toarray().tolist() == TOUCH


def test_ids_that_are_numbers_are_names(tmp_path):
    (tmp_path / "set.csv").write_text("id\n1\n2\n3\n4\n", "utf-8")
    numbered = regions.load(tmp_path / "set.csv")
    ids = ["4", "3", "2", "1"]
    w, notices = told(csv(tmp_path, rows(np.array(TOUCH)[::-1, ::-1], ids, ids, corner="")), numbered)
    assert w.matrix.toarray().tolist() == TOUCH
    assert notices == ["matrix_reordered"]
    # a bare matrix of zeros and ones is none of names, even where 1 is one
    with pytest.raises(DataError, match="order: as-listed"):
        read(csv(tmp_path, TOUCH), numbered)


def test_an_order_that_is_wrong(tmp_path):
    bare = csv(tmp_path, TOUCH, name="bare.csv")
    for order, expected in [
        (["北京", "天津", "河北"], ["order_missing"]),
        (["北京", "天津", "河北", "山西", "山西省"], ["matrix_twice"]),
        (["北京", "天津", "河北", "x"], ["matrix_unknown", "order_missing"]),
        (["1", "2", "3", "4"], ["order_numbers"]),
        ([*ORDER, "上海"], ["wrong_size"]),
    ]:
        with pytest.raises(DataError) as error:
            read(bare, order=order)
        assert keys(error) == expected
    with pytest.raises(OptionError, match="did you mean"):
        read(bare, order="as_listed")
    with pytest.raises(OptionError, match="take it out"):
        read(csv(tmp_path, rows()), order="as-listed")
    with pytest.raises(OptionError, match="binary"):
        read(csv(tmp_path, rows()), style="rows")


# sizes and names


@pytest.mark.parametrize("table", [TOUCH[:3], [r[:3] for r in TOUCH], [[0, 1], [1, 0]], [[1]], [[0, 1, 0, 0]]])
def test_wrong_sizes(tmp_path, table):
    with pytest.raises(DataError) as error:
        read(csv(tmp_path, table), order="as-listed")
    assert keys(error) == ["wrong_size"]
    assert error.value.problems[0].params["regions"] == 4


def test_missing_unknown_and_doubled_regions_are_told_together(tmp_path):
    with pytest.raises(DataError) as error:
        read(csv(tmp_path, rows(above=["北京", "天津", "天津市", "全国"], beside=["北京", "天津", "", "山西"])))
    assert keys(error) == [
        "matrix_no_name",
        "matrix_twice",
        "matrix_unknown",
        "matrix_rows_missing",
        "matrix_columns_missing",
    ]
    assert [p.place.cell for p in error.value.problems] == ["A4", "D1", "E1", None, None]
    assert [str(p.params.get("regions")) for p in error.value.problems][-2:] == ["河北", "河北, 山西"]


def test_a_matrix_of_more_regions_than_are_studied_is_cut_and_told(tmp_path):
    whole = neighbours.contiguity(CHINA, style="binary")
    path = csv(tmp_path, rows(whole.matrix.toarray().astype(int), CHINA.ids, CHINA.ids))
    with pytest.warns(OuheWarning, match=r"not studied \(27\)"):
        w = read(path)
    assert w.matrix.toarray().tolist() == TOUCH


# cells


def test_cells_that_are_no_weights_are_named(tmp_path):
    table = rows()
    table[1][2], table[2][1], table[3][4], table[4][3] = "", "一", True, None
    path = xlsx(tmp_path, table, top=1)
    with pytest.raises(DataError) as error:
        read(path)
    assert keys(error) == ["matrix_not_a_number", "matrix_not_a_number", "matrix_blank"]
    assert [str(p.place) for p in error.value.problems] == ["w.xlsx [W] B4", "w.xlsx [W] E5", "w.xlsx [W]"]
    assert str(error.value.problems[2].params["cells"]) == "C3, D6"
    assert "“一”不是数值" in error.value.problems[0].message("zh")


def test_nan_and_inf_written_out_are_no_numbers(tmp_path):
    with pytest.raises(DataError) as error:
        read(csv(tmp_path, rows([["nan", 1, 1, 0], [1, "inf", 1, 0], *TOUCH[2:]])))
    assert keys(error) == ["matrix_not_a_number"] * 2


def test_many_wrong_cells_are_counted(tmp_path):
    with pytest.raises(DataError) as error:
        read(csv(tmp_path, rows([["—"] * 4, *TOUCH[1:3], ["—"] * 4])))
    assert keys(error) == ["matrix_not_a_number"] * 5 + ["matrix_not_a_number_more"]
    assert error.value.problems[-1].params["count"] == 3


def test_negative_weights_and_a_diagonal(tmp_path):
    table = rows([[1, -1, 1, 0], [-1, 0, 1, 0], [1, 1, 0, 1], [0, 0, 1, 2]])
    with pytest.raises(DataError) as error:
        read(csv(tmp_path, table))
    assert keys(error) == ["matrix_negative", "matrix_diagonal"]
    assert [str(p.params["cells"]) for p in error.value.problems] == ["C2, B3", "B2, E5"]
    table[1][1] = table[4][4] = 0
    assert read(csv(tmp_path, table), allow_negative=True).matrix.toarray()[0].tolist() == [0, -1, 1, 0]
    with pytest.raises(DataError, match="sum to 0 or less: 北京, 天津"):
        read(csv(tmp_path, table), allow_negative=True, style="row")


def test_the_diagonal_is_that_of_the_names_not_of_the_cells(tmp_path):
    turned = np.array(TOUCH)[[1, 0, 2, 3]]
    turned[1, 0] = 9  # the row of 北京, the column of 北京
    with pytest.raises(DataError) as error:
        read(csv(tmp_path, rows(turned, ORDER, ["天津", "北京", "河北", "山西"])))
    assert keys(error) == ["matrix_diagonal"]
    assert str(error.value.problems[0].params["cells"]) == "B3"


def test_links_that_lead_one_way_and_isolates_are_named(tmp_path):
    w, notices = told(csv(tmp_path, rows([[0, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]])))
    assert notices == ["matrix_one_way", "isolates"]
    with pytest.warns(OuheWarning) as caught:
        read(csv(tmp_path, rows([[0, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]])))
    assert str(caught[0].message.problem.params["pairs"]) == "河北–北京"
    assert str(caught[1].message.problem.params["regions"]) == "山西"
    assert w.isolates == ("山西",)


def test_unequal_weights_are_told_unless_rows_sum_to_one(tmp_path):
    matrix = np.array(TOUCH, dtype=float)
    matrix[0, 1] = 2.0
    _, notices = told(csv(tmp_path, rows(matrix)))
    assert notices == ["matrix_unequal"]
    _, notices = told(csv(tmp_path, rows(matrix / matrix.sum(axis=1, keepdims=True))))
    assert notices == []


def test_a_matrix_of_zeros_is_refused(tmp_path):
    with pytest.raises(DataError) as error:
        read(csv(tmp_path, rows(np.zeros((4, 4)))))
    assert keys(error) == ["matrix_no_links"]


@pytest.mark.parametrize("content", ["", "\n\n", ",,\n,,\n"])
def test_an_empty_file(tmp_path, content):
    (tmp_path / "w.csv").write_text(content, "utf-8")
    with pytest.raises(DataError, match="empty"):
        read(tmp_path / "w.csv")


@pytest.mark.parametrize("name", ["w.csv", "w.xlsx", "w.gal", "w.dta"])
def test_a_file_that_is_not_there(tmp_path, name):
    with pytest.raises(DataError) as error:
        read(tmp_path / name)
    assert [p.key for p in error.value.problems] == ["read.unreadable"]
    assert error.value.problems[0].place.file == name


def test_the_name_in_messages_is_what_the_study_says(tmp_path):
    with pytest.raises(DataError, match=r"^weights/w\.csv"):
        read(csv(tmp_path, TOUCH), file="weights/w.csv")


# Stata


def test_a_stata_matrix_with_labels_of_variables(tmp_path):
    frame = pd.DataFrame(np.array(TOUCH, dtype=float), columns=[f"w{i}" for i in range(1, 5)])
    path = tmp_path / "w.dta"
    pyreadstat.write_dta(frame, str(path), column_labels=["北京市", "天津市", "河北省", "山西省"])
    w, notices = told(path)
    assert w.matrix.toarray().tolist() == TOUCH
    assert notices == ["matrix_one_side"]
    pyreadstat.write_dta(frame, str(path))
    with pytest.raises(DataError, match="order: as-listed"):
        read(path)
    frame.insert(0, "prov", ORDER)
    pyreadstat.write_dta(frame, str(path))
    assert told(path)[0].matrix.toarray().tolist() == TOUCH


# GAL


GAL = "{header}\n北京 2\n天津 河北\n天津 2\n北京 河北\n河北 3\n北京 天津 山西\n山西 1\n河北\n"


def gal(tmp_path, content, encoding="utf-8"):
    path = tmp_path / "w.gal"
    path.write_bytes(content.encode(encoding))
    return path


@pytest.mark.parametrize("header", ["4", "0 4 provinces NAME", "0 4 my provinces NAME"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_gal_with_either_header(tmp_path, header, encoding):
    assert read(gal(tmp_path, GAL.format(header=header), encoding)).matrix.toarray().tolist() == TOUCH


def test_gal_by_number_in_any_order_with_an_isolate(tmp_path):
    # GeoDa leaves the line of an isolate's neighbours empty, others leave it out
    for gap in ("\n", ""):
        path = gal(tmp_path, f"4\n2 1\n1\n4 0\n{gap}1 2\n2 3\n3 1\n1\n")
        with pytest.raises(DataError, match="order: as-listed"):
            read(path)
        w, notices = told(path, order="as-listed")
        assert notices == ["isolates"]
        assert w.matrix.toarray().tolist() == [[0, 1, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a b\n", [("gal_header", 1)]),
        ("1 4 x y\n", [("gal_header", 1)]),
        ("4\n北京 two\n", [("gal_line", 2)]),
        ("4\n北京\n", [("gal_line", 2)]),
        ("4\n北京 2\n天津", [("gal_degree", 2)]),
        ("2\n北京 1\n天津\n天津 2\n北京 河北\n", [("gal_unknown", 5), ("matrix_rows_missing", None)]),
        ("5\n" + GAL.split("\n", 1)[1], [("gal_count", None)]),
        ("3\n" + GAL.split("\n", 1)[1], [("gal_count", None)]),
        (GAL.format(header=4) + "北京 1\n山西\n", [("gal_twice", 10)]),
        (GAL.format(header=4).replace("天津 河北\n天津", "天津 天津\n天津"), [("matrix_pair_twice", 3)]),
        (GAL.format(header=4).replace("山西 1\n河北", "山西 1\n山西"), [("matrix_diagonal", None)]),
    ],
)
def test_gal_files_with_slips(tmp_path, content, expected):
    path = gal(tmp_path, content)
    with pytest.raises(DataError) as error:
        read(path)
    assert [(p.key.removeprefix("neighbours."), p.place.line) for p in error.value.problems] == expected
    assert error.value.problems[0].message("zh")


def test_gal_files_of_pysal():
    # the 48 states and the counties around St. Louis, as PySAL reads them
    with warnings.catch_warnings():
        # libpysal uses names that newer versions of its own dependencies deprecate
        warnings.simplefilter("ignore")
        from libpysal import examples
        from libpysal.io import open as pysal_open

        files = {name: examples.get_path(name) for name in ("states48.gal", "stl.gal")}
        theirs = {name: pysal_open(path).read() for name, path in files.items()}
    for name, path in files.items():
        ids = sorted(theirs[name].neighbors, key=int)
        ours = read_matrix(path, _numbered(ids), style="binary")
        assert ours.regions == tuple(ids)
        full, order = theirs[name].full()
        position = [order.index(i) for i in ids]
        assert np.array_equal(ours.matrix.toarray(), full[np.ix_(position, position)])


def _numbered(ids):
    """A region set of which the ids are not the numbers of the file."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "set.csv").write_text("id\n" + "\n".join(ids) + "\n", "utf-8")
        return regions.load(Path(folder) / "set.csv")


# real files


def moran(w, values):
    z = values - values.mean()
    return len(z) / w.matrix.sum() * (z @ (w.matrix @ z)) / (z @ z)


@pytest.fixture(scope="module")
def columbus():
    return _numbered([str(i) for i in range(1, 50)])


@pytest.mark.real
def test_the_stata_matrix_of_columbus(shared_data, columbus):
    path = shared_data / "moran-stata/columbusswm.dta"
    with pytest.raises(DataError, match="49 rows and 49 columns"):
        read_matrix(path, columbus)
    w = read_matrix(path, columbus, order="as-listed")
    crime = pd.read_stata(shared_data / "moran-stata/columbus.dta")["CRIME"].to_numpy(np.float64)
    assert moran(w, crime) == pytest.approx(0.5110, abs=5e-5)  # as published, four decimals


@pytest.mark.real
def test_the_published_contiguity_is_ours_to_the_bit(shared_data):
    w = read_matrix(shared_data / "nqp-spatial/W_adj_norm.csv", CHINA, order="as-listed")
    assert w.matrix.nnz == 2 * 69
    assert np.array_equal(w.matrix.toarray(), neighbours.contiguity(CHINA).matrix.toarray())


@pytest.mark.real
def test_the_published_geographic_weights_read_as_they_are(shared_data):
    path = shared_data / "nqp-spatial/W_geo_norm.csv"
    theirs = np.genfromtxt(path, delimiter=",", encoding="utf-8-sig")
    assert np.array_equal(read_matrix(path, CHINA, order="as-listed", style="raw").matrix.toarray(), theirs)


@pytest.mark.real
def test_the_published_economic_weights_are_refused(shared_data):
    path = shared_data / "nqp-spatial/W_eco_norm.csv"
    with pytest.raises(DataError) as error:
        read_matrix(path, CHINA, order="as-listed")
    assert keys(error) == ["matrix_negative"]
    assert {k: str(v) for k, v in error.value.problems[0].params.items()} == {
        "count": "245",
        "cells": "A2, I2, J2, G3, H3 and 240 more",
    }
    with pytest.raises(DataError) as error:
        read_matrix(path, CHINA)
    assert keys(error) == ["matrix_no_order", "matrix_negative"]


@pytest.mark.real
def test_the_wrong_contiguity_reads_with_its_island_told(shared_data):
    with pytest.warns(OuheWarning) as caught:
        w = read_matrix(shared_data / "nbs/W_adj_wrong.csv", CHINA, order="as-listed")
    assert [c.message.problem.key for c in caught] == ["neighbours.isolates"]
    assert w.isolates == ("海南",)
    table = w.to_frame()
    assert "青海" in set(table.loc[table["region"] == "宁夏", "neighbour"])
