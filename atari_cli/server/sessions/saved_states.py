"""The states of a session's games that its player saved, by name."""

import zlib
from typing import Final

from atari_cli.errors import InvalidSetting

MOST_SAVED: Final = 8

MOST_SAVED_FRAMES: Final = 108_000
"""Half an hour: some games are restored by playing all of it again."""


class SavedStates:
    """Saved states by name, compressed."""

    def __init__(self) -> None:
        self._states: dict[str, bytes] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names in use, sorted."""
        return tuple(sorted(self._states))

    def check(self, name: str, frames: int) -> None:
        """Check that a game can be saved.

        Args:
            name: The name to save it under.
            frames: Frames that the game has played.

        Raises:
            InvalidSetting: If all names are in use, or the game is too long.
        """
        if name not in self._states and len(self._states) >= MOST_SAVED:
            names = ", ".join(self.names)
            raise InvalidSetting(f"expected one of the {MOST_SAVED} names in use, {names}")
        if frames > MOST_SAVED_FRAMES:
            raise InvalidSetting(f"a game can be saved up to its frame {MOST_SAVED_FRAMES}")

    def put(self, name: str, state: bytes) -> bool:
        """Keep a state, and return whether it replaces another.

        Args:
            name: Its name.
            state: The state.
        """
        is_replaced = name in self._states
        self._states[name] = zlib.compress(state)
        return is_replaced

    def get(self, name: str) -> bytes:
        """Return the state with a name.

        Raises:
            InvalidSetting: If nothing has that name.
        """
        packed = self._states.get(name)
        if packed is None:
            names = ", ".join(self.names) or "none: call save_state first"
            raise InvalidSetting(f"nothing is saved as {name!r}; saved are {names}")
        return zlib.decompress(packed)

    def clear(self) -> None:
        """Forget every state."""
        self._states.clear()
