"""The pacer plays steps at the console's pace; a failure ends only the playing."""

import threading
from threading import Event, Thread
from typing import Any

import pytest

from atari_cli.server.sessions import realtime_pacer
from atari_cli.server.sessions.realtime_pacer import RealtimePacer
from atari_cli.server.sessions.session import Session
from tests.server.conftest import until
from tests.server.sessions.test_register import counted, register, told


def played() -> Session:
    session = register(game="pong", frameskip=1).open()
    session.reset(told, seed=1)
    return session


def start(pacer: RealtimePacer) -> Thread:
    """Start a pacer twice, and return the only thread that this starts."""
    before = set(threading.enumerate())
    pacer.start()
    pacer.start()
    (thread,) = set(threading.enumerate()) - before
    return thread


def has_ended(thread: Thread) -> bool:
    thread.join(30)
    return not thread.is_alive()


def test_the_pacer_plays_until_it_is_stopped() -> None:
    session = played()
    pacer = RealtimePacer(session)
    thread = start(pacer)
    assert until(lambda: session.state().step_count >= 3)
    pacer.stop()
    assert has_ended(thread)
    assert counted(session._metrics, "atari_env_steps_total") == session.state().step_count >= 3


def test_a_paused_game_waits_and_can_be_resumed(monkeypatch: pytest.MonkeyPatch) -> None:
    session, passes = played(), list[float | None]()
    tempo = session.tempo

    def noted() -> float | None:
        passes.append(tempo())
        return passes[-1]

    monkeypatch.setattr(session, "tempo", noted)
    pacer = RealtimePacer(session)

    def passed_again() -> bool:
        pacer.set_pace(None, None)
        return len(passes) >= 3

    pacer.set_pace(paused=True, speed=2.0)
    pacer.start()
    assert until(passed_again)
    assert session.state().step_count == 0
    pacer.set_pace(paused=False, speed=None)
    assert until(lambda: session.state().step_count > 4)
    assert pacer.speed == 2.0
    pacer.stop()


def test_a_long_delay_is_not_caught_up(monkeypatch: pytest.MonkeyPatch) -> None:
    session, played_steps, waits = played(), list[Any](), Event()
    readings = 0

    def clock() -> float:
        """Jump by 1000 s after the first reading, and stay there."""
        nonlocal readings
        readings += 1
        if readings == 10:
            waits.set()
        return 0.0 if readings == 1 else 1000.0

    monkeypatch.setattr(session, "hold", lambda *given: played_steps.append(given))
    pacer = RealtimePacer(session, clock=clock)
    thread = start(pacer)
    assert waits.wait(30)
    pacer.stop()
    assert has_ended(thread)
    # 60,000 frames are late: after the first of them, the next is due only now.
    assert len(played_steps) == 2


def test_a_failing_emulator_ends_the_playing_and_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session, failed = played(), Event()
    assert session._environment

    def fail(*given: object) -> int:
        raise RuntimeError("the cartridge fell out")

    monkeypatch.setattr(session._environment.emulator, "act", fail)
    RealtimePacer(session, failed.set).start()
    assert failed.wait(30)


def test_an_ended_session_is_no_longer_played(monkeypatch: pytest.MonkeyPatch) -> None:
    session, failed, seen = played(), Event(), Event()
    tempo = session.tempo

    def noted() -> float | None:
        if not session.has_not_ended():
            seen.set()
        return tempo()

    monkeypatch.setattr(session, "tempo", noted)
    pacer = RealtimePacer(session, failed.set)
    thread = start(pacer)
    assert until(lambda: session.state().step_count > 2)
    session.close()
    steps = counted(session._metrics, "atari_env_steps_total")
    assert until(lambda: seen.is_set() or not thread.is_alive())
    pacer.stop()
    assert has_ended(thread)
    assert counted(session._metrics, "atari_env_steps_total") == steps > 0
    assert not failed.is_set()


def test_a_session_that_ends_before_its_next_step_is_not_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session, failed, has_closed = played(), Event(), Event()
    monkeypatch.setattr(session, "tempo", lambda: has_closed.wait(30) / 60)
    thread = start(RealtimePacer(session, failed.set))
    session.close()
    has_closed.set()
    assert has_ended(thread)
    assert not failed.is_set()


@pytest.mark.parametrize("paused", [True, False])
def test_a_warning_is_passed_on_whether_the_game_runs_or_not(paused: bool) -> None:
    told, came = list[float](), Event()

    def warned(seconds: float) -> None:
        told.append(seconds)
        came.set()

    pacer = RealtimePacer(played(), warned=warned)
    pacer.set_pace(paused, None)
    thread = start(pacer)
    pacer.warn(42.0)
    assert came.wait(30)
    pacer.stop()
    assert has_ended(thread)
    assert told == [42.0]


def test_ticks_are_waited_for_by_sleeping_in_short_pieces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Waits for a condition are 16 ms late on Windows; a long sleep would not see a change.
    slept = list[float]()
    session = register(game="pong", frameskip=30).open()
    session.reset(lambda *begun: None, seed=1)
    pacer = RealtimePacer(session)

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            pacer.stop()

    monkeypatch.setattr(realtime_pacer, "sleep", sleep)
    pacer.start()
    assert until(lambda: len(slept) == 3)
    assert slept == [realtime_pacer.SLEEP_SECONDS] * 3
