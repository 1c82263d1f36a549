"""Two workers of dask.distributed on this machine, watched for pauses: ``python watched_cluster.py [LIMIT]``.

Prints the address of the scheduler; once a line comes in, how often a worker was seen paused or said that it pauses.
"""

from __future__ import annotations

import json
import sys
import threading

LOOK = 0.25


def main(limit: str) -> None:
    """Start, watch, tell, stop."""
    from distributed import Client, LocalCluster

    seen, over = set(), threading.Event()
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, memory_limit=limit, processes=True, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        print(json.dumps({"address": cluster.scheduler_address}), flush=True)

        def watch() -> None:
            round_ = 0
            while not over.wait(LOOK):
                round_ += 1
                for worker in list(cluster.scheduler.workers.values()):
                    if worker.status.name == "paused":
                        seen.add((worker.address, round_))

        watcher = threading.Thread(target=watch)
        watcher.start()
        sys.stdin.readline()
        over.set()
        watcher.join()
        logs = client.get_worker_logs().values()
        told = sum("Pausing worker" in message for lines in logs for _, message in lines)
        workers = len(cluster.scheduler.workers)
        print(json.dumps({"paused": len(seen) + told, "workers": workers}), flush=True)


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["1GiB"]))
