"""The version, in its own module so that nothing need import the package root."""

__version__ = "0.1.0"
