"""Playing: a session of a game by hand and by agents, shown in a window or in a terminal."""
