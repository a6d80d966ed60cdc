import shutil
from pathlib import Path

import pytest

from atari_cli.actions import FIRE
from atari_cli.games import find_game
from atari_cli.play.game_run import GameRun
from atari_cli.play.saved.high_scores import HighScores, Variation
from atari_cli.play.saved.shelf import Shelf
from atari_cli.recording import HUMAN, POLICY, load_recording
from tests.play.sessions import make_run, settings

VARIATION = Variation("breakout", 0, 0)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "data", find_game("breakout"))


def lose(run: GameRun) -> GameRun:
    """Play a game of Breakout to its end."""
    while not run.is_over:
        run.step(FIRE, HUMAN)
    return run


def test_a_finished_game_is_on_the_board_with_its_file(tmp_path: Path, shelf: Shelf) -> None:
    run = lose(make_run(tmp_path / "out", frameskip=20))
    played = shelf.put_away(run)
    assert played is not None
    assert played.file is not None
    totals = load_recording(played.file).header["totals"]
    assert (played.score, played.frames) == (totals["score"], totals["frames"])
    assert played.seconds == pytest.approx(played.frames / 60)
    assert (played.player, played.failure) == ("human", "")
    (score,) = HighScores(tmp_path / "data").best(VARIATION)
    assert (score.score, score.recording) == (played.score, str(played.file))


def test_an_abandoned_game_is_written_but_not_ranked(tmp_path: Path, shelf: Shelf) -> None:
    run = make_run(tmp_path / "out", policy="random")
    run.step(FIRE, POLICY)
    played = shelf.put_away(run)
    assert played is not None
    assert (played.player, played.frames) == ("random", 1)
    assert shelf.played == [played]
    assert HighScores(tmp_path / "data").best(VARIATION) == []


def test_a_game_without_a_step_is_not_kept(tmp_path: Path, shelf: Shelf) -> None:
    run = make_run(tmp_path / "out")
    assert shelf.put_away(run) is None
    assert shelf.played == []
    assert list((tmp_path / "out").iterdir()) == []


def test_a_score_counts_even_if_the_game_is_not_recorded(tmp_path: Path, shelf: Shelf) -> None:
    played = shelf.put_away(lose(GameRun(settings(frameskip=20))))
    assert played is not None
    assert (played.file, played.failure) == (None, "")
    (score,) = HighScores(tmp_path / "data").best(VARIATION)
    assert score.recording is None


@pytest.mark.posix("deletes a file that is open")
def test_a_file_that_cannot_be_written_is_reported(tmp_path: Path, shelf: Shelf) -> None:
    folder = tmp_path / "out"
    run = make_run(folder)
    run.step(FIRE, HUMAN)
    shutil.rmtree(folder)
    folder.touch()
    played = shelf.put_away(run)
    assert played is not None
    assert played.file is None
    assert "the 1 steps that were played are lost" in played.failure


def test_a_game_that_could_not_be_recorded_is_reported(tmp_path: Path, shelf: Shelf) -> None:
    folder = tmp_path / "out"
    run = make_run(folder)
    run.finish()
    shutil.rmtree(folder)
    folder.touch()
    run.begin_next()
    run.step(FIRE, HUMAN)
    played = shelf.put_away(run)
    assert played is not None
    assert played.failure.endswith("this game is not recorded")


def test_an_unwritable_board_does_not_lose_the_file(tmp_path: Path, shelf: Shelf) -> None:
    (tmp_path / "data").touch()
    run = lose(make_run(tmp_path / "out", frameskip=20))
    played = shelf.put_away(run)
    assert played is not None
    assert played.file is not None
    assert played.file.exists()
    assert "scores.json" in played.failure


def test_the_ranking_includes_the_finished_game_without_adding_it(
    tmp_path: Path, shelf: Shelf
) -> None:
    run = lose(make_run(tmp_path / "out", frameskip=20))
    for _ in range(2):
        rows = shelf.ranking(run)
        assert [row[0] for row in rows[2:]] == [">"]
    assert HighScores(tmp_path / "data").best(VARIATION) == []


def test_the_earlier_of_two_equal_scores_is_first(tmp_path: Path, shelf: Shelf) -> None:
    shelf.put_away(lose(make_run(tmp_path / "out", frameskip=20)))
    rows = shelf.ranking(lose(make_run(tmp_path / "out", frameskip=20)))
    assert [row[0] for row in rows[2:]] == ["", ">"]
