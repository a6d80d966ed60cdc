"""The command line: one module per command; `main` maps errors to exit codes."""

from atari_cli.cli.app import main

__all__ = ["main"]
