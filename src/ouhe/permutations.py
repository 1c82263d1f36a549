"""Permutations of regions, shared by all variables, and what statistics sum over them."""
