"""What a study of rasters is of, and how its cells were tested for neighbours that are alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ouhe.report.document import Block
from ouhe.report.methods.autocorrelation import variables, years
from ouhe.report.methods.phrases import equation, formulas, names, paragraph, quoted, say
from ouhe.report.methods.preparing import span
from ouhe.results.measured import Gridded

__all__ = ["lisa", "moran", "neighbouring", "preparing"]


def preparing(results: Gridded) -> tuple[Block, ...]:
    """The sample of cells, and the series that were derived."""
    grid, settings = results.grid, results.settings
    counts = {
        "counted": grid.counted,
        "indicators": len(results.measurement.weight),
        "systems": len(results.coupling.systems),
    }
    shape = " × ".join(f"{n:,}" for n in grid.sizes.values())
    key = "sample_raster" if grid.is_raster else "sample_rows"
    sentences = [say(key, shape=shape, years=span(results.years), **counts)]
    if grid.outside:
        sentences.append(say("sample_outside", outside=grid.outside))
    sentences.append(say("raster_exact"))
    derived = settings.get("derive") or {}
    if derived:
        told = names(f"{d.get('name') or name} = {d['expression']}" for name, d in derived.items())
        sentences.append(say("raster_derived", derived=told))
    return (paragraph(*sentences),)


def neighbouring(results: Gridded) -> tuple[Block, ...]:
    """Which cells are neighbours."""
    found = {name: results.analyses[name] for name in ("moran", "lisa") if name in results.analyses}
    if not found:
        return ()
    called: dict[str, Mapping[str, Any]] = {}
    for name, analysis in found.items():
        asked = results.settings["analyses"][name]["neighbours"]
        chosen = [asked] if isinstance(asked, Mapping) else asked
        made = [analysis.neighbours] if isinstance(analysis.neighbours, str) else analysis.neighbours
        called |= dict(zip(made, chosen, strict=False))
    blocks: list[Block] = [paragraph(say("neighbours_one", names=quoted(called)))]
    for name, chosen in called.items():
        rule = chosen.get("rule", "queen")
        introduction = say(f"neighbours_lattice_{rule}", name=name)
        blocks += formulas([introduction], ["neighbours_contiguity"], say("where_contiguity"))
    return (*blocks, paragraph(say("row_one")), equation("row_standardised"), paragraph(say("where_row")))


def moran(results: Gridded) -> tuple[Block, ...]:
    """Global Moran's I of the cells, with its moments."""
    chosen, found = results.settings["analyses"]["moran"], results.analyses["moran"]
    variance, told = chosen["variance"], say("moran", variables=variables(results, chosen))
    about = [say("one_weights", main=found.neighbours[0]), *years(chosen)]
    return (
        *formulas([told], ["moran"], say("where_moran", n=f"{results.grid.counted:,}"), *about),
        *formulas([say("expected")], ["moran_expected", "moran_z"]),
        *formulas([say(f"variance_{variance}")], [f"moran_variance_{variance}", "moran_sums"], say("where_sums")),
        *formulas([say("p_value")], ["moran_p"]),
        paragraph(say("not_permuted"), say("many_cells")),
    )


def lisa(results: Gridded) -> tuple[Block, ...]:
    """Local Moran's I of the cells, its moments, and when a cell is significant."""
    chosen, found = results.settings["analyses"]["lisa"], results.analyses["lisa"]
    introduction = say("lisa", variables=variables(results, chosen))
    quadrants = say(f"quadrant_{chosen.get('quadrant_origin', 'zero')}")
    blocks = formulas([introduction], ["lisa"], say("where_lisa", weights=found.neighbours), *years(chosen), quadrants)
    level = chosen["significance"]
    if chosen["correction"]:
        judged = [say("corrected", significance=level)]
    else:
        judged = [say("significant", significance=level), say("uncorrected", share=min(2 * level, 1.0))]
    tested = formulas([say("lisa_analytic")], ["lisa_expected", "lisa_variance"], say("where_lisa_analytic"), *judged)
    return (*blocks, *tested)
