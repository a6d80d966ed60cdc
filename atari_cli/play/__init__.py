"""Playing: a session of a game by hand and by agents, shown in a window or in a terminal."""

import os

# Before anything imports pygame, which greets on stdout otherwise.
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
