"""A session: all that one client's game is.

Nothing here knows what travels over the wire: whoever asks passes a function that makes a reply of
a result, and it is called while the session stands still.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Any, Final, TypeVar

from atari_cli.actions import action_index
from atari_cli.config import EnvironmentConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import InvalidSetting, ResetNeeded, UnknownSession
from atari_cli.model import AtariState, StepResult
from atari_cli.server.sessions.emulator_pool import Pool
from atari_cli.server.sessions.episode_log import Keeping
from atari_cli.server.sessions.held_input import aim
from atari_cli.server.sessions.request_queue import Turns
from atari_cli.server.sessions.spectators import Holder, Look, Onlookers, Player

MOST_FRAMES: Final = 65_536
"""Frames of one lot, which nobody can break off: some seconds."""

_ENDED: Final = "this session was ended: it was idle for too long, or closed"

Reply = TypeVar("Reply")
Encode = Callable[[StepResult, AtariState], Reply]
Work = Callable[[AtariEnvironment, StepResult | None], tuple[StepResult, Reply]]
"""Gets the environment and the last result, None before the first; returns both anew."""


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
        self.watch_key = secrets.token_urlsafe(16)
        self.is_closed = False
        self.holder: Holder | None = None  # the WebSocket that is attached
        self.player: Player | None = None  # who plays it at the console's speed
        self.kept: Keeping | None = None  # what is kept of the episode, to be downloaded
        self.is_of_socket = False  # a WebSocket opened it, and with that it ends
        self.is_lost = False  # the connection that played it is gone, and may come back
        self.is_ending = False  # it is closed when its WebSocket leaves it
        self.episodes = 0  # that were begun; two may have the same name
        self.is_used, self.last_used = False, monotonic()
        self.saved: dict[str, bytes] = {}  # moments that its player keeps, by name
        self._config, self._pool = config, pool
        self._make = partial(AtariEnvironment, make_emulator=pool.make)
        self._environment: AtariEnvironment | None = None
        self._result: StepResult | None = None
        self._onlookers = Onlookers()
        self._is_faulty = False  # its emulator failed: nobody gets it, and the next reset a new one
        self._turns = Turns()

    @property
    def is_attached(self) -> bool:
        """Whether a WebSocket has the session to itself."""
        return self.holder is not None

    @property
    def is_busy(self) -> bool:
        """Whether a request is being served."""
        return self._turns.is_taken

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
            SessionBusy: If too many requests wait for it; likewise.
        """
        with self._turn():
            result = self._reset(seed, episode_id, settings or {})
            self._show()
            return encode(result, self._open().state)

    def step(self, encode: Encode[Reply], action: int) -> Reply:
        """Play an action; before the first reset, an episode begins with it.

        A step after the episode's end plays nothing: it repeats the last observation with reward 0.

        Raises:
            InvalidAction: If the action is not in the action set; nothing is played then.
        """
        with self._turn():
            environment = self._begun()
            result = self._ended() or self._play(environment, action)
            self._show()
            return encode(result, environment.state)

    def step_many(self, encode: Encode[Reply], actions: Sequence[int]) -> list[Reply]:
        """Play actions one after another, up to the episode's end, and return a reply for each.

        The state that `encode` gets is that of the beginning: taking it takes time.

        Raises:
            InvalidAction: If one of them is not in the action set; none is played then.
            InvalidSetting: If they are more than `MOST_FRAMES` frames; none is played then.
        """
        with self._turn():
            environment = self._begun()
            if ended := self._ended():
                return [encode(ended, environment.state)]
            if len(actions) * environment.config.frameskip > MOST_FRAMES:
                raise InvalidSetting(
                    f"a lot plays at most {MOST_FRAMES} frames: send fewer actions"
                )
            for action in actions:
                action_index(action, environment.action_codes)
            replies, state = [], environment.state
            for action in actions:
                result = self._play(environment, action)
                replies.append(encode(result, state))
                self._show()
                if result.done:
                    break
                del result
            return replies

    def hold(self, code: int, paddle: float | None, steps: int = 1) -> None:
        """Play steps by what a person holds; after the episode's end, none.

        Args:
            code: ALE code of the action; one that the game does not know is NOOP.
            paddle: Where the paddle is turned to, from 0.0, LEFT, to 1.0, RIGHT, in games that have
                one and without sticky actions; None turns it by the action.
            steps: How many; those who look on are shown the last alone.
        """
        with self._turn():
            environment = self._begun()
            for _ in range(steps):
                if self._ended():
                    break
                self._play(environment, *aim(environment, code, paddle))
            self._show()

    def tempo(self) -> float | None:
        """Return the seconds of the console that a step takes; None if none can be played."""
        environment, last = self._environment, self._result
        if environment is None or last is None or last.done:
            return None
        return environment.config.frameskip / environment.game.fps

    def join(self, look: Look, is_player: bool = False) -> None:
        """Show somebody each moment from now on, and at once the present one.

        Raises:
            SessionBusy: If too many look on.
        """
        with self._turn():
            if self.is_closed:
                raise UnknownSession(_ENDED)
            self._onlookers.add(look, is_player)
            if self._environment and self._result:
                self._onlookers.show(self._environment, self._result, self.episodes, look)

    def part(self, look: Look) -> None:
        """Show somebody nothing any more; twice is fine."""
        self._onlookers.remove(look)

    def look(self, encode: Encode[Reply]) -> Reply:
        """Return the reply that `encode` makes of the last result.

        Raises:
            ResetNeeded: Before the first episode.
        """
        with self._turn():
            environment = self._open()
            if self._result is None:
                raise ResetNeeded("there is no screen yet; reset first")
            return encode(self._result, environment.state)

    def use(self, work: Work[Reply]) -> Reply:
        """Return the reply of `work`, which has the environment to itself and may play on it.

        What `work` raises on purpose it raises before it plays: the last result stays.
        """
        with self._turn():
            environment = self._open()
            if self._is_faulty:
                raise ResetNeeded("the emulator failed; start a new episode")
            emulator = environment.emulator
            self.kept = None  # it is not told what is played here
            self._result, reply = work(environment, self._result)
            if environment.emulator is not emulator:
                self._pool.give_back(emulator)
            self._show()
            return reply

    def state(self) -> AtariState:
        """Return the state of the episode, or of the settings before the first."""
        with self._turn():
            return self._open().state

    def close(self) -> None:
        """End the session when the request that is being served is done."""
        with self._turns.take_at_last():
            self.is_closed = True
            self._result = None
            self.saved.clear()
            if self._environment and not self._is_faulty:
                self._pool.give_back(self._environment.emulator)
            self._environment = None
            self._onlookers.end()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Have the session to oneself, and note if its emulator fails in the block."""
        with self._turns.take():
            try:
                yield
            except (InvalidSetting, ResetNeeded, UnknownSession):
                raise
            except Exception:
                self._is_faulty = True
                raise
            finally:
                self.last_used = monotonic()

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

    def _play(
        self, environment: AtariEnvironment, action: int, strength: float = 1.0
    ) -> StepResult:
        action_index(action, environment.action_codes)
        # While anyone has the last observation, the environment copies it before it moves on.
        self._result = None
        self._result = environment.step(action, strength)
        if self.kept:
            self.kept.step(environment.last_action, self._result)
        return self._result

    def _reset(
        self, seed: int | None, episode_id: str | None, settings: Mapping[str, Any]
    ) -> StepResult:
        if self._environment is None and not self.is_closed:
            # With these settings at once, else the ROM of another game would be loaded for nothing.
            self._environment = self._make(self._config, **settings)
        environment = self._open()
        if self._is_faulty:
            environment = self._environment = self._make(environment.config)
            self._is_faulty = False
        emulator = environment.emulator
        self._result = environment.reset(seed, episode_id, **settings)
        self.episodes += 1
        if environment.emulator is not emulator:
            self._pool.give_back(emulator)
        self._onlookers.begin()
        if self.kept:
            self.kept.begin(environment, self._result)
        return self._result

    def _show(self) -> None:
        """Show the present moment to those who look on."""
        if self._environment and self._result:
            self._onlookers.show(self._environment, self._result, self.episodes)

    def _open(self) -> AtariEnvironment:
        if self.is_closed:
            raise UnknownSession(_ENDED)
        self.last_used = monotonic()
        self.is_used = True
        if self._environment is None:
            self._environment = self._make(self._config)
        return self._environment
