"""The tools that play: each has a session to itself while it works."""

import zlib
from collections.abc import Callable
from typing import Any, Final

from atari_cli.actions import ACTION_NAMES, action_code
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import AtariError, InvalidAction, InvalidSetting, ResetNeeded
from atari_cli.games import find_game
from atari_cli.model import AtariState, StepResult
from atari_cli.pictures.png import png
from atari_cli.server.mcp.arguments import (
    InSession,
    NewGame,
    Press,
    Pressed,
    RestoreState,
    SaveState,
    Screen,
    Shown,
)
from atari_cli.server.mcp.caller import NO_GAME, Caller
from atari_cli.server.mcp.labels import HINTS
from atari_cli.server.mcp.reply import Reply
from atari_cli.server.mcp.report import Record, Sight, Status
from atari_cli.server.sessions.session import MOST_FRAMES

MOST_SAVED: Final = 8
MOST_SAVED_FRAMES: Final = 108_000
"""Of a saved game: half an hour. A few games are restored by playing all of it again."""

_SCALE: Final = 2
_SETTINGS: Final = NewGame.model_fields.keys() - {"session_id", "with_screen", "seed"}


class Begun(Status):
    """How a game stands that has begun, and how it is played."""

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


class Saved(Status):
    """How a game stands that was saved."""

    name: str
    replaced: bool

    def __str__(self) -> str:
        what = f"saved as {self.name!r}" + (", in place of the one before" * self.replaced)
        return f"{what}\n{super().__str__()}"


def new_game(arguments: NewGame, caller: Caller) -> Reply:
    """Start a game in the caller's session."""
    is_named = arguments.session_id is not None
    is_new = not is_named and not caller.has_session
    session = caller.session(arguments.session_id) if is_named else caller.open()
    try:
        session.reset(_nothing, arguments.seed, None, _settings(arguments, caller))
    except AtariError:
        if is_new:
            caller.sessions.close(session)
        raise

    def tell(environment: AtariEnvironment, last: StepResult) -> Reply:
        found = Status.of(session, environment, last)
        begun = Begun(
            **found.model_dump(),
            frames_per_second=environment.game.fps,
            hint=HINTS.get(found.game),
        )
        return _shown(arguments, Reply(str(begun), begun), environment, last)

    return session.use(_looking(tell))


def press(arguments: Press, caller: Caller) -> Reply:
    """Play actions, up to the game's end."""
    session = caller.session(arguments.session_id)

    def work(environment: AtariEnvironment, last: StepResult | None) -> tuple[StepResult, Reply]:
        last = _begun(last)
        if last.done:
            raise ResetNeeded("the game is over: call new_game, or restore_state if you saved one")
        lot = _lot(arguments.actions, environment)
        record = Record(environment, last)
        for action in lot:
            last = environment.step(action)
            record.add(last)
            if last.done:
                break
        played = record.played(session, last)
        caller.metrics.count("atari_env_steps_total", played.steps_played)
        return last, _shown(arguments, Reply(str(played), played), environment, last)

    with caller.metrics.steps(0):
        return session.use(work)


def status(arguments: InSession, caller: Caller) -> Reply:
    """Return how the game stands."""
    session = caller.session(arguments.session_id)

    def tell(environment: AtariEnvironment, last: StepResult) -> Reply:
        found = Status.of(session, environment, last)
        more = f"\nsaved: {', '.join(found.saved)}" if found.saved else ""
        return Reply(f"{found}\n{found.means}{more}", found)

    return session.use(_looking(tell))


def screen(arguments: Screen, caller: Caller) -> Reply:
    """Return the picture."""

    def tell(environment: AtariEnvironment, last: StepResult) -> Reply:
        indices = last.observation.indices
        sight = Sight.of(environment, indices, arguments.scale)
        return Reply(str(sight), sight, png(indices, environment.game, arguments.scale))

    return caller.session(arguments.session_id).use(_looking(tell))


