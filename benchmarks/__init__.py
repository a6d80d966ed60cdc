"""Benchmarks of atari and its peers for docs/benchmarks.md: `python -m benchmarks`."""
