"""The sound of a whole game: SDL's disk driver gets the samples of each frame once."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from atari_cli.environment import AtariEnvironment
from atari_cli.recording import load_recording
from atari_cli.recording.media.sound import SoundFilter

pytestmark = pytest.mark.slow

FRAMES = 700

PLAY = """
import sys
from atari_cli.cli import main
from atari_cli.play.window import speaker
from tests.play.front_ends import PatientQueue

class PatientSpeaker(speaker.Speaker):
    def __init__(self, fps):
        super().__init__(fps)
        self._queue = PatientQueue(fewest=2)
    def close(self):
        self._queue.finish()
        super().close()

speaker.Speaker = PatientSpeaker
sys.exit(main(sys.argv[1:]))
"""


def play(folder: Path, monkeypatch: pytest.MonkeyPatch, game: str) -> Path:
    """Let an agent play in real time; return the recording. The samples are in the file `heard`."""
    monkeypatch.setenv("SDL_AUDIODRIVER", "disk")
    monkeypatch.setenv("SDL_DISKAUDIOFILE", str(folder / "heard"))
    monkeypatch.setenv("SDL_DISKAUDIODELAY", "0")
    words = [game, "--policy", "random", "--max-frames", str(FRAMES), "--episodes", "1"]
    command = [sys.executable, "-c", PLAY, "play", *words, "--out", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    (file,) = folder.glob("*.npz")
    return file


def sound_of(file: Path) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Play a recording again and return its sound from the second frame."""
    recording = load_recording(file)
    environment = AtariEnvironment(recording.config, sound=True)
    environment.reset(seed=recording.header["seed"])
    codes = recording.arrays["actions"]
    results = [environment.step(environment.action_codes.index(code)) for code in codes]
    # The first sound is made before there is a window.
    sounds = [result.observation.audio for result in results[1:]]
    sound = SoundFilter()
    return np.concatenate([sound.convert(audio) for audio in sounds if audio is not None])


def test_every_frame_of_a_game_is_played_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = sound_of(play(tmp_path, monkeypatch, "ms_pacman"))
    assert len(made) == (FRAMES - 1) * 512
    assert np.abs(made).max() > 2000
    # Sound begins with the first picture; a busy machine drops some pictures at the start, and the
    # last frames are still in the queue when the game ends.
    assert made[60 * 512 : -6 * 512].tobytes() in (tmp_path / "heard").read_bytes()
