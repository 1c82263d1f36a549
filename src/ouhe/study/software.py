"""Versions of the software that makes the numbers of a study."""

from __future__ import annotations

import platform
from importlib.metadata import version

__all__ = ["versions"]

#: Packages that make the numbers or the bytes of figures.
_SOFTWARE = (
    "ouhe",
    "numpy",
    "pandas",
    "xarray",
    "scipy",
    "numba",
    "pyproj",
    "matplotlib",
    "pylopdf-fonts-zh-cn",
    "python-docx",
    "jinja2",
    "xlsxwriter",
)

#: Packages that read, compute and write grids besides.
_OF_GRIDS = ("dask", "zarr")


def versions(*, grids: bool = False) -> dict[str, str]:
    """Package → its version, Python first.

    Parameters
    ----------
    grids
        Also those that grids are made with.
    """
    names = (*_SOFTWARE, *_OF_GRIDS) if grids else _SOFTWARE
    return {"python": platform.python_version(), **{name: version(name) for name in names}}
