"""Screenshots and videos are exact, replace no file, and report failures in one line."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import imageio.v3 as iio
import imageio_ffmpeg
import numpy as np
import pytest
from imageio import v3 as imageio
from numpy.typing import NDArray

from atari_cli.config import RecordConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import MissingDependency, RecordingError
from atari_cli.games import find_game
from atari_cli.observation import PlayedFrame
from atari_cli.play.saved.capture import Capture, VideoCapture, free_path
from atari_cli.system.files import part_path
from tests.play.sessions import PATIENT

PONG = find_game("pong")


def frames(count: int) -> list[PlayedFrame]:
    environment = AtariEnvironment("pong", frameskip=1, keep_frames=True, sound=True)
    environment.reset(seed=1)
    found = list(environment.frames)
    while len(found) < count:
        environment.step(2)
        found += environment.frames
    return found


def test_a_screenshot_is_the_screen_with_every_pixel_enlarged(tmp_path: Path) -> None:
    observation = AtariEnvironment("pong").reset(seed=1).observation
    path = Capture(tmp_path, PONG, zoom=3).photograph(observation.indices, 1)
    blocks = imageio.imread(path).reshape(210, 3, 160, 3, 3)
    assert (blocks == observation.pixels[:, None, :, None]).all()
    assert list(tmp_path.iterdir()) == [path]


def test_each_path_is_new_and_no_file_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "pictures"
    folder.mkdir(parents=True)
    (folder / "pong-2.png").write_text("mine")
    paths = [free_path(folder, "pong", ".png") for _ in range(3)]
    assert [path.name for path in paths] == ["pong.png", "pong-3.png", "pong-4.png"]
    assert (folder / "pong-2.png").read_text() == "mine"


def test_missing_folders_are_created(tmp_path: Path) -> None:
    assert free_path(tmp_path / "a" / "b", "pong", ".mp4") == tmp_path / "a" / "b" / "pong.mp4"


def test_a_file_in_place_of_the_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RecordingError, match="file is not a folder; make it one"):
        free_path(tmp_path / "file", "pong", ".png")
    assert (tmp_path / "file").read_text() == "mine"


def test_an_unwritable_screenshot_leaves_nothing_behind(tmp_path: Path) -> None:
    screen = AtariEnvironment("pong").reset(seed=1).observation.indices
    part = part_path(tmp_path / "pong-frame-1.png")
    part.mkdir()
    with pytest.raises(RecordingError, match=r"cannot write .*pong-frame-1\.png: "):
        Capture(tmp_path, PONG, zoom=1).photograph(screen, 1)
    assert [file.name for file in tmp_path.iterdir()] == [part.name]


def test_a_video_contains_every_frame_that_was_shown(tmp_path: Path) -> None:
    path = free_path(tmp_path, "pong", ".mkv")
    film = VideoCapture(path, PONG, RecordConfig(format="mkv", scale=2), sound=True)
    shown = frames(4)
    shown += [shown[1], shown[0]]  # rewound
    for frame in shown:
        film.write(frame)
    assert path.stat().st_size == 0
    film.finish()
    assert list(tmp_path.iterdir()) == [path]
    film.abandon()
    pictures = pixels(path, 320, 420)
    assert len(pictures) == len(shown) == 6
    assert (pictures[4] == pictures[1]).all()
    assert (pictures[5] == pictures[0]).all()


def pixels(path: Path, width: int, height: int) -> NDArray[np.uint8]:
    """Return the frames of a video, (frames, height, width, 3), in RGB."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", str(path)]
    command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width, 3)


def test_an_abandoned_video_leaves_nothing_behind(tmp_path: Path) -> None:
    film = VideoCapture(free_path(tmp_path, "pong", ".mp4"), PONG, RecordConfig(), sound=True)
    film.write(frames(1)[0])
    film.abandon()
    assert list(tmp_path.iterdir()) == []


def test_a_video_without_frames_is_refused_and_leaves_nothing_behind(tmp_path: Path) -> None:
    film = VideoCapture(free_path(tmp_path, "pong", ".mp4"), PONG, RecordConfig(), sound=True)
    with pytest.raises(RecordingError, match="no frame was played"):
        film.finish()
    assert list(tmp_path.iterdir()) == []


