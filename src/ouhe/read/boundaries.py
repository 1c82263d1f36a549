"""Boundaries of regions from a map file of the user's own: which shape is which region, and what else is drawn.

Shapes are never altered: what is broken is told, what is no region of the study is kept for drawing.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ouhe.errors import DataError, OuheWarning, Place, Problem, did_you_mean, listed
from ouhe.read.map_file import open_map
from ouhe.regions import RegionSet

if TYPE_CHECKING:
    from geopandas import GeoDataFrame, GeoSeries

__all__ = ["Boundaries", "read_boundaries"]


@dataclass(frozen=True, eq=False)
class Boundaries:
    """Boundaries of regions.

    Parameters
    ----------
    regions
        Index = region id in the order of the region set; columns ``label`` (the name in the file) and ``geometry``.
    extra
        Every other feature of the file, such as regions outside the study and lines, for drawing; the same columns.
    file
        The file's name.
    sha256
        Digest of its bytes; of a shapefile, of its parts .shp, .shx, .dbf, .prj and .cpg one after the other.
    approval
        Number under which the map was approved (审图号), "" where none is given.
    """

    regions: GeoDataFrame = field(repr=False)
    extra: GeoDataFrame = field(repr=False)
    file: str
    sha256: str
    approval: str = ""

    @property
    def geometry(self) -> GeoSeries:
        """Shapes of the regions, index = region."""
        return self.regions.geometry

    @property
    def crs(self) -> str:
        """Coordinate reference system as an authority's code or in words, "" where the file states none."""
        return self.regions.crs.to_string() if self.regions.crs is not None else ""

    def centroids(self) -> pd.DataFrame:
        """Centres of mass of the regions.

        They are taken in an equal-area projection (Lambert's azimuthal, about the middle of the map).

        Returns
        -------
        pandas.DataFrame
            Index = region, columns ``longitude`` and ``latitude`` in degrees (WGS84), as
            :func:`~ouhe.neighbours.k_nearest` and the like take them.

        Raises
        ------
        DataError
            The file states no reference system, or the geometry of regions is broken.
        """
        if self.regions.crs is None:
            raise DataError.of("neighbours.centroids_no_crs", Place(self.file))
        broken = list(_broken(self.regions))
        if broken:
            params = {"count": len(broken), "regions": listed(broken)}
            raise DataError.of("neighbours.broken_geometry", Place(self.file), **params)
        degrees = self.geometry.to_crs("EPSG:4326")
        west, south, east, north = degrees.total_bounds
        flat = degrees.to_crs(f"+proj=laea +lat_0={(south + north) / 2} +lon_0={(west + east) / 2} +datum=WGS84")
        centres = flat.centroid.to_crs("EPSG:4326")
        return pd.DataFrame({"longitude": centres.x, "latitude": centres.y}, index=self.regions.index)


def read_boundaries(
    path: str | Path,
    regions: RegionSet,
    *,
    file: str | None = None,
    name_column: str | None = None,
    aliases: Mapping[str, str] | None = None,
    layer: str | None = None,
    approval: str = "",
) -> Boundaries:
    """Boundaries from a GeoJSON file, a shapefile or a GeoPackage; needs the extra ``geo``.

    Parameters
    ----------
    path
        The file. Nothing else is read but the parts of a shapefile that lie beside it.
    regions
        The regions studied; each must have one feature.
    file
        The file's name in messages; the path's own when left out.
    name_column
        Column that names the regions; when left out, the one that names the most.
    aliases
        Names in the file → region, besides those of the set.
    layer
        Layer of a GeoPackage that holds more than one.
    approval
        Number under which the map was approved (审图号).

    Raises
    ------
    DataError
        The file cannot be read, no column names regions, several do and differ, or a region has no feature, several,
        or one without geometry. All problems are told together.
    OuheError
        The extra is not installed.

    Warns
    -----
    OuheWarning
        Features are no regions of the study, geometry is broken, or the file states no reference system.

    Examples
    --------
    >>> import tempfile, geopandas, shapely
    >>> from ouhe import regions
    >>> china = regions.load("china-provinces").without(regions.load("china-provinces").ids[2:])
    >>> squares = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]
    >>> drawn = geopandas.GeoDataFrame({"name": ["天津市", "北京市"]}, geometry=squares, crs="EPSG:4490")
    >>> path = Path(tempfile.mkdtemp()) / "map.gpkg"
    >>> drawn.to_file(path)
    >>> found = read_boundaries(path, china)
    >>> list(found.regions.index), found.crs
    (['北京', '天津'], 'EPSG:4490')
    """
    path = Path(path)
    file = path.name if file is None else file
    opened = open_map(path, file=file, layer=layer)
    column, ids = _ids(opened.frame, regions, name_column, aliases or {}, Place(file))
    shapes = opened.frame[["geometry"]].assign(label=opened.frame[column].map(_text))[["label", "geometry"]]
    known = pd.Series(ids, index=shapes.index).notna()
    problems = list(_wrong(shapes, ids, regions, aliases or {}, Place(file)))
    if problems:
        raise DataError(*problems)
    own = shapes[known].set_axis([r for r in ids if r is not None], axis="index").loc[list(regions.ids)]
    found = Boundaries(own.rename_axis("region"), shapes[~known].reset_index(drop=True), file, opened.sha256, approval)
    _tell(found)
    return found


