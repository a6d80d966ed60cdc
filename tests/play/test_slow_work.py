"""Work for the disk is done in order, and its results are handed over in the session's thread."""

import threading
from pathlib import Path

import pytest

from atari_cli.errors import RecordingError
from atari_cli.play.slow_work import SlowWork
from tests.play.sessions import PATIENT


def fail() -> None:
    raise RecordingError("no space left")


def test_quick_work_is_done_at_once() -> None:
    slow_work = SlowWork(PATIENT)
    done: list[int] = []
    slow_work.run(lambda: 3, done.append, "counting")
    assert (done, slow_work.word) == ([3], "")
    slow_work.close()


def test_nobody_waits_for_slow_work_but_the_game() -> None:
    slow_work, gate = SlowWork(0.0), threading.Event()
    done: list[object] = []
    slow_work.run(gate.wait, done.append, "saving")
    slow_work.run(lambda: 5, done.append)
    for _ in range(100):
        slow_work.look()
    assert (done, slow_work.word) == ([], "saving")
    gate.set()
    slow_work.close()
    assert slow_work.word == ""


def test_results_are_handed_over_in_the_thread_that_looks() -> None:
    slow_work = SlowWork(PATIENT)
    threads: list[int] = []
    slow_work.run(threading.get_ident, threads.append)
    slow_work.run(lambda: None, lambda _: threads.append(threading.get_ident()))
    assert threads[1] == threading.get_ident() != threads[0]
    slow_work.close()


def test_failures_are_raised_where_the_result_is_handed_over() -> None:
    slow_work = SlowWork(PATIENT)
    with pytest.raises(RecordingError, match="no space left"):
        slow_work.run(fail, print)
    slow_work.run(lambda: 1, lambda _: None)
    slow_work.close()


def test_closing_waits_for_everything(tmp_path: Path) -> None:
    slow_work = SlowWork(0.0)
    for number in range(20):
        slow_work.run((tmp_path / f"{number}").touch, print)
    slow_work.close()
    assert len(list(tmp_path.iterdir())) == 20
