"""The exports of `atari_cli`, for type checkers and editors."""

from atari_cli import *  # noqa: F403  # the same names
from atari_cli import __version__ as __version__
