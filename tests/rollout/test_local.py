"""Local worker processes give the same results, and end properly whatever ends them."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from atari_cli.config import EnvironmentConfig, RolloutConfig
from atari_cli.errors import InvalidSetting, PolicyFailed, UnknownPolicy, WorkerLost
from atari_cli.model import AtariObservation, EpisodeSummary, Policy
from atari_cli.rollout import Collect, run_episodes
from atari_cli.rollout.local import LocalBackend
from atari_cli.seeding import episode_seed
from atari_cli.sink import Sink

CONFIG = EnvironmentConfig("breakout", repeat_action_probability=0.25, noop_max=30, max_frames=160)
ROOT = Path(__file__).parent.parent.parent

SCRIPT = r"""
import os, random, sys, threading
from atari_cli.config import EnvironmentConfig, RolloutConfig
from atari_cli.rollout import Collect, run_episodes
from atari_cli.sink import Sink

CONFIG = EnvironmentConfig(
    "breakout", repeat_action_probability=0.25, noop_max=30, max_frames=160
)

def by_chance(observation):
    return random.randrange(len(observation.legal_actions))

def hang(observation):
    os.write(2, b"hanging\n")
    threading.Event().wait()

class Third(Sink):
    def end(self, summary):
        if summary.episode == 2:
            print("third", flush=True)
