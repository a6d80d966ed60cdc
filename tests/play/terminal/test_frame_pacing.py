"""A terminal gets as many pictures as it can show in time."""

from collections import deque

import pytest

from atari_cli.play.terminal.frame_pacing import PATIENCE, SLACK, FramePacing


def play(seconds: float, latency: float, work: float) -> tuple[int, float]:
    """Play at 60 frames/s on a simulated remote terminal.

    Args:
        seconds: Duration of the game.
        latency: Round-trip time of a query and its answer.
        work: Time that the terminal takes to show a picture.

    Returns:
        The number of pictures shown, and the longest time from drawing one to its answer.
    """
    backlog = FramePacing()
    line: deque[tuple[float, float]] = deque()
    shown, free, worst = 0, 0.0, 0.0
    for tick in range(round(seconds * 60)):
        now = tick / 60
        while line and line[0][0] <= now:
            due, made = line.popleft()
            backlog.answer(now)
            worst = max(worst, due - made)
        if backlog.has_room(now):
            free = max(free, now) + work
            line.append((free + latency, now))
            backlog.ask(now)
            shown += 1
    return shown, worst


@pytest.mark.parametrize("latency", [0.001, 0.03, 0.15, 0.4])
def test_a_fast_terminal_shows_every_picture_at_any_latency(latency: float) -> None:
    shown, _ = play(10.0, latency, work=0.001)
    assert shown >= 595 - 240 * latency


@pytest.mark.parametrize("latency", [0.001, 0.15])
@pytest.mark.parametrize("work", [0.03, 0.1, 0.5])
def test_a_slow_terminal_shows_fewer_pictures_and_never_lags(latency: float, work: float) -> None:
    shown, worst = play(20.0, latency, work)
    assert shown >= 0.7 * 20.0 / (work + latency)
    assert worst <= latency + 3 * work + SLACK + 0.1


def test_lost_answers_do_not_stop_the_pictures_for_long() -> None:
    backlog = FramePacing()
    backlog.ask(0.0)
    backlog.answer(0.01)
    while backlog.has_room(1.0):
        backlog.ask(1.0)
    assert not backlog.has_room(0.9 + PATIENCE)
    assert backlog.has_room(1.1 + PATIENCE)


def test_a_terminal_that_never_answers_eventually_gets_every_picture() -> None:
    backlog = FramePacing()
    backlog.ask(0.0)
    assert not backlog.has_room(1.0)
    now = 0.1 + PATIENCE
    for tick in range(600):
        assert backlog.has_room(now + tick / 60)
        backlog.ask(now + tick / 60)


def test_an_unexpected_answer_is_ignored() -> None:
    backlog = FramePacing()
    backlog.answer(1.0)
    assert backlog.has_room(1.0)
