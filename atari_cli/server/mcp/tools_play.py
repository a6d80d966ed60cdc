"""The tools that play: each holds the session while it works."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final

from pydantic import Field

from atari_cli.actions import ACTION_NAMES, action_code
from atari_cli.checks import MAX_SEED
from atari_cli.config import LIMITS
from atari_cli.errors import AtariError, InvalidAction, InvalidSetting, ResetNeeded
from atari_cli.games import find_game
from atari_cli.model import AtariState, StepResult
from atari_cli.pictures.png import png
from atari_cli.server.mcp.caller import NO_GAME, Caller
from atari_cli.server.mcp.labels import HINTS
from atari_cli.server.mcp.reply import ToolReply
from atari_cli.server.mcp.report import PressResult, ScreenResult, Status, StepNotes
from atari_cli.server.mcp.schemas import MOST_LETTERS, Arguments, GameName, Text
from atari_cli.server.mcp.tool import tool
from atari_cli.server.sessions.saved_states import MOST_SAVED
from atari_cli.server.sessions.session import MOST_FRAMES, Session
from atari_cli.server.sessions.view import EpisodeView, Playing

MOST_SCALE: Final = 4
MOST_PRESSES: Final = 100
MOST_STEPS: Final = 10_000
"""Steps of one press: at four frames a step, eleven minutes of play."""

_SCALE: Final = 2


class SessionArguments(Arguments):
    """Arguments of a tool about a game in play."""

    session_id: Annotated[
        Text | None,
        Field(description="As new_game returned it; omit it if your client keeps a session."),
    ] = None


class PictureArguments(SessionArguments):
    """Arguments of a tool that can return the screen as well."""

    with_screen: Annotated[bool, Field(description="Return the picture as well.")] = False


def _range(setting: str, description: str) -> Any:
    """Return the field of an argument that has the range of a setting."""
    low, high = LIMITS[setting]
    return Field(ge=low, le=high, description=description)


class NewGameArguments(PictureArguments):
    """Arguments of `new_game`; the server's defaults apply to those left out."""

    game: GameName
    seed: Annotated[
        int | None, Field(ge=0, le=MAX_SEED, description="The same seed gives the same game.")
    ] = None
    mode: Annotated[int | None, Field(description="One of game_info's modes.")] = None
    difficulty: Annotated[int | None, Field(description="One of its difficulties.")] = None
    frameskip: Annotated[
        int | None, _range("frameskip", "Frames per step; 60 frames are a second.")
    ] = None
    repeat_action_probability: Annotated[
        float | None,
        _range("repeat_action_probability", "Chance that a frame repeats the previous action."),
    ] = None
    full_action_space: Annotated[
        bool | None, Field(description="All actions of the joystick, not just the game's.")
    ] = None
    noop_max: Annotated[
        int | None, _range("noop_max", "Start with 1 to this many frames of NOOP.")
    ] = None
    max_frames: Annotated[
        int | None, _range("max_frames", "Truncate the game after this many frames; 0 means never.")
    ] = None


_SETTINGS: Final = NewGameArguments.model_fields.keys() - {"session_id", "with_screen", "seed"}


class NewGameResult(Status):
    """The state of a new game, and how it is played."""

    frames_per_second: int
    hint: str | None

    def __str__(self) -> str:
        lines = [
            super().__str__(),
            f"{self.means}, {self.frames_per_second} frames are a second",
            *([self.hint] if self.hint else []),
            f"session_id: {self.session_id}",
        ]
        return "\n".join(lines)


class Keypress(Arguments):
    """One action, held for some steps."""

    action: Annotated[
        str, Field(max_length=MOST_LETTERS, description="A name, such as NOOP, FIRE or UPLEFT.")
    ]
    steps: Annotated[int, Field(ge=1, le=MOST_STEPS, description="Steps to hold it.")] = 1


class PressArguments(PictureArguments):
    """Arguments of `press`."""

    actions: Annotated[
        list[Keypress],
        Field(
            min_length=1,
            max_length=MOST_PRESSES,
            description="Played one after another, such as "
            '[{"action": "RIGHT", "steps": 10}, {"action": "FIRE"}].',
        ),
    ]


class ScreenArguments(SessionArguments):
    """Arguments of `screen`."""

    scale: Annotated[
        int, Field(ge=1, le=MOST_SCALE, description="Pixels of the picture per Atari pixel.")
    ] = _SCALE


_StateName = Annotated[
    str, Field(min_length=1, max_length=40, description="A name for the saved game.")
]


class SaveArguments(SessionArguments):
    """Arguments of `save_state`."""

    name: _StateName = "quick"


class SaveResult(Status):
    """The state of a game that was saved."""

    name: str
    replaced: bool

    def __str__(self) -> str:
        what = f"saved as {self.name!r}" + (", in place of an earlier one" * self.replaced)
        return f"{what}\n{super().__str__()}"


class RestoreArguments(PictureArguments):
    """Arguments of `restore_state`."""

    name: _StateName = "quick"


@tool(
    "Start a game",
    "Starts a game, in place of the previous one. It waits for press.",
    NewGameResult,
)
def new_game(arguments: NewGameArguments, caller: Caller) -> ToolReply:
    """Start a game in the caller's session and return its state.

    Args:
        arguments: The arguments of the call.
        caller: Who calls.
    """
    is_named = arguments.session_id is not None
    is_new = not is_named and not caller.has_session
    session = caller.session(arguments.session_id) if is_named else caller.open()
    try:
        session.reset(_nothing, arguments.seed, None, _settings(arguments, caller))
    except AtariError:
        if is_new:
            caller.sessions.close(session)
        raise

    def describe(view: EpisodeView) -> ToolReply:
        fps, hint = view.game.fps, HINTS.get(view.game.id)
        begun = NewGameResult.of(view, frames_per_second=fps, hint=hint)
        return _shown(arguments, ToolReply(str(begun), begun), view)

    return _read(session, describe)


