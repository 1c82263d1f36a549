"""Studies of rasters, and of tables too large for memory: cells that are measured chunk by chunk."""

from ouhe.study.raster.check import RasterChecked, check_raster
from ouhe.study.raster.measured import Measured, measured
from ouhe.study.raster.run import compute_raster, fingerprint, local_maps, run_raster

__all__ = [
    "Measured",
    "RasterChecked",
    "check_raster",
    "compute_raster",
    "fingerprint",
    "local_maps",
    "measured",
    "run_raster",
]
