"""The client under OpenEnv's name, in an event loop and without one, against a real server."""

import asyncio
import gc
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

import atari_cli
from atari_cli import AtariAction, AtariEnv, SyncAtariEnv
from atari_cli.client.awaited_session import AWAITING, BLOCKING
from atari_cli.client.pending import Pending, Starting
from atari_cli.client.received import ReceivedResult
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

    async def reset() -> None:
        await env.reset()

    async def step() -> None:
        assert (await env.step(0)).observation.frame_number == 4
        await env.close()

    asyncio.run(reset())
    asyncio.run(step())
    # The socket that the first loop left open is closed here, with Python's own warning.
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

    async def ask() -> None:
        await env.state()

    async def play() -> None:
        async with env:
            with pytest.raises(ClientMisused, match="another event loop"):
                await asyncio.to_thread(lambda: asyncio.run(ask()))

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
    async def connect() -> None:
        await AtariEnv("http://a..b:1")

    with pytest.raises(ConnectionLost, match="no server answers"):
        asyncio.run(connect())


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


def test_without_an_event_loop_calls_block(ways: Ways) -> None:
    env: Any = AtariEnv(ways.server.url)
    assert env.connect() is env
    assert env.reset(seed=3, obs_type="ram").observation.screen_shape == (128,)
    assert env.step(AtariAction(action_id=2)).observation.frame_number == 4
    assert [result.done for result in env.step_many(["FIRE", 0])] == [False, False]
    assert (env.state().seed, env.frame()[:4]) == (3, b"\x89PNG")
    other = env.new_session(game="breakout")
    assert other.reset().observation.lives == 5
    assert len(env.step_many({env: [0], other: [0, 0]})[other]) == 2
    assert env.session_id != other.session_id
    assert env.close() is None
    assert len(ways.server.sessions) == 0


def test_in_with_calls_block_even_in_an_event_loop(ways: Ways) -> None:
    with AtariEnv(base_url=ways.server.url) as env:
        assert isinstance(env, AtariEnv)
        assert env.reset().observation.lives == 0

    async def play() -> None:
        with AtariEnv(ways.server.url) as env:
            assert not env.reset().done
            assert not env.step(1).done

    asyncio.run(play())
    assert len(ways.server.sessions) == 0


def test_the_first_call_in_an_event_loop_may_be_awaited_or_used_at_once(ways: Ways) -> None:
    async def play() -> None:
        notebook, awaited = AtariEnv(ways.server.url), AtariEnv(ways.server.url)
        pending = notebook.reset(seed=2)
        assert isinstance(pending, Pending)
        assert pending.observation.screen_shape == (210, 160, 3)
        assert not pending.done
        assert isinstance(notebook.step(1), ReceivedResult)
        task = asyncio.create_task(awaited.reset(seed=2))
        assert not (await task).done
        await asyncio.gather(awaited.step(1), awaited.step(2))
        notebook.close()
        await awaited.close()

    asyncio.run(play())
    assert len(ways.server.sessions) == 0


def test_awaiting_a_client_connects_it(ways: Ways) -> None:
    async def play() -> None:
        env = await AtariEnv(ways.server.url)
        async with env:
            session = await env.new_session()
            await asyncio.gather(env.reset(), session.reset())
            assert len(ways.server.sessions) == 2

    asyncio.run(play())
    assert len(ways.server.sessions) == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("named", [AtariEnv.sync, lambda env: env])
def test_a_client_that_was_awaited_blocks_once_its_event_loop_has_ended(
    ways: Ways, named: Callable[[AtariEnv], AtariEnv | SyncAtariEnv]
) -> None:
    """Its episode continues, for `atari serve` keeps the session of a lost connection."""

    async def begun() -> AtariEnv:
        env = await AtariEnv(ways.server.url)
        await env.reset(seed=1, obs_type="ram")
        return env

    env = named(asyncio.run(begun()))
    assert env.step(2).observation.episode_frame_number == 4
    env.close()
    assert len(ways.server.sessions) == 0
    gc.collect()  # the first connection


