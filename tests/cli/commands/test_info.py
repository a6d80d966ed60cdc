"""`atari info` prints all known facts about a game, and its picture in a capable terminal."""

import io
import json
import re
import sys

import pytest

from atari_cli.games import find_game
from tests.cli.program import Program


class Terminal(io.StringIO):
    """A stdout that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_the_name_of_a_game_may_be_spelled_in_any_way(atari: Program) -> None:
    text = atari("info", "ALE/MsPacman-v5")
    assert atari("info", "Ms. Pac-Man") == text
    game = find_game("ms_pacman")
    for fact in ("ms_pacman", "Ms. Pac-Man", game.md5, "0 NOOP, 1 UP", "160 × 210", "NTSC"):
        assert fact in text


def test_the_game_defaults_to_the_variable_and_then_to_pong(
    atari: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert json.loads(atari("info", "--json"))["id"] == "pong"
    monkeypatch.setenv("ATARI_GAME", "Ms. Pac-Man")
    assert json.loads(atari("info", "--json"))["id"] == "ms_pacman"
    assert json.loads(atari("info", "freeway", "--json"))["id"] == "freeway"


@pytest.mark.parametrize(("game", "players"), [("pong", "1; 4 on the console"), ("breakout", "1")])
def test_one_person_plays_here_whatever_the_console_could(
    atari: Program, game: str, players: str
) -> None:
    assert re.search(rf"^players +{players} *$", atari("info", game), re.MULTILINE)


def test_json_is_one_document(atari: Program) -> None:
    document = json.loads(atari("info", "breakout", "--json"))
    assert document["fps"] == 60
    assert document["gymnasium_id"] == "ALE/Breakout-v5"
    assert document["modes"] == list(find_game("breakout").modes)


def test_unknown_facts_are_marked_as_unknown(atari: Program) -> None:
    words = atari("info", "pacman").split()
    assert words[words.index("score") + 1] == "–"
    assert "not counted" in atari("info", "pong")


def test_an_unknown_game_is_refused(atari: Program) -> None:
    assert "did you mean pong" in atari.fails(2, "info", "pogn")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"COLORTERM": "truecolor"}, True),
        ({"COLORTERM": "truecolor", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_the_first_screen_is_shown_only_in_a_truecolor_terminal(
    atari: Program, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: bool
) -> None:
    monkeypatch.delenv("NO_COLOR")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    atari("info", "breakout")
    assert ("▀" in terminal.getvalue()) is expected
    assert "breakout" in terminal.getvalue()


def test_no_picture_is_written_to_a_pipe(atari: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("COLORTERM", "truecolor")
    assert "▀" not in atari("info", "breakout")
