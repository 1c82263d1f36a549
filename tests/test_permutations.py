"""Permutations shared by all variables, and the p they give."""

import itertools
import json
import math
import os
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from scipy import sparse, stats

from ouhe import blocks
from ouhe.errors import OptionError
from ouhe.permutations import Draws, cross_products, cross_variance, p_values


def everything(draws):
    return np.concatenate([draws.block(i) for i in range(draws.blocks)])


def some_links(n, *, seed, extra=0):
    """Links of all kinds: in one direction, in both, of a region with itself, none; to rows that stay."""
    rng = np.random.default_rng(seed)
    full = np.where(rng.random((n + extra, n + extra)) < 0.3, rng.normal(size=(n + extra, n + extra)), 0.0)
    full[rng.integers(n)] = 0.0
    return sparse.csr_array(full)


def plain_p(links, values, draws, centre):
    """The definition, one permutation at a time; no ties are expected in what it is given."""
    q, n = links.toarray(), draws.n
    observed = np.array([z @ q @ z for z in values.T])
    count = np.zeros(values.shape[1])
    for order in everything(draws):
        moved = np.concatenate([values[:n][order], values[n:]])
        sums = np.array([z @ q @ z for z in moved.T])
        count += abs(sums - centre) >= abs(observed - centre)
    return (count + 1) / (draws.count + 1)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 7])
def test_few_regions_have_all_their_permutations(n):
    draws = Draws.of(n, math.factorial(n))
    assert draws.exact
    assert everything(draws).tolist() == [list(p) for p in itertools.permutations(range(n))]


def test_all_permutations_of_eight_regions_come_in_blocks():
    draws = Draws.of(8, 40_320)
    assert draws.blocks > 1
    assert len({tuple(p) for p in everything(draws).tolist()}) == draws.count == 40_320


def test_all_are_taken_only_where_they_are_no_more_than_asked_for():
    assert Draws.of(6, 720).exact
    assert not Draws.of(6, 719, rng=1).exact
    # six orders of three regions cost nothing
    assert Draws.of(3, 1).exact
    assert Draws.of(3, 0).count == 0
    assert not Draws.of(3, 0).exact


def test_rows_are_permutations_and_blocks_may_come_in_any_order():
    draws = Draws.of(3000, 100, rng=5)
    backwards = [draws.block(i) for i in reversed(range(draws.blocks))][::-1]
    found = everything(draws)
    assert draws.blocks > 1
    assert found.shape == (100, 3000)
    assert (np.sort(found, axis=1) == np.arange(3000)).all()
    np.testing.assert_array_equal(found, np.concatenate(backwards))


def test_permutations_are_uniform():
    # 4! cells with 1,000 draws expected in each; seeds are fixed, so this never fails by chance
    draws = Draws(4, 24_000, (1, 2, 3, 4))
    codes = everything(draws) @ np.array([64, 16, 4, 1])
    counts = np.unique(codes, return_counts=True)[1]
    assert len(counts) == 24
    assert stats.chisquare(counts).pvalue > 0.01


def test_every_region_comes_to_every_place():
    # 40 × 40 cells with 250 expected in each; not independent, so only the largest deviation is bounded: 6 sd
    places = everything(Draws(40, 10_000, (1, 2, 3, 4)))
    counts = np.array([np.bincount(column, minlength=40) for column in places.T])
    assert abs(counts - 250).max() < 6 * math.sqrt(250)


def test_fewer_regions_draw_from_the_same_seed():
    draws = Draws.of(31, 999, rng=8)
    np.testing.assert_array_equal(draws.among(10).block(0), Draws.of(10, 999, rng=8).block(0))
    assert draws.among(5).exact


def test_a_seed_is_a_generator_of_it_and_a_generator_moves_on():
    one = everything(Draws.of(20, 50, rng=7))
    generator = np.random.default_rng(7)
    np.testing.assert_array_equal(one, everything(Draws.of(20, 50, rng=generator)))
    assert (one != everything(Draws.of(20, 50, rng=generator))).any()
    np.testing.assert_array_equal(one, everything(Draws.of(20, 50, rng=np.int64(7))))


