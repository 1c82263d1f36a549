from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ouhe
from ouhe import engine, text
from ouhe.engine import planning
from ouhe.engine.machine import memory_size
from ouhe.engine.planning import BASE, HELD, THREAD
from ouhe.errors import OptionError

NATION = {"indicator": 20, "year": 20, "y": 4000, "x": 5000}
TILED = {"year": 1, "y": 512, "x": 512}


def two_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ouhe.engine.running.cores", lambda: 2)


def test_by_hand_one_row_group_of_a_tall_table_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    two_threads(monkeypatch)
    made = engine.plan(
        {"indicator": 10, "region": 10_000_000, "year": 10},
        4,
        outputs=6,
        memory="1GiB",
        preferred_chunks={"region": 100_000, "year": 10},
        smallest={"region": 100_000, "year": 10},
    )
    assert made.chunks == {"indicator": 10, "region": 100_000, "year": 10}
    assert (made.count, made.threads, made.workers) == (100, 2, 0)
    assert (made.read, made.written) == (4_000_000_000, 600_000_000)
    chunk = 1_000_000 * 40
    assert made.expected == BASE + 2 * (THREAD + int(chunk * HELD + 6_000_000) + 2 * chunk)
    assert made.expected <= made.memory == 1 << 30


def test_tiles_are_joined_along_the_rows_of_the_file_first(monkeypatch: pytest.MonkeyPatch) -> None:
    two_threads(monkeypatch)
    made = engine.plan(NATION, 4, outputs=18, memory="2GiB", preferred_chunks=TILED)
    assert made.chunks == {"indicator": 20, "year": 1, "y": 512, "x": 1536}  # 64 MiB are 3 tiles; 5000 is 4 times 3
    assert made.expected <= made.memory


def test_what_fits_at_once_is_one_chunk_a_thread_or_more(monkeypatch: pytest.MonkeyPatch) -> None:
    two_threads(monkeypatch)
    tiny = {"indicator": 4, "year": 3, "y": 40, "x": 50}
    assert engine.plan(tiny, 8, outputs=26, memory="1GiB").count == 1


@given(
    layers=st.integers(1, 60),
    years=st.integers(1, 30),
    y=st.integers(1, 50_000),
    x=st.integers(1, 50_000),
    unit=st.tuples(st.integers(1, 30), st.integers(1, 2000), st.integers(1, 2000)),
    itemsize=st.sampled_from([4, 8]),
    workers=st.integers(0, 8),
    memory=st.integers(1 << 28, 1 << 36),
)
def test_every_plan_covers_all_and_stays_within_the_memory(
    layers: int, years: int, y: int, x: int, unit: tuple[int, int, int], itemsize: int, workers: int, memory: int
) -> None:
    sizes = {"indicator": layers, "year": years, "y": y, "x": x}
    units = dict(zip(("year", "y", "x"), unit, strict=True))
    try:
        made = engine.plan(sizes, itemsize, outputs=18, memory=memory, workers=workers, preferred_chunks=units)
    except OptionError:
        # one cell on one thread is not what fills so much
        assert (memory // max(workers, 1)) * (0.7 if workers else 0.9) < BASE + THREAD + 100_000
        return
    assert made.chunks["indicator"] == layers
    assert all(1 <= made.chunks[d] <= sizes[d] for d in sizes)
    assert made.expected <= made.memory + (BASE if workers else 0)
    assert math.prod(made.chunks.values()) * itemsize <= max(planning.LARGE, layers * itemsize)
    whole = math.prod(min(units[d], sizes[d]) for d in units) * layers * itemsize
    for d, n in units.items():
        if whole <= planning.SMALL and made.expected < 0.5 * made.memory:
            assert made.chunks[d] % n == 0 or made.chunks[d] == sizes[d]


@given(more=st.integers(1, 1 << 34))
def test_more_memory_never_makes_chunks_smaller(more: int) -> None:
    small = engine.plan(NATION, 4, outputs=18, memory="600MiB", preferred_chunks=TILED)
    large = engine.plan(NATION, 4, outputs=18, memory=memory_size("600MiB") + more, preferred_chunks=TILED)
    assert large.count <= small.count


def test_too_little_memory_is_told_with_what_would_do(monkeypatch: pytest.MonkeyPatch) -> None:
    two_threads(monkeypatch)
    tall = {"indicator": 10, "region": 10_000_000, "year": 10}
    row_groups = {"region": 1_000_000, "year": 10}
    for workers in (None, 3):
        with pytest.raises(OptionError) as caught:
            engine.plan(tall, 4, outputs=6, memory="1GiB", workers=workers, smallest=row_groups)
        (problem,) = caught.value.problems
        assert "1 GiB" in problem.message("en")
        assert "--memory" in problem.message("zh")
        enough = str(problem.params["needed"]).replace(" ", "")
        made = engine.plan(tall, 4, outputs=6, memory=enough, workers=workers, smallest=row_groups)
        assert made.chunks["region"] == 1_000_000


def test_fewer_threads_work_where_more_do_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ouhe.engine.running.cores", lambda: 8)
    tall = {"indicator": 10, "region": 10_000_000, "year": 10}
    row_groups = {"region": 100_000, "year": 10}
    with engine.started(memory="1GiB") as here:
        assert here.threads == 8
        made = engine.plan(tall, 4, outputs=6, preferred_chunks=row_groups, smallest=row_groups)
        assert 1 <= made.threads < 8
        assert here.threads == made.threads
        assert here.runner.count == made.threads  # type: ignore[attr-defined]


def test_a_plan_tells_itself_in_both_languages_and_can_be_kept() -> None:
    made = engine.plan(NATION, 4, outputs=18, memory="2GiB", workers=2, preferred_chunks=TILED)
    for lang, word in (("en", "chunks"), ("zh", "块")):
        said = made.told(lang)  # type: ignore[arg-type]
        assert word in said
        assert "29.8 GiB" in said
        assert "2 GiB" in said
    assert json.loads(json.dumps(made.record()))["chunks"] == made.chunks


def test_half_of_what_is_free_is_taken_unasked_and_the_same_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for free, taken in ((3 << 30, 1 << 30), (int(3.9 * (1 << 30)), 1 << 30), (64 << 30, 2 << 30)):
        monkeypatch.setattr("ouhe.engine.running.available", lambda free=free: free)
        assert engine.current().memory == taken


def test_every_step_that_is_collected_has_a_name_for_the_progress_bar() -> None:
    source = Path(ouhe.__file__).parent
    steps = {
        name
        for path in source.rglob("*.py")
        for name in re.findall(r'\bstep(?:: str)?\s*=\s*"(\w+)"', path.read_text("utf-8"))
    }
    assert {"compute", "reduce"} <= steps
    assert {f"step_{name}" for name in steps} <= set(text.texts("cli", "en"))
