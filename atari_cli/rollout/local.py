"""Episodes in several processes of this machine."""

import pickle
import signal
import subprocess
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final, Self

from atari_cli.errors import AtariError, WorkerLost
from atari_cli.model import EpisodeSummary
from atari_cli.rollout.work import (
    Advance,
    EpisodeOutcome,
    EpisodeTask,
    Failure,
    RunSpec,
    pack_spec,
)

# Not multiprocessing, whose processes begin by running the caller's script once more: this works
# without `if __name__ == "__main__"`, from a notebook and from a script on standard input.
_PROGRAM: Final = """
import sys
sys.path[:] = sys.argv[1:]
from atari_cli.rollout.worker import serve
serve()
"""
_GRACE_SECONDS: Final = 5.0


class LocalBackend:
    """A backend of local processes. They start when first needed and stay for further runs.

    Each makes its environment and its policy once and plays one episode at a time. Ctrl-C does
    not reach it; it ends when this process does, however that ends.

    Args:
        workers: Number of processes.
    """

    def __init__(self, workers: int) -> None:
        self._size = workers
        self._workers: list[_Worker] = []
        self._reports: SimpleQueue[tuple[_Worker, object]] = SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._dismiss(self._workers)

    def play(
        self, spec: RunSpec, tasks: Iterable[EpisodeTask]
    ) -> Generator[EpisodeOutcome | Advance, None, None]:
        """Play every task and yield the outcomes; see `Backend`.

        Args:
            spec: What the episodes have in common.
            tasks: The episodes.

        Raises:
            InvalidSetting: If the policy cannot be sent to another process.
            WorkerLost: If a worker ended before its episode did.
        """
        packed = pack_spec(spec)
        tasks = iter(tasks)
        try:
            self._begin(packed, tasks)
            while self._busy():
                worker, report = self._next_report()
                if worker in self._workers:  # not one dismissed in the middle of an episode
                    yield from self._handle(worker, report, tasks)
        finally:
            self._dismiss(self._busy())

    def _next_report(self) -> "tuple[_Worker, object]":
        while True:
            # On Windows, Ctrl-C cannot end a wait that has no timeout.
            with suppress(Empty):
                return self._reports.get(timeout=1.0)

    def _begin(self, packed: bytes, tasks: Iterator[EpisodeTask]) -> None:
        """Give each worker the spec and a first task; start no more than there are tasks for."""
        self._dismiss([worker for worker in self._workers if not worker.is_alive()])
        first = list(islice(tasks, self._size))
        # All start before the first is sent its policy, which it reads only once it has started.
        while len(self._workers) < len(first):
            self._workers.append(_Worker(self._reports))
        for worker, task in zip(self._workers, first, strict=False):
            worker.play(task, packed)

    def _handle(
        self, worker: "_Worker", report: object, tasks: Iterator[EpisodeTask]
    ) -> Iterator[EpisodeOutcome | Advance]:
        """Yield a report that is for the caller, and give a free worker its next task."""
        match report:
            case Advance():
                yield report
            case EpisodeSummary() | Failure():
                worker.task = None
                yield report
                for task in islice(tasks, 1):
                    worker.play(task)
            case AtariError():
                raise report
            case None if worker.task is None:  # it died idle, and is not needed
                self._dismiss([worker])
            case _:
                raise worker.loss()

    def _busy(self) -> "list[_Worker]":
        return [worker for worker in self._workers if worker.task]

    def _dismiss(self, workers: "list[_Worker]") -> None:
        self._workers = [worker for worker in self._workers if worker not in workers]
        for worker in workers:
            worker.stop()
        for worker in workers:
            worker.join()


class _Worker:
    """A worker's process, as the backend sees it.

    Args:
        reports: The queue of its reports, as (worker, report); the last report is None.

    Attributes:
        pid: Id of the process.
        task: The task that it plays.
    """

    def __init__(self, reports: "SimpleQueue[tuple[_Worker, object]]") -> None:
        self.task: EpisodeTask | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Away from Ctrl-C, on POSIX and on Windows.
            process_group=0,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self.pid = self._process.pid
        self._listener = Thread(target=self._listen, args=(reports,), daemon=True)
        self._listener.start()

    def is_alive(self) -> bool:
        """Return whether the process has not ended yet."""
        return self._process.poll() is None

    def play(self, task: EpisodeTask, *before: bytes) -> None:
        """Make it play an episode; a process that has died shows in its reports.

        Args:
            task: The episode.
            before: The packed spec of this and later episodes, if it is another.
        """
        assert self._process.stdin
        self.task = task
        with suppress(OSError):
            for order in (*before, task):
                pickle.dump(order, self._process.stdin)
            self._process.stdin.flush()

    def stop(self) -> None:
        """End the process: at once in the middle of an episode, otherwise by ending its orders."""
        assert self._process.stdin
        if self.task:
            self._process.kill()
        with suppress(OSError):
            self._process.stdin.close()

    def join(self) -> int:
        """Wait for the end of a process that was stopped or has closed its reports itself."""
        assert self._process.stdout
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._listener.join()
        self._process.stdout.close()
        return self._process.wait()

    def loss(self) -> WorkerLost:
        """Return the error that says how the process ended."""
        code = self.join()
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
        assert self.task
        return WorkerLost(f"a worker process {how} in episode {self.task.episode}")

    def _listen(self, reports: "SimpleQueue[tuple[_Worker, object]]") -> None:
        assert self._process.stdout
        with suppress(EOFError, pickle.UnpicklingError, OSError):
            while True:
                reports.put((self, pickle.load(self._process.stdout)))
        reports.put((self, None))
