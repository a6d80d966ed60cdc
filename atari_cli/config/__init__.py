"""Every setting: its default, its range and its environment variable, in one place."""

from atari_cli.config.environment import (
    LIMITS,
    OBS_TYPES,
    VARIABLES,
    EnvironmentConfig,
    ObsType,
    unknown_variables,
)
from atari_cli.config.folders import data_folder, keys_file
from atari_cli.config.play import PLAY_SETTINGS, VIEWS, WEB_SETTINGS, PlayConfig, settings_form
from atari_cli.config.record import VIDEO_FORMATS, RecordConfig
from atari_cli.config.rollout import RolloutConfig
from atari_cli.config.serve import LOG_LEVELS, SERVE_MODES, ServeConfig

__all__ = [
    "LIMITS",
    "LOG_LEVELS",
    "OBS_TYPES",
    "PLAY_SETTINGS",
    "SERVE_MODES",
    "VARIABLES",
    "VIDEO_FORMATS",
    "VIEWS",
    "WEB_SETTINGS",
    "EnvironmentConfig",
    "ObsType",
    "PlayConfig",
    "RecordConfig",
    "RolloutConfig",
    "ServeConfig",
    "data_folder",
    "keys_file",
    "settings_form",
    "unknown_variables",
]
