"""The client of OpenEnv servers: `AtariEnv`, asynchronous, and what its `.sync()` returns.

What is said stands in `conversation`, apart from any socket; `env` and `sync_env` are two thin
shells around it. It talks `atari.v1` to our server and plain OpenEnv to any other.
"""

from atari_cli.client.env import AtariEnv
from atari_cli.client.sync_env import SyncAtariEnv

__all__ = ["AtariEnv", "SyncAtariEnv"]
