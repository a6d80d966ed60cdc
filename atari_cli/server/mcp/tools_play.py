"""The tools that play: each holds the session while it works."""

import re
from contextlib import suppress
from dataclasses import fields
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from atari_cli.actions import ACTION_NAMES, action_index
from atari_cli.config import LIMITS, EnvironmentConfig
from atari_cli.errors import AtariError, InvalidAction, InvalidSetting, ResetNeeded
from atari_cli.games import find_game
from atari_cli.server.mcp.caller import Caller
from atari_cli.server.mcp.labels import HINTS
from atari_cli.server.mcp.report import (
    MOST_SCALE,
    SCALE,
    PressResult,
    ScreenResult,
    Status,
    StepNotes,
    Stop,
    picture,
)
from atari_cli.server.mcp.tool import MOST_LETTERS, Text, ToolReply, tool
from atari_cli.server.sessions.session import MOST_FRAMES
from atari_cli.server.sessions.view import EpisodeView, Playing
from atari_cli.validation import MAX_SEED
from atari_cli.wire.json_text import from_json

MOST_PRESSES: Final = 100
MOST_STEPS: Final = 10_000
"""Steps of one press: at four frames a step, eleven minutes of play."""

_StateName = Annotated[str, Field(min_length=1, max_length=40)]


def _ranged(name: str, kind: Any) -> Any:
    """Return the type of an argument that has the range of a setting."""
    low, high = LIMITS.get(name, (None, None))
    return Annotated[kind | None, Field(ge=low, le=high)]


_SETTINGS: Final = {
    item.name: _ranged(item.name, item.type)
    for item in fields(EnvironmentConfig)
    if item.name not in {"game", "obs_type", "sound"}
}


class NewGameResult(Status):
    """The state of a new game, and how it is played."""

    frames_per_second: Annotated[int, Field(description="60 or, for PAL, 50.")]
    hint: Annotated[str | None, Field(description="How to play it, if known.")]

    def __str__(self) -> str:
        lines = [
            super().__str__(),
            f"{self.means}, {self.frames_per_second} frames are a second",
            *([self.hint] if self.hint else []),
            f"session_id: {self.session_id}",
        ]
        return "\n".join(lines)


class Keypress(BaseModel):
    """One action, held for some steps."""

    model_config = ConfigDict(extra="forbid")

    action: Annotated[
        str, Field(max_length=MOST_LETTERS, description="A name, such as NOOP, FIRE or UPLEFT.")
    ]
    steps: Annotated[int, Field(ge=1, le=MOST_STEPS, description="Steps to hold it.")] = 1


def _as_presses(value: Any) -> Any:
    """Return a list of presses from what models also write: JSON as text, and names alone."""
    items: list[Any] = []
    for item in value if isinstance(value, list) else [value]:
        read = _as_items(item) if isinstance(item, str) else item
        items += read if isinstance(read, list) else [read]
    return [{"action": item} if isinstance(item, str) else item for item in items]


def _as_items(value: Any) -> Any:
    """Return the JSON that a text is, or else the names that it lists; other values as they are."""
    if not isinstance(value, str):
        return value
    if value.lstrip()[:1] in {"[", "{"}:
        with suppress(ValueError):
            return from_json(value)
    return [name for part in re.split("[,;\n]", value) if (name := part.strip())]


_Presses = Annotated[
    list[Keypress],
    Field(min_length=1, max_length=MOST_PRESSES),
    BeforeValidator(_as_presses),
]
_StopOn = Annotated[tuple[Stop, ...], BeforeValidator(_as_items)]


class SaveResult(Status):
    """The state of a game that was saved."""

    name: Annotated[str, Field(description="Its name, for restore_state.")]
    replaced: Annotated[bool, Field(description="Whether another game had that name.")]

    def __str__(self) -> str:
        what = f"saved as {self.name!r}" + (", in place of an earlier one" * self.replaced)
        return f"{what}\n{super().__str__()}"


@tool("Start a game", more=_SETTINGS)
def new_game(
    caller: Caller,
    *,
    game: Text,
    seed: Annotated[int | None, Field(ge=0, le=MAX_SEED)] = None,
    session_id: Text | None = None,
    with_screen: bool = False,
    **settings: Any,
) -> ToolReply[NewGameResult]:
    """Start a game, in place of the previous one, and return its state. It waits for press.

    The server's defaults apply to settings that are left out.

    Args:
        caller: The caller.
        game: A game in any spelling.
        seed: The same seed gives the same game.
        session_id: As new_game returned it; omit it if your client keeps a session.
        with_screen: Return the picture as well.
        settings: Further settings, as follows.
        mode: One of game_info's modes.
        difficulty: One of its difficulties.
        frameskip: Frames per step; 60 frames are a second.
        repeat_action_probability: Chance that a frame repeats the previous action.
        full_action_space: All actions of the joystick, not just the game's.
        noop_max: Start with 1 to this many frames of NOOP.
        max_frames: Truncate the game after this many frames; 0 means never.
    """
    is_named = bool(session_id)
    is_new = not is_named and not caller.has_session
    session = caller.session(session_id) if is_named else caller.open()
    given = {name: value for name, value in settings.items() if value is not None}
    try:
        config = caller.sessions.config.with_settings({**given, "game": find_game(game).id})
        every = {name: getattr(config, name) for name in ("game", *_SETTINGS)}
        session.reset(lambda result, state: None, seed, settings=every)
    except AtariError:
        if is_new:
            caller.sessions.close(session)
        raise

    def describe(view: EpisodeView) -> ToolReply[NewGameResult]:
        fps, hint = view.game.fps, HINTS.get(view.game.id)
        begun = NewGameResult.of(view, frames_per_second=fps, hint=hint)
        return ToolReply(begun, picture(view) if with_screen else None)

    return session.read(describe)


