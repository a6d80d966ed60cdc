"""The text screen in a real terminal: keys are sent to it, and its output is read back."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from atari_cli.environment import AtariEnvironment
from atari_cli.games import palette
from atari_cli.pictures.half_blocks import render_picture
from tests.play.sessions import until
from tests.play.terminal.tmux import Tmux

pytestmark = pytest.mark.slow

PROGRAM = Path(__file__).with_name("text_session.py")
GAME = "seaquest"
Colour = tuple[int, ...]


class Player(Tmux):
    """A terminal in which a program plays.

    Attributes:
        diary: The file in which the program notes commands and moves.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.diary = folder / "diary"
        self.shell_modes = ""

    def start(self) -> None:
        self.open()
        self.shell_modes = self.ask_modes()
        self.type(f"{sys.executable} {PROGRAM} {GAME} {self.diary}", "Enter")
        until(lambda: "Seaquest  score 0  F1 help" in self.text())

    def ask_modes(self) -> str:
        """Return a digest of the shell's modes; afterwards only a prompt is on the screen."""
        self.type("clear; stty -g | cksum", "Enter")
        return until(lambda: re.fullmatch(r"(\d+ \d+)\n[$#]\n*", self.text()))[1]  # type: ignore[index]

    def cells(self) -> dict[tuple[int, int], tuple[Colour, Colour]]:
        return half_blocks(self.run("capture-pane", "-p", "-e"))

    def moves(self) -> list[tuple[int, int]]:
        """Return each code of the joystick with the frame at which it was set."""
        diary = self.diary.read_text() if self.diary.exists() else ""
        found = re.findall(r"joystick (\d+) frame (\d+)\n", diary)
        return [(int(code), int(frame)) for code, frame in found]

    def has_noted(self, line: str) -> bool:
        return line in (self.diary.read_text().splitlines() if self.diary.exists() else [])


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Player]:
    tmux = Player(tmp_path)
    try:
        tmux.start()
        yield tmux
    finally:
        tmux.kill()


def half_blocks(text: str) -> dict[tuple[int, int], tuple[Colour, Colour]]:
    """Return the upper and the lower colour of each half block in a text, by its row and column."""
    cells = {}
    colours: dict[str, Colour] = {}
    for row, line in enumerate(text.split("\n")):
        column = 0
        for codes, character in re.findall(r"\x1b\[([\d;]*)m|([^\x1b])", line):
            if not character:
                for which, *colour in re.findall(r"([34]8);2;(\d+);(\d+);(\d+)", codes):
                    colours[which] = tuple(map(int, colour))
                continue
            if character == "▀":
                cells[row, column] = (colours["38"], colours["48"])
            column += 1
    return cells


def picture(frames: int, code: int = 0) -> dict[tuple[int, int], tuple[Colour, Colour]]:
    """Return the cells of the game's screen after some frames with an action."""
    environment = AtariEnvironment(game=GAME, frameskip=1, full_action_space=True)
    screen = environment.reset(seed=0).observation.indices
    for _ in range(frames):
        screen = environment.step(code).observation.indices
    cells = half_blocks(render_picture(palette("NTSC")[screen], columns=61))
    return {(row, column + 9): colours for (row, column), colours in cells.items()}


def test_the_picture_in_the_terminal_is_the_games_screen(tmux: Player) -> None:
    assert len(picture(0)) == 61 * 23
    assert until(lambda: tmux.cells() == picture(0))


def test_keys_play_and_the_picture_follows(tmux: Player) -> None:
    tmux.type("Right")
    pressed, released = until(lambda: tmux.moves()[1:] and tmux.moves())
    assert pressed == (3, 0)
    assert (released[0], 1 <= released[1] <= 10) == (0, True)
    assert until(lambda: tmux.cells() == picture(released[1], code=3))


def test_all_joystick_keys_arrive(tmux: Player) -> None:
    keys = ("Left", "Up", "Down", "Space", "w", "D", "x")
    for count, key in enumerate(keys, 1):
        tmux.type(key)
        until(lambda count=count: len(tmux.moves()) == 2 * count)  # type: ignore[misc]
    assert [code for code, _ in tmux.moves()[::2]] == [4, 2, 5, 1, 2, 3, 1]


def test_every_command_key_arrives(tmux: Player) -> None:
    keys = ("p", "n", "z", "F2", "F5", "F6", "F7", "F9", "F12", "m", "v", "t", "=", "-")
    names = (
        *("pause", "advance", "slow_motion", "new_game", "save", "previous_slot", "next_slot"),
        *("load", "screenshot", "mute", "video", "take_over", "louder", "quieter"),
    )
    for key in keys:
        tmux.type(key)
    until(lambda: tmux.has_noted(names[-1]))
    assert tuple(tmux.diary.read_text().split()) == names


def test_help_and_values_can_be_shown_and_hidden(tmux: Player) -> None:
    tmux.type("F1")
    assert until(lambda: "│ ↑ W      up" in tmux.text() and "Esc  leave       │" in tmux.text())
    tmux.type("h")
    assert until(lambda: "score 0  lives 0  frame 0  1×  ·○  human  slot 0/9" in tmux.text())
    # Another F1 at once would count as a repeat of the first: release all keys before.
    tmux.type("Space")
    released = until(lambda: tmux.moves()[1:])[0]
    tmux.type("F1")
    assert until(lambda: tmux.cells() == picture(released[1], code=1))


def test_a_resized_terminal_gets_a_picture_of_the_new_size(tmux: Player) -> None:
    tmux.run("resize-window", "-x", "30", "-y", "10")
    assert until(lambda: tmux.text().startswith("too small: 40×16 needed\n"))
    tmux.run("resize-window", "-x", "120", "-y", "40")
    assert until(lambda: len(tmux.cells()) == 104 * 39)
    tmux.run("resize-window", "-x", "80", "-y", "24")
    assert until(lambda: tmux.cells() == picture(0))


@pytest.mark.parametrize("key", ["Escape", "C-c"])
def test_leaving_restores_the_terminal(tmux: Player, key: str) -> None:
    tmux.type("F1", "x")
    tmux.type(key)
    assert until(lambda: "goodbye" in tmux.text())
    assert "▀" not in tmux.text()
    # Late answers would appear after the prompt as if they were typed.
    assert tmux.ask_modes() == tmux.shell_modes
    assert tmux.run("display-message", "-p", "#{cursor_flag}#{alternate_on}") == "10\n"


def test_a_dropped_connection_ends_the_game_properly(tmux: Player) -> None:
    tmux.run("kill-session")
    assert until(lambda: tmux.has_noted("left"))
