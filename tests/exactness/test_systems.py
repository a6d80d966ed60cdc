"""The games play here as on every other system that we support."""

import json
from importlib.metadata import version
from pathlib import Path

import pytest

from atari_cli.games import all_games
from tests.exactness.systems import FRAMES, main, play, read

EXPECTED = read()
SAMPLE = {"pong", "adventure", "qbert"}
same_ale = pytest.mark.skipif(
    version("ale-py") != EXPECTED["ale_py"], reason="another ale_py may play otherwise"
)


def test_the_fixture_has_every_game() -> None:
    assert list(EXPECTED["games"]) == [game.id for game in all_games()]
    assert len(set(EXPECTED["games"].values())) == len(EXPECTED["games"]) == 104
    assert EXPECTED["frames"] == FRAMES


@same_ale
@pytest.mark.parametrize(
    "game",
    [
        pytest.param(game, marks=() if game in SAMPLE else pytest.mark.slow)
        for game in EXPECTED["games"]
    ],
)
def test_a_game_plays_as_on_every_system(game: str) -> None:
    assert play(game) == EXPECTED["games"][game]


@same_ale
def test_the_program_names_each_game_that_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fixture = tmp_path / "systems.json"
    games = {"pong": EXPECTED["games"]["pong"], "breakout": EXPECTED["games"]["pong"]}
    fixture.write_text(json.dumps({**EXPECTED, "games": games}), "utf-8")
    assert main(["pong"], fixture) == 0
    assert capsys.readouterr().out.startswith("1 of 1 games equal (")
    assert main([], fixture) == 1
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("breakout differs: ")
    assert last.startswith("1 of 2 games equal (")