@tool(
    "Press keys",
    "Plays named actions one after another, each for a number of steps, and stops if the game "
    "ends. Returns reward, score, lives, the steps at which something happened, and where the "
    "screen changed.",
    PressResult,
)
def press(arguments: PressArguments, caller: Caller) -> ToolReply:
    """Play actions, up to the game's end, and return their effect.

    Args:
        arguments: The arguments of the call.
        caller: Who calls.
    """
    session = caller.session(arguments.session_id)

    def work(playing: Playing) -> ToolReply:
        view = playing.view()
        if view.result.done:
            raise ResetNeeded("the game is over: call new_game, or restore_state if you saved one")
        notes = StepNotes(view)
        for action in _batch(arguments.actions, view):
            result = playing.step(action)
            notes.add(result)
            if result.done:
                break
        view = playing.view()
        played = notes.result(view)
        caller.metrics.env_steps.inc(played.steps_played)
        return _shown(arguments, ToolReply(str(played), played), view)

    _check_begun(session)
    with caller.metrics.steps(0):
        return session.play(work)


@tool(
    "State of the game",
    "Returns score, lives, steps, actions and the known values in the game's memory.",
    Status,
    only_reads=True,
)
def status(arguments: SessionArguments, caller: Caller) -> ToolReply:
    """Return the state of the game.

    Args:
        arguments: The arguments of the call.
        caller: Who calls.
    """
    session = caller.session(arguments.session_id)

    def describe(view: EpisodeView) -> ToolReply:
        found = Status.of(view)
        more = f"\nsaved: {', '.join(found.saved)}" if found.saved else ""
        return ToolReply(f"{found}\n{found.means}{more}", found)

    return _read(session, describe)


@tool(
    "Look at the screen",
    "Returns the picture as PNG, and a list in words of what stands out on it.",
    ScreenResult,
    only_reads=True,
)
def screen(arguments: ScreenArguments, caller: Caller) -> ToolReply:
    """Return the picture.

    Args:
        arguments: The arguments of the call.
        caller: Who calls.
    """

    def describe(view: EpisodeView) -> ToolReply:
        seen = ScreenResult.of(view, arguments.scale)
        picture = png(view.result.observation.indices, view.game, arguments.scale)
        return ToolReply(str(seen), seen, picture)

    return _read(caller.session(arguments.session_id), describe)


@tool(
    "Save the game",
    f"Saves the game under a name, up to {MOST_SAVED} times; a game with the "
    "same name is replaced.",
    SaveResult,
)
def save_state(arguments: SaveArguments, caller: Caller) -> ToolReply:
    """Save the game in the session, under a name, and return its state.

    Args:
        arguments: The arguments of the call.
        caller: Who calls.
    """
    session, name = caller.session(arguments.session_id), arguments.name

    def describe(view: EpisodeView, replaced: bool) -> ToolReply:
        saved = SaveResult.of(view, name=name, replaced=replaced)
        return ToolReply(str(saved), saved)

    _check_begun(session)
    return session.save(name, describe)


@tool(
    "Restore a saved game",
    "Goes back to what save_state saved, score and game included.",
    Status,
)
def restore_state(arguments: RestoreArguments, caller: Caller) -> ToolReply:
    """Go back to a saved game and return its state.

    Args:
        arguments: The arguments of the call.
        caller: Who calls.
    """
    session, name = caller.session(arguments.session_id), arguments.name

    def describe(view: EpisodeView) -> ToolReply:
        found = Status.of(view)
        return _shown(arguments, ToolReply(f"restored {name!r}\n{found}", found), view)

    return session.restore(name, describe)


def _settings(arguments: NewGameArguments, caller: Caller) -> dict[str, Any]:
    """Return all settings of a new game, which do not depend on the previous one."""
    given = arguments.model_dump(include={*_SETTINGS}, exclude_none=True)
    given["game"] = find_game(given["game"]).id
    config = caller.sessions.config.with_settings(given)
    return {name: getattr(config, name) for name in _SETTINGS}


def _read(session: Session, describe: Callable[[EpisodeView], ToolReply]) -> ToolReply:
    """Return the reply that `describe` makes of a game."""
    _check_begun(session)
    return session.read(describe)


def _check_begun(session: Session) -> None:
    """Check that a session has a game; ResetNeeded says how to begin one."""
    if not session.episodes:
        raise ResetNeeded(NO_GAME)


def _batch(presses: Sequence[Keypress], view: EpisodeView) -> list[int]:
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
    codes = view.action_codes
    names = ", ".join(ACTION_NAMES[known] for known in codes)
    expected = f"{view.game.id} is played with {names}"
    try:
        code = action_code(name)
    except InvalidAction:
        raise InvalidAction(f"{expected}, got {name!r}") from None
    if code not in codes:
        more = "full_action_space of new_game may have it"
        raise InvalidAction(f"{expected}, got {ACTION_NAMES[code]}; {more}")
    return codes.index(code)


def _shown(arguments: PictureArguments, reply: ToolReply, view: EpisodeView) -> ToolReply:
    """Return a reply, with the picture if it is wanted."""
    if not arguments.with_screen:
        return reply
    return reply._replace(picture=png(view.result.observation.indices, view.game, _SCALE))


def _nothing(result: StepResult, state: AtariState) -> None:
    return None
