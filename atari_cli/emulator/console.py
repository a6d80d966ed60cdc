"""A console that can be booted, played, read, saved and restored."""

import math
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NoReturn

import ale_py
import numpy as np
from ale_py import ALEInterface, LoggerMode

from atari_cli.actions import paddle_strength
from atari_cli.emulator.ale_io import buffer, read_state
from atari_cli.emulator.quirks import SEEDED_MODES, STATE_INCOMPLETE
from atari_cli.emulator.spares import Cartridge, Loaded, forget, keep, take_spare
from atari_cli.errors import EmulatorError, InvalidAction, InvalidState
from atari_cli.games import Game, gray_palette, palette, rom_path
from atari_cli.model import Bytes
from atari_cli.saved_state import SavedState
from atari_cli.seeding import ale_seed

RAM_SIZE: Final = 128
SAMPLES_PER_FRAME: Final = 512
SILENCE: Final = 128
"""ALE's samples are unsigned and never below this."""

_ONE: Final = tuple(bytes((code,)) for code in range(18))

ALEInterface.setLoggerMode(LoggerMode.Error)


class Emulator:
    """A console that is booted and ready for its first frame.

    Args:
        game: The cartridge.
        mode: A mode of `game.modes`; the default if None.
        difficulty: A difficulty of `game.difficulties`; the default if None.
        sound: Keep the samples of each frame; a boot then loads the ROM, which is slow.

    Attributes:
        frames: Frames played since the boot.
        lives: Lives left as ALE counts them; always 0 in games without lives.
        episode_frame_number: ALE's count of frames in this episode; in 16 games it starts above 0.
        game_over: Whether the game has ended.
        revision: A number that changes with each act and restore, and with a boot after these.

    Raises:
        InvalidSetting: If the game has no such mode or difficulty.
        EmulatorError: If the ROM file is missing or not the one in the catalogue.
    """

    def __init__(
        self,
        game: Game,
        mode: int | None = None,
        difficulty: int | None = None,
        sound: bool = False,
    ) -> None:
        self.game = game
        self.mode = game.choose_mode(mode)
        self.difficulty = game.choose_difficulty(difficulty)
        self.sound = sound
        self.revision = self.frames = self._ale_seed = 0
        self.screen_shape = (game.height, game.width)
        self._codes = bytearray()
        self._strengths = array("f")
        self._ale = ALEInterface()
        self._loaded: Loaded | None = None
        # The screen after a boot or restore, which ALE itself has only after the next frame.
        self._held_screen: Bytes | None = None
        self._held_audio = True
        self._booted_seed: int | None = None
        self._loaded_revision = 0
        self.boot()

    def __reduce__(self) -> NoReturn:
        raise TypeError("an emulator cannot be copied or pickled; restore what it saves in another")

    def boot(self, seed: int = 0) -> None:
        """Start again; nothing that was played before has an effect.

        Args:
            seed: The seed of the random start in the few modes that have one
                (`SEEDED_MODES`), as in Gymnasium's `reset(seed=seed)`.
        """
        self._boot(ale_seed(seed) if self.mode in SEEDED_MODES.get(self.game.id, ()) else 0)

    def act(self, code: int, strength: float = 1.0, frames: int = 1) -> int:
        """Emulate frames of one action and return their reward; stops early at the game's end.

        Args:
            code: An ALE action code, 0-17; one that the game does not have acts as NOOP.
            strength: Speed of a paddle; the joystick's is 1.0, and 34 moves it all the way.
            frames: Number of frames.

        Raises:
            InvalidAction: If the code is not 0-17 or the strength is not from 0 to 100.
        """
        if not 0 <= code < 18:
            raise InvalidAction(f"expected an action code from 0 to 17, got {code}")
        if strength != 1.0:
            strength = paddle_strength(strength)
        act = self._ale.act
        reward = 0
        try:
            # Once the game is over, act does nothing.
            for _ in range(frames):
                reward += act(code, strength)
        except Exception:
            self._forget()
            raise
        finally:
            # Even after Ctrl-C, the inputs must be those that ALE has played.
            played = self._ale.getFrameNumber() - self._first_frame - self.frames
            if played:
                self._codes += _ONE[code] * played
                self._strengths.extend((strength,) * played)
                self._held_screen = None
                self._held_audio = False
                self._look()
        return reward

    @property
    def inputs(self) -> tuple[bytearray, "array[float]"]:
        """The action code and paddle strength of each frame since the boot; only for reading."""
        return self._codes, self._strengths

    @property
    def paddle(self) -> int:
        """The paddle's position toward LEFT in ALE's units, from its state (takes 40 µs)."""
        return int.from_bytes(self._ale.cloneState().serialize()[:4], "little", signed=True)

    def screen(self, out: Bytes | None = None) -> Bytes:
        """Return the screen as palette indices, (height, 160) uint8.

        Args:
            out: An array to fill and return instead of a new one; also in `ram`.

        Raises:
            EmulatorError: If `out` has another shape or dtype, or is not contiguous.
        """
        held = self._held_screen
        if held is None and out is None:
            return self._ale.getScreen()  # ALE's own array, which is faster than filling a new one
        out = buffer(out, self.screen_shape)
        if held is None:
            self._ale.getScreen(out)
        else:
            out[...] = held
        return out

    def screen_rgb(self) -> Bytes:
        """Return the screen in ALE's colours, (height, 160, 3) uint8."""
        held = self._held_screen
        return self._ale.getScreenRGB() if held is None else palette(self.game.tv)[held]

    def screen_grayscale(self) -> Bytes:
        """Return the screen's luminance as ALE weighs it, (height, 160) uint8."""
        held = self._held_screen
        return self._ale.getScreenGrayscale() if held is None else gray_palette(self.game.tv)[held]

    def ram(self, out: Bytes | None = None) -> Bytes:
        """Return the console's RAM, (128,) uint8."""
        if out is None:
            return self._ale.getRAM()
        out = buffer(out, (RAM_SIZE,))
        self._ale.getRAM(out)
        return out

    def audio(self) -> Bytes:
        """Return the samples of the last frame, (512,) uint8 with silence at 128.

        Raises:
            EmulatorError: If the emulator was made without sound.
        """
        if not self.sound:
            raise EmulatorError("this emulator keeps no sound; make it with sound=True")
        if self._held_audio:
            return np.full(SAMPLES_PER_FRAME, SILENCE, np.uint8)
        return self._ale.getAudio()

    def save(self) -> bytes:
        """Return the whole state; `restore` continues exactly from it, in any process.

        It contains the inputs since the boot, so it grows by a byte or so per frame.
        """
        ale, inputs = ale_py.__version__, (bytes(self._codes), self._strengths)
        state = b"" if self._needs_inputs else self._ale.cloneState(include_rng=True).serialize()
        screen = self.screen().tobytes()
        return SavedState(self._console, ale, self._ale_seed, *inputs, state, screen).pack()

    def restore(self, packed: bytes) -> None:
        """Go back to a state that `save` returned, in this or another emulator of the same game.

        Raises:
            InvalidState: If the bytes are damaged or are the state of another game, mode or
                difficulty. The emulator is then unchanged.
        """
        saved = SavedState.unpack(packed, self._console, math.prod(self.screen_shape))
        if saved.state and not self._needs_inputs and saved.ale == ale_py.__version__:
            state = read_state(saved.state, self.mode, self.difficulty)
            try:
                self._ale.reset_game()
                self._ale.restoreState(state)
            except Exception as error:  # SystemError among others
                self._booted_seed = None  # loading again undoes a partial restore
                self._resimulate(self._ale_seed, self._codes, self._strengths)
                raise InvalidState(f"ALE does not know the saved state: {error}") from error
            shown = np.frombuffer(saved.screen, np.uint8).reshape(self.screen_shape)
            self._begin(shown, saved.codes, saved.strengths)
            self._ale_seed = saved.ale_seed
            return
        before = self._ale_seed, self._codes[:], self._strengths[:]
        self._resimulate(saved.ale_seed, saved.codes, saved.strengths)
        if self.screen().tobytes() != saved.screen:
            self._resimulate(*before)
            raise InvalidState("the saved inputs lead to another screen in this version of ale_py")

    @property
    def _needs_inputs(self) -> bool:
        """Whether ALE's own state is incomplete: it lacks the sound registers (SoundRaw)."""
        return self.sound or self.game.id in STATE_INCOMPLETE

    @property
    def _console(self) -> dict[str, str | int]:
        game, chosen = self.game, {"mode": self.mode, "difficulty": self.difficulty}
        return {"game": game.id, "md5": game.md5, **chosen}

    def _resimulate(self, seed: int, codes: bytes | bytearray, strengths: "array[float]") -> None:
        # Copied, since a boot clears the emulator's own.
        inputs = list(zip(codes, strengths, strict=True))
        self._boot(seed)
        for code, strength in inputs:
            self.act(code, strength)

    def _boot(self, seed: int) -> None:
        if seed == self._booted_seed and self.revision == self._loaded_revision:
            return  # nothing has been played since the ROM was loaded
        if self.sound or seed != self._booted_seed:
            return self._load(seed)
        self._ale_seed = seed
        self._put_at_boot()

    def _put_at_boot(self) -> None:
        """Boot from the state of `_load`; only the sound is still the old one."""
        self._ale.reset_game()
        self._ale.restoreState(self._boot_state)
        self._begin(self._boot_screen)

    def _load(self, seed: int) -> None:
        """Boot a loaded console, or load the ROM, which is slow; keep the state for `_boot`."""
        path = rom_path(self.game)
        cartridge = Cartridge(self.game.id, self.mode, self.difficulty, seed)
        spare = None if self.sound else take_spare(cartridge)
        self._booted_seed = None  # until all of this is done
        self._forget()
        if spare:
            self._ale, self._boot_state, self._boot_screen = spare.ale, spare.state, spare.screen
            self._put_at_boot()
        else:
            self._load_rom(path, seed)
            self._boot_state = self._ale.cloneState(include_rng=True)
            self._boot_screen = self._ale.getScreen()
            self._begin(self._boot_screen)
        self._booted_seed = self._ale_seed = seed
        self._loaded_revision = self.revision
        if not self.sound:
            self._loaded = spare or Loaded(
                cartridge, self._ale, self._boot_state, self._boot_screen
            )
            keep(self._loaded)

    def _forget(self) -> None:
        """Let nobody else get this console: it has failed, or loads another ROM."""
        if self._loaded:
            forget(self._loaded)
            self._loaded = None

    def _load_rom(self, path: Path, seed: int) -> None:
        if ALEInterface.isSupportedROM(path) is None:
            # loadROM would exit the process.
            raise EmulatorError(f"ALE cannot play {self.game.id}")
        self._ale.setInt("random_seed", seed)
        self._ale.setFloat("repeat_action_probability", 0.0)
        self._ale.setBool("sound_obs", self.sound)
        self._ale.loadROM(path)
        # ALE cannot set every default (backgammon's difficulty).
        if self.mode != self.game.default_mode:
            self._ale.setMode(self.mode)
        if self.difficulty != self.game.default_difficulty:
            self._ale.setDifficulty(self.difficulty)
        self._ale.reset_game()

    def _begin(self, screen: Bytes, codes: bytes = b"", strengths: Iterable[float] = ()) -> None:
        """Record that ALE is now in a boot or saved state, and the inputs that led to it."""
        self._held_screen = screen
        self._held_audio = True
        self._codes[:], self._strengths[:] = codes, array("f", strengths)
        self._first_frame = self._ale.getFrameNumber() - len(codes)
        self._look()

    def _look(self) -> None:
        """Read the counters of ALE's current state."""
        ale = self._ale
        self.frames = len(self._codes)
        self.lives = ale.lives()
        self.episode_frame_number = ale.getEpisodeFrameNumber()
        self.game_over = ale.game_over(with_truncation=False)
        self.revision += 1
