"""Neighbours by distance, against PySAL, brute force, a Stata log and published distances."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from ouhe import neighbours, regions
from ouhe.errors import DataError, OptionError, OuheWarning
from ouhe.neighbours.points import EARTH_RADIUS_KM, Points

CHINA = regions.load("china-provinces")
WGS84 = Geod(ellps="WGS84")

# from one end of the globe to the other, and close together
PLACES = st.lists(
    st.tuples(st.floats(-180, 180, width=32), st.floats(-90, 90, width=32)), min_size=4, max_size=12, unique=True
)


def table(places):
    return pd.DataFrame(places, columns=["longitude", "latitude"], index=[f"r{i}" for i in range(len(places))])


def scattered(n, *, seed=0):
    rng = np.random.default_rng(seed)
    return table(np.column_stack([rng.uniform(75, 130, n), rng.uniform(20, 50, n)]))


def all_distances(points, geod=WGS84):
    """Every distance in km, computed one by one."""
    n = len(points)
    first, second = np.divmod(np.arange(n * n), n)
    ends = [points[c].to_numpy()[i] for i in (first, second) for c in ("longitude", "latitude")]
    return np.asarray(geod.inv(*ends)[2]).reshape(n, n) / 1000.0


def keys(error):
    return [p.key.removeprefix("neighbours.") for p in error.value.problems]


def test_distances_equal_published_ones():
    # Vincenty's test line Flinders Peak – Buninyong (Geoscience Australia): 54,972.271 m on GRS80, whose ellipsoid is
    # WGS84's to 0.1 mm; −37°57'03.72030" 144°25'29.52440", −37°39'10.15610" 143°55'35.38390"
    places = [(144 + 25 / 60 + 29.52440 / 3600, -(37 + 57 / 60 + 3.72030 / 3600)),
              (143 + 55 / 60 + 35.38390 / 3600, -(37 + 39 / 60 + 10.15610 / 3600))]  # fmt: skip
    points = Points.of(table(places), "ellipsoidal")
    assert points.distances(np.array([0]), np.array([1])).item() == pytest.approx(54.972271, abs=1e-6)


def test_great_circle_distances_are_those_of_a_sphere():
    points = Points.of(table([(0.0, 0.0), (90.0, 0.0), (12.0, 90.0)]), "great-circle")
    quarter = EARTH_RADIUS_KM * np.pi / 2
    assert points.distances(np.array([0, 0]), np.array([1, 2])) == pytest.approx([quarter, quarter], rel=1e-12)


@pytest.mark.real
@pytest.mark.parametrize(("metric", "published"), [("ellipsoidal", 0.60778), ("great-circle", 0.60831)])
def test_moran_of_the_stata_log(shared_data, metric, published):
    # LOG_moransi_columbus.log prints five decimals; ellipsoidal distance to the power of −8, rows summing to 1
    frame = pd.read_stata(shared_data / "moran-stata/columbus.dta")
    points = frame[["x_cntrd", "y_cntrd"]].set_axis(["longitude", "latitude"], axis=1)
    w = neighbours.inverse_distance(points, power=8, metric=metric)
    z = frame["CRIME"].to_numpy(np.float64)
    z = z - z.mean()
    assert z @ (w.matrix @ z) / (z @ z) == pytest.approx(published, abs=5e-6)


def test_nearest_equal_brute_force():
    points = scattered(300)
    for metric, geod in (("ellipsoidal", WGS84), ("great-circle", Geod(a=6371008.8, b=6371008.8))):
        km = all_distances(points, geod)
        np.fill_diagonal(km, np.inf)
        w = neighbours.k_nearest(points, k=7, metric=metric, style="binary")
        expected = np.zeros_like(km)
        np.put_along_axis(expected, np.argsort(km, axis=1)[:, :7], 1.0, axis=1)
        assert np.array_equal(w.matrix.toarray(), expected)


def test_the_nearest_by_angle_at_the_centre_are_not_the_nearest_on_the_ellipsoid():
    # 600 places on a ring, equally far from its middle by the angle at the centre of the Earth but for a thousandth,
    # while the flattening makes ways to the one side shorter by as much
    rng = np.random.default_rng(4)
    middle, n = (104.0, 45.0), 600
    away = 3e6 * (1.0 + 1e-3 * rng.random(n))
    sphere = Geod(a=6371008.8, b=6371008.8)
    lon, lat, _ = sphere.fwd(np.full(n, middle[0]), np.full(n, middle[1]), rng.uniform(0, 360, n), away)
    geodetic = np.degrees(np.arctan(np.tan(np.radians([middle[1], *lat])) * (WGS84.a / WGS84.b) ** 2))
    points = table(np.column_stack([[middle[0], *lon], geodetic]))
    km = all_distances(points)[0]
    km[0] = np.inf
    chosen = neighbours.k_nearest(points, k=5).matrix[[0]].indices
    assert set(chosen) == set(np.argsort(km)[:5])


@given(PLACES, st.data())
def test_anywhere_on_the_globe_nobody_nearer_is_left_out(places, data):
    points = table(places)
    k = data.draw(st.integers(1, len(points) - 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OuheWarning)  # ties: the law below holds with them
        chosen = neighbours.k_nearest(points, k=k, style="binary").matrix.toarray() > 0
    km = all_distances(points)
    assert (chosen.sum(axis=1) == k).all()
    others = ~chosen & ~np.eye(len(points), dtype=bool)
    farthest = np.where(chosen, km, -np.inf).max(axis=1)
    assert (farthest <= np.where(others, km, np.inf).min(axis=1) * (1 + 1e-8) + 1e-8).all()


@given(PLACES, st.floats(1.0, 20_000.0))
def test_a_band_anywhere_on_the_globe_equals_brute_force(places, threshold):
    points = table(places)
    km = all_distances(points)
    expected = (km <= threshold) & ~np.eye(len(points), dtype=bool)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OuheWarning)  # isolates
        found = neighbours.distance_band(points, threshold_km=threshold, style="binary").matrix.toarray() > 0
    unsure = np.abs(km - threshold) < 1e-6
    assert np.array_equal(found[~unsure], expected[~unsure])
    assert np.array_equal(found, found.T)


def _pysal():
    with warnings.catch_warnings():
        # libpysal uses names that newer versions of its own dependencies deprecate
        warnings.simplefilter("ignore")
        geopandas = pytest.importorskip("geopandas")
        from libpysal.graph import Graph
    return geopandas, Graph


def _geometry(points):
    geopandas, _ = _pysal()
    places = geopandas.points_from_xy(points["longitude"], points["latitude"])
    return geopandas.GeoSeries(places, index=points.index, crs="EPSG:4326")


def test_nearest_equal_pysal():
    pytest.importorskip("sklearn")  # PySAL measures great circles with it
    _, graph = _pysal()
    points = CHINA.table[["longitude", "latitude"]]
    theirs = graph.build_knn(_geometry(points), k=5, metric="haversine")
    ours = neighbours.k_nearest(points, k=5, metric="great-circle", style="binary")
    assert ours.regions == tuple(theirs.unique_ids)
    assert np.array_equal(ours.matrix.toarray(), theirs.sparse.toarray())


def test_band_equals_pysal():
    # PySAL's bands are measured on a plane. Within half a degree of its centre, an azimuthal equidistant projection is
    # true to 2e-5, so a threshold in a gap of the sorted distances that is wider must give the same pairs
    _, graph = _pysal()
    rng = np.random.default_rng(3)
    points = table(np.column_stack([rng.uniform(104, 105, 40), rng.uniform(30, 31, 40)]))
    ordered = np.sort(all_distances(points)[np.triu_indices(40, 1)])[100:400]
    widest = int(np.diff(ordered).argmax())
    threshold = float(ordered[widest : widest + 2].mean())
    assert np.diff(ordered).max() > 1e-3 * threshold
    plane = _geometry(points).to_crs("+proj=aeqd +lat_0=30.5 +lon_0=104.5 +datum=WGS84")
    theirs = graph.build_distance_band(plane, threshold=threshold * 1000.0, binary=True)
    ours = neighbours.distance_band(points, threshold_km=threshold, style="binary")
    assert ours.regions == tuple(theirs.unique_ids)
    assert ours.matrix.nnz > 2 * 100
    assert np.array_equal(ours.matrix.toarray(), theirs.sparse.toarray())


def test_inverse_distance_by_hand():
    points = table([(0.0, 0.0), (1.0, 0.0), (3.0, 0.0)])
    degree = np.pi * 6378.137 / 180  # km, on the equator
    raw = neighbours.inverse_distance(points, power=2, style="raw").matrix.toarray()
    assert raw[0] == pytest.approx([0.0, degree**-2, (3 * degree) ** -2], rel=1e-9)
    near = neighbours.inverse_distance(points, power=2, threshold_km=2.5 * degree)
    assert near.matrix.toarray()[1] == pytest.approx([0.8, 0.0, 0.2], rel=1e-9)
    assert near.matrix.toarray()[0] == pytest.approx([0.0, 1.0, 0.0])


@given(st.permutations(range(12)), st.sampled_from(["k", "band", "inverse"]))
def test_order_of_regions_changes_nothing(order, kind):
    points = scattered(12, seed=5)
    build = {
        "k": lambda p: neighbours.k_nearest(p, k=3),
        "band": lambda p: neighbours.distance_band(p, threshold_km=2500),
        "inverse": neighbours.inverse_distance,
    }[kind]
    w = build(points)
    turned = build(points.iloc[order]).only(w.regions)
    assert turned.matrix.toarray() == pytest.approx(w.matrix.toarray(), rel=1e-10)


def test_ties_are_broken_by_order_and_told():
    # four places around one, all a degree of longitude or of latitude away; along the equator both are exactly alike
    points = table([(0.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (3.0, 0.0)])
    with pytest.warns(OuheWarning, match=r"k = 1 \(1\): r0"):
        w = neighbours.k_nearest(points, k=1, style="binary")
    assert w.to_frame()["neighbour"].tolist() == ["r1", "r0", "r0", "r1"]
    with pytest.warns(OuheWarning):
        turned = neighbours.k_nearest(points.iloc[[2, 1, 0, 3]], k=1)
    assert turned.to_frame().set_index("region")["neighbour"]["r0"] == "r2"


def test_ties_that_all_fit_are_no_ties():
    points = table([(0.0, 0.0), (1.0, 0.0), (-1.0, 0.0)])
    assert neighbours.k_nearest(points, k=2).matrix.nnz == 6


def test_many_regions_at_one_point_are_neighbours_of_one_another():
    points = table([(10.0, 10.0)] * 60 + [(50.0, 50.0)])
    with pytest.warns(OuheWarning, match="equally distant"):
        w = neighbours.k_nearest(points, k=2, style="binary")
    assert w.matrix.toarray()[:, :3].sum() == 61 * 2
    assert not w.matrix.toarray()[:60, 60].any()


def test_a_hundred_thousand_regions():
    points = scattered(100_000, seed=1)
    w = neighbours.k_nearest(points, k=6)
    assert w.matrix.nnz == 600_000
    rows = np.arange(0, 100_000, 9973)
    for row in rows:
        km = np.asarray(
            WGS84.inv(
                np.full(100_000, points["longitude"].iloc[row]),
                np.full(100_000, points["latitude"].iloc[row]),
                points["longitude"],
                points["latitude"],
            )[2]
        )
        km[row] = np.inf
        assert set(w.matrix[[row]].indices) == set(np.argsort(km)[:6])


def test_isolates_of_a_band_are_named_with_the_threshold_that_helps():
    points = table([(0.0, 0.0), (1.0, 0.0), (5.0, 0.0)])
    with pytest.warns(OuheWarning) as told:
        w = neighbours.distance_band(points, threshold_km=120)
    assert w.isolates == ("r2",)
    params = told[0].message.problem.params
    assert (str(params["regions"]), params["needed"]) == ("r2", 445.3)  # 4 × 111.3195 km, rounded up
    assert neighbours.distance_band(points, threshold_km=params["needed"]).isolates == ()
    with pytest.warns(OuheWarning, match="within 120 km"):
        neighbours.inverse_distance(points, threshold_km=120)


def test_two_regions_at_one_point_have_no_inverse_distance():
    points = table([(0.0, 0.0), (1.0, 0.0), (0.0, 0.0), (1.0, 1e-9)])
    with pytest.raises(DataError, match="r0–r2, r1–r3") as error:
        neighbours.inverse_distance(points)
    assert keys(error) == ["same_point"]
    with pytest.raises(DataError, match="r0–r2"):
        neighbours.inverse_distance(points, threshold_km=50)


def test_everything_wrong_with_coordinates_is_told_together():
    points = table([(0.0, 0.0), (np.nan, 1.0), (39.9, 116.4), (1.0, 1.0)]).rename(index={"r3": "r0"})
    with pytest.raises(DataError) as error:
        neighbours.k_nearest(points)
    assert keys(error) == ["region_twice", "no_coordinates", "off_the_globe"]
    assert "r2 (39.9, 116.4)" in str(error.value)
    with pytest.raises(DataError) as error:
        neighbours.distance_band(points[["longitude"]], threshold_km=1)
    assert keys(error) == ["no_column"]
    text = table([("x", 1.0), (1.0, 1.0)])
    with pytest.raises(DataError, match="r0"):
        neighbours.inverse_distance(text)


@pytest.mark.parametrize(
    ("call", "key"),
    [
        (lambda p: neighbours.k_nearest(p, k=0), "k_outside"),
        (lambda p: neighbours.k_nearest(p, k=4), "k_outside"),
        (lambda p: neighbours.k_nearest(p, k=1, metric="elipsoidal"), "errors.no_choice"),
        (lambda p: neighbours.k_nearest(p, k=1, style="rows"), "errors.no_choice"),
        (lambda p: neighbours.distance_band(p, threshold_km=500, style=None), "errors.no_choice"),
        (lambda p: neighbours.inverse_distance(p, style="rows"), "errors.no_choice"),
        (lambda p: neighbours.k_nearest(p, k="2"), "k_not_whole"),
        (lambda p: neighbours.k_nearest(p, k=1.5), "k_not_whole"),
        (lambda p: neighbours.k_nearest(p, k=True), "k_not_whole"),
        (lambda p: neighbours.distance_band(p, threshold_km="500"), "not_positive"),
        (lambda p: neighbours.inverse_distance(p, power=None), "not_positive"),
        (lambda p: neighbours.distance_band(p, threshold_km=0), "not_positive"),
        (lambda p: neighbours.distance_band(p, threshold_km=float("nan")), "not_positive"),
        (lambda p: neighbours.inverse_distance(p, power=0), "not_positive"),
        (lambda p: neighbours.inverse_distance(p, power=-1), "not_positive"),
        (lambda p: neighbours.inverse_distance(p, threshold_km=-5), "not_positive"),
        (lambda p: neighbours.inverse_distance(p, power=200), "power_too_high"),
    ],
)
def test_options_out_of_bounds(call, key):
    with pytest.raises(OptionError) as error:
        call(table([(0.0, 0.0), (1.0, 0.0), (3.0, 0.0), (9.0, 0.0)]))
    assert keys(error) == [key]


def test_what_would_exhaust_the_machine_is_refused_with_advice():
    points = scattered(5000)
    with pytest.raises(OptionError, match="threshold_km"):
        neighbours.inverse_distance(points)
    with pytest.raises(OptionError, match="shorter"):
        neighbours.distance_band(points, threshold_km=20_000)
    with pytest.raises(OptionError, match="smaller k"):
        neighbours.k_nearest(points, k=4500)


def test_a_table_of_a_region_set_is_a_table_of_points():
    w = neighbours.k_nearest(CHINA.table, k=1)
    assert dict(zip(w.to_frame()["region"], w.to_frame()["neighbour"], strict=True))["天津"] == "北京"
