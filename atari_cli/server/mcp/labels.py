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
    """

    name: str
    address: int
    meaning: str


_PIXELS: Final = "in pixels, from a point of the game's own"

LABELS: Final = {
    "boxing": (
        Label("player_x", 32, _PIXELS),
        Label("player_y", 34, _PIXELS),
        Label("enemy_x", 33, _PIXELS),
        Label("enemy_y", 35, _PIXELS),
    ),
    "breakout": (
        Label("ball_x", 99, _PIXELS),
        Label("ball_y", 101, f"{_PIXELS}; grows downwards, 0 while there is no ball"),
        Label("paddle_x", 72, f"{_PIXELS}; a ball at ball_x = paddle_x + 9 hits its middle"),
        Label("bricks_hit", 77, "in this game"),
    ),
    "freeway": (Label("player_y", 14, "grows upwards: 6 below the road, past 170 above it"),),
    "montezuma_revenge": (
        Label("room", 3, "1 is the first"),
        Label("player_x", 42, "as on the screen"),
        Label("player_y", 43, f"{_PIXELS}; grows upwards, 235 at the start, 192 a platform lower"),
        Label("skull_x", 47, "33 less than on the screen, in the first room"),
    ),
    "ms_pacman": (
        Label("player_x", 10, _PIXELS),
        Label("player_y", 16, f"{_PIXELS}; grows downwards"),
        Label("dots_eaten", 119, "in this maze"),
    ),
    "pong": (
        Label("ball_x", 49, _PIXELS),
        Label("ball_y", 54, f"{_PIXELS}; grows downwards, 0 while there is no ball"),
        Label("player_y", 51, "of your paddle, the right one, as ball_y; 7 more is its middle"),
        Label("enemy_y", 50, "of the left paddle"),
        Label("enemy_points", 13, "21 win"),
        Label("player_points", 14, "21 win"),
    ),
    "seaquest": (
        Label("player_x", 70, _PIXELS),
        Label("player_y", 97, f"{_PIXELS}; grows downwards, 13 at the surface"),
        Label("oxygen", 102, "64 is full"),
        Label("divers", 62, "on board"),
    ),
    "space_invaders": (
        Label("player_x", 28, _PIXELS),
        Label("invaders_left", 17, "of 36"),
    ),
}
"""The labels of each game that has any, by its id."""

HINTS: Final = {
    "breakout": "FIRE serves the ball. RIGHT and LEFT move the paddle; a step is some 22 pixels.",
    "freeway": "UP crosses the road, for one point each time.",
    "montezuma_revenge": (
        "FIRE jumps, RIGHTFIRE and LEFTFIRE that way; UP and DOWN climb. A deep fall costs a life."
    ),
    "pong": "Your paddle is the right one: RIGHT moves it up, LEFT down, some 20 pixels a step.",
}
"""Facts that a player needs and cannot see, by the game's id."""


def labelled(game: str, ram: Bytes) -> dict[str, int]:
    """Return the known values in a game's memory by name; empty for a game without labels.

    Args:
        game: The game's id.
        ram: The console's RAM, (128,) uint8.
    """
    return {label.name: int(ram[label.address]) for label in LABELS.get(game, ())}
