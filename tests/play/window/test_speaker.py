"""The speaker plays ALE's samples through SDL's disk driver, and is silent without a device."""

import subprocess
import sys
from math import inf
from pathlib import Path

import numpy as np
import pytest

from atari_cli.games import find_game
from atari_cli.model import Bytes
from atari_cli.play.interface import View
from atari_cli.play.window.speaker import Speaker
from atari_cli.recording.media.sound import SoundFilter

GAME = find_game("pong")
SCREEN = np.zeros((210, 160), np.uint8)

# In a separate program, because the device prints its name on stderr.
PLAY = """
import sys
import numpy as np
from atari_cli.environment import AtariEnvironment
from atari_cli.games import find_game
from atari_cli.play.interface import View
from atari_cli.play.window.speaker import Speaker
from tests.play.front_ends import PatientQueue

name, frames, made = sys.argv[1], int(sys.argv[2]), sys.argv[3]
game = find_game(name)
environment = AtariEnvironment(
    name, repeat_action_probability=0.0, frameskip=1, sound=True, max_frames=0
)
screen = environment.reset(seed=1).observation.indices
sounds = []
while len(sounds) < frames:
    result = environment.step(len(sounds) // 10 % len(environment.action_codes))
    sounds.append(result.observation.audio.copy())
    if result.done:
        environment.reset()
np.save(made, np.array(sounds))
speaker = Speaker(game.fps)
queue = speaker._queue = PatientQueue(fewest=1)
for sound in sounds:
    speaker.play(View(game, screen, sounds=[sound]))
queue.drain()
queue.finish()
speaker.close()
print(speaker.note)
"""


def written_and_made(
    game: str, frames: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Bytes, Bytes]:
    """Play a game into a file; return the file's samples and the expected ones, int16."""
    monkeypatch.setenv("SDL_AUDIODRIVER", "disk")
    monkeypatch.setenv("SDL_DISKAUDIOFILE", str(folder / "written"))
    if sys.platform != "win32":  # SDL takes it for the name of the file there
        monkeypatch.setenv("SDL_DISKAUDIODELAY", "0")
    command = [sys.executable, "-c", PLAY, game, str(frames), str(folder / "made.npy")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout == "None\n"
    sound = SoundFilter()
    made = np.concatenate([sound.convert(frame) for frame in np.load(folder / "made.npy")])
    return np.fromfile(folder / "written", np.int16), made


def assert_sample_for_sample(written: Bytes, made: Bytes) -> None:
    """Assert that the written samples are the made ones, apart from silence before and after."""
    begin = int(np.flatnonzero(written)[0]) - int(np.flatnonzero(made)[0])
    assert begin >= 0
    assert (written[begin : begin + len(made)] == made).all()
    assert not written[begin + len(made) + 512 :].any()


def test_a_device_gets_the_samples_of_ale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written, made = written_and_made("pacman", 100, tmp_path, monkeypatch)
    assert np.abs(made).max() > 2000
    assert_sample_for_sample(written, made)


@pytest.mark.slow
def test_a_minute_of_sound_has_no_gap_and_no_drift(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, made = written_and_made("ms_pacman", 3600, tmp_path, monkeypatch)
    assert len(made) == 3600 * 512
    assert_sample_for_sample(written, made)


def test_without_a_device_it_says_so_and_plays_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "bogus")
    speaker = Speaker(60)
    for _ in range(3):
        speaker.play(View(GAME, SCREEN, sounds=[np.full(512, 128, np.uint8)]))
    assert speaker.note == "no sound: Audio target 'bogus' not available"
    assert speaker.waiting == 0
    speaker.close()
    speaker.close()


def heard(view: View) -> int:
    """Return the number of frames of a view's sound that are queued right after it."""
    speaker = Speaker(60)
    # The device is open but takes nothing until the queue has two frames.
    speaker.play(view)
    waiting = speaker.waiting
    speaker.close()
    return waiting


def test_fast_forward_is_silent_even_while_a_video_needs_its_sound() -> None:
    sounds = [np.full(512, 200, np.uint8)] * 20
    assert heard(View(GAME, SCREEN, sounds=sounds, tempo=inf)) == 0
    assert heard(View(GAME, SCREEN, sounds=sounds[:1], tempo=1.0)) == 1


def test_slow_motion_stretches_each_frame() -> None:
    speaker = Speaker(60)
    view = View(GAME, SCREEN, sounds=[np.arange(512).astype(np.uint8) // 4 + 128], tempo=0.25)
    frames = list(speaker._frames(view))
    assert [len(frame) for frame in frames] == [512] * 4
    sound = SoundFilter()
    stretched = np.repeat(view.sounds[0], 4).reshape(4, 512)
    assert (np.array(frames) == [sound.convert(part) for part in stretched]).all()


def test_volume_changes_gradually_over_a_frame_and_mute_is_silent() -> None:
    speaker = Speaker(60)
    signal = np.full(512, 10000, np.int16)
    assert (speaker._amplified(signal, 1.0) == signal).all()
    halved = speaker._amplified(signal, 0.5).astype(int)
    assert (halved[0], halved[-1]) == (10000, 5000)
    assert np.abs(np.diff(halved)).max() < 12
    assert speaker._amplified(signal, 0.0)[-1] == 0
    assert not speaker._amplified(signal, 0.0).any()
