"""Making files of the journals that killed processes left behind."""

from collections.abc import Callable
from pathlib import Path

from atari_cli.config import VIDEO_FORMATS
from atari_cli.errors import AtariError, RecordingError
from atari_cli.recording.episode import EpisodeWriter
from atari_cli.recording.journal import Journal, JournalEpisode, is_journal, read_journal
from atari_cli.recording.layout import check_machine
from atari_cli.recording.load import load_recording
from atari_cli.recording.naming import final_path, write_error
from atari_cli.recording.replay import Comparison, Replay


def recover(
    folder: Path,
    advance: Callable[[int], object] = lambda steps: None,
    wrote: Callable[[Path], object] = lambda path: None,
) -> list[Path]:
    """Finish every recording in a folder whose process has ended, and return the files written.

    What is still being recorded is left alone. A journal that cannot be recovered stays, and does
    not keep the others from it.

    Args:
        folder: The folder; one that is not there has nothing to recover.
        advance: Is told of steps as they are played again.
        wrote: Is told of each file that was written, also if another journal fails.

    Raises:
        RecordingError: If a journal cannot be recovered; the message tells of the first.
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
    """Write the files of a journal by playing its inputs again; an empty journal has none.

    The caller holds the journal and removes it afterwards.

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
    writer = EpisodeWriter(npz, episode.header, episode.record)
    try:
        has_ended = _play_into(writer, episode, advance)
        if not _is_finished(npz, episode):
            npz = final_path(npz, episode.record, has_ended)
        return writer.finish(npz)
    finally:
        writer.abandon()


def _recover_one(path: Path, advance: Callable[[int], object]) -> list[Path]:
    journal = Journal.take_over(path) if is_journal(path) else None
    if journal is None:
        return []
    try:
        # Half-written files that the dead process left are written anew, or not wanted any more.
        written = rebuild(path, advance)
        for ending in ("npz", *VIDEO_FORMATS):
            path.with_suffix(f".{ending}.part").unlink(missing_ok=True)
        journal.remove()
    finally:
        journal.close()
    return written


def _is_finished(npz: Path, episode: JournalEpisode) -> bool:
    """Whether the NPZ file is this very episode's: only the journal's removal was left to do."""
    try:
        header = load_recording(npz).header
    except RecordingError:
        return False
    return episode.header.items() <= header.items()


def _play_into(
    writer: EpisodeWriter, episode: JournalEpisode, advance: Callable[[int], object]
) -> bool:
    """Play an episode again and write it while it proves to be the same; return if it has ended."""
    has_video = episode.record.video
    replay = Replay(episode, keep_frames=has_video, sound=has_video and episode.config.sound)
    comparison = Comparison(episode, replay)
    environment, probe = replay.environment, comparison.probe
    actors = episode.arrays["actors"].tolist()
    for step, result in enumerate(replay):
        comparison.look(step, result)
        if step == 0:
            writer.start(probe, environment.frames)
        else:
            action, actor = environment.last_action, actors[step - 1]
            writer.step(action, actor, result, probe, environment.frames)
            advance(1)
    summary = environment.summary()
    return summary.terminated or summary.truncated
