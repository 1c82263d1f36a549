"""Labels beside points: none covers another label or a point, whatever the points."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ouhe.figures import boxes
from ouhe.figures.label_placement import place

#: A panel of a figure of four at journal width, in points: 72 × 55 mm; two characters of 7 points; a marker of 3.5.
PANEL = (0.0, 0.0, 204.0, 156.0)
LABEL = (14.0, 7.0)
RADIUS = 1.75


def clustered(seed, spread, n=31):
    """Points that lie together like provinces in the low corner of a scatter plot, a few far out."""
    rng = np.random.default_rng(seed)
    points = np.array([60.0, 55.0]) + rng.standard_normal((n, 2)) * spread
    points[: n // 8] = rng.uniform((80, 70), (200, 150), (n // 8, 2))
    return np.clip(points, 3, [201, 153])


def cut(a, b):
    """Which boxes share area, written out."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def assert_free(found, points, bounds=PANEL):
    shown = [i for i in range(len(points)) if found.shown[i]]
    for i in shown:
        left, bottom, right, top = found.boxes[i]
        assert bounds[0] - 1e-6 <= left
        assert bounds[1] - 1e-6 <= bottom
        assert right <= bounds[2] + 1e-6
        assert top <= bounds[3] + 1e-6
        for j in shown:
            assert i == j or not cut(found.boxes[i] + [1e-6, 1e-6, -1e-6, -1e-6], found.boxes[j]), (i, j)
    for box in found.boxes[shown]:
        for x, y in points:
            assert not (box[0] + 1e-6 < x < box[2] - 1e-6 and box[1] + 1e-6 < y < box[3] - 1e-6)


@given(st.integers(0, 10_000), st.sampled_from([3.0, 6.0, 12.0, 25.0, 50.0]))
def test_thirty_one_labels_stand_free_however_close_the_points_are(seed, spread):
    points = clustered(seed, spread)
    found = place(points, [LABEL] * 31, PANEL, radius=RADIUS, gap=0.4)
    assert found.shown.all()
    assert_free(found, points)


@given(
    st.lists(st.tuples(st.integers(2, 20), st.integers(2, 15)), min_size=1, max_size=31),
    st.integers(4, 40),
)
def test_points_on_one_another_or_in_line(cells, width):
    points = np.array(cells, dtype=float) * 10
    found = place(points, [(width, 7)] * len(points), PANEL, radius=RADIUS)
    assert_free(found, points)


def test_a_lone_label_touches_its_point_on_the_right():
    found = place([(50, 50)], [LABEL], PANEL, radius=2, gap=0.5)
    assert found.boxes.tolist() == [[52.5, 46.5, 66.5, 53.5]]
    assert np.isnan(found.leaders).all()
    assert found.centres.tolist() == [[59.5, 50.0]]


def test_at_the_edge_a_label_goes_to_the_other_side():
    (box,) = place([(200, 50)], [LABEL], PANEL, radius=2).boxes
    assert box[2] == 198


def test_a_label_that_is_moved_has_a_line_from_its_point():
    points = clustered(1, 4.0)
    found = place(points, [LABEL] * 31, PANEL, radius=RADIUS)
    led = np.isfinite(found.leaders[:, 0])
    assert 0 < led.sum() <= 31
    starts, ends = found.leaders[led, :2], found.leaders[led, 2:]
    assert np.hypot(*(starts - points[led]).T) == pytest.approx(RADIUS)
    near = np.clip(points[led], found.boxes[led, :2], found.boxes[led, 2:])
    assert ends == pytest.approx(near, abs=0.5)  # the line stops at the room kept free around the label
    away = np.hypot(*(np.clip(points, found.boxes[:, :2], found.boxes[:, 2:]) - points).T)
    assert (away[~led] <= RADIUS * np.sqrt(2) + 1e-6).all()  # what has no line touches the marker's square


