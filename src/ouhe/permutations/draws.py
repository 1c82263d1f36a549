"""Permutations of regions, drawn block by block, or all of them where they are few."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Interval
from numpy.typing import NDArray

from ouhe.errors import OptionError

__all__ = ["Draws", "Progress", "Randomness", "generator"]

#: Most permutations that are drawn: p then has six decimals.
MOST = 1_000_000

#: Option that says how many permutations are drawn.
Permutations = Annotated[int, Interval(ge=0, le=MOST)]

#: A generator, or the seed of one; None where nothing is drawn.
Randomness = np.random.Generator | int | None

#: Told the number of permutations done and of all.
Progress = Callable[[int, int], object]

#: Regions in a block, all permutations of it together, and how many permutations it holds at least and at most.
BLOCK, FEWEST, LARGEST = 1 << 17, 16, 1 << 10


def generator(rng: Randomness) -> np.random.Generator:
    """Random generator, as given or started by a seed.

    Raises
    ------
    OptionError
        `rng` is neither a generator nor a seed, a whole number of 0 or more.

    Examples
    --------
    >>> generator(42).integers(100, size=3).tolist()
    [8, 77, 65]
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool) and rng >= 0:
        return np.random.default_rng(rng)
    raise OptionError.of("moran.no_rng" if rng is None else "moran.rng", value=rng)


@dataclass(frozen=True)
class Draws:
    """Permutations of the numbers below `n`, the same whenever and in whatever order their blocks are asked for.

    Parameters
    ----------
    n
        How many regions.
    count
        How many permutations.
    seed
        What the permutations are drawn from; None where they are all there are, in lexicographic order, or none.

    Examples
    --------
    >>> Draws.of(3, 999).block(0)
    array([[0, 1, 2],
           [0, 2, 1],
           [1, 0, 2],
           [1, 2, 0],
           [2, 0, 1],
           [2, 1, 0]])
    >>> draws = Draws.of(31, 999, rng=42)
    >>> draws.exact, draws.blocks, draws.block(0).shape
    (False, 1, (999, 31))
    """

    n: int
    count: int
    seed: tuple[int, ...] | None

    @classmethod
    def of(cls, n: int, permutations: int, rng: Randomness = None) -> Draws:
        """Permutations drawn from `rng`, or all n! where that is no more than asked for.

        All six orders of three regions are taken for any number of permutations but 0.

        Raises
        ------
        OptionError
            `permutations` is no whole number from 0 to :data:`MOST`; or they are to be drawn and `rng` is neither a
            generator nor a seed.
        """
        try:
            count = -1 if isinstance(permutations, bool) else operator.index(permutations)
        except TypeError:
            count = -1
        if not 0 <= count <= MOST:
            raise OptionError.of("moran.permutations", value=permutations, most=MOST)
        return cls(n, count, None if count == 0 or _all(n, count) else _seed(rng)).among(n)

    def among(self, n: int) -> Draws:
        """As many permutations of `n` regions, from the same seed; `n` is at most that of these."""
        if self.count and _all(n, self.count):
            return Draws(n, math.factorial(n), None)
        return Draws(n, self.count, self.seed)

    @property
    def exact(self) -> bool:
        """Whether these are all permutations there are."""
        return self.count > 0 and self.seed is None

    @property
    def rows(self) -> int:
        """Permutations in a block; it depends on the number of regions alone, and so do the draws."""
        return min(max(BLOCK // self.n, FEWEST), LARGEST)

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return -(-self.count // self.rows)

    def block(self, number: int) -> NDArray[np.int64]:
        """Permutations of one block, a row each."""
        first = number * self.rows
        last = min(first + self.rows, self.count)
        if self.exact:
            return _ranked(np.arange(first, last), self.n)
        # a generator of its own for every block, so that threads may draw them in any order
        stream = np.random.SeedSequence(self.seed, spawn_key=(number,))
        from ouhe.permutations.kernel import shuffled

        order: NDArray[np.int64] = shuffled(np.random.Generator(np.random.PCG64(stream)).random((last - first, self.n)))
        return order


def _all(n: int, count: int) -> bool:
    """Whether all permutations of `n` regions are no more than asked for, or `n` is so small that all are taken."""
    # 20! is the largest that fits 64 bits, and far more than anybody waits for
    return n <= 20 and math.factorial(n) <= max(count, 6)


def _seed(rng: Randomness) -> tuple[int, ...]:
    """Four numbers drawn from a generator, or from one that a seed starts."""
    return tuple(generator(rng).integers(1 << 32, size=4).tolist())


def _ranked(ranks: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Permutations by their rank in lexicographic order (Lehmer's code)."""
    out = np.empty((len(ranks), n), dtype=np.int64)
    for i in range(n):
        out[:, i] = ranks // math.factorial(n - 1 - i) % (n - i)
    for i in range(n - 2, -1, -1):
        out[:, i + 1 :] += out[:, i + 1 :] >= out[:, i : i + 1]
    return out
