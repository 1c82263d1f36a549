"""Which spatial weights a study used, and how they were made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from ouhe import text
from ouhe.neighbours import Neighbours
from ouhe.report.document import Block
from ouhe.report.methods.phrases import Sentence, equation, formulas, method_key, names, paragraph, quoted, say
from ouhe.report.methods.preparing import series_name
from ouhe.results.study_results import StudyResults

__all__ = ["choices", "neighbouring"]

#: What explains the symbols of a formula of spatial weights.
_WHERE = {
    "contiguity": "where_contiguity",
    "boundaries": "where_contiguity",
    "lattice": "where_contiguity",
    "k_nearest": "where_k_nearest",
    "distance_band": "where_distance",
    "inverse_distance": "where_distance",
    "economic": "where_economic",
    "economic_geographic_product": "where_both",
    "economic_geographic_mean": "where_mean",
    "economic_geographic_shares": "where_both",
}


@dataclass(frozen=True)
class _Used:
    """Spatial weights as the study chose them, and as they came out."""

    chosen: Mapping[str, Any]
    made: Neighbours

    @property
    def name(self) -> str:
        """What tables and figures call them."""
        return self.made.name


def choices(settings: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Choices of spatial weights of all analyses of a study, each once, in the order of the results."""
    found: list[Mapping[str, Any]] = []
    for asked in settings["analyses"].values():
        unused = not asked or asked.get("dependence") == "none" or asked.get("spatial") is False
        chosen = () if unused else asked.get("neighbours", ())
        found += [c for c in ([chosen] if isinstance(chosen, Mapping) else chosen) if c not in found]
    return found


def neighbouring(results: StudyResults) -> tuple[Block, ...]:
    """Every set of spatial weights, how regions are located and how rows are scaled."""
    used = [_Used(*pair) for pair in zip(choices(results.settings), results.space.weights, strict=True)]
    if not used:
        return ()
    listed = quoted(u.name for u in used)
    first = say("neighbours", count=len(used), names=listed) if len(used) > 1 else say("neighbours_one", names=listed)
    each = (block for u in used for block in _weights(u, results))
    return (paragraph(first), *each, *_located(used), *_scaled(used))


def _weights(used: _Used, results: StudyResults) -> Iterator[Block]:
    """One set of weights."""
    chosen, method = used.chosen, method_key(used.chosen["method"])
    params: dict[str, Any] = {"name": used.name}
    if "path" in chosen:
        params["file"] = PurePath(chosen["path"]).name
    if "of" in chosen:
        params["series"] = series_name(results, chosen["of"])
    params |= {k: chosen[k] for k in ("k", "threshold_km", "power") if chosen.get(k) is not None}
    variant = f"{method}_{chosen['form']}" if "form" in chosen else method
    if variant == "economic_geographic_mean":
        params["share"] = chosen["geographic_share"]
    introduction = say(f"neighbours_{_introduced(variant, chosen)}", **params)
    more = [*_options(chosen), *_alone(used)]
    if variant in _WHERE:
        where = say(_WHERE[variant], **({"k": chosen["k"]} if "k" in chosen else {}))
        yield from formulas([introduction], [_formula(variant)], where, *more)
    else:
        yield paragraph(introduction, *more)


def _introduced(variant: str, chosen: Mapping[str, Any]) -> str:
    """End of the key of the text that introduces weights."""
    return f"{variant}_{chosen['rule']}" if "rule" in chosen else variant


def _formula(variant: str) -> str:
    """Name of the formula; the product is the economic-geographic one that bears no name of its own."""
    return f"neighbours_{variant.removesuffix('_product')}"


def _options(chosen: Mapping[str, Any]) -> Iterator[Sentence]:
    """Options that not every method has, where they are not the default."""
    if chosen["method"] == "inverse-distance" and chosen["threshold_km"] is not None:
        yield say("threshold", threshold_km=chosen["threshold_km"])
    if chosen.get("joined"):
        pairs = (text.t("report_methods.pair", first=a, second=b) for a, b in chosen["joined"])
        yield say("joined", pairs=names(pairs))
    if chosen.get("sheet"):
        yield say("sheet", sheet=chosen["sheet"])
    if chosen.get("order"):
        yield say("order_listed" if chosen["order"] == "as-listed" else "order_given")
    if chosen.get("allow_negative"):
        yield say("negative_allowed")


def _alone(used: _Used) -> Iterator[Sentence]:
    """How many regions have no neighbour."""
    if used.made.isolates:
        yield say("isolates", name=used.name, count=len(used.made.isolates))


def _located(used: Sequence[_Used]) -> Iterator[Block]:
    """Along which surface distances are measured, and between which points."""
    sentences = []
    for key, values in (("metric", ("ellipsoidal", "great-circle")), ("points", ("set", "centroids"))):
        for value in values:
            called = [u.name for u in used if u.chosen.get(key) == value]
            text_key = method_key(value) if key == "metric" else f"points_{value}"
            sentences += [say(text_key, names=quoted(called))] if called else []
    if sentences:
        yield paragraph(*sentences)


def _scaled(used: Sequence[_Used]) -> Iterator[Block]:
    """How weights are scaled."""
    of = {style: [u.name for u in used if u.made.style == style] for style in ("row", "binary", "raw")}
    others = [say(style, names=quoted(of[style])) for style in ("binary", "raw") if of[style]]
    if of["row"]:
        key = "row_some" if others else "row_all" if len(used) > 1 else "row_one"
        yield paragraph(say(key, **({"names": quoted(of["row"])} if others else {})))
        yield equation("row_standardised")
        others = [*([say("where_row")] if any(u.made.isolates for u in used) else ()), *others]
    if others:
        yield paragraph(*others)
