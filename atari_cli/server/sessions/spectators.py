"""Those around a session: who has it, who plays it, and who looks on and is shown moments."""

import threading
from collections.abc import Callable
from time import time
from typing import Final, NamedTuple, Protocol

from atari_cli.environment import AtariEnvironment
from atari_cli.errors import SessionBusy
from atari_cli.model import AtariState, Bytes, StepResult

MOST_ONLOOKERS: Final = 16
"""Of one session, the one who plays it included."""


class Moment(NamedTuple):
    """What a game shows after a reset or a step.

    Attributes:
        number: Of the episode in its session, from 1.
        state: The episode and its settings, at some step of it.
        reward: Of the last reset or step; so are `terminated` and `truncated`.
        lives: Lives left as ALE counts them.
        steps: Steps of the episode.
        frame: Frames of the episode since the boot.
        score: Sum of its rewards.
        action: ALE code of the last step's action.
        screen: Palette indices, (height, 160) uint8.
        ram: (128,) uint8.
        sound: Samples of the last frame, (512,) uint8; None if the session keeps none.
        time: When that was, in seconds since 1970.
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


Look = Callable[[Moment | None], None]
"""Is told of each moment, and None at the session's end; it must neither take time nor raise."""


class Holder(Protocol):
    """A WebSocket, as far as a session knows it."""

    def dismiss(self) -> None:
        """Close it: another has the session."""


class Player(Protocol):
    """Plays a session of itself."""

    def stop(self) -> None:
        """Play no more."""


class Onlookers:
    """Those who look on at a session. While there are none, it costs the session nothing."""

    def __init__(self) -> None:
        self._looks: tuple[Look, ...] = ()
        self._guard = threading.Lock()  # one may leave while the session plays
        self._state: AtariState | None = None

    def add(self, look: Look, is_player: bool) -> None:
        """Let somebody look on; for the one who plays there is always room.

        Raises:
            SessionBusy: If too many do.
        """
        with self._guard:
            if not is_player and len(self._looks) >= MOST_ONLOOKERS:
                raise SessionBusy(f"{MOST_ONLOOKERS} look on at this session; try later")
            self._looks += (look,)

    def remove(self, look: Look) -> None:
        """Show somebody nothing any more; twice is fine."""
        with self._guard:
            self._looks = tuple(other for other in self._looks if other != look)

    def begin(self) -> None:
        """Note that an episode has begun."""
        self._state = None

    def show(
        self,
        environment: AtariEnvironment,
        result: StepResult,
        number: int,
        only: Look | None = None,
    ) -> None:
        """Show what an environment shows now, to all or to one alone.

        Args:
            environment: An environment in an episode.
            result: What its last reset or step returned.
            number: Of the episode in its session.
            only: Who is shown it; None is all.
        """
        if not self._looks:
            return
        if self._state is None:  # once an episode: taking it takes time
            self._state = environment.state
        moment = _moment(environment, result, number, self._state)
        for look in [only] if only else self._looks:
            look(moment)

    def end(self) -> None:
        """Tell all that the session has ended."""
        for look in self._looks:
            look(None)


def _moment(
    environment: AtariEnvironment, result: StepResult, number: int, state: AtariState
) -> Moment:
    """Return what an environment shows now, copied out of its emulator."""
    emulator, summary = environment.emulator, environment.summary()
    return Moment(
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
