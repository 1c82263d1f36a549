"""The borders against matrices that other people published."""

from pathlib import Path

import numpy as np
import pytest

from ouhe import regions

DATA = Path(__file__).parents[2] / "../shared/data"
CHINA = regions.load("china-provinces")
pytestmark = pytest.mark.real


def of_borders():
    place = {region: i for i, region in enumerate(CHINA.ids)}
    matrix = np.zeros((31, 31), dtype=bool)
    for a, b in CHINA.borders:
        matrix[place[a], place[b]] = matrix[place[b], place[a]] = True
    return matrix


def published(path):
    if not path.is_file():
        pytest.skip(f"needs ../shared/data/{path.parent.name}/{path.name}")
    return np.genfromtxt(path, delimiter=",", encoding="utf-8-sig")


def test_borders_equal_the_published_contiguity():
    weights = published(DATA / "nqp-spatial" / "W_adj_norm.csv")
    assert weights.shape == (31, 31)
    assert ((weights > 0) == of_borders()).all()


def test_borders_differ_from_the_wrong_matrix_in_the_two_known_pairs():
    # Its rows are numbered 1 to 31 in the order of the national codes.
    table = published(DATA / "nbs" / "W_adj_wrong.csv")[1:]
    assert table[:, 0].tolist() == list(range(1, 32))
    wrong = np.argwhere((table[:, 1:] > 0) != of_borders())
    found = {frozenset({CHINA.ids[i], CHINA.ids[j]}) for i, j in wrong}
    assert found == {frozenset({"宁夏", "青海"}), frozenset({"海南", "广东"})}