@pytest.mark.parametrize("wrong", [-1, 9.5, "999", None, True, 1_000_001])
def test_a_number_of_permutations_that_is_none(wrong):
    with pytest.raises(OptionError, match="whole number up to 1000000, 0 for none"):
        Draws.of(31, wrong, rng=1)


@pytest.mark.parametrize(("wrong", "key"), [(None, "no_rng"), (-1, "rng"), (1.5, "rng"), (True, "rng"), ("a", "rng")])
def test_a_generator_that_is_none(wrong, key):
    with pytest.raises(OptionError) as error:
        Draws.of(31, 9, rng=wrong)
    assert [p.key for p in error.value.problems] == [f"moran.{key}"]
    assert Draws.of(5, 120, rng=wrong).exact, "all permutations need none"


@pytest.mark.parametrize("extra", [0, 4])
@pytest.mark.parametrize("n", [9, 60, 600])
def test_p_is_the_share_of_permutations_at_least_as_far_from_the_centre(n, extra):
    links = some_links(n, seed=n, extra=extra)
    values = np.random.default_rng(3).normal(size=(n + extra, 5))
    draws = Draws.of(n, 199, rng=2)
    centre = np.linspace(-0.1, 0.1, 5) * n
    np.testing.assert_array_equal(p_values(links, values, draws, centre=centre), plain_p(links, values, draws, centre))


def test_p_of_all_permutations_is_a_share_of_them():
    path = sparse.csr_array(np.eye(4, k=1))
    z = np.array([[-3.0], [-1.0], [1.0], [3.0]])
    # z'Qz is 3 − 1 + 3 = 5; over all 24 orders the mean is 3 · (0 − 20) / 12 = −5
    sums = [a * b + b * c + c * d for a, b, c, d in itertools.permutations([-3, -1, 1, 3])]
    expected = sum(abs(s + 5) >= 10 for s in sums) / 24
    assert p_values(path, z, Draws.of(4, 24), centre=np.array([-5.0])).tolist() == [expected]


@pytest.mark.parametrize("size", [1.0, 1e-9, 1e9])
def test_sums_that_differ_by_rounding_are_ties(size):
    """Values that repeat give many equal sums, which float64 adds up in another order; fractions do not round."""
    whole = [Fraction(v, 7) for v in (1, 1, 2, 3, 2, 3)]
    z = [v - sum(whole) / 6 for v in whole]
    ring = [{(i - 1) % 6, (i + 1) % 6, 0} - {i} for i in range(6)]
    pairs = [(i, j, Fraction(1, len(ring[i]))) for i in range(6) for j in sorted(ring[i])]
    centre = -6 * sum(v * v for v in z) / 30

    def far(order):
        return abs(sum(w * z[order[i]] * z[order[j]] for i, j, w in pairs) - centre)

    every = {p: far(p) for p in itertools.permutations(range(6))}
    links = sparse.csr_array((6, 6)).tolil()
    for i, j, w in pairs:
        links[i, j] = float(w)
    for order in list(every)[::37]:
        expected = Fraction(sum(f >= every[order] for f in every.values()), 720)
        values = np.array([[float(z[i]) * size] for i in order])
        found = p_values(links.tocsr(), values, Draws.of(6, 720), centre=np.array([float(centre) * size**2]))
        assert found.item() == float(expected)


def test_no_permutations_no_p():
    found = p_values(some_links(5, seed=1), np.ones((5, 2)), Draws.of(5, 0), centre=np.zeros(2))
    assert np.isnan(found).all()


