"""Readers: one function a layout, every one returning a :class:`~ouhe.read.reading.Reading`."""
