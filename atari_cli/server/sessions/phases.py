"""The life of a session: its phases, and which event leads from one to the next."""

import threading
from collections.abc import Callable
from enum import Enum, auto
from time import monotonic
from typing import Final, Protocol, TypeVar

from atari_cli.errors import UnknownSession

AnyReply = TypeVar("AnyReply")

_ENDED: Final = "this session was ended: it was idle for too long, or closed"


class Phase(Enum):
    """Where a session is in its life."""

    NEW = "nothing was played in it yet"
    USED = "it is used, and no WebSocket is attached"
    ATTACHED = "a WebSocket is attached"
    LOST = "its WebSocket is gone, and its client may come back"
    ENDING = "it closes when its WebSocket leaves"
    CLOSED = "it has ended"


class LifeEvent(Enum):
    """An event in the life of a session."""

    USE = auto()  # a request plays in it
    ATTACH = auto()  # a WebSocket takes it
    LEAVE = auto()  # its WebSocket leaves it
    LOSE = auto()  # its WebSocket is gone, but its client may come back
    END = auto()  # it is to end once no WebSocket is attached
    CLOSE = auto()


TRANSITIONS: Final[dict[Phase, dict[LifeEvent, Phase]]] = {
    Phase.NEW: {
        LifeEvent.USE: Phase.USED,
        LifeEvent.ATTACH: Phase.ATTACHED,
        LifeEvent.END: Phase.CLOSED,
        LifeEvent.CLOSE: Phase.CLOSED,
    },
    Phase.USED: {
        LifeEvent.USE: Phase.USED,
        LifeEvent.ATTACH: Phase.ATTACHED,
        LifeEvent.LOSE: Phase.LOST,
        LifeEvent.END: Phase.CLOSED,
        LifeEvent.CLOSE: Phase.CLOSED,
    },
    Phase.ATTACHED: {
        LifeEvent.USE: Phase.ATTACHED,
        LifeEvent.ATTACH: Phase.ATTACHED,  # another WebSocket takes it over
        LifeEvent.LEAVE: Phase.USED,
        LifeEvent.LOSE: Phase.LOST,
        LifeEvent.END: Phase.ENDING,
        LifeEvent.CLOSE: Phase.CLOSED,
    },
    Phase.LOST: {
        LifeEvent.USE: Phase.USED,  # its client came back without a WebSocket
        LifeEvent.ATTACH: Phase.ATTACHED,
        LifeEvent.END: Phase.CLOSED,
        LifeEvent.CLOSE: Phase.CLOSED,
    },
    Phase.ENDING: {
        LifeEvent.USE: Phase.ENDING,
        LifeEvent.ATTACH: Phase.ENDING,
        LifeEvent.LEAVE: Phase.CLOSED,
        LifeEvent.LOSE: Phase.CLOSED,
        LifeEvent.END: Phase.ENDING,
        LifeEvent.CLOSE: Phase.CLOSED,
    },
    Phase.CLOSED: {
        LifeEvent.END: Phase.CLOSED,
        LifeEvent.CLOSE: Phase.CLOSED,
    },
}
"""The next phase, by phase and event; an event that is not listed is refused."""


class AttachedSocket(Protocol):
    """A WebSocket, as far as its session knows it.

    Attributes:
        last_input: When its last message came that its user caused, on the clock of
            `time.monotonic`.
    """

    last_input: float

    def dismiss(self) -> None:
        """Close it: another WebSocket takes the session."""


class SessionPacer(Protocol):
    """Plays a session at the console's pace, as far as the session knows it.

    Attributes:
        paused: Whether the game is paused.
        speed: Speed of the game; 1.0 is the console's.
    """

    paused: bool
    speed: float

    def stop(self) -> None:
        """Stop playing."""

    def warn(self, seconds: float) -> None:
        """Warn the person that the session ends in some seconds if nothing is sent."""


