"""The tests of the terminal that Windows cannot import: its Python has no pseudo-terminals."""

import sys

POSIX_ONLY = ["test_game_in_tmux.py", "test_raw_terminal.py", "test_screen.py", "test_tmux.py"]
collect_ignore = POSIX_ONLY if sys.platform == "win32" else []
