"""Games played by a person can be downloaded as recordings, and recordings can be replayed."""

import io
import tempfile
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atari_cli import AtariEnvironment
from atari_cli.recording import LiveEpisode, load_recording, verify
from atari_cli.server.routes import recordings
from atari_cli.server.sessions import episode_log
from atari_cli.sink import EpisodeStart
from tests.recording.episodes import rewrite
from tests.server.conftest import Start, Ways
from tests.server.page import Page

FILE = {"Content_Type": "application/octet-stream"}


def download(ways: Ways, path: str, session: str) -> tuple[int, dict[str, str], bytes]:
    connection: HTTPConnection = ways.connection()
    connection.request("GET", path, headers={"X-Atari-Session": session})
    response = connection.getresponse()
    named = {name.lower(): value for name, value in response.headers.items()}
    return response.status, named, response.read()


def upload(ways: Ways, body: bytes, **headers: str) -> tuple[int, Any]:
    import json

    connection = ways.connection()
    named = {name.replace("_", "-"): value for name, value in (FILE | headers).items()}
    connection.request("POST", "/web/replay", body, named)
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def recorded(folder: Path, game: str = "breakout", steps: int = 40) -> tuple[Path, list[Any]]:
    """Write a recording and return its path and the screen after each step."""
    environment = AtariEnvironment(game, frameskip=1, sound=True, full_action_space=True)
    result = environment.reset(seed=7)
    live = LiveEpisode(EpisodeStart(0, 7, "human", environment, result), None)
    shown = [result.observation.indices.copy()]
    for step in range(steps):
        result = environment.step((1, 3, 4, 3)[step // 5 % 4], 2.5)
        live.step(environment.last_action, 1, result)
        shown.append(result.observation.indices.copy())
    path = folder / "game.npz"
    live.write(path)
    return path, shown


def test_a_played_episode_is_downloaded_as_a_recording_that_verifies(
    ways: Ways, tmp_path: Path
) -> None:
    page = Page(ways)
    episode = page.play(game="breakout", seed=3)
    page.say("input", code=1, paddle=0.9)
    page.await_screen(10)
    page.say("pace", paused=True)
    page.ask("step", "observation", action_id=0)
    status, headers, body = download(ways, "/web/episode.npz", episode["session_id"])
    assert (status, headers["content-type"]) == (200, "application/octet-stream")
    assert headers["content-disposition"] == 'attachment; filename="breakout-s3.npz"'
    path = tmp_path / "downloaded.npz"
    path.write_bytes(body)
    recording = load_recording(path)
    verify(recording)
    assert (recording.game.id, recording.header["policy"]) == ("breakout", "human")
    assert recording.steps >= 10
    assert recording.arrays["actors"].all()


def test_a_tab_that_plays_step_by_step_can_save_too(ways: Ways) -> None:
    ways.ask("POST", "/web/reset", {"obs_type": "ram"}, X_Atari_Tab="t")
    assert ways.ask("GET", "/web/episode.npz", X_Atari_Tab="t").status == 409
    ways.ask("POST", "/web/step", {"action": {"action_id": 2}}, X_Atari_Tab="t")
    assert download(ways, "/web/episode.npz", ways.server.sessions.all()[0].id)[0] == 200


def test_episodes_played_by_programs_are_not_kept(ways: Ways) -> None:
    made = ways.ask("POST", "/sessions").body["session_id"]
    ways.ask("POST", "/reset", X_Atari_Session=made)
    reply = ways.ask("GET", "/web/episode.npz", X_Atari_Session=made)
    assert (reply.status, "nothing is kept" in reply.body["detail"]) == (404, True)
    assert ways.ask("GET", "/web/episode.npz", X_Atari_Session="none").status == 404


def test_a_foreign_page_cannot_request_videos(ways: Ways) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "cross-site"}):
        assert ways.ask("GET", "/web/episode.mp4", **headers).status == 403
    assert len(ways.server.sessions) == 0


