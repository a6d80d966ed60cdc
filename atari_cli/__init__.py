"""Atari 2600 games for people and agents: play, roll out, record, replay, serve.

The public names are loaded on first use, so that `import atari_cli` loads neither numpy nor ALE.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from atari_cli.version import __version__

if TYPE_CHECKING:
    from atari_cli.client import AtariEnv, SyncAtariEnv
    from atari_cli.config import EnvironmentConfig, RolloutConfig
    from atari_cli.environment import AtariEnvironment
    from atari_cli.errors import AtariError
    from atari_cli.model import (
        AtariAction,
        AtariObservation,
        AtariState,
        EpisodeSummary,
        StepResult,
    )
    from atari_cli.rollout import run_episodes

__all__ = [
    "AtariAction",
    "AtariEnv",
    "AtariEnvironment",
    "AtariError",
    "AtariObservation",
    "AtariState",
    "EnvironmentConfig",
    "EpisodeSummary",
    "RolloutConfig",
    "StepResult",
    "SyncAtariEnv",
    "__version__",
    "run_episodes",
]

_HOMES: Final = {
    "AtariAction": "model",
    "AtariEnv": "client",
    "AtariEnvironment": "environment",
    "AtariError": "errors",
    "AtariObservation": "model",
    "AtariState": "model",
    "EnvironmentConfig": "config",
    "EpisodeSummary": "model",
    "RolloutConfig": "config",
    "StepResult": "model",
    "SyncAtariEnv": "client",
    "run_episodes": "rollout",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