@tool("Press keys")
def press(
    caller: Caller,
    *,
    actions: _Presses,
    stop_on: _StopOn = (),
    session_id: Text | None = None,
    with_screen: bool = False,
) -> ToolReply[PressResult]:
    """Play named actions one after another, each for a number of steps, and return the effect.

    It stops if the game ends. The result has score, lives, the steps at which something happened,
    what moved and in which direction, in pixels right and down, and what else changed on the
    screen.

    Args:
        caller: The caller.
        actions: Played one after another, such as
            [{"action": "RIGHT", "steps": 10}, {"action": "FIRE"}].
        stop_on: Also stop after a step that costs a life, that earns a reward, or after which the
            screen is not as it was before the call, such as ["life", "reward"].
        session_id: As new_game returned it; omit it if your client keeps a session.
        with_screen: Return the picture as well.
    """
    session = caller.game(session_id)

    def work(playing: Playing) -> ToolReply[PressResult]:
        view = playing.view()
        if view.result.done:
            raise ResetNeeded("the game is over: call new_game, or restore_state if you saved one")
        notes = StepNotes(view, stop_on)
        for action in _batch(actions, view):
            result = playing.step(action)
            notes.add(result)
            if result.done or notes.is_over:
                break
        view = playing.view()
        played = notes.result(view)
        return ToolReply(played, picture(view) if with_screen else None)

    return session.play(work)


@tool("State of the game", only_reads=True)
def status(caller: Caller, *, session_id: Text | None = None) -> ToolReply[Status]:
    """Return score, lives, steps, actions and the known values in the game's memory.

    Args:
        caller: The caller.
        session_id: As new_game returned it; omit it if your client keeps a session.
    """

    def describe(view: EpisodeView) -> ToolReply[Status]:
        found = Status.of(view)
        more = f"\nsaved: {', '.join(found.saved)}" if found.saved else ""
        return ToolReply(found, text=f"{found}\n{found.means}{more}")

    return caller.game(session_id).read(describe)


@tool("Look at the screen", only_reads=True)
def screen(
    caller: Caller,
    *,
    scale: Annotated[int, Field(ge=1, le=MOST_SCALE)] = SCALE,
    session_id: Text | None = None,
) -> ToolReply[ScreenResult]:
    """Return the picture as PNG, and a list in words of what stands out on it.

    Args:
        caller: The caller.
        scale: Pixels of the picture per Atari pixel.
        session_id: As new_game returned it; omit it if your client keeps a session.
    """

    def describe(view: EpisodeView) -> ToolReply[ScreenResult]:
        return ToolReply(ScreenResult.of(view, scale), picture(view, scale))

    return caller.game(session_id).read(describe)


@tool("Save the game")
def save_state(
    caller: Caller, *, name: _StateName = "quick", session_id: Text | None = None
) -> ToolReply[SaveResult]:
    """Save the game under a name, up to 8 times, and return its state.

    A game with the same name is replaced.

    Args:
        caller: The caller.
        name: A name for the saved game.
        session_id: As new_game returned it; omit it if your client keeps a session.
    """

    def describe(view: EpisodeView, replaced: bool) -> ToolReply[SaveResult]:
        return ToolReply(SaveResult.of(view, name=name, replaced=replaced))

    return caller.game(session_id).save(name, describe)


@tool("Restore a saved game")
def restore_state(
    caller: Caller,
    *,
    name: _StateName = "quick",
    session_id: Text | None = None,
    with_screen: bool = False,
) -> ToolReply[Status]:
    """Go back to what save_state saved, score and game included, and return its state.

    Args:
        caller: The caller.
        name: A name for the saved game.
        session_id: As new_game returned it; omit it if your client keeps a session.
        with_screen: Return the picture as well.
    """

    def describe(view: EpisodeView) -> ToolReply[Status]:
        found = Status.of(view)
        return ToolReply(
            found, picture(view) if with_screen else None, f"restored {name!r}\n{found}"
        )

    return caller.session(session_id).restore(name, describe)


def _batch(presses: list[Keypress], view: EpisodeView) -> list[int]:
    """Return the index of each step's action."""
    most = MOST_FRAMES // view.config.frameskip
    steps = sum(press.steps for press in presses)
    if steps > most:
        raise InvalidSetting(f"expected at most {most} steps in one call, got {steps}")
    batch: list[int] = []
    for press in presses:
        batch += [_index(press.action, view)] * press.steps
    return batch


def _index(name: str, view: EpisodeView) -> int:
    try:
        return action_index(name, view.action_codes)
    except InvalidAction:
        names = ", ".join(ACTION_NAMES[code] for code in view.action_codes)
        expected = f"{view.game.id} is played with {names}"
        more = "full_action_space of new_game has all 18 actions"
        raise InvalidAction(f"{expected}, got {name!r}; {more}") from None
