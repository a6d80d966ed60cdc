"""Parts come out of the container as they went in, or not at all."""

import struct
import zlib

import pytest

from atari_cli.errors import InvalidState
from atari_cli.packing import pack, unpack


def test_parts_come_back() -> None:
    parts = [b"", b"one", bytes(100_000)]
    packed = pack(b"MAGIC", *parts)
    assert unpack(b"MAGIC", packed, 3) == parts
    assert len(packed) < 1000


def test_damage_is_noticed() -> None:
    packed = pack(b"MAGIC", b"some bytes", b"more")
    for wrong in (b"", b"MAGIC", packed[:-1], packed[:7], packed.replace(b"M", b"N", 1)):
        with pytest.raises(InvalidState):
            unpack(b"MAGIC", wrong, 2)
    for index in range(5, len(packed)):
        flipped = bytearray(packed)
        flipped[index] ^= 0x10
        with pytest.raises(InvalidState, match="damaged"):
            unpack(b"MAGIC", bytes(flipped), 2)


def signed(content: bytes) -> bytes:
    """Return a container whose checksum fits whatever it holds."""
    body = zlib.compress(content)
    return b"MAGIC" + struct.pack("<I", zlib.crc32(body)) + body


@pytest.mark.parametrize(
    "content",
    [
        b"",
        struct.pack("<I", 2**32 - 1),
        struct.pack("<III", 2, 1, 2) + b"12",
        struct.pack("<II", 1, 2) + b"12",
        pytest.param(bytes(300 << 20), marks=pytest.mark.slow),
    ],
    ids=["nothing", "too many parts", "too short", "another number of parts", "a bomb"],
)
def test_what_was_made_to_deceive_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidState, match="damaged"):
        unpack(b"MAGIC", signed(content), 2)
