"""What a person who plays over a connection holds, and the step that is made of it."""

import threading
from collections import deque
from typing import Final, NamedTuple

from atari_cli.actions import NOOP, code_index
from atari_cli.emulator.paddle import turn
from atari_cli.environment import AtariEnvironment

MOST_WAITING: Final = 4
"""Codes that wait for their frame: more would make the game lag behind the hand."""


class Held(NamedTuple):
    """What is held: the ALE code of an action, and where the paddle is turned to."""

    code: int = NOOP
    paddle: float | None = None


class HeldInput:
    """Holds what was said last; what was held for less than a frame gets its frame, too."""

    def __init__(self) -> None:
        self._held = Held()
        self._waiting: deque[Held] = deque(maxlen=MOST_WAITING)
        self._guard = threading.Lock()

    def hold(self, held: Held) -> None:
        """Note what is held from now on."""
        with self._guard:
            if self._waiting and self._waiting[-1].code == held.code:
                self._waiting.pop()  # the paddle alone was moved
            self._waiting.append(held)

    def let_go(self) -> None:
        """Hold nothing."""
        with self._guard:
            self._waiting.clear()
            self._held = Held()

    def next(self) -> Held:
        """Return what the next frame is played by."""
        with self._guard:
            if self._waiting:
                self._held = self._waiting.popleft()
            return self._held


def aim(environment: AtariEnvironment, code: int, paddle: float | None) -> tuple[int, float]:
    """Return the action that does what is held, and its strength, for `AtariEnvironment.step`.

    Args:
        environment: An environment in an episode.
        code: ALE code of an action; one that the game does not know is NOOP.
        paddle: Where the paddle is turned, from 0.0, LEFT all the way, to 1.0, RIGHT all the way;
            None, or in a game without one or with sticky actions: the action turns it.
    """
    strength, codes = 1.0, environment.action_codes
    is_exact = environment.game.uses_paddles and not environment.config.repeat_action_probability
    if paddle is not None and is_exact:
        code, strength = turn(environment.emulator, paddle, environment.config.frameskip, code)
    return code_index(code, codes), strength
