"""Sessions: all that one client's game is, and the register of those that there are.

Nothing here knows what travels over the wire: whoever asks passes a function that makes a reply of
a result, and it is called while the session stands still.
"""

import logging
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from time import monotonic
from typing import Any, Final, TypeVar

from atari_cli.actions import action_index
from atari_cli.config import EnvironmentConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import CapacityReached, ResetNeeded, UnknownSession
from atari_cli.games import find_game
from atari_cli.model import AtariState, StepResult
from atari_cli.server.pool import Pool

UNUSED_SECONDS: Final = 60.0

_log: Final = logging.getLogger("atari.server")

Reply = TypeVar("Reply")
Encode = Callable[[StepResult, AtariState], Reply]


class Session:
    """One client's game: its settings, its environment and its last result.

    Requests are served one at a time, in the order in which they got the lock.

    Args:
        identity: The session's id.
        config: The settings of its first episode.
        pool: Where its emulators come from, and go to.
        owner: Whose default session it is; None if it was asked for by its id.
    """

    def __init__(
        self, identity: str, config: EnvironmentConfig, pool: Pool, owner: str | None
    ) -> None:
        self.id = identity
        self.owner = owner
        self.is_closed = False
        self.is_attached = False
        self.episodes = 0  # that were begun; two may have the same name
        self.is_used = False
        self.last_used = monotonic()
        self._config = config
        self._pool = pool
        self._environment: AtariEnvironment | None = None
        self._result: StepResult | None = None
        self._busy = threading.Lock()

    def reset(
        self,
        encode: Encode[Reply],
        seed: int | None = None,
        episode_id: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Start an episode and return the reply that `encode` makes of its first result.

        Raises:
            InvalidSetting: If a setting is wrong; the session is then as it was.
            UnknownSession: If the session was ended; here and in the other methods.
        """
        with self._busy:
            result = self._reset(seed, episode_id, settings or {})
            return encode(result, self._open().state)

    def step(self, encode: Encode[Reply], action: int) -> Reply:
        """Play an action; before the first reset, an episode begins with it.

        A step after the episode's end plays nothing: it repeats the last observation with reward 0.

        Raises:
            InvalidAction: If the action is not in the action set; nothing is played then.
        """
        with self._busy:
            environment = self._begun()
            result = self._ended() or self._play(environment, action)
            return encode(result, environment.state)

    def step_many(self, encode: Encode[Reply], actions: Sequence[int]) -> list[Reply]:
        """Play actions one after another, up to the episode's end, and return a reply for each.

        The state that `encode` gets is that of the beginning: taking it takes time.

        Raises:
            InvalidAction: If one of them is not in the action set; none is played then.
        """
        with self._busy:
            environment = self._begun()
            if ended := self._ended():
                return [encode(ended, environment.state)]
            for action in actions:
                action_index(action, environment.action_codes)
            replies, state = [], environment.state
            for action in actions:
                result = self._play(environment, action)
                replies.append(encode(result, state))
                if result.done:
                    break
                del result
            return replies

    def look(self, encode: Encode[Reply]) -> Reply:
        """Return the reply that `encode` makes of the last result.

        Raises:
            ResetNeeded: Before the first episode.
        """
        with self._busy:
            environment = self._open()
            if self._result is None:
                raise ResetNeeded("there is no screen yet; reset first")
            return encode(self._result, environment.state)

    def state(self) -> AtariState:
        """Return the state of the episode, or of the settings before the first."""
        with self._busy:
            return self._open().state

    def close(self) -> None:
        """End the session when the request that is being served is done."""
        with self._busy:
            self.is_closed = True
            self._result = None
            if self._environment:
                self._pool.give_back(self._environment.emulator)
                self._environment = None

    def _begun(self) -> AtariEnvironment:
        """Return the environment, in an episode."""
        environment = self._open()
        if not self.episodes:
            self._reset(None, None, {})
        return environment

    def _ended(self) -> StepResult | None:
        """Return what a step after the episode's end gives, None before it."""
        last = self._result
        return replace(last, reward=0.0) if last and last.done else None

    def _play(self, environment: AtariEnvironment, action: int) -> StepResult:
        action_index(action, environment.action_codes)
        # While anyone has the last observation, the environment copies it before it moves on.
        self._result = None
        self._result = environment.step(action)
        return self._result

    def _reset(
        self, seed: int | None, episode_id: str | None, settings: Mapping[str, Any]
    ) -> StepResult:
        environment = self._open()
        emulator = environment.emulator
        self._result = environment.reset(seed, episode_id, **settings)
        self.episodes += 1
        if environment.emulator is not emulator:
            self._pool.give_back(emulator)
        return self._result

    def _open(self) -> AtariEnvironment:
        if self.is_closed:
            raise UnknownSession("this session was ended: it was idle for too long, or closed")
        self.last_used = monotonic()
        self.is_used = True
        if self._environment is None:
            self._environment = AtariEnvironment(self._config, make_emulator=self._pool.make)
        return self._environment


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

    def default(self, owner: str) -> Session:
        """Return the session of a caller who names none, a new one if there is none."""
        with self._register:
            for session in self._sessions.values():
                if session.owner == owner:
                    return session
            return self._add(self.config, owner)

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

    def attach(self, identity: str) -> Session:
        """Return the session with an id, for a WebSocket that has it to itself.

        Raises:
            UnknownSession: If there is none, or another WebSocket has it.
        """
        session = self.get(identity)
        with self._register:
            if session.is_attached:
                raise UnknownSession(f"Session {identity} already has an attached WebSocket")
            session.is_attached = True
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
            is_wanted = session.is_used or session.is_attached
            patience = self._idle_timeout if is_wanted else min(self._idle_timeout, UNUSED_SECONDS)
            if session.last_used < now - patience:
                self.reaped += 1
                self.close(session)
                _log.info("session %s... was idle for %d s and is ended", session.id[:4], patience)

    def _configured(self, settings: Mapping[str, Any]) -> EnvironmentConfig:
        if "game" in settings:
            settings = {**settings, "game": find_game(settings["game"]).id}
        config = self.config.with_settings(settings)
        game = find_game(config.game)
        game.choose_mode(config.mode)
        game.choose_difficulty(config.difficulty)
        return config

    def _add(self, config: EnvironmentConfig, owner: str | None) -> Session:
        if len(self._sessions) >= self.most:
            self.rejected += 1
            raise CapacityReached(len(self._sessions), self.most)
        session = Session(secrets.token_urlsafe(16), config, self._pool, owner)
        self._sessions[session.id] = session
        return session
