"""The interface between a session and its front end: inputs go in, views come out.

A session knows no screen, key, speaker or clock; a front end (`Window`, `TextScreen`) knows no
rules of play. `loop.py` connects the two; tests use a scripted front end.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol, Self

from atari_cli.games import Game
from atari_cli.model import Bytes

SLOTS = 10
"""Save slots of each game, numbered from 0."""

_NUMBER: Final = re.compile(r"-?\d[\d,:]*(\.\d+)?")


Row = tuple[str, ...]
"""The cells of a row of text, for every front end; a row of one cell spans all columns."""


class Control(Enum):
    """Controls of the joystick; the value is the name in the key file."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"
    FIRE = "fire"


class Command(Enum):
    """Commands to the session or the window; the value is the name in the key file."""

    PAUSE = "pause"
    ADVANCE = "advance"
    REWIND = "rewind"
    FAST_FORWARD = "fast_forward"
    SLOW_MOTION = "slow_motion"
    HELP = "help"
    NEW_GAME = "new_game"
    SAVE = "save"
    LOAD = "load"
    NEXT_SLOT = "next_slot"
    PREVIOUS_SLOT = "previous_slot"
    FULLSCREEN = "fullscreen"
    SCREENSHOT = "screenshot"
    MUTE = "mute"
    LOUDER = "louder"
    QUIETER = "quieter"
    HUD = "hud"
    VIDEO = "video"
    TAKE_OVER = "take_over"
    LEAVE = "leave"


HELD = frozenset({Command.REWIND, Command.FAST_FORWARD})
"""The commands that act while their key is down."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The player's inputs in one tick of the loop.

    Attributes:
        code: ALE code (0-17) of the joystick; a tap between two ticks counts as held for one.
        paddle: Where mouse or stick point the paddle, from 0.0, the far left, to 1.0, the far
            right; None while keys turn it.
        commands: Commands given since the last tick, in order; never one of `HELD`.
        held: The commands of `HELD` whose keys are down.
        touched: Whether a control was pressed since the last tick, which shows that the human wants
            to play. Moving the mouse is not enough.
        seek: Where the slider of a recording was dragged, from 0.0 to 1.0; None if it was not.
        focused: False while another window has the keyboard.
    """

    code: int = 0
    paddle: float | None = None
    commands: tuple[Command, ...] = ()
    held: frozenset[Command] = frozenset()
    touched: bool = False
    seek: float | None = None
    focused: bool = True


@dataclass(slots=True)
class View:
    """The display of a front end after a tick.

    Attributes:
        game: The game.
        screen: Palette indices, (height, 160) uint8.
        score: Sum of the rewards.
        lives: Lives left; 0 in games without lives.
        frame: Frames since the boot.
        code: ALE code of the last step's action.
        human: Whether a human chose it.
        pilot: The current player: `human` or the name of the policy.
        tempo: The speed that the session keeps if it can, relative to the console: 1.0, 0.25 in
            slow motion, 0.0 at a standstill, infinity in fast-forward.
        speed: The speed that was measured; the loop sets it.
        status: ``, `paused`, `rewind`, `fast`, `slow`, `step`, `thinking`, `game over`, or what the
            game waits for.
        message: A line such as `saved slot 3`; empty for none.
        panel: Rows of a page over the picture, such as the high scores; empty for none.
        help: Whether to show the help page.
        hud: Whether to show score, lives, frame, speed and joystick.
        filming: Whether a video is being written.
        recording: Whether the game is being recorded.
        slot: The chosen slot.
        watching: Whether a recording is watched, rather than a game played.
        position: The step of a recording that is shown, and the number of its steps; None while
            a game is played, or if the viewer hides it.
        muted: Whether the sound is off.
        volume: Loudness in percent, 0-100.
        sounds: The samples of each frame of the tick, (512,) uint8 with silence at 128.
    """

    game: Game
    screen: Bytes
    score: float = 0.0
    lives: int = 0
    frame: int = 0
    code: int = 0
    human: bool = True
    pilot: str = "human"
    tempo: float = 1.0
    speed: float = 1.0
    status: str = ""
    message: str = ""
    panel: Sequence[Row] = ()
    help: bool = False
    hud: bool = False
    filming: bool = False
    recording: bool = False
    slot: int = 0
    watching: bool = False
    position: tuple[int, int] | None = None
    muted: bool = False
    volume: int = 100
    sounds: Sequence[Bytes] = field(default_factory=list)


def is_number(cell: str) -> bool:
    """Return whether a cell of a row is a number, which is set to the right."""
    return bool(_NUMBER.fullmatch(cell))


class FrontEnd(Protocol):
    """A window or a terminal with its screen, keys and sound; used in a `with` block."""

    @property
    def note(self) -> str | None:
        """The feature that does not work, and why, such as sound; None if everything works."""
        return None

    def poll(self) -> Inputs:
        """Return the player's inputs since the last call, without waiting."""

    def show(self, view: View) -> None:
        """Show a view."""

    def hear(self, view: View) -> None:
        """Play a view's sounds; called in every tick, even one too late to be shown."""

    def close(self) -> None:
        """Release screen, keyboard and speaker; calling it again does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
