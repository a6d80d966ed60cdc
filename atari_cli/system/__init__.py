"""The operating system: locks, signals, whole files and the clock."""
