"""The tests of the terminal that Windows cannot import: its Python has no pseudo-terminals."""

import sys

POSIX_ONLY = ["game_in_tmux", "printed", "raw_terminal", "screen", "tmux"]
collect_ignore = [f"test_{name}.py" for name in POSIX_ONLY] if sys.platform == "win32" else []
