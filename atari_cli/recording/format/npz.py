"""Writing NPZ files in constant memory: rows are spooled to disk until their number is known."""

import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

_CHUNK: Final = 1 << 20
_FAST: Final = 1
_SMALL: Final = 9


class Spool:
    """Bytes appended piece by piece to an unnamed, compressed file that vanishes with the process.

    Args:
        folder: The folder of the final file, so that a full disk is noticed during the episode.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # open until `close`
        self._deflate = zlib.compressobj(_FAST)

    def append(self, data: bytes | memoryview) -> None:
        """Append bytes."""
        self._file.write(self._deflate.compress(data))

    def chunks(self) -> Iterator[bytes]:
        """Yield all bytes in pieces of at most 1 MiB; nothing can be appended afterwards."""
        self._file.write(self._deflate.flush())
        self._file.seek(0)
        inflate = zlib.decompressobj()
        while packed := inflate.unconsumed_tail or self._file.read(_CHUNK):
            yield inflate.decompress(packed, _CHUNK)
        yield inflate.flush()

    def close(self) -> None:
        """Close the file, whatever state it is in."""
        # Buffered data may not fit on a full disk, and is no longer needed.
        with suppress(OSError):
            self._file.close()


class NpzWriter:
    """An NPZ file that numpy's `load` reads, complete at the end of the `with` block.

    Args:
        file: The open file, which stays open.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __enter__(self) -> Self:
        self._archive = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)
        return self

    def __exit__(self, error: type[BaseException] | None, *rest: object) -> None:
        if error is None:
            self._archive.close()
        else:
            with suppress(OSError, ValueError):
                self._archive.close()

    def add(self, name: str, values: NDArray[Any]) -> None:
        """Write an array with the best compression.

        Args:
            name: Name of the array.
            values: The array.
        """
        data = np.ascontiguousarray(values)
        self.stream(name, data.dtype, data.shape, [data.tobytes()], is_large=False)

    def stream(
        self,
        name: str,
        dtype: np.dtype[Any],
        shape: tuple[int, ...],
        chunks: Iterable[bytes],
        is_large: bool = True,
    ) -> None:
        """Write an array given as chunks of bytes.

        Args:
            name: Name of the array.
            dtype: Its dtype.
            shape: Its shape.
            chunks: Its bytes, in order.
            is_large: Whether it may exceed 2 GiB, and fast compression matters most.
        """
        self._archive.compresslevel = _FAST if is_large else _SMALL
        description = np.lib.format.dtype_to_descr(dtype)
        head = {"descr": description, "fortran_order": False, "shape": shape}
        # A member beyond 2 GiB needs the fields of ZIP64; elsewhere they are dead weight.
        with self._archive.open(f"{name}.npy", "w", force_zip64=is_large) as member:
            np.lib.format.write_array_header_1_0(member, head)
            for chunk in chunks:
                member.write(chunk)
