from collections.abc import Iterator
from pathlib import Path

import imageio.v3 as iio
import imageio_ffmpeg
import pytest

from atari_cli.environment import AtariEnvironment
from atari_cli.errors import RecordingError
from atari_cli.games import find_game
from atari_cli.play.camera import Camera
from atari_cli.play.film import Film

PONG = find_game("pong")


@pytest.fixture
def environment() -> AtariEnvironment:
    environment = AtariEnvironment("pong", frameskip=4, keep_frames=True, sound=True)
    environment.reset(seed=1)
    environment.step(2)
    return environment


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[Camera]:
    camera = Camera(tmp_path / "out", PONG, zoom=2)
    yield camera
    camera.stop()


def fail(self: Film, *arguments: object) -> None:
    self.abandon()
    raise RecordingError("no space left")


def test_screenshots_of_one_frame_have_names_of_their_own(
    camera: Camera, environment: AtariEnvironment
) -> None:
    screen = environment.emulator.screen()
    paths = [camera.photograph(screen, 5) for _ in range(2)]
    assert [path.name for path in paths] == ["pong-frame-5.png", "pong-frame-5-2.png"]
    assert iio.imread(paths[1]).shape == (420, 320, 3)


def test_a_video_holds_what_was_added_between_start_and_stop(
    camera: Camera, environment: AtariEnvironment
) -> None:
    camera.add(environment.frames[0])
    assert not camera.is_filming
    camera.start()
    assert camera.is_filming
    for frame in environment.frames:
        camera.add(frame)
    camera.stop()
    camera.stop()
    assert not camera.is_filming
    (path,) = camera.written
    assert path.name == "pong-play.mp4"
    assert imageio_ffmpeg.count_frames_and_secs(str(path))[0] == 4


def test_a_video_that_breaks_off_is_told_and_forgotten_by_the_next(
    camera: Camera, environment: AtariEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera.start()
    with monkeypatch.context() as broken:
        broken.setattr(Film, "add", fail)
        camera.add(environment.frames[0])
    assert (camera.is_filming, camera.failure) == (False, "no space left")
    camera.start()
    camera.add(environment.frames[0])
    camera.stop()
    assert camera.failure == ""
    assert len(camera.written) == 1


def test_a_video_that_cannot_be_completed_is_told(
    camera: Camera, environment: AtariEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera.start()
    camera.add(environment.frames[0])
    monkeypatch.setattr(Film, "finish", fail)
    camera.stop()
    assert (camera.written, camera.failure) == ([], "no space left")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    camera = Camera(tmp_path / "out", PONG, zoom=2)
    with pytest.raises(RecordingError, match="out is not a folder"):
        camera.start()
    assert not camera.is_filming
