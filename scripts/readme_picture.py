"""Draw docs/picture.png: the coordination degree of the demonstration on a tile grid, and the indices over the years.

Needs matplotlib and the fonts of pylopdf-fonts-zh-cn.
"""

from __future__ import annotations

import math
import tempfile
from importlib.resources import as_file, files
from pathlib import Path

import matplotlib as mpl
import pandas as pd

mpl.use("agg")

from matplotlib import font_manager
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize, to_rgb
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Rectangle

from ouhe import regions
from ouhe.output import write
from ouhe.output.scaffold import demo
from ouhe.results.study_results import StudyResults

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "picture.png"
INK, PALE = "#222222", "#6b6b6b"
#: Blue and orange of the Okabe-Ito palette, told apart by every kind of colour vision; dashes tell them apart in grey.
LINES = (("#0072B2", "-"), ("#D55E00", (0, (5, 1.5))))


def results() -> StudyResults:
    """Results of the demonstration."""
    with tempfile.TemporaryDirectory() as folder:
        return write(demo(Path(folder), lang="zh"), Path(folder) / "output")[0]


def use_chinese_font() -> None:
    """Let all text be set in the shipped Chinese font, whatever is installed."""
    with as_file(files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf") as path:
        font_manager.fontManager.addfont(path)
        name = font_manager.FontProperties(fname=path).get_name()
    mpl.rcParams.update({"font.family": [name], "font.size": 9, "text.color": INK, "axes.unicode_minus": False})


def tile_grid(axes: Axes, degrees: pd.Series, colours: Colormap, norm: Normalize) -> None:
    """One square a region, coloured by its value; regions without one are hatched."""
    table = regions.load("china-provinces-34").table
    short = regions.load("china-provinces-34").labels["zh"]
    for region, row, column in table[["tile_row", "tile_column"]].itertuples():
        value = float(degrees.get(region, math.nan))
        known = not math.isnan(value)
        face = to_rgb(colours(norm(value)) if known else "white")
        axes.add_patch(
            Rectangle(
                (column - 0.47, -row - 0.47), 0.94, 0.94, facecolor=face, edgecolor="none" if known else "#e2e2e2",
                hatch=None if known else "////", linewidth=0,
            )
        )  # fmt: skip
        dark = known and sum(face) < 1.55
        ink = "white" if dark else INK if known else PALE
        axes.text(column, -row + 0.13, short_name(short.get(region, region)), ha="center", va="center", color=ink)
        shown = f"{value:.2f}" if known else "无数据"
        axes.text(column, -row - 0.25, shown, ha="center", va="center", color=ink, fontsize=6.5)
    axes.set_xlim(table["tile_column"].min() - 0.6, table["tile_column"].max() + 0.6)
    axes.set_ylim(-table["tile_row"].max() - 0.6, -table["tile_row"].min() + 0.6)
    axes.set_aspect("equal")
    axes.axis("off")


def short_name(name: str) -> str:
    """Two or three characters by which everybody knows a province."""
    return name[:3] if name.startswith(("内蒙", "黑龙")) else name[:2]


def trend(axes: Axes, means: pd.DataFrame) -> None:
    """National mean of every index over the years, each line named at its end."""
    for (system, values), (colour, dash) in zip(means.items(), LINES, strict=True):
        axes.plot(values.index, values, color=colour, linestyle=dash, linewidth=2)
        axes.annotate(
            f"{system}\n{values.iloc[-1]:.3f}", (values.index[-1], values.iloc[-1]), xytext=(6, 0),
            textcoords="offset points", va="center", color=colour, annotation_clip=False,
        )  # fmt: skip
    axes.set_ylim(0, None)
    axes.set_xticks(range(means.index[0], means.index[-1] + 1, 4))
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK, length=3)


def main() -> None:
    """Run the demonstration and draw it."""
    found = results()
    use_chinese_font()
    degrees = found.coupling.D.isel(year=-1).to_series()
    last = int(found.coupling.D["year"][-1])
    nation = found.groups.means.sel(group="nation", variable=list(found.coupling.systems))
    means = pd.DataFrame(nation.transpose("year", "variable").to_pandas())
    figure, (left, right) = plt.subplots(
        1,
        2,
        figsize=(9.6, 4.4),
        gridspec_kw={"width_ratios": [1.32, 1]},
        layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.1),
    )
    norm, colours = Normalize(0.15, 0.85), mpl.colormaps["YlGnBu"]
    tile_grid(left, degrees, colours, norm)
    bar = figure.colorbar(ScalarMappable(norm, colours), ax=left, shrink=0.55, aspect=18, pad=0.01)
    bar.outline.set_visible(False)
    chinese, english = (
        f"耦合协调度 D，{last} 年（示意格网图，非地图）",
        f"coordination degree D, {last} (a tile grid, not a map)",
    )
    left.set_title(f"{chinese}\n{english}", loc="left", fontsize=10)
    trend(right, means)
    right.set_title("两个系统的指数，全国均值\nindices of the two systems, national means", loc="left", fontsize=10)
    right.set_box_aspect(0.85)
    figure.supxlabel("模拟数据，仅供演示 · simulated data, a demonstration", fontsize=8, color="#B00020")
    figure.savefig(PICTURE, dpi=150, metadata={"Software": None})


if __name__ == "__main__":
    main()
