"""One Atari 2600 with one cartridge: the only caller of ALE.

ALE ends or crashes the process on some wrong uses and is not exact on its own after a reset or a
restore (docs/determinism.md). Here a wrong use raises, and what runs is a pure function of the
game, mode, difficulty and the inputs since the boot.
"""

import json
import math
from array import array
from typing import Final

import ale_py
import numpy as np
from ale_py import ALEInterface, ALEState, LoggerMode

from atari_cli.errors import EmulatorError, InvalidAction, InvalidSetting, InvalidState
from atari_cli.games import Game, gray_palette, palette, rom_path
from atari_cli.model import Bytes
from atari_cli.packing import pack, unpack

RAM_SIZE: Final = 128
SAMPLES_PER_FRAME: Final = 512
SILENCE: Final = 128
"""ALE's samples are unsigned and never below it."""

STATE_INCOMPLETE: Final = frozenset(
    {"miniature_golf", "qbert", "tetris", "tic_tac_toe_3d", "video_checkers", "yars_revenge"}
)
"""Games whose ALE state does not hold all of the console; they restore from their inputs."""

_MAGIC: Final = b"ATARI-EMULATOR-1\n"
_ONE: Final = tuple(bytes((code,)) for code in range(18))

ALEInterface.setLoggerMode(LoggerMode.Error)


