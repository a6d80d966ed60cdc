"""NPZ files are written in the form that numpy reads, with any number of rows."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from atari_cli.recording.format.npz import NpzWriter, Spool


def test_a_spool_returns_all_bytes_in_small_pieces(tmp_path: Path) -> None:
    rows = [bytes(3_000_000), np.random.PCG64(1).random_raw(200_000).tobytes(), b"", b"end"]
    spool = Spool(tmp_path)
    for row in rows:
        spool.append(row)
    chunks = list(spool.chunks())
    spool.close()
    assert b"".join(chunks) == b"".join(rows)
    assert max(map(len, chunks)) <= 1 << 20


def test_a_spool_without_rows_is_empty(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    assert b"".join(spool.chunks()) == b""
    spool.close()


def test_numpy_reads_added_and_streamed_arrays(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    rows = np.arange(24, dtype=np.uint8).reshape(4, 2, 3)
    with path.open("wb") as file, NpzWriter(file) as npz:
        npz.add("flags", np.array([True, False]))
        npz.add("none", np.zeros(0, "<f4"))
        npz.stream("rows", rows.dtype, rows.shape, (row.tobytes() for row in rows))
    with np.load(path, allow_pickle=False) as file:
        assert file["flags"].tolist() == [True, False]
        assert file["none"].shape == (0,)
        assert np.array_equal(file["rows"], rows)


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    paths = [tmp_path / "a.npz", tmp_path / "b.npz"]
    for path in paths:
        with path.open("wb") as file, NpzWriter(file) as npz:
            npz.add("numbers", np.arange(10))
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_an_error_while_writing_leaves_a_zip_file(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    with pytest.raises(RuntimeError, match="stop"), path.open("wb") as file, NpzWriter(file) as npz:
        npz.add("numbers", np.arange(10))
        raise RuntimeError("stop")
    assert zipfile.is_zipfile(path)
