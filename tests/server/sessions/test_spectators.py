"""Snapshots are copies, and each one is sent to all spectators."""

import numpy as np
import pytest

from atari_cli.errors import SessionBusy
from atari_cli.server.sessions.spectators import MOST_SPECTATORS, Snapshot
from tests.server.sessions.test_register import register, told


def test_each_step_is_shown_to_all_spectators() -> None:
    session = register(game="breakout").open()
    first: list[Snapshot | None] = []
    second: list[Snapshot | None] = []
    session.spectate(first.append)
    session.spectate(second.append)
    session.reset(told, seed=1)
    session.step(told, 1)
    session.step_many(told, [2, 3])
    session.stop_spectating(second.append)
    session.stop_spectating(second.append)
    session.hold(0, None)
    assert [snapshot.frame for snapshot in first if snapshot] == [0, 4, 8, 12, 16]
    assert [snapshot.frame for snapshot in second if snapshot] == [0, 4, 8, 12]


def test_a_snapshot_does_not_change_afterwards() -> None:
    session = register(game="pong", frameskip=1).open()
    shown: list[Snapshot] = []
    session.spectate(lambda snapshot: shown.append(snapshot) if snapshot else None)
    session.reset(told)
    before = shown[0].screen.copy(), shown[0].ram.copy()
    session.step_many(told, [0] * 30)
    assert np.array_equal(shown[0].screen, before[0])
    assert np.array_equal(shown[0].ram, before[1])
    assert (shown[0].number, shown[0].sound, shown[0].state.game_name) == (1, None, "pong")


def test_spectators_are_notified_of_the_end() -> None:
    sessions = register()
    session = sessions.open()
    shown: list[Snapshot | None] = []
    session.spectate(shown.append)
    sessions.close(session)
    assert shown == [None]


def test_the_player_can_always_spectate() -> None:
    session = register().open()
    for _ in range(MOST_SPECTATORS):
        session.spectate(lambda snapshot: None)
    with pytest.raises(SessionBusy, match="spectators watch this session"):
        session.spectate(lambda snapshot: None)
    session.spectate(lambda snapshot: None, is_player=True)
