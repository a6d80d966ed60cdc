"""The command line: one module per command; `main` maps errors to exit codes."""

from atari_cli.system.signals import obey_sigterm_as_first_process

obey_sigterm_as_first_process()

from atari_cli.cli.app import main  # noqa: E402  # SIGTERM may come while it is imported

__all__ = ["main"]
