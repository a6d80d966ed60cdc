"""`atari play`: its start, pace, fast-forward and rewind."""
