"""Steps in the console's time; what goes wrong ends the playing alone."""

from threading import Event
from typing import Any

import pytest

from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.realtime_pacer import RealtimePacer
from atari_cli.server.sessions.session import Session
from tests.server.conftest import until
from tests.server.sessions.test_register import register, told

PACER = "atari_cli.server.sessions.realtime_pacer"


def played() -> Session:
    session = register(game="pong", frameskip=1).open()
    session.reset(told, seed=1)
    return session


def test_it_plays_until_it_is_stopped() -> None:
    session, metrics = played(), Metrics()
    player = RealtimePacer(session, metrics)
    player.start()
    player.start()
    assert until(lambda: session.state().step_count >= 3)
    player.stop()
    assert "atari_env_steps_total" in metrics.text(register())


def test_a_game_that_is_paused_stands_still_and_goes_on() -> None:
    session = played()
    player = RealtimePacer(session, Metrics())
    player.set_pace(paused=True, speed=2.0)
    player.start()
    assert session.state().step_count == 0
    player.set_pace(paused=False, speed=None)
    assert until(lambda: session.state().step_count > 4)
    assert player.speed == 2.0
    player.stop()


def test_what_comes_too_late_is_not_caught_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{PACER}.MOST_LATE", 0.05)
    clock = iter([0.0, *(1000.0 for _ in range(100_000))])
    monkeypatch.setattr(f"{PACER}.perf_counter", lambda: next(clock))
    session, played_steps, done = played(), [], Event()

    def hold(*given: Any) -> None:
        played_steps.append(given)
        if len(played_steps) > 50:
            done.set()

    monkeypatch.setattr(session, "hold", hold)
    player = RealtimePacer(session, Metrics())
    player.start()
    # The clock stands 1000 s later: of 60,000 frames, those of the last 0.05 s are due.
    assert not done.wait(0.2)
    player.stop()
    assert 1 <= len(played_steps) <= 5


def test_an_emulator_that_fails_ends_the_playing_and_is_told() -> None:
    session, failed = played(), Event()
    assert session._environment

    def fail(*given: object) -> int:
        raise RuntimeError("the cartridge fell out")

    session._environment.emulator.act = fail  # type: ignore[method-assign]
    RealtimePacer(session, Metrics(), failed.set).start()
    assert failed.wait(30)


def test_a_session_that_was_ended_is_played_no_more() -> None:
    session, failed = played(), Event()
    player = RealtimePacer(session, Metrics(), failed.set)
    player.start()
    session.close()
    player.stop()
    assert not failed.is_set()
