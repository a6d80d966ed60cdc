"""A given array is taken as it is or refused; none is made of the right shape."""

import numpy as np
import pytest

from atari_cli.emulator.arrays import buffer
from atari_cli.errors import EmulatorError


def test_a_new_array_has_the_shape_and_a_given_one_is_returned() -> None:
    made = buffer(None, (3, 4))
    assert (made.shape, made.dtype) == ((3, 4), np.uint8)
    assert buffer(made, (3, 4)) is made


@pytest.mark.parametrize(
    "out",
    [np.empty((4, 3), np.uint8), np.empty((3, 4), np.int8), np.empty((3, 8), np.uint8)[:, ::2]],
)
def test_an_array_that_does_not_fit_is_refused(out: np.ndarray) -> None:
    with pytest.raises(EmulatorError, match=r"contiguous uint8 array of shape \(3, 4\)"):
        buffer(out, (3, 4))
