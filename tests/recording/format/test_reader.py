"""Only complete recordings are read; anything else is a clear error, and nothing is executed."""

import io
import json
import pickle
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atari_cli.errors import InvalidRecording, RecordingError
from atari_cli.recording import load_recording
from atari_cli.recording.format.schema import DTYPES, ale_version
from tests.recording.episodes import Arrays, plain, read_arrays, read_header, record, rewrite


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of Breakout with screens and strengths; tests work on copies."""
    return record(tmp_path_factory.mktemp("original"), "breakout", 20, noop_max=4)


@pytest.fixture
def copy(original: Path, tmp_path: Path) -> Path:
    path = tmp_path / "copy.npz"
    path.write_bytes(original.read_bytes())
    return path


def refusal(path: Path, **options: Any) -> str:
    """Return the one-line message that says why a file is refused."""
    with pytest.raises(InvalidRecording) as error:
        load_recording(path, **options)
    message = str(error.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message


def test_a_recording_is_read_in_the_same_way_as_by_numpy(original: Path) -> None:
    recording = load_recording(original)
    arrays = read_arrays(original)
    assert recording.header == read_header(original)
    assert recording.steps == 20
    assert recording.config.noop_max == 4
    assert recording.game.id == "breakout"
    for name, values in recording.arrays.items():
        assert np.array_equal(values, arrays[name]), name
        assert values.dtype == arrays[name].dtype == DTYPES[name]
    assert "screens" not in recording.arrays
    assert np.array_equal(np.stack(list(recording.screens())), arrays["screens"])
    assert np.array_equal(np.stack(list(recording.ram())), arrays["ram"])


def test_a_recording_rewritten_by_numpy_is_read_too(copy: Path) -> None:
    rewrite(copy, lambda header, arrays: None)
    assert load_recording(copy).steps == 20


def test_reading_screens_of_a_recording_without_them_is_an_error(tmp_path: Path) -> None:
    path = record(tmp_path, steps=3, config=plain(tmp_path, screens=False))
    recording = load_recording(str(path))
    assert not recording.has_screens
    with pytest.raises(RecordingError, match="recorded without screens"):
        next(recording.screens())


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot read .*none.npz: No such file"):
        load_recording(tmp_path / "none.npz")


def test_a_folder_is_not_a_recording(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot read"):
        load_recording(tmp_path)


class Trap:
    """Unpickling a trap marks that code was executed."""

    sprung = False

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return setattr, (Trap, "sprung", True)


def npz_bytes(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def zip_bytes(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return buffer.getvalue()


ESCAPE = b"{'descr': '\x1b[J', 'fortran_order': False, 'shape': (1,), }\n"
ESCAPING = b"\x93NUMPY\x01\x00" + bytes((len(ESCAPE), 0)) + ESCAPE + b"\0"
NESTED = np.frombuffer(b"[" * 500_000, np.uint8)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a zip file"),
        (b"PK\x03\x04 and no more", "not a zip file"),
        (pickle.dumps(Trap()), "not a zip file"),
        (zip_bytes(readme=b"hello"), "header.npy"),
        (npz_bytes(actions=np.zeros(3)), "header.npy"),
        (npz_bytes(header=np.array(Trap(), dtype=object)), "header is |O"),
        (npz_bytes(header=np.array("text")), "header is <U4"),
        (npz_bytes(header=np.frombuffer(b"no JSON", np.uint8)), "Expecting value"),
        (npz_bytes(header=np.frombuffer(b"\xff{}", np.uint8)), "decode"),
        (npz_bytes(header=np.frombuffer(b"[1]", np.uint8)), "does not say"),
        (npz_bytes(header=NESTED), "recursion"),
        (zip_bytes(header=b"\x93NUMPY\x01\x00\xff\xff{"), "not as numpy writes it"),
        (
            zip_bytes(header=b"\x93NUMPY\x01\x00\x10\x00" + b"__import__('os')"),
            "not as numpy writes it",
        ),
        (zip_bytes(header=b"\x93NUMPY\x01\x00\x04\x00(((("), "not as numpy writes it"),
        (zip_bytes(header=b"\x93NUMPY\x01"), "not a whole recording"),
        (zip_bytes(header=ESCAPING), "not as numpy writes it"),
        (zip_bytes(**{f"x{number}": b"" for number in range(1000)}), "its directory has"),
    ],
)
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "x.npz"
    path.write_bytes(content)
    assert reason in refusal(path, any_version=True)
    assert not Trap.sprung


def test_a_pickle_among_the_arrays_is_not_unpickled(copy: Path) -> None:
    arrays: dict[str, Any] = read_arrays(copy)
    arrays["actions"] = np.array([Trap()] * 20, dtype=object)
    np.savez(copy, **arrays)
    assert "actions is |O" in refusal(copy)
    assert not Trap.sprung


@pytest.mark.parametrize("size", [1, 100, 1000, -1000, -100, -22, -1])
def test_a_truncated_file_is_refused(copy: Path, size: int) -> None:
    copy.write_bytes(copy.read_bytes()[:size])
    refusal(copy)


def test_every_damaged_byte_raises_a_recording_error_if_any(copy: Path) -> None:
    data = copy.read_bytes()
    chance = random.Random(5)
    refused = 0
    for _ in range(200):
        damaged = bytearray(data)
        damaged[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        copy.write_bytes(damaged)
        try:
            for _ in load_recording(copy, any_version=True).screens():
                pass
        except RecordingError:
            refused += 1
    assert refused > 100


def drop(name: str) -> Callable[[dict[str, Any], Arrays], None]:
    def change(header: dict[str, Any], arrays: Arrays) -> None:
        del arrays[name]

    return change


@pytest.mark.parametrize("name", sorted(set(DTYPES) - {"screens", "ram", "palette"}))
def test_a_missing_array_is_named(copy: Path, name: str) -> None:
    rewrite(copy, drop(name))
    assert f"missing arrays: ['{name}.npy']; unexpected arrays: []" in refusal(copy)


def test_screens_without_ram_are_refused(copy: Path) -> None:
    rewrite(copy, drop("ram"))
    refusal(copy)


def test_an_unknown_array_is_refused(copy: Path) -> None:
    rewrite(copy, lambda header, arrays: arrays.update(extra=np.zeros(1)))
    assert "missing arrays: []; unexpected arrays: ['extra.npy']" in refusal(copy)


def test_a_duplicate_array_is_refused(copy: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(copy, "a") as archive:
        archive.writestr("actions.npy", archive.read("actions.npy"))
    assert "unexpected arrays: ['actions.npy']" in refusal(copy)


@pytest.mark.parametrize("name", DTYPES)
def test_an_array_of_another_shape_or_dtype_is_named(copy: Path, name: str) -> None:
    data = copy.read_bytes()
    rewrite(copy, lambda header, arrays: arrays.update({name: arrays[name][:-1]}))
    assert f"{name} is" in refusal(copy)
    copy.write_bytes(data)
    rewrite(copy, lambda header, arrays: arrays.update({name: arrays[name].astype("<i8")}))
    assert f"{name} is <i8" in refusal(copy)


def change_header(**values: Any) -> Callable[[dict[str, Any], Arrays], None]:
    return lambda header, arrays: header.update(values)


def change_settings(**values: Any) -> Callable[[dict[str, Any], Arrays], None]:
    return lambda header, arrays: header["settings"].update(values)


def change_totals(**values: Any) -> Callable[[dict[str, Any], Arrays], None]:
    return lambda header, arrays: header["totals"].update(values)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (change_header(format="other"), "does not say"),
        (change_header(version=2), "format version 2, but version 1 was expected"),
        (change_header(policy=5), "policy in its header is not plain text"),
        (change_header(seed=-1), "seed must be a whole number"),
        (change_header(seed="1"), "seed must be a whole number"),
        (change_header(settings=[]), "must be a mapping"),
        (change_header(totals={}), "totals"),
        (change_header(totals=None), "not iterable"),
        (change_header(game="nonesuch"), "nonesuch"),
        (change_header(game="pong"), "its game is 'pong'"),
        (change_header(game="Breakout"), "its game is 'Breakout'"),
        (change_settings(frameskip=0), "frameskip must be"),
        (change_settings(game="../../etc/passwd"), "its game is"),
        (change_settings(rom="x"), "unexpected keyword"),
        (change_totals(steps=21), "steps"),
        (change_totals(steps=10**9), "steps must be a whole number"),
        (change_totals(frames=10**9), "frames must be a whole number from 0 to 10000000"),
        (change_totals(frames=-1), "frames must be"),
        (change_settings(frameskip=1000), "frames do not fit 20 steps of 1000 frames"),
        (change_settings(frameskip=1), "frames do not fit 20 steps of 1 frames"),
        (change_totals(terminated=1), "totals"),
        (change_totals(score="many"), "totals"),
        (lambda header, arrays: header.pop("seed"), "seed"),
    ],
)
def test_an_invalid_header_is_refused(
    copy: Path, change: Callable[[dict[str, Any], Arrays], None], reason: str
) -> None:
    rewrite(copy, change)
    message = refusal(copy)
    if reason != "steps":
        assert reason in message


@pytest.mark.parametrize("name", ["actions", "actors", "frame_actions", "strengths"])
def test_changed_inputs_do_not_match_the_digest(copy: Path, name: str) -> None:
    def flip(header: dict[str, Any], arrays: Arrays) -> None:
        arrays[name][7] = 1 - arrays[name][7]

    rewrite(copy, flip, sign=False)
    assert "the digest does not match" in refusal(copy)


def test_an_unknown_actor_is_refused(copy: Path) -> None:
    rewrite(copy, lambda header, arrays: arrays["actors"].fill(7))
    assert "actor other than 0, a policy, and 1, a human" in refusal(copy)


@pytest.mark.parametrize("change", [change_header(policy="human"), change_totals(score=999.0)])
def test_a_changed_header_does_not_match_the_digest(
    copy: Path, change: Callable[[dict[str, Any], Arrays], None]
) -> None:
    rewrite(copy, change, sign=False)
    assert "the digest does not match" in refusal(copy)


def test_another_version_of_ale_is_an_error_unless_allowed(copy: Path) -> None:
    rewrite(copy, change_header(ale_py="0.1.2"))
    with pytest.raises(RecordingError, match="with ale_py 0.1.2.*ale-py==0.1.2") as error:
        load_recording(copy)
    assert ale_version() in str(error.value)
    assert load_recording(copy, any_version=True).header["ale_py"] == "0.1.2"


def npy_head(shape: tuple[int, ...]) -> bytes:
    head = {"descr": "|u1", "fortran_order": False, "shape": shape}
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, head)
    return buffer.getvalue()


def replace_member(path: Path, name: str, chunks: list[bytes]) -> None:
    """Rewrite a recording with one member made of chunks."""
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for filename, data in members.items():
            with archive.open(filename, "w", force_zip64=True) as member:
                for chunk in chunks if filename == f"{name}.npy" else [data]:
                    member.write(chunk)


MIB = bytes(1 << 20)


@pytest.mark.parametrize(
    ("name", "chunks"),
    [
        ("actions", [npy_head((1 << 26,)), *[MIB] * 64]),
        ("header", [npy_head((1 << 26,)), *[MIB] * 64]),
        ("screens", [npy_head((21, 210, 160)), *[MIB] * 64]),
        ("actions", [npy_head((20,)), *[MIB] * 64]),
    ],
)
def test_a_zip_bomb_is_refused_without_being_decompressed(
    copy: Path, name: str, chunks: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """64 MiB of zeros take 64 kB; only a little of them is ever read."""
    replace_member(copy, name, chunks)
    assert copy.stat().st_size < 200_000
    read = zipfile.ZipExtFile.read
    sizes = []

    def watched(self: zipfile.ZipExtFile, n: int = -1) -> bytes:
        data = read(self, n)
        sizes.append(len(data))
        return data

    monkeypatch.setattr(zipfile.ZipExtFile, "read", watched)
    refusal(copy)
    assert sum(sizes) < 10_000


def test_a_zip_bomb_that_lies_about_its_size_is_cut_off(copy: Path) -> None:
    """The directory promises the right size, but the compressed data contain 64 MiB."""
    size = len(npy_head((21, 210, 160))) + 21 * 210 * 160
    replace_member(copy, "screens", [npy_head((21, 210, 160)), *[MIB] * 64])
    data = copy.read_bytes()
    real = struct.pack("<I", len(npy_head((21, 210, 160))) + (1 << 26))
    directory = data.rindex(b"screens.npy")
    where = data.rindex(real, 0, directory)
    copy.write_bytes(data[:where] + struct.pack("<I", size) + data[where + 4 :])
    recording = load_recording(copy)
    with pytest.raises(InvalidRecording, match="CRC"):
        list(recording.screens())


def test_a_member_with_another_compression_is_refused(copy: Path) -> None:
    with zipfile.ZipFile(copy) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_LZMA) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    assert "unsupported compression" in refusal(copy)


def test_the_header_is_plain_json(original: Path) -> None:
    text = read_arrays(original)["header"].tobytes()
    assert json.loads(text)["format"] == "atari-recording"
    assert text.isascii()
