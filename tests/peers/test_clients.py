"""OpenEnv's own clients, the newest and the oldest, play on real servers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from atari_cli.config import EnvironmentConfig, ServeConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.server import Server
from benchmarks.virtual import Peers
from tests.peers.conftest import run_cases

ACTIONS = "0 NOOP, 1 FIRE, 2 RIGHT, 3 LEFT, 4 RIGHTFIRE, 5 LEFTFIRE"
TOKEN = "secret-token"

pytestmark = pytest.mark.slow
with_newest = pytest.mark.xdist_group("newest peers")
with_oldest = pytest.mark.xdist_group("oldest peers")
with_both = pytest.mark.parametrize(
    "met",
    [
        pytest.param("newest_met", marks=with_newest, id="newest"),
        pytest.param("oldest_met", marks=with_oldest, id="oldest"),
    ],
)


@contextmanager
def served(**settings: Any) -> Iterator[Server]:
    with Server(ServeConfig(port=0, **settings), EnvironmentConfig()) as server:
        yield server


def meet(peers: Peers, script: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Run the named cases of a client, and those that need their own servers."""
    with served() as plain, served(max_sessions=1) as small, served(token=TOKEN) as closed:
        cases = {name: [name, plain.url] for name in names}
        cases["full"] = ["full", small.url]
        cases["token"] = ["reset", with_token(closed, TOKEN)]
        cases["wrong token"] = ["refused", with_token(closed, "another")]
        if "siblings" in names:
            cases["header"] = ["header", closed.url, TOKEN]
        met = run_cases(peers, script, cases)
        return {**met, "left": [len(server.sessions) for server in (plain, small, closed)]}


def with_token(server: Server, token: str) -> str:
    return server.url.replace("://", f"://user:{token}@")


@pytest.fixture(scope="module")
def newest_met(newest: Peers) -> dict[str, Any]:
    names = ("sync_episode", "async_episode", "typed_models", "errors", "settings", "reconnect")
    return meet(newest, "newest_client.py", (*names, "ending", "siblings"))


@pytest.fixture(scope="module")
def oldest_met(oldest: Peers) -> dict[str, Any]:
    return meet(oldest, "oldest_client.py", ("sync_episode", "errors", "reconnect", "ending"))


@pytest.fixture
def found(met: str, request: pytest.FixtureRequest) -> dict[str, Any]:
    """The results of a client's cases."""
    outcome: dict[str, Any] = request.getfixturevalue(met)
    return outcome


@with_both
def test_a_client_plays_the_episode_of_its_seed(found: dict[str, Any]) -> None:
    check_episode(found["sync_episode"])


@with_newest
def test_the_async_client_plays_the_same_episode(newest_met: dict[str, Any]) -> None:
    check_episode(newest_met["async_episode"])


@with_newest
def test_a_client_with_typed_models_finds_its_fields(newest_met: dict[str, Any]) -> None:
    found = newest_met["typed_models"]
    assert (found["shape"], found["length"]) == ([210, 160, 3], 100_800)
    assert found["meanings"] == ["NOOP", "FIRE", "RIGHT", "LEFT", "RIGHTFIRE", "LEFTFIRE"]
    state = found["state"]
    assert (state["step_count"], state["game_name"], state["frameskip"]) == (1, "pong", 4)


@with_both
def test_an_invalid_action_is_reported_and_the_session_continues(found: dict[str, Any]) -> None:
    no_such_action, no_action = found["errors"]["messages"]
    assert no_such_action.startswith(f"Server error: expected an action from {ACTIONS}, got 99")
    assert no_such_action.endswith("(code: EXECUTION_ERROR)")
    assert no_action == "Server error: Invalid message (code: VALIDATION_ERROR)"
    assert found["errors"]["frame"] == 4


@with_newest
def test_an_invalid_setting_is_reported_with_the_valid_ones(newest_met: dict[str, Any]) -> None:
    mode, game = newest_met["settings"]
    assert "expected one of 0, 1" in mode
    assert "pong" in game


@with_both
def test_a_closed_client_can_connect_again(found: dict[str, Any]) -> None:
    assert found["reconnect"] == [4, 4, 4]


@with_both
def test_an_ended_episode_does_not_continue_until_a_reset(found: dict[str, Any]) -> None:
    assert found["ending"] == {
        "done": [False, False, True, True, True],
        "frames": [4, 8, 10, 10, 10],
        "truncated": [False, False, True, True, True],
        "again": False,
    }


@with_newest
def test_the_sessions_of_one_client_are_independent(newest_met: dict[str, Any]) -> None:
    assert newest_met["siblings"] == [2, 0]


@with_both
def test_a_full_server_is_reported_to_the_client(found: dict[str, Any]) -> None:
    assert found["full"]["message"] == (
        "Server error: Server at capacity: 1/1 sessions active. Cannot accept new connections. "
        "(code: CAPACITY_REACHED)"
    )
    assert (found["full"]["still"], found["full"]["later"]) == (4, False)


@with_both
def test_a_client_can_send_the_token_in_the_url(found: dict[str, Any]) -> None:
    assert found["token"] is False
    assert "401" in found["wrong token"]


@with_newest
def test_the_newest_client_can_send_the_token_in_a_header(newest_met: dict[str, Any]) -> None:
    assert newest_met["header"] is False


@with_both
def test_no_client_leaves_a_session_behind(found: dict[str, Any]) -> None:
    assert found["left"] == [0, 0, 0]


def check_episode(found: dict[str, Any]) -> None:
    """Compare with the same episode in this process."""
    with AtariEnvironment("pong") as environment:
        results = [environment.reset(seed=7), *(environment.step(action) for action in (2, 3, 2))]
        for told, result in zip(found["results"], results, strict=True):
            assert told["observation"]["screen"] == result.observation.pixels.reshape(-1).tolist()
            assert told["observation"]["screen_shape"] == [210, 160, 3]
            assert told["observation"]["frame_number"] == result.observation.frame_number
            assert (told["reward"], told["done"]) == (result.reward, result.done)
    state = found["state"]
    assert (state["episode_id"], state["step_count"], state["seed"]) == ("mine", 3, 7)
