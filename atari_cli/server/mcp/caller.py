"""The sender of requests, and the session of a request that names none."""

import secrets
from dataclasses import dataclass
from typing import Final

from atari_cli.errors import ResetNeeded
from atari_cli.server.sessions.register import Sessions
from atari_cli.server.sessions.session import Session

_NO_GAME: Final = "there is no game, or it was idle for too long: call new_game first"

VERSIONS: Final = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
"""Supported versions of the protocol, the newest first."""

ASSUMED_VERSION: Final = "2025-03-26"
"""The version of a client that names none, according to the protocol."""


@dataclass(eq=False)
class Caller:
    """A sender of requests.

    Attributes:
        sessions: All sessions.
        own: The session of the connection; None if it has none.
        owner: The owner of the session to use otherwise, one at a time. Without an owner, each
            game is a separate session that later calls must name.
        version: The version of the protocol in use.
    """

    sessions: Sessions
    own: Session | None = None
    owner: str | None = None
    version: str = ASSUMED_VERSION

    def about(self, identity: str) -> "Caller":
        """Return the same caller for a named session.

        Raises:
            UnknownSession: If no session has that id.
        """
        return Caller(self.sessions, self.sessions.get(identity))

    def session(self, identity: str | None) -> Session:
        """Return the session with an id, or the caller's own; models write "" for no id.

        Raises:
            UnknownSession: If there is no session with that id.
            ResetNeeded: If no id is given and the caller has no session.
        """
        if identity:
            return self.sessions.get(identity)
        found = self.own or self._owned()
        if found is None:
            raise ResetNeeded(_NO_GAME)
        return found

    def game(self, identity: str | None) -> Session:
        """Return the session with an id, or the caller's own, which has a game.

        Raises:
            UnknownSession: If there is no session with that id.
            ResetNeeded: If there is no game.
        """
        session = self.session(identity)
        if not session.episodes:
            raise ResetNeeded(_NO_GAME)
        return session

    @property
    def has_session(self) -> bool:
        """Whether the caller has its own session."""
        return bool(self.own or self._owned())

    def open(self) -> Session:
        """Return the caller's own session, or a new one.

        Raises:
            CapacityReached: If the limit of sessions is reached.
        """
        if self.own:
            return self.own
        return self.sessions.default(self.owner) if self.owner else self.sessions.open()

    def end(self) -> bool:
        """End the session that the caller owns, and return whether there was one."""
        found = self._owned()
        if found:
            self.sessions.close(found)
        return found is not None

    def _owned(self) -> Session | None:
        return self.sessions.owned(self.owner) if self.owner else None


def new_owner(key: str | None = None) -> str:
    """Return the name of the owner with a key, or of a new owner without one."""
    return f"mcp:{key or secrets.token_urlsafe(16)}"
