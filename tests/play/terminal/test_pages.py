"""The lines and pages around the picture have the right content and fit their space."""

import re
from dataclasses import replace

import numpy as np
import pytest

from atari_cli.actions import ALL_CODES
from atari_cli.games import find_game
from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import Command, Control, Row, View
from atari_cli.play.terminal.pages import (
    help_page,
    joystick,
    keyboard_keys,
    page,
    position_line,
    status_line,
    table,
)

KEYMAP = Keymap()
VIEW = View(find_game("seaquest"), np.zeros((210, 160), np.uint8), score=1480.0, lives=3)


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def test_the_short_line_has_the_title_the_score_and_the_help_key() -> None:
    assert plain(status_line(VIEW, KEYMAP, 80)).split("  ") == [
        "Seaquest",
        "score 1480",
        "F1 help",
    ]
    filming = replace(VIEW, filming=True)
    assert "  filming" in plain(status_line(filming, KEYMAP, 80))


def test_the_long_line_has_all_values() -> None:
    view = replace(
        VIEW, hud=True, frame=12345, speed=0.25, code=14, pilot="tracker", slot=4, recording=True
    )
    line = plain(status_line(view, KEYMAP, 100))
    assert line.split("  ")[:7] == [
        *("score 1480", "lives 3", "frame 12,345", "0.25×", "↗●", "tracker", "slot 4/9"),
    ]
    assert "recording" in line
    without_lives = replace(view, game=find_game("pong"))
    assert "lives" not in plain(status_line(without_lives, KEYMAP, 100))


def test_message_and_status_come_first() -> None:
    view = replace(VIEW, message="saved slot 3", status="paused")
    assert plain(status_line(view, KEYMAP, 80)).startswith("saved slot 3   paused   Seaquest")


@pytest.mark.parametrize("columns", [1, 5, 12, 13, 40, 79])
@pytest.mark.parametrize("hud", [False, True])
def test_no_line_is_wider_than_the_screen(columns: int, hud: bool) -> None:
    view = replace(VIEW, message="m" * 30, status="game over", hud=hud, pilot="p" * 50)
    assert len(plain(status_line(view, KEYMAP, columns))) <= columns
    for position in ((0, 0), (0, 10), (5, 10), (10, 10), (10**7, 10**7)):
        assert len(plain(position_line(position, max(columns, 40)))) <= max(columns, 40)


def test_parts_that_do_not_fit_are_left_out() -> None:
    assert plain(status_line(VIEW, KEYMAP, 27)) == "Seaquest  score 1480"
    assert plain(status_line(VIEW, KEYMAP, 28)) == "Seaquest  score 1480"
    assert plain(status_line(VIEW, KEYMAP, 29)) == "Seaquest  score 1480  F1 help"


def test_the_bar_grows_with_the_position() -> None:
    lengths = [plain(position_line((step, 100), 60)).count("━") for step in (0, 50, 100)]
    assert lengths[0] == 0 < lengths[1] < lengths[2]
    assert "─" not in plain(position_line((100, 100), 60))


def test_each_action_has_a_different_drawing() -> None:
    drawings = [joystick(code) for code in ALL_CODES]
    assert len(set(drawings)) == 18
    assert (drawings[0], drawings[1], drawings[2], drawings[17]) == ("·○", "·●", "↑○", "↙●")


def test_gamepad_and_mouse_buttons_are_not_listed_as_terminal_keys() -> None:
    assert keyboard_keys(KEYMAP, Control.FIRE) == ["Space", "X"]
    assert keyboard_keys(KEYMAP, Control.UP) == ["↑", "W"]
    assert keyboard_keys(KEYMAP, Command.SAVE) == ["F5"]


@pytest.mark.parametrize("columns", [36, 76])
def test_the_help_fits_and_lists_every_key_that_works_in_a_terminal(columns: int) -> None:
    lines = help_page(KEYMAP, columns, watching=False)
    assert len(lines) <= 13
    assert max(map(len, lines)) <= columns
    words = " ".join(lines).split()
    assert {"↑", "Space", "P", "R", "F1", "F5", "F9", "Esc", "pause", "leave", "fire"} <= {*words}
    assert "F11" not in words


def test_the_help_leaves_out_commands_without_keys() -> None:
    only_fire = Keymap({"space": Control.FIRE, "pad a": Control.UP})
    assert [line.split() for line in help_page(only_fire, 76, watching=False)] == [
        ["Space", "fire"]
    ]
    assert help_page(Keymap({}), 76, watching=False) == []


def test_a_row_keeps_its_cells_apart_and_numbers_to_the_right() -> None:
    rows: list[Row] = [
        ("kaboom, mode 0, difficulty 0",),
        ("",),
        ("", "1", "123456", "100:07", "2026-11-29", "human"),
        (">", "10", "20.5", "1:00", "2026-11-30", "human, a policy"),
    ]
    assert table(rows) == [
        "kaboom, mode 0, difficulty 0",
        "",
        "   1 123456 100:07 2026-11-29 human          ",
        "> 10   20.5   1:00 2026-11-30 human, a policy",
    ]
    assert table([]) == []


@pytest.mark.parametrize("columns", [36, 76])
def test_the_help_of_a_recording_lists_what_the_keys_do_there(columns: int) -> None:
    lines = help_page(KEYMAP, columns, watching=True)
    assert max(map(len, lines)) <= columns
    text = " ".join(lines)
    assert all(words in text for words in ("5 s back", "5 s ahead", "play on", "this help"))
    assert not any(words in text for words in ("new game", "save", "slot", " up"))


def test_a_page_is_framed_and_centred() -> None:
    text = page(["High scores", "1  21"], columns=40, rows=15)
    places = re.findall(r"\x1b\[(\d+);(\d+)H([^\x1b]+)", text)
    assert [line for _, _, line in places] == [
        "┌─────────────┐",
        "│ High scores │",
        "│ 1  21       │",
        "└─────────────┘",
    ]
    assert [row for row, _, _ in places] == ["6", "7", "8", "9"]
    assert {column for _, column, _ in places} == {"13"}


def test_a_page_that_is_too_large_is_cut() -> None:
    text = page(["x" * 100] * 100, columns=40, rows=15)
    lines = re.findall(r"\x1b\[(\d+);(\d+)H([^\x1b]+)", text)
    assert len(lines) == 15
    assert all(int(column) + len(line) - 1 <= 40 for _, column, line in lines)
    assert lines[-1][2].startswith("└")
