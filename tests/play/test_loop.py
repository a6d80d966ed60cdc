from collections.abc import Callable
from math import inf

import numpy as np
import pytest

from atari_cli.games import find_game
from atari_cli.play.interface import Command, Inputs, View
from atari_cli.play.loop import FAST_TICKS, Speedometer, run_loop
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


class Slow(Script):
    """A front end whose pictures take time."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        super().__init__()
        self._clock, self._seconds = clock, seconds

    def show(self, view: View) -> None:
        super().show(view)
        self._clock.now += self._seconds


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
    _, front_end = run([0.012, 0.034, 0.008, 0.004, 0.004])
    assert shown(front_end) == [1, 3, 4, 5]
    assert [view.frame for view in front_end.heard] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("milliseconds", [17, 20, 25, 34, 50, 60, 99])
def test_there_are_ten_pictures_a_second_however_late_every_tick_is(milliseconds: int) -> None:
    seconds = milliseconds / 1000
    _, front_end = run([seconds] * 300)
    ticks = [0, *shown(front_end)]
    assert np.diff(ticks).max() * seconds < 0.1


@pytest.mark.parametrize("milliseconds", [5, 30, 70])
def test_pictures_that_take_long_do_not_slow_the_game_further(milliseconds: int) -> None:
    clock = Clock()
    session, front_end = Counting(clock, [0.004] * 600), Slow(clock, milliseconds / 1000)
    run_loop(session, front_end, 60, Pacer(clock), clock.wait)
    elapsed = clock.now - 1000.0
    assert len(front_end.shown) > 10
    assert elapsed <= max(10.1, 600 * 0.004 / 0.4)


def test_the_speed_shown_is_the_true_one() -> None:
    for milliseconds, speed in ((4, 1.0), (16, 1.0), (25, 0.667), (50, 0.333), (100, 0.167)):
        _, front_end = run([milliseconds / 1000] * 200)
        assert front_end.shown[-1].speed == pytest.approx(speed, abs=0.02)


def test_the_speed_of_a_game_that_waits_for_its_agent_is_the_true_one() -> None:
    clock, speedometer, speeds = Clock(), Speedometer(60), []
    for tick in range(100):
        clock.now += 0.05
        speeds.append(speedometer.read(View(PONG, SCREEN, frame=tick // 4), clock.now))
    assert speeds[-1] == pytest.approx(5 / 60, abs=0.02)


def test_the_speed_follows_a_change_at_once() -> None:
    clock, speedometer = Clock(), Speedometer(60)

    def read(tempo: float, frame: int) -> float:
        clock.now += TICK
        return speedometer.read(View(PONG, SCREEN, frame=frame, tempo=tempo), clock.now)

    assert {read(1.0, frame) for frame in range(90)} == {1.0}
    assert {read(0.0, 90) for _ in range(90)} == {0.0}
    assert {read(0.25, 90 + tick // 4) for tick in range(90)} == {0.25}
    assert [read(inf, 110 + 10 * tick) for tick in range(9)][1:] == pytest.approx([10.0] * 8)
    assert {read(0.0, frame) for frame in range(90, 0, -1)} == {0.0}, "going back has no speed"


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
