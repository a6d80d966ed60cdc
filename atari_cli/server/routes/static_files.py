"""Handlers of the pages: the one to play on, that of the API, their files, and the login."""

from functools import cache, partial
from hashlib import sha256
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError
from importlib.metadata import metadata as package
from importlib.resources import files
from typing import Final, Literal, NamedTuple

from pydantic import Field

from atari_cli.actions import ACTION_NAMES
from atari_cli.config import settings_form
from atari_cli.games import Game, all_games, find_game
from atari_cli.server.routes.film import no_film
from atari_cli.server.routes.negotiation import JSON, PNG
from atari_cli.server.routes.route import Access, ClosedModel, Parameter, Reply, Route
from atari_cli.server.sessions.context import ApiCall
from atari_cli.server.transport.access import cookie, is_token
from atari_cli.server.transport.messages import Problem, Response, redirect
from atari_cli.wire.json_text import Json, to_json
from atari_cli.wire.models import GameDescription

_FRAMERS: Final = ("https://huggingface.co", "https://*.hf.space")
"""Whose pages may show ours in a frame: a Hugging Face Space is one."""

TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "png": PNG,
    "svg": "image/svg+xml",
}
_FRONT_MATTER: Final = "---\n"
"""Encloses the part of a README that the Hugging Face Hub reads."""


class _File(NamedTuple):
    """A file to send, with an entity tag of its content."""

    body: bytes
    content_type: str
    tag: str


class Login(ClosedModel):
    """A token that is to be exchanged for a cookie."""

    token: str = Field(max_length=1000, description="The token.", examples=["TOKEN"])


class PageGame(GameDescription, ClosedModel):
    """A game for the page."""

    id: str
    display_name: str
    controller: Literal["joystick", "paddle"] = Field(description="The controller of the game.")
    fps: int
    height: int


class Games(ClosedModel):
    """Every game, the fields of the form in which their settings are chosen, and the server."""

    games: list[PageGame] = Field(description="Every game, by id.")
    settings: list[Json] = Field(description="The fields of the form for the settings of a game.")
    needs_token: bool = Field(description="Whether the server requires a token.")
    no_video: str | None = Field(
        description="Why the server cannot make videos; null if it can make them."
    )


def _described(game: Game) -> Json:
    """Return a game's row in the page's list."""
    facts = {
        **game.as_json(),
        "actions": [ACTION_NAMES[code] for code in game.minimal_actions],
        "controller": "paddle" if game.uses_paddles else "joystick",
    }
    return {name: facts[name] for name in PageGame.model_fields}


_CACHED: Final = ("ETag", "Cache-Control")
_UNCHANGED: Final = Reply(
    status=HTTPStatus.NOT_MODIFIED,
    headers=_CACHED,
    description="The browser has it: `If-None-Match` names its `ETag`",
)
_HTML: Final = Reply(media=(TYPES["html"],), headers=_CACHED, description="The page")
_FILE: Final = Reply(
    example="…", media=tuple(TYPES.values()), headers=_CACHED, description="The file"
)
_GAMES: Final = {
    "games": [_described(find_game("pong"))],
    "settings": settings_form()[:1],
    "needs_token": False,
    "no_video": None,
}
_NO_FILE: Final = {HTTPStatus.NOT_FOUND: "Not Found"}

_document: Final = partial(Route, tag="Documents", others=(_UNCHANGED,))
_page: Final = partial(Route, tag="Page", others=(_UNCHANGED,), access=Access.PAGE)


@_document("GET /docs", _HTML, is_page=True)
def docs(call: ApiCall[None]) -> Response:
    """Return a page that describes the API and sends requests."""
    return _send(_file("docs", "index.html"), call)


@_document(
    "GET /docs/{name}",
    _FILE,
    parameters=(Parameter("name", "path", example="docs.js", pattern="[a-z]+[.][a-z]+"),),
    refusals=_NO_FILE,
)
def docs_file(call: ApiCall[None]) -> Response:
    """Return a file of that page."""
    return _send(_file("docs", call.variables["name"]), call)


DOCUMENTS: Final = (docs, docs_file)

_LOCATION: Final = Reply(
    status=HTTPStatus.TEMPORARY_REDIRECT,
    headers=("Location",),
    description="`Location` leads to `/web/`, with the query",
)


@_page("GET /", _LOCATION, others=(), is_page=True)
def to_web(call: ApiCall[None]) -> Response:
    """Redirect to the page."""
    return redirect(HTTPStatus.TEMPORARY_REDIRECT, "./web/", call.request.query)


@_page("GET /web/", _HTML, is_page=True)
def web(call: ApiCall[None]) -> Response:
    """Return the page to play on."""
    return _send(_file("web", "index.html"), call)


