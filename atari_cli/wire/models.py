"""Models of requests and replies, which pydantic reads and describes.

Its lax reading ("2" is 2, but 2.5 is not an integer) and its lists of errors are part of OpenEnv's
contract.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from atari_cli.config import EnvironmentConfig, ObsType
from atari_cli.validation import MAX_SEED
from atari_cli.wire.json_text import Json, to_json

MAX_NAME: Final = 255
"""Characters of an episode's or a request's name."""


class Action(BaseModel):
    """An action as OpenEnv's Atari environment takes it."""

    model_config = ConfigDict(extra="forbid", title="AtariAction")

    action_id: Annotated[int, Field(description="An index into the action set.")]
    game_name: Annotated[str, Field(description="Ignored: the session knows its game.")] = (
        EnvironmentConfig.game
    )
    obs_type: Annotated[ObsType, Field(description="Ignored, too.")] = cast(
        ObsType, EnvironmentConfig.obs_type
    )
    full_action_space: Annotated[bool, Field(description="Ignored, too.")] = (
        EnvironmentConfig.full_action_space
    )
    metadata: Json = Field(default_factory=dict)


class Observation(BaseModel):
    """An observation as OpenEnv's Atari environment sends it; with `done` and `reward`."""

    model_config = ConfigDict(extra="forbid", title="AtariObservation")

    # No item type: a validator that checks 100,800 integers one by one runs out of time.
    screen: Annotated[list[Any], Field(description="The screen, flattened row by row, 0-255.")]
    screen_shape: list[int]
    legal_actions: list[int]
    lives: int
    episode_frame_number: int
    frame_number: int
    done: bool = False
    reward: bool | int | float | None = None
    metadata: Json = Field(default_factory=dict)


class State(BaseModel):
    """The state of a session as OpenEnv's Atari environment sends it, with more settings."""

    model_config = ConfigDict(extra="allow", title="AtariState")

    episode_id: str | None = None
    step_count: Annotated[int, Field(ge=0)] = 0
    game_name: str = EnvironmentConfig.game
    obs_type: str = EnvironmentConfig.obs_type
    full_action_space: bool = EnvironmentConfig.full_action_space
    mode: int | None = EnvironmentConfig.mode
    difficulty: int | None = EnvironmentConfig.difficulty
    repeat_action_probability: float = EnvironmentConfig.repeat_action_probability
    frameskip: int = EnvironmentConfig.frameskip
    noop_max: int = EnvironmentConfig.noop_max
    max_frames: int = EnvironmentConfig.max_frames
    seed: int | None = None


class Settings(BaseModel):
    """Settings of a session, at its start and at each reset; the last value is kept."""

    model_config = ConfigDict(extra="allow", title="AtariSettings")

    game: str | None = None
    game_name: Annotated[str | None, Field(description="The same as `game`.")] = None
    obs_type: str | None = None
    full_action_space: bool | None = None
    mode: int | None = None
    difficulty: int | None = None
    repeat_action_probability: float | None = None
    frameskip: int | None = None
    noop_max: int | None = None
    max_frames: int | None = None


class ResetRequest(Settings):
    """The body of POST /reset, and the data of a WebSocket reset."""

    model_config = ConfigDict(extra="allow", title="ResetRequest")

    seed: Annotated[int | None, Field(ge=0, le=MAX_SEED)] = None
    episode_id: Annotated[str | None, Field(max_length=MAX_NAME)] = None


class StepRequest(BaseModel):
    """The body of POST /step."""

    model_config = ConfigDict(extra="allow", title="StepRequest")

    action: Action
    timeout_s: Annotated[float | None, Field(gt=0)] = None
    request_id: Annotated[str | None, Field(max_length=MAX_NAME)] = None


class StepResponse(BaseModel):
    """The reply to a reset or a step."""

    model_config = ConfigDict(extra="forbid", title="StepResponse")

    observation: Json
    reward: bool | int | float | None = None
    done: bool
    metadata: Json | None = None


class StateMessage(BaseModel):
    """A message without data."""

    model_config = ConfigDict(extra="forbid")

    type: str


class GameDescription(BaseModel):
    """The facts about a game that every list of games has."""

    title: str
    year: int | None
    publisher: str | None
    actions: list[str]
    modes: list[int]
    default_mode: int
    difficulties: list[int]
    default_difficulty: int
    lives: Annotated[int, Field(description="At the start; 0 if ALE counts none.")]


class Message(StateMessage):
    """A message of the WebSocket; each type allows only its own keys."""

    data: Json = Field(default_factory=dict)


SETTING_NAMES: Final = tuple(Settings.model_fields)
_MOST_LISTED: Final = 100
"""Errors, keys and characters of a key that a reply lists: a message may have millions."""


def read_settings(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the settings of a request by their names in EnvironmentConfig, and the ignored keys.

    Only the first of many ignored keys, and the beginning of a long key, are returned.
    """
    settings = {name: values[name] for name in SETTING_NAMES if values.get(name) is not None}
    if "game_name" in settings:
        settings.setdefault("game", settings.pop("game_name"))
        settings.pop("game_name", None)
    ignored = sorted(set(values) - {*ResetRequest.model_fields})
    return settings, [key[:_MOST_LISTED] for key in ignored[:_MOST_LISTED]]


def error_list(error: ValidationError, *location: str) -> list[Json]:
    """Return pydantic's errors as OpenEnv lists them: type, loc, msg and input, without a URL.

    Too many errors are counted instead: each takes a thousand times the memory of its input.

    Args:
        error: The error of a validation.
        location: Where the document was, such as `body`; the beginning of each `loc`.
    """
    count = error.error_count()
    if count > _MOST_LISTED:
        text = f"{count} errors, which are too many to list"
        return [{"type": "too_many_errors", "loc": [*location], "msg": text, "input": None}]
    found = []
    for item in error.errors(include_url=False, include_context=False):
        found.append({**item, "loc": [*location, *item["loc"]], "input": _plain(item["input"])})
    return found


def _plain(value: Any) -> Any:
    """Return an input to quote in an error; a long one is cut to save traffic."""
    try:
        text = to_json(value)
    except TypeError:
        return str(value)[:200]
    return value if len(text) <= 1000 else f"{text[:200].decode(errors='replace')}…"
