"""The sound queue is exact while it can be, and free of clicks when it cannot."""

import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from atari_cli.play.window.sound_queue import ENOUGH, LONGEST, SoundQueue


def wave(start: int, frames: int, size: int = 512) -> NDArray[np.int16]:
    """Return frames of a 200 Hz sine that continues from one to the next, (frames, size)."""
    time = np.arange(start * size, (start + frames) * size)
    samples: NDArray[np.int16] = np.rint(8000 * np.sin(time * (2 * np.pi / 153.6))).astype(np.int16)
    return samples.reshape(-1, size)


STEEPEST = 8000 * 2 * np.pi / 153.6 + 1
"""The largest difference between two neighbouring samples of the wave."""


def steps(signal: NDArray[np.int16]) -> NDArray[np.int64]:
    return np.abs(np.diff(signal.astype(np.int64)))


@pytest.mark.parametrize("block", [512, 100, 1024, 513])
def test_the_output_equals_the_input_for_any_block_size(block: int) -> None:
    queue, taken = SoundQueue(), []
    frames = wave(0, 60)
    queue.put(frames[:2])
    for frame in frames[2:]:
        queue.put([frame])
        while queue.frames > 2:
            taken.append(queue.take(block))
    signal = np.concatenate(taken)
    assert len(signal) > 50 * 512
    assert (signal == frames.reshape(-1)[: len(signal)]).all()


def test_a_frame_that_arrives_just_in_time_leaves_no_gap() -> None:
    queue = SoundQueue()
    frames = wave(0, 10)
    queue.put(frames[:2])
    queue.take(512)
    taken = [queue.take(512)]
    for frame in frames[2:]:
        assert queue.frames == 0
        queue.put([frame])
        taken.append(queue.take(512))
    assert (np.concatenate(taken) == frames[1:].reshape(-1)).all()


def test_it_waits_for_a_second_frame_before_it_begins() -> None:
    queue = SoundQueue()
    frames = wave(0, 2)
    queue.put(frames[:1])
    assert not queue.take(512).any()
    queue.put(frames[1:])
    assert (queue.take(1024) == frames.reshape(-1)).all()


def test_it_never_grows_and_drops_the_oldest_frames_without_a_click() -> None:
    queue = SoundQueue()
    frames = wave(0, 20)
    queue.put(frames)
    assert queue.frames == LONGEST
    signal = queue.take(LONGEST * 512)
    assert (signal[128:] == frames[-LONGEST:].reshape(-1)[128:]).all()

    queue.put(frames)
    before = queue.take(700)
    queue.put(wave(20, 3))
    assert queue.frames == LONGEST
    after = queue.take(512)
    assert steps(np.concatenate([before[-100:], after])).max() < 3 * STEEPEST


def test_sound_catches_up_without_a_click_after_the_game_was_late() -> None:
    queue = SoundQueue()
    frames = wave(0, 400)
    queue.put(frames[:LONGEST])
    signal = []
    for frame in frames[LONGEST:]:
        signal.append(queue.take(512))
        queue.put([frame])
    assert queue.frames == ENOUGH
    # Two frames were left out, at one seam each.
    assert steps(np.concatenate(signal)).max() < 3 * STEEPEST
    assert (signal[-1] == frames[-1 - ENOUGH]).all()


def test_it_fades_out_when_it_is_empty_and_then_in_again() -> None:
    queue = SoundQueue()
    queue.put(wave(0, 2) + np.int16(5000))
    signal = [queue.take(1000) for _ in range(3)]
    assert not signal[-1][-300:].any()
    queue.put(wave(0, 3) + np.int16(5000))
    signal.append(queue.take(600))
    quiet = np.concatenate(signal)[900:]
    assert quiet[-1] > 0
    assert steps(quiet).max() < 0.05 * 13000 + STEEPEST


def test_one_thread_can_put_while_another_takes() -> None:
    queue, taken = SoundQueue(), []
    frames = wave(0, 400)
    ready, room = threading.Semaphore(0), threading.Semaphore(ENOUGH - 1)

    def take() -> None:
        for _ in frames:
            assert ready.acquire(timeout=20)
            taken.append(queue.take(512))
            room.release()

    queue.put(frames[:1])
    taker = threading.Thread(target=take)
    taker.start()
    for frame in [*frames[1:], frames[0]]:
        assert room.acquire(timeout=20)
        queue.put([frame])
        ready.release()
    taker.join(20)
    assert (np.concatenate(taken) == frames.reshape(-1)).all()
