"""The server under OpenEnv's import name."""
