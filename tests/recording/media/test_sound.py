"""The sound filter follows its formula exactly, and its output is continuous and centred."""

import numpy as np
import pytest
from numpy.typing import NDArray

from atari_cli.environment import AtariEnvironment
from atari_cli.recording.media.sound import SoundFilter, sample_rate


def played_samples(game: str, steps: int) -> NDArray[np.uint8]:
    """Return the samples of an episode, one frame per row."""
    environment = AtariEnvironment(game, keep_frames=True, sound=True)
    environment.reset(seed=1)
    frames = list(environment.frames)
    for step in range(steps):
        environment.step(step // 10 % len(environment.action_codes))
        frames += environment.frames
    return np.array([frame.audio for frame in frames])


def filtered_one_by_one(samples: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return y[n] = x[n] - x[n-1] + 0.995 y[n-1] of (x - 128), times 256."""
    last_input = output = 0.0
    outputs = []
    for sample in (samples.reshape(-1).astype(float) - 128).tolist():
        output = sample - last_input + 0.995 * output
        last_input = sample
        outputs.append(output)
    return np.array(outputs) * 256


@pytest.mark.parametrize("game", ["ms_pacman", "pacman"])
def test_filtering_frame_by_frame_gives_the_result_for_all_samples_at_once(game: str) -> None:
    samples = played_samples(game, 60)
    sound = SoundFilter()
    signal = np.concatenate([sound.convert(frame) for frame in samples])
    expected = filtered_one_by_one(samples)
    assert signal.dtype == np.int16
    assert np.abs(signal).max() > 2000
    assert np.abs(signal - expected).max() <= 0.5 + 1e-6


def test_silence_is_zero() -> None:
    assert not SoundFilter().convert(np.full(512, 128, np.uint8)).any()


def test_a_steady_level_fades_to_zero_without_jumps_between_frames() -> None:
    sound = SoundFilter()
    frames = [sound.convert(np.full(512, 228, np.uint8)) for _ in range(6)]
    signal = np.concatenate(frames).astype(int)
    assert signal[0] == 100 * 256
    assert np.diff(signal).max() <= 0
    assert np.diff(signal).min() > -0.006 * 100 * 256
    assert abs(signal[-1]) < 2


def test_the_loudest_signal_fits_16_bits() -> None:
    """The widest swing of one-sided samples is full level for a long time, then silence."""
    sound = SoundFilter()
    loud, silent = np.full(512, 255, np.uint8), np.full(512, 128, np.uint8)
    signal = np.concatenate([sound.convert(frame) for frame in [loud] * 6 + [silent]]).astype(int)
    assert signal.max() == 127 * 256
    assert -127 * 256 <= signal.min() < -126 * 256


def test_a_second_of_frames_has_a_second_of_samples() -> None:
    assert (sample_rate(60), sample_rate(50)) == (30720, 25600)