def _text(value: object) -> str:
    """Name in a column of a map file; numbers are codes."""
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _ids(
    frame: GeoDataFrame, regions: RegionSet, name_column: str | None, aliases: Mapping[str, str], place: Place
) -> tuple[str, list[str | None]]:
    """Column that names regions, and the region of every feature."""
    columns = [str(c) for c in frame.columns if c != "geometry"]
    if name_column is not None and name_column not in columns:
        offers = {"columns": listed(columns) or "-", "nearest": did_you_mean(name_column, columns)}
        raise DataError.of("neighbours.map_not_this_column", place, column=name_column, **offers)
    asked = columns if name_column is None else [name_column]
    found = {c: [regions.recognise(_text(v), aliases).region for v in frame[c]] for c in asked}
    count = {c: len(set(ids) - {None}) for c, ids in found.items()}
    most = max(count.values(), default=0)
    if not most:
        raise DataError.of("neighbours.map_no_column", place, columns=listed(columns) or "-")
    best = [c for c in asked if count[c] == most]
    if any(found[c] != found[best[0]] for c in best):
        raise DataError.of("neighbours.map_several_columns", place, columns=listed(best))
    return best[0], found[best[0]]


def _wrong(
    shapes: GeoDataFrame, ids: list[str | None], regions: RegionSet, aliases: Mapping[str, str], place: Place
) -> Iterator[Problem]:
    """Go through the regions that have no feature, several, or one without geometry."""
    held = pd.Series(ids, dtype=object).value_counts()
    absent = [r for r in regions.ids if r not in held.index]
    if absent:
        others = [t for t, r in zip(shapes["label"], ids, strict=True) if r is None and _unknown(t, regions, aliases)]
        params = {"count": len(absent), "regions": listed(absent), "others": listed(others) or "-"}
        yield Problem("neighbours.map_absent", place, params)
    for region in held.index[held > 1]:
        yield Problem("neighbours.map_twice", place, {"region": region, "count": int(held[region])})
    bare = shapes.geometry.isna() | shapes.geometry.is_empty
    without = [r for r, none in zip(ids, bare, strict=True) if none and r is not None]
    if without:
        yield Problem("neighbours.map_no_geometry", place, {"count": len(without), "regions": listed(without)})


def _unknown(label: str, regions: RegionSet, aliases: Mapping[str, str]) -> bool:
    return bool(label) and regions.recognise(label, aliases).kind == "unknown"


def _broken(shapes: GeoDataFrame) -> Iterator[str]:
    """Go through the regions with broken geometry, with what is broken."""
    broken = shapes[~shapes.geometry.is_valid]
    for region, reason in zip(broken.index, broken.geometry.is_valid_reason(), strict=True):
        yield f"{region} ({reason})"


def _tell(found: Boundaries) -> None:
    """Warn of what a reader of the map should know."""

    def tell(key: str, **params: object) -> None:
        warnings.warn(OuheWarning(Problem(key, Place(found.file), params)), stacklevel=4)

    if len(found.extra):
        names = [label or f"({kind})" for label, kind in zip(found.extra["label"], found.extra.geom_type, strict=True)]
        tell("neighbours.map_extra", count=len(names), names=listed(names))
    broken = list(_broken(found.regions))
    if broken:
        tell("neighbours.map_broken", count=len(broken), regions=listed(broken))
    if found.regions.crs is None:
        tell("neighbours.map_no_crs")
