"""The encoding of a result: OpenEnv's JSON, a binary message of `atari.v1`, or a picture."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from atari_cli.games import find_game
from atari_cli.model import AtariState, StepResult
from atari_cli.pictures.png import png
from atari_cli.server.sessions.session import Session
from atari_cli.server.sessions.view import Encode
from atari_cli.server.transport.messages import Problem, Request, Response
from atari_cli.wire.atari_v1 import MEDIA_TYPE, SUBPROTOCOL, ResultEncoder, pack_message
from atari_cli.wire.openenv_json import result_json

JSON: Final = "application/json"
PNG: Final = "image/png"

_BY_NAME: Final = {"json": JSON, SUBPROTOCOL: MEDIA_TYPE, "png": PNG}
ENCODINGS: Final = tuple(_BY_NAME)
_BY_RANGE: Final = {"*/*": JSON, "application/*": JSON, "image/*": PNG}


def encoder(request: Request, session: Session, ignored: Sequence[str] = ()) -> Encode[Response]:
    """Return a function that makes a reply of a result, in the encoding that a request asks for.

    Args:
        request: The request.
        session: The session whose results are encoded.
        ignored: Names of the settings of a reset that are ignored.

    Raises:
        Problem: If the encoding is not known.
    """
    kind = asked_for(request)
    compress = is_compressed(request.query, request.is_local)

    def encode(result: StepResult, state: AtariState) -> Response:
        if kind == PNG:
            body = png(result.observation.indices, find_game(state.game_name))
            return Response(HTTPStatus.OK, body, PNG, _outcome_headers(result))
        if kind == MEDIA_TYPE:
            keys = session.id, session.watch_key
            data, screen = ResultEncoder().encode(*keys, ignored, result, state)
            header = {"type": "observation", "data": data}
            head, *rest = pack_message(header, (screen,), compress)
            return Response(HTTPStatus.OK, bytes(head), MEDIA_TYPE, more=rest)
        pieces = result_json(result, state, session.earlier_frames, ignored)
        return Response(HTTPStatus.OK, b"", more=pieces)

    return encode


def is_compressed(query: Mapping[str, str], is_local: bool) -> bool:
    """Return whether payloads are compressed: as asked for, else for all but this machine.

    Args:
        query: The query of the request, with `compression` if it is given.
        is_local: Whether the peer is on this machine.
    """
    return {"zlib": True, "none": False}.get(query.get("compression", ""), not is_local)


def asked_for(request: Request) -> str:
    """Return the media type that a request asks for by `?encoding=`, else by Accept, else JSON.

    Raises:
        Problem: If the encoding is not known.
    """
    name = request.query.get("encoding")
    if name is not None:
        if name not in _BY_NAME:
            expected = ", ".join(ENCODINGS)
            message = f"encoding must be one of {expected}, got {name[:100]!r}"
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, message)
        return _BY_NAME[name]
    for accepted in request.headers.get("accept", "").split(","):
        media = accepted.partition(";")[0].strip().lower()
        kind = _BY_RANGE.get(media, media)
        if kind in _BY_NAME.values():
            return kind
    return JSON


def _outcome_headers(result: StepResult) -> tuple[tuple[str, str], ...]:
    return (
        ("X-Atari-Reward", f"{result.reward:g}"),
        ("X-Atari-Terminated", str(result.terminated).lower()),
        ("X-Atari-Truncated", str(result.truncated).lower()),
    )
