"""An emulator's screen as an observation: shapes, and arrays that are made on request."""

from collections.abc import Callable, Sequence
from threading import RLock
from typing import Final, NamedTuple
from weakref import ref

from atari_cli.actions import ACTION_NAMES
from atari_cli.emulator import RAM_SIZE, Emulator
from atari_cli.errors import EmulatorError
from atari_cli.games import Game, gray_palette, palette
from atari_cli.model import AtariObservation, Bytes
from atari_cli.pictures.png import pixels_png

_SILENT: Final = "this environment keeps no sound; make it with sound=True"
_MOVED_ON: Final = "the emulator was moved on without its environment"


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


class KeptFrame(NamedTuple):
    """A `Frame` (model.py) that needs no emulator.

    Attributes:
        obs_type: `rgb`, `grayscale` or `ram`.
        tv: The colour system of the game.
        screen: Palette indices, (height, 160) uint8.
        memory: The console's RAM, (128,) uint8.
        sound: Samples, (512,) uint8; None without sound.
    """

    obs_type: str
    tv: str
    screen: Bytes
    memory: Bytes
    sound: Bytes | None

    def pixels(self) -> Bytes:
        """Return the observation in its obs_type's shape, uint8."""
        if self.obs_type == "ram":
            return self.ram()
        if self.obs_type == "grayscale":
            return gray_palette(self.tv)[self.screen]
        return palette(self.tv).take(self.screen, axis=0)

    def indices(self) -> Bytes:
        """Return the screen as palette indices, (height, 160) uint8."""
        return self.screen.copy()

    def ram(self) -> Bytes:
        """Return the console's RAM, (128,) uint8."""
        return self.memory.copy()

    def audio(self) -> Bytes:
        """Return the samples of the frame, (512,) uint8.

        Raises:
            EmulatorError: If there is no sound.
        """
        if self.sound is None:
            raise EmulatorError(_SILENT)
        return self.sound.copy()

    def png(self) -> bytes:
        """Return the screen as a PNG file."""
        return pixels_png(palette(self.tv)[self.screen])


class EmulatorFrame:
    """A `Frame` (model.py) of the emulator now; call `keep` before the emulator moves on.

    Until then the arrays come straight from the emulator: copying them at each step would cost a
    rollout some 3 % of its speed. Pickled, it is a `KeptFrame`.

    Args:
        emulator: The emulator.
        obs_type: `rgb`, `grayscale` or `ram`.
        is_audible: Whether it has the emulator's sound.
        guard: Held while the emulator is read: a queue pickles observations in its own thread.
    """

    __slots__ = (
        "__weakref__",
        "_emulator",
        "_guard",
        "_is_audible",
        "_kept",
        "_revision",
        "_obs_type",
    )

    def __init__(self, emulator: Emulator, obs_type: str, is_audible: bool, guard: RLock) -> None:
        self._emulator: Emulator | None = emulator
        self._revision = emulator.revision
        self._obs_type = obs_type
        self._is_audible = is_audible
        self._guard = guard
        self._kept: KeptFrame | None = None

    def __reduce__(self) -> tuple[type[KeptFrame], tuple[object, ...]]:
        self.keep()
        if self._kept is None:
            raise EmulatorError(_MOVED_ON)
        return KeptFrame, (*self._kept,)

    def keep(self) -> None:
        """Copy the arrays before the emulator moves on, and let go of it."""
        with self._guard:
            emulator, self._emulator = self._emulator, None
            if emulator and emulator.revision == self._revision:
                self._kept = KeptFrame(
                    self._obs_type,
                    emulator.game.tv,
                    emulator.screen(),
                    emulator.ram(),
                    emulator.audio() if emulator.sound and self._is_audible else None,
                )

    def pixels(self) -> Bytes:
        """Return the observation in its obs_type's shape, uint8."""
        with self._guard:
            if self._kept:
                return self._kept.pixels()
            emulator = self._current()
            if self._obs_type == "ram":
                return emulator.ram()
            is_gray = self._obs_type == "grayscale"
            return emulator.screen_grayscale() if is_gray else emulator.screen_rgb()

    def indices(self) -> Bytes:
        """Return the screen as palette indices, (height, 160) uint8."""
        with self._guard:
            return self._kept.indices() if self._kept else self._current().screen()

    def ram(self) -> Bytes:
        """Return the console's RAM, (128,) uint8."""
        with self._guard:
            return self._kept.ram() if self._kept else self._current().ram()

    def audio(self) -> Bytes:
        """Return the samples of the frame, (512,) uint8.

        Raises:
            EmulatorError: If there is no sound.
        """
        with self._guard:
            if self._kept:
                return self._kept.audio()
            emulator = self._current()
            if not (emulator.sound and self._is_audible):
                raise EmulatorError(_SILENT)
            return emulator.audio()

    def png(self) -> bytes:
        """Return the screen as a PNG file."""
        with self._guard:
            return self._kept.png() if self._kept else pixels_png(self._current().screen_rgb())

    def _current(self) -> Emulator:
        """Return the emulator, which still shows this frame."""
        if self._emulator is None or self._emulator.revision != self._revision:
            raise EmulatorError(_MOVED_ON)
        return self._emulator


class Observer:
    """Makes an environment's observations.

    Args:
        is_audible: Whether they have the emulator's sound.

    Attributes:
        last: Returns the frame of the last observation; None if nobody has that any more.
    """

    last: Callable[[], EmulatorFrame | None]

    def __init__(self, is_audible: bool = True) -> None:
        self._is_audible = is_audible
        self._guard = RLock()
        self.last = _nothing

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

    def observe(self, emulator: Emulator) -> AtariObservation:
        """Return an observation of the emulator now."""
        frame = EmulatorFrame(emulator, self._obs_type, self._is_audible, self._guard)
        self.last = ref(frame)
        return AtariObservation(
            frame,
            self._shape,
            self._legal_actions,
            self._action_meanings,
            emulator.lives,
            emulator.episode_frame_number,
            emulator.frames,
        )

    def keep(self) -> None:
        """Let the last observation, if anyone has it, copy its arrays before the emulator moves."""
        if frame := self.last():
            frame.keep()


def _nothing() -> None:
    return None
