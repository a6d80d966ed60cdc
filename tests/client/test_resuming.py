"""A client resumes the session of a lost connection, and no step is played twice or left out."""

import asyncio
import socket
from typing import Any

import numpy as np
import pytest

from atari_cli import AtariEnv, SyncAtariEnv
from atari_cli.errors import ConnectionLost, ResetNeeded, ServerError
from atari_cli.server.sessions.phases import Phase
from atari_cli.server.transport.websocket import WebSocket
from tests.server.conftest import Start, Ways, say, until


def abort(env: SyncAtariEnv) -> None:
    assert env._socket
    env._socket._socket.shutdown(socket.SHUT_RDWR)


def played(ways: Ways) -> int:
    """Return the steps that the only session has played."""
    (session,) = ways.server.sessions.all()
    return session.state().step_count


def test_an_episode_continues_as_if_its_connection_had_not_broken(ways: Ways) -> None:
    actions = [2, 3, 1, 0] * 10
    with SyncAtariEnv(ways.server.url) as env:
        env.reset(seed=5)
        whole = [env.step(action).observation.pixels for action in actions]
    with SyncAtariEnv(ways.server.url) as env:
        env.reset(seed=5)
        identity = env.session_id
        for number, action in enumerate(actions):
            if number % 7 == 3:
                abort(env)
            assert np.array_equal(env.step(action).observation.pixels, whole[number])
        assert env.session_id == identity
        abort(env)
        assert env.state().step_count == 40
    assert until(lambda: not len(ways.server.sessions))


@pytest.mark.parametrize("call", ["step", "reset", "state", "frame"])
def test_a_call_whose_reply_was_lost_has_its_effect_once(
    ways: Ways, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    send, broken = WebSocket.send, list[bool]()

    def break_once(self: WebSocket, pieces: Any, binary: bool = False) -> None:
        if not broken:
            broken.append(True)
            self.abort()
            raise BrokenPipeError
        send(self, pieces, binary)

    with SyncAtariEnv(ways.server.url) as env:
        env.reset(seed=1)
        env.step(0)
        monkeypatch.setattr(WebSocket, "send", break_once)
        result: Any = getattr(env, call)(*[0] if call == "step" else [])
        assert broken
        assert played(ways) == {"step": 2, "reset": 0}.get(call, 1)
        if call == "step":
            assert result.observation.frame_number == 8


def test_a_call_that_did_not_reach_the_server_is_made_again(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SyncAtariEnv(ways.server.url) as env:
        env.reset(seed=1)
        monkeypatch.setattr(env._socket, "is_open", lambda: True)
        abort(env)
        assert env.step(0).observation.frame_number == 4
        assert played(ways) == 1


def test_actions_whose_results_were_lost_end_the_episode_for_this_client(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SyncAtariEnv(ways.server.url) as env:
        env.reset(seed=1)
        monkeypatch.setattr(env._socket, "is_open", lambda: True)
        abort(env)
        with pytest.raises(ConnectionLost):
            env.step_many([0, 0])
        with pytest.raises(ResetNeeded):
            env.step(0)
        assert env.reset(seed=1).observation.frame_number == 0


def test_a_session_that_was_not_kept_needs_a_reset(start: Start) -> None:
    ways = start(keep_lost=0.0)
    with SyncAtariEnv(ways.server.url) as env:
        env.reset(seed=1, game="breakout")
        abort(env)
        assert until(lambda: not len(ways.server.sessions))
        with pytest.raises(ResetNeeded):
            env.step(0)
        env.reset(seed=1)
        assert env.state().game_name == "breakout"


def test_a_session_that_another_client_has_taken_is_not_taken_back(ways: Ways) -> None:
    with SyncAtariEnv(ways.server.url) as env:
        env.reset(seed=1)
        (session,) = ways.server.sessions.all()
        path = f"/ws?session_id={session.id}&resume=true"
        with ways.talk(path, subprotocols=["atari.v1"]) as other:
            say(other, "state")  # it has the session now
            with pytest.raises((ResetNeeded, ConnectionLost)):
                env.step(0)
            assert session.phase is Phase.ATTACHED
            assert session.state().step_count == 0


@pytest.mark.slow
def test_a_program_that_is_busy_for_longer_than_pings_may_take_continues(start: Start) -> None:
    ways = start(ping_interval=0.05, ping_timeout=0.05)

    async def play() -> None:
        async with AtariEnv(ways.server.url) as env:
            await env.reset(seed=1)
            (session,) = ways.server.sessions.all()
            # The event loop is blocked, so that no ping is answered.
            assert until(lambda: session.phase is Phase.LOST)
            assert (await env.step(0)).observation.frame_number == 4
            assert until(lambda: session.phase is Phase.LOST)
            assert (await env.state()).step_count == 1

    asyncio.run(play())


def test_a_server_that_is_gone_is_an_error_and_the_episode_is_lost(start: Start) -> None:
    ways = start()
    with SyncAtariEnv(ways.server.url) as env:
        env.reset(seed=1)
        ways.server.stop()
        with pytest.raises(ServerError):
            env.step(0)
