"""An Atari 2600 with a cartridge: the only code that calls ALE.

ALE ends or crashes the process on some incorrect calls and is not exact after a reset or a restore
(docs/determinism.md). Here incorrect use raises, and the state depends only on the cartridge and
the inputs since the boot.
"""

from atari_cli.emulator.console import RAM_SIZE, SAMPLES_PER_FRAME, SILENCE, Emulator
from atari_cli.emulator.quirks import SEEDED_MODES, STATE_INCOMPLETE, WITHOUT_KEYFRAMES
from atari_cli.emulator.rewinding import RewindingEmulator, WayBack
from atari_cli.emulator.spares import Cartridge, has_spare

__all__ = [
    "RAM_SIZE",
    "SAMPLES_PER_FRAME",
    "SEEDED_MODES",
    "SILENCE",
    "STATE_INCOMPLETE",
    "WITHOUT_KEYFRAMES",
    "Cartridge",
    "Emulator",
    "RewindingEmulator",
    "WayBack",
    "has_spare",
]
