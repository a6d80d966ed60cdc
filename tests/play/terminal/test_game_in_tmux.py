"""The program in a real terminal: keys play the game, and it is recorded."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from atari_cli.cli import main
from atari_cli.recording import Recording, load_recording, verify
from tests.play.sessions import Game, until
from tests.play.terminal.tmux import Tmux

pytestmark = pytest.mark.slow

ATARI = f"{sys.executable} -m atari_cli"
RIGHT = 3


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Tmux]:
    terminal = Tmux(tmp_path)
    try:
        terminal.open()
        yield terminal
    finally:
        terminal.kill()


def command(terminal: Tmux, words: str) -> None:
    terminal.type(f"clear; {ATARI} {words}; echo code $?", "Enter")


def frame(terminal: Tmux) -> int:
    """Return the frame number in the status line, once there is one."""
    return int(until(lambda: re.search(r" frame (\d+) ", terminal.text()))[1])  # type: ignore[index]


def proven(file: Path) -> Recording:
    recording = load_recording(file)
    verify(recording)
    return recording


def test_a_game_is_played_paused_and_left(terminal: Tmux, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command(terminal, f"play pong --terminal --out {out}")
    until(lambda: "score 0  F1 help" in terminal.text())
    terminal.type("h")
    terminal.type("Right")
    pressed = frame(terminal)
    until(lambda: frame(terminal) > pressed + 10)
    terminal.type("p")
    until(lambda: "paused" in terminal.text())
    still = terminal.text()
    assert "▀" in still
    terminal.type("F1")
    until(lambda: "Esc  leave" in terminal.text())
    terminal.type("Escape")
    until(lambda: "Esc  leave" not in terminal.text())
    # Another Escape at once would be the first one's repeat.
    terminal.type("C-c")
    until(lambda: "code 0" in terminal.text())
    assert "pong: 0 points in 0:0" in terminal.text()
    (file,) = out.glob("*")
    recording = proven(file)
    assert recording.arrays["actors"].all()
    assert RIGHT in recording.arrays["actions"]
    # The frame that the paused game showed is the last of its file.
    assert f"frame {recording.header['totals']['frames']} " in still


def test_a_slow_policy_that_prints_holds_up_nothing_and_spoils_no_picture(
    terminal: Tmux, tmp_path: Path
) -> None:
    policy = tmp_path / "slow.py"
    policy.write_text(
        "import time, warnings\n\ndef policy(observation):\n    print('I think')\n"
        "    warnings.warn('slowly')\n    time.sleep(30)\n    return 1\n"
    )
    command(terminal, f"play breakout --terminal --policy {policy} --out {tmp_path}")
    until(lambda: "thinking" in terminal.text())
    terminal.type("h")
    until(lambda: " frame 0 " in terminal.text())
    assert "I think" not in terminal.text()
    terminal.type("Escape")
    until(lambda: "code 0" in terminal.text())
    assert "I think" in terminal.text()
    assert "UserWarning: slowly" in terminal.text()


def test_a_recording_is_watched_until_its_end(terminal: Tmux, tmp_path: Path) -> None:
    game = Game(tmp_path / "first", "pong")
    game.wander(240)
    file = game.put_away().path
    command(terminal, f"replay {file} --watch")
    until(lambda: "▀" in terminal.text())
    until(lambda: "code 0" in terminal.text())
    assert "▀" not in terminal.text()


def test_a_terminal_that_is_too_small_is_reported_in_one_line(terminal: Tmux) -> None:
    terminal.run("resize-window", "-x", "36", "-y", "10")
    command(terminal, "play pong --terminal")
    until(lambda: "code 1" in terminal.text())
    assert terminal.text().startswith("atari: ")
    assert "needs 40 columns and 16 lines" in terminal.text().replace("\n", "")


def test_a_terminal_without_colour_is_reported_in_one_line(terminal: Tmux) -> None:
    terminal.type("unset COLORTERM", "Enter")
    command(terminal, "play pong --terminal")
    until(lambda: "code 1" in terminal.text())
    assert terminal.text().startswith("atari: ")
    assert "COLORTERM" in terminal.text()


def test_a_dropped_connection_leaves_a_complete_file(terminal: Tmux, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command(terminal, f"play pong --terminal --out {out}")
    until(lambda: "score 0  F1 help" in terminal.text())
    terminal.type("h")
    until(lambda: frame(terminal) > 30)
    terminal.kill()
    until(lambda: not list(out.glob("*.journal")) and list(out.glob("*")))
    files = list(out.glob("*"))
    assert [file.suffix for file in files] == [".npz"]
    assert proven(files[0]).steps >= 30
    assert main(["recover", str(out)]) == 0
    assert list(out.glob("*")) == files
