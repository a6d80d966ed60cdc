"""The speed of recording relative to Gymnasium's RecordVideo and to real time."""

from functools import partial
from pathlib import Path
from shutil import rmtree
from statistics import median
from tempfile import TemporaryDirectory

from imageio_ffmpeg import count_frames_and_secs

from atari_cli.config import EnvironmentConfig, RecordConfig, RolloutConfig
from atari_cli.recording import Recorder
from atari_cli.rollout import run_episodes
from benchmarks.episodes import RANDOM, played
from benchmarks.peers import record_video
from benchmarks.report import Row
from benchmarks.timing import Effort, rate, ratio, side_by_side

_GAMES = ("pong", "ms_pacman")
_REAL_TIME = 60.0


def over_record_video(effort: Effort) -> list[Row]:
    return [_game_over_record_video(game, effort) for game in _GAMES]


def over_real_time(effort: Effort) -> list[Row]:
    return [_game_over_real_time(game, effort) for game in _GAMES]


def _game_over_record_video(game: str, effort: Effort) -> Row:
    """Record the same episode; the time includes loading the ROM and writing the last byte."""
    codes = played(game, 1)[0].codes
    with TemporaryDirectory() as folder:
        ours, theirs = Path(folder, "ours"), Path(folder, "theirs")
        figures = side_by_side(
            {
                "atari": rate(partial(_record, game, ours, 1)),
                "RecordVideo": rate(
                    partial(record_video, game, codes, theirs),
                    prepare=partial(rmtree, theirs, ignore_errors=True),
                ),
            },
            effort.repeats,
        )
        _expect_frames(ours, len(codes) + 1)
        # moviepy turns the number of frames into seconds and back, which may cost it the last one.
        _expect_frames(theirs, len(codes) + 1, missing=1)
    value = ratio(figures, "atari", "RecordVideo")
    return Row(f"record at scale 1 over RecordVideo, {game}", value, 1.5, figures, "frames/s")


def _game_over_real_time(game: str, effort: Effort) -> Row:
    scale = RecordConfig.scale
    with TemporaryDirectory() as folder:
        measure = rate(partial(_record, game, Path(folder), scale))
        figures = side_by_side({"atari": measure}, effort.repeats)
    value = median(figures["atari"]) / _REAL_TIME
    return Row(f"record at scale {scale} over real time, {game}", value, 8, figures, "frames/s")


def _record(game: str, folder: Path, scale: int) -> int:
    """Record an episode as `atari record` does, and return the number of frames of its video."""
    recorder = Recorder(RecordConfig(out=folder, scale=scale, overwrite=True))
    environment = EnvironmentConfig(game, sound=True)
    (summary,) = run_episodes(environment, RANDOM, RolloutConfig(episodes=1), [recorder])
    return summary.frames + 1


def _expect_frames(folder: Path, expected: int, missing: int = 0) -> None:
    """Count the frames of the folder's video by decoding it."""
    (video,) = folder.glob("*.mp4")
    frames, _ = count_frames_and_secs(str(video))
    if not expected - missing <= frames <= expected:
        raise RuntimeError(f"expected {expected} frames in {video.name}, found {frames}")
