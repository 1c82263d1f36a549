"""What this machine grants to this process: cores and memory; sizes of memory as people write them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ouhe.errors import OptionError

__all__ = ["available", "cores", "memory_size", "size_told"]

_SIZE = re.compile(r"\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[kmgt])(?P<binary>i?)(?P<byte>b?)\s*", re.IGNORECASE)
_POWER = {"k": 1, "m": 2, "g": 3, "t": 4}

#: Where Linux tells what it grants; a test looks elsewhere.
ROOT = Path("/")

#: Taken to be free where the system does not tell.
UNKNOWN = 4 << 30


def cores() -> int:
    """How many cores this process may use; a container or a batch system may grant fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_size(size: str | int) -> int:
    """Bytes in an amount of memory.

    Parameters
    ----------
    size
        Such as ``2GiB``, ``800MB`` or ``1.5G``; a whole number is bytes already. ``KB`` to ``TB`` are powers of 1000,
        ``KiB`` to ``TiB`` and ``K`` to ``T`` powers of 1024.

    Raises
    ------
    OptionError
        It is no amount of memory.

    Examples
    --------
    >>> memory_size("2GiB"), memory_size("800MB"), memory_size(1 << 20)
    (2147483648, 800000000, 1048576)
    """
    if isinstance(size, str):
        found = _SIZE.fullmatch(size)
        if found is None:
            raise OptionError.of("engine.no_size", size=size)
        decimal = found["byte"] and not found["binary"]
        number = float(found["number"]) * (1000 if decimal else 1024) ** _POWER[found["unit"].lower()]
        size = int(number)
    if size < 1:
        raise OptionError.of("engine.no_size", size=size)
    return size


def size_told(size: float) -> str:
    """An amount of memory for a reader, with three digits.

    Examples
    --------
    >>> size_told(2 << 30), size_told(41_943_040), size_told(1_234_567_890), size_told(500)
    ('2 GiB', '40 MiB', '1.15 GiB', '0.488 KiB')
    """
    power = 1
    while size >= 999.5 * 1024**power and power < 4:
        power += 1
    return f"{size / 1024**power:.3g} {'KMGT'[power - 1]}iB"


def available() -> int:
    """Bytes of memory that this process may still take: what the machine has free, and what its container grants."""
    return min(_free(), *_granted(), _free())


def _free() -> int:
    with suppress(OSError):
        for line in (ROOT / "proc/meminfo").read_text().splitlines():
            name, _, value = line.partition(":")
            if name == "MemAvailable":
                return int(value.split()[0]) * 1024
    with suppress(ImportError):
        import psutil

        return int(psutil.virtual_memory().available)
    return UNKNOWN


def _granted() -> Iterator[int]:
    """What is left of each limit that stands over this process: control groups of Linux, in both versions."""
    with suppress(OSError):
        for line in (ROOT / "proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if not controllers:
                yield from _left(ROOT / "sys/fs/cgroup", path, "memory.max", "memory.current", "inactive_file")
            elif "memory" in controllers.split(","):
                names = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
                yield from _left(ROOT / "sys/fs/cgroup/memory", path, *names)


def _left(top: Path, path: str, limit: str, usage: str, cached: str) -> Iterator[int]:
    """What is left of the limit of a group and of each group around it."""
    group = top / path.strip("/")
    for folder in (group, *group.parents):
        with suppress(OSError, ValueError):  # a group without a limit says "max"; one in a container is not seen
            used = int((folder / usage).read_text())
            stat = dict(row.split() for row in (folder / "memory.stat").read_text().splitlines())
            # files read are kept in memory as long as nobody needs it
            yield int((folder / limit).read_text()) - used + int(stat.get(cached, 0))
        if folder == top:
            return
