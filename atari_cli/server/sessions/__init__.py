"""Sessions, what they share, and who takes part in one."""