def test_neither_threads_nor_other_variables_matter(monkeypatch):
    n, many = 50, 400  # more variables than are summed at a time
    links = some_links(n, seed=6)
    values = np.random.default_rng(6).normal(size=(n, many))
    draws = Draws.of(n, 3000, rng=3)
    assert draws.blocks > 2

    def found(columns):
        return p_values(links, values[:, columns], draws, centre=np.zeros(len(columns)))

    together = found(np.arange(many))
    for threads in (1, 3):
        monkeypatch.setattr(blocks, "workers", lambda _, threads=threads: threads)
        np.testing.assert_array_equal(together, found(np.arange(many)))
        np.testing.assert_array_equal(together[[7, 311]], found(np.array([7, 311])))


def test_progress_rises_to_the_end():
    told = []
    draws = Draws.of(9, 100_000, rng=1)
    p_values(some_links(9, seed=2), np.ones((9, 1)), draws, centre=np.zeros(1), progress=lambda *a: told.append(a))
    done = [d for d, _ in told]
    assert len(told) > 1
    assert done == sorted(set(done))
    assert {t for _, t in told} == {100_000}
    assert done[-1] == 100_000


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the most memory a process held")
def test_memory_stays_bounded():
    """2,850 regions, 48 variables and 9,999 permutations, which alone would take 228 MB."""
    program = """
import resource
import numpy as np
from scipy import sparse
from ouhe.permutations import Draws, p_values
w = sparse.diags_array([np.ones(2849), np.ones(2800), np.ones(2799)], offsets=[1, 50, 51]).tocsr()
z = np.random.default_rng(1).normal(size=(2850, 48))
p_values(w, z[:, :1], Draws.of(2850, 9, 1), centre=np.zeros(1))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
p_values(w, z, Draws.of(2850, 9999, 1), centre=np.zeros(48))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    gained = int(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout)
    assert gained / 1024 < 100


PROGRAM = """
import json, sys
import numba.core.caching
if sys.argv[1] == "nowhere":
    numba.core.caching.CacheImpl._locator_classes = []
import numpy as np
from scipy import sparse
from ouhe.permutations import Draws, p_values
z = np.arange(9.0)[:, None] - 4
p = p_values(sparse.csr_array(np.eye(9, k=1)), z, Draws.of(9, 99, 1), centre=np.zeros(1)).tolist()
from ouhe.permutations.kernel import count_extreme
print(json.dumps([p, sum(getattr(count_extreme.stats, "cache_hits", {}).values())]))
"""


def run(folder, *arguments):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(folder)}
    command = [sys.executable, "-W", "error", "-c", PROGRAM, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert not done.stderr
    return json.loads(done.stdout)


def test_a_second_process_finds_the_loops_compiled_and_none_needs_a_folder(tmp_path):
    first, hits = run(tmp_path, "here")
    assert hits == 0
    assert run(tmp_path, "here") == [first, 1]
    assert run(tmp_path, "nowhere") == [first, 0]


def test_numba_is_imported_only_where_permutations_are():
    program = "import sys, ouhe.compute.moran, ouhe.compute.geary, ouhe.compute.getis; print('numba' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert said.strip() == "False"


@pytest.mark.parametrize("seed", range(3))
def test_variance_of_cross_products_over_all_permutations(seed):
    rng = np.random.default_rng(seed)
    n = 6
    w = np.where(rng.random((n, n)) < 0.5, rng.random((n, n)), 0.0)
    np.fill_diagonal(w, 0.0)
    z = rng.lognormal(size=(n, 2))
    z -= z.mean(axis=0)
    matrix = sparse.csr_array(w)
    every = np.array([cross_products(matrix, z[list(p)]) for p in itertools.permutations(range(n))])
    both, ends = w + w.T, w.sum(axis=0) + w.sum(axis=1)
    sums = (w.sum(), (both**2).sum() / 2, (ends**2).sum())
    found = cross_variance(n, sums, (z**2).sum(axis=0), (z**4).sum(axis=0))
    # 720 sums are averaged on one side, closed forms on the other
    np.testing.assert_allclose(found, every.var(axis=0), rtol=1e-11)
    np.testing.assert_allclose(-sums[0] * (z**2).sum(axis=0) / (n * (n - 1)), every.mean(axis=0), rtol=1e-10)
