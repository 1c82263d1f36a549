from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouhe.engine.journal import Journal
from ouhe.errors import OuheError


def some(number: int) -> tuple[np.ndarray, ...]:
    return (np.arange(number + 1) / 7, np.array(number, np.int16), np.array(["a", "甲"]))


def written(path: Path, *, steps: int = 2, tasks: int = 3, fingerprint: str = "f") -> None:
    journal = Journal(path, fingerprint)
    for step in range(steps):
        journal.begin(f"step {step}", tasks)
        for number in range(tasks):
            journal.add(number, some(10 * step + number))
    journal.close()


def test_what_was_written_comes_back(tmp_path: Path) -> None:
    written(tmp_path / "journal")
    journal = Journal(tmp_path / "journal", "f")
    assert not journal.fresh
    for step in range(2):
        found = journal.begin(f"step {step}", 3)
        assert sorted(found) == [0, 1, 2]
        for number, arrays in found.items():
            for a, b in zip(arrays, some(10 * step + number), strict=True):
                assert (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    assert journal.begin("a third", 1) == {}
    journal.close()


def test_another_run_begins_anew(tmp_path: Path) -> None:
    written(tmp_path / "journal")
    journal = Journal(tmp_path / "journal", "g")
    assert journal.fresh
    assert journal.begin("step 0", 3) == {}
    journal.close()


def test_another_step_throws_away_what_follows_and_keeps_what_came_before(tmp_path: Path) -> None:
    written(tmp_path / "journal")
    journal = Journal(tmp_path / "journal", "f")
    assert len(journal.begin("step 0", 3)) == 3
    assert journal.begin("step 1", 4) == {}
    journal.add(3, some(3))
    journal.close()
    journal = Journal(tmp_path / "journal", "f")
    assert len(journal.begin("step 0", 3)) == 3
    assert list(journal.begin("step 1", 4)) == [3]
    journal.close()


@given(st.data())
def test_wherever_it_was_cut_off_the_whole_records_stand_and_more_can_follow(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("journals") / "journal"
    written(path, steps=1)
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    rest = data.draw(st.binary(max_size=20))
    path.write_bytes(whole[:cut] + rest)
    journal = Journal(path, "f")
    found = journal.begin("step 0", 3)
    assert list(found) == list(range(len(found)))
    assert len(found) == 3 if cut == len(whole) else len(found) < 3
    for number in range(len(found), 3):
        journal.add(number, some(number))
    journal.close()
    assert path.read_bytes() == whole


def test_a_byte_that_changed_ends_what_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    written(path, steps=1)
    changed = bytearray(path.read_bytes())
    changed[-5] ^= 1
    path.write_bytes(changed)
    journal = Journal(path, "f")
    assert sorted(journal.begin("step 0", 3)) == [0, 1]
    journal.close()


def test_a_disk_that_is_full_is_told_and_what_was_written_stays(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="this system has no limit for the size of a file")
    path = tmp_path / "journal"
    written(path, steps=1)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    journal = Journal(path, "f")
    journal.begin("step 0", 3)
    journal.begin("step 1", 1)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 100, hard))
    try:
        with pytest.raises(OuheError, match="File too large"):
            journal.add(0, (np.zeros(100),))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        journal.close()
    journal = Journal(path, "f")
    assert sorted(journal.begin("step 0", 3)) == [0, 1, 2]
    assert journal.begin("step 1", 1) == {}
    journal.close()
