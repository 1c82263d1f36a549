"""Placing labels beside points so that none covers another label or a point.

Every label has candidate places: eight that touch its point and rings further out, which need a leader line. A
greedy choice is improved one label and two labels at a time (after Christensen, Marks & Shieber 1995, "An empirical
study of algorithms for point-feature label placement", ACM Transactions on Graphics 14(3)), then by taking away a few
neighbouring labels and placing them anew in another order (after Schrimpf et al. 2000, "Record breaking optimization
results using the ruin and recreate principle", Journal of Computational Physics 159). A label that still covers
another takes the nearest free place of the whole area. The same points always give the same places.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ouhe.figures import boxes

__all__ = ["Placement", "place"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: Directions that touch the point, best first, in degrees.
BESIDE = (0, 180, 90, 270, 45, 135, 315, 225)
#: Directions and distances of the rings, the latter in heights of the label.
AROUND = np.arange(0, 360, 15)
RINGS = (0.6, 1.1, 1.7, 2.4, 3.2, 4.2, 5.4, 7.0, 9.0)
#: What is bad, and how much: a touching place further down the list; a ring further out; a label that seems to belong
#: to another point; a line of the drawing under a label; a leader over a point, over another leader, over a label; a
#: label over a point or a label.
WORSE, RING, NEAR, UNDERLINED, OVER_POINT, OVER_LEADER, OVER_LABEL, COVERS = 0.1, 1.0, 1.0, 6.0, 4.0, 8.0, 30.0, 100.0
#: Places of a label that are tried.
MOST = 80
#: Rounds of improvement at most; it nearly always settles in under ten.
ROUNDS = 40
#: How often labels are taken away and placed anew, and how many at a time.
ANEW, TOGETHER = 24, 5


@dataclass(frozen=True, eq=False)
class Placement:
    """Where labels stand.

    Parameters
    ----------
    boxes
        ``(n, 4)``: left, bottom, right, top of every label.
    leaders
        ``(n, 4)``: x, y at the point and x, y at the label; NaN where the label touches its point.
    shown
        ``(n,)``: False for a label that found no free place at all.
    """

    boxes: Array
    leaders: Array
    shown: Mask

    @property
    def centres(self) -> Array:
        """``(n, 2)``: middle of every label."""
        middle: Array = (self.boxes[:, :2] + self.boxes[:, 2:]) / 2
        return middle


def place(
    points: ArrayLike,
    sizes: ArrayLike,
    bounds: tuple[float, float, float, float],
    *,
    radius: float,
    gap: float = 0.0,
    marks: ArrayLike = (),
    obstacles: ArrayLike = (),
    lines: ArrayLike = (),
) -> Placement:
    """Place a label beside every point.

    Parameters
    ----------
    points
        ``(n, 2)``: points that have a label, in the unit of the drawing (pixels, points), as everything here.
    sizes
        ``(n, 2)``: width and height of the labels.
    bounds
        Left, bottom, right, top of the area labels stay inside.
    radius
        Of a point's marker.
    gap
        Room kept free around a label.
    marks
        ``(k, 2)``: points without a label, which labels keep off too.
    obstacles
        ``(k, 4)``: boxes that labels keep off.
    lines
        ``(k, 4)``: lines that labels had better keep off.

    Returns
    -------
    Placement
        No two shown labels overlap. They cover points only where everything else is taken.

    Examples
    --------
    >>> found = place([(50, 50), (52, 50)], [(12, 6), (12, 6)], (0, 0, 100, 100), radius=1)
    >>> found.boxes.tolist()
    [[37.0, 47.0, 49.0, 53.0], [53.0, 47.0, 65.0, 53.0]]
    """
    at = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    if not len(at):
        return Placement(np.empty((0, 4)), np.empty((0, 4)), np.empty(0, dtype=bool))
    known = np.concatenate([at, np.asarray(marks, dtype=np.float64).reshape(-1, 2)])
    scene = _Scene(
        points=at,
        sizes=np.asarray(sizes, dtype=np.float64).reshape(-1, 2) + 2 * gap,
        bounds=np.asarray(bounds, dtype=np.float64),
        radius=radius,
        marks=boxes.around(known, np.full(2, 2 * radius)),
        obstacles=np.asarray(obstacles, dtype=np.float64).reshape(-1, 4),
        lines=np.asarray(lines, dtype=np.float64).reshape(-1, 4),
    )
    search = _Search(scene)
    search.choose()
    search.improve()
    search.place_anew()
    shown = search.free_the_rest()
    inner = search.boxes + np.array([gap, gap, -gap, -gap])
    leaders = np.where(shown[:, None], search.leaders, np.nan)
    return Placement(inner, leaders, shown)


@dataclass(frozen=True, eq=False)
class _Scene:
    """What labels are placed in; arrays as in :func:`place`, sizes with the room around them, marks as boxes."""

    points: Array
    sizes: Array
    bounds: Array
    radius: float
    marks: Array
    obstacles: Array
    lines: Array

    def candidates(self, i: int) -> tuple[Array, Array, Array]:
        """Boxes, leaders and costs of the best places of label `i` inside the bounds, best first."""
        width, height = self.sizes[i]
        counts = [len(BESIDE)] + [len(AROUND)] * len(RINGS)
        angle = np.deg2rad(np.concatenate([BESIDE, np.tile(AROUND, len(RINGS))]))
        away = np.repeat(self.radius + np.array([0.0, *RINGS]) * height, counts)
        costs = np.repeat(RING * np.arange(len(counts)), counts)
        costs[: len(BESIDE)] = WORSE * np.arange(len(BESIDE))
        towards = np.column_stack([np.cos(angle), np.sin(angle)])
        towards = np.clip(np.round(towards * np.sqrt(2), 9), -1, 1)  # boxes stand on squares around the point
        placed = boxes.around(self.points[i] + towards * (away[:, None] + [width / 2, height / 2]), self.sizes[i])
        leaders = boxes.leaders(self.points[i], placed, self.radius)
        leaders[: len(BESIDE)] = np.nan
        inside = boxes.inside(placed, self.bounds)
        placed, leaders = placed[inside], leaders[inside]
        costs = costs[inside] + self.alone(i, placed, leaders)
        best = np.argsort(costs, kind="stable")[:MOST]
        return placed[best], leaders[best], costs[best]

    def alone(self, i: int, placed: Array, leaders: Array) -> Array:
        """What places of label `i` cost, whatever the other labels do."""
        reach = np.concatenate([placed[:, :2], placed[:, 2:], self.points[i : i + 1]])
        hull = np.concatenate([reach.min(axis=0), reach.max(axis=0)]) + 2 * self.radius * np.array([-1, -1, 1, 1])
        near = boxes.overlap(hull[None], self.marks)[0]
        marks, near[i] = self.marks[near], False
        others = self.marks[near]
        cost: Array = (
            COVERS * boxes.overlap(placed, marks).sum(axis=1)
            + NEAR * boxes.overlap(placed, others + self.radius * np.array([-1.0, -1.0, 1.0, 1.0])).sum(axis=1)
            + COVERS * boxes.overlap(placed, self.obstacles).sum(axis=1)
            + UNDERLINED * boxes.crossed(self.lines, placed).sum(axis=0)
            + OVER_POINT * boxes.crossed(leaders, others).sum(axis=1)
            + OVER_LABEL * boxes.crossed(leaders, self.obstacles).sum(axis=1)
        )
        return cost

    def anywhere(self, i: int) -> tuple[Array, Array]:
        """Places of label `i` on a grid over the whole area."""
        width, height = self.sizes[i]
        left, bottom, right, top = self.bounds
        x = np.arange(left + width / 2, right - width / 2 + 1e-9, height / 2)
        y = np.arange(bottom + height / 2, top - height / 2 + 1e-9, height / 2)
        placed = boxes.around(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2), self.sizes[i])
        return placed, boxes.leaders(self.points[i], placed, self.radius)


class _Search:
    """Candidates of all labels one under another, what each costs alone, and beside every label as it stands."""

    def __init__(self, scene: _Scene) -> None:
        self.scene = scene
        self.count = len(scene.points)
        found = [scene.candidates(i) for i in range(self.count)]
        ends = np.cumsum([0] + [len(costs) for _, _, costs in found])
        self.rows = [np.arange(a, b) for a, b in pairwise(ends)]
        self.places, self.lines_to, self.alone = (np.concatenate(part) for part in zip(*found, strict=True))
        self.beside = np.zeros((len(self.places), self.count))
        self.chosen = np.full(self.count, -1)
        self.boxes = np.full((self.count, 4), np.nan)
        self.leaders = np.full((self.count, 4), np.nan)

    def _take(self, i: int, row: int) -> None:
        """Put label `i` on the candidate of that row."""
        if row != self.chosen[i]:
            self.chosen[i] = row
            self._put(i, self.places[row], self.lines_to[row])

    def _put(self, i: int, box: Array, leader: Array) -> None:
        self.boxes[i], self.leaders[i] = box, leader
        self.beside[:, i] = _conflicts(self.places, self.lines_to, box[None], leader[None])[:, 0]
        self.beside[self.rows[i], i] = 0.0

    def _costs(self, i: int, *, without: int | None = None) -> Array:
        """What the places of label `i` cost as the others stand, one of them left out if asked."""
        rows = self.rows[i]
        cost: Array = self.alone[rows] + self.beside[rows].sum(axis=1)
        return cost if without is None else cost - self.beside[rows, without]

    def choose(self) -> None:
        """Give every label its cheapest place, those in the thick of it first."""
        at = self.scene.points
        near = np.abs(at[:, None] - at).max(axis=2) < 3 * self.scene.sizes.max()
        for i in np.argsort(-near.sum(axis=1), kind="stable"):
            self._move(i)

    def improve(self) -> None:
        """Move labels, one by one and two together, to better places until there are none."""
        for _ in range(ROUNDS):
            before = self.chosen.copy()
            for i in range(self.count):
                self._move(i)
            if (self.chosen == before).all() and not self._move_pairs():
                return

    def _move(self, i: int) -> None:
        rows = self.rows[i]
        if not len(rows):
            return
        cost = self._costs(i)
        best = int(cost.argmin())
        if self.chosen[i] < 0 or cost[best] < cost[self.chosen[i] - rows[0]] - 1e-9:
            self._take(i, int(rows[best]))

    def _move_pairs(self) -> bool:
        """Move two labels in each other's way to the places that are best for both; whether any moved."""
        placed = np.flatnonzero(self.chosen >= 0)
        moved = False
        for i in placed:
            for j in placed[placed > i]:
                if self.beside[self.chosen[i], j] > 0:
                    moved |= self._move_pair(int(i), int(j))
        return moved

    def _move_pair(self, i: int, j: int) -> bool:
        one, other = self._costs(i, without=j), self._costs(j, without=i)
        at, to = self.rows[i], self.rows[j]
        both = _conflicts(self.places[at], self.lines_to[at], self.places[to], self.lines_to[to])
        total = one[:, None] + other + both
        a, b = np.unravel_index(int(total.argmin()), total.shape)
        here, there = self.chosen[i] - at[0], self.chosen[j] - to[0]
        if total[a, b] >= one[here] + other[there] + self.beside[self.chosen[i], j] - 1e-9:
            return False
        self._take(i, int(at[a]))
        self._take(j, int(to[b]))
        return True

    def place_anew(self) -> None:
        """Take away labels around one that stands badly, place them in another order, keep what is better."""
        rng = np.random.default_rng(0)  # only the order of trials
        placed = np.flatnonzero(self.chosen >= 0)
        far = np.hypot(*(self.scene.points[placed, None] - self.scene.points[placed]).T)
        for _ in range(ANEW if len(placed) > 1 else 0):
            costs = self._standing(placed)
            if costs.sum() < NEAR:
                return
            k = int(np.searchsorted(np.cumsum(costs), rng.random() * costs.sum()))
            some = rng.permutation(placed[np.argsort(far[k], kind="stable")[:TOGETHER]])
            kept = self.chosen.copy(), self.boxes.copy(), self.leaders.copy(), self.beside.copy()
            for i in some:
                self._take_away(i)
            for i in [*some, *placed]:
                self._move(i)
            if self._standing(placed).sum() >= costs.sum() - 1e-9:
                self.chosen, self.boxes, self.leaders, self.beside = kept

    def _standing(self, placed: NDArray[np.int64]) -> Array:
        """What labels cost where they stand."""
        rows = self.chosen[placed]
        cost: Array = self.alone[rows] + self.beside[rows].sum(axis=1)
        return cost

    def _take_away(self, i: int) -> None:
        self.chosen[i] = -1
        self.boxes[i] = self.leaders[i] = np.nan
        self.beside[:, i] = 0.0

    def free_the_rest(self) -> Mask:
        """Take labels that still cover something to the nearest free place anywhere; say which stand free."""
        shown = np.ones(self.count, dtype=bool)
        for i, row in enumerate(self.chosen):
            if row < 0 or self.alone[row] + self.beside[row].sum() >= COVERS:
                shown[i] = self._free(i)
        return shown

    def _free(self, i: int) -> bool:
        """Take label `i` to a free place; it stays where it only covers points; whether it may stand."""
        placed, leaders = self.scene.anywhere(i)
        taken = np.concatenate([np.delete(self.boxes, i, axis=0), self.scene.obstacles])
        free = ~boxes.overlap(placed, taken).any(axis=1)
        if free.any():
            placed, leaders = placed[free], leaders[free]
            far = np.hypot(*(leaders[:, 2:] - leaders[:, :2]).T) / self.scene.sizes[i, 1]
            others = _conflicts(placed, leaders, np.delete(self.boxes, i, axis=0), np.delete(self.leaders, i, axis=0))
            best = int((self.scene.alone(i, placed, leaders) + others.sum(axis=1) + np.nan_to_num(far)).argmin())
            self._put(i, placed[best], leaders[best])
            return True
        if np.isfinite(self.boxes[i, 0]) and not boxes.overlap(self.boxes[i : i + 1], taken).any():
            return True
        self._take_away(i)
        return False


def _conflicts(placed: Array, leaders: Array, beside: Array, their_leaders: Array) -> Array:
    """What labels ``(n,)`` cost beside others ``(m,)``, as ``(n, m)``."""
    cost: Array = COVERS * boxes.overlap(placed, beside) + OVER_LABEL * boxes.crossed(leaders, beside)
    if np.isfinite(their_leaders).any():
        cost += OVER_LABEL * boxes.crossed(their_leaders, placed).T + OVER_LEADER * boxes.meet(leaders, their_leaders)
    return cost
