"""Arrays that are made or filled."""

import numpy as np

from atari_cli.errors import EmulatorError
from atari_cli.model import Bytes


def buffer(out: Bytes | None, shape: tuple[int, ...]) -> Bytes:
    """Return `out`, or a new uint8 array of that shape if there is none.

    Raises:
        EmulatorError: If `out` has another shape or dtype, or is not contiguous.
    """
    if out is None:
        return np.empty(shape, np.uint8)
    if out.shape != shape or out.dtype != np.uint8 or not out.flags.c_contiguous:
        raise EmulatorError(
            f"expected a contiguous uint8 array of shape {shape}, "
            f"got {out.dtype} of shape {out.shape}"
        )
    return out
