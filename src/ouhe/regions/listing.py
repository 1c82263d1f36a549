"""Tables that show a region set: its names, groups and neighbours."""

from __future__ import annotations

import pandas as pd

from ouhe import text
from ouhe.regions.regionset import RegionSet

__all__ = ["groups", "names", "neighbours", "sets"]


def sets(known: list[RegionSet]) -> pd.DataFrame:
    """One row a set: how many regions, which groupings, how many borders."""
    return pd.DataFrame(
        {
            text.t("labels.set"): [s.name for s in known],
            text.t("labels.regions"): [len(s) for s in known],
            text.t("labels.groupings"): [", ".join(s.groupings) for s in known],
            text.t("labels.borders"): [len(s.borders) for s in known],
        }
    )


def names(known: RegionSet) -> pd.DataFrame:
    """One row a region: its names and code."""
    table = known.table
    return pd.DataFrame(
        {
            text.t("labels.region"): list(known.ids),
            text.t("labels.name_zh"): list(table["name_zh"]),
            text.t("labels.name_en"): list(table["name_en"]),
            text.t("labels.pinyin"): list(table["pinyin"]),
            text.t("labels.code"): list(table["code"]),
            text.t("labels.capital"): list(table["capital"]),
        }
    )


def groups(known: RegionSet) -> pd.DataFrame:
    """One row a group of every grouping, with its regions."""
    rows = []
    for grouping, group_of in known.groupings.items():
        for group in dict.fromkeys(group_of.values()):
            members = [known.label(r) for r in known.ids if group_of.get(r) == group]
            rows.append((grouping, known.group_label(grouping, group), len(members), " ".join(members)))
    heads = [text.t(f"labels.{k}") for k in ("grouping", "group", "count", "regions")]
    return pd.DataFrame(rows, columns=heads)


def neighbours(known: RegionSet) -> pd.DataFrame:
    """One row a region, with the regions it has a common border with."""
    rows = []
    for region in known.ids:
        near = [b if a == region else a for a, b in known.borders if region in (a, b)]
        ordered = [known.label(r) for r in known.ids if r in near]
        rows.append((known.label(region), len(ordered), " ".join(ordered)))
    return pd.DataFrame(rows, columns=[text.t(f"labels.{k}") for k in ("region", "count", "neighbours")])
