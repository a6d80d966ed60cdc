"""The 18 actions of the Atari joystick: names to ALE codes and back.

The codes are ALE's own (`ale_py.Action`, common/Constants.h); `tests/test_actions.py` compares.
"""

import operator
import re
import struct
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from atari_cli.errors import InvalidAction

ACTION_NAMES: Final = (
    "NOOP",
    "FIRE",
    "UP",
    "RIGHT",
    "LEFT",
    "DOWN",
    "UPRIGHT",
    "UPLEFT",
    "DOWNRIGHT",
    "DOWNLEFT",
    "UPFIRE",
    "RIGHTFIRE",
    "LEFTFIRE",
    "DOWNFIRE",
    "UPRIGHTFIRE",
    "UPLEFTFIRE",
    "DOWNRIGHTFIRE",
    "DOWNLEFTFIRE",
)
ALL_CODES: Final = tuple(range(18))
STRONGEST: Final = 100.0
"""Greatest strength of a paddle; far beyond it, ALE's integers overflow."""

NOOP: Final = 0
FIRE: Final = 1
UP: Final = 2
RIGHT: Final = 3
LEFT: Final = 4
DOWN: Final = 5

_WORD: Final = re.compile("NOOP|FIRE|UP|RIGHT|LEFT|DOWN")
_CODES: Final = {frozenset(_WORD.findall(name)): code for code, name in enumerate(ACTION_NAMES)}


def action_code(name: str) -> int:
    """Return the ALE code (0-17) of an action name.

    Its words may be in any case and order, with any blanks, + - or _ between them.

    Raises:
        InvalidAction: If no action has that name.
    """
    letters = re.sub(r"[\s_+-]", "", name).upper()
    words = _WORD.findall(letters)
    code = _CODES.get(frozenset(words))
    if code is None or "".join(words) != letters or len(set(words)) < len(words):
        raise InvalidAction(f"unknown action {name!r}; expected one of {', '.join(ACTION_NAMES)}")
    return code


def action_index(action: Any, codes: Sequence[int]) -> int:
    """Return the index of an action, given as an index or a name, in an action set.

    Args:
        action: An index into `codes`, or an action name; also as an array of one element.
        codes: The action set: ALE codes in the order of the indices.

    Raises:
        InvalidAction: If the action is not in the set.
    """
    if getattr(action, "size", None) == 1:  # numpy's, of any shape
        action = action.item()
    if isinstance(action, str):
        code = action_code(action)
        if code in codes:
            return codes.index(code)
        raise InvalidAction(
            f"{ACTION_NAMES[code]} is not in this action set: {describe(codes)}; "
            "full_action_space may have it"
        )
    try:
        index = operator.index(action)
    except TypeError:
        raise InvalidAction(f"expected an action's index or name, got {action!r}") from None
    if not 0 <= index < len(codes):
        raise InvalidAction(f"expected an action from {describe(codes)}, got {index}")
    return index


def code_index(code: int, codes: Sequence[int]) -> int:
    """Return the index of an ALE code in an action set, or of NOOP if it is not in the set.

    So a joystick plays every cartridge: an action that a game does not have does nothing.

    Args:
        code: The ALE code.
        codes: The action set: ALE codes in the order of the indices.
    """
    return codes.index(code if code in codes else NOOP)


def paddle_strength(strength: float) -> float:
    """Return a paddle's strength in ALE's single precision.

    Raises:
        InvalidAction: If it is not from 0 to `STRONGEST`.
    """
    with suppress(TypeError):
        if 0.0 <= strength <= STRONGEST:
            return float(struct.unpack("f", struct.pack("f", strength))[0])
    raise InvalidAction(f"expected a paddle strength from 0 to {STRONGEST:g}, got {strength!r}")


def describe(codes: Sequence[int]) -> str:
    """Return an action set as text: `0 NOOP, 1 FIRE, …`."""
    return ", ".join(f"{index} {ACTION_NAMES[code]}" for index, code in enumerate(codes))
