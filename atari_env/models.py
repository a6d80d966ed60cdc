"""The values of the client, in the module where programs for OpenEnv import them from."""

from atari_cli import AtariAction, AtariObservation, AtariState

__all__ = ["AtariAction", "AtariObservation", "AtariState"]
