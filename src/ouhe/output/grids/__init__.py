"""Gridded results on the disk: computed and stored chunk by chunk, then made into files that other programs open."""

from ouhe.output.grids.finishing import Format, finish
from ouhe.output.grids.reading import read_back
from ouhe.output.grids.storing import Stored, store_chunks

__all__ = ["Format", "Stored", "finish", "read_back", "store_chunks"]
