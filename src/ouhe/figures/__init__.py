"""Figures: what to draw from results as a tidy table, and the drawing of that table."""
