"""The life of a session: its phases, and what leads from one to the next."""

import threading
from enum import Enum
from time import monotonic
from typing import Final, Protocol

from atari_cli.errors import UnknownSession

_ENDED: Final = "this session was ended: it was idle for too long, or closed"


class Phase(Enum):
    """Where a session is in its life."""

    NEW = "no request has used it yet"
    USED = "it is used, and no WebSocket is attached"
    ATTACHED = "a WebSocket is attached"
    LOST = "the WebSocket from which a person played it is gone, and may come back"
    ENDING = "it closes when its WebSocket leaves"
    CLOSED = "it has ended"


class AttachedSocket(Protocol):
    """A WebSocket, as far as its session knows it."""

    def dismiss(self) -> None:
        """Close it: another WebSocket takes the session."""


class SessionPacer(Protocol):
    """Plays a session at the console's pace, as far as the session knows it."""

    def stop(self) -> None:
        """Stop playing."""


class Lifecycle:
    """The phase of one session, the WebSocket that is attached and the pacer that plays it.

    Several threads may use it at once.

    Args:
        identity: The session's id.
        ends_with_socket: Whether the session ends when its WebSocket leaves.
    """

    def __init__(self, identity: str, ends_with_socket: bool) -> None:
        self._identity: Final = identity
        self._ends_with_socket: Final = ends_with_socket
        self._phase = Phase.NEW
        self._last_used = monotonic()
        self._socket: AttachedSocket | None = None
        self._pacer: SessionPacer | None = None
        self._guard = threading.Lock()  # of all the above

    @property
    def phase(self) -> Phase:
        """The present phase."""
        return self._phase

    @property
    def last_used(self) -> float:
        """When the session was used last, on the clock of `time.monotonic`."""
        return self._last_used

    @property
    def is_played(self) -> bool:
        """Whether a person plays the session at the console's pace, or did."""
        return self._pacer is not None

    def touch(self) -> None:
        """Note that the session is in use: idle ones are ended."""
        self._last_used = monotonic()

    def check_open(self) -> None:
        """Raise UnknownSession if the session has ended."""
        if self._phase is Phase.CLOSED:
            raise UnknownSession(_ENDED)

    def use(self) -> None:
        """Note that a request is served.

        Raises:
            UnknownSession: If the session has ended.
        """
        with self._guard:
            self.check_open()
            if self._phase is Phase.NEW:
                self._phase = Phase.USED
        self.touch()

    def attach(self, socket: AttachedSocket, takes_over: bool = False) -> None:
        """Give the session to a WebSocket.

        Args:
            socket: The WebSocket.
            takes_over: Take it from the WebSocket that has it, if a person plays it: that one may
                be lost without the server knowing.

        Raises:
            UnknownSession: If the session has ended, or another WebSocket has it.
        """
        with self._guard:
            earlier = self._socket
            if earlier and not (takes_over and self._pacer):
                raise UnknownSession(f"Session {self._identity} already has an attached WebSocket")
            self.check_open()
            self._socket = socket
            if self._phase is not Phase.ENDING:
                self._phase = Phase.ATTACHED
        if earlier:
            earlier.dismiss()

    def detach(self, socket: AttachedSocket, said_farewell: bool) -> bool:
        """Let a WebSocket leave, and return whether the session ends with that.

        Nothing happens if another WebSocket has taken the session over, or it has ended.

        Args:
            socket: The WebSocket.
            said_farewell: Whether it was closed on purpose; else a person who played may come back.
        """
        with self._guard:
            if self._socket is not socket:
                return False
            self._socket = None
            self.touch()
            may_return = self._pacer is not None and not said_farewell
            if self._phase is Phase.ENDING or (self._ends_with_socket and not may_return):
                self._phase = Phase.CLOSED
            else:
                self._phase = Phase.LOST if self._ends_with_socket else Phase.USED
            return self._phase is Phase.CLOSED

    def play_with(self, pacer: SessionPacer) -> None:
        """Let a pacer play the session; an earlier one stops."""
        with self._guard:
            earlier, self._pacer = self._pacer, pacer
        if earlier and earlier is not pacer:
            earlier.stop()

    def is_played_by(self, pacer: SessionPacer) -> bool:
        """Return whether a pacer is the one that plays the session."""
        return self._pacer is pacer

    def end(self) -> bool:
        """End the session once no WebSocket is attached; return whether that is now."""
        with self._guard:
            self._phase = Phase.ENDING if self._socket else Phase.CLOSED
            return self._phase is Phase.CLOSED

    def close(self) -> None:
        """End the session; calling it again does nothing."""
        with self._guard:
            self._phase = Phase.CLOSED
            self._socket = None
