"""Tables that show a region set: its names, groups and neighbours."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ouhe import text
from ouhe.regions.regionset import RegionSet

__all__ = ["groups", "names", "neighbours", "sets"]

#: What stands between names; a terminal breaks lines at white space alone.
_BETWEEN: Mapping[text.Lang, str] = {"zh": " ", "en": ", "}


def sets(known: list[RegionSet]) -> pd.DataFrame:
    """One row a set: what it holds, how many regions, which groupings, how many borders."""
    return pd.DataFrame(
        {
            text.t("labels.set"): [s.name for s in known],
            text.t("regions.about"): [s.label(s.name) for s in known],
            text.t("labels.regions"): [len(s) for s in known],
            text.t("labels.groupings"): [", ".join(s.groupings) for s in known],
            text.t("labels.borders"): [len(s.borders) for s in known],
        }
    )


def names(known: RegionSet) -> pd.DataFrame:
    """One row a region: its names and code, without columns that hold nothing or the id once more."""
    table = known.table
    columns = {
        text.t("labels.name_zh"): list(table["name_zh"]),
        text.t("labels.name_en"): list(table["name_en"]),
        text.t("regions.short"): [known.short(r) for r in known.ids],
        text.t("labels.pinyin"): list(table["pinyin"]),
        text.t("labels.code"): list(table["code"]),
        text.t("regions.capital"): list(table["capital"]),
    }
    telling = {head: said for head, said in columns.items() if any(said) and tuple(said) != known.ids}
    return pd.DataFrame({text.t("labels.region"): list(known.ids), **telling})


def groups(known: RegionSet) -> pd.DataFrame:
    """One row a group of every grouping, with its regions."""
    rows = []
    for grouping, group_of in known.groupings.items():
        for group in dict.fromkeys(group_of.values()):
            members = [known.label(r) for r in known.ids if group_of.get(r) == group]
            listed = _BETWEEN[text.current()].join(members)
            rows.append((grouping, known.group_label(grouping, group), len(members), listed))
    heads = [text.t(f"labels.{k}") for k in ("grouping", "group", "count", "regions")]
    return pd.DataFrame(rows, columns=heads)


def neighbours(known: RegionSet) -> pd.DataFrame:
    """One row a region, with its neighbours; a border that is not on land is told beside the name."""
    near: dict[str, dict[str, str]] = {region: {} for region in known.ids}
    for a, b in known.borders:
        near[a][b] = near[b][a] = known.border_kinds.get((a, b), "land")
    rows = []
    for region, kinds in near.items():
        ordered = [_neighbour(known.label(r), kinds[r]) for r in known.ids if r in kinds]
        rows.append((known.label(region), len(ordered), _BETWEEN[text.current()].join(ordered)))
    return pd.DataFrame(rows, columns=[text.t(f"labels.{k}") for k in ("region", "count", "neighbours")])


def _neighbour(name: str, kind: str) -> str:
    return name if kind == "land" else text.t(f"regions.across_{kind}", name=name)
