"""Where chunked work is computed: on threads of this process, or on workers of ``dask.distributed``."""

from ouhe.engine.collecting import collect
from ouhe.engine.inside import inside_task
from ouhe.engine.machine import memory_size, size_told
from ouhe.engine.planning import Plan, plan
from ouhe.engine.running import Engine, current, started

__all__ = ["Engine", "Plan", "collect", "current", "inside_task", "memory_size", "plan", "size_told", "started"]
