"""Look at a scheduler of ``dask.distributed`` before anything is sent there."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ouhe.errors import OuheError, Problem, did_you_mean, listed

__all__ = ["Site", "looked_at"]

SCHEMES = ("tcp", "tls", "ws", "wss")

#: Seconds in which a scheduler must answer, and those that its first worker has to come.
ANSWER, WORKERS = 6.0, 2.0

#: Packages whose versions must be the same on both sides, and how much of a version.
SAME = {"python": 2, "dask": 3, "distributed": 3, "numpy": 1, "ouhe": 3}

_ADDRESS = re.compile(r"(?P<scheme>[a-z]+)://(?P<host>\[[0-9a-fA-F:]+\]|[^\s:/\[\]]+):(?P<port>\d{1,5})")


@dataclass(frozen=True)
class Site:
    """What a cluster has.

    Parameters
    ----------
    workers
        Worker processes.
    threads
        Threads of each, at most.
    memory
        Bytes that the smallest worker may take.
    dashboard
        Address of the dashboard; empty where there is none.
    """

    workers: int
    threads: int
    memory: int
    dashboard: str


def looked_at(address: str) -> Site:
    """See what stands at an address, in ten seconds at most, whatever stands there.

    Parameters
    ----------
    address
        Such as ``tcp://host:8786``.

    Raises
    ------
    OuheError
        It is no address; nobody answers; what answers is no scheduler, has other versions than we, or has no workers.
    """
    host = _checked(address)
    found: dict[str, Any] = {}
    wrong: list[BaseException] = []

    def look() -> None:
        try:
            found.update(asyncio.run(asyncio.wait_for(_asked(address), ANSWER + WORKERS)))
        except Exception as error:  # noqa: BLE001 (whatever answers there may say anything)
            wrong.append(error)

    # in a thread, because a search for a name cannot be broken off, and a notebook has a loop of its own already
    thread = threading.Thread(target=look, name="ouhe-scheduler", daemon=True)
    thread.start()
    thread.join(ANSWER + WORKERS + 1)
    if not found:
        raise _unanswered(address, wrong[0] if wrong else None)
    problems = [*_strangers(address, found)]
    if problems:
        raise OuheError(*problems)
    return _site(host, found["identity"])


def _checked(address: str) -> str:
    """Host of an address that can be one."""
    parts = _ADDRESS.fullmatch(address)
    if parts is None or int(parts["port"]) > 65535:
        raise OuheError.of("engine.no_address", address=address)
    if parts["scheme"] not in SCHEMES:
        near = did_you_mean(parts["scheme"], SCHEMES)
        raise OuheError.of(
            "engine.no_scheme", address=address, scheme=parts["scheme"], known=listed(SCHEMES), near=near
        )
    return parts["host"]


async def _asked(address: str) -> dict[str, Any]:
    """What the scheduler says of itself and of its workers."""
    from distributed.core import rpc
    from distributed.security import Security

    security = Security().get_connection_args("client")
    async with rpc(address, timeout=ANSWER / 2, connection_args=security) as scheduler:
        identity = await asyncio.wait_for(scheduler.identity(), ANSWER)
        latest = time.monotonic() + WORKERS
        while not identity.get("workers") and identity["type"] == "Scheduler" and time.monotonic() < latest:
            await asyncio.sleep(0.2)
            identity = await scheduler.identity()
        found = {"identity": identity, "versions": {}}
        if identity["type"] == "Scheduler":
            asked = {"op": "versions", "packages": ["ouhe"]}
            each = await scheduler.broadcast(msg=asked, on_error="ignore")
            one = await scheduler.versions(packages=["ouhe"])
            # the scheduler computes nothing, so that it needs no package of ours
            found["versions"] = {"": {k: v for k, v in one["packages"].items() if k in {"dask", "distributed"}}}
            found["versions"] |= {name: told["packages"] for name, told in each.items() if told}
    return found


def _unanswered(address: str, error: BaseException | None) -> OuheError:
    """Nobody is there, or somebody who speaks another language."""
    if isinstance(error, OSError) or error is None:
        return OuheError.of("engine.nobody", address=address)
    return OuheError.of("engine.no_scheduler", address=address)


def _strangers(address: str, found: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with those that answered."""
    identity = found["identity"]
    if identity["type"] != "Scheduler":
        yield Problem("engine.no_scheduler", params={"address": address})
    elif not identity["workers"]:
        yield Problem("engine.no_workers", params={"address": address})
    yield from _other_versions(found["versions"])


def _other_versions(theirs: Mapping[str, Mapping[str, str | None]]) -> Iterator[Problem]:
    """Packages of which somebody there has another version than this process, each told once."""
    ours = _versions()
    for package, digits in SAME.items():
        here = _shortened(ours.get(package), digits)
        if here is None:
            continue
        there = {_shortened(v[package], digits) for v in theirs.values() if package in v} - {here}
        if there:
            params = {"package": package, "here": here, "there": listed(sorted(v or "-" for v in there))}
            yield Problem("engine.other_version", params=params)


def _versions() -> Mapping[str, str | None]:
    """Versions of this process."""
    from distributed.versions import get_package_info

    packages: Mapping[str, str | None] = get_package_info(SAME)
    return packages


def _shortened(version: str | None, digits: int) -> str | None:
    return None if version is None else ".".join(version.split(".")[:digits])


def _site(host: str, identity: Mapping[str, Any]) -> Site:
    workers = list(identity["workers"].values())
    port = identity["services"].get("dashboard")
    return Site(
        len(workers),
        max(int(w["nthreads"]) for w in workers),
        min(int(w["memory_limit"] or 0) for w in workers),
        f"http://{host}:{port}/status" if port else "",
    )
