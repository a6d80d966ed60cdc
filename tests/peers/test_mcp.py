"""MCP's own client, over HTTP and stdio, and OpenEnv's client play on a real server."""

import sys
from pathlib import Path
from typing import Any

import pytest

from atari_cli.config import EnvironmentConfig, ServeConfig
from atari_cli.server import Server
from atari_cli.server.mcp.caller import VERSIONS
from atari_cli.server.mcp.tools import TOOLS
from benchmarks.virtual import Peers
from tests.peers.conftest import run_cases

ROOT = str(Path(__file__).parent.parent.parent)
TOKEN = "secret-token"

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("newest peers")]
everywhere = pytest.mark.parametrize("way", ["http", "stdio"])


@pytest.fixture(scope="module")
def met(newest: Peers) -> dict[str, Any]:
    """The results of the clients' cases, and the number of sessions that they left behind."""
    closed = ServeConfig(port=0, token=TOKEN, max_sessions=1, mode="production")
    plain = ServeConfig(port=0, max_sessions=1)
    with (
        Server(closed, EnvironmentConfig()) as agents,
        Server(plain, EnvironmentConfig()) as trainers,
    ):
        cases = {
            "http": ["http", agents.url, TOKEN],
            "stdio": ["stdio", sys.executable, ROOT],
            "openenv": ["openenv", trainers.url],
        }
        found = run_cases(newest, "mcp_client.py", cases)
        return {**found, "left": [len(server.sessions) for server in (agents, trainers)]}


@everywhere
def test_the_client_agrees_on_the_newest_version_and_finds_the_tools(
    met: dict[str, Any], way: str
) -> None:
    found = met[way]
    assert (found["server"], found["version"]) == ("atari", VERSIONS[0])
    assert found["tools"] == list(TOOLS)
    assert all(found["titles"])
    assert "new_game" in found["instructions"]


@everywhere
def test_invalid_calls_give_a_result_or_an_error(met: dict[str, Any], way: str) -> None:
    found = met[way]
    assert found["early"][0]
    assert found["early"][1].endswith("call new_game first")
    assert found["wrong"][0]
    assert found["wrong"][1].startswith("actions: List should have at least 1 item")
    assert "unknown tool 'reset'" in found["unknown"]


@everywhere
def test_the_client_plays_a_game_to_its_end_and_sees_its_screens(
    met: dict[str, Any], way: str
) -> None:
    found = met[way]
    assert (found["start"]["game"], found["start"]["steps"]) == ("pong", 0)
    assert found["last"]["terminated"]
    assert found["last"]["score"] == found["rewards"]
    assert 21 in (found["last"]["memory"][f"{who}_points"] for who in ("enemy", "player"))
    assert len(found["screens"]) > 2
    assert all(found["screens"])
    assert found["after"][0]
    assert found["after"][1].startswith("the game is over")


def test_the_game_is_the_same_over_http_and_stdio(met: dict[str, Any]) -> None:
    one, other = ({**met[way]["last"], "session_id": ""} for way in ("http", "stdio"))
    assert one == other


def test_openenvs_client_calls_tools_in_the_session_that_it_reset(met: dict[str, Any]) -> None:
    found = met["openenv"]
    assert found["tools"] == list(TOOLS)
    assert found["schema"] == ["actions"]
    assert (found["status"]["game"], found["status"]["seed"]) == ("pong", 5)
    sessions = {found[call]["session_id"] for call in ("status", "new", "pressed")}
    assert len(sessions) == 1
    assert (found["new"]["game"], found["pressed"]["steps"], found["state"]) == ("breakout", 3, 3)
    assert (found["screen"], found["wrong"]) == ("image/png", True)
    assert "unknown tool 'step'" in found["unknown"]


def test_no_client_leaves_a_session_behind(met: dict[str, Any]) -> None:
    assert met["left"] == [0, 0]
