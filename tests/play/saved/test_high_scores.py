"""The board keeps the best ten of each variation, even if its file or disk is damaged."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from atari_cli.errors import RecordingError
from atari_cli.play.saved.high_scores import HighScores, Score, Variation, played_time, score_rows
from atari_cli.system import files
from tests.system.full_disk import full_disk

PONG = Variation("pong", 0, 0)
HARD = Variation("pong", 0, 1)


def scored(score: float, player: str = "human", recording: str | None = None) -> Score:
    return Score(score, 3600, "2026-11-29T01:02:03+00:00", player, recording)


def values(board: HighScores, variation: Variation = PONG) -> list[float]:
    return [score.score for score in board.best(variation)]


def test_scores_are_ranked_and_read_back_with_all_their_fields(tmp_path: Path) -> None:
    board = HighScores(tmp_path / "data")
    assert board.best(PONG) == []
    assert not (tmp_path / "data").exists()
    first = scored(5, "human, tracker", "recordings/pong.npz")
    board.add(PONG, first)
    board.add(PONG, scored(9))
    board.add(PONG, scored(7))
    board.add(HARD, scored(1))
    again = HighScores(tmp_path / "data")
    assert values(again) == [9, 7, 5]
    assert again.best(PONG)[2] == first
    assert again.all() == {PONG: again.best(PONG), HARD: [scored(1)]}


def test_only_ten_scores_are_kept_and_the_earlier_of_equal_ones_is_first(tmp_path: Path) -> None:
    board = HighScores(tmp_path)
    for score in range(10):
        board.add(PONG, scored(score))
    board.add(PONG, scored(0, "late"))
    assert [score.player for score in board.best(PONG)] == ["human"] * 10
    board.add(PONG, scored(9, "late"))
    board.add(PONG, scored(-5))
    assert values(board) == [9, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert [score.player for score in board.best(PONG)[:3]] == ["human", "late", "human"]


ADD = """
import sys
import time
from pathlib import Path
from atari_cli.play.saved.high_scores import HighScores, Score, Variation
board = HighScores(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for mode in range(20):
    for part in range(2):
        board.add(Variation("pong", mode, 0), Score(part, 60, "2026-11-29", sys.argv[2]))
"""


def test_no_score_is_lost_when_two_programs_add_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ADD, str(tmp_path)]
    programs = [
        subprocess.Popen([*command, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for name in ("one", "two")
    ]
    for program in programs:
        assert program.stdout
        assert program.stdout.readline().strip() == b"ready"
    for program in programs:
        program.communicate(b"go\n")
        assert program.returncode == 0
    scores = HighScores(tmp_path).all()
    assert len(scores) == 20
    for best in scores.values():
        assert sorted(score.player for score in best) == ["one", "one", "two", "two"]


def entry(**changes: object) -> str:
    score = {"score": 1, "frames": 1, "date": "2026-11-29", "player": "x", "recording": None}
    variation = {"game": "pong", "mode": 0, "difficulty": 0, "scores": [score | changes]}
    return json.dumps({"format": "atari-scores", "version": 1, "variations": [variation]})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "\udc80",
        "[" * 100_000,
        '{"format": "atari-scores", "version": 1}',
        '{"format": "atari-scores", "version": 1, "variations": [3]}',
        entry(score="many"),
        entry(score=True),
        entry(score=10**400),
        entry(score=float("inf")),
        entry(frames=1.5),
        entry(date="yesterday"),
        entry(player=None),
        entry(recording=3),
        entry(other=1),
        entry().replace('"mode": 0', '"mode": null'),
        entry().replace("pong", "\\ud800").replace('"game"', '"gamf"'),
        entry(score=0).replace('"score": 0', '"score": 1e999'),
    ],
)
def test_a_damaged_file_is_moved_aside_and_reported(tmp_path: Path, text: str) -> None:
    data = text.encode(errors="surrogateescape")
    (tmp_path / "scores.json").write_bytes(data)
    (tmp_path / "scores.json.broken-1").write_text("an older one")
    board = HighScores(tmp_path)
    assert board.all() == {}
    assert (tmp_path / "scores.json.broken-2").read_bytes() == data
    assert (tmp_path / "scores.json.broken-1").read_text() == "an older one"
    assert "was damaged" in board.note
    assert "is now scores.json.broken-2" in board.note
    assert "\n" not in board.note
    assert HighScores(tmp_path).note == ""


def test_a_score_is_added_to_a_new_file_when_the_old_one_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "scores.json").write_text("{")
    board = HighScores(tmp_path)
    board.add(PONG, scored(3))
    assert board.note
    assert (tmp_path / "scores.json.broken-1").read_text() == "{"
    assert values(HighScores(tmp_path)) == [3]


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    text = entry().replace('"version": 1', '"version": 2')
    (tmp_path / "scores.json").write_text(text)
    board = HighScores(tmp_path)
    with pytest.raises(RecordingError, match="has version 2, expected 1; a newer atari"):
        board.all()
    with pytest.raises(RecordingError, match="has version 2"):
        board.add(PONG, scored(3))
    assert (tmp_path / "scores.json").read_text() == text


def test_control_characters_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "scores.json").write_text(entry(player="a\x1b[2Jb", recording="x\ny"))
    (score,) = HighScores(tmp_path).best(PONG)
    assert (score.player, score.recording) == ("a?[2Jb", "x?y")


def test_a_variation_listed_twice_in_the_file_is_merged(tmp_path: Path) -> None:
    document = json.loads(entry(score=1))
    document["variations"] += json.loads(entry(score=2))["variations"]
    (tmp_path / "scores.json").write_text(json.dumps(document))
    assert values(HighScores(tmp_path)) == [2, 1]


def test_a_file_in_place_of_the_folder_is_reported(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.write_text("mine")
    with pytest.raises(RecordingError, match="data is not a folder; make it one"):
        HighScores(folder).add(PONG, scored(1))
    assert folder.read_text() == "mine"


@pytest.mark.posix("Windows reports a missing file")
def test_scores_cannot_be_read_if_their_folder_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(RecordingError, match=r"cannot read .*scores\.json"):
        HighScores(tmp_path / "data").all()


@pytest.mark.posix("limits the size of files")
def test_a_full_disk_is_reported_and_keeps_the_old_scores(tmp_path: Path) -> None:
    board = HighScores(tmp_path)
    for score in range(5):
        board.add(PONG, scored(score))
    before = (tmp_path / "scores.json").read_bytes()
    message = r"cannot write .*scores\.json: .*free some space"
    with full_disk(len(before)), pytest.raises(RecordingError, match=message):
        board.add(PONG, scored(50))
    assert (tmp_path / "scores.json").read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["scores.json", "scores.lock"]
    board.add(PONG, scored(50))
    assert values(board)[0] == 50


def test_a_page_of_scores_marks_the_new_one_and_has_the_same_cells_in_each_row() -> None:
    best = [scored(123_456), scored(20.5, "human, a policy")]
    assert score_rows(PONG, best, rank=2) == [
        ("pong, mode 0, difficulty 0",),
        ("",),
        ("", "1", "123456", "1:00", "2026-11-29", "human"),
        (">", "2", "20.5", "1:00", "2026-11-29", "human, a policy"),
    ]


@pytest.mark.parametrize(
    ("frames", "fps", "time"),
    [(0, 60, "0:00"), (3599, 60, "0:59"), (3600, 60, "1:00"), (50 * 3725, 50, "62:05")],
)
def test_time_is_shown_in_minutes_and_seconds(frames: int, fps: int, time: str) -> None:
    assert played_time(frames, fps) == time


@pytest.mark.posix("Windows has no time.tzset")
@pytest.mark.parametrize(
    ("zone", "day"),
    [("Pacific/Auckland", "2026-11-30"), ("UTC", "2026-11-29"), ("America/Lima", "2026-11-29")],
)
def test_the_day_of_a_score_is_that_of_the_players_clock(
    monkeypatch: pytest.MonkeyPatch, zone: str, day: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        assert Score(1, 1, "2026-11-29T20:30:00+00:00", "human").day == day
    time.tzset()


def test_a_score_waits_for_a_program_that_reads_the_file(
    tmp_path: Path,
    hold: Callable[[Path], Callable[[], None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    board = HighScores(tmp_path)
    board.add(PONG, scored(5))
    close = hold(tmp_path / "scores.json")
    with pytest.raises(RecordingError, match="another program has it open; close it there"):
        board.add(PONG, scored(7))
    assert values(board) == [5]
    monkeypatch.setattr(files, "_PATIENCE", 60.0)
    monkeypatch.setattr(time, "sleep", lambda seconds: close())
    board.add(PONG, scored(7))
    assert values(board) == [7, 5]


def test_a_damaged_file_is_moved_once_no_other_program_reads_it(
    tmp_path: Path,
    hold: Callable[[Path], Callable[[], None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "scores.json").write_text("{")
    close = hold(tmp_path / "scores.json")
    monkeypatch.setattr(files, "_PATIENCE", 60.0)
    monkeypatch.setattr(time, "sleep", lambda seconds: close())
    HighScores(tmp_path).add(PONG, scored(7))
    assert values(HighScores(tmp_path)) == [7]
    assert (tmp_path / "scores.json.broken-1").read_text() == "{"
