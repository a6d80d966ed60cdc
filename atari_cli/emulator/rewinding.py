"""An emulator that can go back to any frame since its boot."""

import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from ale_py import ALEState

from atari_cli.actions import NOOP
from atari_cli.emulator.console import Emulator
from atari_cli.emulator.quirks import WITHOUT_KEYFRAMES
from atari_cli.errors import EmulatorError
from atari_cli.model import Bytes

KEYFRAME_INTERVAL: Final = 60
"""Frames between keyframes: an hour takes 2 MB, and going back one frame replays about 32."""

_SETTLING: Final = 2
"""Frames to play after a keyframe until the state is exact (docs/determinism.md)."""


class _Keyframe(NamedTuple):
    frames: int
    state: bytes


class RewindingEmulator(Emulator):
    """An `Emulator` that keeps keyframes while it plays, so that it can go back.

    Screen, RAM and all later frames are then exact. ALE's states do not contain the sound, which is
    exact again once the game has rewritten its registers.
    """

    def __init__(self, *cartridge: Any, **settings: Any) -> None:
        self._keyframes: list[_Keyframe] = []
        self._next_keyframe = KEYFRAME_INTERVAL
        super().__init__(*cartridge, **settings)

    def act(self, code: int, strength: float = 1.0, frames: int = 1) -> int:
        """Emulate frames of one action and return their reward, as `Emulator.act` does.

        Args:
            code: As in `Emulator.act`.
            strength: As in `Emulator.act`.
            frames: As in `Emulator.act`.
        """
        reward = super().act(code, strength, frames)
        if self.frames >= self._next_keyframe:
            self._add_keyframe()
        return reward

    @property
    def has_keyframes(self) -> bool:
        """Whether going back is quick; otherwise everything since the boot is played again."""
        return self.game.id not in WITHOUT_KEYFRAMES

    def rewind(self, frames: int) -> None:
        """Go back to a number of frames since the boot, and discard all later frames.

        Raises:
            EmulatorError: If fewer frames have been played.
        """
        WayBack(self, frames).go_on()

    def put_before(self, frames: int) -> None:
        """Go to the latest state, before a frame that was played, from which it can be reached."""
        after = bisect_right(self._keyframes, frames - _SETTLING, key=lambda key: key.frames)
        keyframes = self._keyframes[:after]
        if keyframes:
            self._go_to(keyframes[-1])
            self._keyframes = keyframes
        elif self._ale_seed == self._booted_seed:
            self._put_at_boot()
        else:
            self._load(self._ale_seed)

    def _add_keyframe(self) -> None:
        """Keep the current state, without ALE's random generator, which is not used during play."""
        if not self.has_keyframes:
            return
        state = self._ale.cloneState(include_rng=False).serialize()
        # States of a game are alike, so with a dictionary one takes a twentieth of the memory.
        deflate = zlib.compressobj(level=1, zdict=self._dictionary)
        packed = deflate.compress(state) + deflate.flush()
        self._keyframes.append(_Keyframe(self.frames, packed))
        self._next_keyframe = self.frames + KEYFRAME_INTERVAL

    def _go_to(self, keyframe: _Keyframe) -> None:
        inflate = zlib.decompressobj(zdict=self._dictionary)
        state = ALEState(inflate.decompress(keyframe.state))
        # ALE's states lack whether the last frame was finished; after an act it is.
        self._ale.restoreState(state)
        self._ale.act(NOOP, 1.0)
        self._ale.restoreState(state)
        codes, strengths = self._codes[: keyframe.frames], self._strengths[: keyframe.frames]
        self._begin(self._boot_screen, bytes(codes), strengths)

    def _load(self, seed: int) -> None:
        super()._load(seed)
        self._dictionary = self._ale.cloneState(include_rng=False).serialize()

    def _begin(self, screen: Bytes, codes: bytes = b"", strengths: Iterable[float] = ()) -> None:
        super()._begin(screen, codes, strengths)
        self._keyframes = []
        self._next_keyframe = self.frames + KEYFRAME_INTERVAL


class WayBack:
    """The inputs that lead to an earlier frame of an emulator, to be played again bit by bit.

    Until it has arrived, the emulator is at another frame; nothing else may move it.

    Args:
        emulator: The emulator.
        frames: The earlier frame: a number of frames since the boot.

    Raises:
        EmulatorError: If fewer frames have been played.
    """

    def __init__(self, emulator: RewindingEmulator, frames: int) -> None:
        if not 0 <= frames <= emulator.frames:
            raise EmulatorError(f"expected a frame from 0 to {emulator.frames}, got {frames}")
        codes, strengths = emulator.inputs
        self._codes, self._strengths = codes[:frames], strengths[:frames]
        self._emulator = emulator
        self._has_set_out = frames == emulator.frames

    @property
    def part(self) -> float:
        """How much of the way is done, from 0.0 to 1.0."""
        return self._emulator.frames / max(1, len(self._codes)) if self._has_set_out else 0.0

    def shorten(self, frames: int) -> None:
        """Go back to a frame before the one that was aimed at."""
        del self._codes[frames:], self._strengths[frames:]
        self._has_set_out = self._has_set_out and self._emulator.frames <= frames

    def go_on(self, has_time: Callable[[], bool] = lambda: True) -> bool:
        """Play more of the way and return whether it is done.

        Args:
            has_time: Whether there is time for more; some frames are played in any case.

        Raises:
            EmulatorError: If the game ends on the way, as it did not before.
        """
        emulator, goal = self._emulator, len(self._codes)
        if not self._has_set_out:
            emulator.put_before(goal)
            self._has_set_out = True
        while (here := emulator.frames) < goal:
            emulator.act(self._codes[here], self._strengths[here], self._equal(here))
            if emulator.frames == here:
                raise EmulatorError(
                    f"the game was over at frame {here}, but not when it was played"
                )
            if not has_time():
                break
        return emulator.frames == goal

    def _equal(self, here: int) -> int:
        """Return how many frames from here on have the same input, up to the next keyframe."""
        codes, strengths = self._codes, self._strengths
        code, strength, end = codes[here], strengths[here], here + 1
        last = min(len(codes), here + KEYFRAME_INTERVAL - here % KEYFRAME_INTERVAL)
        while end < last and codes[end] == code and strengths[end] == strength:
            end += 1
        return end - here
