"""From an HTTP request to its reply: who may ask, and which handler answers."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from pydantic import BaseModel, ValidationError

from atari_cli.config import ServeConfig
from atari_cli.errors import AtariError
from atari_cli.server.routes.errors import error_response
from atari_cli.server.routes.negotiation import JSON
from atari_cli.server.routes.route import READS, Access, Route
from atari_cli.server.routes.table import ROUTES
from atari_cli.server.sessions.context import ApiCall, Context
from atari_cli.server.transport import access
from atari_cli.server.transport.messages import Problem, Request, Response, redirect
from atari_cli.server.transport.request_body import MAX_BODY_BYTES
from atari_cli.wire.json_text import from_json

_MOST: Final = {route.path: route.most for route in ROUTES if route.method == "POST"}


class Routes:
    """Answers requests by the table of routes.

    Args:
        context: The server's state.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._served = [route for route in ROUTES if route.is_served(context.config)]
        self._literal = {
            (route.method, route.path): route for route in self._served if not route.has_variables
        }
        self._variable = [route for route in self._served if route.has_variables]

    def admit(self, request: Request) -> None:
        """Let a request in, whose body has not been read yet.

        Raises:
            Problem: If the server may not answer it.
        """
        if self._is_preflight(request):
            return
        route, _ = self._find(request)
        headers, config = request.headers, self._context.config
        needed = route.access if route else Access.TOKEN
        if needed is Access.ANYONE:
            return
        access.check_host(headers, config)
        if needed is Access.TOKEN and not _shows_token(request, route):
            access.check_token(headers, config)
        if route.changes_something if route else request.method not in READS:
            access.check_origin(headers, config)
        if request.method == "POST":
            access.check_content_type(headers, route.media if route else JSON)

    def is_short(self, request: Request) -> bool:
        """Return whether a request only reads, and waits for no session."""
        route, _ = self._find(request)
        return route is None or not (route.changes_something or route.uses_session)

    def respond(self, request: Request) -> Response:
        """Return the reply to a request that was let in; an error becomes a reply, too."""
        if self._is_preflight(request):
            response = Response(HTTPStatus.OK, b"")
        else:
            response = self._respond(request)
        return self.share(response, request.headers)

    def share(self, response: Response, headers: Mapping[str, str]) -> Response:
        """Return a reply, a refusal too, that a page of an allowed origin may read.

        Args:
            response: The reply.
            headers: Those of the request, by names in lower case.
        """
        shared = access.sharing(headers, self._context.config)
        return response._replace(headers=(*response.headers, *shared)) if shared else response

    def _is_preflight(self, request: Request) -> bool:
        """Return whether a browser asks whether a page of an allowed origin may send a request."""
        return (
            request.method == "OPTIONS"
            and "access-control-request-method" in request.headers
            and bool(access.sharing(request.headers, self._context.config))
        )

    def _respond(self, request: Request) -> Response:
        route, variables = self._find(request)
        if route is None:
            return self._missing(request)
        if _shows_token(request, route):
            return _without_token(request, self._context.config)
        try:
            body = _read(request, route.model) if route.model else None
            response = route.handler(ApiCall(self._context, request, variables, body))
        except (Problem, ValidationError, AtariError) as error:
            response = error_response(error)
        return response._replace(route=route.path)

    def _find(self, request: Request) -> tuple[Route | None, Mapping[str, str]]:
        """Return the route of a request and the variables in its path."""
        method = "GET" if request.method == "HEAD" else request.method
        route = self._literal.get((method, request.path))
        if route:
            return route, {}
        for route in self._variable:
            if route.method == method and (match := route.pattern.fullmatch(request.path)):
                return route, match.groupdict()
        return None, {}

    def _missing(self, request: Request) -> Response:
        """Return the reply to a request that has no route."""
        allowed = self._methods(request.path)
        if allowed:
            headers = (("Allow", ", ".join(sorted(allowed))),)
            return Problem(HTTPStatus.METHOD_NOT_ALLOWED, "Method Not Allowed", headers).response
        path = request.path.removesuffix("/")
        if path != request.path and self._methods(path):
            return redirect(HTTPStatus.TEMPORARY_REDIRECT, f"../{_last(path)}", request.query)
        return Problem(HTTPStatus.NOT_FOUND, "Not Found").response

    def _methods(self, path: str) -> set[str]:
        methods = {route.method for route in self._served if route.pattern.fullmatch(path)}
        return methods | set(READS) if "GET" in methods else methods


def most_body(path: str) -> int:
    """Return how many bytes the body of a request may have."""
    return _MOST.get(path, MAX_BODY_BYTES)


def _shows_token(request: Request, route: Route | None) -> bool:
    """Return whether a person's browser shows the token in the address of a page."""
    return (
        route is not None and route.is_page and request.method == "GET" and "token" in request.query
    )


def _without_token(request: Request, config: ServeConfig) -> Response:
    """Redirect to the same page without the token in the address, which a cookie replaces.

    After a wrong one there is no cookie, and the page asks for the token and says why.
    """
    query = {name: value for name, value in request.query.items() if name != "token"}
    headers = [("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer")]
    fragment = ""
    if config.token is not None:
        if access.is_token(request.query["token"], config.token):
            headers.append(("Set-Cookie", access.cookie(config.token, request.headers)))
        else:
            fragment = "wrong-token"
    place = f"./{_last(request.path)}"
    return redirect(HTTPStatus.SEE_OTHER, place, query, *headers, fragment=fragment)


def _last(path: str) -> str:
    """Return the last part of a path, which is empty after a slash."""
    return path.rpartition("/")[2]


def _read(request: Request, model: type[BaseModel]) -> BaseModel:
    """Return the body as a model; an empty one is an object without keys."""
    try:
        document = from_json(request.body) if request.body.strip() else {}
    except ValueError as error:
        found = {"type": "json_invalid", "loc": ["body"], "msg": f"JSON decode error: {error}"}
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, [{**found, "input": {}}]) from None
    return model.model_validate(document)
