"""A program that is killed in the middle of a game loses at most a second of it."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from atari_cli.cli import main
from atari_cli.recording import load_recording, verify

pytestmark = pytest.mark.slow

# Plays and rewinds endlessly, and prints the frame of each picture that it shows.
PLAY = """
import random, sys
from itertools import chain, repeat
from atari_cli.api import play
from atari_cli.cli import main
from atari_cli.play.interface import Command, Inputs
from tests.play.front_ends import Script

class Teller(Script):
    def show(self, view):
        print(view.frame, view.status, flush=True)

def inputs():
    draw = random.Random(sys.argv[2])
    back = Inputs(held=frozenset({Command.REWIND}))
    while True:
        yield from (Inputs(code=draw.randrange(18)) for _ in range(draw.randint(20, 90)))
        yield from repeat(back, draw.randint(0, int(sys.argv[3])))

play.open_front_end = lambda terminal: lambda *_: Teller(inputs())
main(["play", "ms_pacman", "--out", sys.argv[1]])
"""


def kill_after(pictures: int, folder: Path, seed: int, rewinds: int) -> list[tuple[int, str]]:
    """Kill a game after some pictures; return the frame and the status of each."""
    command = [sys.executable, "-c", PLAY, str(folder), str(seed), str(rewinds)]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    lines = [line for _, line in zip(range(pictures), program.stdout, strict=False)]
    program.kill()
    # Pictures shown until the kill took effect count as well.
    lines += program.stdout.readlines()
    program.wait(60)
    program.stdout.close()
    pictures_shown = [line.rstrip("\n").split(" ") for line in lines]
    return [(int(frame), status) for frame, status in pictures_shown]


def recovered_frames(folder: Path) -> int:
    """Recover the journal that was left, and return the number of frames in its file.

    Without a file it is 0: the player had gone back to the beginning, of which nothing is kept.
    """
    assert [path.suffix for path in folder.iterdir()] == [".journal"]
    assert main(["recover", str(folder)]) == 0
    if not list(folder.iterdir()):
        return 0
    (file,) = folder.iterdir()
    recording = load_recording(file)
    verify(recording)
    return int(recording.header["totals"]["frames"])


def test_at_most_a_second_is_lost(tmp_path: Path) -> None:
    shown = kill_after(pictures=250, folder=tmp_path, seed=1, rewinds=0)
    assert shown[-1][0] - 60 <= recovered_frames(tmp_path) <= shown[-1][0] + 1


@pytest.mark.parametrize("seed", [1, 2])
def test_rewound_steps_are_not_recovered(tmp_path: Path, seed: int) -> None:
    shown = kill_after(pictures=300, folder=tmp_path, seed=seed, rewinds=50)
    assert "rewind" in [status for _, status in shown[:240]]
    # Any frame of the last second is possible, and so is the picture that was on its way.
    last_second = [frame for frame, _ in shown[-61:]]
    assert min(last_second) <= recovered_frames(tmp_path) <= max(last_second) + 1


@pytest.mark.long
@pytest.mark.parametrize("seed", range(300))
def test_a_kill_at_any_time_loses_at_most_a_second(tmp_path: Path, seed: int) -> None:
    pictures = 60 + random.Random(seed).randrange(480)
    shown = kill_after(pictures, folder=tmp_path, seed=seed, rewinds=50)
    last_second = [frame for frame, _ in shown[-61:]]
    assert min(last_second) <= recovered_frames(tmp_path) <= max(last_second) + 1


def test_the_next_game_in_the_folder_first_recovers_the_last_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kill_after(pictures=30, folder=tmp_path, seed=1, rewinds=0)
    next_game = ["play", "pong", "--policy", "random", "--episodes", "1", "--max-frames", "5"]
    assert main([*next_game, "--out", str(tmp_path)]) == 0
    rescued = tmp_path / "ms_pacman-human-s0-000.npz"
    note = f"recovered {rescued}, which an interrupted recording left unfinished\n"
    assert capsys.readouterr().err == note
    verify(load_recording(rescued))
    assert sorted(path.name for path in tmp_path.glob("*.*")) == [
        rescued.name,
        "pong-random-s0-000.npz",
    ]
