"""Results of a study of space and distribution to draw, and what every drawing must keep to."""

from __future__ import annotations

from types import SimpleNamespace

import matplotlib.mathtext
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ouhe.figures import save
from ouhe.neighbours import Neighbours
from ouhe.results.autocorrelation import Moran
from ouhe.results.density import Density
from ouhe.results.lisa import Lisa
from ouhe.results.places import Places

#: Names that would do harm if anything read them as more than names.
HOSTILE = (
    "$\\frac{1}{0}$ & $x_1$",
    "<b>bold</b> &amp; {year} %s",
    "_hidden\nin two lines\t\u202eand turned around",
    "an index with a name that goes on and on " * 6,
)


@pytest.fixture
def hostile():
    return HOSTILE


@pytest.fixture(autouse=True)
def _no_mathematics(monkeypatch):
    """No text of a figure is a formula, whatever stands in it."""

    def parse(*args, **kwargs):
        raise AssertionError(f"read as a formula: {args[1:]}")

    monkeypatch.setattr(matplotlib.mathtext.MathTextParser, "parse", parse)


@pytest.fixture
def spatial():
    """Results of a study of random values on a ring of regions, with Moran's I, local Moran and densities.

    The arrays have the shape of what the study gives; their p are drawn, not tested.
    """

    def make(
        *, count=31, years=range(2010, 2023), variables=("Effort", "Result", "C", "D"), lang="en", shorts=None,
        alone=0, weights=("contiguity",), options=None, spread=1.0, simulated=False, seed=0, style="row",
    ):  # fmt: skip
        rng = np.random.default_rng(seed)
        ids = [f"r{i:04d}" for i in range(count)]
        line = [(ids[i], ids[i + 1]) for i in range(alone, count - 1)]
        w = Neighbours.from_pairs(line, ids, name=weights[0], style=style)
        coords = {"variable": list(variables), "region": ids, "year": list(years)}
        x = rng.lognormal(0.0, spread, [len(c) for c in coords.values()])
        x = xr.DataArray(x, dims=list(coords), coords=coords)
        z = (x - x.mean("region")) / x.std("region")
        lag = w.lag(z)
        return SimpleNamespace(
            analyses={
                "moran": Moran(_global(z, lag, w, weights, rng)),
                "lisa": _local(z, lag, w, {"significance": 0.05} if options is None else options, rng),
                "density": _density(x),
            },
            places=_places(ids, [f"{i:02d}" for i in range(count)] if shorts is None else list(shorts)),
            coupling=SimpleNamespace(D=x.isel(variable=0, drop=True)),
            language=lang,
            simulated=simulated,
            years=tuple(years),
        )

    return make


def _places(ids, names):
    at = np.arange(len(ids))
    rows = {"label": names, "short": names, "tile_row": at // 8 * 1.0, "tile_column": at % 8 * 1.0, "studied": True}
    return Places(pd.DataFrame(rows, index=ids))


def _local(z, lag, w, options, rng):
    p = z.copy(data=rng.uniform(0, 0.2, z.shape)).where(lag.notnull())
    quadrant = xr.where(z > 0, xr.where(lag > 0, 1, 4), xr.where(lag > 0, 2, 3)).where(lag.notnull(), 0)
    local = xr.Dataset(
        {
            "value": z,
            "lag": lag,
            "statistic": z * lag,
            "p_value": p,
            "quadrant": quadrant.astype(np.int8),
            "significant": p < 0.05,
        }
    )
    moves = xr.DataArray(np.zeros((z.sizes["variable"], 5, 5), dtype=int), dims=("variable", "from", "to"))
    return Lisa(local, moves, w.name, options)


def _global(z, lag, w, weights, rng):
    statistic = z.sizes["region"] / w.sums.s0 * (z * lag).sum("region") / (z**2).sum("region")
    each = [statistic - 0.1 * k for k in range(len(weights))]
    statistic = xr.concat(each, pd.Index(list(weights), name="neighbours"))
    p = statistic.copy(data=rng.uniform(0, 0.2, statistic.shape))
    return xr.Dataset(
        {
            "statistic": statistic,
            "expected": xr.full_like(statistic, -1 / (z.sizes["region"] - 1)),
            "sd": xr.full_like(statistic, 0.1),
            "z": statistic * 10,
            "p_value": p,
            "p_sim": p + 0.01,
        }
    )


def _density(x):
    width = 0.9 * x.std("region") * x.sizes["region"] ** -0.2
    low, high = (x.min("region") - 3 * width).min("year"), (x.max("region") + 3 * width).max("year")
    grid = low + (high - low) * xr.DataArray(np.linspace(0, 1, 200), dims="point")
    density = (np.exp(-(((grid - x) / width) ** 2) / 2) / width / np.sqrt(2 * np.pi)).mean("region")
    curves = xr.Dataset({"x": grid, "density": density.transpose("variable", "year", "point"), "bandwidth": width})
    return Density(curves, xr.Dataset())


@pytest.fixture
def texts(drawn):
    """What a figure writes, text by text."""
    return lambda figure: [said for said, _ in drawn(figure)]


@pytest.fixture
def assert_apart(drawn):
    """Refuse a figure with text that leaves the canvas, or that shares half a pixel with another; give its texts."""

    def check(figure):
        found = drawn(figure)
        assert found
        canvas = figure.bbox
        for said, box in found:
            left, right = box.x0 >= -0.5, box.x1 <= canvas.x1 + 0.5
            below, above = box.y0 >= -0.5, box.y1 <= canvas.y1 + 0.5
            assert all((left, right, below, above)), f"{said!r} leaves the canvas"
        for i, (said, a) in enumerate(found):
            for other, b in found[:i]:
                apart = min(a.x1, b.x1) - max(a.x0, b.x0) < 0.5 or min(a.y1, b.y1) - max(a.y0, b.y0) < 0.5
                assert apart, f"{said!r} covers {other!r}"
        return [said for said, _ in found]

    return check


@pytest.fixture
def assert_same_bytes(tmp_path):
    """Refuse drawings that are not the same files twice."""

    def check(draw):
        for folder in ("once", "again"):
            save(draw(), tmp_path / folder, "figure", dpi=80)
        written = sorted((tmp_path / "once").iterdir())
        assert [p.suffix for p in written] == [".pdf", ".png", ".svg"]
        for path in written:
            assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.suffix

    return check
