"""What flows between a session and what shows it: inputs up, views down.

A session knows no screen, key, speaker or clock; a front end (window.py, text_screen.py) knows no
rule of play. `loop.py` joins the two, and tests pass a front end that is a script.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, Self

from atari_cli.games import Game
from atari_cli.model import Bytes

SLOTS = 10
"""Save slots of each game, numbered from 0."""


class Control(Enum):
    """What a key, button or axis of a joystick does; the value is its name in the key file."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"
    FIRE = "fire"


class Command(Enum):
    """What a key can tell the session or the window; the value is its name in the key file."""

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
"""The commands that act for as long as their key is down."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the player does in one tick of the loop.

    Attributes:
        code: ALE code (0-17) of the joystick as it is held; a tap between two ticks counts for one.
        paddle: Where mouse or stick want the paddle, from 0.0, the far left, to 1.0, the far right;
            None while keys turn it.
        commands: What was pressed since the last tick, in order; never one of `HELD`.
        held: Which of `HELD` are down.
        touched: Whether a control of the game was pressed since the last tick: the human wants to
            play. Moving the mouse is not enough.
        seek: Where in a recording a slider was dragged to, from 0.0 to 1.0.
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
    """What a front end shows after a tick.

    Attributes:
        game: The game.
        screen: Palette indices, (height, 160) uint8.
        score: Sum of the rewards.
        lives: Lives left; 0 in games without.
        frame: Frames since the boot.
        code: ALE code of the last step's action.
        human: Whether a human chose it.
        pilot: Who plays now: `human`, or the policy's name.
        speed: Speed of the game over that of the console: 1.0, 0.25 in slow motion, 0.0 paused.
        status: What is special now: ``, `paused`, `rewind`, `fast`, `slow`, `step`, `game over`.
        message: A line to show for a moment, such as `saved slot 3`; empty for none.
        panel: Lines of a page over the picture, such as the high scores; empty for none.
        help: Whether the help page is shown.
        hud: Whether score, lives, frame, speed and joystick are shown.
        filming: Whether a video is being written.
        recording: Whether the game is being recorded.
        slot: The chosen slot.
        position: In a recording that is watched: the step shown and the number of steps.
        muted: Whether the sound is off.
        volume: Loudness in percent, 0-100.
        sounds: The samples of each frame played in the tick, (512,) uint8 with silence at 128.
    """

    game: Game
    screen: Bytes
    score: float = 0.0
    lives: int = 0
    frame: int = 0
    code: int = 0
    human: bool = True
    pilot: str = "human"
    speed: float = 1.0
    status: str = ""
    message: str = ""
    panel: Sequence[str] = ()
    help: bool = False
    hud: bool = False
    filming: bool = False
    recording: bool = False
    slot: int = 0
    position: tuple[int, int] | None = None
    muted: bool = False
    volume: int = 100
    sounds: Sequence[Bytes] = field(default_factory=list)


class FrontEnd(Protocol):
    """A window or a terminal: what the player sees, hears and presses; used in a `with` block."""

    @property
    def note(self) -> str | None:
        """What it could not do for the player, such as sound without a device; None otherwise."""

    def poll(self) -> Inputs:
        """Return what the player did since the last call; never wait."""

    def show(self, view: View) -> None:
        """Show a view."""

    def hear(self, view: View) -> None:
        """Play a view's sounds; told of every tick, also of those too late to be shown."""

    def close(self) -> None:
        """Give screen, keyboard and speaker back; closing twice is fine."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...
