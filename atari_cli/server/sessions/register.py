"""The register of the sessions that there are."""

import logging
import secrets
import threading
from collections.abc import Mapping
from dataclasses import replace
from time import monotonic
from typing import Any, Final

from atari_cli.config import EnvironmentConfig
from atari_cli.errors import CapacityReached, UnknownSession
from atari_cli.games import find_game
from atari_cli.recording import Episode
from atari_cli.server.sessions.emulator_pool import Pool
from atari_cli.server.sessions.replay_session import Rerun
from atari_cli.server.sessions.session import Session
from atari_cli.server.sessions.spectators import Holder

UNUSED_SECONDS: Final = 60.0

_log: Final = logging.getLogger("atari.server")


class Sessions:
    """The sessions that there are.

    Args:
        config: The settings of a session that is given none.
        most: How many there may be.
        idle_timeout: Seconds after which one that nobody uses is ended.

    Attributes:
        rejected: How many were refused for want of room.
        reaped: How many were ended for being idle.
    """

    def __init__(self, config: EnvironmentConfig, most: int, idle_timeout: float) -> None:
        find_game(config.game).choose_mode(config.mode)
        find_game(config.game).choose_difficulty(config.difficulty)
        self.config = replace(config, game=find_game(config.game).id)
        self.most = most
        self.rejected = 0
        self.reaped = 0
        self._idle_timeout = idle_timeout
        self._pool = Pool()
        self._sessions: dict[str, Session] = {}
        self._register = threading.Lock()

    def __len__(self) -> int:
        return len(self._sessions)

    def all(self) -> list[Session]:
        """Return the sessions, the oldest first."""
        with self._register:
            return list(self._sessions.values())

    def open(self, settings: Mapping[str, Any] | None = None, owner: str | None = None) -> Session:
        """Return a new session; its environment is made at its first request.

        Raises:
            CapacityReached: If there are as many as there may be.
            InvalidSetting: If a setting is wrong.
        """
        config = self._configured(settings or {})
        with self._register:
            return self._add(config, owner)

    def rerun(self, episode: Episode) -> Rerun:
        """Return a new session that replays a recording; it raises as `open`."""
        with self._register:
            session = Rerun(secrets.token_urlsafe(16), episode)
            self._register_new(session)
            return session

    def default(self, owner: str) -> Session:
        """Return the session of a caller who names none, a new one if there is none."""
        with self._register:
            return self._owned(owner) or self._add(self.config, owner)

    def owned(self, owner: str) -> Session | None:
        """Return the default session of a caller, None if there is none."""
        with self._register:
            return self._owned(owner)

    def get(self, identity: str) -> Session:
        """Return the session with an id.

        Raises:
            UnknownSession: If there is none.
        """
        with self._register:
            session = self._sessions.get(identity)
        if session is None:
            raise UnknownSession("no session has this id, or not any more")
        return session

    def watched_by(self, key: str) -> Session:
        """Return the session whose watch key this is.

        Raises:
            UnknownSession: If there is none.
        """
        for session in self.all():
            if secrets.compare_digest(session.watch_key.encode(), key.encode()):
                return session
        raise UnknownSession("no session has this key, or not any more")

    def attach(self, identity: str, holder: Holder, takes_over: bool = False) -> Session:
        """Return the session with an id, for a WebSocket that has it to itself.

        Args:
            identity: The id.
            holder: The WebSocket.
            takes_over: One that is played is taken from the WebSocket that has it, which may be
                lost without the server knowing.

        Raises:
            UnknownSession: If there is none, or another WebSocket has it.
        """
        session = self.get(identity)
        with self._register:
            earlier = session.holder
            if earlier and not (takes_over and session.player):
                raise UnknownSession(f"Session {identity} already has an attached WebSocket")
            session.holder, session.is_lost = holder, False
        if earlier:
            earlier.dismiss()
        return session

    def close(self, session: Session) -> None:
        """End a session and free its place; ending it twice is fine."""
        with self._register:
            self._sessions.pop(session.id, None)
        session.close()

    def reap(self) -> None:
        """End the sessions that were idle for too long; those that nobody ever used, soon."""
        now = monotonic()
        for session in self.all():
            is_wanted = session.is_attached or (session.is_used and not session.is_lost)
            patience = self._idle_timeout if is_wanted else min(self._idle_timeout, UNUSED_SECONDS)
            if session.last_used < now - patience and not session.is_busy:
                self.reaped += 1
                self.close(session)
                _log.info("session %s... was idle for %d s and is ended", session.id[:4], patience)

    def _owned(self, owner: str) -> Session | None:
        mine = (session for session in self._sessions.values() if session.owner == owner)
        return next(mine, None)

    def _configured(self, settings: Mapping[str, Any]) -> EnvironmentConfig:
        if "game" in settings:
            settings = {**settings, "game": find_game(settings["game"]).id}
        config = self.config.with_settings(settings)
        game = find_game(config.game)
        game.choose_mode(config.mode)
        game.choose_difficulty(config.difficulty)
        return config

    def _add(self, config: EnvironmentConfig, owner: str | None) -> Session:
        session = Session(secrets.token_urlsafe(16), config, self._pool, owner)
        self._register_new(session)
        return session

    def _register_new(self, session: Session) -> None:
        if len(self._sessions) >= self.most:
            self.rejected += 1
            raise CapacityReached(len(self._sessions), self.most)
        self._sessions[session.id] = session