"""


def by_chance(observation: AtariObservation) -> int:
    return random.randrange(len(observation.legal_actions))


@contextmanager
def script(text: str) -> Iterator[subprocess.Popen[str]]:
    """Run a script given on standard input, in a separate process group."""
    process = subprocess.Popen(
        [sys.executable, "-"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdin is not None
    with process:
        process.stdin.write(SCRIPT + textwrap.dedent(text))
        process.stdin.close()
        process.stdin = None
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def expected() -> list[EpisodeSummary]:
    return run_episodes(CONFIG, by_chance, RolloutConfig(episodes=6))


@pytest.mark.parametrize("workers", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_the_results_do_not_depend_on_the_number_of_workers(
    expected: list[EpisodeSummary], workers: int
) -> None:
    assert run_episodes(CONFIG, by_chance, RolloutConfig(episodes=6, workers=workers)) == expected


def test_workers_are_reused_for_further_runs_and_budgets(expected: list[EpisodeSummary]) -> None:
    steps = sum(episode.steps for episode in expected[:3]) - 1
    pids = set()

    class Told(Collect):
        advanced = 0

        def advance(self, steps: int) -> None:
            self.advanced += steps

    with LocalBackend(2) as backend:
        told = Told()
        run_episodes(CONFIG, by_chance, RolloutConfig(episodes=6), [told], backend)
        assert told.episodes == expected
        assert told.advanced == sum(episode.steps for episode in expected)
        pids = {worker.pid for worker in backend._workers}
        processes = [worker._process for worker in backend._workers]
        again = run_episodes(CONFIG, by_chance, RolloutConfig(episodes=6), backend=backend)
        assert again == expected
        assert {worker.pid for worker in backend._workers} == pids
        cut = run_episodes(CONFIG, by_chance, RolloutConfig(steps=steps), backend=backend)
    assert cut == run_episodes(CONFIG, by_chance, RolloutConfig(steps=steps))
    assert len(pids) == 2
    assert all(process.poll() is not None for process in processes)


def test_no_more_workers_start_than_there_are_episodes() -> None:
    with LocalBackend(3) as backend:
        run_episodes(CONFIG, by_chance, RolloutConfig(episodes=1), backend=backend)
        assert len(backend._workers) == 1


def test_a_policy_fails_in_a_worker_as_in_this_process(expected: list[EpisodeSummary]) -> None:
    fatal = episode_seed(0, 1)

    class Failing:
        def reset(self, seed: int) -> None:
            if seed == fatal:
                raise ValueError("not this one")

        def __call__(self, observation: AtariObservation) -> int:
            return by_chance(observation)

    errors, kept = [], []
    for workers in (1, 2):
        collected = Collect()
        with pytest.raises(PolicyFailed) as caught:
            run_episodes(CONFIG, Failing, RolloutConfig(episodes=4, workers=workers), [collected])
        errors.append((str(caught.value), caught.value.details))
        kept.append(collected.episodes)
    assert errors[0] == errors[1]
    assert errors[0][0] == "the policy raised ValueError: not this one in episode 1"
    assert 'raise ValueError("not this one")' in errors[0][1]
    assert kept[0] == kept[1] == [expected[0], expected[2], expected[3]]


def test_a_policy_that_cannot_be_loaded_in_a_worker_is_reported() -> None:
    class Missing:
        name = "missing"
        deterministic: bool | None = None

        def load(self) -> Policy:
            raise UnknownPolicy("there is no such file")

    with pytest.raises(UnknownPolicy, match="there is no such file"):
        run_episodes(CONFIG, Missing(), RolloutConfig(episodes=2, workers=2))


def test_a_policy_that_cannot_be_pickled_is_refused() -> None:
    lock = threading.Lock()
    with pytest.raises(InvalidSetting, match="play it with workers=1"):
        run_episodes(CONFIG, lambda _: int(lock.locked()), RolloutConfig(workers=2))


@pytest.mark.parametrize(
    ("end", "how"),
    [
        pytest.param(
            lambda: os.kill(os.getpid(), signal.SIGKILL),
            "was killed by SIGKILL",
            marks=pytest.mark.posix("kills with a signal"),
        ),
        (lambda: os._exit(7), "ended with 7"),
    ],
)
def test_a_lost_worker_is_reported_and_finished_episodes_are_kept(
    expected: list[EpisodeSummary], end: Callable[[], None], how: str
) -> None:
    fatal = episode_seed(0, 4)

    class Dying:
        def reset(self, seed: int) -> None:
            if seed == fatal:
                end()

        def __call__(self, observation: AtariObservation) -> int:
            return by_chance(observation)

    class Completed(Sink):
        episodes: list[EpisodeSummary] = []

        def complete(self, summary: EpisodeSummary) -> None:
            self.episodes.append(summary)

    completed = Completed()
    with pytest.raises(WorkerLost, match=f"{how} in episode 4$"):
        run_episodes(CONFIG, Dying, RolloutConfig(episodes=6, workers=2), [completed])
    assert completed.episodes
    assert all(episode in expected for episode in completed.episodes)


def test_a_worker_that_died_between_two_runs_is_replaced(expected: list[EpisodeSummary]) -> None:
    with LocalBackend(1) as backend:
        run_episodes(CONFIG, by_chance, RolloutConfig(episodes=1), backend=backend)
        (worker,) = backend._workers
        worker._process.kill()
        worker.join()
        assert (
            run_episodes(CONFIG, by_chance, RolloutConfig(episodes=6), backend=backend) == expected
        )


def test_a_library_call_needs_no_main_guard_and_no_script_file(
    expected: list[EpisodeSummary],
) -> None:
    """The policy is defined in a `__main__` that no worker can import."""
    call = "print(run_episodes(CONFIG, by_chance, RolloutConfig(episodes=6, workers=2)))"
    with script(call) as process:
        out, err = process.communicate(timeout=120)
    assert err == ""
    assert out == f"{expected}\n"


def test_a_policy_may_print_and_read_without_disturbing_its_worker() -> None:
    text = """
        import subprocess

        def talk(observation):
            print("talking")
            read = "import sys; sys.stdin.read()"
            subprocess.run([sys.executable, "-c", read], check=True)
            assert sys.stdin.read() == ""
            return 0

        run = RolloutConfig(steps=3, workers=2)
        print(sum(episode.steps for episode in run_episodes(CONFIG, talk, run)))
        """
    with script(text) as process:
        out, err = process.communicate(timeout=120)
    assert out == "3\n"
    assert err.replace("talking", "").split() == []
    assert "talking" in err


@pytest.mark.posix("sends Ctrl-C to a process group")
def test_ctrl_c_keeps_finished_episodes_and_leaves_no_process_behind(
    expected: list[EpisodeSummary],
) -> None:
    """The signal goes to the whole process group, as a terminal sends it."""
    text = """
        collected = Collect()
        try:
            run_episodes(
                CONFIG, by_chance, RolloutConfig(episodes=100_000, workers=2), [collected, Third()]
            )
        except KeyboardInterrupt:
            print(collected.episodes[:3])
        """
    with script(text) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "third\n"
        os.killpg(process.pid, signal.SIGINT)
        # Standard error is closed when the last process that holds it has ended.
        out, err = process.communicate(timeout=120)
    assert "Traceback" not in err
    assert out == f"{expected[:3]}\n"


@pytest.mark.posix("sends Ctrl-C to a process group")
def test_ctrl_c_ends_workers_whose_policy_hangs() -> None:
    text = """
        try:
            run_episodes(CONFIG, hang, RolloutConfig(workers=2))
        except KeyboardInterrupt:
            print("stopped")
        """
    with script(text) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "hanging\n"
        os.killpg(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=120)
    assert out == "stopped\n"


def test_workers_end_when_their_parent_is_killed() -> None:
    with script("run_episodes(CONFIG, hang, RolloutConfig(workers=2))") as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "hanging\n"
        process.kill()
        # The workers hold standard error too; it is closed when they end.
        process.communicate(timeout=120)


def test_a_workers_traceback_is_shown_with_the_error() -> None:
    """Python shows the notes of an exception; the user's code ran in another process."""
    fails = policy_that_fails()
    with pytest.raises(PolicyFailed) as caught:
        run_episodes(CONFIG, fails, RolloutConfig(episodes=2, workers=2))
    shown = "".join(traceback.format_exception(caught.value))
    assert 'raise ValueError("not today")' in shown
    assert "episodes 0, 1 failed" in shown


def policy_that_fails() -> Policy:
    def policy(observation: AtariObservation) -> int:
        raise ValueError("not today")

    return policy
