"""The examples run as they are, against a real server."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.conftest import Start, Ways, start, ways

__all__ = ["start", "ways"]

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, *arguments: str) -> str:
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("name", ["openenv_async.py", "openenv_sync.py"])
def test_the_openenv_examples_play_an_episode(ways: Ways, name: str) -> None:
    out = run(name, ways.server.url)
    assert "screen: (210, 160, 3)\nactions: [0, 1, 2, 3, 4, 5]\n" in out
    assert out.count("reward:") == 20
    assert "steps: 20 of pong" in out


def test_the_random_agent_plays_ten_episodes(ways: Ways) -> None:
    out = run("random_agent.py", ways.server.url, "5")
    assert out.count("in 5 steps") == 10


def test_the_recorded_loop_writes_recordings_that_verify(tmp_path: Path) -> None:
    out = run("recorded_loop.py", str(tmp_path), "2", "60")
    assert out.count(", verified\n") == 2
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"space_invaders-bandit-s0-00{episode}.npz" for episode in range(2)]


def test_a_recording_can_be_read_with_only_numpy(tmp_path: Path) -> None:
    run("recorded_loop.py", str(tmp_path), "1", "60")
    (path,) = tmp_path.iterdir()
    out = run("read_recording.py", str(path))
    assert "space_invaders, played by bandit with seed 0" in out
    assert "in 60 steps" in out


def test_the_example_plays_whichever_game_the_server_has(start: Start) -> None:
    from atari_cli.config import EnvironmentConfig

    ways = start(EnvironmentConfig(game="breakout", full_action_space=True))
    assert "steps: 20 of breakout" in run("openenv_sync.py", ways.server.url)


@pytest.mark.posix("runs a script of a shell")
def test_the_curl_example_runs(ways: Ways) -> None:
    command = ["sh", str(EXAMPLES / "curl.sh"), ways.server.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    health, reset, step, state = done.stdout.splitlines()
    assert health == '{"status":"healthy"}'
    assert reset.startswith('{"observation":{"screen":[')
    assert step.startswith('{"observation":{"screen":[')
    assert '"step_count":1' in state
