"""Tools in a session that a person plays, that replays a recording, or that others watch."""

from pathlib import Path

import pytest

from atari_cli.recording import load_recording
from atari_cli.server.sessions.spectators import Snapshot
from tests.server.mcp.conftest import Player
from tests.server.routes.test_recordings import recorded
from tests.server.sessions.test_register import told


@pytest.mark.parametrize("tool", ["status", "screen"])
def test_tools_that_read_leave_a_persons_recording_alone(player: Player, tool: str) -> None:
    session = player.sessions.open()
    session.keep_episode()
    session.reset(told, seed=1)
    session.step(told, 0)
    assert not player.result(tool, session_id=session.id)["isError"]
    episode = session.kept_episode()
    assert episode
    assert episode.steps == 1


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("press", {"actions": [{"action": "NOOP"}]}),
        ("new_game", {"game": "pong"}),
        ("save_state", {"name": "here"}),
        ("restore_state", {"name": "here"}),
    ],
)
def test_a_recording_that_is_replayed_cannot_be_played(
    player: Player, tmp_path: Path, tool: str, arguments: dict[str, object]
) -> None:
    session = player.sessions.replay(load_recording(recorded(tmp_path, steps=10)[0]))
    session.seek(4)
    assert "nothing else" in player.refused(tool, session_id=session.id, **arguments)
    assert session.at == 4


def test_spectators_are_notified_of_each_game_that_a_tool_begins_or_restores(
    player: Player,
) -> None:
    shown: list[Snapshot] = []
    identity = player("new_game", game="pong", seed=1)["session_id"]
    session = player.sessions.get(identity)
    session.spectate(lambda snapshot: shown.append(snapshot) if snapshot else None)
    player("save_state", name="here")
    player("new_game", game="air_raid", seed=1)
    player("restore_state", name="here")
    seen = [(snapshot.number, snapshot.state.game_name) for snapshot in shown]
    assert list(dict.fromkeys(seen)) == [(1, "pong"), (2, "air_raid"), (3, "pong")]
