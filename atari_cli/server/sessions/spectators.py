"""Those who watch a session: each is sent a snapshot after every step."""

import threading
from collections.abc import Callable
from time import time
from typing import Final, NamedTuple

from atari_cli.environment import AtariEnvironment
from atari_cli.errors import SessionBusy
from atari_cli.model import AtariState, Bytes, StepResult

MOST_SPECTATORS: Final = 16
"""Of one session, the person who plays it included."""


class Snapshot(NamedTuple):
    """A game after a reset or a step.

    Attributes:
        number: Number of the episode in its session, from 1.
        state: The episode and its settings; its step count is that of an earlier step.
        reward: Reward of the last step; 0 after the reset.
        terminated: Whether the game is over.
        truncated: Whether the episode reached `max_frames`.
        lives: Lives left as ALE counts them.
        steps: Steps of the episode.
        frame: Frames of the episode since the boot.
        score: Sum of its rewards.
        action: ALE code of the last step's action.
        screen: Palette indices, (height, 160) uint8.
        ram: (128,) uint8.
        sound: Samples of the last frame, (512,) uint8; None if the session keeps no sound.
        time: When it was taken, in seconds since 1970.
    """

    number: int
    state: AtariState
    reward: float
    terminated: bool
    truncated: bool
    lives: int
    steps: int
    frame: int
    score: float
    action: int
    screen: Bytes
    ram: Bytes
    sound: Bytes | None
    time: float


OnSnapshot = Callable[[Snapshot | None], None]
"""Takes each snapshot, and None at the session's end; it must neither take time nor raise."""


class Spectators:
    """The spectators of a session.

    Attributes:
        callbacks: Where their snapshots are sent.
    """

    def __init__(self) -> None:
        self.callbacks: tuple[OnSnapshot, ...] = ()
        self._guard = threading.Lock()  # one may leave while the session plays

    def add(self, on_snapshot: OnSnapshot, is_player: bool) -> None:
        """Add a spectator; there is always room for the person who plays.

        Args:
            on_snapshot: Where its snapshots are sent.
            is_player: Whether it is that of the person who plays.

        Raises:
            SessionBusy: If there are too many.
        """
        with self._guard:
            if not is_player and len(self.callbacks) >= MOST_SPECTATORS:
                raise SessionBusy(f"{MOST_SPECTATORS} spectators watch this session; try later")
            self.callbacks += (on_snapshot,)

    def remove(self, on_snapshot: OnSnapshot) -> None:
        """Remove a spectator, if it is there."""
        with self._guard:
            self.callbacks = tuple(other for other in self.callbacks if other != on_snapshot)


def snapshot_of(
    environment: AtariEnvironment, result: StepResult, number: int, state: AtariState
) -> Snapshot:
    """Return a snapshot, copied out of the emulator.

    Args:
        environment: An environment in an episode.
        result: What its last reset or step returned.
        number: Number of the episode in its session.
        state: The state of the episode at its beginning.
    """
    emulator, summary = environment.emulator, environment.summary()
    return Snapshot(
        number,
        state,
        result.reward,
        result.terminated,
        result.truncated,
        emulator.lives,
        summary.steps,
        emulator.frames,
        summary.score,
        environment.last_action,
        emulator.screen(),
        emulator.ram(),
        emulator.audio() if emulator.sound else None,
        time(),
    )