def test_labels_keep_off_obstacles_and_rather_off_lines():
    box = place([(50, 50)], [LABEL], PANEL, radius=2, obstacles=[(52, 40, 60, 60)]).boxes[0]
    assert not cut(box, (52, 40, 60, 60))
    assert box[2] <= 48
    under = place([(50, 50)], [LABEL], PANEL, radius=2, lines=[(0, 50, 204, 50)]).boxes[0]
    assert under[1] >= 50 or under[3] <= 50


def test_labels_keep_off_points_without_a_label():
    others = [(58, 50), (42, 50)]
    box = place([(50, 50)], [LABEL], PANEL, radius=2, marks=others).boxes[0]
    assert not any(box[0] < x < box[2] and box[1] < y < box[3] for x, y in others)


def test_what_finds_no_place_at_all_is_said():
    crowd = [(10, 10)] * 9
    found = place(crowd, [(18, 9)] * 9, (0, 0, 40, 20), radius=0.5)
    assert 0 < found.shown.sum() <= 4  # 40 × 20 has room for four of 18 × 9
    assert_free(found, np.empty((0, 2)), (0, 0, 40, 20))
    assert np.isnan(found.boxes[~found.shown]).all()
    assert not place([(5, 5)], [(50, 9)], (0, 0, 40, 20), radius=0.5).shown.any()


def test_no_points_no_labels():
    found = place([], [], PANEL, radius=1)
    assert found.boxes.shape == (0, 4)
    assert found.shown.shape == (0,)


def test_the_same_points_give_the_same_places():
    points = clustered(5, 8.0)
    first = place(points, [LABEL] * 31, PANEL, radius=RADIUS)
    again = place(points.copy(), [LABEL] * 31, PANEL, radius=RADIUS)
    assert first.boxes.tobytes() == again.boxes.tobytes()


def test_a_shift_of_everything_shifts_the_labels():
    points = clustered(7, 15.0)
    found = place(points, [LABEL] * 31, PANEL, radius=RADIUS)
    moved = place(points + 128.0, [LABEL] * 31, tuple(b + 128.0 for b in PANEL), radius=RADIUS)
    assert moved.boxes == pytest.approx(found.boxes + 128.0, abs=1e-6)


# --- the geometry under it


@given(st.lists(st.integers(0, 12), min_size=8, max_size=8))
@example([0, 0, 1, 11, 0, 1, 1, 0])  # a box without height
@example([3, 3, 3, 3, 2, 2, 2, 2])  # a line without length
def test_crossed_is_what_many_points_of_the_line_say(numbers):
    x0, y0, x1, y1, a, b, w, h = numbers
    line = np.array([[x0, y0, x1, y1]], dtype=float)
    box = np.array([[a, b, a + w, b + h]], dtype=float)
    share = np.linspace(0, 1, 27_721)[:, None]  # 27,720 is divisible by 1 to 12: every place where edges are cut
    along = line[:, :2] + share * (line[:, 2:] - line[:, :2])
    deep = ((along > box[:, :2] + 1e-3) & (along < box[:, 2:] - 1e-3)).all(axis=1).any()
    touched = ((along >= box[:, :2] - 1e-9) & (along <= box[:, 2:] + 1e-9)).all(axis=1).any()
    found = boxes.crossed(line, box).item()
    assert not deep or found
    assert touched or not found


@given(st.lists(st.integers(0, 9), min_size=8, max_size=8))
def test_lines_meet_where_their_equations_have_a_common_point_inside_both(numbers):
    p, q, r, s = np.array(numbers, dtype=float).reshape(4, 2)
    directions = np.column_stack([q - p, r - s])
    expected = False
    if abs(np.linalg.det(directions)) > 1e-9:
        at = np.linalg.solve(directions, r - p)
        expected = bool((at > 1e-9).all() and (at < 1 - 1e-9).all())
    assert boxes.meet(np.array([[*p, *q]]), np.array([[*r, *s]])).item() == expected


def test_nowhere_meets_nothing():
    nowhere, line = np.full((1, 4), np.nan), np.array([[0.0, 0.0, 9.0, 9.0]])
    assert not boxes.overlap(nowhere, line).any()
    assert not boxes.crossed(nowhere, line).any()
    assert not boxes.crossed(line, nowhere).any()
    assert not boxes.meet(line, nowhere).any()
