"""From an HTTP request to its reply: who may ask, which endpoint answers, what errors become."""

import re
from collections.abc import Callable
from http import HTTPStatus

from pydantic import ValidationError

from atari_cli.config import ServeConfig
from atari_cli.errors import AtariError, CapacityReached, InvalidSetting, UnknownSession
from atari_cli.server import access
from atari_cli.server.endpoints import ROUTES
from atari_cli.server.exchange import Context, Problem, Request, Response
from atari_cli.wire.models import error_list
from atari_cli.wire.text import Json


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

    def respond(self, request: Request) -> Response:
        """Return the reply to a request; whatever goes wrong is a reply, too."""
        try:
            self._admit(request)
            handler, values = self._find(request)
            response = handler(self._context, request, **values)
        except Problem as problem:
            response = problem.response
        except ValidationError as error:
            response = _problem(HTTPStatus.UNPROCESSABLE_ENTITY, error_list(error, "body"))
        except InvalidSetting as error:
            response = _problem(HTTPStatus.UNPROCESSABLE_ENTITY, [_value_error(str(error))])
        except UnknownSession as error:
            response = _problem(HTTPStatus.NOT_FOUND, str(error))
        except CapacityReached as error:
            headers = (("Retry-After", "1"),)
            response = Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), headers).response
        except AtariError as error:
            response = _problem(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))
        return response._replace(body=b"") if request.method == "HEAD" else response

    def _admit(self, request: Request) -> None:
        if request.path == "/health":
            return
        config = self._context.config
        refusal = access.check_host(request.headers, config)
        refusal = refusal or access.check_token(request.headers, config)
        if request.method not in {"GET", "HEAD"}:
            refusal = refusal or access.check_origin(request.headers, config)
        if request.method == "POST":
            refusal = refusal or access.check_content_type(request.headers)
        if refusal:
            asks = refusal.status == HTTPStatus.UNAUTHORIZED
            headers = (("WWW-Authenticate", 'Bearer, Basic realm="atari"'),) if asks else ()
            raise Problem(refusal.status, refusal.reason, headers)

    def _find(self, request: Request) -> tuple[Callable[..., Response], dict[str, str]]:
        method = "GET" if request.method == "HEAD" else request.method
        allowed = []
        for known, pattern, handler in self._table:
            match = pattern.fullmatch(request.path)
            if match and known == method:
                return handler, match.groupdict()
            if match:
                allowed += ["GET", "HEAD"] if known == "GET" else [known]
        if allowed:
            headers = (("Allow", ", ".join(sorted(set(allowed)))),)
            raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, "Method Not Allowed", headers)
        raise Problem(HTTPStatus.NOT_FOUND, "Not Found")


def has_route(pattern: str, config: ServeConfig) -> bool:
    """Return whether a server with these settings has a route."""
    if config.mode == "production" and pattern in {"/reset", "/step", "/state"}:
        return False
    return config.web or pattern not in {"/", "/web", "/web/"}


def _problem(status: HTTPStatus, detail: object) -> Response:
    return Problem(status, detail).response


def _value_error(message: str) -> Json:
    return {"type": "value_error", "loc": ["body"], "msg": message, "input": None}
