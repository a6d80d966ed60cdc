"""Saved states of emulators and environments, checked part by part when they are read.

They may come from anywhere: for any bytes, reading raises InvalidState or returns a state on which
`restore` can rely.
"""

import json
import struct
import zlib
from array import array
from itertools import accumulate, pairwise
from typing import Any, Final, NamedTuple, Self

from atari_cli.actions import STRONGEST
from atari_cli.config import EnvironmentConfig
from atari_cli.errors import InvalidState
from atari_cli.validation import check_seed

_ENVIRONMENT: Final = b"ATARI-ENVIRONMENT-1\n"
_EMULATOR: Final = b"ATARI-EMULATOR-1\n"
_CODES: Final = bytes(range(18))


class SavedState(NamedTuple):
    """A console's whole state.

    Attributes:
        console: Must be the same to continue from it: game, MD5, mode and difficulty.
        ale: The version of ale_py; another version may continue from the inputs alone.
        ale_seed: The seed of ALE's own generator at the boot.
        codes: The action code of each frame since the boot.
        strengths: The paddle strength of each of these frames.
        state: ALE's own state; empty where ALE's is incomplete.
        screen: The screen's palette indices.
    """

    console: dict[str, str | int]
    ale: str
    ale_seed: int
    codes: bytes
    strengths: "array[float]"
    state: bytes
    screen: bytes

    def pack(self) -> bytes:
        """Return the state as bytes."""
        header = {"console": self.console, "ale": self.ale, "ale_seed": self.ale_seed}
        text = json.dumps(header).encode()
        strengths = self.strengths.tobytes()
        return pack(_EMULATOR, text, self.codes, strengths, self.state, self.screen)

    @classmethod
    def unpack(cls, packed: bytes, console: dict[str, str | int], screen_size: int) -> Self:
        """Return the state in packed bytes.

        Args:
            packed: The bytes from `pack`.
            console: The console for which the state is wanted.
            screen_size: Pixels of its screen.

        Raises:
            InvalidState: If the bytes are damaged or are the state of another console.
        """
        try:
            text, codes, strengths, state, screen = unpack(_EMULATOR, packed, parts=5)
            header = json.loads(text)
            values = array("f", strengths)
            saved = cls(
                header["console"], header["ale"], header["ale_seed"], codes, values, state, screen
            )
            is_whole = (
                type(saved.ale_seed) is int
                and abs(saved.ale_seed) < 2**31
                and len(codes) == len(values)
                and not codes.translate(None, _CODES)
                and all(0.0 <= strength <= STRONGEST for strength in set(values))
            )
        except (LookupError, TypeError, ValueError, RecursionError) as error:
            raise InvalidState(f"the saved state is inconsistent: {error}") from error
        if saved.console != console:
            raise InvalidState(f"expected a state of {console}, got one of {saved.console}")
        if not is_whole or len(screen) != screen_size:
            raise InvalidState("the saved state is inconsistent: its parts do not fit")
        return saved


def pack_environment(header: dict[str, Any], emulator_state: bytes) -> bytes:
    """Return an environment's state as bytes.

    Args:
        header: The environment's own fields.
        emulator_state: The bytes from `Emulator.save`.
    """
    return pack(_ENVIRONMENT, json.dumps(header).encode(), emulator_state)


def unpack_environment(saved: bytes) -> tuple[dict[str, Any], EnvironmentConfig, bytes]:
    """Return an environment's fields, its settings and its emulator's state.

    Raises:
        InvalidState: If the bytes are damaged or their fields are inconsistent.
    """
    text, emulator_state = unpack(_ENVIRONMENT, saved, parts=2)
    try:
        header = json.loads(text)
        config = EnvironmentConfig(**header["config"])
        root, used = header["seeds"]
        counters = [header[name] for name in ("seed", "sticky_drawn", "steps")]
        for number in (*counters, root, used):
            check_seed("a number of the state", number)
        kinds = [type(header[name]) for name in ("score", "last_action", "episode_id")]
        kinds += [type(value) for value in header["outcome"]]
    except (LookupError, TypeError, ValueError, RecursionError) as error:
        raise InvalidState(f"the saved state is inconsistent: {error}") from error
    if kinds != [float, int, str, float, bool, bool]:
        raise InvalidState("the saved state is inconsistent: its fields are of other types")
    return header, config, emulator_state


_NUMBER: Final = struct.Struct("<I")
_MAX_BYTES: Final = 256 << 20
"""Days of play; a larger state was made to fill the memory."""


def pack(magic: bytes, *parts: bytes) -> bytes:
    """Return the parts as one compressed byte string.

    Args:
        magic: The beginning of the bytes, which names the format.
        parts: The parts.
    """
    lengths = b"".join(_NUMBER.pack(len(part)) for part in parts)
    body = zlib.compress(_NUMBER.pack(len(parts)) + lengths + b"".join(parts), level=1)
    return magic + _NUMBER.pack(zlib.crc32(body)) + body


def unpack(magic: bytes, packed: bytes, parts: int) -> list[bytes]:
    """Return the parts that `pack` was given.

    Args:
        magic: The beginning of the bytes.
        packed: The bytes.
        parts: The number of parts.

    Raises:
        InvalidState: If the bytes are incomplete, start with another magic or have another
            number of parts.
    """
    if not isinstance(packed, bytes | bytearray):
        raise InvalidState(f"expected the bytes of a saved state, got {type(packed).__name__}")
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
