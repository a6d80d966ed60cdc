"""Reading untrusted recordings: strictly, in bounded memory, and executing nothing.

A file must contain exactly the arrays that follow from its header, in their dtypes and shapes. The
size that a ZIP member declares is checked before it is unpacked, and no more is read.
"""

import io
import json
import math
import os
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from atari_cli.config import EnvironmentConfig
from atari_cli.errors import InvalidRecording, RecordingError
from atari_cli.games import find_game
from atari_cli.model import Bytes
from atari_cli.recording.format.schema import (
    DTYPES,
    FORMAT,
    PICTURES,
    VERSION,
    Episode,
    array_shapes,
    check_header,
    check_machine,
    digest,
)
from atari_cli.validation import as_path, whole_number

MAX_HEADER_BYTES: Final = 1_000_000
MAX_FRAMES: Final = 10_000_000
MAX_DIRECTORY_BYTES: Final = 10_000

_TOTALS: Final = {
    "steps": int,
    "frames": int,
    "score": float,
    "terminated": bool,
    "truncated": bool,
}
_LONGEST_END: Final = 76 + 22 + 65_535
"""The longest end of a ZIP file, with the records of ZIP64 and a comment."""

_NPY_HEAD: Final = re.compile(
    r"\{'descr': '(?P<dtype>[|<>=\w\[\]]+)', 'fortran_order': (?P<order>True|False), "
    r"'shape': \((?P<shape>[\d, ]*)\), \} *\n"
)
"""The header of an array as numpy writes it; numpy's own reader evaluates it as Python."""

_BYTES: Final = np.dtype("u1")
_STREAMED: Final = ("screens", "ram")
_UNNAMED: Final = "the recording"
_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,  # InvalidSetting and UnknownGame too
    TypeError,
    LookupError,
    OverflowError,
    RuntimeError,  # encryption, unknown compression, JSON nested too deep
)
"""Exceptions of zipfile, numpy, json and our checks on damaged or foreign bytes."""


@dataclass(frozen=True)
class Recording(Episode):
    """A recording read from a file; screens and RAM stay in the file.

    Attributes:
        header: The header, as described in docs/recording-format.md.
        arrays: The arrays by name, without screens and RAM.
        path: The file.
        has_screens: Whether the file has screens, RAM and palette.
    """

    path: Path
    has_screens: bool

    def screens(self) -> Iterator[Bytes]:
        """Yield the screen after the reset and each step: palette indices, (height, 160) uint8.

        Raises:
            RecordingError: If it was recorded without screens.
            InvalidRecording: If it is damaged.
        """
        return self._rows("screens")

    def ram(self) -> Iterator[Bytes]:
        """Yield the RAM after the reset and each step, (128,) uint8.

        Raises:
            RecordingError: As `screens`.
        """
        return self._rows("ram")

    def pictures(self) -> dict[str, Iterator[Bytes]]:
        """Return `screens` and `ram` by these names; empty if the file has none."""
        return {"screens": self.screens(), "ram": self.ram()} if self.has_screens else {}

    def _rows(self, name: str) -> Iterator[Bytes]:
        if not self.has_screens:
            raise RecordingError(f"{self.path} was recorded without screens and RAM")
        shape = array_shapes(self.game, self.steps, len(self.arrays["frame_actions"]))[name]
        with _archive(self.path) as archive, _member(archive, name, DTYPES[name], shape) as member:
            for _ in range(shape[0]):
                yield _values(member, DTYPES[name], shape[1:])


def load_recording(path: Path | str, any_version: bool = False) -> Recording:
    """Return a recording after checking that it is complete and unchanged.

    Args:
        path: The NPZ file.
        any_version: Accept another ale_py or ROM; the recording may then not replay.

    Raises:
        InvalidSetting: If `path` is not a path.
        InvalidRecording: If the file is not a complete, unchanged recording.
        RecordingError: If it cannot be read, or was made with another ale_py or ROM.
    """
    path = as_path("path", path)
    with _archive(path) as archive:
        header, arrays, has_screens = _contents(archive, path, any_version)
    return Recording(header, arrays, path, has_screens)


def read_episode(content: bytes) -> Episode:
    """Return the recording that a file contains, checked as `load_recording` does.

    Raises:
        InvalidRecording: If it is not a complete, unchanged recording.
        RecordingError: If it was made with another ale_py or ROM.
    """
    with _archive(content) as archive:
        header, arrays, _ = _contents(archive, _UNNAMED, any_version=False)
    return Episode(header, arrays)


def load_header(source: Path | str | bytes) -> dict[str, Any]:
    """Read the header alone: a recording's own description, quick to read and unverified.

    Args:
        source: The NPZ file, or its content.

    Raises:
        InvalidRecording: If the file is not a recording.
        RecordingError: If it cannot be read.
    """
    with _archive(source if isinstance(source, bytes) else Path(source)) as archive:
        return _header(archive)


def _contents(
    archive: zipfile.ZipFile, name: Path | str, any_version: bool
) -> tuple[dict[str, Any], dict[str, NDArray[Any]], bool]:
    """Return the header, the arrays but screens and RAM, and whether it has these."""
    header = _header(archive)
    if not any_version:
        check_machine(header, name)
    shapes = _shapes(archive, header)
    arrays = {}
    for array, shape in shapes.items():
        with _member(archive, array, DTYPES[array], shape) as member:
            if array not in _STREAMED:
                arrays[array] = _values(member, DTYPES[array], shape)
    if (arrays["actors"] > 1).any():
        raise ValueError("it has an actor other than 0, a policy, and 1, a human")
    if header["digest"] != digest(header, arrays):
        raise ValueError("it was changed: the digest does not match header and inputs")
    return header, arrays, "screens" in shapes


