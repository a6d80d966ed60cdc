"""The command line: one module per command; `main` maps errors to exit codes."""

import os
import signal

if os.getpid() == 1:
    # In a container, the first process must ask for SIGTERM to be ended by it, and the imports
    # below take long enough for one to come.
    signal.signal(signal.SIGTERM, lambda number, frame: os._exit(128 + number))

from atari_cli.cli.app import main

__all__ = ["main"]
