"""ALE's own states as it serializes them, which it takes on trust."""

from typing import Final

from ale_py import ALEState

from atari_cli.errors import InvalidState

_LENGTH: Final = slice(24, 28)
"""Where a state says how long its longest part is, as a little-endian integer."""

_AROUND: Final = 36
"""Bytes before and after that part."""


def read_state(packed: bytes, mode: int, difficulty: int) -> ALEState:
    """Return a state that ALE has serialized; it may still refuse what is within.

    Raises:
        InvalidState: If ALE would take gigabytes for it, or go on in another mode or difficulty.
    """
    if int.from_bytes(packed[_LENGTH], "little") + _AROUND != len(packed):
        raise InvalidState(f"ALE does not know the saved state of {len(packed):,} bytes")
    state = ALEState(packed)
    if (state.getCurrentMode(), state.getDifficulty()) != (mode, difficulty):
        raise InvalidState(f"the saved state is not of mode {mode} and difficulty {difficulty}")
    return state
