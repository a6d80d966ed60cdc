"""A recorded episode as a session has the same screens, forward and back, and ends."""

from collections.abc import Callable
from pathlib import Path

import pytest

from atari_cli.errors import InvalidSetting
from atari_cli.recording import load_recording
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.replay_session import ReplaySession
from tests.server.routes.test_recordings import recorded
from tests.server.sessions.test_register import seen, told


def test_a_replay_session_plays_the_recording_to_its_end_and_stops(tmp_path: Path) -> None:
    path, shown = recorded(tmp_path, steps=10)
    session = ReplaySession("id", load_recording(path), Metrics())
    session.seek(0)
    for step in range(1, 11):
        assert session.tempo() == 1 / 60
        result, _ = session.step(told, 17)
        assert (result.observation.indices == shown[step]).all()
        assert (session.state().step_count, session.at) == (step, step)
    assert session.tempo() is None
    session.hold(5, 0.5, steps=3)
    assert session.at == 10


def test_going_back_keeps_the_score(tmp_path: Path) -> None:
    path, shown = recorded(tmp_path, steps=40)
    session = ReplaySession("id", load_recording(path), Metrics())
    session.seek(40)
    for step in (35, 3, 20, 0, 40):
        session.seek(step)
        result, state = session.read(seen)
        assert (result.observation.indices == shown[step]).all()
        assert state.step_count == session.at == step


@pytest.mark.parametrize("step", [-1, 11])
def test_seeking_beyond_the_recording_is_refused(tmp_path: Path, step: int) -> None:
    session = ReplaySession("id", load_recording(recorded(tmp_path, steps=10)[0]), Metrics())
    with pytest.raises(InvalidSetting, match="from 0 to 10"):
        session.seek(step)
    session.seek(0)


@pytest.mark.parametrize(
    "change",
    [
        lambda session: session.reset(told, seed=1),
        lambda session: session.step_many(told, [0]),
        lambda session: session.play(lambda playing: playing.step(0)),
        lambda session: session.save("here", lambda view, replaced: None),
        lambda session: session.restore("here", lambda view: None),
    ],
)
def test_only_the_recording_can_be_played(
    tmp_path: Path, change: Callable[[ReplaySession], object]
) -> None:
    session = ReplaySession("id", load_recording(recorded(tmp_path, steps=10)[0]), Metrics())
    session.seek(4)
    with pytest.raises(InvalidSetting, match="nothing else"):
        change(session)
    assert session.at == 4
