"""The window, the one user of pygame."""
