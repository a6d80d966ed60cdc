"""Plays a session at the console's speed with the input that a remote person holds."""

import logging
import threading
from collections.abc import Callable
from time import perf_counter, sleep
from typing import Final

from atari_cli.errors import SessionBusy, UnknownSession
from atari_cli.server.sessions.held_input import HeldInput
from atari_cli.server.sessions.session import Session
from atari_cli.system.pacing import Pacer

IDLE_SECONDS: Final = 0.1
"""How often to check whether an episode has begun."""

SLEEP_SECONDS: Final = 0.05
"""The longest sleep, after which a change of pace is seen."""

_log: Final = logging.getLogger("atari.server")


class RealtimePacer:
    """Plays step after step in its own thread; each is due a fixed time after the last.

    Nothing is played while there is no episode or it has ended.

    Args:
        session: The session.
        failed: Called if the emulator fails, which ends the thread.
        warned: Called with the seconds after which the session ends if nothing is sent.
        clock: Returns the time in seconds.

    Attributes:
        held_input: The controls that the person holds down now.
        paused: Whether the game is paused.
        speed: Speed of the game; 1.0 is the console's.
    """

    def __init__(
        self,
        session: Session,
        failed: Callable[[], object] = lambda: None,
        warned: Callable[[float], object] = lambda seconds: None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self.held_input = HeldInput()
        self.paused = False
        self.speed = 1.0
        self._session = session
        self._failed, self._warned = failed, warned
        self._warning: float | None = None
        self._clock = clock
        self._is_started = self._is_stopped = False
        self._changed = threading.Condition()

    def start(self) -> None:
        """Begin to play; calling it again does nothing."""
        if self._is_started:
            return
        self._is_started = True
        threading.Thread(target=self._run, daemon=True, name="realtime-pacer").start()

    def stop(self) -> None:
        """Stop playing, for good."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify()

    def warn(self, seconds: float) -> None:
        """Warn the person that the session ends in some seconds if nothing is sent."""
        with self._changed:
            self._warning = seconds
            self._changed.notify()

    def set_pace(self, paused: bool | None, speed: float | None) -> None:
        """Pause, resume or change the speed; None leaves a setting as it is.

        Args:
            paused: Whether the game is paused.
            speed: Speed of the game; 1.0 is the console's.
        """
        with self._changed:
            self.paused = self.paused if paused is None else paused
            self.speed = self.speed if speed is None else speed
            self._changed.notify()

    def _run(self) -> None:
        pacer, owed = Pacer(self._clock), 0.0
        try:
            while not self._is_stopped:
                self._pass_warning_on()
                seconds = self._session.tempo()
                if self.paused or seconds is None:
                    self._rest()
                    pacer.restart()
                    continue
                # Slower means fewer ticks; faster means more steps in each, of which one is shown.
                owed += max(1.0, self.speed)
                steps, owed = int(owed), owed % 1.0
                self._play(steps)
                pacer.begin(seconds / min(1.0, self.speed))
                self._wait_for(pacer)
        except (UnknownSession, OSError):  # the session has ended, or its WebSocket has gone
            return
        except Exception:
            _log.exception("a session in play has failed")
            self._failed()

    def _play(self, steps: int) -> None:
        held = self.held_input.next()
        try:
            self._session.hold(*held, steps)
        except SessionBusy:  # other requests fill the queue: skip this tick
            return

    def _pass_warning_on(self) -> None:
        with self._changed:
            seconds, self._warning = self._warning, None
        if seconds is not None:
            self._warned(seconds)

    def _rest(self) -> None:
        with self._changed:
            if not self._is_stopped and self._warning is None:
                self._changed.wait(None if self.paused else IDLE_SECONDS)

    def _wait_for(self, pacer: Pacer) -> None:
        """Sleep until the next tick is due, or until something changes.

        A wait for a condition ends up to 16 ms late on Windows; a sleep does not.
        """
        while not (self._is_stopped or self.paused):
            seconds = pacer.seconds_to_wait()
            if seconds <= 0:
                return
            sleep(min(seconds, SLEEP_SECONDS))
