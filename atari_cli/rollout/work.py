"""The orders that a rollout sends its workers and their reports; a backend only carries them."""

import pickle
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from atari_cli.config import EnvironmentConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import InvalidSetting, PolicyFailed, UnknownPolicy
from atari_cli.model import EpisodeSummary, Policy, PolicySource
from atari_cli.rollout.episode import make_policy, run_episode
from atari_cli.sink import Sink


@dataclass(frozen=True, slots=True)
class RunSpec:
    """The settings that all episodes of a run share; each worker receives them once.

    Attributes:
        config: The environment's settings.
        policy: The source from which each worker loads its own policy.
        seed: The seed of the run.
    """

    config: EnvironmentConfig
    policy: PolicySource
    seed: int


@dataclass(frozen=True, slots=True)
class EpisodeTask:
    """One episode to play.

    Attributes:
        episode: Its index in the run.
        max_steps: Cut it after this many steps; never if None.
    """

    episode: int
    max_steps: int | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An episode in which the policy failed.

    Attributes:
        episode: Its index in the run.
        steps: Steps played before the failure.
        error: The failure.
    """

    episode: int
    steps: int
    error: PolicyFailed


@dataclass(frozen=True, slots=True)
class Advance:
    """Progress: more steps were played.

    Attributes:
        steps: How many.
    """

    steps: int


EpisodeOutcome = EpisodeSummary | Failure


class Backend(Protocol):
    """A place where episodes are played."""

    def play(
        self, spec: RunSpec, tasks: Iterable[EpisodeTask]
    ) -> Generator[EpisodeOutcome | Advance, None, None]:
        """Play every task and yield the outcomes in any order.

        A task is taken from the iterable only when a worker is free for it. Closing the generator
        ends the episodes still in play.

        Args:
            spec: What the episodes have in common.
            tasks: The episodes.

        Raises:
            AtariError: If the workers cannot play, or are lost.
        """


class EpisodePlayer:
    """Plays tasks of one spec with one environment and one policy.

    Args:
        spec: What the episodes have in common.
        sinks: Notified of starts, steps and progress.

    Raises:
        PolicyFailed: If the policy cannot be made.
    """

    def __init__(self, spec: RunSpec, sinks: Sequence[Sink] = ()) -> None:
        self._spec = spec
        self._sinks = sinks
        self._policy = make_policy(spec.policy, spec.seed)
        keep_frames = any(sink.needs_frames for sink in sinks)
        sound = spec.config.sound or any(sink.needs_sound for sink in sinks)
        self._environment = AtariEnvironment(
            spec.config, keep_frames=keep_frames, is_audible=spec.config.sound, sound=sound
        )

    def play(self, task: EpisodeTask) -> EpisodeOutcome:
        """Play an episode."""
        try:
            return run_episode(
                self._environment,
                self._policy,
                episode=task.episode,
                run_seed=self._spec.seed,
                policy_name=self._spec.policy.name,
                max_steps=task.max_steps,
                sinks=self._sinks,
            )
        except PolicyFailed as error:
            return Failure(task.episode, self._environment.state.step_count, error)


@dataclass(frozen=True)
class InProcess:
    """The backend that plays in the calling process, one episode after another.

    Args:
        sinks: Notified of starts, steps and progress directly.
    """

    sinks: Sequence[Sink] = ()

    def play(
        self, spec: RunSpec, tasks: Iterable[EpisodeTask]
    ) -> Generator[EpisodeOutcome, None, None]:
        """Play every task in order and yield the outcomes.

        Args:
            spec: What the episodes have in common.
            tasks: The episodes.
        """
        player = EpisodePlayer(spec, self.sinks)
        yield from map(player.play, tasks)


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


def policy_source(policy: PolicySource | Policy | type[Any]) -> PolicySource:
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


def pack_spec(spec: RunSpec) -> bytes:
    """Return a spec as bytes for another process; definitions in `__main__` are included by value.

    Raises:
        InvalidSetting: If the policy cannot be pickled.
    """
    import cloudpickle

    try:
        return bytes(cloudpickle.dumps(spec))
    except Exception as error:
        raise InvalidSetting(
            f"the policy {spec.policy.name!r} cannot be sent to other processes ({error}); "
            "play it with workers=1"
        ) from error


def unpack_spec(packed: bytes) -> RunSpec:
    """Return the spec that `pack_spec` packed.

    Raises:
        UnknownPolicy: If the policy's module cannot be loaded here.
    """
    try:
        spec: RunSpec = pickle.loads(packed)
    except Exception as error:
        raise UnknownPolicy(f"the policy cannot be loaded in a worker process: {error}") from error
    return spec
