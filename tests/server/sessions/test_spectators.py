"""Moments are copies, each is shown to all, and nobody costs anything who does not look."""

import numpy as np
import pytest

from atari_cli.errors import SessionBusy
from atari_cli.server.sessions.spectators import MOST_ONLOOKERS, Moment
from tests.server.sessions.test_register import register, told


def test_each_step_is_shown_to_all_who_look_on() -> None:
    session = register(game="breakout").open()
    first: list[Moment | None] = []
    second: list[Moment | None] = []
    session.join(first.append)
    session.join(second.append)
    session.reset(told, seed=1)
    session.step(told, 1)
    session.step_many(told, [2, 3])
    session.part(second.append)
    session.part(second.append)
    session.hold(0, None)
    assert [moment.frame for moment in first if moment] == [0, 4, 8, 12, 16]
    assert [moment.frame for moment in second if moment] == [0, 4, 8, 12]


def test_a_moment_stays_as_it_was() -> None:
    session = register(game="pong", frameskip=1).open()
    shown: list[Moment] = []
    session.join(lambda moment: shown.append(moment) if moment else None)
    session.reset(told)
    before = shown[0].screen.copy(), shown[0].ram.copy()
    session.step_many(told, [0] * 30)
    assert np.array_equal(shown[0].screen, before[0])
    assert np.array_equal(shown[0].ram, before[1])
    assert (shown[0].number, shown[0].sound, shown[0].state.game_name) == (1, None, "pong")


def test_the_end_is_shown_too() -> None:
    sessions = register()
    session = sessions.open()
    shown: list[Moment | None] = []
    session.join(shown.append)
    sessions.close(session)
    assert shown == [None]


def test_there_is_always_room_for_the_one_who_plays() -> None:
    session = register().open()
    for _ in range(MOST_ONLOOKERS):
        session.join(lambda moment: None)
    with pytest.raises(SessionBusy, match="look on at this session"):
        session.join(lambda moment: None)
    session.join(lambda moment: None, is_player=True)
