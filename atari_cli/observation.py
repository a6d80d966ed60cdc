"""An emulator's screen as an observation: shapes, and arrays that are made on request."""

from collections.abc import Callable, Sequence
from typing import NamedTuple
from weakref import ref

from atari_cli.actions import ACTION_NAMES
from atari_cli.emulator import RAM_SIZE, Emulator
from atari_cli.errors import EmulatorError
from atari_cli.games import Game, gray_palette, palette
from atari_cli.model import AtariObservation, Bytes


def observation_shape(obs_type: str, height: int, width: int) -> tuple[int, ...]:
    """Return the shape of an observation.

    Args:
        obs_type: `rgb`, `grayscale` or `ram`.
        height: Lines of the screen.
        width: Pixels per line.
    """
    shapes = {"rgb": (height, width, 3), "grayscale": (height, width), "ram": (RAM_SIZE,)}
    return shapes[obs_type]


class PlayedFrame(NamedTuple):
    """One frame, as in `AtariEnvironment.frames`.

    Attributes:
        screen: Palette indices, (height, 160) uint8.
        audio: Samples, (512,) uint8 with silence at 128; None without sound.
    """

    screen: Bytes
    audio: Bytes | None


def played_frame(emulator: Emulator) -> PlayedFrame:
    """Return the frame that an emulator shows."""
    return PlayedFrame(emulator.screen(), emulator.audio() if emulator.sound else None)


class EmulatorFrame:
    """A `Frame` (model.py) of the emulator now; call `keep` before the emulator moves on.

    Until then the arrays come straight from the emulator: copying them at each step would cost a
    rollout some 3 % of its speed.

    Args:
        emulator: The emulator.
        obs_type: `rgb`, `grayscale` or `ram`.
    """

    __slots__ = ("__weakref__", "_emulator", "_indices", "_moment", "_obs_type", "_ram", "_sound")

    def __init__(self, emulator: Emulator, obs_type: str) -> None:
        self._emulator = emulator
        self._obs_type = obs_type
        self._moment = emulator.moment
        self._indices: Bytes | None = None
        self._ram: Bytes | None = None
        self._sound: Bytes | None = None

    def keep(self) -> None:
        """Copy the arrays before the emulator moves on; afterwards they are lost."""
        if self._emulator.moment == self._moment:
            self._indices = self.indices()
            self._ram = self.ram()
            self._sound = self.audio() if self._emulator.sound else None

    def pixels(self) -> Bytes:
        """Return the observation in its obs_type's shape, uint8."""
        if self._obs_type == "ram":
            return self.ram()
        is_gray = self._obs_type == "grayscale"
        if self._indices is None:
            emulator = self._current()
            return emulator.screen_grayscale() if is_gray else emulator.screen_rgb()
        tv = self._emulator.game.tv
        return (
            gray_palette(tv)[self._indices] if is_gray else palette(tv).take(self._indices, axis=0)
        )

    def indices(self) -> Bytes:
        """Return the screen as palette indices, (height, 160) uint8."""
        return self._current().screen() if self._indices is None else self._indices

    def ram(self) -> Bytes:
        """Return the console's RAM, (128,) uint8."""
        return self._current().ram() if self._ram is None else self._ram

    def audio(self) -> Bytes:
        """Return the samples of the frame, (512,) uint8.

        Raises:
            EmulatorError: If the environment keeps no sound.
        """
        if not self._emulator.sound:
            raise EmulatorError("this environment keeps no sound; make it with sound=True")
        return self._current().audio() if self._sound is None else self._sound

    def _current(self) -> Emulator:
        """Return the emulator, which still shows this frame."""
        if self._emulator.moment != self._moment:
            raise EmulatorError("the emulator was moved on without its environment")
        return self._emulator


def _nothing() -> None:
    return None


class Observer:
    """Makes an environment's observations.

    Attributes:
        last: Returns the frame of the last one if that is still referred to: it is to be kept
            before the emulator moves on.
    """

    def __init__(self) -> None:
        self.last: Callable[[], EmulatorFrame | None] = _nothing

    def configure(self, game: Game, obs_type: str, action_codes: Sequence[int]) -> None:
        """Set the kind of the next observations.

        Args:
            game: The game.
            obs_type: `rgb`, `grayscale` or `ram`.
            action_codes: The action set as ALE codes.
        """
        self._obs_type = obs_type
        self._shape = observation_shape(obs_type, game.height, game.width)
        self._legal_actions = tuple(range(len(action_codes)))
        self._action_meanings = tuple(ACTION_NAMES[code] for code in action_codes)

    def observe(self, emulator: Emulator, earlier_frames: int) -> AtariObservation:
        """Return an observation of the emulator now.

        Args:
            emulator: The emulator.
            earlier_frames: Frames of earlier episodes.
        """
        frame = EmulatorFrame(emulator, self._obs_type)
        self.last = ref(frame)
        return AtariObservation(
            frame,
            self._shape,
            self._legal_actions,
            self._action_meanings,
            emulator.lives,
            emulator.episode_frame_number,
            earlier_frames + emulator.frames,
        )
