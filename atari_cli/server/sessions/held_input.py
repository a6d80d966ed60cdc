"""The controls that a remote person holds down, and the step that they make."""

import threading
from collections import deque
from typing import Final, NamedTuple

from atari_cli.actions import NOOP, code_index
from atari_cli.emulator.paddle import held_action
from atari_cli.environment import AtariEnvironment

MOST_WAITING: Final = 4
"""Inputs that wait for their frame; with more, the game would lag behind the player."""


class Held(NamedTuple):
    """An input.

    Attributes:
        code: The ALE code of an action.
        paddle: Where the paddle is pointed, from 0 to 1; None if nothing points it.
    """

    code: int = NOOP
    paddle: float | None = None


class HeldInput:
    """The latest input; one that was held for less than a frame still gets its frame."""

    def __init__(self) -> None:
        self._held = Held()
        self._waiting: deque[Held] = deque(maxlen=MOST_WAITING)
        self._guard = threading.Lock()

    def hold(self, held: Held) -> None:
        """Set the input."""
        with self._guard:
            if self._waiting and self._waiting[-1].code == held.code:
                self._waiting.pop()  # only the paddle moved
            self._waiting.append(held)

    def let_go(self) -> None:
        """Release all controls."""
        with self._guard:
            self._waiting.clear()
            self._held = Held()

    def next(self) -> Held:
        """Return the input of the next frame."""
        with self._guard:
            if self._waiting:
                self._held = self._waiting.popleft()
            return self._held


def aim(environment: AtariEnvironment, code: int, paddle: float | None) -> tuple[int, float]:
    """Return the action and the strength of held input, for `AtariEnvironment.step`.

    Args:
        environment: An environment in an episode.
        code: ALE code of an action; one that the game does not have is NOOP.
        paddle: Where the paddle is pointed, as in `paddle.held_action`.
    """
    code, strength = held_action(environment.emulator, environment.config, code, paddle)
    return code_index(code, environment.action_codes), strength
