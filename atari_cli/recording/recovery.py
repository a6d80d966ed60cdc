"""Making files of the journals that killed processes left behind."""

from pathlib import Path

from atari_cli.errors import AtariError, RecordingError
from atari_cli.recording.episode import EpisodeWriter
from atari_cli.recording.journal import Journal, JournalEpisode, read_journal
from atari_cli.recording.layout import check_machine
from atari_cli.recording.load import load_recording
from atari_cli.recording.naming import check_file, write_error
from atari_cli.recording.replay import Comparison, Replay


def recover(folder: Path) -> list[Path]:
    """Finish every recording in a folder whose process has ended, and return the files written.

    What is still being recorded is left alone. A journal that cannot be recovered stays, and does
    not keep the others from it.

    Raises:
        RecordingError: If a journal cannot be recovered; the message tells of the first.
    """
    written: list[Path] = []
    failures: list[RecordingError] = []
    for path in sorted(Path(folder).glob("*.journal")):
        try:
            written += _recover_one(path)
        except OSError as error:
            failures.append(write_error(path, error))
        except AtariError as error:
            failures.append(RecordingError(f"cannot recover {path}: {error}"))
    if failures:
        raise failures[0]
    return written


def rebuild(path: Path) -> list[Path]:
    """Write the files of a journal by playing its inputs again; an empty journal has none.

    The caller holds the journal and removes it afterwards.

    Raises:
        RecordingExists: If another recording took the name in the meantime.
        RecordingError: If the journal is of another ale_py.
        ReplayMismatch: If a step does not replay.
        OSError: If a file cannot be written.
    """
    episode = read_journal(path)
    if episode is None:
        return []
    check_machine(episode.header, path)
    npz = path.with_suffix(".npz")
    if not _is_finished(npz, episode):
        # A video that is there is the episode's own: its name was free when the journal began.
        check_file(npz, episode.record.overwrite)
    writer = EpisodeWriter(npz, episode.header, episode.record)
    try:
        _play_into(writer, episode)
        return writer.finish()
    finally:
        writer.abandon()


def _recover_one(path: Path) -> list[Path]:
    journal = Journal.take_over(path)
    if journal is None:
        return []
    try:
        _remove_parts(path)
        written = rebuild(path)
        journal.remove()
    finally:
        journal.close()
    return written


def _remove_parts(path: Path) -> None:
    """Delete the half-written files of an episode."""
    for file in path.parent.iterdir():
        name, *endings = file.name.split(".")
        if name == path.stem and "part" in endings:
            file.unlink(missing_ok=True)


def _is_finished(npz: Path, episode: JournalEpisode) -> bool:
    """Whether the NPZ file is this very episode's: only the journal's removal was left to do."""
    try:
        header = load_recording(npz).header
    except RecordingError:
        return False
    return episode.header.items() <= header.items()


def _play_into(writer: EpisodeWriter, episode: JournalEpisode) -> None:
    """Play an episode again and write it while it proves to be the same."""
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
