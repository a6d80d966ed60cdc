"""The programs of docs/recording-format.md run, and the page names every field."""

import re
import subprocess
import sys
from itertools import cycle
from pathlib import Path

import pytest

from atari_cli.recording import load_recording
from atari_cli.recording.format.schema import DTYPES
from tests.recording.episodes import plain, read_header, record

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/recording-format.md").read_text("utf-8")
EXAMPLE = ROOT / "examples/read_recording.py"
READER, REPLAYER = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def run(program: str, recording: Path) -> str:
    command = [sys.executable, "-c", program, str(recording)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_page_shows_the_example_unchanged() -> None:
    assert EXAMPLE.read_text("utf-8") == READER


def test_the_reader_has_at_most_ten_lines_and_needs_only_numpy() -> None:
    body = READER.partition("import numpy as np\n\n")[2].splitlines()
    assert len(body) <= 10
    assert set(re.findall(r"^import (\w+)", READER, re.MULTILINE)) == {"json", "sys", "numpy"}


@pytest.mark.parametrize("screens", [True, False])
def test_the_reader_reads_a_recording(tmp_path: Path, screens: bool) -> None:
    path = record(tmp_path, "pong", 25, config=plain(tmp_path, screens=screens))
    command = [sys.executable, str(EXAMPLE), str(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "pong, played by random with seed 7" in said
    assert "score 0 in 25 steps" in said
    assert ("last screen: (210, 160, 3), uint8" in said) is screens


def test_the_frames_can_be_replayed_with_ale_alone(tmp_path: Path) -> None:
    strengths = cycle([0.5, 1.0, 2.0])
    path = record(tmp_path, "breakout", 60, strengths=strengths, noop_max=20, mode=4)
    score = load_recording(path).header["totals"]["score"]
    assert run(REPLAYER, path) == f"score {score:g} True\n"


def test_sticky_actions_can_be_replayed_with_ale_alone(tmp_path: Path) -> None:
    path = record(tmp_path, "adventure", 60, repeat_action_probability=0.25)
    assert run(REPLAYER, path).endswith("True\n")


def test_the_page_names_every_array_and_every_field_of_the_header(tmp_path: Path) -> None:
    header = read_header(record(tmp_path, steps=1))
    for name in ("header", *DTYPES, *header, *header["totals"]):
        assert f"`{name}`" in PAGE, name
