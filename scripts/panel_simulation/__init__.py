"""Simulating a panel that the paper's method turns into the paper's printed figures: see ``simulate_panel.py``."""