class Lifecycle:
    """The phase of one session, the WebSocket that is attached and the pacer that plays it.

    Several threads may use it at once.

    Args:
        identity: The session's id.
        ends_with_socket: Whether the session ends when its WebSocket leaves.

    Attributes:
        id: The session's id.
    """

    def __init__(self, identity: str, ends_with_socket: bool) -> None:
        self.id: Final = identity
        self._answering: Final = threading.Lock()
        self._answered: int | str | None = None  # the last request that might come again
        self._was_used = False
        self._ends_with_socket: Final = ends_with_socket
        self._phase = Phase.NEW
        self._last_used = monotonic()
        self._socket: AttachedSocket | None = None
        self._pacer: SessionPacer | None = None
        self._warned_of = 0.0  # the last use after which a person was warned
        self._guard = threading.RLock()  # of all the above

    @property
    def phase(self) -> Phase:
        """The present phase."""
        return self._phase

    @property
    def was_used(self) -> bool:
        """Whether any request has played in the session."""
        return self._was_used

    @property
    def last_used(self) -> float:
        """When its user sent something last, on the clock of `time.monotonic`."""
        socket = self._socket
        return max(self._last_used, socket.last_input) if socket else self._last_used

    @property
    def is_played(self) -> bool:
        """Whether a person plays the session at the console's pace, or did."""
        return self._pacer is not None

    def has_not_ended(self) -> bool:
        """Return whether the session has not ended."""
        return self._phase is not Phase.CLOSED

    def check_open(self) -> None:
        """Raise UnknownSession if the session has ended."""
        if self._phase is Phase.CLOSED:
            raise UnknownSession(_ENDED)

    def use(self) -> None:
        """Note that a request plays in the session; one that only reads does not pass here.

        Raises:
            UnknownSession: If the session has ended.
        """
        if after(self._phase, LifeEvent.USE) is not self._phase:
            self._advance(LifeEvent.USE)
        self._was_used = True
        self._last_used = monotonic()

    def answer_once(
        self,
        name: int | str,
        again: bool,
        answer: Callable[[], AnyReply],
        repeat: Callable[[], AnyReply],
    ) -> AnyReply:
        """Return the reply to a request, whose effects happen once even if it comes again.

        Args:
            name: The request's id.
            again: Whether it may have come over another connection, which was lost before the
                reply.
            answer: Carries out the request and makes the reply.
            repeat: Makes the reply if the last request that was answered is this one.
        """
        with self._answering:
            if again and self._answered == name:
                return repeat()
            reply = answer()
            self._answered = name
            return reply

    def attach(self, socket: AttachedSocket, takes_over: bool = False) -> None:
        """Give the session to a WebSocket.

        Args:
            socket: The WebSocket.
            takes_over: Take it from the WebSocket that has it, which may be lost without the server
                knowing.

        Raises:
            UnknownSession: If the session has ended, or another WebSocket has it.
        """
        with self._guard:
            earlier = self._socket
            if earlier and not takes_over:
                raise UnknownSession(f"Session {self.id} already has an attached WebSocket")
            self._advance(LifeEvent.ATTACH)
            self._socket = socket
        if earlier:
            earlier.dismiss()

    def detach(self, socket: AttachedSocket, is_lost: bool) -> bool:
        """Let a WebSocket leave, and return whether the session ends with that.

        Nothing happens if another WebSocket has taken the session over, or it has ended.

        Args:
            socket: The WebSocket.
            is_lost: Whether it broke, and its client may come back to an episode.
        """
        with self._guard:
            if self._socket is not socket:
                return False
            self._socket = None
            self._last_used = monotonic()
            if not self._ends_with_socket:
                return self._advance(LifeEvent.LEAVE) is Phase.CLOSED
            event = LifeEvent.LOSE if is_lost else LifeEvent.CLOSE
            return self._advance(event) is Phase.CLOSED

    def lose(self) -> None:
        """Note that its client is gone without a farewell, unless a WebSocket has the session."""
        with self._guard:
            if self._phase is Phase.USED:
                self._advance(LifeEvent.LOSE)

    def play_with(self, pacer: SessionPacer) -> None:
        """Let a pacer play the session; an earlier one stops."""
        with self._guard:
            earlier, self._pacer = self._pacer, pacer
        if earlier and earlier is not pacer:
            earlier.stop()

    @property
    def pace(self) -> tuple[bool, float]:
        """Whether the game that a person plays is paused, and its speed."""
        return (self._pacer.paused, self._pacer.speed) if self._pacer else (False, 1.0)

    def warn(self, seconds: float) -> None:
        """Warn the person who plays, once, that the session ends if nothing is sent.

        Args:
            seconds: How soon it ends.
        """
        last_used, pacer = self.last_used, self._pacer
        if pacer and self._socket and last_used != self._warned_of:
            self._warned_of = last_used
            pacer.warn(seconds)

    def is_played_by(self, pacer: SessionPacer) -> bool:
        """Return whether a pacer is the one that plays the session."""
        return self._pacer is pacer

    def end(self) -> bool:
        """End the session once no WebSocket is attached; return whether that is now."""
        return self._advance(LifeEvent.END) is Phase.CLOSED

    def close(self) -> None:
        """End the session; calling it again does nothing."""
        with self._guard:
            self._advance(LifeEvent.CLOSE)
            self._socket = None

    def _advance(self, event: LifeEvent) -> Phase:
        with self._guard:
            self._phase = after(self._phase, event)
            return self._phase


def after(phase: Phase, event: LifeEvent) -> Phase:
    """Return the phase that follows an event.

    Args:
        phase: The phase in which the event happens.
        event: The event.

    Raises:
        UnknownSession: If the session has ended.
        ValueError: If the event cannot happen in this phase.
    """
    following = TRANSITIONS[phase].get(event)
    if following is None and phase is Phase.CLOSED:
        raise UnknownSession(_ENDED)
    if following is None:
        raise ValueError(f"{event.name} cannot happen in phase {phase.name}")
    return following
