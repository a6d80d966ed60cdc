"""A recorded episode as a session has the same screens, forward and back, and ends."""

from collections.abc import Callable
from pathlib import Path

import pytest

from atari_cli.errors import InvalidSetting, UnknownSession
from atari_cli.recording import load_recording
from atari_cli.server.sessions import replay_session
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


def test_a_seek_ends_when_nobody_wants_it_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_session, "SLICE_SECONDS", 0.0)
    session = ReplaySession("id", load_recording(recorded(tmp_path, steps=400)[0]), Metrics())
    asked = iter([True, False])
    session.seek(400, lambda: next(asked))
    assert 0 < session.at < 400
    at = session.at
    session.hold(0, None)
    assert session.at == at + 1


def test_a_session_can_be_closed_while_it_seeks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_session, "SLICE_SECONDS", 0.0)
    session = ReplaySession("id", load_recording(recorded(tmp_path, steps=400)[0]), Metrics())

    def close() -> bool:
        session.close()
        return True

    with pytest.raises(UnknownSession):
        session.seek(400, close)


def test_nothing_is_played_at_the_console_s_pace_during_a_seek(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_session, "SLICE_SECONDS", 0.0)
    path, shown = recorded(tmp_path, steps=400)
    session = ReplaySession("id", load_recording(path), Metrics())

    def tick() -> bool:
        at = session.at
        session.hold(0, None)
        return session.at == at

    session.seek(400, tick)
    assert session.at == 400
    result, _ = session.read(seen)
    assert (result.observation.indices == shown[400]).all()


def test_a_game_without_keyframes_goes_back_from_its_boot_as_the_same_episode(
    tmp_path: Path,
) -> None:
    path, shown = recorded(tmp_path, steps=120, game="video_chess")
    session = ReplaySession("id", load_recording(path), Metrics())
    session.seek(120)
    name = session.state().episode_id
    for step in (100, 0, 40):
        session.seek(step)
        result, state = session.read(seen)
        assert (session.earlier_frames, state.episode_id) == (0, name)
        assert (result.observation.indices == shown[step]).all()
        assert (session.at, session.episodes) == (step, 1)


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
