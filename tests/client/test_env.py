"""The client for asyncio, against a real server."""

import asyncio
import gc
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from atari_cli import AtariAction, AtariEnv
from atari_cli.errors import (
    CapacityReached,
    ClientMisused,
    ConnectionLost,
    InvalidSetting,
    ReplyTimeout,
    ResetNeeded,
)
from tests.client.conftest import Script, Start, Ways


def test_an_episode_can_be_played(ways: Ways) -> None:
    async def play() -> None:
        async with AtariEnv(base_url=ways.server.url) as env:
            await env.reset(seed=3, obs_type="ram")
            result = await env.step(AtariAction(action_id=2))
            assert result.observation.frame_number == 4
            assert len(await env.step_many(["FIRE", 0])) == 2
            state = await env.state()
            assert (state.seed, state.step_count) == (3, 3)
            assert (await env.frame()).startswith(b"\x89PNG")
            other = env.new_session(game="breakout")
            await other.reset()
            assert len((await env.step_many({env: [0], other: [0, 0]}))[other]) == 2
        assert len(ways.server.sessions) == 0

    asyncio.run(play())


@pytest.mark.usefixtures("plain")
def test_an_episode_can_be_played_over_plain_openenv(ways: Ways) -> None:
    async def play() -> None:
        async with AtariEnv(ways.server.url) as env:
            await env.reset(obs_type="ram")
            other = env.new_session(obs_type="ram")
            results = await env.step_many({env: [0, 0], other: [0]})
            assert [len(batch) for batch in results.values()] == [2, 1]

    asyncio.run(play())


def test_a_cancelled_call_drops_the_connection(ways: Ways) -> None:
    async def play() -> None:
        async with AtariEnv(ways.server.url) as env:
            await env.reset(seed=0)
            call = asyncio.create_task(env.step_many([0] * 1000))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            with pytest.raises(ResetNeeded):
                await env.step(0)
            assert (await env.reset(seed=0)).observation.frame_number == 0

    asyncio.run(play())


def test_a_late_reply_is_an_error_and_does_not_answer_the_next_request(ways: Ways) -> None:
    async def play() -> None:
        async with AtariEnv(ways.server.url) as env:
            await env.reset()
            with pytest.raises(ReplyTimeout, match=r"did not reply within 0\.001 s.*reset"):
                await env.step_many([0] * 1000, timeout=0.001)
            assert (await env.reset(episode_id="next")).observation.frame_number == 0

    asyncio.run(play())


def test_concurrent_tasks_take_turns(ways: Ways) -> None:
    async def play() -> None:
        async with AtariEnv(ways.server.url) as env:
            await env.reset(obs_type="ram")
            await asyncio.gather(*(env.step_many([0] * 10) for _ in range(5)))
            assert (await env.state()).step_count == 50

    asyncio.run(play())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_client_reconnects_in_a_new_event_loop(ways: Ways) -> None:
    env = AtariEnv(ways.server.url)
    asyncio.run(env.reset())
    with pytest.raises(ResetNeeded):
        asyncio.run(env.step(0))
    asyncio.run(env.close())
    # The socket that the first loop left open is closed here, with Python's own warning.
    del env
    gc.collect()


def test_tasks_of_a_second_event_loop_take_turns(ways: Ways) -> None:
    env = AtariEnv(ways.server.url)

    async def play() -> list[int]:
        await env.reset(obs_type="ram")
        results = await asyncio.gather(*(env.step(0) for _ in range(4)))
        await env.close()
        return [result.observation.episode_frame_number for result in results]

    assert [asyncio.run(play()) for _ in range(2)] == [[4, 8, 12, 16]] * 2


def test_a_client_cannot_be_used_in_two_event_loops_at_once(ways: Ways) -> None:
    env = AtariEnv(ways.server.url)

    async def play() -> None:
        async with env:
            with pytest.raises(ClientMisused, match="another event loop"):
                await asyncio.to_thread(lambda: asyncio.run(env.state()))

    asyncio.run(play())


def test_a_cancelled_close_drops_the_connection(
    scripted: Callable[[Script], str],
) -> None:
    ended = threading.Event()

    def silent(connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                connection.recv()
        ended.set()

    async def play() -> None:
        env = await AtariEnv(scripted(silent)).connect()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(env.close(), 0.1)
        assert await asyncio.to_thread(ended.wait, 1)

    asyncio.run(play())


def test_an_invalid_timeout_is_refused_and_the_episode_continues(ways: Ways) -> None:
    async def play() -> None:
        async with AtariEnv(ways.server.url) as env:
            await env.reset(obs_type="ram")
            for timeout in (0, -1, float("nan")):
                with pytest.raises(InvalidSetting, match="timeout must be a number over 0"):
                    await env.step(0, timeout=timeout)
            assert (await env.step(0)).observation.frame_number == 4

    asyncio.run(play())


def test_an_impossible_host_name_is_reported_in_one_line() -> None:
    with pytest.raises(ConnectionLost, match="no server answers"):
        asyncio.run(AtariEnv("http://a..b:1").connect())


def test_full_missing_and_protected_servers_are_reported_as_such(start: Start) -> None:
    async def play() -> None:
        url = start(max_sessions=1).server.url
        async with AtariEnv(url) as one:
            await one.reset()  # before the other connects: the place is taken after the handshake
            async with AtariEnv(url) as other:
                with pytest.raises(CapacityReached, match="1/1"):
                    await other.reset()
        with pytest.raises(ConnectionLost, match="no server answers at http://127"):
            await AtariEnv("http://127.0.0.1:1").reset()
        with pytest.raises(ConnectionLost, match=r"HTTP 401.*token="):
            await AtariEnv(start(token="t").server.url).connect()

    asyncio.run(play())


def test_after_a_server_stops_steps_fail_until_a_reset(start: Start) -> None:
    async def play() -> None:
        ways = start()
        async with AtariEnv(ways.server.url) as env:
            await env.reset()
            ways.server.stop()
            with pytest.raises(ConnectionLost):
                await env.step(0)
            start(port=int(ways.server.url.rpartition(":")[2]))
            with pytest.raises(ResetNeeded):
                await env.step(0)
            await env.reset()

    asyncio.run(play())


def test_a_client_is_used_either_with_await_or_with_sync(ways: Ways) -> None:
    env = AtariEnv(ways.server.url)
    with pytest.raises(ClientMisused, match=r"with AtariEnv\(\.\.\.\)\.sync"), env:
        pass
    with env.sync() as blocking:
        blocking.reset()
        assert env.sync() is blocking
    with pytest.raises(ClientMisused, match=r"used with \.sync\(\) already"):
        asyncio.run(env.reset())

    async def play() -> None:
        async with AtariEnv(ways.server.url) as awaited:
            await awaited.reset()
            with pytest.raises(ClientMisused, match="used with await already"):
                awaited.sync()

    asyncio.run(play())
