"""Exact quantiles of any number of values: order statistics, found by counting, chunk by chunk.

Floating-point numbers of one type have an order-preserving whole number each, their key. Where values are few, the
distinct keys are counted; where they are many, keys are counted in equal bins between the extremes, then in bins of
the bin that holds the wanted rank, until few are left. Counts add up in any order, so that chunks change nothing.
"""

from ouhe.quantiles.shares import beyond, exact

__all__ = ["beyond", "exact"]
