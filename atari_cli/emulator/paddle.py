"""The paddle of six games: where mouse or stick point, and the turn that brings it there.

ALE turns a paddle by 23,000 units in a frame at strength 1, RIGHT towards the lower end, and takes
any strength: so each place is one frame away from each other. The units were measured in every
mode and difficulty with ale_py 0.12.1; tests/emulator/test_paddle.py measures again.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from atari_cli.actions import ACTION_NAMES, LEFT, NOOP, RIGHT, action_code
from atari_cli.config import EnvironmentConfig
from atari_cli.emulator.console import Emulator
from atari_cli.games import Game

UNITS_PER_FRAME: Final = 23_000
"""What a paddle is turned in a frame at strength 1."""

LOWEST: Final = 27_450
"""The end of a paddle's way to which RIGHT turns it."""

HIGHEST: Final[Mapping[str, int]] = MappingProxyType(
    {"backgammon": 1_000_000, "blackjack": 795_000}
)
"""The end to which LEFT turns it, where it is another than `USUALLY_HIGHEST`."""

USUALLY_HIGHEST: Final = 790_196

TRACKS: Final[Mapping[str, tuple[str, float, float]]] = MappingProxyType(
    {
        "breakout": ("x", 13.0, 201.0),
        "kaboom": ("x", -8.0, 168.0),
        "pong": ("y", 198.0, 8.0),
    }
)
"""Along which axis the game moves what the paddle steers, and at which pixel its middle comes to
rest, or would but for a wall, when the paddle is turned LEFT and RIGHT all the way. These games
take a few frames to get there: halfway in each. In the other three, which are not listed, the
paddle chooses a number: the left edge of the picture is LEFT, the right one RIGHT."""


def track(game: Game) -> tuple[str, float, float]:
    """Return along which axis and between which pixels a paddle moves things, as in `TRACKS`."""
    return TRACKS.get(game.id, ("x", 0.0, float(game.width)))


def axis(game: Game) -> str:
    """Return the axis along which the paddle moves things: `x`, or `y` in Pong."""
    return track(game)[0]


def paddle_position(game: Game, x: float, y: float) -> float:
    """Return the place of the paddle that a point in the picture means, as in `Inputs.paddle`.

    What the paddle moves gets its middle there, as far as it goes.

    Args:
        game: A game with paddles.
        x: From 0.0, the left edge of the picture, to 1.0, the right one.
        y: From 0.0, the top, to 1.0, the bottom.

    Returns:
        From 0.0, turned LEFT all the way, to 1.0, turned RIGHT all the way; in Pong RIGHT is up.
    """
    way, first, last = track(game)
    pixel = x * game.width if way == "x" else y * game.height
    return min(max((pixel - first) / (last - first), 0.0), 1.0)


def units(game: Game, position: float) -> int:
    """Return a place of the paddle, from 0.0 to 1.0, in ALE's units."""
    highest = HIGHEST.get(game.id, USUALLY_HIGHEST)
    return round(highest - position * (highest - LOWEST))


def held_action(
    emulator: Emulator, config: EnvironmentConfig, code: int, place: float | None
) -> tuple[int, float]:
    """Return the action that a person's held controls mean, for `AtariEnvironment.step`.

    Args:
        emulator: The console.
        config: The settings of the episode.
        code: ALE code of the held action.
        place: Where the paddle is pointed, from 0.0, LEFT all the way, to 1.0, RIGHT all the way.
            If None, or in a game without paddles or with sticky actions, the action turns it.

    Returns:
        The ALE code and the strength.
    """
    is_exact = emulator.game.uses_paddles and not config.repeat_action_probability
    if place is None or not is_exact:
        return code, 1.0
    return turn(emulator, place, config.frameskip, code)


def turn(emulator: Emulator, target: float, frames: int, held: int) -> tuple[int, float]:
    """Return the action that turns the paddle to a place.

    Without sticky actions the paddle is there after the action's frames: exactly after one, and as
    near as half a unit per frame after more. A paddle that is there is not turned.

    Args:
        emulator: A console with a game that has paddles.
        target: From 0.0, LEFT all the way, to 1.0, RIGHT all the way.
        frames: Frames for which the action will be held.
        held: ALE code of what is held; of it the button counts, for the paddle is pointed.

    Returns:
        The ALE code and the strength, for `Emulator.act`.
    """
    each = round((units(emulator.game, target) - emulator.paddle) / frames)
    way = LEFT if each > 0 else RIGHT if each < 0 else NOOP
    fire = "FIRE" if "FIRE" in ACTION_NAMES[held] else ""
    code = action_code(f"{ACTION_NAMES[way] if way else ''}{fire}" or "NOOP")
    # ALE cuts off the fraction of a unit: half a unit more is safe from rounding, too.
    return code, (abs(each) + 0.5) / UNITS_PER_FRAME if way else 1.0
