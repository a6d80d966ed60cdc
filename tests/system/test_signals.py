"""Ctrl-C is delayed until the end of a block, and is never lost."""

import signal
import sys
import threading
from contextlib import ExitStack

import pytest

from atari_cli.system import signals
from atari_cli.system.signals import (
    Uninterrupted,
    captured,
    ended_like_ctrl_c,
    ignore_ctrl_break,
    obey_sigterm_as_first_process,
)


def test_ctrl_c_is_raised_at_the_end_of_the_block() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), Uninterrupted():
        signal.raise_signal(signal.SIGINT)
        done.append("the rest")
    assert done == ["the rest"]
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_an_error_in_the_block_is_not_hidden_by_ctrl_c() -> None:
    with pytest.raises(KeyboardInterrupt) as raised, Uninterrupted():
        signal.raise_signal(signal.SIGINT)
        raise ValueError("broken")
    assert isinstance(raised.value.__context__, ValueError)


def test_without_ctrl_c_nothing_happens() -> None:
    handler = signal.getsignal(signal.SIGINT)
    with Uninterrupted():
        pass
    assert signal.getsignal(signal.SIGINT) is handler


def test_ignored_ctrl_c_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Uninterrupted():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, handler)


def test_a_block_in_another_thread_needs_no_protection() -> None:
    entered = []

    def enter() -> None:
        with Uninterrupted():
            entered.append(True)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert entered == [True]


def test_a_nested_block_delays_ctrl_c_until_the_end_of_the_outer_one() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), Uninterrupted():
        with Uninterrupted():
            signal.raise_signal(signal.SIGINT)
        done.append("the rest")
    assert done == ["the rest"]
    with pytest.raises(KeyboardInterrupt), Uninterrupted():
        signal.raise_signal(signal.SIGINT)


def test_captured_signals_wait_for_the_end_of_the_block_too() -> None:
    done: list[object] = []
    with captured([signal.SIGINT, signal.SIGTERM], lambda number, _: done.append(number)):
        signal.raise_signal(signal.SIGINT)
        with Uninterrupted():
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGINT)
            done.append("the block")
    assert done == [signal.SIGINT, "the block", signal.SIGTERM, signal.SIGINT]


def test_a_block_does_not_replace_a_capturing_handler() -> None:
    before = signal.getsignal(signal.SIGINT)
    with captured([signal.SIGINT], lambda *_: None):
        handler = signal.getsignal(signal.SIGINT)
        with Uninterrupted():
            assert signal.getsignal(signal.SIGINT) is handler
    assert signal.getsignal(signal.SIGINT) is before


def test_delayed_signals_are_dropped_if_the_handler_of_an_earlier_one_raises() -> None:
    def refuse(*_: object) -> None:
        raise KeyboardInterrupt

    with captured([signal.SIGINT], refuse):
        with pytest.raises(KeyboardInterrupt), Uninterrupted():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        with Uninterrupted():
            pass


def test_ignored_signals_are_not_captured() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with captured([signal.SIGINT], lambda *_: pytest.fail("it was caught")), Uninterrupted():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_captured_blocks_nest_and_a_delayed_signal_finds_its_own_handler() -> None:
    done: list[str] = []
    outer = captured([signal.SIGINT, signal.SIGTERM], lambda *_: done.append("outer"))
    inner = captured([signal.SIGTERM], lambda *_: done.append("inner"))
    with outer:
        with inner, Uninterrupted():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGTERM)
            done.append("the block")
        with Uninterrupted():
            signal.raise_signal(signal.SIGINT)
            done.append("the next block")
        signal.raise_signal(signal.SIGTERM)
    assert done == ["the block", "outer", "inner", "the next block", "outer", "outer"]


def test_signals_are_not_captured_in_another_thread() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def capture() -> None:
        with captured([signal.SIGINT], lambda *_: None):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=capture)
    thread.start()
    thread.join()
    assert seen == [before]


@pytest.mark.parametrize(("number", "is_handled"), [(1, True), (2, False)])
def test_only_the_first_process_handles_sigterm(
    monkeypatch: pytest.MonkeyPatch, number: int, is_handled: bool
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("os.getpid", lambda: number)
    try:
        obey_sigterm_as_first_process()
        assert (signal.getsignal(signal.SIGTERM) is not before) == is_handled
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(("platform", "is_ignored"), [("win32", True), ("linux", False)])
def test_ctrl_break_is_ignored_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, platform: str, is_ignored: bool
) -> None:
    number = signals.ENDING[-1]  # SIGBREAK on Windows
    monkeypatch.setattr(signal, "SIGBREAK", number, raising=False)
    monkeypatch.setattr(sys, "platform", platform)
    before = signal.getsignal(number)
    try:
        ignore_ctrl_break()
        assert (signal.getsignal(number) is signal.SIG_IGN) == is_ignored
    finally:
        signal.signal(number, before)


def test_an_inner_block_keeps_its_handler_if_the_outer_one_ends_first() -> None:
    before = signal.getsignal(signal.SIGTERM)
    outer = ExitStack()
    outer.enter_context(captured([signal.SIGTERM], lambda *_: None))
    with captured([signal.SIGINT], lambda *_: None):
        outer.close()
        handler = signal.getsignal(signal.SIGINT)
        with Uninterrupted():
            assert signal.getsignal(signal.SIGINT) is handler
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("event", [2, 5, 6])
def test_the_end_of_a_console_is_handled_like_ctrl_break_before_the_process_ends(
    event: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    number = signals.ENDING[-1]  # SIGBREAK on Windows
    with pytest.raises(SystemExit, match=str(128 + number)), ended_like_ctrl_c():
        # Windows calls it in a new thread.
        thread = threading.Thread(target=signals._handle_console, args=(event,))
        thread.start()
        thread.join()
    thread.join()
    assert waits == [signals._GRACE]


@pytest.mark.parametrize("event", [0, 1])
def test_ctrl_c_and_ctrl_break_are_left_to_python(event: int) -> None:
    assert not signals._handle_console(event)
