"""The pacer computes when ticks are due, here with a clock that is set by hand."""

import pytest

from atari_cli.system.pacing import MOST_LATE, Pacer

TICK = 1 / 60


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def tick(pacer: Pacer, clock: Clock, seconds: float) -> float:
    """Let a tick pass whose work takes a time; return the seconds waited."""
    pacer.begin(TICK)
    clock.now += seconds
    waited = pacer.seconds_to_wait()
    clock.now += waited
    return waited


def test_a_tick_waits_for_the_rest_of_its_time(clock: Clock) -> None:
    pacer = Pacer(clock)
    assert [tick(pacer, clock, 0.004) for _ in range(3)] == pytest.approx([TICK - 0.004] * 3)


def test_an_hour_of_ticks_does_not_drift(clock: Clock) -> None:
    pacer = Pacer(clock)
    for _ in range(216_000):
        tick(pacer, clock, 0.001)
    assert clock.now == pytest.approx(1000.0 + 3600.0, abs=1e-5)


def test_a_late_tick_is_caught_up_by_the_next(clock: Clock) -> None:
    pacer = Pacer(clock)
    waits = [tick(pacer, clock, seconds) for seconds in (0.050, 0.004, 0.004, 0.004, 0.004)]
    assert waits[:3] == [0.0, 0.0, 0.0]
    assert clock.now == pytest.approx(1000.0 + 5 * TICK)


@pytest.mark.parametrize(("late", "is_caught_up"), [(0.9, True), (1.1, False)])
def test_a_long_delay_is_not_caught_up(clock: Clock, late: float, is_caught_up: bool) -> None:
    pacer = Pacer(clock)
    tick(pacer, clock, TICK + late * MOST_LATE)
    assert (tick(pacer, clock, 0.004) == 0.0) == is_caught_up


def test_a_tick_has_time_until_it_is_over(clock: Clock) -> None:
    pacer = Pacer(clock)
    assert not pacer.has_time()
    pacer.begin(3 * TICK)
    assert pacer.has_time()
    clock.now += 4 * TICK
    assert not pacer.has_time()
    assert pacer.left == pytest.approx(-TICK)


def test_no_time_is_caught_up_after_a_pause(clock: Clock) -> None:
    pacer = Pacer(clock)
    clock.now += 0.2
    pacer.restart()
    assert tick(pacer, clock, 0.004) == pytest.approx(TICK - 0.004)
