"""The journal of an episode that is being recorded, which survives if the process is killed.

It is a header and one record per step. Each is written immediately and unbuffered, unless the
caller writes several together, so that a kill loses no finished step. Going back in the game
appends a record of how many steps remain; nothing is ever removed. Every record has a checksum.
Reading ends at the first damaged or incomplete one: a kill leaves at most one that is incomplete,
and a power failure zeros.
"""

import json
import os
import struct
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, NoReturn, Self

import numpy as np

from atari_cli.config import RecordConfig
from atari_cli.errors import InvalidRecording, RecordingExists
from atari_cli.recording.format.schema import DTYPES, Episode, check_header
from atari_cli.recording.step_proof import StepProof
from atari_cli.system.files import BINARY, remove
from atari_cli.system.locking import Lock, try_lock, unlock
from atari_cli.system.shell import quoted

_ANY_VERSION: Final = b"ATARI-JOURNAL-"
_MAGIC: Final = _ANY_VERSION + b"1\n"
_CHECK: Final = struct.Struct("<II")  # CRC-32 and length of the record that follows
_STEP: Final = struct.Struct("<IBBH")  # state hash, action, actor, frames; then codes, strengths
_CUT: Final = struct.Struct("<I")  # how many steps stay; any step's record is longer
_ONE: Final = struct.pack("<f", 1.0)


@dataclass(frozen=True)
class JournalEpisode(Episode):
    """The episode in a journal: header without totals, inputs and hashes of its complete steps.

    Attributes:
        record: The files to write of the episode.
        damaged: Bytes from the first damaged record on, which cannot be read.
    """

    record: RecordConfig
    damaged: int


class Journal:
    """An open journal; no other process can recover or replace it until it is closed.

    `create` and `take_over` make one.

    Args:
        path: The journal's file.
        file: The file, opened and locked.
        is_locked: Whether it is; False on a file system without locks.

    Attributes:
        path: The journal's file.
        is_locked: Whether other processes know that it is in use.

    Raises:
        OSError: If the file cannot be written; in the methods.
    """

    def __init__(self, path: Path, file: int, is_locked: bool) -> None:
        self.path = path
        self.is_locked = is_locked
        self._file = file
        self._held: bytearray | None = None

    def __reduce__(self) -> NoReturn:
        raise TypeError("a recording in progress cannot be copied or pickled")

    @classmethod
    def create(cls, path: Path, header: dict[str, Any], config: RecordConfig) -> Self:
        """Begin a journal and return it.

        Args:
            path: The journal's file.
            header: The episode's header.
            config: The files to write of the episode when it is recovered.

        Raises:
            RecordingExists: If a journal exists there that is in use or waits to be recovered.
            OSError: If the file cannot be written.
        """
        journal = cls(path, *_create(path))
        content = {"header": header, "record": asdict(config) | {"out": str(config.out)}}
        try:
            journal._write(_MAGIC + _checked(json.dumps(content).encode()))
        except OSError:
            journal.remove()
            raise
        return journal

    @classmethod
    def take_over(cls, path: Path) -> Self | None:
        """Return the journal of a process that has ended; None if the process is still alive.

        On a file system without locks, it may be alive: `is_locked` is False.
        """
        file = os.open(path, os.O_RDWR | BINARY)
        lock = try_lock(file)
        if lock is not Lock.TAKEN and _is_at(file, path):
            return cls(path, file, lock is Lock.OURS)
        unlock(file)
        return None

    def append(self, proof: StepProof, action: int = 0, actor: int = 0) -> None:
        """Write a step; the first is the reset, which has no action.

        Args:
            proof: The proof after the step.
            action: The action as an ALE code.
            actor: `POLICY` or `HUMAN`.
        """
        step = _STEP.pack(proof.state_hash, action, actor, len(proof.codes))
        usual = proof.strengths == _ONE * len(proof.codes)
        self._write(_checked(step + proof.codes + (b"" if usual else proof.strengths)))

    def cut(self, steps: int) -> None:
        """Write that only the first steps remain and the later ones are discarded."""
        self._write(_checked(_CUT.pack(steps)))

    def hold(self) -> None:
        """Keep records in memory until `flush`."""
        self._held = bytearray()

    def flush(self) -> None:
        """Write the records since `hold`, with one call, and the later ones immediately."""
        held, self._held = self._held, None
        if held:
            self._write(held)

    def is_there(self) -> bool:
        """Return whether the file still exists; writing to a deleted one does not fail."""
        return _is_at(self._file, self.path)

    def close(self) -> None:
        """Stop writing and keep the file, to be recovered."""
        if self._file >= 0:
            unlock(self._file)
            self._file = -1

    def remove(self) -> None:
        """Stop writing and delete the file, or leave it empty if another program has it open."""
        # Emptied first, so that another process that takes it over has nothing to recover.
        os.ftruncate(self._file, len(_MAGIC))
        is_there = self.is_there()
        self.close()
        if is_there:
            with suppress(PermissionError):
                remove(self.path)

    def _write(self, data: bytes | bytearray) -> None:
        if self._held is not None:
            self._held += data
            return
        # A full disk accepts a part; writing the rest then raises the reason.
        while data:
            data = data[os.write(self._file, data) :]


def is_journal(path: Path) -> bool:
    """Return whether a file is a journal, of any version."""
    with path.open("rb") as file:
        return file.read(len(_ANY_VERSION)) == _ANY_VERSION


