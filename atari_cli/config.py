"""Every setting: its default, its range and its environment variable, once each."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

from atari_cli.checks import (
    check_seed,
    flag,
    host_name,
    is_loopback,
    one_of,
    optional,
    parse_variable,
    probability,
    secret,
    text,
    web_origin,
    whole_number,
)
from atari_cli.errors import InvalidSetting

ObsType = Literal["rgb", "grayscale", "ram"]
OBS_TYPES: Final[tuple[str, ...]] = get_args(ObsType)


def _setting(default: Any, check: Callable[[str, Any], Any], variable: str | None = None) -> Any:
    return field(default=default, metadata={"check": check, "variable": variable})


def _obs_type(name: str, value: Any) -> str:
    return one_of(name, value, OBS_TYPES)


@dataclass(frozen=True)
class EnvironmentConfig:
    """The settings of an environment; each value is checked when the object is made.

    Attributes:
        game: A game's name in any spelling.
        obs_type: `rgb` (height, 160, 3), `grayscale` (height, 160) or `ram` (128,), all uint8.
        full_action_space: All 18 actions in place of the game's minimal set.
        mode: A game mode as ALE numbers them; None is the game's default.
        difficulty: A difficulty as ALE numbers them; None is the game's default.
        repeat_action_probability: Sticky actions (Machado et al. 2018), drawn per frame.
        frameskip: Frames per step.
        noop_max: Each episode starts with 1 to `noop_max` frames of NOOP; 0 is none.
        max_frames: An episode is truncated when ALE's episode counter reaches it; 0 is never.
        sound: Keep the sound samples of each frame.

    Raises:
        InvalidSetting: If a value is outside its range.
    """

    game: str = _setting("pong", text, "ATARI_GAME")
    obs_type: str = _setting("rgb", _obs_type, "ATARI_OBS_TYPE")
    full_action_space: bool = _setting(False, flag, "ATARI_FULL_ACTION_SPACE")
    mode: int | None = _setting(None, optional(whole_number(0, 65_535)), "ATARI_MODE")
    difficulty: int | None = _setting(None, optional(whole_number(0, 65_535)), "ATARI_DIFFICULTY")
    repeat_action_probability: float = _setting(0.0, probability, "ATARI_REPEAT_ACTION_PROB")
    frameskip: int = _setting(4, whole_number(1, 1000), "ATARI_FRAMESKIP")
    noop_max: int = _setting(0, whole_number(0, 1000), "ATARI_NOOP_MAX")
    max_frames: int = _setting(108_000, whole_number(0, 2**31 - 1), "ATARI_MAX_FRAMES")
    sound: bool = _setting(False, flag)

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = setting.metadata["check"](setting.name, getattr(self, setting.name))
            object.__setattr__(self, setting.name, value)

    def with_settings(self, settings: Mapping[str, Any]) -> "EnvironmentConfig":
        """Return a copy with some settings changed.

        A new game drops a mode and difficulty that were given for another.

        Raises:
            InvalidSetting: If a name is not a setting or a value is outside its range.
        """
        known = {setting.name for setting in fields(self)}
        for name in settings:
            if name not in known:
                raise InvalidSetting(f"unknown setting {name!r}; expected one of {sorted(known)}")
        if _letters(settings.get("game", self.game)) != _letters(self.game):
            settings = {"mode": None, "difficulty": None, **settings}
        return replace(self, **settings)

    @classmethod
    def from_variables(
        cls,
        explicit: Mapping[str, Any],
        game_id: Callable[[str], str],
        variables: Mapping[str, str] = os.environ,
    ) -> "EnvironmentConfig":
        """Return the settings by precedence: explicit value, `ATARI_*` variable, default.

        Args:
            explicit: Settings by name; None means that the user did not give it.
            game_id: Returns the id of a game in any spelling: `games.game_id`.
            variables: The environment variables.

        Raises:
            InvalidSetting: If a value is outside its range; for a variable, the message names it.
        """
        settings: dict[str, Any] = {}
        for setting in fields(cls):
            variable = setting.metadata["variable"]
            if explicit.get(setting.name) is not None:
                settings[setting.name] = explicit[setting.name]
            elif variable and variables.get(variable, "").strip():
                value = parse_variable(variable, variables[variable].strip(), setting.type)
                settings[setting.name] = setting.metadata["check"](variable, value)
        game = explicit.get("game")
        settings["game"] = game_id(game if game is not None else settings.get("game", cls.game))
        other = variables.get("ATARI_GAME", "").strip()
        if game is not None and other and not _is_same(settings["game"], other, game_id):
            # ATARI_MODE and ATARI_DIFFICULTY were given for ATARI_GAME, not for this game.
            for name in ("mode", "difficulty"):
                if explicit.get(name) is None:
                    settings.pop(name, None)
        return cls(**settings)


def _is_same(game: str, other: str, game_id: Callable[[str], str]) -> bool:
    """Return whether a name is that of a game; one that no game has is not."""
    try:
        return game_id(other) == game
    except InvalidSetting:
        return False


def _letters(name: Any) -> str:
    """Return what two spellings of a game have in common; the settings check that it is text."""
    return "".join(character for character in str(name).casefold() if character.isalnum())


VARIABLES: Final[dict[str, str]] = {
    setting.metadata["variable"]: setting.name
    for setting in fields(EnvironmentConfig)
    if setting.metadata["variable"]
}
"""Each `ATARI_*` variable and the setting that it gives."""


@dataclass(frozen=True)
class RolloutConfig:
    """How many episodes to play, from which seed, on how many workers.

    Attributes:
        episodes: Number of episodes; None with `steps` is as many as these take.
        steps: Total number of steps, in place of `episodes`; the last episode is cut there.
        seed: Seed of the run; episode k's own seed follows from (seed, k) alone.
        first_episode: Index of the first episode.
        workers: Number of processes; 1 plays in the calling process.

    Raises:
        InvalidSetting: If a value is outside its range, or episodes and steps are both given.
    """

    episodes: int | None = None
    steps: int | None = None
    seed: int = 0
    first_episode: int = 0
    workers: int = 1

    DEFAULT_EPISODES = 10

    def __post_init__(self) -> None:
        if self.episodes is not None and self.steps is not None:
            raise InvalidSetting("give episodes or steps, not both")
        if self.steps is None:
            episodes = self.DEFAULT_EPISODES if self.episodes is None else self.episodes
            object.__setattr__(self, "episodes", whole_number(1, 10**9)("episodes", episodes))
        else:
            object.__setattr__(self, "steps", whole_number(1, 10**12)("steps", self.steps))
        object.__setattr__(self, "seed", check_seed("seed", self.seed))
        first = whole_number(0, 10**9)("first_episode", self.first_episode)
        object.__setattr__(self, "first_episode", first)
        object.__setattr__(self, "workers", whole_number(1, 1024)("workers", self.workers))


VIDEO_FORMATS: Final = ("mp4", "gif", "mkv")


@dataclass(frozen=True)
class RecordConfig:
    """What is written of each episode, and where.

    Attributes:
        out: Folder of the recordings; it is made when missing.
        video: Write a video beside the NPZ file.
        format: `mp4` (H.264 with sound), `gif` (50 frames/s, no sound) or `mkv` (lossless).
        scale: Video pixels per Atari pixel, in both directions.
        screens: Store the screen and RAM of each step in the NPZ file.
        overwrite: Replace files that are there already.

    Raises:
        InvalidSetting: If a value is outside its range.
    """

    out: Path = Path("recordings")
    video: bool = True
    format: str = "mp4"
    scale: int = 4
    screens: bool = True
    overwrite: bool = False

    def __post_init__(self) -> None:
        one_of("format", self.format, VIDEO_FORMATS)
        whole_number(1, 16)("scale", self.scale)


SERVE_MODES: Final = ("simulation", "production")
LOG_LEVELS: Final = ("debug", "info", "warning", "error")


@dataclass(frozen=True)
class ServeConfig:
    """Where the server listens, whom it lets in, and how much it takes on.

    Attributes:
        host: Address to listen on. Beyond this machine it takes a token, or the explicit
            `allow_unauthenticated`.
        port: TCP port; 0 is any free one.
        max_sessions: Sessions at a time, over HTTP and WebSocket together.
        idle_timeout: Seconds after which a session that nobody uses is ended.
        token: What each request must show; None is nothing.
        allow_hosts: Names that the Host header may have, beside those of this machine; `*` is any.
        allow_origins: Origins of web pages that may use the server, beside its own.
        allow_unauthenticated: Listen beyond this machine without a token.
        mode: `production` leaves out the routes /reset, /step and /state, as OpenEnv does.
        web: Serve the page at /web.
        log_level: What is logged: `debug`, `info`, `warning` or `error`.
        log_json: Log one JSON object a line.

    Raises:
        InvalidSetting: If a value is outside its range, or the host asks for a token.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    max_sessions: int = 256
    idle_timeout: float = 1800.0
    token: str | None = field(default=None, repr=False)
    allow_hosts: tuple[str, ...] = ()
    allow_origins: tuple[str, ...] = ()
    allow_unauthenticated: bool = False
    mode: str = "simulation"
    web: bool = True
    log_level: str = "info"
    log_json: bool = False

    def __post_init__(self) -> None:
        whole_number(0, 65_535)("port", self.port)
        whole_number(1, 100_000)("max_sessions", self.max_sessions)
        if not 0.0 < self.idle_timeout < float("inf"):
            raise InvalidSetting(f"idle_timeout must be seconds over 0, got {self.idle_timeout}")
        text("host", self.host)
        for name in self.allow_hosts:
            host_name("allow_host", name)
        for origin in self.allow_origins:
            web_origin("allow_origin", origin)
        optional(secret)("token", self.token)
        one_of("mode", self.mode, SERVE_MODES)
        one_of("log_level", self.log_level, LOG_LEVELS)
        if not (self.token or self.allow_unauthenticated or is_loopback(self.host)):
            raise InvalidSetting(
                f"host {self.host} can be reached from other machines: give --token, or "
                "--allow-unauthenticated if everyone who reaches it may play"
            )

    @classmethod
    def from_variables(
        cls, explicit: Mapping[str, Any], variables: Mapping[str, str] = os.environ
    ) -> "ServeConfig":
        """Return the settings by precedence: explicit value, variable, default.

        The variables are OpenEnv's `OPENENV_MODE` and `ENABLE_WEB_INTERFACE`, `SPACE_HOST` of a
        Hugging Face Space, and `ATARI_TOKEN`.

        Args:
            explicit: Settings by name; None means that the user did not give it.
            variables: The environment variables.

        Raises:
            InvalidSetting: If a value is outside its range; for a variable, the message names it.
        """
        settings = {name: value for name, value in explicit.items() if value is not None}
        if variables.get("OPENENV_MODE", "").strip():
            settings.setdefault("mode", variables["OPENENV_MODE"].strip().lower())
            one_of("OPENENV_MODE", settings["mode"], SERVE_MODES)
        if variables.get("ENABLE_WEB_INTERFACE", "").strip().lower() in {"false", "0", "no"}:
            settings.setdefault("web", False)
        if variables.get("ATARI_TOKEN", "").strip() and "token" not in settings:
            settings["token"] = secret("ATARI_TOKEN", variables["ATARI_TOKEN"].strip())
        space = variables.get("SPACE_HOST", "").strip()
        spaces = [host_name("SPACE_HOST", space)] if space else []
        settings["allow_hosts"] = (*settings.get("allow_hosts", ()), *spaces)
        return cls(**settings)
