"""The operating system: locks, signals and whole files."""
