"""Several byte strings in one, with a checksum: the container of saved states."""

import struct
import zlib
from itertools import accumulate, pairwise
from typing import Final

from atari_cli.errors import InvalidState

_NUMBER: Final = struct.Struct("<I")
_MAX_BYTES: Final = 256 << 20
"""Days of play; a state that unpacks to more was made to fill the memory."""


def pack(magic: bytes, *parts: bytes) -> bytes:
    """Return the parts as one byte string that starts with `magic`, compressed."""
    lengths = b"".join(_NUMBER.pack(len(part)) for part in parts)
    body = zlib.compress(_NUMBER.pack(len(parts)) + lengths + b"".join(parts), level=1)
    return magic + _NUMBER.pack(zlib.crc32(body)) + body


def unpack(magic: bytes, packed: bytes, parts: int) -> list[bytes]:
    """Return the parts that `pack` was given.

    Raises:
        InvalidState: If the bytes are not whole, start with another magic or have not so many
            parts.
    """
    body = packed[len(magic) + _NUMBER.size :]
    if not packed.startswith(magic) or len(packed) < len(magic) + _NUMBER.size:
        raise InvalidState(f"expected bytes that start with {magic!r}, got {packed[:16]!r}")
    if packed[len(magic) : len(magic) + _NUMBER.size] != _NUMBER.pack(zlib.crc32(body)):
        raise InvalidState("the saved state is damaged: its checksum does not fit")
    try:
        inflate = zlib.decompressobj()
        content = inflate.decompress(body, _MAX_BYTES)
        (count,) = _NUMBER.unpack_from(content)
        lengths = struct.unpack_from(f"<{count}I", content, _NUMBER.size)
    except (zlib.error, struct.error) as error:
        raise InvalidState(f"the saved state is damaged: {error}") from error
    ends = [*accumulate(lengths, initial=_NUMBER.size * (1 + count))]
    if not inflate.eof or ends[-1] != len(content) or count != parts:
        raise InvalidState("the saved state is damaged: its parts do not fit")
    return [content[start:end] for start, end in pairwise(ends)]
