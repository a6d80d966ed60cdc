"""A video of a recording, made in a separate process so that sessions keep their speed."""

import atexit
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from atari_cli.errors import MissingDependency
from atari_cli.recording import check_format

FILM_SECONDS: Final = 300.0
ELSEWHERE: Final = "save the recording, and `atari replay FILE --video episode.mp4` makes its video"

# Not multiprocessing, whose processes begin by running the caller's script once more.
_PROGRAM: Final = """
import sys
from pathlib import Path
npz, video, first, *sys.path[:] = sys.argv[1:]
from atari_cli.config import RecordConfig
from atari_cli.errors import AtariError
from atari_cli.recording import load_recording, render_video, verify
try:
    recording = load_recording(Path(npz))
    verify(recording)
    render_video(recording, Path(video), RecordConfig(), int(first))
except AtariError as error:
    sys.exit(str(error))
"""


class FilmFailed(Exception):
    """A video could not be made; the text says why."""


@cache
def no_film() -> str | None:
    """Return why no video can be made here; None if it can."""
    lacks = None
    try:
        TemporaryFile().close()
        check_format("mp4")
    except MissingDependency:
        lacks = "no video encoder"
    except OSError:
        lacks = "no folder for temporary files"
    return lacks and f"this server has {lacks}: {ELSEWHERE}"


def film(npz: Path, first_step: int) -> bytes:
    """Return an MP4 video of a recording from a step on; the file stays in the same folder.

    Args:
        npz: The recording.
        first_step: The step that the video begins with.

    Raises:
        FilmFailed: If it cannot be made, or not within `FILM_SECONDS`.
    """
    video = npz.with_suffix(".mp4")
    command = [sys.executable, "-c", _PROGRAM, str(npz), str(video), str(first_step), *sys.path]
    try:
        _run(command)
        return video.read_bytes()
    except (subprocess.TimeoutExpired, OSError) as error:
        raise FilmFailed(str(error)) from error


def _run(command: list[str]) -> None:
    """Run a command, which ends with this process at the latest.

    Raises:
        FilmFailed: If it fails.
        TimeoutExpired: If it takes too long.
    """
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        atexit.register(process.kill)
        try:
            _, said = process.communicate(timeout=FILM_SECONDS)
        finally:
            process.kill()
            atexit.unregister(process.kill)
    if process.returncode:
        raise FilmFailed(said.decode(errors="replace").strip() or f"exit {process.returncode}")
