"""What a rollout gives its workers and what comes back; each backend only carries it."""

import pickle
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from atari_cli.config import EnvironmentConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import InvalidSetting, PolicyFailed, UnknownPolicy
from atari_cli.model import EpisodeSummary, Policy, PolicySource
from atari_cli.rollout.episode import make_policy, run_episode
from atari_cli.sink import Sink


@dataclass(frozen=True, slots=True)
class Work:
    """What the episodes of a run have in common; a worker gets it once.

    Attributes:
        config: The environment's settings.
        policy: Where each worker gets its own policy from.
        seed: The seed of the run.
    """

    config: EnvironmentConfig
    policy: PolicySource
    seed: int


@dataclass(frozen=True, slots=True)
class Turn:
    """One episode to play.

    Attributes:
        episode: Its index in the run.
        max_steps: It is cut after so many steps; None is never.
    """

    episode: int
    max_steps: int | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An episode in which the policy failed.

    Attributes:
        episode: Its index in the run.
        steps: Steps that were played before.
        error: What went wrong.
    """

    episode: int
    steps: int
    error: PolicyFailed


@dataclass(frozen=True, slots=True)
class Advance:
    """So many more steps were played."""

    steps: int


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker has started and waits for its work."""


Outcome = EpisodeSummary | Failure


class Backend(Protocol):
    """Where episodes are played. Leaving it as a context manager ends its workers."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def play(self, work: Work, turns: Iterable[Turn]) -> Generator[Outcome | Advance, None, None]:
        """Play every turn and yield the outcomes in whichever order they come.

        A turn is taken from the iterable only when a worker is free for it. Closing the iterator
        ends what is still being played.

        Raises:
            AtariError: If the workers cannot play, or are lost.
        """


class Player:
    """Plays turns of one work with one environment and one policy.

    Args:
        work: What to play.
        sinks: They are told of starts, steps and progress.

    Raises:
        PolicyFailed: If the policy cannot be made.
    """

    def __init__(self, work: Work, sinks: Sequence[Sink] = ()) -> None:
        self._work = work
        self._sinks = sinks
        self._policy = make_policy(work.policy, work.seed)
        keep_frames = any(sink.needs_frames for sink in sinks)
        self._environment = AtariEnvironment(work.config, keep_frames=keep_frames)

    def play(self, turn: Turn) -> Outcome:
        """Play an episode."""
        try:
            return run_episode(
                self._environment,
                self._policy,
                episode=turn.episode,
                run_seed=self._work.seed,
                policy_name=self._work.policy.name,
                max_steps=turn.max_steps,
                sinks=self._sinks,
            )
        except PolicyFailed as error:
            return Failure(turn.episode, self._environment.state.step_count, error)


@dataclass(frozen=True)
class InProcess:
    """The backend that plays in the calling process, one episode after the other.

    Args:
        sinks: They are told of starts, steps and progress directly.
    """

    sinks: Sequence[Sink] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def play(self, work: Work, turns: Iterable[Turn]) -> Generator[Outcome, None, None]:
        """Play every turn, in order."""
        player = Player(work, self.sinks)
        yield from map(player.play, turns)


class CallablePolicy:
    """A source that loads a function as it is, and makes an object of a class.

    Args:
        policy: A policy, or a class whose objects are policies.
    """

    def __init__(self, policy: Callable[..., object]) -> None:
        self.name = str(getattr(policy, "__name__", type(policy).__name__))
        self.deterministic: bool | None = None
        self._policy: Any = policy

    def load(self) -> Policy:
        """Return the policy."""
        policy: Policy = self._policy() if isinstance(self._policy, type) else self._policy
        return policy


def policy_source(policy: PolicySource | Policy) -> PolicySource:
    """Return a policy as a source.

    Raises:
        InvalidSetting: If it is neither a source nor callable.
    """
    if isinstance(policy, PolicySource):
        return policy
    if callable(policy):
        return CallablePolicy(policy)
    raise InvalidSetting(
        f"expected a policy: a function of the observation or a PolicySource, got {policy!r}"
    )


def pack_work(work: Work) -> bytes:
    """Return a work as bytes for another process; what is defined in `__main__` goes by value.

    Raises:
        InvalidSetting: If the policy cannot be pickled.
    """
    import cloudpickle

    try:
        return bytes(cloudpickle.dumps(work))
    except Exception as error:
        raise InvalidSetting(
            f"the policy {work.policy.name!r} cannot be sent to other processes ({error}); "
            "play it with workers=1"
        ) from error


def unpack_work(packed: bytes) -> Work:
    """Return what `pack_work` was given.

    Raises:
        UnknownPolicy: If the policy's module cannot be loaded here.
    """
    try:
        work: Work = pickle.loads(packed)
    except Exception as error:
        raise UnknownPolicy(f"the policy cannot be loaded in a worker process: {error}") from error
    return work
