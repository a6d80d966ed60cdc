"""What a browser gets: the page to play on, that of the API, their files, and who may log in."""

import hmac
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError
from importlib.metadata import metadata as package
from importlib.resources import files
from typing import Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from atari_cli.actions import ACTION_NAMES
from atari_cli.config import settings_form
from atari_cli.games import Game, all_games
from atari_cli.server.sessions.context import Context
from atari_cli.server.transport.access import cookie
from atari_cli.server.transport.messages import Problem, Request, Response
from atari_cli.wire.json_text import Json, from_json, to_json

_FRAMERS: Final = ("https://huggingface.co", "https://*.hf.space")
"""Whose pages may show ours in a frame: a Hugging Face Space is one."""

_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "png": "image/png",
    "svg": "image/svg+xml",
}
_JSON: Final = "application/json"

_FRONT_MATTER: Final = "---\n"
"""Stands before and after what the Hugging Face Hub reads of a README."""


class _File(NamedTuple):
    """A file to send, and what its content is known by."""

    body: bytes
    content_type: str
    tag: str


class Login(BaseModel):
    """The body of POST /web/login."""

    model_config = ConfigDict(extra="forbid")

    token: str = Field(max_length=1000)


def is_open(path: str) -> bool:
    """Return whether a path needs no token: the page, which asks for it, and its files."""
    if path in {"/", "/web", "/web/"}:
        return True
    folder, _, name = path.rpartition("/")
    return folder == "/web" and name.rpartition(".")[2] in _TYPES


def web(context: Context, request: Request, name: str = "index.html") -> Response:
    """Return the page to play on, or one of its files."""
    return _send(_file("web", name), context, request)


def picture(context: Context, request: Request, name: str) -> Response:
    """Return what a game shows at its beginning."""
    return _send(_file("pictures", f"{name}.png"), context, request)


def docs(context: Context, request: Request, name: str = "index.html") -> Response:
    """Return the page that describes the API, or one of its files."""
    return _send(_file("docs", name), context, request)


def games(context: Context, request: Request) -> Response:
    """Return the games and the settings that the page offers."""
    return _send(_games(), context, request)


@cache
def readme() -> str | None:
    """Return the README that the package was installed with, from its title on, if it was."""
    try:
        text = package("atari-cli").json.get("description")
    except PackageNotFoundError:
        return None
    if not isinstance(text, str):
        return None
    is_headed = text.startswith(_FRONT_MATTER)
    return text.split(_FRONT_MATTER, 2)[2].lstrip() if is_headed else text


def to_web(context: Context, request: Request) -> Response:
    """Lead to the page."""
    return Response(HTTPStatus.TEMPORARY_REDIRECT, b"", headers=(("Location", "/web/"),))


def login(context: Context, request: Request) -> Response:
    """Give a browser a cookie for the token, which then is in no address and no log."""
    try:
        shown = Login.model_validate(from_json(request.body)).token
    except ValueError:  # pydantic's is one
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, 'expected {"token": "…"}') from None
    token = context.config.token
    if token is None:
        return Response(HTTPStatus.NO_CONTENT, b"")
    if not hmac.compare_digest(shown.encode(errors="replace"), token.encode()):
        raise Problem(HTTPStatus.UNAUTHORIZED, "the token is wrong")
    headers = (("Set-Cookie", cookie(token)), ("Cache-Control", "no-store"))
    return Response(HTTPStatus.NO_CONTENT, b"", headers=headers)


def _send(file: _File, context: Context, request: Request) -> Response:
    """Return a file, or that the browser has it already."""
    headers: tuple[tuple[str, str], ...] = (("ETag", file.tag), ("Cache-Control", "no-cache"))
    if file.content_type == _TYPES["html"]:
        frames = " ".join(("'self'", *_FRAMERS, *context.config.allow_origins))
        policy = (
            "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
            "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; "
            f"frame-ancestors {frames}"
        )
        headers += (("Content-Security-Policy", policy), ("Referrer-Policy", "no-referrer"))
    known = request.headers.get("if-none-match", "")
    if file.tag in (tag.strip().removeprefix("W/") for tag in known.split(",")):
        return Response(HTTPStatus.NOT_MODIFIED, b"", headers=headers)
    return Response(HTTPStatus.OK, file.body, file.content_type, headers)


@cache  # of the files that there are: no other name is remembered
def _file(folder: str, name: str) -> _File:
    """Return a file of the package.

    Raises:
        Problem: If there is none.
    """
    file = files("atari_cli.server").joinpath("static", folder, name)
    kind = _TYPES.get(name.rpartition(".")[2])
    if kind is None or not file.is_file():
        raise Problem(HTTPStatus.NOT_FOUND, "Not Found")
    return _tagged(file.read_bytes(), kind)


def _tagged(body: bytes, content_type: str) -> _File:
    return _File(body, content_type, f'"{sha256(body).hexdigest()[:20]}"')


@cache
def _games() -> _File:
    games = [_described(game) for game in all_games()]
    return _tagged(to_json({"games": games, "settings": settings_form()}), _JSON)


def _described(game: Game) -> Json:
    """Return what the page shows of a game."""
    return {
        "id": game.id,
        "title": game.title,
        "year": game.year,
        "publisher": game.publisher,
        "actions": [ACTION_NAMES[code] for code in game.minimal_actions],
        "controller": "paddle" if game.uses_paddles else "joystick",
        "modes": game.modes,
        "difficulties": game.difficulties,
        "default_mode": game.default_mode,
        "default_difficulty": game.default_difficulty,
        "lives": game.lives,
        "fps": game.fps,
        "height": game.height,
    }
