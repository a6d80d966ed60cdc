"""A recording in the terminal runs at the console's speed and ends as it found the terminal."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest

from atari_cli.cli import main
from atari_cli.cli.watch import Moment, show_in_time


def shown_at(durations: list[float], fps: int = 50) -> list[tuple[float, str]]:
    """Return when each frame is shown, if making each takes a time of its own."""
    now = 0.0
    shown = []

    def wait(seconds: float) -> None:
        nonlocal now
        now += seconds

    def moments() -> object:
        nonlocal now
        for index, duration in enumerate(durations):
            now += duration
            yield Moment(np.empty((1, 1), np.uint8), str(index))

    show_in_time(
        moments(),  # type: ignore[arg-type]
        fps,
        lambda moment: shown.append((round(now, 6), moment.status)),
        clock=lambda: now,
        wait=wait,
    )
    return shown


def test_frames_are_shown_at_their_time() -> None:
    assert shown_at([0.0, 0.001, 0.001]) == [(0.0, "0"), (0.02, "1"), (0.04, "2")]


def test_late_frames_are_left_out_and_the_clock_is_kept() -> None:
    shown = shown_at([3.0, 0.065, 0.0, 0.0, 0.0, 0.0])
    assert shown[-1] == (3.1, "5")
    assert [status for _, status in shown] == ["0", "3", "4", "5"]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    words = ["record", "--no-video", "--no-screens", "--max-frames", "60", "--out", str(tmp_path)]
    assert main(words) == 0
    return tmp_path / "pong-random-s0-000.npz"


def test_watching_needs_a_terminal_with_colour(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["replay", str(recording), "--watch"]) == 1
    assert "--watch needs a terminal" in capsys.readouterr().err


class Terminal(io.StringIO):
    """A stream that is taken for a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_the_steps_and_is_given_back(
    recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    assert main(["replay", str(recording), "--watch", "--from", "14"]) == 0
    output = terminal.getvalue()
    assert output.startswith("\x1b[?1049h")
    assert output.endswith("\x1b[?1049l")
    assert "step 14/15" in output
    assert "step 13/15" not in output


def test_watching_past_the_end_is_refused(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(recording), "--watch", "--from", "99"]) == 2
    assert "--from must be a whole number from 0 to 15" in capsys.readouterr().err
