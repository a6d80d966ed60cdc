"""Spectators see the screens of a session, cannot change it, and slow nobody down."""

import json

import numpy as np
import pytest
from websockets.exceptions import InvalidStatus

from atari_cli import AtariEnvironment
from atari_cli.server.sessions.phases import Phase
from atari_cli.server.sessions.spectators import MOST_SPECTATORS
from atari_cli.server.sockets.screen_stream import MOST_UNSEEN
from tests.server.conftest import Start, Ways, until
from tests.server.page import Page


def test_a_spectator_sees_what_a_program_plays_over_http(ways: Ways) -> None:
    made = ways.ask("POST", "/sessions", {"game": "breakout"})
    assert made.body["watch"] == made.headers["x-atari-watch"]
    session = {"X_Atari_Session": made.body["session_id"]}
    page = Page(ways, "/ws/watch")
    assert page.ask("watch", "watching", key=made.body["watch"]) == {"is_played": False}
    here = AtariEnvironment("breakout")
    ways.ask("POST", "/reset", {"seed": 2}, **session)
    here.reset(seed=2)
    assert page.await_message("screen")["sound"] == 0
    assert "session_id" not in page.episode
    score = 0.0
    for action in (1, 2, 3) * 8:
        ways.ask("POST", "/step", {"action": {"action_id": action}}, **session)
        result = here.step(action)
        score += result.reward
        data = page.await_message("screen")
        shown = (result.observation.indices.reshape(-1), result.observation.ram)
        assert np.array_equal(page.shown, np.concatenate(shown))
        assert (data["frame"], data["score"]) == (result.observation.frame_number, score)


def test_a_late_spectator_sees_the_current_screen_at_once(ways: Ways) -> None:
    page = Page(ways)
    told = page.play(game="pong", paused=True)
    page.say("step", action_id=0)
    page.await_screen(1)
    watcher = Page(ways, "/ws/watch")
    assert watcher.ask("watch", "watching", key=told["watch"]) == {"is_played": True}
    data = watcher.await_message("screen")
    assert (data["frame"], data["key"], data["number"]) == (1, True, 1)
    assert np.array_equal(watcher.shown, page.shown)


def test_a_slow_spectator_misses_frames_and_slows_nobody_down(ways: Ways) -> None:
    page, idle = Page(ways), Page(ways, "/ws/watch", sees=False)
    told = page.play(game="pong", paused=True)
    page.await_message("screen")
    idle.ask("watch", "watching", key=told["watch"])
    for frame in range(1, 3 * MOST_UNSEEN):
        page.say("step", action_id=0)
        page.await_screen(frame)
    for number in range(1, MOST_UNSEEN + 1):
        assert idle.await_message("screen")["number"] == number
    idle.say("seen", number=MOST_UNSEEN)
    data = idle.await_message("screen")
    assert data["frame"] == 3 * MOST_UNSEEN - 1
    assert np.array_equal(idle.shown, page.shown)


@pytest.mark.parametrize("kind", ["step", "reset", "play", "input", "state"])
def test_a_spectator_cannot_change_anything(ways: Ways, kind: str) -> None:
    page = Page(ways, "/ws/watch")
    assert page.ask(kind, "error")["code"] == "UNKNOWN_TYPE"
    assert len(ways.server.sessions) == 0


def test_a_wrong_key_is_refused(ways: Ways) -> None:
    told = Page(ways).play(game="pong")
    for key in ("", "no", told["session_id"]):
        page = Page(ways, "/ws/watch")
        assert page.ask("watch", "error", key=key)["code"] == "SESSION_ERROR"
        assert page.closed() == 1000


def test_the_key_is_enough_where_the_server_has_a_token(start: Start) -> None:
    ways = start(token="secret")
    shown = {"Authorization": "Bearer secret"}
    key = ways.ask("POST", "/sessions", {"obs_type": "ram"}, **shown).body["watch"]
    assert Page(ways, "/ws/watch").ask("watch", "watching", key=key) == {"is_played": False}
    error = Page(ways, "/ws/watch").ask("watch", "error", key="another")
    assert error["code"] == "SESSION_ERROR"
    with pytest.raises(InvalidStatus):
        Page(ways)
    with pytest.raises(InvalidStatus):
        ways.talk("/ws/watch", additional_headers={"Origin": "https://evil.example"})


def test_the_watch_key_does_not_give_access_to_the_session(ways: Ways) -> None:
    told = Page(ways).play(game="pong")
    with ways.talk(f"/ws?session_id={told['watch']}") as socket:
        assert json.loads(socket.recv(timeout=30))["data"]["code"] == "SESSION_ERROR"
    assert ways.ask("GET", "/state", X_Atari_Session=told["watch"]).status == 404


def test_a_connection_can_watch_only_one_session(ways: Ways) -> None:
    key = ways.ask("POST", "/sessions").body["watch"]
    page = Page(ways, "/ws/watch")
    page.ask("watch", "watching", key=key)
    assert "open another" in page.ask("watch", "error", key=key)["message"]


def test_the_number_of_spectators_is_limited_and_leaving_makes_room(ways: Ways) -> None:
    key = ways.ask("POST", "/sessions").body["watch"]
    pages = [Page(ways, "/ws/watch") for _ in range(MOST_SPECTATORS + 1)]
    for page in pages[:-1]:
        page.ask("watch", "watching", key=key)
    assert "spectators watch" in pages[-1].ask("watch", "error", key=key)["message"]
    pages[0].say("close")
    assert pages[0].closed() == 1000
    late = Page(ways, "/ws/watch")
    assert late.ask("watch", "watching", key=key)


def test_spectators_are_disconnected_when_the_session_ends(ways: Ways) -> None:
    made = ways.ask("POST", "/sessions").body
    page = Page(ways, "/ws/watch")
    page.ask("watch", "watching", key=made["watch"])
    ways.ask("DELETE", f"/sessions/{made['session_id']}")
    assert page.closed() == 1000


def test_our_client_gets_the_watch_key_with_its_episode(ways: Ways) -> None:
    page = Page(ways)
    data = page.ask("reset", "observation", game="pong")
    (session,) = ways.server.sessions.all()
    assert data["episode"]["watch"] == session.watch_key
    assert until(lambda: session.phase is Phase.ATTACHED)


def test_replies_to_a_spectator_carry_the_id_of_the_request(ways: Ways) -> None:
    made = ways.ask("POST", "/sessions", {"game": "breakout"})
    socket = ways.talk("/ws/watch", subprotocols=["atari.v1"])
    socket.send(json.dumps({"type": "watch", "data": {"key": made.body["watch"]}, "id": 7}))
    told = json.loads(socket.recv(timeout=30))
    assert (told["type"], told["id"]) == ("watching", 7)
    socket.send(json.dumps({"type": "step", "data": {"action_id": 0}, "id": "x"}))
    refused = json.loads(socket.recv(timeout=30))
    assert (refused["data"]["code"], refused["id"]) == ("UNKNOWN_TYPE", "x")
    socket.send(json.dumps({"type": "seen", "data": {"number": 1}, "id": 1.5}))
    assert json.loads(socket.recv(timeout=30))["data"]["code"] == "VALIDATION_ERROR"