def save_state(arguments: SaveState, caller: Caller) -> Reply:
    """Keep the moment in the session, under a name."""
    session, name = caller.session(arguments.session_id), arguments.name

    def tell(environment: AtariEnvironment, last: StepResult) -> Reply:
        replaced = name in session.saved
        if not replaced and len(session.saved) >= MOST_SAVED:
            names = ", ".join(sorted(session.saved))
            raise InvalidSetting(f"expected one of the {MOST_SAVED} names in use, {names}")
        if environment.emulator.frames > MOST_SAVED_FRAMES:
            raise InvalidSetting(f"a game can be saved up to its frame {MOST_SAVED_FRAMES}")
        session.saved[name] = zlib.compress(environment.save())
        found = Status.of(session, environment, last)
        saved = Saved(**found.model_dump(), name=name, replaced=replaced)
        return Reply(str(saved), saved)

    return session.use(_looking(tell))


def restore_state(arguments: RestoreState, caller: Caller) -> Reply:
    """Go back to a moment that was kept."""
    session, name = caller.session(arguments.session_id), arguments.name

    def work(environment: AtariEnvironment, last: StepResult | None) -> tuple[StepResult, Reply]:
        packed = session.saved.get(name)
        if packed is None:
            names = ", ".join(sorted(session.saved)) or "none: call save_state first"
            raise InvalidSetting(f"nothing is saved as {name!r}; saved are {names}")
        restored = environment.restore(zlib.decompress(packed))
        session.episodes += 1
        found = Status.of(session, environment, restored)
        reply = Reply(f"restored {name!r}\n{found}", found)
        return restored, _shown(arguments, reply, environment, restored)

    return session.use(work)


def _settings(arguments: NewGame, caller: Caller) -> dict[str, Any]:
    """Return all that a new game may set: what was played before does not matter to it."""
    given = arguments.model_dump(include={*_SETTINGS}, exclude_none=True)
    given["game"] = find_game(given["game"]).id
    config = caller.sessions.config.with_settings(given)
    return {name: getattr(config, name) for name in _SETTINGS}


def _looking(
    tell: Callable[[AtariEnvironment, StepResult], Reply],
) -> Callable[[AtariEnvironment, StepResult | None], tuple[StepResult, Reply]]:
    """Return what tells of a game that is being played and changes nothing."""

    def work(environment: AtariEnvironment, last: StepResult | None) -> tuple[StepResult, Reply]:
        begun = _begun(last)
        return begun, tell(environment, begun)

    return work


def _begun(last: StepResult | None) -> StepResult:
    if last is None:
        raise ResetNeeded(NO_GAME)
    return last


def _lot(presses: list[Pressed], environment: AtariEnvironment) -> list[int]:
    """Return the index of each step's action."""
    most = MOST_FRAMES // environment.config.frameskip
    steps = sum(press.steps for press in presses)
    if steps > most:
        raise InvalidSetting(f"expected at most {most} steps in one call, got {steps}")
    lot: list[int] = []
    for press in presses:
        lot += [_index(press.action, environment)] * press.steps
    return lot


def _index(name: str, environment: AtariEnvironment) -> int:
    codes = environment.action_codes
    names = ", ".join(ACTION_NAMES[known] for known in codes)
    expected = f"{environment.game.id} is played with {names}"
    try:
        code = action_code(name)
    except InvalidAction:
        raise InvalidAction(f"{expected}, got {name!r}") from None
    if code not in codes:
        more = "full_action_space of new_game may have it"
        raise InvalidAction(f"{expected}, got {ACTION_NAMES[code]}; {more}")
    return codes.index(code)


def _shown(
    arguments: Shown, reply: Reply, environment: AtariEnvironment, last: StepResult
) -> Reply:
    """Return a reply with the picture, if that is wanted."""
    if not arguments.with_screen:
        return reply
    return reply._replace(picture=png(last.observation.indices, environment.game, _SCALE))


def _nothing(result: StepResult, state: AtariState) -> None:
    return None