def test_while_its_event_loop_runs_a_client_is_used_in_one_way(ways: Ways) -> None:
    env = AtariEnv(ways.server.url)
    with env.sync() as blocking:
        blocking.reset()
        assert env.sync() is blocking
        assert env.session_id == blocking.session_id

    async def play() -> None:
        with pytest.raises(ClientMisused, match=f"used with {BLOCKING} already"):
            await env
        async with AtariEnv(ways.server.url) as awaited:
            await awaited.reset()
            for misuse in (awaited.sync, awaited.__enter__):
                with pytest.raises(ClientMisused, match=f"used with {AWAITING} already"):
                    misuse()

    asyncio.run(play())


def test_after_a_close_only_a_reset_begins_another_episode(ways: Ways) -> None:
    """Nothing connects before: a closed client takes no place on the server."""

    async def play() -> None:
        awaited = AtariEnv(ways.server.url)
        await awaited.reset(obs_type="ram", game="breakout")
        for close in (awaited.close, awaited.disconnect, awaited.close):
            await close()
            for call in CALLS:
                with pytest.raises(ResetNeeded, match=r"reset\(\) starts another"):
                    await call(awaited)
            assert (awaited.session_id, awaited.watch_url) == (None, None)
            assert len(ways.server.sessions) == 0
            assert (await awaited.reset()).observation.screen_shape == (128,)
        await awaited.close()

    asyncio.run(play())
    for blocking in (AtariEnv(ways.server.url), SyncAtariEnv(ways.server.url)):
        blocking.reset(obs_type="ram", game="breakout")
        for close in (blocking.close, blocking.disconnect, blocking.close):
            close()
            for call in CALLS:
                with pytest.raises(ResetNeeded, match=r"reset\(\) starts another"):
                    call(blocking)
            assert (blocking.session_id, blocking.watch_url) == (None, None)
            assert len(ways.server.sessions) == 0
            assert blocking.reset().observation.screen_shape == (128,)
        blocking.close()


@pytest.mark.usefixtures("plain")
def test_after_a_close_only_a_reset_begins_another_episode_over_plain_openenv(ways: Ways) -> None:
    test_after_a_close_only_a_reset_begins_another_episode(ways)


def test_programs_import_the_client_from_openenvs_modules() -> None:
    modules = {"atari_env.client": "AtariEnv", "atari_env.models": "AtariAction"}
    for module, name in modules.items():
        assert getattr(import_module(module), name) is getattr(atari_cli, name)


def test_values_become_plain_data_as_those_of_openenv(ways: Ways) -> None:
    with AtariEnv(ways.server.url) as env:
        result = env.reset(seed=1, obs_type="ram")
        state = env.state()
    seen = result.observation.model_dump()
    assert list(seen)[:3] == ["done", "reward", "metadata"]
    assert (seen["screen"], len(seen["screen"])) == (list(result.observation.screen), 128)
    assert json.loads(result.observation.model_dump_json()) == seen
    assert result.metadata == seen["metadata"]
    assert state.model_dump()["seed"] == 1
    assert AtariAction(action_id=2).model_dump()["action_id"] == 2


def test_the_arguments_have_openenvs_names_and_order(ways: Ways) -> None:
    env = AtariEnv(ways.server.url, 5.0, 30.0, 50.0, None, None, None, "PRODUCTION", {"X-A": "b"})
    assert not env.reset().done
    env.close()
    with pytest.raises(InvalidSetting, match="mode must be one of simulation, production"):
        AtariEnv(mode="gym")


def test_programs_catch_errors_as_those_of_openenv(start: Start) -> None:
    with AtariEnv(start(max_sessions=1).server.url) as env, AtariEnv(env.base_url) as other:
        env.reset()
        with pytest.raises(RuntimeError, match="Server at capacity: 1/1"):
            other.reset()
        with pytest.raises(ValueError, match="mode 99"):
            env.reset(mode=99)
        with pytest.raises(ValueError, match="got 17"):
            env.step(AtariAction(action_id=17))
    with pytest.raises(ConnectionError, match="no server answers"):
        AtariEnv("http://127.0.0.1:1").connect()


