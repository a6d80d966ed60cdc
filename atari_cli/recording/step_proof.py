"""What an emulator shows after a step and was given in it: the proof and the inputs of the step."""

import zlib

from atari_cli.emulator import Emulator


class StepProof:
    """Looks at an emulator after the reset and after each step.

    Attributes:
        pictures: `screens`, palette indices (height, 160) uint8, and `ram`, (128,) uint8, after
            the last frame, under the names of the arrays that they are rows of; filled anew by
            each look.
        state_hash: CRC-32 over the bytes of screen and then RAM.
        codes: The ALE code of each frame since the look before, u8.
        strengths: The paddle strength of each of these frames, f32.
    """

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._frames = 0
        self.pictures = {"screens": emulator.screen(), "ram": emulator.ram()}
        self.state_hash = 0
        self.codes = b""
        self.strengths = b""

    def look(self) -> None:
        """Take in the present moment and the inputs that led to it."""
        emulator = self._emulator
        screen = emulator.screen(self.pictures["screens"])
        ram = emulator.ram(self.pictures["ram"])
        self.state_hash = zlib.crc32(ram.data, zlib.crc32(screen.data))
        codes, strengths = emulator.inputs
        self.codes = bytes(codes[self._frames :])
        self.strengths = strengths[self._frames :].tobytes()
        self._frames += len(self.codes)

    def go_back(self, frames: int) -> None:
        """Be told that the emulator has gone back to so many frames since its boot."""
        self._frames = frames