class Emulator:
    """A console that is booted and ready for its first frame.

    Args:
        game: The cartridge.
        mode: A mode of `game.modes`; None is the default.
        difficulty: A difficulty of `game.difficulties`; None is the default.
        sound: Keep the samples of each frame; a boot then loads the ROM, which is slow.

    Attributes:
        game_over: Whether the game has ended.
        moment: A number that changes with each act, boot and restore.

    Raises:
        InvalidSetting: If the game has no such mode or difficulty.
        EmulatorError: If the ROM file is missing or is not the one that the catalogue knows.
    """

    def __init__(
        self,
        game: Game,
        mode: int | None = None,
        difficulty: int | None = None,
        sound: bool = False,
    ) -> None:
        self.game = game
        self.mode = _choose("mode", mode, game.default_mode, game.modes, game)
        self.difficulty = _choose(
            "difficulty", difficulty, game.default_difficulty, game.difficulties, game
        )
        self.sound = sound
        self.moment = 0
        self.game_over = False
        self.screen_shape = (game.height, game.width)
        self._codes = bytearray()
        self._strengths = array("f")
        self._ale = ALEInterface()
        # The screen that ALE itself shows only after the next frame; None once that was played.
        self._held_screen: Bytes | None = None
        self._held_audio = True
        self._load()

    def boot(self) -> None:
        """Start anew; nothing that was played before changes what follows."""
        if self.sound:
            self._load()
            return
        self._ale.reset_game()
        self._ale.restoreState(self._boot_state)
        self._begin(self._boot_screen)

    def act(self, code: int, strength: float = 1.0, frames: int = 1) -> int:
        """Emulate frames of one action and return their reward; the game's end ends them early.

        Args:
            code: An ALE action code, 0-17; one that the game does not know acts as NOOP.
            strength: Speed of a paddle, 1.0 is the joystick's; above 1 is allowed.
            frames: Number of frames.

        Raises:
            InvalidAction: If the code is not 0-17 or the strength is negative or not finite.
        """
        if not 0 <= code < 18:
            raise InvalidAction(f"expected an action code from 0 to 17, got {code}")
        if strength != 1.0:
            strength = _float32(strength)
        act, is_over = self._ale.act, self._ale.game_over
        reward = played = 0
        while played < frames and not self.game_over:
            reward += act(code, strength)
            self.game_over = is_over(with_truncation=False)
            played += 1
        if played:
            self._codes.extend(_ONE[code] * played)
            self._strengths.extend((strength,) * played)
            self._held_screen = None
            self._held_audio = False
            self.moment += 1
        return reward

    @property
    def lives(self) -> int:
        """Lives left as ALE counts them; 0 throughout in games without lives."""
        return self._ale.lives()

    @property
    def episode_frame_number(self) -> int:
        """ALE's count of frames in this episode; not 0 after the boot in 16 games."""
        return self._ale.getEpisodeFrameNumber()

    @property
    def inputs(self) -> tuple[bytearray, "array[float]"]:
        """The action code and the paddle strength of each frame since the boot; read only."""
        return self._codes, self._strengths

    def screen(self, out: Bytes | None = None) -> Bytes:
        """Return the screen as palette indices, (height, 160) uint8.

        Args:
            out: An array to fill and return in place of a new one; here and in the next four.

        Raises:
            EmulatorError: If `out` has another shape or dtype, or is not contiguous.
        """
        if self._held_screen is None and out is None:
            return self._ale.getScreen()
        out = _buffer(out, self.screen_shape)
        if self._held_screen is None:
            self._ale.getScreen(out)
        else:
            out[...] = self._held_screen
        return out

    def screen_rgb(self, out: Bytes | None = None) -> Bytes:
        """Return the screen in ALE's colours, (height, 160, 3) uint8."""
        out = _buffer(out, (*self.screen_shape, 3))
        if self._held_screen is None:
            self._ale.getScreenRGB(out)
        else:
            out[...] = palette(self.game.tv)[self._held_screen]
        return out

    def screen_grayscale(self, out: Bytes | None = None) -> Bytes:
        """Return the screen's luminance as ALE weighs it, (height, 160) uint8."""
        out = _buffer(out, self.screen_shape)
        if self._held_screen is None:
            self._ale.getScreenGrayscale(out)
        else:
            out[...] = gray_palette(self.game.tv)[self._held_screen]
        return out

    def ram(self, out: Bytes | None = None) -> Bytes:
        """Return the console's RAM, (128,) uint8."""
        if out is None:
            return self._ale.getRAM()
        out = _buffer(out, (RAM_SIZE,))
        self._ale.getRAM(out)
        return out

    def audio(self, out: Bytes | None = None) -> Bytes:
        """Return the samples of the last frame, (512,) uint8 with silence at 128.

        Raises:
            EmulatorError: If the emulator was made without sound.
        """
        if not self.sound:
            raise EmulatorError("this emulator keeps no sound; make it with sound=True")
        out = _buffer(out, (SAMPLES_PER_FRAME,))
        if self._held_audio:
            out.fill(SILENCE)
        else:
            self._ale.getAudio(out)
        return out

    def save(self) -> bytes:
        """Return the whole state; `restore` goes on from it exactly, in any process.

        It holds the inputs since the boot, so it grows by a byte or so per frame.
        """
        header = json.dumps(self._identity()).encode()
        state = b"" if self._needs_inputs else self._ale.cloneState(include_rng=True).serialize()
        screen = self.screen().tobytes()
        return pack(_MAGIC, header, bytes(self._codes), self._strengths.tobytes(), state, screen)

    def restore(self, saved: bytes) -> None:
        """Go back to a state that `save` returned, in this or another emulator of the same game.

        Raises:
            InvalidState: If the bytes are damaged or are the state of another game, mode or
                difficulty. The emulator is then as it was.
        """
        header, codes, strengths, state, screen = unpack(_MAGIC, saved)
        identity = json.loads(header)
        if {**identity, "ale": None} != {**self._identity(), "ale": None}:
            raise InvalidState(f"expected a state of {self._identity()}, got one of {identity}")
        if state and not self._needs_inputs and identity["ale"] == ale_py.__version__:
            self._ale.reset_game()
            self._ale.restoreState(ALEState(state))
            self._begin(np.frombuffer(screen, np.uint8).reshape(self.screen_shape))
            self._codes[:] = codes
            self._strengths.frombytes(strengths)
        else:
            self._resimulate(codes, array("f", strengths), screen)

    @property
    def _needs_inputs(self) -> bool:
        """Whether ALE's own state is not enough: it lacks all sound registers (SoundRaw)."""
        return self.sound or self.game.id in STATE_INCOMPLETE

    def _resimulate(self, codes: bytes, strengths: "array[float]", screen: bytes) -> None:
        self.boot()
        for code, strength in zip(codes, strengths, strict=True):
            self.act(code, strength)
        if self.screen().tobytes() != screen:
            raise InvalidState("the saved inputs lead to another screen in this version of ale_py")

    def _identity(self) -> dict[str, str | int]:
        return {
            "game": self.game.id,
            "md5": self.game.md5,
            "mode": self.mode,
            "difficulty": self.difficulty,
            "ale": ale_py.__version__,
        }

    def _load(self) -> None:
        """Boot from the ROM file, the slow way, and keep the state for `boot`."""
        path = rom_path(self.game)
        if ALEInterface.isSupportedROM(path) is None:
            # loadROM would end the process.
            raise EmulatorError(f"ALE cannot play {self.game.id}")
        # With sticky actions and truncation left to the environment, ALE's own generator is
        # never heeded; a fixed seed only keeps it from reading the clock.
        self._ale.setInt("random_seed", 0)
        self._ale.setFloat("repeat_action_probability", 0.0)
        self._ale.setBool("sound_obs", self.sound)
        self._ale.loadROM(path)
        # Not every default is one that ALE lets us set (backgammon's difficulty).
        if self.mode != self.game.default_mode:
            self._ale.setMode(self.mode)
        if self.difficulty != self.game.default_difficulty:
            self._ale.setDifficulty(self.difficulty)
        self._ale.reset_game()
        self._boot_state = self._ale.cloneState(include_rng=True)
        self._held_screen = None
        self._boot_screen = self._ale.getScreen()
        self._begin(self._boot_screen)

    def _begin(self, screen: Bytes) -> None:
        """Note that ALE was put at a boot or saved state whose screen is given."""
        self._held_screen = screen
        self._held_audio = True
        self.game_over = self._ale.game_over(with_truncation=False)
        del self._codes[:]
        del self._strengths[:]
        self.moment += 1


def _choose(name: str, value: int | None, default: int, valid: tuple[int, ...], game: Game) -> int:
    # A default need not be valid: ALE starts backgammon with a difficulty that it cannot set.
    if value is None or value == default:
        return default
    if value not in valid:
        choices = ", ".join(map(str, valid))
        raise InvalidSetting(f"{game.id} has no {name} {value}; expected one of {choices}")
    return value


def _float32(strength: float) -> float:
    """Return a strength as ALE will take it, so that the inputs say exactly what was played."""
    if not (math.isfinite(strength) and strength >= 0.0):
        raise InvalidAction(f"expected a paddle strength of 0 or more, got {strength}")
    return float(np.float32(strength))


def _buffer(out: Bytes | None, shape: tuple[int, ...]) -> Bytes:
    if out is None:
        return np.empty(shape, np.uint8)
    if out.shape != shape or out.dtype != np.uint8 or not out.flags.c_contiguous:
        raise EmulatorError(
            f"expected a contiguous uint8 array of shape {shape}, "
            f"got {out.dtype} of shape {out.shape}"
        )
    return out
