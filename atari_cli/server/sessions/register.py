"""The register of all sessions."""

import logging
import secrets
import threading
from collections.abc import Mapping
from dataclasses import replace
from time import monotonic
from typing import Any, Final, TypeVar

from atari_cli.config import EnvironmentConfig
from atari_cli.errors import CapacityReached, UnknownSession
from atari_cli.games import find_game
from atari_cli.recording import Episode
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.phases import AttachedSocket, Phase
from atari_cli.server.sessions.replay_session import ReplaySession
from atari_cli.server.sessions.session import Session

UNUSED_SECONDS: Final = 60.0
WARNING_SECONDS: Final = 60.0
"""The person who plays an idle session is warned this time before its end."""

AnySession = TypeVar("AnySession", bound=Session)

_log: Final = logging.getLogger("atari.server")


class Sessions:
    """The sessions of a server.

    Args:
        config: The settings of a session that is opened without any.
        most: Maximum number of sessions.
        idle_timeout: Seconds after which an idle session is ended.
        keep_lost: Seconds after which one is ended whose WebSocket was lost.
        metrics: Where sessions and their steps are counted.
    """

    def __init__(
        self,
        config: EnvironmentConfig,
        most: int,
        idle_timeout: float,
        keep_lost: float,
        metrics: Metrics,
    ) -> None:
        self.config = _checked(config)
        self.most = most
        self._metrics = metrics
        metrics.most_sessions.set(most)
        metrics.sessions.set_function(self.__len__)
        self._patience = {
            Phase.NEW: min(idle_timeout, UNUSED_SECONDS),
            Phase.LOST: min(idle_timeout, keep_lost),
        }
        self._idle_timeout = idle_timeout
        self._sessions: dict[str, Session] = {}
        self._register = threading.RLock()

    def __len__(self) -> int:
        return len(self._sessions)

    def all(self) -> list[Session]:
        """Return the sessions, the oldest first."""
        with self._register:
            return list(self._sessions.values())

    def open(self, settings: Mapping[str, Any] | None = None) -> Session:
        """Return a new session; its environment is made at its first request.

        Raises:
            CapacityReached: If there are too many.
            InvalidSetting: If a setting is wrong.
        """
        return self._add(self._session(self._configured(settings or {})))

    def open_for(self, socket: AttachedSocket) -> Session:
        """Return a new session that is attached to a WebSocket and ends with it.

        Raises:
            CapacityReached: If there are too many.
        """
        session = self._session(self.config, ends_with_socket=True)
        session.attach(socket)
        return self._add(session)

    def replay(self, episode: Episode) -> ReplaySession:
        """Return a new session that replays a recording.

        Raises:
            CapacityReached: If there are too many.
        """
        return self._add(ReplaySession(secrets.token_urlsafe(16), episode, self._metrics))

    def default(self, owner: str) -> Session:
        """Return the default session of an owner, a new one if there is none."""
        with self._register:
            return self.owned(owner) or self._add(self._session(self.config, owner=owner))

    def owned(self, owner: str) -> Session | None:
        """Return the default session of an owner; None if there is none."""
        return next((session for session in self.all() if session.owner == owner), None)

    def get(self, identity: str) -> Session:
        """Return the session with an id.

        Raises:
            UnknownSession: If there is none.
        """
        with self._register:
            session = self._sessions.get(identity)
        if session is None:
            raise UnknownSession("no session has this id, or it has ended")
        return session

    def watched_by(self, key: str) -> Session:
        """Return the session whose watch key this is.

        Raises:
            UnknownSession: If there is none.
        """
        for session in self.all():
            if secrets.compare_digest(session.watch_key.encode(), key.encode()):
                return session
        raise UnknownSession("no session has this key, or it has ended")

    def attach(self, identity: str, socket: AttachedSocket, takes_over: bool = False) -> Session:
        """Return the session with an id, attached to a WebSocket.

        Args:
            identity: The id.
            socket: The WebSocket.
            takes_over: Whether to take it from another WebSocket.

        Raises:
            UnknownSession: If there is none; else as `Session.attach`.
        """
        session = self.get(identity)
        session.attach(socket, takes_over)
        return session

    def detach(self, session: Session, socket: AttachedSocket, is_lost: bool) -> None:
        """Let a WebSocket leave a session, which is closed if it ends with that.

        Args:
            session: The session.
            socket: The WebSocket.
            is_lost: As in `Session.detach`.
        """
        if session.detach(socket, is_lost):
            self.close(session)

    def end(self, session: Session) -> bool:
        """End a session, if need be once its WebSocket has left; return whether that is now."""
        has_ended = session.end()
        if has_ended:
            self.close(session)
        return has_ended

    def close(self, session: Session) -> None:
        """End a session and free its place; calling it again does nothing."""
        with self._register:
            self._sessions.pop(session.id, None)
        session.close()

    def reap(self, now: float) -> None:
        """End the sessions that were idle for too long; those never used or lost, sooner.

        Args:
            now: The time, on the clock of `time.monotonic`.
        """
        for session in self.all():
            patience = self._patience.get(session.phase, self._idle_timeout)
            left = session.last_used + patience - now
            if left < min(WARNING_SECONDS, patience / 2):
                session.warn(max(left, 0.0))
            if left < 0 and not session.is_busy:
                self._metrics.reaped.inc()
                self.close(session)
                _log.info("session %s... was idle for %d s and is ended", session.id[:4], patience)

    def _configured(self, settings: Mapping[str, Any]) -> EnvironmentConfig:
        if "game" in settings:
            settings = {**settings, "game": find_game(settings["game"]).id}
        return _checked(self.config.with_settings(settings))

    def _session(self, config: EnvironmentConfig, **more: Any) -> Session:
        return Session(secrets.token_urlsafe(16), config, self._metrics, **more)

    def _add(self, session: AnySession) -> AnySession:
        with self._register:
            given_up = self._given_up() if len(self._sessions) >= self.most else None
            if given_up:
                self.close(given_up)
            if len(self._sessions) >= self.most:
                self._metrics.rejections.inc()
                raise CapacityReached(len(self._sessions), self.most)
            self._sessions[session.id] = session
        return session

    def _given_up(self) -> Session | None:
        """Return the session that lost its WebSocket first, else one that is held but not used."""
        free = [session for session in self.all() if not session.is_busy]
        lost = [session for session in free if session.phase is Phase.LOST]
        before = monotonic() - UNUSED_SECONDS
        held = [each for each in free if not each.was_used and each.last_used < before]
        return min(lost or held, key=lambda session: session.last_used, default=None)


def _checked(config: EnvironmentConfig) -> EnvironmentConfig:
    """Return settings with the game's id, if the game has their mode and difficulty."""
    game = find_game(config.game)
    game.choose_mode(config.mode)
    game.choose_difficulty(config.difficulty)
    return replace(config, game=game.id)
