"""Work for the disk is done in order, and its results are handed over in the session's thread."""

import threading
from pathlib import Path

import pytest

from atari_cli.errors import RecordingError
from atari_cli.play.errands import Errands
from tests.play.sessions import PATIENT


def fail() -> None:
    raise RecordingError("no space left")


def test_quick_work_is_done_at_once() -> None:
    errands = Errands(PATIENT)
    done: list[int] = []
    errands.run(lambda: 3, done.append, "counting")
    assert (done, errands.word) == ([3], "")
    errands.close()


def test_nobody_waits_for_slow_work_but_the_game() -> None:
    errands, gate = Errands(0.0), threading.Event()
    done: list[object] = []
    errands.run(gate.wait, done.append, "saving")
    errands.run(lambda: 5, done.append)
    for _ in range(100):
        errands.look()
    assert (done, errands.word) == ([], "saving")
    gate.set()
    errands.close()
    assert errands.word == ""


def test_results_are_handed_over_in_the_thread_that_looks() -> None:
    errands = Errands(PATIENT)
    threads: list[int] = []
    errands.run(threading.get_ident, threads.append)
    errands.run(lambda: None, lambda _: threads.append(threading.get_ident()))
    assert threads[1] == threading.get_ident() != threads[0]
    errands.close()


def test_failures_are_raised_where_the_result_is_handed_over() -> None:
    errands = Errands(PATIENT)
    with pytest.raises(RecordingError, match="no space left"):
        errands.run(fail, print)
    errands.run(lambda: 1, lambda _: None)
    errands.close()


def test_closing_waits_for_everything(tmp_path: Path) -> None:
    errands = Errands(0.0)
    for number in range(20):
        errands.run((tmp_path / f"{number}").touch, print)
    errands.close()
    assert len(list(tmp_path.iterdir())) == 20
