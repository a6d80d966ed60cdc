"""Replaying a recording: to step through it, verify it or render it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from atari_cli.config import RecordConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import InvalidAction, InvalidRecording, ReplayMismatch
from atari_cli.games import palette
from atari_cli.model import Bytes, StepResult
from atari_cli.recording.format.naming import check_place, write_error
from atari_cli.recording.format.reader import Recording
from atari_cli.recording.format.schema import DTYPES, Episode
from atari_cli.recording.seekable import SeekableReplay
from atari_cli.recording.step_proof import StepProof
from atari_cli.validation import as_path, check_type, whole_number


class Replay:
    """A recorded episode that is replayed while it is iterated over.

    Iterating yields the result of the reset and then of each step. It ends with the recording's
    last action, or earlier if the game ends. Each iteration starts from the beginning.

    Args:
        episode: The recording.
        keep_frames: Keep every frame of a step in `environment.frames`.
        sound: Keep the sound samples too.

    Attributes:
        environment: The environment of the replay; only for reading.

    Raises:
        InvalidRecording: While iterating, for an action that the settings do not allow.
    """

    def __init__(self, episode: Episode, keep_frames: bool = False, sound: bool = False) -> None:
        check_type("episode", episode, Episode)
        self._episode = episode
        config = replace(episode.config, sound=sound)
        self.environment = AtariEnvironment(config, keep_frames=keep_frames)

    def __iter__(self) -> Iterator[StepResult]:
        environment = self.environment
        yield environment.reset(seed=self._episode.header["seed"])
        start = environment.emulator.frames
        yield from SeekableReplay(self._episode, environment, self._play, start)

    def _play(self, code: int, actor: int, strength: float) -> StepResult:
        environment = self.environment
        codes = environment.action_codes
        try:
            if code not in codes:
                raise InvalidAction(f"expected an action code of {codes}, got {code}")
            return environment.step(codes.index(code), strength)
        except InvalidAction as error:
            step = environment.summary().steps + 1
            raise InvalidRecording(f"step {step} cannot be played: {error}") from error


def verify(recording: Recording, advance: Callable[[int], object] = lambda steps: None) -> None:
    """Replay a recording and compare everything in it that can be derived.

    Args:
        recording: The recording.
        advance: Called with the number of steps just played.

    Raises:
        InvalidSetting: If it is not a recording.
        ReplayMismatch: At the first step that differs; step 0 is the reset.
        InvalidRecording: If the file is damaged or an action cannot be played.
    """
    check_type("recording", recording, Recording)
    for _ in Comparison(recording, Replay(recording), recording.pictures()):
        advance(1)


def check_render_video(
    recording: Recording, path: Path, config: RecordConfig, first_step: int = 0
) -> None:
    """Check, before any long work, that `render_video` can write a video.

    Args:
        recording: The recording.
        path: The video's file.
        config: Format and scale, and whether an existing file may be replaced.
        first_step: The step whose frames are the first.

    Raises:
        AtariError: As `render_video`.
    """
    from atari_cli.recording.media.video import check_format

    check_type("recording", recording, Recording)
    check_type("config", config, RecordConfig)
    whole_number(0, recording.steps)("first_step", first_step)
    check_place(path, config.overwrite)
    check_format(config.format)


def render_video(
    recording: Recording,
    path: Path,
    config: RecordConfig,
    first_step: int = 0,
    advance: Callable[[int], object] = lambda steps: None,
) -> None:
    """Render a recording as a video, with sound if the format has it.

    Args:
        recording: The recording.
        path: The video file.
        config: Format and scale, and whether an existing file may be replaced.
        first_step: The step to start from; 0 starts with the boot.
        advance: Called with the number of steps just played.

    Raises:
        InvalidSetting: If the recording has no such step, or a value has another type.
        RecordingExists: If the file exists.
        RecordingError: If it cannot be written.
        MissingDependency: If ffmpeg is missing, or does not write this format.
    """
    path = as_path("path", path)
    check_render_video(recording, path, config, first_step)
    replay = Replay(recording, keep_frames=True, sound=config.format != "gif")
    try:
        _write_video(replay, path, config, first_step, advance)
    except OSError as error:
        raise write_error(path, error) from error


class Comparison:
    """Compares a replay with its recording while it is iterated over, once.

    Iterating yields the results of the replay, each once it has been compared, and compares the
    totals at the end.

    Args:
        episode: The recording.
        replay: Its replay, before it begins.
        pictures: The recorded rows of `screens` and `ram` to compare, by name.

    Attributes:
        proof: The proof of the last step compared.

    Raises:
        ReplayMismatch: While iterating, at the first step that differs; step 0 is the reset.
    """

    def __init__(
        self,
        episode: Episode,
        replay: Replay,
        pictures: Mapping[str, Iterator[Bytes]] = MappingProxyType({}),
    ) -> None:
        self.proof = StepProof(replay.environment.emulator)
        self._replay = replay
        self._episode = episode
        self._arrays = episode.arrays
        self._pictures = pictures
        self._frames = 0

    def __iter__(self) -> Iterator[StepResult]:
        for step, result in enumerate(self._replay):
            self._compare(step, result)
            yield result
        self._end()

    def _compare(self, step: int, result: StepResult) -> None:
        """Compare the step just played; step 0 is the reset."""
        self.proof.update()
        same = self._state(step) | self._inputs()
        if step == 0 and "palette" in self._arrays:
            colours = palette(self._episode.game.tv)
            same["palette"] = np.array_equal(self._arrays["palette"], colours)
        if step and "rewards" in self._arrays:
            same |= self._outcome(step - 1, result)
        _require(step, same)

    def _end(self) -> None:
        """Compare the totals after the replay has ended."""
        summary = self._replay.environment.summary()
        _require(summary.steps + 1, {"actions": summary.steps == self._episode.steps})
        expected = self._episode.header.get("totals", {})
        totals = {name: getattr(summary, name) for name in expected}
        _require(summary.steps, {"totals": totals == expected})

    def _state(self, step: int) -> dict[str, bool]:
        same = {"hashes": int(self._arrays["hashes"][step]) == self.proof.state_hash}
        for name, rows in self._pictures.items():
            same[name] = np.array_equal(next(rows), self.proof.pictures[name])
        return same

    def _inputs(self) -> dict[str, bool]:
        frames = slice(self._frames, self._frames + len(self.proof.codes))
        self._frames = frames.stop
        given = {"frame_actions": self.proof.codes, "strengths": self.proof.strengths}
        return {
            name: self._arrays[name][frames].tobytes() == values
            for name, values in given.items()
            if name in self._arrays
        }

    def _outcome(self, index: int, result: StepResult) -> dict[str, bool]:
        outcome = {
            "rewards": result.reward,
            "terminations": result.terminated,
            "truncations": result.truncated,
            "lives": result.observation.lives,
        }
        # By their bytes: -0.0 equals 0.0, and NaN nothing.
        return {
            name: self._arrays[name][index].tobytes() == DTYPES[name].type(value).tobytes()
            for name, value in outcome.items()
        }


def _require(step: int, same: dict[str, bool]) -> None:
    differences = tuple(name for name, agrees in same.items() if not agrees)
    if differences:
        raise ReplayMismatch(step, differences)


def _write_video(
    replay: Replay,
    path: Path,
    config: RecordConfig,
    first_step: int,
    advance: Callable[[int], object],
) -> None:
    from atari_cli.recording.media.video import VideoWriter

    environment = replay.environment
    video = VideoWriter(path, environment.game, config, environment.config.sound)
    try:
        for step, _ in enumerate(replay):
            for frame in environment.frames if step >= first_step else ():
                video.write(frame)
            advance(1)
        video.finish()
    except BaseException:
        video.abandon()
        raise
