"""Plays a session at the console's speed, by what a person holds who is far away."""

import logging
import threading
from collections.abc import Callable
from time import perf_counter
from typing import Final

from atari_cli.errors import SessionBusy, UnknownSession
from atari_cli.server.sessions.held_input import HeldInput
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.session import Session

MOST_LATE: Final = 0.25
"""Seconds; what is later than this is not caught up: the machine slept, or has too much to do."""

LEISURE_SECONDS: Final = 0.1
"""How often it is looked whether an episode has begun."""

_log: Final = logging.getLogger("atari.server")


class RealtimePacer:
    """Plays step after step in a thread of its own; each is due a fixed time after the last.

    Nothing is played while there is no episode that could go on.

    Args:
        session: The session.
        metrics: What is counted.
        failed: Is told when the emulator fails, which ends the playing.

    Attributes:
        held_input: What the person holds now.
        paused: Time stands still.
        speed: 1.0 is the console's.
    """

    def __init__(
        self, session: Session, metrics: Metrics, failed: Callable[[], object] = lambda: None
    ) -> None:
        self.held_input = HeldInput()
        self.paused = False
        self.speed = 1.0
        self._session = session
        self._metrics = metrics
        self._failed = failed
        self._is_started = self._is_stopped = False
        self._changed = threading.Condition()

    def start(self) -> None:
        """Begin to play; twice is fine."""
        if self._is_started:
            return
        self._is_started = True
        threading.Thread(target=self._run, daemon=True, name="player").start()

    def stop(self) -> None:
        """Play no more."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify()

    def set_pace(self, paused: bool | None, speed: float | None) -> None:
        """Change the pace; None is no change."""
        with self._changed:
            self.paused = self.paused if paused is None else paused
            self.speed = self.speed if speed is None else speed
            self._changed.notify()

    def _run(self) -> None:
        due, owed = perf_counter(), 0.0
        try:
            while not self._is_stopped:
                seconds = self._session.tempo()
                if self.paused or seconds is None:
                    self._rest()
                    due = perf_counter()
                    continue
                # Slower is fewer ticks; faster is more steps in each, of which one is shown.
                owed += max(1.0, self.speed)
                steps, owed = int(owed), owed % 1.0
                self._play(steps)
                due = max(due + seconds / min(1.0, self.speed), perf_counter() - MOST_LATE)
                self._rest_until(due)
        except UnknownSession:
            return
        except Exception:
            _log.exception("a session that is played has failed")
            self._failed()

    def _play(self, steps: int) -> None:
        held = self.held_input.next()
        try:
            with self._metrics.steps(steps):
                self._session.hold(*held, steps)
        except SessionBusy:  # others have much to ask of it: this step is left out
            return

    def _rest(self) -> None:
        with self._changed:
            if not self._is_stopped:
                self._changed.wait(None if self.paused else LEISURE_SECONDS)

    def _rest_until(self, due: float) -> None:
        with self._changed:
            while not (self._is_stopped or self.paused) and (left := due - perf_counter()) > 0:
                self._changed.wait(left)
