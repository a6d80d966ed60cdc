"""The messages of one connection, by dialect: `atari.v1`, or plain OpenEnv."""
