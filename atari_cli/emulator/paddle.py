"""The paddle of six games: the position that mouse or stick point at, and the turn that reaches it.

ALE turns a paddle by 23,000 units per frame at strength 1, RIGHT towards the lower end, and accepts
any strength, so any position can be reached in one frame. The units were measured in every mode and
difficulty with ale_py 0.12.1; tests/emulator/test_paddle.py measures them again.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from atari_cli.actions import ACTION_NAMES, LEFT, NOOP, RIGHT, action_code
from atari_cli.config import EnvironmentConfig
from atari_cli.emulator.console import Emulator
from atari_cli.games import Game

UNITS_PER_FRAME: Final = 23_000
"""How far a paddle turns in a frame at strength 1."""

LOWEST: Final = 27_450
"""The end of a paddle's range toward RIGHT."""

HIGHEST: Final[Mapping[str, int]] = MappingProxyType(
    {"backgammon": 1_000_000, "blackjack": 795_000}
)
"""The end toward LEFT, where it differs from `USUALLY_HIGHEST`."""

USUALLY_HIGHEST: Final = 790_196

TRACKS: Final[Mapping[str, tuple[str, float, float]]] = MappingProxyType(
    {
        "breakout": ("x", 13.0, 201.0),
        "kaboom": ("x", -8.0, 168.0),
        "pong": ("y", 198.0, 8.0),
    }
)
"""The axis along which a paddle moves its object, and the pixels at which the object's middle comes
to rest, or would without a wall, when the paddle is turned LEFT and RIGHT all the way. It takes a
few frames to get there: half of the rest in each. In the three games not listed, the paddle chooses
a number: the left edge of the picture is LEFT, the right edge RIGHT."""


def track(game: Game) -> tuple[str, float, float]:
    """Return the axis and the two end pixels of a paddle's object, as in `TRACKS`."""
    return TRACKS.get(game.id, ("x", 0.0, float(game.width)))


def axis(game: Game) -> str:
    """Return the axis along which the paddle moves its object: `x`, or `y` in Pong."""
    return track(game)[0]


def paddle_position(game: Game, x: float, y: float) -> float:
    """Return the position of the paddle for a point in the picture, as in `Inputs.paddle`.

    The middle of the paddle's object moves to that point, as far as it can.

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
    """Return a position of the paddle, from 0.0 to 1.0, in ALE's units.

    Args:
        game: A game with paddles.
        position: From 0.0, LEFT all the way, to 1.0, RIGHT all the way.
    """
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
    """Return the action that turns the paddle to a position.

    Without sticky actions the paddle reaches it in the given frames: exactly in one, within half a
    unit per frame in more. A paddle already there is not turned.

    Args:
        emulator: The console of a paddle game.
        target: From 0.0, LEFT all the way, to 1.0, RIGHT all the way.
        frames: Frames for which the action will be held.
        held: ALE code of the held input, of which only the button is used.

    Returns:
        The ALE code and the strength, for `Emulator.act`.
    """
    each = round((units(emulator.game, target) - emulator.paddle) / frames)
    way = LEFT if each > 0 else RIGHT if each < 0 else NOOP
    fire = "FIRE" if "FIRE" in ACTION_NAMES[held] else ""
    code = action_code(f"{ACTION_NAMES[way] if way else ''}{fire}" or "NOOP")
    # ALE truncates to whole units; adding half a unit also guards against rounding errors.
    return code, (abs(each) + 0.5) / UNITS_PER_FRAME if way else 1.0
