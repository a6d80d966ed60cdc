"""Policies that play a fixed sequence of actions and ignore the observations."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from atari_cli.actions import ACTION_NAMES
from atari_cli.errors import InvalidAction
from atari_cli.model import AtariObservation, Policy


@dataclass
class ActionSequence:
    """Recorded actions, one per step; NOOP after the last.

    Attributes:
        name: The policy as the user spelled it.
        codes: ALE codes (0-17). They are played by name, so that they fit any action set that
            has them; the environment raises InvalidAction for one that it does not have.
        deterministic: The policy draws nothing at random.

    Raises:
        InvalidAction: If a code is not one of the 18 actions.
    """

    name: str
    codes: Sequence[int]
    deterministic: bool | None = True

    def __post_init__(self) -> None:
        # Bytes pickle small: a recording may have a hundred thousand steps.
        for step, code in enumerate(self.codes):
            if not 0 <= code < len(ACTION_NAMES):
                raise InvalidAction(f"step {step} has action {code}; expected an ALE code 0-17")
        self.codes = bytes(self.codes)

    @property
    def sha256(self) -> str:
        """SHA-256 of the codes, one byte each."""
        return hashlib.sha256(bytes(self.codes)).hexdigest()

    def load(self) -> Policy:
        """Return the policy, at its first action."""
        return SequencePolicy(lambda: (ACTION_NAMES[code] for code in self.codes))


class SequencePolicy:
    """Plays the actions of an iterator, then NOOP for ever.

    Args:
        start: Returns the iterator of action names from the first action on.
    """

    def __init__(self, start: Callable[[], Iterator[str]]) -> None:
        self._start = start
        self._actions = start()

    def reset(self, seed: int) -> None:
        """Go back to the first action; the seed has no effect."""
        self._actions = self._start()

    def __call__(self, observation: AtariObservation) -> str:
        """Return the name of the next action."""
        return next(self._actions, "NOOP")
