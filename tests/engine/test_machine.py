from __future__ import annotations

from pathlib import Path

import pytest

from ouhe.engine import machine, memory_size, size_told
from ouhe.errors import OptionError


@pytest.mark.parametrize(
    ("size", "bytes_"),
    [
        ("2GiB", 2 << 30),
        (" 2 gib ", 2 << 30),
        ("2G", 2 << 30),
        ("800MB", 800_000_000),
        ("1.5GB", 1_500_000_000),
        ("0.5 TiB", 1 << 39),
        ("64k", 65536),
        (12345, 12345),
    ],
)
def test_sizes_as_people_write_them(size: str | int, bytes_: int) -> None:
    assert memory_size(size) == bytes_


@pytest.mark.parametrize("size", ["", "2", "GiB", "-1GiB", "2 potatoes", "0MB", "1e3MB", "2GiBs", "٢GiB x", 0, -5])
def test_what_is_no_size_is_told(size: str | int) -> None:
    with pytest.raises(OptionError) as caught:
        memory_size(size)
    assert str(size) in caught.value.problems[0].message("en")
    assert "2GiB" in caught.value.problems[0].message("zh")


def test_sizes_are_told_with_three_digits() -> None:
    assert size_told(999.6 * 1024) == "0.976 MiB"
    assert size_told(3.14159 * 1024**4) == "3.14 TiB"


def fake(root: Path, *, groups: str, free: int = 8_000_000) -> None:
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/meminfo").write_text(f"MemTotal: 16000000 kB\nMemAvailable: {free} kB\n")
    (root / "proc/self/cgroup").write_text(groups)


def test_a_container_grants_less_than_the_machine_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, groups="0::/docker/abc\n")
    inner = tmp_path / "sys/fs/cgroup/docker/abc"
    inner.mkdir(parents=True)
    (inner / "memory.max").write_text("max\n")
    (inner / "memory.current").write_text("1\n")
    (inner / "memory.stat").write_text("anon 5\ninactive_file 0\n")
    outer = inner.parent
    (outer / "memory.max").write_text("3000000000\n")
    (outer / "memory.current").write_text("1500000000\n")
    (outer / "memory.stat").write_text("inactive_file 500000000\n")
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    assert machine.available() == 2_000_000_000


def test_the_first_version_of_control_groups_is_read_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, groups="4:memory:/job\n3:cpuset:/\n0::/\n")
    group = tmp_path / "sys/fs/cgroup/memory/job"
    group.mkdir(parents=True)
    (group / "memory.limit_in_bytes").write_text("1000000000\n")
    (group / "memory.usage_in_bytes").write_text("400000000\n")
    (group / "memory.stat").write_text("total_inactive_file 100000000\n")
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    assert machine.available() == 700_000_000


def test_without_limits_all_that_is_free_is_granted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, groups="0::/\n", free=1000)
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    assert machine.available() == 1_024_000
