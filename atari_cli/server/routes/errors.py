"""Errors as replies: the one place where an error of a handler becomes a status and JSON."""

from http import HTTPStatus

from pydantic import Field, ValidationError

from atari_cli.errors import (
    AtariError,
    CapacityReached,
    InvalidSetting,
    SessionBusy,
    UnknownSession,
)
from atari_cli.server.routes.route import ClosedModel
from atari_cli.server.transport.messages import Problem, Response
from atari_cli.wire.json_text import Json
from atari_cli.wire.models import error_list


class Refusal(ClosedModel):
    """Why a request was refused."""

    detail: str | list[Json] = Field(description="A text, or a list of the errors in the body.")


def error_response(error: Problem | ValidationError | AtariError) -> Response:
    """Return the reply to a request that ended with an error.

    A body that breaks a model is 422 with a list of errors as FastAPI makes it.
    """
    match error:
        case Problem():
            return error.response
        case ValidationError():
            return _reply(HTTPStatus.UNPROCESSABLE_ENTITY, error_list(error, "body"))
        case InvalidSetting():
            fault = {"type": "value_error", "loc": ["body"], "msg": str(error), "input": None}
            return _reply(HTTPStatus.UNPROCESSABLE_ENTITY, [fault])
        case UnknownSession():
            return _reply(HTTPStatus.NOT_FOUND, str(error))
        case CapacityReached() | SessionBusy():
            headers = (("Retry-After", "1"),)
            return Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), headers).response
        case _:
            return _reply(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))


def _reply(status: HTTPStatus, detail: object) -> Response:
    return Problem(status, detail).response
