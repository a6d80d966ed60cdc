"""`python -m atari_cli` is the command `atari`."""

import sys

from atari_cli.cli import main

if __name__ == "__main__":
    sys.exit(main())
