"""Sessions are opened, listed and ended over HTTP."""

import pytest

from tests.server.conftest import Start, Ways


def test_sessions_can_be_created_listed_and_ended(ways: Ways) -> None:
    made = ways.ask("POST", "/sessions", {"game": "Ms. Pac-Man", "mode": 2, "obs_type": "ram"})
    assert made.status == 201
    identity = made.headers["x-atari-session"]
    assert made.body == {"session_id": identity, "watch": made.headers["x-atari-watch"]}
    reset = ways.ask("POST", "/reset", X_Atari_Session=identity)
    assert reset.body["metadata"]["game_name"] == "ms_pacman"
    assert reset.headers["x-atari-session"] == identity
    other = ways.ask("POST", "/reset")
    assert other.body["metadata"]["game_name"] == "pong"
    listed = ways.ask("GET", "/sessions").body
    assert (listed["active"], listed["max"]) == (2, 256)
    assert identity not in str(listed)
    assert ways.ask("DELETE", f"/sessions/{identity}").body["closed"] is True
    assert ways.ask("POST", "/reset", X_Atari_Session=identity).status == 404
    assert ways.ask("DELETE", f"/sessions/{identity}").status == 404


@pytest.mark.parametrize("settings", [{"game": "pogn"}, {"mode": 9}, {"frameskip": -1}])
def test_a_session_with_invalid_settings_takes_no_place(
    ways: Ways, settings: dict[str, object]
) -> None:
    assert ways.ask("POST", "/sessions", settings).status == 422
    assert ways.ask("GET", "/sessions").body["active"] == 0


def test_a_full_server_is_reported_as_full(start: Start) -> None:
    ways = start(max_sessions=2)
    for _ in range(2):
        assert ways.ask("POST", "/sessions").status == 201
    reply = ways.ask("POST", "/sessions")
    assert (reply.status, reply.headers["retry-after"]) == (503, "1")
    assert reply.body["detail"].startswith("Server at capacity: 2/2 sessions active.")
