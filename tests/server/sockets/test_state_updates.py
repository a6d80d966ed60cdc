"""OpenEnv's updates for its page, which are pushed to each tab."""

import json
from time import monotonic
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection

from atari_cli.server.sockets.state_updates import REST_SECONDS
from tests.server.conftest import Ways, closed_with, say


def update(socket: ClientConnection) -> dict[str, Any]:
    message = json.loads(socket.recv(timeout=30))
    assert message["type"] == "state_update"
    return dict(message["episode_state"])


def test_invalid_requests_are_refused_as_by_other_routes(ways: Ways) -> None:
    assert ways.ask("POST", "/web/step", {"action": {"action_id": 99}}).status == 422
    assert ways.ask("POST", "/web/reset", {"game": "pogn"}).status == 422
    assert ways.ask("GET", "/web/state", X_Atari_Tab="a b").status == 400
    assert ways.ask("GET", "/web/metadata").body == ways.ask("GET", "/metadata").body


def test_an_update_is_pushed_for_each_step(ways: Ways) -> None:
    with ways.talk("/ws/ui?tab=one") as socket:
        first = update(socket)
        assert (first["episode_id"], first["is_reset"], first["action_logs"]) == (None, False, [])
        ways.ask("POST", "/web/reset", {"game": "pong", "obs_type": "ram"}, X_Atari_Tab="one")
        state = update(socket)
        assert (state["step_count"], state["is_reset"]) == (0, True)
        assert state["current_observation"]["screen_shape"] == [128]
        socket.send("what comes is ignored")
        for number in (1, 2):
            ways.ask("POST", "/web/step", {"action": {"action_id": 2}}, X_Atari_Tab="one")
            state = update(socket)
            assert state["step_count"] == number
            last = state["action_logs"][-1]
            assert (last["action"], last["step_count"]) == ({"action_id": 2}, number)
            assert len(state["action_logs"]) == number
        ways.ask("POST", "/web/reset", X_Atari_Tab="one")
        assert update(socket)["action_logs"] == []


def test_steps_in_quick_succession_are_pushed_together(ways: Ways) -> None:
    with ways.talk() as player:
        say(player, "reset", obs_type="ram")
        (session,) = ways.server.sessions.all()
        with ways.talk(f"/ws/ui?session_id={session.id}") as socket:
            update(socket)
            assert update(socket)["step_count"] == 0
            start = monotonic()
            for _ in range(50):
                say(player, "step", action_id=0)
            updates = [update(socket)]
            while updates[-1]["step_count"] < 50:
                updates.append(update(socket))
            assert len(updates) <= 2 + (monotonic() - start) / REST_SECONDS
            assert len(updates[-1]["action_logs"]) == 50


def test_the_end_of_the_session_closes_the_websocket(ways: Ways) -> None:
    identity = ways.ask("POST", "/sessions").body["session_id"]
    with ways.talk(f"/ws/ui?session_id={identity}") as socket:
        update(socket)
        ways.ask("DELETE", f"/sessions/{identity}")
        assert closed_with(socket) == 1000


@pytest.mark.parametrize(("query", "status"), [("session_id=none", 404), ("tab=a%20b", 400)])
def test_updates_of_an_unknown_session_are_refused(ways: Ways, query: str, status: int) -> None:
    with pytest.raises(InvalidStatus) as raised:
        ways.talk(f"/ws/ui?{query}")
    assert raised.value.response.status_code == status
