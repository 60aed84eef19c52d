"""Measurements of what the targets ask; each script prints a table of ratios."""
