"""The body of an HTTP request: how long it may be and is, before any of it is read."""

from http import HTTPStatus
from typing import Final

from atari_cli.server.transport.messages import Problem
from atari_cli.server.transport.request_head import Head

MAX_BODY_BYTES: Final = 1 << 20


def body_length(head: Head, most: int = MAX_BODY_BYTES) -> int:
    """Return how many bytes follow a head as the body.

    Args:
        head: The head.
        most: The largest number allowed.

    Raises:
        Problem: If the length is unclear or too large.
    """
    if "transfer-encoding" in head.headers:
        raise Problem(HTTPStatus.NOT_IMPLEMENTED, "send a body with Content-Length")
    length = head.headers.get("content-length", "0")
    if not (length.isascii() and length.isdecimal()):
        raise Problem(HTTPStatus.BAD_REQUEST, "Content-Length must be one whole number")
    if len(length) > 15 or int(length) > most:
        message = f"a body has at most {most} bytes, got {length[:30]}"
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message)
    return int(length)


def expects_continue(head: Head) -> bool:
    """Return whether the client waits for a permission before it sends the body.

    Raises:
        Problem: If it expects anything else.
    """
    expected = head.headers.get("expect")
    if expected is not None and expected.lower() != "100-continue":
        raise Problem(HTTPStatus.EXPECTATION_FAILED, "expected `Expect: 100-continue` or none")
    return expected is not None and bool(head.minor)
