"""Recordings over HTTP: the running episode as a file, and a file to replay."""

import logging
import threading
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pydantic import ConfigDict, Field

from atari_cli.errors import RecordingError, ResetNeeded, SessionBusy
from atari_cli.games import Game
from atari_cli.recording import Episode, episode_bytes, load_header, read_episode
from atari_cli.server.routes.film import ELSEWHERE, FilmFailed, film, no_film
from atari_cli.server.routes.route import FULL, Reply, Route
from atari_cli.server.routes.session_of_request import (
    LOST,
    NO_TAB,
    SESSION,
    TAB_PARAMETER,
    session_of,
)
from atari_cli.server.routes.sessions import NewSession
from atari_cli.server.sessions.context import ApiCall
from atari_cli.server.sessions.episode_log import MOST_STEPS
from atari_cli.server.sessions.session import Session
from atari_cli.server.transport.messages import (
    WATCH_HEADER,
    Problem,
    Response,
    json_response,
)
from atari_cli.wire.descriptions import described_by
from atari_cli.wire.json_text import Json

CONTENT_TYPE: Final = "application/octet-stream"
VIDEO_TYPE: Final = "video/mp4"

MOST_BYTES: Final = 16 << 20
"""The longest recording that is accepted."""

MOST_FILMED: Final = 36_000
"""Frames of a video: the last ten minutes, which take an encoder some 20 s."""


class NewReplay(NewSession):
    """A session that replays a recording, and what it replays."""

    model_config = ConfigDict(json_schema_extra=described_by(Game, Episode))

    game_name: str = Field(description="The id of the game.", examples=["pong"])
    display_name: str = Field(examples=["Pong (Video Olympics)"])
    steps: int = Field(examples=[1200])
    policy: str | None = Field(
        description="Who chose the actions; null if it is not known.", examples=["human"]
    )
    totals: Json = Field(
        description="Its `steps`, `frames`, `score`, `terminated` and `truncated`.",
        examples=[{"frames": 1200, "score": -3.0, "steps": 1200}],
    )


_filming: Final = threading.Lock()
"""One video at a time: an encoder takes the whole machine."""

_log: Final = logging.getLogger("atari.server")

_NOT_KEPT: Final = "nothing is kept of a session that no person plays"
_VIDEO_FAILED: Final = "the video could not be made; the server's log says why"

_NOT_PLAYED: Final = {
    **LOST,
    **FULL,
    **NO_TAB,
    HTTPStatus.NOT_FOUND: _NOT_KEPT,
    HTTPStatus.CONFLICT: "no step was played",
}
_NO_VIDEO: Final = {
    HTTPStatus.NOT_IMPLEMENTED: f"this server has no video encoder: {ELSEWHERE}",
    HTTPStatus.INTERNAL_SERVER_ERROR: _VIDEO_FAILED,
}
_RECORDING: Final = Reply(
    media=(CONTENT_TYPE,),
    headers=("Content-Disposition", "Cache-Control"),
    description="A file like those of `atari record`",
)
_download: Final = partial(
    Route, tag="Page", parameters=(SESSION, TAB_PARAMETER), refusals=_NOT_PLAYED, is_costly=True
)


@_download("GET /web/episode.npz", _RECORDING)
def download_npz(call: ApiCall[None]) -> Response:
    """Return the running episode as a recording.

    If it is played at a page or by `/web/step`, up to an hour of it.
    """
    return _download_file(session_of(call), "npz")


@_download(
    "GET /web/episode.mp4",
    replace(_RECORDING, media=(VIDEO_TYPE,), description="MP4"),
    refusals=_NOT_PLAYED | _NO_VIDEO,
)
def download_mp4(call: ApiCall[None]) -> Response:
    """Return the running episode as a video.

    The last ten minutes of it, with sound.
    """
    return _download_file(session_of(call), "mp4")


@Route(
    "POST /web/replay",
    Reply(NewReplay, status=HTTPStatus.CREATED, headers=(WATCH_HEADER,)),
    tag="Page",
    media=CONTENT_TYPE,
    most=MOST_BYTES,
    refusals=FULL | {HTTPStatus.UNPROCESSABLE_ENTITY: "the recording is not a ZIP file"},
)
def replay(call: ApiCall[None]) -> Response:
    """Open a session that replays a recording."""
    try:
        episode = _read(call.request.body)
    except RecordingError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None
    session = call.context.sessions.replay(episode)
    document = {
        "session_id": session.id,
        "watch": session.watch_key,
        "game_name": episode.game.id,
        "display_name": episode.game.display_name,
        "steps": episode.steps,
        "policy": episode.header["policy"],
        "totals": episode.header["totals"],
    }
    headers = ((WATCH_HEADER, session.watch_key),)
    return json_response(document, HTTPStatus.CREATED, headers)


RECORDINGS: Final = (download_npz, download_mp4, replay)


def _download_file(session: Session, kind: str) -> Response:
    """Return the episode of a session so far as a file: `npz` or `mp4`.

    Raises:
        Problem: If the episode is not kept, or no video can be made.
        SessionBusy: If another video is being made.
    """
    if kind == "mp4" and (reason := no_film()):
        raise Problem(HTTPStatus.NOT_IMPLEMENTED, reason)
    try:
        episode = session.kept_episode()
    except ResetNeeded as nothing:
        raise Problem(HTTPStatus.CONFLICT, str(nothing)) from None
    if episode is None:
        raise Problem(HTTPStatus.NOT_FOUND, _NOT_KEPT)
    body = episode_bytes(episode)
    if kind == "mp4":
        body = _film(body, episode)
    name = f"{episode.game.id}-s{episode.header['seed']}.{kind}"
    content_type = CONTENT_TYPE if kind == "npz" else VIDEO_TYPE
    headers = (("Content-Disposition", f'attachment; filename="{name}"'),)
    return Response(HTTPStatus.OK, body, content_type, (*headers, ("Cache-Control", "no-store")))


def _read(content: bytes) -> Episode:
    """Return the recording that a file contains.

    Raises:
        RecordingError: If it is not valid, or too long.
    """
    totals = load_header(content).get("totals")
    frames = totals.get("frames") if isinstance(totals, dict) else None
    if isinstance(frames, int) and frames > MOST_STEPS:
        raise RecordingError(f"a page replays up to {MOST_STEPS} frames, this one has {frames}")
    return read_episode(content)


def _film(content: bytes, episode: Episode) -> bytes:
    """Return a video of the end of an episode, whose recording is given."""
    first = max(0, episode.steps - MOST_FILMED // episode.config.frameskip)
    if not _filming.acquire(blocking=False):
        raise SessionBusy("another video is being made; try again soon")
    try:
        with TemporaryDirectory(prefix="atari-") as folder:
            npz = Path(folder) / "episode.npz"
            npz.write_bytes(content)
            return film(npz, first)
    except (FilmFailed, OSError) as error:
        _log.warning("a video failed: %s", error)
        raise Problem(HTTPStatus.INTERNAL_SERVER_ERROR, _VIDEO_FAILED) from None
    finally:
        _filming.release()
