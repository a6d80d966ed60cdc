"""Writing a recorded episode again from its inputs, with everything derived from them."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from atari_cli.config import RecordConfig
from atari_cli.errors import RecordingError
from atari_cli.model import Bytes
from atari_cli.recording.episode import EpisodeWriter
from atari_cli.recording.format.naming import check_place, write_error
from atari_cli.recording.format.reader import Recording
from atari_cli.recording.format.schema import Episode
from atari_cli.recording.growing_arrays import GrowingArrays
from atari_cli.recording.replay import Comparison, Replay
from atari_cli.validation import as_path, check_type


def check_add_screens(recording: Recording, path: Path, overwrite: bool = False) -> None:
    """Check, before any long work, that `add_screens` can write a file.

    Args:
        recording: The recording.
        path: The NPZ file to write.
        overwrite: Replace a file that already exists.

    Raises:
        RecordingError: As `add_screens`.
    """
    check_type("recording", recording, Recording)
    if path.exists() and path.samefile(recording.path):
        raise RecordingError(f"{path} is the recording itself; choose another file")
    check_place(path, overwrite)


def add_screens(
    recording: Recording,
    path: Path,
    overwrite: bool = False,
    advance: Callable[[int], object] = lambda steps: None,
) -> None:
    """Write a recording again with screens, RAM and palette; all else stays the same.

    It is replayed and compared while it is written, as by `verify`. The file appears whole or not
    at all.

    Args:
        recording: The recording, with screens or without.
        path: The NPZ file to write, in an existing folder.
        overwrite: Replace an existing file.
        advance: Called with the number of steps just played.

    Raises:
        InvalidSetting: If a value has another type.
        RecordingExists: If the file exists.
        ReplayMismatch: At the first step that differs; step 0 is the reset.
        InvalidRecording: If the recording is damaged or an action cannot be played.
        RecordingError: If the file cannot be written, or is the recording itself.
    """
    path = as_path("path", path)
    check_add_screens(recording, path, overwrite)
    config = RecordConfig(out=path.parent, video=False)
    try:
        writer = EpisodeWriter(path, recording.header, config)
        try:
            writer.finish(path, play_into(writer, recording, False, advance, recording.pictures()))
        finally:
            writer.abandon()
    except OSError as error:
        raise write_error(path, error) from error


def play_into(
    writer: EpisodeWriter,
    episode: Episode,
    has_video: bool,
    advance: Callable[[int], object],
    pictures: Mapping[str, Iterator[Bytes]] = MappingProxyType({}),
) -> Episode:
    """Replay an episode and compare each step while its pictures are written.

    Args:
        writer: Writes the screens and the video; to be finished with the returned episode.
        episode: The episode.
        has_video: Whether the writer needs every frame.
        advance: Called with the number of steps just played.
        pictures: The recorded rows of `screens` and `ram` to compare, by name.

    Returns:
        The episode with all of its arrays, also those that a journal does not have.

    Raises:
        ReplayMismatch: At the first step that differs.
        InvalidRecording: If an action cannot be played.
        OSError: If a file cannot be written.
    """
    replay = Replay(episode, keep_frames=has_video, sound=has_video and episode.config.sound)
    comparison = Comparison(episode, replay, pictures)
    environment, proof = replay.environment, comparison.proof
    arrays = GrowingArrays(episode.game)
    actors = episode.arrays["actors"].tolist()
    for step, result in enumerate(comparison):
        if step == 0:
            arrays.add_state(proof)
        else:
            arrays.step(environment.last_action, actors[step - 1], result, proof)
            advance(1)
        writer.add(proof, environment.frames)
    return arrays.episode(episode.header)
