"""The output folder: written whole or not at all, and loaded again."""
