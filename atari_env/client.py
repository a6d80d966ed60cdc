"""The client, in the module where programs for OpenEnv's environments import it from."""

from atari_cli import AtariEnv, SyncAtariEnv

__all__ = ["AtariEnv", "SyncAtariEnv"]
