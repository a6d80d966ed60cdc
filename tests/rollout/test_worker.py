"""A single worker process: the orders that it reads, its reports, and when it ends."""

import io
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from atari_cli.config import EnvironmentConfig
from atari_cli.errors import UnknownPolicy
from atari_cli.model import EpisodeSummary
from atari_cli.rollout.work import (
    Advance,
    EpisodeTask,
    RunSpec,
    pack_spec,
    policy_source,
)

ROOT = Path(__file__).parent.parent.parent
COMMAND = [sys.executable, "-c", "from atari_cli.rollout.worker import serve; serve()"]
SPEC = pack_spec(RunSpec(EnvironmentConfig("breakout"), policy_source(lambda _: 0), seed=0))
HANGING = pack_spec(
    RunSpec(EnvironmentConfig(), policy_source(lambda _: threading.Event().wait()), seed=0)
)


def reports_of(process: subprocess.Popen[bytes]) -> list[object]:
    """Close a worker's orders and return its reports until it ends."""
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    reading = io.BytesIO(out)
    reports = []
    while reading.tell() < len(out):
        reports.append(pickle.load(reading))
    return reports


def start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)


def order(process: subprocess.Popen[bytes], *orders: object) -> object:
    """Give orders to a worker and return its next report."""
    assert process.stdin is not None
    assert process.stdout is not None
    for one in orders:
        pickle.dump(one, process.stdin)
    process.stdin.flush()
    return pickle.load(process.stdout)


def test_a_worker_without_orders_reports_nothing_and_ends() -> None:
    assert reports_of(start()) == []


def test_a_worker_reports_its_steps_and_then_the_episode() -> None:
    process = start()
    steps = 0
    report = order(process, SPEC, EpisodeTask(3, max_steps=20))
    while isinstance(report, Advance):
        steps += report.steps
        report = order(process)
    assert isinstance(report, EpisodeSummary)
    assert (report.episode, report.steps, steps) == (3, 20, 20)
    assert reports_of(process) == []


def test_a_worker_reports_a_run_that_it_cannot_load() -> None:
    process = start()
    report = order(process, b"cno_such_module\npolicy\n.")
    assert isinstance(report, UnknownPolicy)
    assert reports_of(process) == []


@pytest.mark.parametrize("cut", [0, 5])
def test_a_worker_ends_with_its_orders_even_during_an_episode(cut: int) -> None:
    """The orders end at the start of the episode or in the middle of another order."""
    process = start()
    assert process.stdin is not None
    assert process.stdout is not None
    pickle.dump(HANGING, process.stdin)
    pickle.dump(EpisodeTask(0), process.stdin)
    process.stdin.write(pickle.dumps(EpisodeTask(1))[:cut])
    process.stdin.close()
    process.stdout.close()
    assert process.wait(timeout=120) == 1
