"""Inspection of files."""
