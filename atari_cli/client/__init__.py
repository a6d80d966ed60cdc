"""Clients of OpenEnv servers: `AtariEnv` for asyncio, and `SyncAtariEnv` with blocking calls.

Both run the exchanges of `conversation`, which knows no socket. They speak `atari.v1` to `atari
serve`, and plain OpenEnv to any other server.
"""

from atari_cli.client.env import AtariEnv
from atari_cli.client.sync_env import SyncAtariEnv

__all__ = ["AtariEnv", "SyncAtariEnv"]
