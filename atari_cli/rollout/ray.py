"""Episodes on a Ray cluster, in batches of about a second."""

import os
import socket
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count, islice
from logging import ERROR
from time import perf_counter
from typing import IO, Any, Final, Self

from atari_cli.errors import AtariError, MissingDependency, WorkerLost
from atari_cli.rollout.work import (
    Advance,
    EpisodeOutcome,
    EpisodePlayer,
    EpisodeTask,
    RunSpec,
    pack_spec,
    unpack_spec,
)

_BATCH_SECONDS: Final = 1.0
_MOST_EPISODES: Final = 1000
_TRIES: Final = 3
_CONNECT_SECONDS: Final = 5.0
_PATIENCE_SECONDS: Final = 60.0
_TOKEN: Final = (
    "it wants a token; set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH to the "
    "cluster's token"
)


class RayBackend:
    """A backend of Ray actors, one for each CPU. They start when first needed and stay.

    Each makes its environment and its policy once. A batch of episodes whose actor or node dies is
    played again by another actor. A cluster that this object started ends with it; one that it
    only joined stays up. atari_cli must be installed on each node.

    Args:
        address: A cluster's address; `local` starts one on this machine. If None, as in
            `ray.init()`, the cluster at RAY_ADDRESS or started here by `ray start`, else a new one.
        workers: Number of actors; one for each of the cluster's CPUs if None.
    """

    def __init__(self, address: str | None = None, workers: int | None = None) -> None:
        self._address = address
        self._size = workers
        self._ray: Any = None
        self._is_our_connection = False
        self._numbers = count()
        self._idle: list[Any] = []
        # The batch of each actor that is not idle; one without tasks is the actor's start.
        self._running: dict[Any, tuple[Any, _Batch]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._ray is None:
            return
        if self._is_our_connection:
            self._ray.shutdown()
        else:
            self._kill([*self._idle, *(actor for actor, _ in self._running.values())])
        self._idle.clear()
        self._running.clear()
        self._ray = None

    def play(
        self, spec: RunSpec, tasks: Iterable[EpisodeTask]
    ) -> Generator[EpisodeOutcome | Advance, None, None]:
        """Play every task and yield the outcomes; see `Backend`.

        Args:
            spec: What the episodes have in common.
            tasks: The episodes.

        Raises:
            InvalidSetting: If the policy cannot be sent to another process.
            MissingDependency: If Ray is not installed.
            WorkerLost: If no cluster answers, none of its CPUs is free for a minute, or a batch was
                lost three times.
        """
        packed = pack_spec(spec)
        self._connect()
        order = (next(self._numbers), [self._ray.put(packed)])
        batches = _Batches(tasks)
        batch = batches.next()
        try:
            while batch or self._is_playing():
                if batch and self._idle:
                    actor = self._idle.pop()
                    self._running[actor.play.remote(*order, batch.tasks)] = (actor, batch)
                    batch = batches.next()
                else:
                    yield from self._await_one(batches)
                    batch = batch or batches.next()
        finally:
            self._abandon()

    def _connect(self) -> None:
        """Join or start the cluster and start the missing actors."""
        if self._ray is None:
            self._ray = _import_ray()
            if not self._ray.is_initialized():
                self._is_our_connection = True
                self._open()
        if self._size is None:
            self._size = int(self._ray.cluster_resources().get("CPU", 1))
        while len(self._idle) + len(self._running) < self._size:
            self._start(_Batch())

    def _open(self) -> None:
        # Ray prints the death of a worker on standard output, in the middle of the
        # results, and has no setting against it.
        self._ray._private.worker._worker_logs_enabled = False
        with tempfile.TemporaryFile() as log:
            try:
                _check_address(self._address)
                with _stderr_in(log):
                    self._ray.init(address=self._address, logging_level=ERROR, log_to_driver=False)
            except Exception as error:  # Ray raises all kinds, also plain Exception
                self._ray = None
                log.seek(0)
                reason = _TOKEN if b"InvalidAuthToken" in log.read() else _line(error)
                raise WorkerLost(f"no Ray cluster at {self._address}: {reason}") from error

    def _start(self, start: "_Batch") -> None:
        actor = self._ray.remote(num_cpus=1)(_Actor).remote()
        self._running[actor.start.remote()] = (actor, start)

    def _is_playing(self) -> bool:
        return any(batch.tasks for _, batch in self._running.values())

    def _await_one(self, batches: "_Batches") -> Iterator[EpisodeOutcome | Advance]:
        """Wait until an actor has started, played a batch or died, and handle that."""
        timeout = None if self._is_playing() else _PATIENCE_SECONDS
        done, _ = self._ray.wait(list(self._running), timeout=timeout)
        if not done:
            raise WorkerLost(f"no CPU of the Ray cluster was free for {_PATIENCE_SECONDS:.0f} s")
        actor, batch = self._running.pop(done[0])
        try:
            result = self._ray.get(done[0])
        except self._ray.exceptions.RayTaskError:
            raise
        except self._ray.exceptions.RayError as error:
            self._replace(batch, batches, error)
            return
        self._idle.append(actor)
        if isinstance(result, AtariError):
            raise result
        if batch.tasks:
            yield from batches.count(*result)

    def _replace(self, batch: "_Batch", batches: "_Batches", error: Exception) -> None:
        """Start another actor for one that died, and put its batch back."""
        if batch.tries == _TRIES:
            raise WorkerLost(f"a worker on Ray was lost {_TRIES} times: {_line(error)}") from error
        again = replace(batch, tries=batch.tries + 1)
        if batch.tasks:
            batches.put_back(again)
        self._start(_Batch() if batch.tasks else again)

    def _abandon(self) -> None:
        """End the actors that still play; their results are not wanted."""
        playing = {ref: actor for ref, (actor, batch) in self._running.items() if batch.tasks}
        for ref in playing:
            del self._running[ref]
        self._kill(playing.values())

    def _kill(self, actors: Iterable[Any]) -> None:
        for actor in actors:
            with suppress(self._ray.exceptions.RayError):
                self._ray.kill(actor)


@dataclass(frozen=True)
class _Batch:
    """Tasks that an actor plays together.

    Attributes:
        tasks: The tasks.
        tries: Which try this is, from 1.
    """

    tasks: tuple[EpisodeTask, ...] = ()
    tries: int = 1


class _Batches:
    """Tasks in batches of about a second, by the speed of those played so far."""

    def __init__(self, tasks: Iterable[EpisodeTask]) -> None:
        self._tasks = iter(tasks)
        self._lost: list[_Batch] = []
        self._episodes = 0
        self._seconds = 0.0

    def next(self) -> _Batch | None:
        """Return a batch that was put back, else the next; None without one."""
        if self._lost:
            return self._lost.pop()
        tasks = tuple(islice(self._tasks, self._size()))
        return _Batch(tasks) if tasks else None

    def put_back(self, batch: _Batch) -> None:
        """Make `next` return a batch once more."""
        self._lost.append(batch)

    def count(
        self, outcomes: list[EpisodeOutcome], seconds: float
    ) -> Iterator[EpisodeOutcome | Advance]:
        """Record how long a batch took, and yield its reports."""
        self._episodes += len(outcomes)
        self._seconds += seconds
        yield Advance(sum(outcome.steps for outcome in outcomes))
        yield from outcomes

    def _size(self) -> int:
        if not self._episodes:
            return 1
        seconds_per_episode = max(self._seconds / self._episodes, _BATCH_SECONDS / _MOST_EPISODES)
        return max(1, round(_BATCH_SECONDS / seconds_per_episode))


class _Actor:
    """A worker in the cluster."""

    def __init__(self) -> None:
        self._number: int | None = None

    def start(self) -> None:
        """Return once the actor has started."""

    def play(
        self, number: int, shared: list[Any], tasks: tuple[EpisodeTask, ...]
    ) -> tuple[list[EpisodeOutcome], float] | AtariError:
        """Play tasks and return their outcomes and the seconds they took, or why it cannot.

        Args:
            number: Number of the spec; a new one is fetched.
            shared: Ray's reference of the packed spec, in a list so that Ray leaves it alone.
            tasks: What to play.
        """
        try:
            if number != self._number:
                self._player = EpisodePlayer(unpack_spec(_import_ray().get(shared[0])))
                self._number = number
            started = perf_counter()
            return [self._player.play(task) for task in tasks], perf_counter() - started
        except AtariError as error:
            return error


@contextmanager
def _stderr_in(log: IO[bytes]) -> Iterator[None]:
    """Write to a file what Ray's own code prints on stderr, once a second while it tries."""
    sys.stderr.flush()
    kept = os.dup(2)
    os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _import_ray() -> Any:
    # Read by Ray when it starts: no reports to its makers, and no advice about GPUs on stderr.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError:
        raise MissingDependency(
            'Ray is not installed; run `pip install "atari-cli[ray]"`'
        ) from None
    return ray


def _check_address(address: str | None) -> None:
    """Raise OSError if nobody listens at host:port, which takes Ray itself minutes to notice."""
    host, _, port = (address or "").rpartition(":")
    if port.isdecimal() and "://" not in host:
        socket.create_connection((host.strip("[]"), int(port)), _CONNECT_SECONDS).close()


def _line(error: Exception) -> str:
    """Return an error as one line."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
