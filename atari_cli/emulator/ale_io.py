"""ALE's inputs and outputs: arrays that it fills, and its own saved states."""

from typing import Final

import numpy as np
from ale_py import ALEState

from atari_cli.errors import EmulatorError, InvalidState
from atari_cli.model import Bytes


def buffer(out: Bytes | None, shape: tuple[int, ...]) -> Bytes:
    """Return `out`, or a new uint8 array of that shape if it is None.

    Args:
        out: The array to fill; None for a new one.
        shape: The shape that it must have.

    Raises:
        EmulatorError: If `out` has another shape or dtype, or is not contiguous.
    """
    if out is None:
        return np.empty(shape, np.uint8)
    if out.shape != shape or out.dtype != np.uint8 or not out.flags.c_contiguous:
        raise EmulatorError(
            f"expected a contiguous uint8 array of shape {shape}, "
            f"got {out.dtype} of shape {out.shape}"
        )
    return out


_LENGTH: Final = slice(24, 28)
"""Where a state has the length of its longest part, as a little-endian integer."""

_AROUND: Final = 36
"""Bytes before and after that part."""


def read_state(packed: bytes, mode: int, difficulty: int) -> ALEState:
    """Return a state that ALE has serialized; ALE may still refuse its content.

    Args:
        packed: The state as ALE serialized it.
        mode: The mode that it must have.
        difficulty: The difficulty that it must have.

    Raises:
        InvalidState: If ALE would need gigabytes for it, or if its mode or difficulty differs.
    """
    if int.from_bytes(packed[_LENGTH], "little") + _AROUND != len(packed):
        raise InvalidState(f"ALE does not know the saved state of {len(packed):,} bytes")
    state = ALEState(packed)
    if (state.getCurrentMode(), state.getDifficulty()) != (mode, difficulty):
        raise InvalidState(f"the saved state is not of mode {mode} and difficulty {difficulty}")
    return state
