"""Region sets: names, codes, groups and borders as data, and the matching of names."""
