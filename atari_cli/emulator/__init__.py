"""One Atari 2600 with one cartridge: the only caller of ALE.

ALE ends or crashes the process on some wrong uses and is not exact on its own after a reset or a
restore (docs/determinism.md). Here a wrong use raises, and what runs follows from the cartridge
and the inputs since the boot alone.
"""

from atari_cli.emulator.console import (
    RAM_SIZE,
    SAMPLES_PER_FRAME,
    SILENCE,
    Emulator,
)
from atari_cli.emulator.quirks import SEEDED_MODES, STATE_INCOMPLETE
from atari_cli.emulator.rewinding import RewindingEmulator

__all__ = [
    "RAM_SIZE",
    "SAMPLES_PER_FRAME",
    "SEEDED_MODES",
    "SILENCE",
    "STATE_INCOMPLETE",
    "Emulator",
    "RewindingEmulator",
]
