"""Where chunked work is computed: on threads of this process, or on workers of ``dask.distributed``."""

from ouhe.engine.collecting import collect

__all__ = ["collect"]
