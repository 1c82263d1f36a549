"""Say how much each indicator counts in its system: weights that are positive and sum to 1 within every system."""

from ouhe.compute.weight.combined import mean, product
from ouhe.compute.weight.decided import equal, given
from ouhe.compute.weight.entropies import Denominator, entropy, from_entropy, information_entropy
from ouhe.compute.weight.spread import critic, principal, variation

__all__ = [
    "Denominator",
    "critic",
    "entropy",
    "equal",
    "from_entropy",
    "given",
    "information_entropy",
    "mean",
    "principal",
    "product",
    "variation",
]
