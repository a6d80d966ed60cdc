"""Parts come out of the container as they went in, or not at all."""

import pytest

from atari_cli.errors import InvalidState
from atari_cli.packing import pack, unpack


def test_parts_come_back() -> None:
    parts = [b"", b"one", bytes(100_000)]
    packed = pack(b"MAGIC", *parts)
    assert unpack(b"MAGIC", packed) == parts
    assert len(packed) < 1000


def test_damage_is_noticed() -> None:
    packed = pack(b"MAGIC", b"some bytes", b"more")
    for wrong in (b"", b"MAGIC", packed[:-1], packed[:7], packed.replace(b"M", b"N", 1)):
        with pytest.raises(InvalidState):
            unpack(b"MAGIC", wrong)
    for index in range(5, len(packed)):
        flipped = bytearray(packed)
        flipped[index] ^= 0x10
        with pytest.raises(InvalidState, match="damaged"):
            unpack(b"MAGIC", bytes(flipped))
