"""One episode: reset, then observe, act and notify the sinks until it ends."""

import os
import random
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from types import TracebackType
from typing import Any, Final, TypeVar

import numpy as np

from atari_cli.environment import AtariEnvironment
from atari_cli.errors import AtariError, InvalidAction, PolicyFailed
from atari_cli.model import EpisodeSummary, Policy, PolicySource, StepResult
from atari_cli.seeding import episode_seed
from atari_cli.sink import EpisodeStart, Sink

_ADVANCE_SECONDS: Final = 0.1

Observed = TypeVar("Observed")
Chosen = TypeVar("Chosen")


def run_episode(
    environment: AtariEnvironment,
    policy: Policy,
    *,
    episode: int = 0,
    run_seed: int = 0,
    policy_name: str = "",
    max_steps: int | None = None,
    sinks: Sequence[Sink] = (),
) -> EpisodeSummary:
    """Play one episode and return its summary; the sinks' `end` and `close` are left to the caller.

    Python's `random` and numpy's global generator are seeded for the episode; the caller's are
    restored afterwards.

    Args:
        environment: The environment; its state before does not matter.
        policy: The policy; its `reset(seed)`, if it has one, receives the episode's seed.
        episode: Index of the episode in its run.
        run_seed: Seed of the run; the episode's own follows from it and the index.
        policy_name: The policy as the user spelled it, for the sinks.
        max_steps: Cut the episode after this many steps; never if None.
        sinks: Notified of the start, each step and the progress.

    Raises:
        PolicyFailed: If the policy raises or returns an action that is not in the action set.
    """
    seed = episode_seed(run_seed, episode)
    process = os.getpid()
    with seeded(seed):
        result = environment.reset(seed=seed)
        for sink in sinks:
            sink.begin(EpisodeStart(episode, run_seed, policy_name, environment, result))
        try:
            reset_policy(policy, seed, episode)
            _play(environment, policy, result, episode, max_steps, sinks)
        finally:
            if os.getpid() != process:  # a child that the policy forked: the run is not its own
                os._exit(1)
    return environment.summary(episode)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed Python's `random` and numpy's global generator; restore their states at the end."""
    python_state = random.getstate()
    numpy_state = np.random.get_state()
    random.seed(seed)
    np.random.seed([seed & 0xFFFFFFFF, seed >> 32])
    try:
        yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)


def make_policy(source: PolicySource, seed: int) -> Policy:
    """Load and return the policy of a run, seeded so that what it draws meanwhile is reproducible.

    Args:
        source: The source of the policy.
        seed: Seed of the run.

    Raises:
        PolicyFailed: If the policy cannot be loaded.
    """
    try:
        with seeded(seed):
            return source.load()
    except (AtariError, KeyboardInterrupt):
        raise
    except BaseException as error:
        message = f"the policy {source.name!r} cannot be made: {type(error).__name__}: {error}"
        raise PolicyFailed(message, users_traceback(error)) from error


def reset_policy(policy: Policy, seed: int, episode: int) -> None:
    """Call a policy's `reset`, if it has one, before an episode.

    Args:
        policy: The policy.
        seed: Seed of the episode.
        episode: Index of the episode in its run.

    Raises:
        PolicyFailed: If `reset` raises.
    """
    if reset := getattr(policy, "reset", None):
        ask(reset, seed, episode)


def ask(policy: Callable[[Observed], Chosen], seen: Observed, episode: int) -> Chosen:
    """Return the choice of a policy, or of another function of the user.

    Args:
        policy: The policy.
        seen: What it sees: an observation.
        episode: Index of the episode in its run, for the error.

    Raises:
        PolicyFailed: If the policy raises.
    """
    try:
        return policy(seen)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too: it must not end the run
        what = " ".join(traceback.format_exception_only(error)[-1].split())
        message = f"the policy raised {what} in episode {episode}"
        raise PolicyFailed(message, users_traceback(error)) from error


def chosen(choice: Any) -> Any:
    """Return the action in a policy's choice, which may be (action, state) as `predict` of SB3."""
    return choice[0] if isinstance(choice, tuple) and len(choice) == 2 else choice


def listens(sink: Sink, occasion: str) -> bool:
    """Return whether a sink's class overrides a method of Sink, such as `step`.

    Args:
        sink: The sink.
        occasion: The name of the method.
    """
    return getattr(type(sink), occasion) is not getattr(Sink, occasion)


def users_traceback(error: BaseException) -> str:
    """Return the traceback of an error as text, from the first frame that is not of atari."""
    frames = error.__traceback__
    while frames is not None and _is_ours(frames):
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames))


def _play(
    environment: AtariEnvironment,
    policy: Policy,
    result: StepResult,
    episode: int,
    max_steps: int | None,
    sinks: Sequence[Sink],
) -> None:
    """Step until the episode ends or is cut. Everything in this loop costs time on each step."""
    listeners = [sink.step for sink in sinks if listens(sink, "step")]
    watchers = [sink.advance for sink in sinks if listens(sink, "advance")]
    steps_left = -1 if max_steps is None else max_steps
    unreported = 0
    due = perf_counter() + _ADVANCE_SECONDS
    while steps_left and not result.terminated and not result.truncated:
        action = chosen(ask(policy, result.observation, episode))
        # The step may overwrite an observation to which nobody refers any more.
        del result
        try:
            result = environment.step(action)
        except InvalidAction as error:
            raise PolicyFailed(
                f"the policy returned an illegal action in episode {episode}: {error}"
            ) from error
        for listener in listeners:
            listener(environment.last_action, result)
        steps_left -= 1
        unreported += 1
        if watchers and perf_counter() >= due:
            _notify(watchers, unreported)
            unreported = 0
            due = perf_counter() + _ADVANCE_SECONDS
    _notify(watchers, unreported)


def _notify(watchers: Sequence[Callable[[int], None]], steps: int) -> None:
    for watcher in watchers:
        watcher(steps)


def _is_ours(frames: TracebackType) -> bool:
    return str(frames.tb_frame.f_globals.get("__name__")).startswith("atari_cli.")
