"""A video is made in a separate process, which reports errors and ends in time."""

import os
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from atari_cli.server.routes import film as module
from atari_cli.server.routes import recordings
from atari_cli.server.routes.film import FilmFailed, film, no_film
from tests.server.conftest import Ways
from tests.server.routes.test_recordings import recorded


def test_a_recording_becomes_a_video(tmp_path: Path) -> None:
    path, _ = recorded(tmp_path, steps=5)
    assert film(path, 2)[4:8] == b"ftyp"


def test_the_error_of_the_process_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "game.npz"
    path.write_bytes(b"not a recording")
    with pytest.raises(FilmFailed, match="game.npz is not a whole recording") as raised:
        film(path, 0)
    assert "Traceback" not in str(raised.value)


def test_the_process_has_a_time_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _ = recorded(tmp_path, steps=5)
    monkeypatch.setattr(module, "FILM_SECONDS", 0.0)
    with pytest.raises(FilmFailed, match="timed out"):
        film(path, 0)
    assert not path.with_suffix(".mp4").exists()


SERVER_THAT_FILMS = """
import os, sys, threading
from atari_cli.config import EnvironmentConfig, ServeConfig
from atari_cli.server import serve
from atari_cli.server.routes import film
endless = "import os, signal; signal.alarm(120); os.write(0, b'f'); signal.pause()"
threading.Thread(target=film._run, args=([sys.executable, "-c", endless],), daemon=True).start()
serve(ServeConfig(port=0), EnvironmentConfig(), lambda url: os.write(0, b"s"))
"""


@pytest.mark.posix("sends a signal to another process")
def test_the_process_ends_with_the_server() -> None:
    # Both processes have the pipe as standard input: it is closed when the last of them ends.
    source, sink = os.pipe()
    with subprocess.Popen([sys.executable, "-c", SERVER_THAT_FILMS], stdin=sink) as server:
        os.close(sink)
        assert {read_soon(source), read_soon(source)} == {b"f", b"s"}
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
    assert read_soon(source) == b""
    os.close(source)


@pytest.mark.parametrize("lacks", ["video encoder", "folder for temporary files"])
def test_a_server_that_cannot_make_videos_says_so_before_it_tries(
    ways: Ways, monkeypatch: pytest.MonkeyPatch, lacks: str
) -> None:
    if lacks == "video encoder":
        monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", os.devnull)
    else:
        monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    no_film.cache_clear()
    ways.ask("POST", "/web/reset", {"obs_type": "ram"})
    ways.ask("POST", "/web/step", {"action": {"action_id": 0}})
    reply = ways.ask("GET", "/web/episode.mp4")
    no_film.cache_clear()
    assert reply.status == 501
    assert reply.body["detail"].startswith(f"this server has no {lacks}: save the recording")


def read_soon(source: int) -> bytes:
    """Return the next byte of a pipe, or nothing at its end."""
    assert select.select([source], [], [], 30)[0]
    return os.read(source, 1)


def test_paths_of_the_server_are_not_sent_to_clients(
    ways: Ways, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(npz: Path, first_step: int) -> bytes:
        raise FilmFailed(f"cannot write {npz}")

    monkeypatch.setattr(recordings, "film", fail)
    ways.ask("POST", "/web/reset", {"obs_type": "ram"})
    ways.ask("POST", "/web/step", {"action": {"action_id": 0}})
    reply = ways.ask("GET", "/web/episode.mp4")
    assert reply.status == 500
    assert reply.body == {"detail": "the video could not be made; the server's log says why"}
    assert "cannot write" in caplog.text
    assert not recordings._filming.locked()
