"""Spatial weights that a paper says it used, or may have used."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping

import numpy as np

from ouhe import neighbours, text
from ouhe.audit.naming import Naming
from ouhe.audit.paper import Matrix
from ouhe.audit.tables import open_file
from ouhe.errors import OuheError, OuheWarning, Place, Problem
from ouhe.neighbours import Neighbours
from ouhe.read.matrix import read_matrix
from ouhe.regions import RegionSet
from ouhe.regions.names import name_key

__all__ = ["matrices"]

#: What papers use most, where one does not say what it used.
_USUAL = (
    Matrix(method="contiguity"),
    Matrix(method="contiguity", style="binary"),
    Matrix(method="k-nearest", k=4),
    Matrix(method="k-nearest", k=5),
    Matrix(method="inverse-distance"),
    Matrix(method="inverse-distance", power=2.0),
)


def matrices(names: Naming, sources: dict[str, str]) -> tuple[Mapping[str, Neighbours], bool]:
    """Name → spatial weights, and whether the paper says which it used; problems are kept in `names`."""
    paper = names.loaded.paper
    wanted = any(entry.kind == "moran" for entry in paper.tables)
    asked = (paper.neighbours,) if paper.neighbours else _USUAL
    found: dict[str, Neighbours] = {}
    for matrix in asked if wanted else ():
        if matrix.method != "file" and names.known is None:
            if paper.neighbours:
                names.tell("audit.no_places", names.loaded.document.place("neighbours"), method=matrix.method)
            continue
        try:
            with warnings.catch_warnings(action="ignore", category=OuheWarning):
                made = _made(matrix, names, sources)
        except OuheError as error:
            if paper.neighbours:
                at = names.loaded.document.place("neighbours")
                names.problems += [p if p.place != Place() else Problem(p.key, at, p.params) for p in error.problems]
            continue
        found[_name(matrix, names)] = made
    return found, paper.neighbours is not None


def _name(matrix: Matrix, names: Naming) -> str:
    lang = names.loaded.lang
    if matrix.method == "file":
        return matrix.path or ""
    key = f"labels.neighbours_{matrix.method}".replace("-", "_")
    option = {"k": matrix.k} if matrix.method == "k-nearest" else {"power": matrix.power}
    label = text.t(key, lang=lang, **option)
    return label if matrix.style == "row" else f"{label} ({text.t(f'audit_checks.style_{matrix.style}', lang=lang)})"


def _made(matrix: Matrix, names: Naming, sources: dict[str, str]) -> Neighbours:
    if matrix.method == "file":
        return _file(matrix, names, sources)
    known = names.known
    assert isinstance(known, RegionSet)
    if matrix.method == "contiguity":
        return neighbours.contiguity(known).styled(matrix.style)
    if matrix.method == "k-nearest":
        return neighbours.k_nearest(known.table, k=matrix.k).styled(matrix.style)
    return neighbours.inverse_distance(known.table, power=matrix.power).styled(matrix.style)


def _file(matrix: Matrix, names: Naming, sources: dict[str, str]) -> Neighbours:
    path, at = matrix.path or "", names.loaded.document.place("neighbours")
    full = names.loaded.folder / path
    if not full.is_file():
        raise OuheError.of("audit.no_table_file", at, path=path, near="")
    sources[path] = hashlib.sha256(full.read_bytes()).hexdigest()
    if names.known is not None:
        return read_matrix(full, names.known, file=path, style=matrix.style)
    sheet = open_file(path, None, names.loaded, at)
    heads = [names.regions.get(name_key(h)) for h in sheet.header[1:]]
    rows = [names.regions.get(name_key(r[0])) for r in sheet.rows]
    if None in heads or heads != rows or len(heads) != names.count:
        raise OuheError.of("audit.matrix_names", at, path=path, count=names.count)
    try:
        dense = np.array([[float(c or 0) for c in r[1:]] for r in sheet.rows])
    except ValueError as error:
        raise OuheError.of("audit.matrix_numbers", at, path=path, why=str(error)) from error
    return Neighbours.from_dense(dense, [str(r) for r in rows]).styled(matrix.style)