def test_the_number_of_kept_steps_is_limited(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(episode_log, "MOST_STEPS", 3)
    ways.ask("POST", "/web/reset", {"obs_type": "ram"})
    for _ in range(5):
        ways.ask("POST", "/web/step", {"action": {"action_id": 0}})
    (session,) = ways.server.sessions.all()
    kept = session.kept_episode()
    assert kept
    assert kept.steps == 3


@pytest.mark.slow
def test_a_video_of_the_episode_can_be_downloaded(ways: Ways) -> None:
    page = Page(ways)
    episode = page.play(game="pong")
    page.await_screen(20)
    status, headers, body = download(ways, "/web/episode.mp4", episode["session_id"])
    assert (status, headers["content-type"]) == (200, "video/mp4")
    assert body[4:8] == b"ftyp"


def test_recordings_need_no_writable_folder(
    ways: Ways, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    page = Page(ways)
    session = page.play(game="breakout", seed=3)["session_id"]
    page.await_screen(10)
    status, _, body = download(ways, "/web/episode.npz", session)
    assert status == 200
    assert upload(ways, body)[0] == 201
    path = tmp_path / "downloaded.npz"
    path.write_bytes(body)
    verify(load_recording(path))


def test_only_one_video_is_made_at_a_time(ways: Ways) -> None:
    ways.ask("POST", "/web/reset", {"obs_type": "ram"})
    ways.ask("POST", "/web/step", {"action": {"action_id": 0}})
    with recordings._filming:
        reply = ways.ask("GET", "/web/episode.mp4")
    assert (reply.status, reply.headers["retry-after"]) == (503, "1")


def test_a_recording_can_be_replayed_and_sought(ways: Ways, tmp_path: Path) -> None:
    path, shown = recorded(tmp_path)
    status, opened = upload(ways, path.read_bytes())
    assert (status, opened["steps"], opened["game_name"]) == (201, 40, "breakout")
    page = Page(ways, f"/ws?session_id={opened['session_id']}")
    reply = page.ask("replay", "replaying", paused=True)
    assert (reply["steps"], reply["step"], reply["paused"]) == (40, 0, True)
    for step in (0, 30, 12, 13, 40, 0):
        assert page.ask("replay", "replaying", step=step)["step"] == step
        while page.await_message("screen")["step"] != step:
            pass
        assert np.array_equal(page.shown[:-128], shown[step].reshape(-1))
    page.say("pace", paused=False)
    while page.await_message("screen")["step"] != 40:
        pass
    assert np.array_equal(page.shown[:-128], shown[40].reshape(-1))
    page.say("replay", step=5, paused=True)
    page.await_message("replaying")
    page.say("step", action_id=0)
    while page.await_message("screen")["step"] != 6:
        pass
    assert np.array_equal(page.shown[:-128], shown[6].reshape(-1))


@pytest.mark.parametrize(
    ("kind", "data"),
    [("reset", {}), ("play", {"game": "pong"}), ("step_many", {"actions": [0]})],
)
def test_only_the_recording_is_played_in_a_replay_session(
    ways: Ways, tmp_path: Path, kind: str, data: dict[str, object]
) -> None:
    path, _ = recorded(tmp_path, steps=5)
    page = Page(ways, f"/ws?session_id={upload(ways, path.read_bytes())[1]['session_id']}")
    page.ask("replay", "replaying", paused=True)
    assert "nothing else can be played" in page.ask(kind, "error", **data)["message"]
    assert page.ask("replay", "replaying", step=5)["step"] == 5
    assert "from 0 to 5" in page.ask("replay", "error", step=6)["message"]


def test_a_refused_seek_leaves_the_pace_as_it_is(ways: Ways, tmp_path: Path) -> None:
    path, _ = recorded(tmp_path, steps=5)
    page = Page(ways, f"/ws?session_id={upload(ways, path.read_bytes())[1]['session_id']}")
    page.ask("replay", "replaying", step=2, paused=True)
    page.ask("replay", "error", step=6, paused=False)
    reply = page.ask("replay", "replaying")
    assert (reply["paused"], reply["step"]) == (True, 2)


def test_a_session_without_a_recording_replays_nothing(ways: Ways) -> None:
    assert "/web/replay" in Page(ways).ask("replay", "error", step=0)["message"]


def test_a_replay_ends_with_its_page(ways: Ways, tmp_path: Path) -> None:
    path, _ = recorded(tmp_path, steps=5)
    page = Page(ways, f"/ws?session_id={upload(ways, path.read_bytes())[1]['session_id']}")
    page.ask("replay", "replaying")
    page.say("close")
    assert page.closed() == 1000
    assert len(ways.server.sessions) == 0


def test_a_file_that_is_not_a_recording_is_refused_without_naming_paths(
    ways: Ways, tmp_path: Path
) -> None:
    path, _ = recorded(tmp_path, steps=5)
    whole = path.read_bytes()
    archive = io.BytesIO()
    np.savez(archive, actions=np.zeros(3, np.uint8))
    for body in (b"", b"not a zip", whole[:-100], whole[:200] + whole[220:], archive.getvalue()):
        status, reply = upload(ways, body)
        assert status == 422
        assert "atari-" not in reply["detail"]
        assert "/" not in reply["detail"].replace("/web", "")
    assert len(ways.server.sessions) == 0


def test_a_recording_that_asks_for_more_frames_than_it_has_is_refused(
    ways: Ways, tmp_path: Path
) -> None:
    path, _ = recorded(tmp_path)
    # With the digest renewed: 40,000 frames would be played in place of 40.
    rewrite(path, lambda header, arrays: header["settings"].update(frameskip=1000))
    status, reply = upload(ways, path.read_bytes())
    assert (status, "do not fit" in reply["detail"]) == (422, True)
    assert len(ways.server.sessions) == 0


def test_an_overlong_recording_is_refused_before_it_is_decompressed(
    ways: Ways, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = recorded(tmp_path, steps=5)
    monkeypatch.setattr(recordings, "MOST_STEPS", 4)
    monkeypatch.setattr(recordings, "read_episode", None)
    status, reply = upload(ways, path.read_bytes())
    assert (status, "up to 4 frames" in reply["detail"]) == (422, True)


def test_a_recording_needs_its_media_type_and_a_limited_size(start: Start) -> None:
    ways = start(max_sessions=1)
    own = {"Sec_Fetch_Site": "same-origin"}
    assert ways.ask("POST", "/web/replay", {}, **own).status == 415
    head = "POST /web/replay HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16777217\r\n\r\n"
    assert ways.send(head.encode()).startswith(b"HTTP/1.1 413 ")
    head = "POST /reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n"
    assert ways.send(head.encode()).startswith(b"HTTP/1.1 413 ")
