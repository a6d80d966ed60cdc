"""The proof of a step: a hash of screen and RAM, and the inputs of its frames."""

from isal import isal_zlib

from atari_cli.emulator import Emulator


class StepProof:
    """Reads an emulator after the reset and after each step.

    Attributes:
        pictures: `screens`, palette indices (height, 160) uint8, and `ram`, (128,) uint8, after
            the last frame; the keys are the names of the arrays. `update` overwrites them.
        state_hash: CRC-32 of the bytes of the screen, then the RAM.
        codes: The ALE code of each frame since the last update, u8.
        strengths: The paddle strength of each of these frames, f32.
    """

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._frames = 0
        self.pictures = {"screens": emulator.screen(), "ram": emulator.ram()}
        self.state_hash = 0
        self.codes = b""
        self.strengths = b""

    def update(self) -> None:
        """Read the current state and the inputs since the last update."""
        emulator = self._emulator
        screen = emulator.screen(self.pictures["screens"])
        ram = emulator.ram(self.pictures["ram"])
        # zlib's CRC-32, in a seventh of its time.
        self.state_hash = isal_zlib.crc32(ram.data, isal_zlib.crc32(screen.data))
        codes, strengths = emulator.inputs
        self.codes = bytes(codes[self._frames :])
        self.strengths = strengths[self._frames :].tobytes()
        self._frames += len(self.codes)

    def go_back(self, frames: int) -> None:
        """Note that the emulator has gone back to a frame since its boot."""
        self._frames = frames
