"""Ctrl-C waits for the end of a block, and is never lost."""

import signal
import threading
from contextlib import ExitStack

import pytest

from atari_cli.system.signals import Uninterrupted, captured, obey_sigterm_as_first_process


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
    with captured([signal.SIGINT, signal.SIGTERM], lambda number, _: done.append(number)):
        signal.raise_signal(signal.SIGINT)
        with Uninterrupted():
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGINT)
            done.append("the block")
    assert done == [signal.SIGINT, "the block", signal.SIGTERM, signal.SIGINT]


def test_a_block_leaves_the_handler_that_catches_where_it_is() -> None:
    before = signal.getsignal(signal.SIGINT)
    with captured([signal.SIGINT], lambda *_: None):
        handler = signal.getsignal(signal.SIGINT)
        with Uninterrupted():
            assert signal.getsignal(signal.SIGINT) is handler
    assert signal.getsignal(signal.SIGINT) is before


def test_when_a_caught_signal_raises_the_ones_behind_it_are_gone() -> None:
    def refuse(*_: object) -> None:
        raise KeyboardInterrupt

    with captured([signal.SIGINT], refuse):
        with pytest.raises(KeyboardInterrupt), Uninterrupted():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        with Uninterrupted():
            pass


def test_what_is_ignored_is_not_caught() -> None:
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


def test_another_thread_captures_nothing() -> None:
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
def test_only_the_first_process_asks_for_sigterm(
    monkeypatch: pytest.MonkeyPatch, number: int, is_handled: bool
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("os.getpid", lambda: number)
    try:
        obey_sigterm_as_first_process()
        assert (signal.getsignal(signal.SIGTERM) is not before) == is_handled
    finally:
        signal.signal(signal.SIGTERM, before)


def test_an_outer_block_that_ends_first_leaves_ctrl_c_to_the_inner_one() -> None:
    before = signal.getsignal(signal.SIGTERM)
    outer = ExitStack()
    outer.enter_context(captured([signal.SIGTERM], lambda *_: None))
    with captured([signal.SIGINT], lambda *_: None):
        outer.close()
        handler = signal.getsignal(signal.SIGINT)
        with Uninterrupted():
            assert signal.getsignal(signal.SIGINT) is handler
    assert signal.getsignal(signal.SIGTERM) is before
