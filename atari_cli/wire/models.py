"""Models of requests and replies, which pydantic reads and describes.

Its lax reading ("2" is 2, but 2.5 is not an integer) and its lists of errors are part of OpenEnv's
contract.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from atari_cli.config import EnvironmentConfig, ObsType
from atari_cli.games import Game
from atari_cli.model import AtariAction, AtariObservation, AtariState, StepResult
from atari_cli.validation import MAX_SEED
from atari_cli.wire.descriptions import described_by
from atari_cli.wire.json_text import Json, to_json

MAX_NAME: Final = 255
"""Characters of an episode's or a request's name."""

_METADATA: Final = (
    "`game_name`, `action_meanings`, `terminated`, `truncated`, `seed`, and `ignored` keys of the "
    "request."
)


class Action(BaseModel):
    """An action as OpenEnv's Atari environment takes it."""

    model_config = ConfigDict(
        extra="forbid", title="AtariAction", json_schema_extra=described_by(AtariAction)
    )

    action_id: int
    game_name: str = EnvironmentConfig.game
    obs_type: ObsType = cast(ObsType, EnvironmentConfig.obs_type)
    full_action_space: bool = EnvironmentConfig.full_action_space
    metadata: Json = Field(default_factory=dict)


class Observation(BaseModel):
    """An observation as OpenEnv's Atari environment sends it; with `done` and `reward`."""

    model_config = ConfigDict(
        extra="forbid",
        title="AtariObservation",
        json_schema_extra=described_by(AtariObservation, StepResult),
    )

    # No item type: a validator that checks 100,800 integers one by one runs out of time.
    screen: list[Any]
    screen_shape: list[int]
    legal_actions: list[int]
    lives: int
    episode_frame_number: int
    frame_number: Annotated[
        int, Field(description="Frames of all episodes of the session, each from its boot.")
    ]
    done: bool = False
    reward: bool | int | float | None = None
    metadata: Annotated[Json, Field(description=_METADATA)] = Field(default_factory=dict)


class State(BaseModel):
    """The state of a session as OpenEnv's Atari environment sends it, with more settings."""

    model_config = ConfigDict(
        extra="allow", title="AtariState", json_schema_extra=described_by(AtariState)
    )

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
    """Settings of a session, at its start and at each reset; those left out keep their values."""

    model_config = ConfigDict(
        extra="allow", title="AtariSettings", json_schema_extra=described_by(EnvironmentConfig)
    )

    game: str | None = None
    game_name: Annotated[str | None, Field(description="The same as `game`.")] = None
    obs_type: str | None = None
    full_action_space: bool | None = None
    mode: Annotated[
        int | None,
        Field(description="A game mode by ALE's number; another game starts in its default."),
    ] = None
    difficulty: Annotated[
        int | None,
        Field(description="A difficulty by ALE's number; another game starts in its default."),
    ] = None
    repeat_action_probability: float | None = None
    frameskip: int | None = None
    noop_max: int | None = None
    max_frames: int | None = None


class ResetRequest(Settings):
    """The body of POST /reset, and the data of a WebSocket reset."""

    model_config = ConfigDict(title="ResetRequest")

    seed: Annotated[
        int | None,
        Field(ge=0, le=MAX_SEED, description="The episode's seed; by default the session's next."),
    ] = None
    episode_id: Annotated[
        str | None, Field(max_length=MAX_NAME, description="The episode's name; by default random.")
    ] = None


class StepRequest(BaseModel):
    """The body of POST /step."""

    model_config = ConfigDict(extra="allow", title="StepRequest")

    action: Annotated[Action, Field(description="The action of the step.")]
    timeout_s: Annotated[float | None, Field(gt=0, description="Ignored.")] = None
    request_id: Annotated[str | None, Field(max_length=MAX_NAME, description="Ignored.")] = None


class StepResponse(BaseModel):
    """The reply to a reset or a step."""

    model_config = ConfigDict(
        extra="forbid", title="StepResponse", json_schema_extra=described_by(StepResult)
    )

    observation: Json
    reward: bool | int | float | None = None
    done: bool
    metadata: Annotated[Json | None, Field(description=_METADATA)] = None


class StateMessage(BaseModel):
    """A message without data."""

    model_config = ConfigDict(extra="forbid")

    type: Annotated[str, Field(description="The kind of message.")]


class GameDescription(BaseModel):
    """The facts about a game that every list of games has."""

    model_config = ConfigDict(json_schema_extra=described_by(Game))

    title: str
    year: int | None
    publisher: str | None
    actions: Annotated[list[str], Field(description="Names of the actions that the game uses.")]
    modes: list[int]
    default_mode: int
    difficulties: list[int]
    default_difficulty: int
    lives: int


class Message(StateMessage):
    """A message of the WebSocket; each type allows only its own keys."""

    data: Annotated[Json, Field(description="The data of this kind of message.")] = Field(
        default_factory=dict
    )


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