def test_a_missing_ffmpeg_is_reported_and_no_file_is_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "missing"))
    path = free_path(tmp_path, "pong", ".mp4")
    with pytest.raises(MissingDependency, match="pip install imageio-ffmpeg"):
        VideoCapture(path, PONG, RecordConfig(), sound=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.posix("runs a script as ffmpeg")
def test_a_full_disk_ends_only_the_video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use an ffmpeg that accepts some frames and then fails as on a full disk."""
    program = tmp_path / "ffmpeg"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.stdin.buffer.read(100_000)\n"
        "sys.exit('Error writing: No space left on device')\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
    film = VideoCapture(
        free_path(tmp_path / "out", "pong", ".mp4"), PONG, RecordConfig(scale=1), sound=True
    )
    (frame,) = frames(1)
    with pytest.raises(RecordingError, match="No space left on device"):
        for _ in range(10_000):
            film.write(frame)
    assert list((tmp_path / "out").iterdir()) == []
    with pytest.raises(RecordingError, match="is closed"):
        film.write(frame)


PONG = find_game("pong")


@pytest.fixture
def environment() -> AtariEnvironment:
    environment = AtariEnvironment("pong", frameskip=4, keep_frames=True, sound=True)
    environment.reset(seed=1)
    environment.step(2)
    return environment


@pytest.fixture
def capture(tmp_path: Path) -> Iterator[Capture]:
    capture = Capture(tmp_path / "out", PONG, zoom=2, patience=PATIENT)
    yield capture
    capture.stop()


def fail(self: VideoCapture, *arguments: object) -> None:
    self.abandon()
    raise RecordingError("no space left")


def test_screenshots_of_the_same_frame_have_different_names(
    capture: Capture, environment: AtariEnvironment
) -> None:
    screen = environment.emulator.screen()
    paths = [capture.photograph(screen, 5) for _ in range(2)]
    assert [path.name for path in paths] == ["pong-frame-5.png", "pong-frame-5-2.png"]
    assert iio.imread(paths[1]).shape == (420, 320, 3)


def test_a_video_contains_the_frames_added_between_start_and_stop(
    capture: Capture, environment: AtariEnvironment
) -> None:
    capture.add(environment.frames[0])
    assert not capture.is_filming
    capture.start()
    assert capture.is_filming
    for frame in environment.frames:
        capture.add(frame)
    capture.stop()
    capture.stop()
    assert not capture.is_filming
    (path,) = capture.written
    assert path.name == "pong-play.mp4"
    assert imageio_ffmpeg.count_frames_and_secs(str(path))[0] == 4


def test_a_broken_video_is_reported_until_the_next_one_starts(
    capture: Capture, environment: AtariEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture.start()
    with monkeypatch.context() as broken:
        broken.setattr(VideoCapture, "write", fail)
        capture.add(environment.frames[0])
        capture.stop()
    assert (capture.is_filming, capture.failure) == (False, "no space left")
    capture.start()
    capture.add(environment.frames[0])
    capture.stop()
    assert capture.failure == ""
    assert len(capture.written) == 1


def test_a_video_that_cannot_be_completed_is_reported(
    capture: Capture, environment: AtariEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture.start()
    capture.add(environment.frames[0])
    monkeypatch.setattr(VideoCapture, "finish", fail)
    capture.stop()
    assert (capture.written, capture.failure) == ([], "no space left")


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    capture = Capture(tmp_path / "out", PONG, zoom=2, patience=PATIENT)
    with pytest.raises(RecordingError, match="out is not a folder"):
        capture.start()
    assert not capture.is_filming


def test_a_video_whose_file_another_program_has_open_is_reported(
    capture: Capture,
    environment: AtariEnvironment,
    tmp_path: Path,
    hold: Callable[[Path], object],
) -> None:
    capture.start()
    capture.add(environment.frames[0])
    hold(tmp_path / "out" / "pong-play.mp4")
    capture.stop()
    assert "pong-play.mp4: another program has it open; close it there" in capture.failure
