"""A session: one client's game.

Callers pass a function that makes a reply of a result, while the session serves nobody else.
"""

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from operator import attrgetter
from time import monotonic, perf_counter
from typing import Any, ClassVar, Final

from atari_cli.actions import action_index
from atari_cli.config import EnvironmentConfig
from atari_cli.emulator import Emulator
from atari_cli.environment import AtariEnvironment, initial_state
from atari_cli.errors import InvalidSetting, ResetNeeded, SessionBusy, UnknownSession
from atari_cli.model import AtariState, StepResult
from atari_cli.recording import Episode
from atari_cli.server.sessions.episode_log import EpisodeLog
from atari_cli.server.sessions.held_input import aim
from atari_cli.server.sessions.loading import make_emulator
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.phases import Lifecycle
from atari_cli.server.sessions.saved_states import SavedStates
from atari_cli.server.sessions.spectators import OnSnapshot, Spectators, snapshot_of
from atari_cli.server.sessions.view import AnyReply, Encode, EpisodeView, Playing, view_of

MOST_WAITING: Final = 16  # requests, the one being served included: more would take every thread
MOST_FRAMES: Final = 65_536  # of one batch, which cannot be interrupted: some seconds

_FAILED: Final = "the emulator failed; start a new episode"


class Session(Lifecycle):
    """One client's game: its settings, its environment and its last result.

    Requests are served one at a time, in the order in which they got the lock. All of them raise
    UnknownSession if the session has ended and SessionBusy if too many requests wait for it.

    Args:
        identity: The session's id.
        config: The settings of its first episode.
        metrics: Where its steps are counted.
        owner: The client whose default session it is; None if it is named by its id.
        ends_with_socket: Whether it ends when its WebSocket leaves.
        make_emulator: Makes its consoles.

    Attributes:
        id, watch_key, owner: Keys that let one play it and watch it; its owner, if any.
    """

    earlier_frames = property(attrgetter("_earlier_frames"), doc="Frames of earlier episodes.")

    _refusal: ClassVar[str | None] = None
    """Why nothing can be played here but what the session plays by itself; None if all can."""

    def __init__(
        self,
        identity: str,
        config: EnvironmentConfig,
        metrics: Metrics,
        owner: str | None = None,
        ends_with_socket: bool = False,
        make_emulator: Callable[..., Emulator] = make_emulator,
    ) -> None:
        super().__init__(identity, ends_with_socket)
        self.owner: Final = owner
        self.watch_key: Final = secrets.token_urlsafe(16)
        self._places = threading.Semaphore(MOST_WAITING)
        self._busy = threading.Lock()
        self._config, self._metrics = config, metrics
        self._make = partial(AtariEnvironment, make_emulator=make_emulator)
        self._environment: AtariEnvironment | None = None
        self._state: AtariState | None = None  # when the running episode began
        self._result: StepResult | None = None
        self._is_over = False
        self._steps = 0  # of the request that is served
        self._earlier_frames = self._episodes = 0  # two episodes may have the same name
        self._is_faulty = False  # its emulator failed: it is dropped, and the next reset makes one
        self._log: EpisodeLog | None = None
        self._saved, self._spectators = SavedStates(), Spectators()

    @property
    def episodes(self) -> int:
        """Number of the running episode, from 1; 0 before the first."""
        return self._episodes

    @property
    def is_busy(self) -> bool:
        """Whether a request is being served."""
        return self._busy.locked()

    def keep_episode(self) -> None:
        """Keep each episode from the next reset on, to be downloaded."""
        self._log = self._log or EpisodeLog()

    def kept_episode(self) -> Episode | None:
        """Return a copy of the running episode; None if it is not kept.

        Raises:
            ResetNeeded: If it has no step yet.
        """
        with self._held():
            return self._log.episode() if self._log else None

    def reset(
        self,
        encode: Encode[AnyReply],
        seed: int | None = None,
        episode_id: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> AnyReply:
        """Start an episode and return the reply that `encode` makes of its first result.

        Args:
            encode: Makes a reply of a result and the episode's first state.
            seed: The seed; None chooses one.
            episode_id: The name of the episode; None chooses one.
            settings: The settings to change.

        Raises:
            InvalidSetting: If a setting is wrong; the session is then as it was.
        """
        with self._playing():
            result, state = self._reset(seed, episode_id, settings or {})
            self._notify()
            return encode(result, state)

    def step(self, encode: Encode[AnyReply], action: int) -> AnyReply:
        """Play an action as `step_many` does, and return the reply of `encode`.

        Args:
            encode: Makes a reply of a result and the episode's first state.
            action: An index of the action set.

        Raises:
            InvalidAction: If the action is not in the action set; nothing is played then.
        """
        (reply,) = self.step_many(encode, (action,))
        return reply

    def step_many(self, encode: Encode[AnyReply], actions: Sequence[int]) -> list[AnyReply]:
        """Play actions, first of an episode if need be, up to its end; return a reply for each.

        After the episode's end, the last observation is repeated once, with reward 0.

        Args:
            encode: Makes a reply of a result and the episode's first state.
            actions: Indices of the action set.

        Raises:
            InvalidAction: If one of them is not in the action set; none is played then.
            InvalidSetting: If they are more than `MOST_FRAMES` frames; none is played then.
        """
        with self._playing():
            environment, state = self._begun()
            if self._is_over:
                _, last = self._running()
                return [encode(replace(last, reward=0.0), state)]
            if len(actions) * environment.config.frameskip > MOST_FRAMES:
                expected = f"a batch plays at most {MOST_FRAMES} frames"
                raise InvalidSetting(f"{expected}: send fewer actions")
            legal = range(len(environment.action_codes))
            if wrong := [action for action in actions if action not in legal]:
                action_index(wrong[0], environment.action_codes)
            replies = []
            for action in actions:
                replies.append(encode(self._play(environment, action), state))
                self._notify()
                if self._is_over:
                    break
            return replies

    def hold(self, code: int, paddle: float | None, steps: int = 1) -> None:
        """Play steps by held input; after the episode's end, none.

        Args:
            code: ALE code of the action; one that the game does not know is NOOP.
            paddle: Where the paddle is turned to, as in `paddle.held_action`.
            steps: Number of steps; spectators are sent a snapshot of the last alone.
        """
        with self._playing(itself=True):
            environment, _ = self._begun()
            for _ in range(steps):
                if self._is_over:
                    break
                self._play(environment, *aim(environment, code, paddle))
            self._notify()

    def play(self, work: Callable[[Playing], AnyReply]) -> AnyReply:
        """Return the reply of `work`, which plays the episode while nobody else does.

        A kept episode is dropped: it is one that a person plays.

        Raises:
            ResetNeeded: Before the first episode.
        """
        with self._playing():
            environment, _ = self._running()

            def step(action: int) -> StepResult:
                self._log = None
                return self._play(environment, action)

            reply = work(Playing(self._view, step))
            self._notify()
            return reply

    def save(self, name: str, describe: Callable[[EpisodeView, bool], AnyReply]) -> AnyReply:
        """Save the game under a name; return the reply that `describe` makes.

        Args:
            name: The name.
            describe: Takes a view of the session and whether an earlier state was replaced.

        Raises:
            InvalidSetting: If all names are in use, or the game is too long.
            ResetNeeded: Before the first episode.
        """
        with self._playing():
            environment, _ = self._running()
            self._saved.check(name, environment.emulator.frames)
            is_replaced = self._saved.put(name, environment.save())
            return describe(self._view(), is_replaced)

    def restore(self, name: str, describe: Callable[[EpisodeView], AnyReply]) -> AnyReply:
        """Go back to a game saved under a name; return the reply that `describe` makes.

        Args:
            name: The name.
            describe: Takes a view of the session.

        Raises:
            InvalidSetting: If nothing has that name.
            ResetNeeded: After the emulator failed; nothing changes then.
        """
        with self._playing():
            if self._is_faulty:
                raise ResetNeeded(_FAILED)
            saved = self._saved.get(name)
            environment = self._open()
            self._log = None  # it lacks the steps before
            self._begin_episode(environment, environment.restore(saved))
            self._notify()
            return describe(self._view())

    def read(self, describe: Callable[[EpisodeView], AnyReply]) -> AnyReply:
        """Return the reply that `describe` makes of a view of the session.

        Raises:
            ResetNeeded: Before the first episode, and after the emulator failed.
        """
        with self._held():
            self.check_open()
            return describe(self._view())

    def state(self) -> AtariState:
        """Return the state of the episode, or of the settings before the first."""
        with self._held():
            self.check_open()
            return self._environment.state if self._environment else initial_state(self._config)

    def tempo(self) -> float | None:
        """Return the seconds of the console that a step takes; None if none can be played."""
        environment = self._environment
        if environment is None or self._state is None or self._is_over:
            return None
        return environment.config.frameskip / environment.game.fps

    def spectate(self, on_snapshot: OnSnapshot, is_player: bool = False) -> None:
        """Send each snapshot to a callback from now on, the present one at once.

        Args:
            on_snapshot: The callback.
            is_player: Whether it is that of the person who plays, which always has room.

        Raises:
            SessionBusy: If there are too many spectators, too.
        """
        with self._held():
            self.check_open()
            self._spectators.add(on_snapshot, is_player)
            self._notify(on_snapshot)

    def stop_spectating(self, on_snapshot: OnSnapshot) -> None:
        """Send a callback nothing more; calling it again does nothing."""
        self._spectators.remove(on_snapshot)

    def close(self) -> None:
        """End the session when the request that is being served is done, however many wait."""
        with self._busy:
            super().close()
            self._state = self._result = self._log = None
            self._saved.clear()
            self._environment = None
            for on_snapshot in self._spectators.callbacks:
                on_snapshot(None)

    @contextmanager
    def _held(self, itself: bool = False) -> Iterator[None]:
        """Hold the session for a block of a caller or of the session `itself`, in its turn."""
        if not self._places.acquire(blocking=False):
            raise SessionBusy(f"{MOST_WAITING} requests wait for this session; try later")
        try:
            with self._busy:
                yield
        finally:
            self._last_used = self._last_used if itself else monotonic()
            self._places.release()

    @contextmanager
    def _playing(self, itself: bool = False) -> Iterator[None]:
        """Hold the session for a block that plays what a caller or the session `itself` chose."""
        started = perf_counter()
        with self._held(itself):
            self._steps = 0
            try:
                if self._refusal and not itself:
                    raise InvalidSetting(self._refusal)
                yield
            except (InvalidSetting, ResetNeeded, UnknownSession):
                raise
            except Exception:
                self._is_faulty = True
                raise
            if self._steps:
                self._metrics.count_steps(self._steps, perf_counter() - started)

    def _begun(self) -> tuple[AtariEnvironment, AtariState]:
        """Return the environment and its episode's first state; an episode begins if need be."""
        state = self._state or self._reset(None, None, {})[1]
        return self._open(), state

    def _running(self) -> tuple[AtariEnvironment, StepResult]:
        """Return the environment and its last result; begin nothing."""
        if self._is_faulty:
            raise ResetNeeded(_FAILED)
        if self._environment is None or self._result is None:
            raise ResetNeeded("there is no screen yet; reset first")
        return self._environment, self._result

    def _play(
        self, environment: AtariEnvironment, action: int, strength: float = 1.0
    ) -> StepResult:
        self._result = None  # an observation that anyone has is copied before the next step
        result = self._result = environment.step(action, strength)
        self._is_over = result.done
        self._steps += 1
        if self._log:
            self._log.step(environment.last_action, result)
        return result

    def _reset(
        self, seed: int | None, episode_id: str | None, settings: Mapping[str, Any]
    ) -> tuple[StepResult, AtariState]:
        """Start an episode and return its first result and state."""
        self.use()
        environment = self._environment
        if environment is None or self._is_faulty:
            config = environment.config if environment else self._config
            # With these settings at once, else the ROM of another game would be loaded for nothing.
            environment = self._environment = self._make(config, **settings)
            self._is_faulty, self._state, self._result = False, None, None
        result = environment.reset(seed, episode_id, **settings)
        state = self._begin_episode(environment, result)
        if self._log:
            self._log.begin(environment, result)
        return result, state

    def _begin_episode(self, environment: AtariEnvironment, result: StepResult) -> AtariState:
        """Note that another episode runs: each one that begins or comes back passes here."""
        if self._result:
            self._earlier_frames += self._result.observation.frame_number
        self._result, self._is_over = result, result.done
        self._episodes += 1
        self._state = environment.state  # once an episode: making it takes time
        return self._state

    def _view(self) -> EpisodeView:
        environment, result = self._running()
        return view_of(environment, result, self.id, self._episodes, self._saved.names)

    def _notify(self, *some: OnSnapshot) -> None:
        """Send a snapshot to every spectator, or to some alone."""
        callbacks = some or self._spectators.callbacks
        if callbacks and self._environment and self._state and self._result:
            snapshot = snapshot_of(self._environment, self._result, self._episodes, self._state)
            for on_snapshot in callbacks:
                on_snapshot(snapshot)

    def _open(self) -> AtariEnvironment:
        if self._environment is None:  # which it is again once the session has ended
            self.use()
            self._environment = self._make(self._config)
        return self._environment
