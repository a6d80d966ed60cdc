"""The paddle of six games: where mouse or stick point, and the turn that brings it there."""

from typing import Final

from atari_cli.games import Game

UPRIGHT: Final = frozenset({"pong"})
"""The paddle games whose bat moves up and down; in all others it moves left and right."""


def axis(game: Game) -> str:
    """Return the axis on which the picture follows the paddle: `x`, or `y` in Pong."""
    return "y" if game.id in UPRIGHT else "x"


def paddle_position(game: Game, x: float, y: float) -> float:
    """Return the paddle's place that a point in the picture means, as `Inputs.paddle` has it.

    Args:
        game: A game with paddles.
        x: From 0.0, the left edge of the picture, to 1.0, the right one.
        y: From 0.0, the top, to 1.0, the bottom.

    Returns:
        From 0.0, turned LEFT all the way, to 1.0, turned RIGHT; in Pong RIGHT is up. A point
        beside the picture counts as the nearest in it.
    """
    position = 1.0 - y if axis(game) == "y" else x
    return min(max(position, 0.0), 1.0)
