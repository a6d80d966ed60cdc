"""`python -m atari_env.server.app`: the same as `atari serve`, options and variables included."""

import sys

from atari_cli.cli import main as run


def main() -> int:
    """Serve until SIGTERM or Ctrl-C and return the exit code."""
    return run(["serve", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
