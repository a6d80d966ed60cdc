"""Writing the recordings of journals that killed processes left behind."""

import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from atari_cli.config import VIDEO_FORMATS
from atari_cli.errors import AtariError, RecordingError
from atari_cli.recording.add_screens import play_into
from atari_cli.recording.episode import EpisodeWriter
from atari_cli.recording.format.naming import episode_files, final_path, write_error
from atari_cli.recording.format.reader import load_recording
from atari_cli.recording.format.schema import HUMAN, Episode, check_machine
from atari_cli.recording.journal import Journal, JournalEpisode, is_journal, read_journal
from atari_cli.recording.replay import render_video
from atari_cli.system.files import remove, remove_parts, whole_file
from atari_cli.system.locking import Lock, try_lock, unlock
from atari_cli.system.shell import quoted
from atari_cli.validation import as_path

_OUR_NAME: Final = re.compile(r".+-s\d+-\d{3,}(-\d+)?")
_VIDEO_PART: Final = re.compile(rf"(?P<video>.+\.({'|'.join(VIDEO_FORMATS)}))\.\d+\.part")


class Rebuilt(NamedTuple):
    """The outcome of rebuilding a journal.

    Attributes:
        files: The files of its episode: NPZ, then video.
        failures: What could not be written or read, each as one line.
        is_damaged: Whether a part of the journal could not be read.
    """

    files: list[Path]
    failures: list[str]
    is_damaged: bool


def recover(
    folder: Path,
    advance: Callable[[int], object] = lambda steps: None,
    wrote: Callable[[Path], object] = lambda path: None,
    *,
    video: bool = True,
    removed: Callable[[Path], object] = lambda path: None,
    only_locked: bool = False,
) -> list[Path]:
    """Finish every recording in a folder whose process has ended, and return the files written.

    Journals still in use are left alone. One that cannot be recovered stays, and of one that is
    damaged in the middle a copy ending in `.damaged`; the others are still recovered. Videos that
    a killed process was writing are removed: they cannot be played.

    Args:
        folder: The folder; one that does not exist has nothing to recover.
        advance: Called with the number of steps just replayed.
        wrote: Called with each file written, even if another journal fails.
        video: Write the videos of the recordings that were to have one.
        removed: Called with each video that is removed.
        only_locked: Where files cannot be locked, leave journals alone: they may be in use.

    Raises:
        InvalidSetting: If `folder` is not a path.
        RecordingError: If a journal cannot be recovered, or not completely; the message describes
            each failure.
    """
    written: list[Path] = []
    failures: list[str] = []
    for path in sorted(as_path("folder", folder).glob("*.journal")):
        try:
            rebuilt = _recover_one(path, advance, video, only_locked)
        except OSError as error:
            failures.append(str(write_error(path, error)))
        except AtariError as error:
            failures.append(f"cannot recover {path}: {error}")
        else:
            written += rebuilt.files
            failures += rebuilt.failures
            for file in rebuilt.files:
                wrote(file)
    for path in sorted(Path(folder).glob("*.part")):
        if video_file := _remove_abandoned(path):
            removed(video_file)
    if failures:
        raise RecordingError("; ".join(failures))
    return written


def rebuild(
    path: Path, advance: Callable[[int], object] = lambda steps: None, video: bool = True
) -> Rebuilt:
    """Write the files of a journal by replaying its inputs.

    A journal without steps has none. The NPZ file does not wait for the video, which is rendered
    from it. The caller must hold the journal, and removes it afterwards.

    Args:
        path: The journal.
        advance: Called with the number of steps just replayed.
        video: Write the video, too, if the recording was to have one.

    Returns:
        The files, and what failed.

    Raises:
        RecordingError: If the journal is of another ale_py.
        ReplayMismatch: If a step does not replay.
        OSError: If the NPZ file cannot be written.
    """
    episode = read_journal(path)
    if episode is None:
        return Rebuilt([], [], is_damaged=False)
    check_machine(episode.header, path)
    files = _files(path, episode, advance)
    lacks_video = video and episode.record.video and not files[-1].exists()
    failure = _film(files, episode, advance) if lacks_video else None
    failures = [failure] if failure else []
    if episode.damaged:
        damage = f"its last {episode.damaged:,} of {path.stat().st_size:,} bytes cannot be read"
        failures.append(f"{path} is damaged after step {episode.steps:,}: {damage}")
    return Rebuilt([file for file in files if file.exists()], failures, episode.damaged > 0)


