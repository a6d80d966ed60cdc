"""What is asked of the operating system: locks, signals, whole files and the clock."""
