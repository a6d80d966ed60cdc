"""The sound device, which plays a session's frames of sound, or silence without a device."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
import pygame

from atari_cli.emulator import SAMPLES_PER_FRAME
from atari_cli.model import Bytes
from atari_cli.play.interface import View
from atari_cli.play.window.sound_queue import Signal, SoundQueue
from atari_cli.recording import SoundFilter, sample_rate

_SIGNED_16: Final = -16


class Speaker:
    """Plays sound at the pace of the game: exactly 512 samples a frame.

    The device is opened by the first sound, since that may take a sound server some time.

    Args:
        fps: Frames per second of the console.

    Attributes:
        note: Why there is no sound; None if there is, or if none was played yet.
    """

    def __init__(self, fps: int) -> None:
        self.note: str | None = None
        self._rate = sample_rate(fps)
        self._queue = SoundQueue()
        self._filter = SoundFilter()
        self._gain = 1.0
        self._opened = self._tried = False

    @property
    def waiting(self) -> int:
        """Number of frames of sound in the queue."""
        return self._queue.frames

    def play(self, view: View) -> None:
        """Play the sounds of a view, at its volume."""
        if not self._tried:
            self._open()
        if self._opened:
            gain = 0.0 if view.muted else view.volume / 100
            self._queue.put(self._amplified(frame, gain) for frame in self._frames(view))

    def close(self) -> None:
        """Release the device; calling it again does nothing."""
        if self._opened:
            from pygame._sdl2 import mixer  # type: ignore[attr-defined]  # has no types

            self._opened = False
            pygame.mixer.quit()
            # Only now: earlier it would wait for the device's thread, which may wait for this one.
            mixer.set_post_mix(None)

    def _open(self) -> None:
        """Open the system's default device, or set `note` if that fails."""
        self._tried = True
        try:
            # AudioDevice of pygame._sdl2.audio cannot ask for the system's default.
            from pygame._sdl2 import mixer  # type: ignore[attr-defined]  # has no types

            with _silent_libraries():
                pygame.mixer.init(self._rate, _SIGNED_16, 1, SAMPLES_PER_FRAME, allowedchanges=0)
            mixer.set_post_mix(self._fill)
            self._opened = True
        except (ImportError, NotImplementedError, pygame.error) as error:
            self.note = f"no sound: {str(error).rstrip('.')}"

    def _fill(self, _: object, block: Any) -> None:
        """Fill a block for the device, in the device's thread."""
        samples = np.frombuffer(block, np.int16)
        samples[:] = self._queue.take(len(samples))

    def _frames(self, view: View) -> Iterator[Signal]:
        """Yield the frames to play: none in fast-forward, stretched ones in slow motion."""
        if view.tempo <= 1.0:
            for sound in view.sounds:
                yield from self._stretched(sound, view.tempo)

    def _stretched(self, sound: Bytes, tempo: float) -> Iterator[Signal]:
        """Yield a frame, or in slow motion several of lower pitch that last as long."""
        times = round(1 / tempo) if 0 < tempo < 1 else 1
        stretched = np.repeat(sound, times) if times > 1 else sound
        for part in stretched.reshape(times, SAMPLES_PER_FRAME):
            yield self._filter.convert(part)

    def _amplified(self, frame: Signal, gain: float) -> Signal:
        """Return a frame faded from the volume of the last frame to a new one."""
        before, self._gain = self._gain, gain
        if before == gain == 1.0:
            return frame
        ramp = np.linspace(before, gain, len(frame))
        return np.rint(frame * ramp).astype(np.int16)


@contextmanager
def _silent_libraries() -> Iterator[None]:
    """Hide what C libraries write to stderr: ALSA prints ten lines if there is no device."""
    try:
        stderr = os.dup(2)
    except OSError:  # no stderr
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