def _files(path: Path, episode: JournalEpisode, advance: Callable[[int], object]) -> list[Path]:
    """Return the files of a journal; its NPZ file is written unless it is there."""
    npz, record = path.with_suffix(".npz"), episode.record
    if _is_finished(npz, episode):
        return episode_files(npz, record)
    writer = EpisodeWriter(npz, episode.header, replace(record, video=False))
    try:
        whole = play_into(writer, _signed(episode), False, advance)
        has_ended = whole.header["totals"]["terminated"] or whole.header["totals"]["truncated"]
        files = episode_files(final_path(npz, record, has_ended), record)
        writer.finish(files[0], whole)
    finally:
        writer.abandon()
    if record.video and record.overwrite:
        remove(files[-1])  # that of the episode which this one replaces
    return files


def _film(
    files: list[Path], episode: JournalEpisode, advance: Callable[[int], object]
) -> str | None:
    """Render the video of a recording; return why it failed as one line."""
    npz, video = files
    try:
        render_video(load_recording(npz), video, episode.record, advance=advance)
    except AtariError as error:
        later = f"`atari replay {quoted(npz)} --video {quoted(video)}` writes it later"
        return f"{npz} is written, but its video is not: {error}; {later}"
    return None


def _recover_one(
    path: Path, advance: Callable[[int], object], video: bool, only_locked: bool
) -> Rebuilt:
    nothing = Rebuilt([], [], is_damaged=False)
    is_ours = is_journal(path) or _OUR_NAME.fullmatch(path.stem)
    journal = Journal.take_over(path) if is_ours else None
    if journal is None:
        return nothing
    try:
        if only_locked and not journal.is_locked:
            raise RecordingError(
                "this file system has no locks, so that it may be in use; when nothing records "
                f"there, use `atari recover {quoted(path.parent)}`"
            )
        rebuilt = rebuild(path, advance, video)
        if rebuilt.is_damaged:
            kept = _keep_damaged(path)
            rebuilt.failures[-1] += f", and are kept in {kept}"
        # Half-written files that the dead process left were written again, or are not wanted.
        for ending in ("npz", *VIDEO_FORMATS):
            remove_parts(path.with_suffix(f".{ending}"))
        journal.remove()
    finally:
        journal.close()
    return rebuilt


def _keep_damaged(path: Path) -> Path:
    """Copy a journal to the first free name `<name>.journal.damaged` …, and return it."""
    names = (f"{path.name}.damaged{f'-{number}' if number > 1 else ''}" for number in count(1))
    kept = next(copy for name in names if not (copy := path.with_name(name)).exists())
    with whole_file(kept) as part:
        part.write_bytes(path.read_bytes())
    return kept


def _remove_abandoned(part: Path) -> Path | None:
    """Remove the part of a video whose process has ended, and return the video's path."""
    match = _VIDEO_PART.fullmatch(part.name)
    if match is None:
        return None
    try:
        file = os.open(part, os.O_RDWR)
    except OSError:
        return None
    is_abandoned = try_lock(file) is Lock.OURS
    unlock(file)  # Windows deletes no open file
    if not is_abandoned:
        return None
    video = part.with_name(match["video"])
    with suppress(OSError):
        remove(part)
        if video.stat().st_size == 0:  # the name was kept for it
            remove(video)
    return None if part.exists() else video


def _signed(episode: JournalEpisode) -> Episode:
    """Return the episode with a policy that includes a human who took over later."""
    header, is_human = episode.header, episode.arrays["actors"] == HUMAN
    if header["policy"] == "human" or not is_human.any():
        return episode
    policy = "human" if is_human.all() else f"human, {header['policy']}"
    return Episode(header | {"policy": policy}, episode.arrays)


def _is_finished(npz: Path, episode: JournalEpisode) -> bool:
    """Return whether the NPZ file is already this episode's recording."""
    try:
        recording = load_recording(npz)
    except RecordingError:
        return False
    # A human may have taken over after the journal began.
    header = episode.header | {"policy": recording.header["policy"]}
    return (
        recording.has_screens == episode.record.screens
        and header.items() <= recording.header.items()
        and np.array_equal(episode.arrays["actions"], recording.arrays["actions"])
        and np.array_equal(episode.arrays["hashes"], recording.arrays["hashes"])
    )
