"""`atari games` lists the catalogue, or the games that match a query."""

import json
import re

import pytest

from atari_cli.games import all_games
from tests.cli.program import Program


def test_all_games_are_listed_in_a_table(atari: Program) -> None:
    lines = atari("games").splitlines()
    listed = {line.split()[0] for line in lines if line.strip()}
    assert {game.id for game in all_games()} <= listed
    assert atari.notes == ""


def test_a_query_matches_part_of_a_name_title_or_publisher(atari: Program) -> None:
    assert [game["id"] for game in json.loads(atari("games", "pac-man", "--json"))] == [
        "ms_pacman",
        "pacman",
    ]
    assert "video_chess" in atari("games", "Video Chess")
    publishers = {game["publisher"] for game in json.loads(atari("games", "imagic", "--json"))}
    assert publishers == {"Imagic"}


def test_a_row_lists_year_actions_modes_lives_and_tv_standard(atari: Program) -> None:
    (row,) = (line for line in atari("games", "breakout").splitlines() if "breakout" in line)
    game = next(game for game in all_games() if game.id == "breakout")
    words = row.split()
    assert words[0] == "breakout"
    for value in (game.year, len(game.minimal_actions), len(game.modes), game.lives, game.tv):
        assert str(value) in words


@pytest.mark.parametrize(("width", "last"), [(40, "year"), (60, "lives"), (80, "random")])
def test_a_narrow_terminal_shows_fewer_columns_with_whole_names(
    atari: Program, monkeypatch: pytest.MonkeyPatch, width: int, last: str
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes this for a terminal
    text = re.sub(r"\x1b\[[\d;]*m", "", atari("games", "atlantis"))
    lines = [line for line in text.splitlines() if line.strip()]
    assert lines[0].split()[-1] == last
    assert [line.split()[0] for line in lines[-2:]] == ["atlantis", "atlantis2"]
    assert all(len(line) <= width for line in lines)


def test_json_holds_every_fact(atari: Program) -> None:
    document = json.loads(atari("games", "--json"))
    assert document == [json.loads(json.dumps(game.as_json())) for game in all_games()]


def test_a_query_without_a_match_suggests_the_nearest_game(atari: Program) -> None:
    assert "did you mean pong" in atari.fails(2, "games", "pogn")
    assert "combat needs two players" in atari.fails(2, "games", "combat")
