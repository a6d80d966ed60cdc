"""Several byte strings in one, with a checksum: the container of saved states."""

import struct
import zlib
from typing import Final

from atari_cli.errors import InvalidState

_NUMBER: Final = struct.Struct("<I")


def pack(magic: bytes, *parts: bytes) -> bytes:
    """Return the parts as one byte string that starts with `magic`, compressed."""
    lengths = b"".join(_NUMBER.pack(len(part)) for part in parts)
    body = zlib.compress(_NUMBER.pack(len(parts)) + lengths + b"".join(parts), level=1)
    return magic + _NUMBER.pack(zlib.crc32(body)) + body


def unpack(magic: bytes, packed: bytes) -> list[bytes]:
    """Return the parts that `pack` was given.

    Raises:
        InvalidState: If the bytes are not whole or start with another magic.
    """
    body = packed[len(magic) + _NUMBER.size :]
    if not packed.startswith(magic) or len(packed) < len(magic) + _NUMBER.size:
        raise InvalidState(f"expected bytes that start with {magic!r}, got {packed[:16]!r}")
    if packed[len(magic) : len(magic) + _NUMBER.size] != _NUMBER.pack(zlib.crc32(body)):
        raise InvalidState("the saved state is damaged: its checksum does not fit")
    content = zlib.decompress(body)
    (count,) = _NUMBER.unpack_from(content)
    offset = _NUMBER.size * (1 + count)
    parts = []
    for index in range(count):
        (length,) = _NUMBER.unpack_from(content, _NUMBER.size * (1 + index))
        parts.append(content[offset : offset + length])
        offset += length
    return parts
