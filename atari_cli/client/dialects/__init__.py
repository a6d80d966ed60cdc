"""What a client and a server say on one connection: `atari.v1`, or plain OpenEnv."""
