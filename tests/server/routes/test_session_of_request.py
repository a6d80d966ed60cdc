"""A request plays in the session that it names, else in the one of its tab or sender."""

from tests.server.conftest import Start, Ways, say


def test_requests_without_a_session_advance_one_game(ways: Ways) -> None:
    first = ways.ask("POST", "/reset").body
    second = ways.ask("POST", "/step", {"action": {"action_id": 2}}).body
    third = ways.ask("POST", "/step", {"action": {"action_id": 2}}).body
    frames = [reply["observation"]["frame_number"] for reply in (first, second, third)]
    assert frames == [0, 4, 8]
    state = ways.ask("GET", "/state").body
    assert (state["step_count"], state["game_name"]) == (2, "pong")


def test_each_tab_has_its_own_episode(ways: Ways) -> None:
    for tab, game in (("one", "pong"), ("two", "breakout")):
        reply = ways.ask("POST", "/web/reset", {"game": game, "obs_type": "ram"}, X_Atari_Tab=tab)
        assert reply.body["metadata"]["game_name"] == game
    step = {"action": {"action_id": "1"}}
    assert ways.ask("POST", "/web/step", step, X_Atari_Tab="one").status == 200
    states = {tab: ways.ask("GET", "/web/state", X_Atari_Tab=tab).body for tab in ("one", "two")}
    assert [state["step_count"] for state in states.values()] == [1, 0]
    assert ways.ask("GET", "/state").body["episode_id"] is None
    assert ways.ask("GET", "/web/state").body["episode_id"] is None
    assert len(ways.server.sessions) == 4


def test_a_tab_can_refer_to_the_session_that_it_plays(ways: Ways) -> None:
    with ways.talk() as socket:
        say(socket, "reset", obs_type="ram")
        (session,) = ways.server.sessions.all()
        state = ways.ask("GET", "/web/state", X_Atari_Session=session.id).body
        assert state["episode_id"] == session.state().episode_id


def count(ways: Ways, **headers: str) -> int:
    """Play a step in the default session and return its number."""
    ways.ask("POST", "/step", {"action": {"action_id": 0}}, **headers)
    return int(ways.ask("GET", "/state", **headers).body["step_count"])


def test_clients_of_a_proxy_have_different_default_sessions(ways: Ways) -> None:
    one, other = ({"X_Forwarded_For": address} for address in ("1.1.1.1", "2.2.2.2"))
    assert [count(ways, **one), count(ways, **one), count(ways, **other), count(ways)] == [
        1,
        2,
        1,
        1,
    ]


def test_a_proxy_that_names_no_client_leaves_none_a_default_session(start: Start) -> None:
    ways = start(trust_proxy=True)
    reply = ways.ask("POST", "/reset", {})
    assert reply.status == 400
    assert "X-Forwarded-For" in reply.body["detail"]
    assert ways.ask("POST", "/web/reset", {}, X_Atari_Tab="mine").status == 200
    identity = ways.ask("POST", "/sessions").body["session_id"]
    assert ways.ask("POST", "/reset", {}, X_Atari_Session=identity).status == 200