@contextmanager
def _archive(source: Path | bytes) -> Iterator[zipfile.ZipFile]:
    """Open a ZIP file, or its content; damage found in the block is an InvalidRecording."""
    name = _UNNAMED if isinstance(source, bytes) else source
    with io.BytesIO(source) if isinstance(source, bytes) else _opened(source) as file:
        try:
            _check_directory(file)
            with zipfile.ZipFile(file) as archive:
                yield archive
        except _DAMAGE as error:
            reason = " ".join(str(error).split())[:300]
            raise InvalidRecording(
                f"{name} is not a whole recording: {reason or type(error).__name__}"
            ) from error


def _opened(path: Path) -> IO[bytes]:
    try:
        if path.exists() and not path.is_file():
            raise RecordingError(f"cannot read {path}: it is not a regular file")
        return path.open("rb")
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {error.strerror or error}") from error


def _check_directory(file: IO[bytes]) -> None:
    """Check the size of the ZIP file's directory, which zipfile reads whole."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - _LONGEST_END))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    (size,) = struct.unpack_from("<I", tail, end + 12) if end >= 0 else (0,)
    if tail[end - 20 : end].startswith(b"PK\x06\x07"):  # the sizes of ZIP64 come before
        (size,) = struct.unpack_from("<Q", tail, end - 36)
    if size > MAX_DIRECTORY_BYTES:
        raise ValueError(f"its directory has {size} bytes, which is more than a recording's")


def _header(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Return the header, with everything checked that later code relies on."""
    with archive.open(_info(archive, "header")) as member:
        shape, dtype = _description(member)
        if dtype != _BYTES.str or len(shape) != 1 or shape[0] > MAX_HEADER_BYTES:
            raise ValueError(f"header is {dtype} of shape {shape}, expected bytes of JSON")
        text = _values(member, _BYTES, shape).tobytes()
    header = json.loads(text, parse_constant=_no_number, parse_float=_finite)
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ValueError(f"its header does not say {FORMAT}")
    if type(header.get("version")) is not int or header["version"] != VERSION:
        raise ValueError(
            f"it has format version {header.get('version')!r}, but version {VERSION} was expected; "
            "a newer atari may read it"
        )
    check_header(header)
    _check_totals(header["totals"], EnvironmentConfig(**header["settings"]))
    return header


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"its header has {name}, which is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def _check_totals(totals: Any, config: EnvironmentConfig) -> None:
    if {name: type(value) for name, value in dict(totals).items()} != _TOTALS:
        raise ValueError("its totals are invalid")
    whole_number(0, MAX_FRAMES)("frames", totals["frames"])
    whole_number(0, totals["frames"])("steps", totals["steps"])
    # A replay plays as many frames as follow from the steps, not those that the file has.
    frames, steps, frameskip = totals["frames"], totals["steps"], config.frameskip
    least = (steps - 1) * frameskip + 1 if steps else 0  # the game may end within the last step
    if not least <= frames <= steps * frameskip + config.noop_max:
        raise ValueError(f"{frames} frames do not fit {steps} steps of {frameskip} frames")


def _shapes(archive: zipfile.ZipFile, header: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return the shape of each array after checking that the file has exactly these."""
    totals = header["totals"]
    shapes = array_shapes(find_game(header["game"]), totals["steps"], totals["frames"])
    members = archive.namelist()
    if "screens.npy" not in members:
        shapes = {name: shape for name, shape in shapes.items() if name not in PICTURES}
    expected = Counter(f"{name}.npy" for name in ("header", *shapes))
    found = Counter(members)
    if found != expected:
        missing, others = list(expected - found), list(found - expected)
        raise ValueError(f"missing arrays: {missing}; unexpected arrays: {others}")
    return shapes


@contextmanager
def _member(
    archive: zipfile.ZipFile, name: str, dtype: np.dtype[Any], shape: tuple[int, ...]
) -> Iterator[IO[bytes]]:
    """Open an array at its first value after checking its dtype, shape and size."""
    info = _info(archive, name)
    with archive.open(info) as member:
        found = _description(member)
        if found != (shape, dtype.str):
            expected = f"expected {dtype.str} of shape {shape}"
            raise ValueError(f"{name} is {found[1]} of shape {found[0]}, {expected}")
        if info.file_size != member.tell() + prod(shape) * dtype.itemsize:
            raise ValueError(f"{name} declares {info.file_size} bytes, which is not its size")
        yield member


def _info(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    info = archive.getinfo(f"{name}.npy")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{name} has an unsupported compression")
    return info


def _description(member: IO[bytes]) -> tuple[tuple[int, ...], str]:
    """Return shape and dtype from the header of an NPY file, without evaluating it."""
    magic, length = struct.unpack("<8sH", member.read(10))
    if magic != b"\x93NUMPY\x01\x00":
        raise ValueError("an array is not in NPY version 1.0")
    match = _NPY_HEAD.fullmatch(member.read(length).decode("latin-1"))
    if match is None:
        raise ValueError("an array's header is not as numpy writes it")
    shape = tuple(int(size) for size in match["shape"].split(",") if size.strip())
    if match["order"] == "True" and len(shape) > 1:
        raise ValueError("an array is not in row-major order")
    return shape, match["dtype"]


def _values(member: IO[bytes], dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    size = prod(shape) * dtype.itemsize
    data = member.read(size)
    if len(data) < size:
        raise EOFError("it is truncated")
    return np.frombuffer(data, dtype).reshape(shape)
