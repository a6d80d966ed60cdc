"""Writing the recordings of journals that killed processes left behind."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from atari_cli.config import VIDEO_FORMATS
from atari_cli.errors import AtariError, RecordingError
from atari_cli.recording.add_screens import play_into
from atari_cli.recording.episode import EpisodeWriter
from atari_cli.recording.format.naming import episode_files, final_path, write_error
from atari_cli.recording.format.reader import load_recording
from atari_cli.recording.format.schema import HUMAN, Episode, check_machine
from atari_cli.recording.journal import Journal, JournalEpisode, is_journal, read_journal
from atari_cli.system.files import remove_parts


def recover(
    folder: Path,
    advance: Callable[[int], object] = lambda steps: None,
    wrote: Callable[[Path], object] = lambda path: None,
) -> list[Path]:
    """Finish every recording in a folder whose process has ended, and return the files written.

    Journals still in use are left alone. One that cannot be recovered stays; the others are still
    recovered.

    Args:
        folder: The folder; one that does not exist has nothing to recover.
        advance: Called with the number of steps just replayed.
        wrote: Called with each file written, even if another journal fails.

    Raises:
        RecordingError: If a journal cannot be recovered; the message describes the first.
    """
    written: list[Path] = []
    failures: list[RecordingError] = []
    for path in sorted(Path(folder).glob("*.journal")):
        try:
            files = _recover_one(path, advance)
            written += files
            for file in files:
                wrote(file)
        except OSError as error:
            failures.append(write_error(path, error))
        except AtariError as error:
            failures.append(RecordingError(f"cannot recover {path}: {error}"))
    if failures:
        raise failures[0]
    return written


def rebuild(path: Path, advance: Callable[[int], object] = lambda steps: None) -> list[Path]:
    """Write the files of a journal by replaying its inputs, and return them.

    A journal without steps has none. The caller must hold the journal, and removes it afterwards.

    Args:
        path: The journal.
        advance: Called with the number of steps just replayed.

    Raises:
        RecordingError: If the journal is of another ale_py.
        ReplayMismatch: If a step does not replay.
        OSError: If a file cannot be written.
    """
    episode = read_journal(path)
    if episode is None:
        return []
    check_machine(episode.header, path)
    npz = path.with_suffix(".npz")
    files = episode_files(npz, episode.record)
    if _is_finished(npz, episode) and files[-1].exists():
        return files
    writer = EpisodeWriter(npz, episode.header, episode.record)
    try:
        whole = play_into(writer, _signed(episode), episode.record.video, advance)
        has_ended = whole.header["totals"]["terminated"] or whole.header["totals"]["truncated"]
        return writer.finish(final_path(npz, episode.record, has_ended), whole)
    finally:
        writer.abandon()


def _recover_one(path: Path, advance: Callable[[int], object]) -> list[Path]:
    journal = Journal.take_over(path) if is_journal(path) else None
    if journal is None:
        return []
    try:
        # Half-written files that the dead process left were written again, or are not wanted.
        written = rebuild(path, advance)
        for ending in ("npz", *VIDEO_FORMATS):
            remove_parts(path.with_suffix(f".{ending}"))
        journal.remove()
    finally:
        journal.close()
    return written


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
