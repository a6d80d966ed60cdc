"""Videos read back with ffmpeg have every frame with its time, colours and sound."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest
from numpy.typing import NDArray

from atari_cli.config import RecordConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import MissingDependency, RecordingError
from atari_cli.games import find_game, palette
from atari_cli.observation import PlayedFrame
from atari_cli.recording.media.sound import SoundFilter
from atari_cli.recording.media.video import VideoWriter, check_ffmpeg


def played(game: str, steps: int, sound: bool = True) -> list[PlayedFrame]:
    environment = AtariEnvironment(game, keep_frames=True, sound=sound)
    environment.reset(seed=1)
    frames = list(environment.frames)
    for step in range(steps):
        environment.step(step // 7 % len(environment.action_codes))
        frames += environment.frames
    return frames


def written(path: Path, game: str, frames: list[PlayedFrame], scale: int = 1) -> Path:
    config = RecordConfig(format=path.suffix[1:], scale=scale)
    video = VideoWriter(path, find_game(game), config, sound=frames[0].audio is not None)
    for frame in frames:
        video.write(frame)
    video.finish()
    return path


def ffmpeg(*options: str) -> subprocess.CompletedProcess[bytes]:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", *options]
    return subprocess.run(command, capture_output=True, check=False)


def described(path: Path) -> str:
    return ffmpeg("-i", str(path)).stderr.decode()


def pixels(path: Path, game: str, scale: int) -> NDArray[np.uint8]:
    """Return the frames as (frames, height, scale, width, scale, 3), in RGB."""
    flags = "neighbor+accurate_rnd+full_chroma_int"
    options = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-sws_flags", flags, "pipe:1")
    data = ffmpeg("-loglevel", "error", "-i", str(path), *options).stdout
    height, width = find_game(game).height, find_game(game).width
    return np.frombuffer(data, np.uint8).reshape(-1, height, scale, width, scale, 3)


def colours(game: str, frames: list[PlayedFrame]) -> NDArray[np.uint8]:
    """Return the expected `pixels`, in a shape that repeats each pixel."""
    screens = np.array([frame.screen for frame in frames])
    colours: NDArray[np.uint8] = palette(find_game(game).tv)[screens]
    return colours[:, :, None, :, None]


def samples(path: Path, rate: int) -> NDArray[np.int16]:
    options = ("-f", "s16le", "-ar", str(rate), "pipe:1")
    return np.frombuffer(ffmpeg("-i", str(path), *options).stdout, "<i2")


def signal(frames: list[PlayedFrame]) -> NDArray[np.int16]:
    sound = SoundFilter()
    samples = [frame.audio for frame in frames if frame.audio is not None]
    assert len(samples) == len(frames)
    return np.concatenate([sound.convert(audio) for audio in samples])


@pytest.mark.parametrize(("game", "fps", "rate"), [("ms_pacman", 60, 30720), ("pacman", 50, 25600)])
def test_an_mkv_contains_every_pixel_and_every_sample(
    tmp_path: Path, game: str, fps: int, rate: int
) -> None:
    frames = played(game, 8)
    path = written(tmp_path / "lossless.mkv", game, frames, scale=2)
    found = pixels(path, game, 2)
    assert len(found) == len(frames) == 33
    assert (found == colours(game, frames)).all()
    assert f"{fps} fps" in described(path)
    assert (samples(path, rate) == signal(frames)).all()


@pytest.mark.parametrize(("game", "size"), [("ms_pacman", "640x840"), ("pacman", "640x1000")])
def test_an_mp4_shows_every_frame_in_nearly_its_colours(
    tmp_path: Path, game: str, size: str
) -> None:
    frames = played(game, 5)
    path = written(tmp_path / "video.mp4", game, frames, scale=4)
    found = pixels(path, game, 4)
    error = np.abs(found.astype(np.int16) - colours(game, frames))
    assert len(found) == len(frames) == 21
    assert error.mean() < 1
    assert (error > 8).mean() < 0.001
    description = described(path)
    assert re.search(
        rf"h264 .*yuv420p\(tv, bt709, .*{size}.* {find_game(game).fps} fps", description
    )
    assert "aac" in description


def test_an_mp4_begins_with_its_index(tmp_path: Path) -> None:
    data = written(tmp_path / "video.mp4", "pong", played("pong", 3)).read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("form", ["mp4", "mkv"])
@pytest.mark.parametrize("game", ["pong", "carnival", "pooyan", "journey_escape", "adventure"])
def test_a_picture_of_any_height_is_shown_with_an_aspect_ratio_of_4_to_3(
    tmp_path: Path, game: str, form: str
) -> None:
    path = written(tmp_path / f"video.{form}", game, played(game, 1, sound=False))
    assert "DAR 4:3" in described(path)
    assert "Audio" not in described(path)


def test_a_gif_shows_five_of_six_ntsc_frames_exactly(tmp_path: Path) -> None:
    frames = played("ms_pacman", 15)
    path = written(tmp_path / "short.gif", "ms_pacman", frames, scale=2)
    kept = [frame for number, frame in enumerate(frames, 1) if number % 6]
    assert (pixels(path, "ms_pacman", 2) == colours("ms_pacman", kept)).all()
    assert "50 fps" in described(path)


def test_a_gif_shows_every_pal_frame_exactly(tmp_path: Path) -> None:
    frames = played("pacman", 5)
    path = written(tmp_path / "short.gif", "pacman", frames, scale=3)
    assert (pixels(path, "pacman", 3) == colours("pacman", frames)).all()
    assert "50 fps" in described(path)


@pytest.mark.slow
def test_sound_stays_in_sync_with_the_picture_for_half_a_minute(tmp_path: Path) -> None:
    frames = played("ms_pacman", 450)
    path = written(tmp_path / "long.mp4", "ms_pacman", frames)
    found, expected = audible(samples(path, 30720)), audible(signal(frames))
    assert imageio_ffmpeg.count_frames_and_secs(str(path))[0] == len(frames) == 1801
    assert abs(len(found) - len(expected)) <= 512
    for second in loud_seconds(expected):
        original = expected[second]
        shifts = range(-128, 129)
        fits = [correlation(original, found[second.start + k : second.stop + k]) for k in shifts]
        assert shifts[int(np.argmax(fits))] == 0
        assert max(fits) > 0.98


def audible(sound: NDArray[np.int16]) -> NDArray[np.float64]:
    """Return the mean of every four samples around each one.

    Games silence a voice by setting it to an inaudible 15 kHz, most of which AAC at 48 kHz drops.
    """
    return np.convolve(sound, np.full(4, 0.25), "same")


def loud_seconds(sound: NDArray[np.float64]) -> Iterator[slice]:
    """Yield the loudest second of each third, away from the ends."""
    starts = np.arange(30720, len(sound) - 2 * 30720, 30720)
    for third in np.array_split(starts, 3):
        power = [np.square(sound[start : start + 30720]).sum() for start in third]
        start = int(third[np.argmax(power)])
        yield slice(start, start + 30720)


def correlation(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    return float(left @ right / np.sqrt((left @ left) * (right @ right)))


def test_a_video_replaces_an_existing_file_only_when_it_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    path.write_bytes(b"before")
    video = VideoWriter(path, find_game("pong"), RecordConfig(scale=1), sound=False)
    video.write(played("pong", 0, sound=False)[0])
    assert path.read_bytes() == b"before"
    video.finish()
    whole = path.read_bytes()
    assert whole != b"before"
    video.finish()
    video.abandon()
    assert path.read_bytes() == whole
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The programs that the test starts."""
    programs: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(*args: Any, **options: Any) -> subprocess.Popen[bytes]:
        programs.append(popen(*args, **options))
        return programs[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    return programs


def test_an_abandoned_video_leaves_nothing_behind(
    tmp_path: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    frame = played("pong", 0)[0]
    video = VideoWriter(tmp_path / "video.mp4", find_game("pong"), RecordConfig(), sound=True)
    video.write(frame)
    video.abandon()
    video.abandon()
    video.finish()
    assert [program.poll() is None for program in started] == [False]
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RecordingError, match=r"video\.mp4 is closed"):
        video.write(frame)


def test_a_video_without_frames_is_refused(tmp_path: Path) -> None:
    video = VideoWriter(tmp_path / "video.mp4", find_game("pong"), RecordConfig(), sound=False)
    with pytest.raises(RecordingError, match="no frame was played"):
        video.finish()
    assert list(tmp_path.iterdir()) == []


def test_a_frame_without_samples_is_refused_if_sound_is_required(tmp_path: Path) -> None:
    video = VideoWriter(tmp_path / "video.mp4", find_game("pong"), RecordConfig(), sound=True)
    with pytest.raises(RecordingError, match="sound=True"):
        video.write(played("pong", 0, sound=False)[0])
    video.abandon()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "video.mp4"
    with pytest.raises(
        RecordingError, match=re.escape(f"cannot write {path}: {path.parent} is not a")
    ):
        VideoWriter(path, find_game("pong"), RecordConfig(), sound=False)


def test_the_bundled_ffmpeg_is_found() -> None:
    assert check_ffmpeg() == imageio_ffmpeg.get_ffmpeg_exe()


def test_a_missing_ffmpeg_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "missing"))
    expected = r"cannot run .*missing.*[Ff]ile.*IMAGEIO_FFMPEG_EXE"
    with pytest.raises(MissingDependency, match=expected):
        check_ffmpeg()
    with pytest.raises(MissingDependency, match=expected):
        VideoWriter(tmp_path / "video.mp4", find_game("pong"), RecordConfig(), sound=False)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_imageio_ffmpeg_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(MissingDependency, match="pip install imageio-ffmpeg"):
        check_ffmpeg()


def test_a_program_that_is_not_ffmpeg_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", sys.executable)
    with pytest.raises(MissingDependency, match="not a working ffmpeg"):
        check_ffmpeg()


@pytest.mark.posix("runs a script as ffmpeg")
def test_an_error_of_ffmpeg_is_quoted_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[subprocess.Popen[bytes]]
) -> None:
    """The program behaves as on a full disk: it takes some frames, prints an error and ends."""
    program = tmp_path / "ffmpeg"
    program.write_text(
        f"#!{sys.executable}\n"
        "import sys\n"
        "sys.stdin.buffer.read(100_000)\n"
        "sys.exit('[out#0/mp4 @ 0x55fe14] Error writing: No space left on device\\nlater')\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
    out = tmp_path / "out"
    out.mkdir()
    frame = played("pong", 0, sound=False)[0]
    video = VideoWriter(out / "video.mp4", find_game("pong"), RecordConfig(), sound=False)
    expected = r"video\.mp4: ffmpeg says: Error writing: No space left on device$"
    with pytest.raises(RecordingError, match=expected):
        for _ in range(10_000):
            video.write(frame)
    video.finish()
    assert [program.poll() for program in started] == [1]
    assert list(out.iterdir()) == []
