"""Atari 2600 games for people and agents: play, roll out, record, replay, serve.

This page is the first of the reference. docs/library.md pairs each command of `atari` with its
function; the names below are loaded on first use, so that `import atari_cli` is quick and loads
neither numpy nor ALE.

Play a game step by step with `AtariEnvironment`, whose words are Gymnasium's:

    from atari_cli import AtariEnvironment

    environment = AtariEnvironment("breakout", repeat_action_probability=0.25)
    result = environment.reset(seed=1)
    while not result.done and environment.state.step_count < 100:
        result = environment.step("FIRE" if result.observation.lives == 5 else "LEFT")
    print(environment.summary().score, result.observation.pixels.shape)

Record such a loop with `RecordedEnvironment`, and `verify` what it wrote:

    from atari_cli import AtariEnvironment, RecordedEnvironment, load_recording, verify

    with RecordedEnvironment(AtariEnvironment("pong", max_frames=400), policy="mine") as pong:
        for seed in range(2):
            result = pong.reset(seed=seed)
            while not result.done:
                result = pong.step("FIRE")
    for path in pong.written:
        verify(load_recording(path))

Play many episodes with a policy, a function of the observation, with `run_episodes`; `summarise`
gives mean, interval and the human-normalised score:

    from atari_cli import EnvironmentConfig, RolloutConfig, find_game, run_episodes, summarise

    config = EnvironmentConfig(game="seaquest", noop_max=30, max_frames=400)
    rollout = RolloutConfig(episodes=2, seed=5)
    episodes = run_episodes(config, lambda observation: "FIRE", rollout)
    print(summarise(episodes, find_game("seaquest")).mean)

Write episodes of a policy to files with `record`, and make a video of one with `render_video`:

    from pathlib import Path
    from atari_cli import EnvironmentConfig, RecordConfig, load_recording, record, render_video

    short = EnvironmentConfig(game="pong", max_frames=200)
    (file,) = record(short, "tracker", files=RecordConfig(video=False))
    render_video(load_recording(file), Path("pong.gif"), RecordConfig(format="gif", scale=1))

Play on a server, this project's or another of OpenEnv, with `AtariEnv`:

    from atari_cli import AtariAction, AtariEnv

    with AtariEnv(base_url="http://localhost:8000").sync() as env:
        result = env.reset(seed=1, game="breakout")
        result = env.step(AtariAction(action_id=1))

Every error that is raised on purpose is an `AtariError`. `atari_env`, the import name of OpenEnv's
Atari environment, exports the same names.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from atari_cli.version import __version__

if TYPE_CHECKING:
    from atari_cli.api.doctor import doctor
    from atari_cli.api.play import play_game, watch_recording
    from atari_cli.api.policies import find_policy
    from atari_cli.api.record import record
    from atari_cli.api.scores import scores
    from atari_cli.client import AtariEnv, SyncAtariEnv
    from atari_cli.config import (
        EnvironmentConfig,
        PlayConfig,
        RecordConfig,
        RolloutConfig,
        ServeConfig,
    )
    from atari_cli.emulator import RewindingEmulator
    from atari_cli.environment import AtariEnvironment
    from atari_cli.errors import (
        AtariError,
        CapacityReached,
        ClientMisused,
        ConnectionLost,
        ContainerFailed,
        EmulatorError,
        InvalidAction,
        InvalidRecording,
        InvalidReply,
        InvalidSetting,
        InvalidState,
        MissingDependency,
        NoDisplay,
        OutputError,
        PolicyFailed,
        RecordingError,
        RecordingExists,
        ReplayMismatch,
        ReplyTimeout,
        ResetNeeded,
        ScriptError,
        ServerError,
        SessionBusy,
        TerminalError,
        UnknownGame,
        UnknownPolicy,
        UnknownSession,
        WorkerLost,
    )
    from atari_cli.games import Game, all_games, find_game, search_games
    from atari_cli.model import (
        AtariAction,
        AtariObservation,
        AtariState,
        EpisodeSummary,
        Policy,
        PolicySource,
        StepResult,
    )
    from atari_cli.recording import (
        BestOf,
        RecordedEnvironment,
        Recorder,
        Recording,
        Replay,
        add_screens,
        load_recording,
        recover,
        render_video,
        verify,
    )
    from atari_cli.rollout import Collect, RayBackend, Summary, run_episodes, summarise
    from atari_cli.server import Server, serve
    from atari_cli.server.mcp.stdio import serve_mcp
    from atari_cli.sink import EpisodeStart, Sink

__all__ = [
    "AtariAction",
    "AtariEnv",
    "AtariEnvironment",
    "AtariError",
    "AtariObservation",
    "AtariState",
    "BestOf",
    "CapacityReached",
    "ClientMisused",
    "Collect",
    "ConnectionLost",
    "ContainerFailed",
    "EmulatorError",
    "EnvironmentConfig",
    "EpisodeStart",
    "EpisodeSummary",
    "Game",
    "InvalidAction",
    "InvalidRecording",
    "InvalidReply",
    "InvalidSetting",
    "InvalidState",
    "MissingDependency",
    "NoDisplay",
    "OutputError",
    "PlayConfig",
    "Policy",
    "PolicyFailed",
    "PolicySource",
    "RayBackend",
    "RecordConfig",
    "RecordedEnvironment",
    "Recorder",
    "Recording",
    "RecordingError",
    "RecordingExists",
    "Replay",
    "ReplayMismatch",
    "ReplyTimeout",
    "ResetNeeded",
    "RewindingEmulator",
    "RolloutConfig",
    "ScriptError",
    "ServeConfig",
    "Server",
    "ServerError",
    "SessionBusy",
    "Sink",
    "StepResult",
    "Summary",
    "SyncAtariEnv",
    "TerminalError",
    "UnknownGame",
    "UnknownPolicy",
    "UnknownSession",
    "WorkerLost",
    "__version__",
    "add_screens",
    "all_games",
    "doctor",
    "find_game",
    "find_policy",
    "load_recording",
    "play_game",
    "record",
    "recover",
    "render_video",
    "run_episodes",
    "scores",
    "search_games",
    "serve",
    "serve_mcp",
    "summarise",
    "verify",
    "watch_recording",
]

_ROOMS: Final = {
    "api.doctor": ("doctor",),
    "api.play": ("play_game", "watch_recording"),
    "api.policies": ("find_policy",),
    "api.record": ("record",),
    "api.scores": ("scores",),
    "client": ("AtariEnv", "SyncAtariEnv"),
    "config": ("EnvironmentConfig", "PlayConfig", "RecordConfig", "RolloutConfig", "ServeConfig"),
    "emulator": ("RewindingEmulator",),
    "environment": ("AtariEnvironment",),
    "errors": (
        "AtariError",
        "CapacityReached",
        "ClientMisused",
        "ConnectionLost",
        "ContainerFailed",
        "EmulatorError",
        "InvalidAction",
        "InvalidRecording",
        "InvalidReply",
        "InvalidSetting",
        "InvalidState",
        "MissingDependency",
        "NoDisplay",
        "OutputError",
        "PolicyFailed",
        "RecordingError",
        "RecordingExists",
        "ReplayMismatch",
        "ReplyTimeout",
        "ResetNeeded",
        "ScriptError",
        "ServerError",
        "SessionBusy",
        "TerminalError",
        "UnknownGame",
        "UnknownPolicy",
        "UnknownSession",
        "WorkerLost",
    ),
    "games": ("Game", "all_games", "find_game", "search_games"),
    "model": (
        "AtariAction",
        "AtariObservation",
        "AtariState",
        "EpisodeSummary",
        "Policy",
        "PolicySource",
        "StepResult",
    ),
    "recording": (
        "BestOf",
        "RecordedEnvironment",
        "Recorder",
        "Recording",
        "Replay",
        "add_screens",
        "load_recording",
        "recover",
        "render_video",
        "verify",
    ),
    "rollout": ("Collect", "RayBackend", "Summary", "run_episodes", "summarise"),
    "server": ("Server", "serve"),
    "server.mcp.stdio": ("serve_mcp",),
    "sink": ("EpisodeStart", "Sink"),
}
_HOMES: Final = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return __all__