def read_journal(path: Path) -> JournalEpisode | None:
    """Return the episode of a journal up to its last complete step; None without steps.

    Raises:
        InvalidRecording: If the file is not a journal of this version of atari, or it is damaged
            before its second step.
    """
    data = path.read_bytes()
    if not data.startswith(_MAGIC[: len(data)]):
        raise InvalidRecording(
            "not a journal of this version of atari, or its first bytes are damaged"
        )
    records, rest = _whole_records(data)
    if not records:
        if not _is_beginning_of_header(rest):
            raise InvalidRecording("its header is damaged")
        return None
    try:
        content = json.loads(records[0])
        record = RecordConfig(**content["record"] | {"out": path.parent})
        check_header(content["header"])
        steps = _uncut(records[1:])
        damaged = 0 if _is_beginning_of_step(rest, content["header"]["settings"]) else len(rest)
        if len(steps) < 2:
            if damaged:
                raise InvalidRecording("its first step is damaged")
            return None
        return JournalEpisode(content["header"], _arrays(steps), record, damaged)
    except (LookupError, TypeError, ValueError, struct.error) as error:
        raise InvalidRecording(f"it is of another version of atari: {error}") from error


def _arrays(steps: list[bytes]) -> dict[str, "np.ndarray[Any, np.dtype[Any]]"]:
    """Return the arrays of the records; the first record is the reset."""
    fields = [_STEP.unpack_from(step) for step in steps]
    hashes, actions, actors, frames = zip(*fields, strict=True)
    tails = [step[_STEP.size :] for step in steps]
    codes = b"".join(tail[:count] for tail, count in zip(tails, frames, strict=True))
    strengths = b"".join(
        tail[count:] or _ONE * count for tail, count in zip(tails, frames, strict=True)
    )
    return {
        "actions": np.array(actions[1:], DTYPES["actions"]),
        "actors": np.array(actors[1:], DTYPES["actors"]),
        "hashes": np.array(hashes, DTYPES["hashes"]),
        "frame_actions": np.frombuffer(codes, DTYPES["frame_actions"]),
        "strengths": np.frombuffer(strengths, DTYPES["strengths"]),
    }


def _uncut(records: list[bytes]) -> list[bytes]:
    """Return the records of the reset and of the remaining steps, up to an invalid cut."""
    kept: list[bytes] = []
    for record in records:
        if len(record) != _CUT.size:
            kept.append(record)
            continue
        (steps,) = _CUT.unpack(record)
        if steps >= len(kept):
            break
        del kept[steps + 1 :]
    return kept


def _checked(record: bytes) -> bytes:
    return _CHECK.pack(zlib.crc32(record), len(record)) + record


def _whole_records(data: bytes) -> tuple[list[bytes], bytes]:
    """Return the records of a journal up to the first damaged or incomplete one, and the rest."""
    records = []
    position = len(_MAGIC)
    while len(data) - position >= _CHECK.size:
        checksum, length = _CHECK.unpack_from(data, position)
        record = data[position + _CHECK.size : position + _CHECK.size + length]
        if length == 0 or len(record) < length or zlib.crc32(record) != checksum:
            break
        records.append(record)
        position += _CHECK.size + length
    return records, data[position:]


def _is_beginning_of_header(rest: bytes) -> bool:
    """Return whether bytes that are not a whole header are what a kill leaves of one."""
    if not rest[_CHECK.size :].strip(b"\0"):
        return True
    try:
        json.JSONDecoder().raw_decode(rest[_CHECK.size :].decode("latin-1"))
    except ValueError:
        (_, length) = _CHECK.unpack_from(rest)
        return len(rest) - _CHECK.size < int(length)
    return False  # its text is whole, so its length is wrong


def _is_beginning_of_step(rest: bytes, settings: Mapping[str, Any]) -> bool:
    """Return whether bytes that are not a whole step are what a kill or power failure leaves."""
    if len(rest) < _CHECK.size or not rest.strip(b"\0"):
        return True
    (_, length) = _CHECK.unpack_from(rest)
    frames = max(settings["frameskip"], settings["noop_max"])
    longest = _STEP.size + frames * (1 + len(_ONE))
    return len(rest) - _CHECK.size < int(length) <= int(longest)


def _create(path: Path) -> tuple[int, bool]:
    """Return a new, empty file, opened for appending, and whether it is locked."""
    file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND | BINARY, 0o666)
    reason, lock, folder = None, try_lock(file), quoted(path.parent)
    if lock is Lock.TAKEN or not _is_at(file, path):
        reason = "is being written by another process; choose another out folder"
    elif not _is_empty(file):
        reason = (
            f"holds a recording that was cut short; finish it with `atari recover {folder}`, "
            "delete it or choose another out folder"
        )
    if reason:
        unlock(file)
        raise RecordingExists(f"{path} {reason}")
    os.ftruncate(file, 0)
    return file, lock is Lock.OURS


def _is_empty(file: int) -> bool:
    """Return whether an open file has no record, as one that `Journal.remove` left."""
    os.lseek(file, 0, os.SEEK_SET)
    return os.read(file, len(_MAGIC) + 1) in {b"", _MAGIC}


def _is_at(file: int, path: Path) -> bool:
    """Return whether an open file is still the one at its path, rather than deleted.

    Call it with the lock: only the holder of the lock deletes the file.
    """
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False
