"""A thread does work in order, and never keeps the program from ending."""

import subprocess
import sys
import threading

import pytest

from atari_cli.system.background import Background, is_done


def test_work_is_done_in_order_in_one_other_thread() -> None:
    background, done = Background("test"), []
    futures = [
        background.start(lambda n=n: done.append((n, threading.get_ident())))  # type: ignore[misc]
        for n in range(50)
    ]
    futures[-1].result(60)
    assert [number for number, _ in done] == list(range(50))
    assert len({thread for _, thread in done} - {threading.get_ident()}) == 1
    background.close()


def test_a_failure_is_raised_by_its_own_result_alone() -> None:
    background = Background("test")
    broken, whole = background.start(lambda: 1 / 0), background.start(lambda: 2)
    assert whole.result(60) == 2
    with pytest.raises(ZeroDivisionError):
        broken.result(60)
    background.close()


def test_closing_ends_the_thread_after_its_work_and_more_work_starts_another() -> None:
    background = Background("test")
    first = background.start(threading.current_thread)
    background.close()
    background.close()
    first.result(60).join(60)
    assert not first.result().is_alive()
    assert background.start(lambda: 7).result(60) == 7
    background.close()


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    background, gate = Background("test"), threading.Event()
    waiting = background.start(gate.wait)
    assert not is_done(waiting)
    assert not is_done(waiting, 0.01)
    gate.set()
    assert is_done(waiting, 60)
    background.close()


def test_work_that_never_ends_does_not_keep_the_program_alive() -> None:
    program = (
        "import threading\n"
        "from atari_cli.system.background import Background\n"
        "Background('test').start(threading.Event().wait)\n"
        "print('left')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert (done.stdout, done.stderr) == ("left\n", "")
