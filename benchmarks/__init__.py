"""The figures of docs/benchmarks.md: atari and its peers side by side, `python -m benchmarks`."""
