"""Figures that others published of the real data."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def published_moran() -> dict[str, list[float]]:
    """Global Moran's I with contiguity that 127ww/nqp-spatial-development prints, 2011 to 2023.

    To three digits; 0.40446 of 2021, which they rounded twice, is what their CSV gives.
    """
    return {
        "新质生产力": [0.428, 0.427, 0.430, 0.430, 0.434, 0.435, 0.372, 0.369, 0.335, 0.331, 0.40446, 0.391, 0.387],
        "高质量发展": [0.371, 0.394, 0.368, 0.333, 0.393, 0.360, 0.400, 0.407, 0.419, 0.451, 0.438, 0.478, 0.468],
    }
