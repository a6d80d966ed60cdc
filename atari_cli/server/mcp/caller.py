"""Who sends requests, and which session is meant by one that names none."""

import secrets
from typing import Final

from atari_cli.errors import ResetNeeded
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.register import Sessions
from atari_cli.server.sessions.session import Session

NO_GAME: Final = "there is no game, or it was idle for too long: call new_game first"

VERSIONS: Final = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
"""Versions of the protocol that are spoken, the newest first."""

ASSUMED_VERSION: Final = "2025-03-26"
"""What one speaks who has not said, as the protocol has it."""


class Caller:
    """Who sends requests.

    Args:
        sessions: The sessions that there are.
        metrics: Where steps are counted.
        own: The session that the connection is about, if it is about one.
        owner: Whose session is meant otherwise, one at a time; None has none, so that each game is
            a session of its own that later calls must name.

    Attributes:
        version: The version of the protocol that is spoken.
    """

    def __init__(
        self,
        sessions: Sessions,
        metrics: Metrics,
        own: Session | None = None,
        owner: str | None = None,
    ) -> None:
        self.sessions = sessions
        self.metrics = metrics
        self.own = own
        self.version = ASSUMED_VERSION
        self._owner = owner

    def about(self, identity: str) -> "Caller":
        """Return the same caller, who means a session that was named.

        Raises:
            UnknownSession: If there is no such session.
        """
        return Caller(self.sessions, self.metrics, self.sessions.get(identity))

    def session(self, identity: str | None) -> Session:
        """Return the session with an id, or the caller's own.

        Raises:
            UnknownSession: If there is no session with that id.
            ResetNeeded: If none is named and the caller has none.
        """
        if identity is not None:
            return self.sessions.get(identity)
        found = self.own or (self.sessions.owned(self._owner) if self._owner else None)
        if found is None:
            raise ResetNeeded(NO_GAME)
        return found

    @property
    def has_session(self) -> bool:
        """Whether the caller has a session of their own."""
        return bool(self.own or (self._owner and self.sessions.owned(self._owner)))

    def open(self) -> Session:
        """Return the caller's own session, a new one if there is none.

        Raises:
            CapacityReached: If there are as many as there may be.
        """
        if self.own:
            return self.own
        return self.sessions.default(self._owner) if self._owner else self.sessions.open()

    def end(self) -> bool:
        """End the session that the caller owns, and return whether there was one."""
        found = self.sessions.owned(self._owner) if self._owner else None
        if found:
            self.sessions.close(found)
        return found is not None


def new_owner(key: str | None = None) -> str:
    """Return the name of an owner: of whoever shows a key, or one that nobody else has."""
    return f"mcp:{key or secrets.token_urlsafe(16)}"
