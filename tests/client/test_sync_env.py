"""The client whose calls block, against a real server."""

import re
import subprocess
import sys
import threading
from importlib.metadata import requires

import pytest

from atari_cli import AtariAction, AtariEnv, AtariEnvironment, SyncAtariEnv
from atari_cli.errors import (
    CapacityReached,
    ClientMisused,
    ConnectionLost,
    ResetNeeded,
    ServerError,
    UnknownSession,
)
from tests.client.conftest import Start, Ways
from tests.server.page import Page


def test_an_action_without_a_game_is_played_in_any_game(start: Start) -> None:
    ways = start()
    with AtariEnv(base_url=ways.server.url).sync() as env:
        env.reset(seed=0, game="breakout")
        result = env.step(AtariAction(action_id=1))
        assert result.observation.metadata["game_name"] == "breakout"
        assert env.step("FIRE").observation.frame_number == 8


def test_step_many_gives_the_results_of_an_environment(env: SyncAtariEnv) -> None:
    own = AtariEnvironment("pong")
    own.reset(seed=1)
    env.reset(seed=1)
    actions: list[int | str] = [2, 3, "FIRE", 0] * 5
    for result, action in zip(env.step_many(actions), actions, strict=True):
        expected = own.step(action)
        assert result.observation.screen == expected.observation.screen
        assert result.reward == expected.reward
    *unseen, last = env.step_many([2] * 4, observations="last")
    for _ in unseen:
        own.step(2)
    assert last.observation.screen == own.step(2).observation.screen
    with pytest.raises(ServerError, match="last one only"):
        _ = unseen[0].observation.pixels
    assert env.step_many([]) == []


def test_several_sessions_step_in_one_message(env: SyncAtariEnv) -> None:
    other = env.new_session(game="breakout", obs_type="ram")
    env.reset(seed=1)
    other.reset(seed=2)
    assert env.session_id != other.session_id
    results = env.step_many({env: [0, 0, "FIRE"], other: ["FIRE"]})
    assert {each: len(batch) for each, batch in results.items()} == {env: 3, other: 1}
    assert results[other][0].observation.screen_shape == (128,)
    assert other.state().step_count == 1
    other.reset(seed=2, obs_type="grayscale")
    assert env.step_many({other: [0]})[other][0].observation.screen_shape == (210, 160)
    with pytest.raises(ClientMisused, match="SyncAtariEnv"):
        env.step_many({"other": [0]})


def test_others_can_watch_a_session(ways: Ways, env: SyncAtariEnv) -> None:
    assert env.watch_url is None
    env.reset(seed=1, game="breakout")
    page, _, key = str(env.watch_url).partition("?watch=")
    assert page == f"{ways.server.url}/web/"
    watcher = Page(ways, "/ws/watch")
    watcher.ask("watch", "watching", key=key)
    assert watcher.await_message("screen")["step"] == 0
    env.step(1)
    assert watcher.await_message("screen")["step"] == 1
    assert watcher.episode["game_name"] == "breakout"


@pytest.mark.usefixtures("plain")
def test_over_plain_openenv_sessions_are_stepped_one_by_one(env: SyncAtariEnv) -> None:
    env.reset(obs_type="ram")
    other = env.new_session(obs_type="ram")
    results = env.step_many({env: [0, 0], other: [0]})
    assert [len(batch) for batch in results.values()] == [2, 1]
    assert env.session_id is None
    assert env.watch_url is None


def test_sessions_of_a_client_end_with_it(ways: Ways) -> None:
    with AtariEnv(ways.server.url).sync() as env:
        env.reset()
        env.new_session(game="breakout").step(0)
        assert len(ways.server.sessions) == 2
    assert len(ways.server.sessions) == 0
    env.close()


def test_a_frame_is_a_png_picture(env: SyncAtariEnv) -> None:
    env.reset()
    assert env.frame().startswith(b"\x89PNG")


def test_after_the_server_ends_a_session_steps_fail_until_a_reset(
    ways: Ways, env: SyncAtariEnv
) -> None:
    env.reset(game="breakout")
    for session in ways.server.sessions.all():
        ways.server.sessions.close(session)
    with pytest.raises(UnknownSession, match="ended"):
        env.step(0)
    with pytest.raises(ResetNeeded, match="reset"):
        env.step(0)
    assert env.reset().observation.metadata["game_name"] == "breakout"


def test_a_client_reports_a_stopped_server_and_connects_to_its_successor(start: Start) -> None:
    first = start()
    port = int(first.server.url.rpartition(":")[2])
    with AtariEnv(first.server.url).sync() as env:
        env.reset(obs_type="ram")
        env.step(0)
        first.server.stop()
        with pytest.raises(ConnectionLost, match="no server answers at http://127"):
            env.step(0)
        start(port=port)
        for call in (env.state, env.frame, lambda: env.step(0)):
            with pytest.raises(ResetNeeded):
                call()
        assert env.reset().observation.screen_shape == (128,)
        assert env.step(0).observation.frame_number == 4


def test_a_full_server_is_reported_as_full(start: Start) -> None:
    ways = start(max_sessions=1)
    with AtariEnv(ways.server.url).sync() as one:
        one.reset()  # before the other connects: the place is taken after the handshake
        with AtariEnv(ways.server.url).sync() as other:
            with pytest.raises(CapacityReached, match="1/1 sessions"):
                other.reset()
            one.close()
            other.reset()


def test_a_token_grants_access(start: Start) -> None:
    ways = start(token="let-me-in")
    url = ways.server.url
    with AtariEnv(url, token="let-me-in").sync() as env:
        env.reset()
    with AtariEnv(url.replace("//", "//user:let-me-in@")).sync() as env:
        env.reset()
    with pytest.raises(ConnectionLost, match=r"HTTP 401.*token="):
        AtariEnv(url, token="wrong").sync().connect()


def test_a_missing_server_is_reported_in_one_line() -> None:
    with pytest.raises(ConnectionLost, match=r"^no server answers at http://127.0.0.1:1 \("):
        AtariEnv("http://127.0.0.1:1").sync().reset()


def test_concurrent_threads_take_turns(env: SyncAtariEnv) -> None:
    env.reset(obs_type="ram")
    threads = [threading.Thread(target=env.step_many, args=([0] * 10,)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert env.state().step_count == 50


def test_a_blocking_client_cannot_be_awaited(ways: Ways) -> None:
    client = AtariEnv(ways.server.url).sync()
    with pytest.raises(ClientMisused, match="write `with`"):
        client.__aenter__().send(None)


def test_ignored_settings_cause_a_warning(env: SyncAtariEnv) -> None:
    with pytest.warns(UserWarning, match="ignores colour"):
        env.reset(colour="red")


def test_importing_the_client_loads_nothing_heavy() -> None:
    heavy = {"ale_py", "pydantic", "pygame", "fastapi", "gradio", "gymnasium", "typer", "rich"}
    code = f"import sys; from atari_cli import AtariEnv; print(*{heavy} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


def test_the_client_requires_nothing_of_openenvs_server() -> None:
    needed = [line for line in requires("atari-cli") or [] if "extra ==" not in line]
    heavy = {"fastapi", "gradio", "gymnasium", "openenv", "openenv-core", "uvicorn"}
    assert needed
    assert not heavy & {re.split(r"[^\w-]", line)[0].lower() for line in needed}
