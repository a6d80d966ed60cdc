"""Ctrl-C waits for the end of a block, and is never lost."""

import signal
import threading

import pytest

from atari_cli.recording.interrupts import Uninterrupted, catching


def test_ctrl_c_strikes_at_the_end_of_the_block() -> None:
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


def test_where_ctrl_c_is_ignored_it_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Uninterrupted():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, handler)


def test_another_thread_needs_no_protection() -> None:
    entered = []

    def enter() -> None:
        with Uninterrupted():
            entered.append(True)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert entered == [True]


def test_a_block_within_another_waits_for_its_end() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), Uninterrupted():
        with Uninterrupted():
            signal.raise_signal(signal.SIGINT)
        done.append("the rest")
    assert done == ["the rest"]
    with pytest.raises(KeyboardInterrupt), Uninterrupted():
        signal.raise_signal(signal.SIGINT)


def test_signals_that_are_caught_wait_for_the_end_of_the_block_too() -> None:
    done: list[object] = []
    with catching([signal.SIGINT, signal.SIGTERM], lambda number, _: done.append(number)):
        signal.raise_signal(signal.SIGINT)
        with Uninterrupted():
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGINT)
            done.append("the block")
    assert done == [signal.SIGINT, "the block", signal.SIGTERM, signal.SIGINT]


def test_a_block_leaves_the_handler_that_catches_where_it_is() -> None:
    before = signal.getsignal(signal.SIGINT)
    with catching([signal.SIGINT], lambda *_: None):
        handler = signal.getsignal(signal.SIGINT)
        with Uninterrupted():
            assert signal.getsignal(signal.SIGINT) is handler
    assert signal.getsignal(signal.SIGINT) is before


def test_when_a_caught_signal_raises_the_ones_behind_it_are_gone() -> None:
    def refuse(*_: object) -> None:
        raise KeyboardInterrupt

    with catching([signal.SIGINT], refuse):
        with pytest.raises(KeyboardInterrupt), Uninterrupted():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        with Uninterrupted():
            pass


def test_what_is_ignored_is_not_caught() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with catching([signal.SIGINT], lambda *_: pytest.fail("it was caught")), Uninterrupted():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
