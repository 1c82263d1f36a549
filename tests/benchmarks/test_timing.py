"""Contenders take turns, and memory is that of the whole process tree."""

from __future__ import annotations

import subprocess
import sys

import pytest
from timing import turns, watch

#: A process that holds little and whose child holds 150 MiB for a moment.
PARENT = """
import subprocess, sys
subprocess.run([sys.executable, "-c", "held = bytearray(b'x') * (150 << 20); import time; time.sleep(0.5)"], check=True)
print("done")
"""


def test_contenders_take_turns() -> None:
    said: list[str] = []
    calls = {name: lambda name=name: said.append(name) for name in "ab"}
    taken = turns(calls, {"a": 3, "b": 2}, calls={"b": 2})
    assert said == ["a", "b", "b", "a", "b", "b", "a"]
    assert [len(seconds) for seconds in taken.values()] == [3, 2]


def test_memory_of_children_counts() -> None:
    watched = watch([sys.executable, "-c", PARENT])
    assert watched.output == "done\n"
    assert 150 < watched.anonymous < 250
    assert watched.anonymous < watched.peak < 300
    assert watched.seconds > 0.5


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        watch([sys.executable, "-c", "raise SystemExit(3)"])
