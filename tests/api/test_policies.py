"""`--policy replay:FILE` plays a recording's actions; the other spellings go to policies/."""

import json
from pathlib import Path

import pytest

from atari_cli.api.policies import find_policy
from atari_cli.config import EnvironmentConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.recording import load_recording
from tests.cli.program import Program
from tests.recording.episodes import record


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return record(tmp_path, "breakout", 120)


def test_a_recording_played_again_has_the_same_return(atari: Program, recording: Path) -> None:
    totals = load_recording(recording).header["totals"]
    words = ("rollout", "breakout", "--policy", f"replay:{recording}", "--steps", totals["steps"])
    (episode,) = json.loads(atari(*words, "--json"))["episodes"]
    assert (episode["return"], episode["steps"]) == (totals["score"], totals["steps"])


def test_noop_follows_the_last_action_of_a_recording(recording: Path) -> None:
    source = find_policy(f"replay:{recording}", EnvironmentConfig("breakout"))
    assert source.deterministic is True
    policy = source.load()
    unseen = AtariEnvironment("breakout").reset().observation
    actions = [policy(unseen) for _ in range(125)]
    assert "RIGHT" in actions[:120]
    assert actions[120:] == ["NOOP"] * 5


def test_a_recording_of_another_game_is_refused(atari: Program, recording: Path) -> None:
    line = atari.fails(2, "rollout", "pong", "--policy", f"replay:{recording}")
    assert "is a recording of breakout, not of pong" in line


def test_a_file_that_is_not_a_recording_is_refused(atari: Program) -> None:
    Path("junk.npz").write_bytes(b"junk")
    assert "junk.npz is not a whole recording" in atari.fails(
        1, "rollout", "--policy", "replay:junk.npz"
    )
    assert "cannot read none.npz" in atari.fails(1, "rollout", "--policy", "replay:none.npz")


def test_other_spellings_are_found_by_find_policy() -> None:
    assert find_policy("random", EnvironmentConfig()).name == "random"
    assert find_policy("tracker", EnvironmentConfig("Breakout")).deterministic is True


def test_mistakes_in_scripts_and_policies_are_reported_in_one_line(atari: Program) -> None:
    Path("script.txt").write_text("FIRE\nnoop 5\nHOP\n")
    line = atari.fails(2, "rollout", "--policy", "script:script.txt")
    assert "script.txt:3:1" in line
    Path("broken.py").write_text("def policy(observation)\n    return 0\n")
    assert "line 1" in atari.fails(2, "rollout", "--policy", "broken.py")
    assert "cannot read" in atari.fails(2, "rollout", "--policy", "none.py")
    assert "no_such_module" in atari.fails(2, "rollout", "--policy", "no_such_module:policy")
