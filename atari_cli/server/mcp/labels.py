"""The meaning of bytes in a console's memory where it is known, and hints on how to play.

The addresses are those of AtariARI (Anand et al. 2019, atariari/benchmark/ram_annotations.py) and
OCAtari (Delfosse et al. 2023, ocatari/ram). The tests press keys and watch each of them.
"""

from typing import Final, NamedTuple

from atari_cli.model import Bytes


class Label(NamedTuple):
    """A byte of the memory with a known meaning.

    Attributes:
        name: Its name.
        address: Its index in the 128 bytes.
        meaning: Its unit, direction or range.
        origin: The value where the byte is 0.
        sign: 1 if the value grows with the byte, -1 if it shrinks.
        shown_by: Index of the byte that is 0 while the thing is not there, if there is one.
    """

    name: str
    address: int
    meaning: str
    origin: int = 0
    sign: int = 1
    shown_by: int | None = None

    def value(self, ram: Bytes) -> int | None:
        """Return the value in a console's RAM; None while the thing is not there."""
        if self.shown_by is not None and not ram[self.shown_by]:
            return None
        return self.origin + self.sign * int(ram[self.address])


def _left(name: str, address: int, origin: int, more: str = "") -> Label:
    """Return the label of the left edge of something on the screen."""
    return Label(f"{name}_x", address, f"its left edge on the screen{more}", origin)


def _top(name: str, address: int, origin: int, more: str = "", sign: int = 1) -> Label:
    """Return the label of the upper edge of something on the screen."""
    return Label(f"{name}_y", address, f"its upper edge on the screen{more}", origin, sign)


def _ball(x: int, y: int, offsets: tuple[int, int]) -> tuple[Label, Label]:
    """Return the labels of a ball, which is not there while its byte of y is 0."""
    absent = "; left out while there is no ball"
    left, top = _left("ball", x, offsets[0], absent), _top("ball", y, offsets[1], absent)
    return left._replace(shown_by=y), top._replace(shown_by=y)


LABELS: Final = {
    "boxing": (
        _left("player", 32, 5),
        _top("player", 34, 38),
        _left("enemy", 33, 3, ", without an arm"),
        _top("enemy", 35, 37),
    ),
    "breakout": (
        *_ball(99, 101, (-49, 9)),
        _left("paddle", 72, -47, "; a ball at ball_x = paddle_x + 7 hits its middle"),
        Label("bricks_hit", 77, "in this game"),
    ),
    "freeway": (_top("player", 14, 193, ": 187 below the road, under 20 above it", -1),),
    "montezuma_revenge": (
        Label("room", 3, "1 is the first"),
        _left("player", 42, -1),
        _top("player", 43, 308, ": 73 at the start, 116 a platform lower", -1),
        _left("skull", 47, 32, ", in the first room"),
    ),
    "ms_pacman": (
        _left("player", 10, -11),
        _top("player", 16, 1),
        Label("dots_eaten", 119, "in this maze"),
    ),
    "pong": (
        *_ball(49, 54, (-49, -14)),
        _top("player", 51, -13, "; your paddle is the right one, and 6 more meets its middle"),
        _top("enemy", 50, -15, "; the left paddle"),
        Label("enemy_points", 13, "21 win"),
        Label("player_points", 14, "21 win"),
    ),
    "seaquest": (
        _left("player", 70, 0),
        _top("player", 97, 33, ", 46 at the surface"),
        Label("oxygen", 102, "64 is full"),
        Label("divers", 62, "on board"),
    ),
    "space_invaders": (
        _left("player", 28, -2),
        Label("invaders_left", 17, "of 36"),
    ),
}
"""The labels of each game that has any, by its id. Positions are in pixels of the unscaled screen,
as those of every other result; the tests compare them with the screen."""

HINTS: Final = {
    "breakout": (
        "FIRE serves the ball. RIGHT and LEFT move the paddle, after 6 frames by 5 to 6 pixels in "
        "each frame."
    ),
    "freeway": "UP crosses the road, for one point each time.",
    "montezuma_revenge": (
        "FIRE jumps, RIGHTFIRE and LEFTFIRE that way; UP and DOWN climb. A deep fall costs a life."
    ),
    "pong": (
        "Your paddle is the right one: RIGHT moves it up, LEFT down, after 6 frames by 5 pixels in "
        "each frame."
    ),
}
"""Facts that a player needs and cannot see, by the game's id."""


def labelled(game: str, ram: Bytes) -> dict[str, int]:
    """Return the known values in a game's memory by name; empty for a game without labels.

    Args:
        game: The game's id.
        ram: The console's RAM, (128,) uint8.
    """
    values = {label.name: label.value(ram) for label in LABELS.get(game, ())}
    return {name: value for name, value in values.items() if value is not None}
