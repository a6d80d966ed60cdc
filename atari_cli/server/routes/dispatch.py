"""From an HTTP request to its reply: who may ask, which endpoint answers, what errors become."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlencode

from pydantic import ValidationError

from atari_cli.config import ServeConfig
from atari_cli.errors import (
    AtariError,
    CapacityReached,
    InvalidSetting,
    SessionBusy,
    UnknownSession,
)
from atari_cli.server.routes import recordings, static_files
from atari_cli.server.routes.endpoints import ROUTES
from atari_cli.server.routes.negotiation import JSON
from atari_cli.server.sessions.context import Context
from atari_cli.server.transport import access
from atari_cli.server.transport.messages import Problem, Request, Response
from atari_cli.server.transport.request_head import MAX_BODY_BYTES
from atari_cli.wire.json_text import Json
from atari_cli.wire.models import error_list

PAGES: Final = {"/", "/web", "/web/", "/docs"}
"""Where a person's browser may show the token as `?token=`, and gets a cookie for it."""

_CONTENT_TYPES: Final = {recordings.PATH: recordings.CONTENT_TYPE}
_EPISODE: Final = "/web/episode."
_LOGIN: Final = "/web/login"
_READS: Final = {"GET", "HEAD"}


class Routes:
    """Answers requests.

    Args:
        context: What they are about.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._table = [
            (method, re.compile(pattern), handler)
            for method, pattern, handler in ROUTES
            if has_route(pattern, context.config)
        ]

    def admit(self, request: Request) -> None:
        """Let a request in whose body was not read yet.

        Raises:
            Problem: If the server may not answer it.
        """
        if request.path == "/health" or self._is_preflight(request):
            return
        headers, config = request.headers, self._context.config
        if _shows_token(request):
            headers = {**headers, "authorization": f"Bearer {request.query['token']}"}
        elif request.method in _READS and static_files.is_open(request.path):
            access.check_host(headers, config)
            return
        if request.path == _LOGIN:
            access.check_host(headers, config)
            access.check_origin(headers, config)
        else:
            # A page that cannot see the file could still have the server make videos.
            costs = request.method not in _READS or request.path.startswith(_EPISODE)
            access.admit(headers, config, changes_something=costs)
        if request.method == "POST":
            access.check_content_type(headers, _CONTENT_TYPES.get(request.path, JSON))

    def respond(self, request: Request) -> Response:
        """Return the reply to a request that was let in; whatever goes wrong is a reply, too."""
        if self._is_preflight(request):
            response = Response(HTTPStatus.OK, b"")
        else:
            response = self._respond(request)
        shared = access.sharing(request.headers, self._context.config)
        return response._replace(headers=(*response.headers, *shared)) if shared else response

    def _is_preflight(self, request: Request) -> bool:
        """Return whether a browser asks whether a page of an allowed origin may send a request."""
        return (
            request.method == "OPTIONS"
            and "access-control-request-method" in request.headers
            and bool(access.sharing(request.headers, self._context.config))
        )

    def _respond(self, request: Request) -> Response:
        if _shows_token(request):
            return _without_token(request, self._context.config)
        try:
            pattern, handler, values = self._find(request)
        except Problem as problem:
            return problem.response
        return self._call(handler, request, values)._replace(route=template(pattern))

    def _call(
        self, handler: Callable[..., Response], request: Request, values: dict[str, str]
    ) -> Response:
        try:
            return handler(self._context, request, **values)
        except Problem as problem:
            return problem.response
        except ValidationError as error:
            return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, error_list(error, "body"))
        except InvalidSetting as error:
            return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, [_value_error(str(error))])
        except UnknownSession as error:
            return _problem(HTTPStatus.NOT_FOUND, str(error))
        except (CapacityReached, SessionBusy) as error:
            headers = (("Retry-After", "1"),)
            return Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), headers).response
        except AtariError as error:
            return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))

    def _find(self, request: Request) -> tuple[str, Callable[..., Response], dict[str, str]]:
        method = "GET" if request.method == "HEAD" else request.method
        allowed: set[str] = set()
        for known, pattern, handler in self._table:
            match = pattern.fullmatch(request.path)
            if match and known == method:
                return pattern.pattern, handler, match.groupdict()
            if match:
                allowed |= _READS if known == "GET" else {known}
        if allowed:
            headers = (("Allow", ", ".join(sorted(allowed))),)
            raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, "Method Not Allowed", headers)
        self._redirect(request)
        raise Problem(HTTPStatus.NOT_FOUND, "Not Found")

    def _redirect(self, request: Request) -> None:
        """Lead from a path with a slash at its end to the one without, if there is that."""
        path = request.path.removesuffix("/")
        if path != request.path and any(pattern.fullmatch(path) for _, pattern, _ in self._table):
            raise Redirect(HTTPStatus.TEMPORARY_REDIRECT, path, request.query)


class Redirect(Problem):
    """Ends a request with another place to ask at."""

    def __init__(
        self,
        status: HTTPStatus,
        path: str,
        query: Mapping[str, str],
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        place = quote(path) + (f"?{urlencode(query)}" if query else "")
        super().__init__(status, "see Location", (("Location", place), *headers))


def most_body(path: str) -> int:
    """Return how many bytes the body of a request may have."""
    return recordings.MOST_BYTES if path == recordings.PATH else MAX_BODY_BYTES


def has_route(pattern: str, config: ServeConfig) -> bool:
    """Return whether a server with these settings has a route."""
    if config.mode == "production" and pattern in {"/reset", "/step", "/state"}:
        return False
    return config.web or not (pattern == "/" or pattern.startswith("/web"))


def template(pattern: str) -> str:
    """Return a route's path with its variables in braces, as `/sessions/{identity}`."""
    return re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", pattern).replace("[.]", ".")


def _shows_token(request: Request) -> bool:
    return request.method == "GET" and request.path in PAGES and "token" in request.query


def _without_token(request: Request, config: ServeConfig) -> Response:
    """Lead to the same page without the token in the address, which a cookie has from now on."""
    query = {name: value for name, value in request.query.items() if name != "token"}
    headers = [("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer")]
    if config.token is not None:
        headers.append(("Set-Cookie", access.cookie(config.token)))
    return Redirect(HTTPStatus.SEE_OTHER, request.path, query, tuple(headers)).response


def _problem(status: HTTPStatus, detail: object) -> Response:
    return Problem(status, detail).response


def _value_error(message: str) -> Json:
    return {"type": "value_error", "loc": ["body"], "msg": message, "input": None}
