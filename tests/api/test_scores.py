"""`scores` returns the high scores that a game, mode and difficulty select."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from atari_cli.api.record import record
from atari_cli.api.scores import scores
from atari_cli.config import EnvironmentConfig, RecordConfig
from atari_cli.errors import InvalidSetting, UnknownGame
from atari_cli.play.saved.high_scores import HighScores, Score, Variation
from atari_cli.recording import load_recording


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    board = HighScores(tmp_path)
    for mode, points in ((0, 21), (0, -3), (1, 7)):
        board.add(Variation("pong", mode, 0), Score(points, 9000, "2026-11-29", "human"))
    board.add(Variation("pacman", 0, 0), Score(1234, 9000, "2026-11-29", "human"))
    return tmp_path


def points(
    folder: Path, game: str | None = None, mode: int | None = None, difficulty: int | None = None
) -> list[list[float]]:
    found = scores(game, mode, difficulty, folder=folder)
    return [[score.score for score in best] for best in found.values()]


def test_scores_are_selected_by_game_mode_and_difficulty(folder: Path) -> None:
    assert points(folder) == [[1234], [21, -3], [7]]
    assert points(folder, "Pong") == [[21, -3], [7]]
    assert points(folder, "pong", 1) == [[7]]
    assert points(folder, None, None, 0) == [[1234], [21, -3], [7]]
    assert points(folder, "pong", 0, 2) == []


def test_unknown_games_and_modes_are_refused(folder: Path) -> None:
    with pytest.raises(UnknownGame):
        scores("pogn", folder=folder)
    with pytest.raises(InvalidSetting):
        scores("pong", 99, folder=folder)


def test_the_folder_defaults_to_that_of_the_user(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATARI_DATA_DIR", str(folder))
    assert scores() == scores(folder=folder)


def test_a_damaged_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "scores.json").write_text("{")
    notes: list[str] = []
    assert scores(folder=tmp_path, moved=notes.append) == {}
    assert "was damaged" in notes[0]


def test_a_recording_is_named_only_while_its_file_is_that_of_the_game(tmp_path: Path) -> None:
    config = EnvironmentConfig("pong", max_frames=200)
    (path,) = record(config, "noop", files=RecordConfig(out=tmp_path, video=False))
    totals = load_recording(path).header["totals"]
    kept = Score(totals["score"], totals["frames"], "2026-11-29", "noop", str(path))
    board = HighScores(tmp_path)
    board.add(Variation("pong", 0, 0), kept)

    def named() -> list[str | None]:
        (best,) = scores("pong", 0, folder=tmp_path).values()
        return [score.recording for score in best]

    assert named() == [str(path)]
    changes: list[dict[str, Any]] = [{"frames": 7}, {"score": 3.0}, {"player": "human"}]
    for change in changes:
        changed = replace(kept, **change)
        board.add(Variation("pong", 0, 0), changed)
        assert named().count(str(path)) == 1
    board.add(Variation("pong", 1, 0), kept)
    assert [score.recording for score in scores("pong", 1, folder=tmp_path).popitem()[1]] == [None]
    for replacement in (b"something else", b""):
        path.write_bytes(replacement)
        assert str(path) not in named()
    path.unlink()
    assert str(path) not in named()
    path.mkdir()
    assert str(path) not in named()