@_page(
    "GET /web/{name}",
    _FILE,
    parameters=(
        Parameter("name", "path", example="app.js", pattern=f"[a-z0-9_-]+[.](?:{'|'.join(TYPES)})"),
    ),
    refusals=_NO_FILE,
)
def web_file(call: ApiCall[None]) -> Response:
    """Return a file of the page."""
    return _send(_file("web", call.variables["name"]), call)


@_page(
    "POST /web/login",
    Reply(status=HTTPStatus.NO_CONTENT, description="The cookie, if there is a token"),
    others=(),
    refusals={HTTPStatus.UNAUTHORIZED: "the token is wrong"},
)
def login(call: ApiCall[Login]) -> Response:
    """Exchange the token for a cookie."""
    # With a cookie, the token is in no address and no log.
    token = call.context.config.token
    if token is None:
        return Response(HTTPStatus.NO_CONTENT, b"")
    if not is_token(call.body.token, token):
        raise Problem(HTTPStatus.UNAUTHORIZED, "the token is wrong")
    headers = (("Set-Cookie", cookie(token, call.request.headers)), ("Cache-Control", "no-store"))
    return Response(HTTPStatus.NO_CONTENT, b"", headers=headers)


@_page(
    "POST /web/check",
    Reply(status=HTTPStatus.NO_CONTENT, description="A page may"),
    others=(),
)
def check(call: ApiCall[None]) -> Response:
    """Report whether a page may open a WebSocket.

    A browser does not say why one was refused; the same checks refuse this request, with a reason.
    """
    return Response(HTTPStatus.NO_CONTENT, b"")


@_page("GET /web/games.json", Reply(Games, _GAMES, headers=_CACHED), access=Access.TOKEN)
def games(call: ApiCall[None]) -> Response:
    """Return the games, the settings of the page's form, and what the server can do."""
    return _send(_games(call.context.config.token is not None), call)


@_page(
    "GET /web/pictures/{game}.png",
    Reply(media=(PNG,), headers=_CACHED, description="A picture"),
    parameters=(Parameter("game", "path", example="pong", pattern="[a-z0-9_]+"),),
    refusals=_NO_FILE,
    access=Access.TOKEN,
)
def picture(call: ApiCall[None]) -> Response:
    """Return the screen of a game after two seconds."""
    return _send(_file("pictures", f"{call.variables['game']}.png"), call)


PAGE: Final = (
    to_web,
    to_web.at("GET /web"),
    *(web, web_file, login, check, games, picture),
)


@cache
def readme() -> str | None:
    """Return the installed package's README from its title on; None if it is not installed."""
    try:
        text = package("atari-cli").json.get("description")
    except PackageNotFoundError:
        return None
    if not isinstance(text, str):
        return None
    is_headed = text.startswith(_FRONT_MATTER)
    return text.split(_FRONT_MATTER, 2)[2].lstrip() if is_headed else text


def _send(file: _File, call: ApiCall[None]) -> Response:
    """Return a file, or 304 if the browser has it already."""
    headers: tuple[tuple[str, str], ...] = (("ETag", file.tag), ("Cache-Control", "no-cache"))
    if file.content_type == TYPES["html"]:
        frames = " ".join(("'self'", *_FRAMERS, *call.context.config.allow_origins))
        policy = (
            "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
            "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; "
            f"frame-ancestors {frames}"
        )
        headers += (("Content-Security-Policy", policy), ("Referrer-Policy", "no-referrer"))
    known = call.request.headers.get("if-none-match", "")
    if file.tag in (tag.strip().removeprefix("W/") for tag in known.split(",")):
        return Response(HTTPStatus.NOT_MODIFIED, b"", headers=headers)
    return Response(HTTPStatus.OK, file.body, file.content_type, headers)


@cache  # a name without a file raises, which is not remembered
def _file(folder: str, name: str) -> _File:
    """Return a file of the package.

    Raises:
        Problem: If there is no such file.
    """
    file = files("atari_cli.server").joinpath("static", folder, name)
    kind = TYPES.get(name.rpartition(".")[2])
    if kind is None or not file.is_file():
        raise Problem(HTTPStatus.NOT_FOUND, "Not Found")
    return _tagged(file.read_bytes(), kind)


def _tagged(body: bytes, content_type: str) -> _File:
    return _File(body, content_type, f'"{sha256(body).hexdigest()[:20]}"')


@cache
def _games(needs_token: bool) -> _File:
    document = {
        "games": [_described(game) for game in all_games()],
        "settings": settings_form(),
        "needs_token": needs_token,
        "no_video": no_film(),
    }
    return _tagged(to_json(document), JSON)
