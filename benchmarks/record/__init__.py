"""Recording: its speed, memory and file size, and what a kill loses."""