class Docker:
    """A provider of containers, like OpenEnv's."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.calls: list[object] = []

    def start_container(
        self, image: str, port: int | None = None, env_vars: dict[str, str] | None = None
    ) -> str:
        self.calls.append((image, port, env_vars))
        return self.url

    def wait_for_ready(self, base_url: str, timeout_s: float = 30.0) -> None:
        self.calls.append(base_url)

    def stop_container(self) -> None:
        self.calls.append("stop")


class Program:
    """A provider of processes, like OpenEnv's."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.calls: list[object] = []

    def start(self, workers: int = 1) -> str:
        self.calls.append(workers)
        return self.url

    def wait_for_ready(self, timeout_s: float = 60.0) -> None:
        self.calls.append("ready")

    def stop(self) -> None:
        self.calls.append("stop")


def test_a_provider_starts_the_server_of_a_client(ways: Ways) -> None:
    program = Program(ways.server.url)
    env = AtariEnv(provider=program)
    assert (env.base_url, program.calls) == (None, [])
    assert not env.reset().done
    env.new_session().reset()
    assert env.base_url == ways.server.url
    env.close()
    env.close()
    assert program.calls == [1, "ready", "stop"]
    assert not env.reset().done
    env.close()
    assert program.calls == [1, "ready", "stop"] * 2


def test_a_provider_whose_server_runs_is_only_stopped(ways: Ways) -> None:
    program = Program("http://elsewhere")

    async def play() -> None:
        async with AtariEnv(ways.server.url, provider=program) as env:
            await env.reset()

    asyncio.run(play())
    assert program.calls == ["stop"]


def test_a_provider_is_given_an_image_and_its_arguments(ways: Ways) -> None:
    docker = Docker(ways.server.url)
    with AtariEnv.from_docker_image("i", provider=docker, env_vars={"A": "b"}, port=5) as env:
        env.reset()
    assert docker.calls == [("i", 5, {"A": "b"}), ways.server.url, "stop"]


def test_a_space_runs_in_a_container_of_its_image_or_by_a_provider(ways: Ways) -> None:
    docker, program = Docker(ways.server.url), Program(ways.server.url)

    async def play() -> None:
        env = await AtariEnv.from_env("Org/My_Space", provider=docker)
        await env.reset()
        await env.close()
        async with AtariEnv.from_env(
            "o/s", use_docker=False, provider=program, workers=2
        ) as running:
            await running.reset()

    asyncio.run(play())
    image = "registry.hf.space/org-my-space:latest"
    assert docker.calls == [(image, None, None), ways.server.url, "stop"]
    assert program.calls == [2, "ready", "stop"]
    with pytest.raises(InvalidSetting, match="use_docker=False needs a provider"):
        AtariEnv.from_env("o/s", use_docker=False)
    with pytest.raises(InvalidSetting, match="ORG/NAME, got 'space'"):
        AtariEnv.from_env("space")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_client_of_a_container_is_used_in_any_way(ways: Ways) -> None:
    """Also as in OpenEnv's own example, which neither awaits it nor calls its `.sync()`."""
    docker = Docker(ways.server.url)

    def made() -> Starting[AtariEnv]:
        return AtariEnv.from_docker_image("i", docker)

    made().close()
    assert not docker.calls
    env: Any = made()
    assert not env.reset().done
    env.close()
    blocking = made().sync()
    assert blocking.base_url == ways.server.url
    with blocking:
        blocking.reset()
    assert asyncio.iscoroutine(handle := made())
    awaited = asyncio.run(handle)
    assert isinstance(awaited, AtariEnv)
    awaited.close()
    assert docker.calls == [("i", None, None), ways.server.url, "stop"] * 3
    gc.collect()


CALLS: list[Callable[[Any], Any]] = [
    lambda env: env.step(0),
    lambda env: env.step_many([0]),
    lambda env: env.state(),
    lambda env: env.frame(),
]
