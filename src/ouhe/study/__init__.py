"""Studies: the study file's structure, the methods it may name, and the run."""
