"""Screens as PNG files and as text."""
