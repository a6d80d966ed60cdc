"""An emulator's screen as an observation: shapes, and arrays that are made when asked for."""

from typing import NamedTuple

from atari_cli.emulator import RAM_SIZE, Emulator
from atari_cli.errors import EmulatorError
from atari_cli.games import gray_palette, palette
from atari_cli.model import Bytes


def observation_shape(obs_type: str, height: int, width: int) -> tuple[int, ...]:
    """Return the shape of an observation: rgb, grayscale or ram."""
    shapes = {"rgb": (height, width, 3), "grayscale": (height, width), "ram": (RAM_SIZE,)}
    return shapes[obs_type]


class PlayedFrame(NamedTuple):
    """One frame, as `AtariEnvironment.frames` keeps it.

    Attributes:
        screen: Palette indices, (height, 160) uint8.
        audio: Samples, (512,) uint8 with silence at 128; None without sound.
    """

    screen: Bytes
    audio: Bytes | None


class EmulatorFrame:
    """A `Frame` (model.py) of an emulator's present moment.

    It keeps palette indices and RAM, which cost 3 µs to copy. Pixels come straight from ALE while
    the emulator stands at the same moment, four times as fast as from the indices later.
    """

    __slots__ = ("_audio", "_emulator", "_indices", "_moment", "_obs_type", "_ram")

    def __init__(self, emulator: Emulator, obs_type: str) -> None:
        self._emulator = emulator
        self._obs_type = obs_type
        self._moment = emulator.moment
        self._indices = emulator.screen()
        self._ram = emulator.ram()
        self._audio = emulator.audio() if emulator.sound else None

    def pixels(self) -> Bytes:
        """Return the observation in its obs_type's shape, uint8."""
        emulator = self._emulator
        is_current = emulator.moment == self._moment
        if self._obs_type == "ram":
            return self._ram
        if self._obs_type == "grayscale":
            if is_current:
                return emulator.screen_grayscale()
            return gray_palette(emulator.game.tv)[self._indices]
        if is_current:
            return emulator.screen_rgb()
        return palette(emulator.game.tv).take(self._indices, axis=0)

    def indices(self) -> Bytes:
        """Return the screen as palette indices, (height, 160) uint8."""
        return self._indices

    def ram(self) -> Bytes:
        """Return the console's RAM, (128,) uint8."""
        return self._ram

    def audio(self) -> Bytes:
        """Return the samples of the moment's frame, (512,) uint8.

        Raises:
            EmulatorError: If the environment keeps no sound.
        """
        if self._audio is None:
            raise EmulatorError("this environment keeps no sound; make it with sound=True")
        return self._audio
