"""Every setting: its default, its range and its environment variable, once each."""

from atari_cli.config.environment import OBS_TYPES, VARIABLES, EnvironmentConfig, ObsType
from atari_cli.config.places import data_folder, keys_file
from atari_cli.config.play import PLAY_SETTINGS, VIEWS, PlayConfig
from atari_cli.config.record import VIDEO_FORMATS, RecordConfig
from atari_cli.config.rollout import RolloutConfig
from atari_cli.config.serve import LOG_LEVELS, SERVE_MODES, ServeConfig

__all__ = [
    "LOG_LEVELS",
    "OBS_TYPES",
    "PLAY_SETTINGS",
    "SERVE_MODES",
    "VARIABLES",
    "VIDEO_FORMATS",
    "VIEWS",
    "EnvironmentConfig",
    "ObsType",
    "PlayConfig",
    "RecordConfig",
    "RolloutConfig",
    "ServeConfig",
    "data_folder",
    "keys_file",
]
