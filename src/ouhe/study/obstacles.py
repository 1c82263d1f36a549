"""Obstacle degrees of a study: of its regions, and their means by group."""

from __future__ import annotations

import xarray as xr

from ouhe.compute import group, obstacle
from ouhe.results.groups import NATION, Groups
from ouhe.results.measurement import Measurement
from ouhe.results.obstacles import NAMED, Obstacles

__all__ = ["obstacles"]


def obstacles(measurement: Measurement, groups: Groups) -> Obstacles:
    """Heaviest obstacles of every region, and mean degrees of the nation and of every group.

    A group's degrees are plain means of its regions' degrees, not degrees of mean values, so that they too sum to 1
    within a system, every region counting alike. They sum to less only where a region lacks nothing.

    Parameters
    ----------
    measurement
        What measuring gave: normalised values and weights.
    groups
        The groups, for their regions and names.

    Returns
    -------
    Obstacles
        The degrees.

    Raises
    ------
    DataError
        Values do not lie between 0 and 1, or a weight is negative: the study has no obstacle degrees.
    """
    found = obstacle.degrees(measurement.y, measurement.weight)
    group_of = {region: g for g, members in groups.members.items() if g != NATION for region in members}
    means = group.nation(found).expand_dims(group=[NATION])
    if group_of:
        of_groups = group.means(found, group_of, leave_out=True)
        means = xr.concat([means, of_groups], dim="group", coords="minimal", compat="override")
    means = means.transpose("group", "year", "indicator")
    return Obstacles(
        heaviest=obstacle.heaviest(found, count=NAMED),
        groups=means,
        dimensions=obstacle.of_dimensions(means),
        group_labels=groups.labels,
    )
