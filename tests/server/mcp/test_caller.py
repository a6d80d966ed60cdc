"""The session to which a call belongs."""

from time import monotonic

from atari_cli.server.mcp import Caller, new_owner
from tests.server.mcp.conftest import NewPlayer, Player


def test_a_caller_that_keeps_a_session_has_one_game_at_a_time(player: Player) -> None:
    assert player.refused("status").endswith("call new_game first")
    first = player("new_game", game="pong", seed=1)
    second = player("new_game", game="breakout", seed=2)
    assert first["session_id"] == second["session_id"]
    assert player("status")["game"] == "breakout"
    assert len(player.sessions) == 1


def test_a_caller_without_a_kept_session_names_one_in_each_call(new_player: NewPlayer) -> None:
    player = new_player(keeps_session=False)
    first, second = player("new_game", game="pong"), player("new_game", game="breakout")
    assert player.refused("status").endswith("call new_game first")
    for begun in (first, second):
        assert player("status", session_id=begun["session_id"]).items() <= begun.items()
    assert player("new_game", game="boxing", session_id=first["session_id"])["game"] == "boxing"
    assert len(player.sessions) == 2


def test_the_limit_of_sessions_applies_to_callers(new_player: NewPlayer) -> None:
    player = new_player(keeps_session=False, most=1)
    player("new_game", game="pong")
    assert "1/1 sessions" in player.refused("new_game", game="pong")


def test_a_game_that_cannot_start_takes_no_place(new_player: NewPlayer) -> None:
    for keeps_session in (True, False):
        player = new_player(keeps_session)
        assert "has no mode 77" in player.refused("new_game", game="pong", mode=77)
        assert len(player.sessions) == 0


def test_a_game_that_cannot_start_keeps_the_previous_one(player: Player) -> None:
    begun = player("new_game", game="pong", seed=3)
    assert player.refused("new_game", game="pomg").startswith("no game is called 'pomg'")
    assert player("status").items() <= begun.items()


def test_a_call_for_an_ended_session_gets_the_reason(player: Player) -> None:
    identity = player("new_game", game="pong")["session_id"]
    player.sessions.reap(monotonic() + 61)
    assert "idle for too long" in player.refused("status")
    assert player.refused("status", session_id=identity).startswith("no session has this id")


def test_ending_a_caller_ends_only_its_own_session(player: Player) -> None:
    player("new_game", game="pong")
    other = Player(Caller(player.sessions, owner=new_owner()))
    other("new_game", game="pong")
    assert other.caller.end()
    assert not other.caller.end()
    assert player("status")["game"] == "pong"
