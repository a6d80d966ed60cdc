"""Recording: its speed, memory and file size, and the frames lost by a kill."""
