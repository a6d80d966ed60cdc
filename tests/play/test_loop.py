from collections.abc import Callable

import numpy as np
import pytest

from atari_cli.games import find_game
from atari_cli.play.interface import Command, Inputs, View
from atari_cli.play.loop import FAST_TICKS, run_loop
from atari_cli.system.pacing import MOST_LATE, Pacer
from tests.play.front_ends import Clock, Script

PONG, SCREEN = find_game("pong"), np.zeros((210, 160), np.uint8)
TICK = 1 / 60
FAST = Inputs(held=frozenset({Command.FAST_FORWARD}))


class Counting:
    """A session whose ticks take the given seconds each; fast-forward uses all the time left."""

    def __init__(self, clock: Clock, seconds: list[float]) -> None:
        self.has_ended = False
        self.times: list[float] = []
        self._clock, self._seconds = clock, seconds

    def tick(self, inputs: Inputs, has_time: Callable[[], bool]) -> View:
        self.times.append(self._clock.now - 1000.0)
        self._clock.now += self._seconds[len(self.times) - 1]
        while Command.FAST_FORWARD in inputs.held and has_time():
            self._clock.now += 0.001
        self.has_ended = len(self.times) == len(self._seconds)
        return View(PONG, SCREEN, frame=len(self.times))


def run(seconds: list[float], inputs: list[Inputs] | None = None) -> tuple[Counting, Script]:
    clock = Clock()
    session, front_end = Counting(clock, seconds), Script(inputs or [])
    run_loop(session, front_end, 60, Pacer(clock), clock.wait)
    return session, front_end


def shown(front_end: Script) -> list[int]:
    return [view.frame for view in front_end.shown]


def test_each_tick_begins_a_sixtieth_of_a_second_after_the_last() -> None:
    session, front_end = run([0.004] * 10)
    assert session.times == pytest.approx([number * TICK for number in range(10)])
    assert shown(front_end) == list(range(1, 11))


def test_ten_minutes_of_ticks_do_not_drift() -> None:
    session, _ = run([0.001] * 36_000)
    assert session.times[-1] == pytest.approx(35_999 * TICK, abs=1e-6)


def test_a_late_tick_is_caught_up_by_the_next_ones() -> None:
    session, _ = run([0.004, 0.050, 0.004, 0.004, 0.004, 0.004])
    assert session.times[-1] == pytest.approx(5 * TICK)
    assert session.times[3] - session.times[2] == pytest.approx(0.004)


def test_while_the_loop_is_late_ticks_have_sound_but_no_picture() -> None:
    _, front_end = run([0.004, 0.060, 0.004, 0.004, 0.004, 0.004])
    assert shown(front_end) == [1, 5, 6]
    assert [view.frame for view in front_end.heard] == [1, 2, 3, 4, 5, 6]


def test_time_continues_normally_after_the_machine_has_slept() -> None:
    session, _ = run([0.004, 100.0, 0.004, 0.004])
    assert session.times[3] - session.times[2] == pytest.approx(TICK)


def test_a_machine_that_is_too_slow_still_shows_pictures() -> None:
    _, front_end = run([0.020] * 300)
    seconds_between = np.diff(shown(front_end)).max() * 0.020
    assert seconds_between < 100 * MOST_LATE
    assert len(front_end.shown) > 10


def test_a_picture_in_fast_forward_takes_the_time_of_several_ticks() -> None:
    session, front_end = run([0.0] * 5, [FAST] * 5)
    assert np.diff(session.times) == pytest.approx([FAST_TICKS * TICK] * 4, abs=0.0011)
    assert shown(front_end) == [1, 2, 3, 4, 5]
