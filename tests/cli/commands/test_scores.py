"""`atari scores` shows the best games, all or those of one game, mode or difficulty."""

import json
from pathlib import Path

import pytest

from atari_cli.play.saved.high_scores import HighScores, Score, Variation
from tests.cli.program import Program


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HighScores:
    """Return the user's board, which has no scores yet."""
    monkeypatch.setenv("ATARI_DATA_DIR", str(tmp_path / "data"))
    return HighScores(tmp_path / "data")


@pytest.fixture
def filled(board: HighScores) -> HighScores:
    date = "2026-11-29T12:00:00+00:00"
    board.add(Variation("pong", 0, 0), Score(21, 9000, date, "human", "recordings/pong.npz"))
    board.add(Variation("pong", 0, 0), Score(-3, 9000, date, "human"))
    board.add(Variation("pong", 1, 2), Score(7, 600, date, "human, tracker"))
    board.add(Variation("pacman", 0, 0), Score(1234567, 9000, date, "human"))
    return board


def rows(out: str) -> list[list[str]]:
    """Return the words of each line that says something."""
    return [line.split() for line in out.splitlines() if line.strip(" ─")]


def test_each_variation_has_its_table(atari: Program, filled: HighScores) -> None:
    head = ["score", "time", "date", "player", "recording"]
    assert rows(atari("scores")) == [
        ["pacman,", "mode", "0,", "difficulty", "0"],
        head,
        ["1", "1234567", "3:00", "2026-11-29", "human"],
        ["pong,", "mode", "0,", "difficulty", "0"],
        head,
        ["1", "21", "2:30", "2026-11-29", "human"],
        ["2", "-3", "2:30", "2026-11-29", "human"],
        ["pong,", "mode", "1,", "difficulty", "2"],
        head,
        ["1", "7", "0:10", "2026-11-29", "human,", "tracker"],
    ]
    assert atari.notes == ""


@pytest.mark.parametrize(
    ("words", "scores"),
    [
        (["Pong"], [[21, -3], [7]]),
        (["pong", "--mode", 1], [[7]]),
        (["--difficulty", 0], [[1234567], [21, -3]]),
        (["pong", "--mode", 0, "--difficulty", 2], []),
        (["breakout"], []),
    ],
)
def test_scores_are_selected_by_game_mode_and_difficulty(
    atari: Program, filled: HighScores, words: list[object], scores: list[list[float]]
) -> None:
    found = json.loads(atari("scores", "--json", *words))
    assert [[score["score"] for score in entry["scores"]] for entry in found] == scores
    assert atari.notes == ""


def test_json_contains_every_field_of_a_score(atari: Program, filled: HighScores) -> None:
    (entry,) = json.loads(atari("scores", "pong", "--mode", 1, "--json"))
    score = {
        "score": 7,
        "frames": 600,
        "date": "2026-11-29T12:00:00+00:00",
        "player": "human, tracker",
        "recording": None,
    }
    assert entry == {"game": "pong", "mode": 1, "difficulty": 2, "scores": [score]}


def test_without_scores_it_says_how_to_get_some(
    atari: Program, board: HighScores, tmp_path: Path
) -> None:
    assert atari("scores") == ""
    assert atari.notes == "no high scores here yet; `atari play` makes them\n"
    assert atari("scores", "MsPacman") == ""
    assert atari.notes == "no high scores here yet; `atari play ms_pacman` makes them\n"
    assert list(tmp_path.iterdir()) == []


def test_a_game_that_this_ale_does_not_have_is_shown_too(atari: Program, board: HighScores) -> None:
    board.add(Variation("new_game", 0, 0), Score(1, 3600, "2026-11-29", "human"))
    assert "new_game, mode 0, difficulty 0" in atari("scores")


def test_a_damaged_file_is_moved_aside_with_a_note(
    atari: Program, board: HighScores, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "scores.json").write_text("{")
    assert json.loads(atari("scores", "--json")) == []
    assert "was damaged" in atari.notes
    assert "scores.json.broken-1" in atari.files("data")


def test_a_file_of_a_newer_version_is_reported_in_one_line(
    atari: Program, board: HighScores, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "scores.json").write_text('{"format": "atari-scores", "version": 2}')
    assert "a newer atari may read it" in atari.fails(1, "scores")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["pogn"], "did you mean pong"),
        (["pong", "--mode", 99], "pong has no mode 99; expected one of 0, 1"),
        (["pong", "--difficulty", 9], "pong has no difficulty 9"),
        (["--mode", "one"], "valid integer"),
    ],
)
def test_an_invalid_selection_is_reported_in_one_line(
    atari: Program, board: HighScores, words: list[object], expected: str
) -> None:
    assert expected in atari.fails(2, "scores", *words)


@pytest.mark.posix("Windows knows the home of each user")
@pytest.mark.usefixtures("homeless")
def test_without_a_home_the_error_says_what_to_set(atari: Program) -> None:
    assert "set HOME, or ATARI_DATA_DIR to a whole path" in atari.fails(2, "scores")
