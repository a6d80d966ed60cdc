"""The description of a run: everything that decides its episodes."""

import hashlib
from pathlib import Path

import pytest

from atari_cli.api.policies import find_policy
from atari_cli.config import EnvironmentConfig
from atari_cli.rollout.description import RunDescription

PONG = EnvironmentConfig("pong")


def test_defaults_are_filled_in_and_changes_are_found() -> None:
    config = EnvironmentConfig("Ms. Pac-Man", noop_max=30, mode=1, sound=True)
    run = RunDescription.of(config, find_policy("noop", config), seed=7)
    assert (run.game, run.seed, run.policy_sha256) == ("ms_pacman", 7, None)
    assert (run.settings["mode"], run.settings["difficulty"]) == (1, 0)
    assert "sound" not in run.settings
    assert run.changed_settings() == {"noop_max": 30, "mode": 1}
    usual = EnvironmentConfig("ms_pacman")
    assert RunDescription.of(usual, find_policy("noop", usual), 0).changed_settings() == {}


def test_a_row_has_every_setting_and_version_as_a_column() -> None:
    run = RunDescription.of(PONG, find_policy("random", PONG), seed=7)
    row = run.as_row()
    assert row["run_seed"] == 7
    assert row.keys() >= run.settings.keys() | run.versions.keys()


@pytest.mark.parametrize(
    ("spec", "hashed"),
    [
        ("random", None),
        ("tracker", None),
        ("script:moves.txt", b"FIRE 3\nNOOP\n"),
        ("mine.py", b"def policy(o):\n    return 0\n"),
        ("package.mine:policy", b"def policy(o):\n    return 1\n"),
        ("package:policy", b"raise SystemExit\n"),
    ],
)
def test_a_policys_hash_is_that_of_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: str, hashed: bytes | None
) -> None:
    """Nothing of the policy is run for it: the package raises SystemExit."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "moves.txt").write_bytes(b"FIRE 3\nNOOP\n")
    (tmp_path / "mine.py").write_bytes(b"def policy(o):\n    return 0\n")
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_bytes(b"raise SystemExit\n")
    (tmp_path / "package" / "mine.py").write_bytes(b"def policy(o):\n    return 1\n")
    run = RunDescription.of(PONG, find_policy(spec, PONG), seed=0)
    expected = None if hashed is None else hashlib.sha256(hashed).hexdigest()
    assert run.policy_sha256 == expected
