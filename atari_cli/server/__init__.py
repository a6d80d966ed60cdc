"""The OpenEnv API on the standard library's HTTP server, with sessions that keep their state."""

from atari_cli.server.front.lifecycle import Server, serve

__all__ = ["Server", "serve"]
