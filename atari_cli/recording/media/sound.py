"""ALE's sound as ordinary PCM: signed, centred and without clicks between frames."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from atari_cli.emulator import SAMPLES_PER_FRAME, SILENCE
from atari_cli.model import Bytes

# R of the DC blocker: a high-pass at (1 - R) * rate / 2π, which is 24 Hz (NTSC) or 20 Hz (PAL).
_POLE: Final = 0.995
# ALE's samples are 128-255, so that the blocked signal is within ±127: the largest gain that fits.
_GAIN: Final = 256.0
_DECAY: Final = _POLE ** np.arange(1.0, SAMPLES_PER_FRAME + 1)


def sample_rate(fps: int) -> int:
    """Return the rate in Hz at which sound and pictures stay in sync: 512 samples per frame.

    ALE makes its samples for 31,400 Hz, so that this plays 2.2 % (NTSC) or 18.5 % (PAL) flat.
    """
    return SAMPLES_PER_FRAME * fps


class SoundFilter:
    """Turns the one-sided samples of successive frames into one continuous int16 signal.

    The TIA's voices lie wholly above silence, so that each note would begin and end with a thump.
    The DC blocker y[n] = x[n] - x[n-1] + R y[n-1] takes it away (J. O. Smith, Introduction to
    Digital Filters with Audio Applications, "DC Blocker"). Its state continues from frame to frame.
    """

    def __init__(self) -> None:
        self._sum = 0.0

    def convert(self, samples: Bytes) -> NDArray[np.int16]:
        """Return the next frame of the signal, (512,) int16.

        Args:
            samples: ALE's samples, (512,) uint8, silence at 128 and never below.
        """
        level = samples - float(SILENCE)
        # With w[n] = x[n] + R w[n-1], y[n] is w[n] - w[n-1], and w is a cumulative sum in numpy:
        # w[n] = R^(n+1) (w[-1] + x[0] / R + ... + x[n] / R^(n+1)).
        sums = _DECAY * (self._sum + np.cumsum(level / _DECAY))
        self._sum = float(sums[-1])
        blocked = (level - (1 - _POLE) * sums) / _POLE
        return np.rint(_GAIN * blocked).astype(np.int16)
