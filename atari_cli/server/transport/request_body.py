"""The body of an HTTP request, which has a declared length or comes in chunks (RFC 9112)."""

import re
from http import HTTPStatus
from io import BufferedIOBase
from typing import Final

from atari_cli.server.transport.messages import Problem
from atari_cli.server.transport.request_head import MAX_HEAD_BYTES, MAX_LINE_BYTES, Head

MAX_BODY_BYTES: Final = 1 << 20
MOST_CHUNKS: Final = 1 << 16

_END: Final = b"\r\n"

_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?\r\n")
"""The line before a chunk: its size, and extensions, which are ignored."""


class Body:
    """How the body after a head is sent.

    Args:
        head: The head.
        most: The largest number of bytes allowed.

    Attributes:
        length: The number of bytes; None if they come in chunks.

    Raises:
        Problem: If the length is unclear or too large.
    """

    def __init__(self, head: Head, most: int = MAX_BODY_BYTES) -> None:
        self._most = most
        self.length = None if _is_chunked(head) else self._declared(head)

    def read(self, stream: BufferedIOBase) -> bytes:
        """Return the body.

        Raises:
            Problem: If it is too large or not in chunks as declared.
            ConnectionError: If the peer leaves before its end.
        """
        return self._read_chunks(stream) if self.length is None else _read(stream, self.length)

    def _declared(self, head: Head) -> int:
        length = head.headers.get("content-length", "0")
        if not (length.isascii() and length.isdecimal()):
            raise Problem(HTTPStatus.BAD_REQUEST, "Content-Length must be one whole number")
        if len(length) > 15 or int(length) > self._most:
            raise self._too_large(length[:30])
        return int(length)

    def _read_chunks(self, stream: BufferedIOBase) -> bytes:
        body = bytearray()
        spare = MAX_HEAD_BYTES  # for extensions and trailers, which are ignored
        for _ in range(MOST_CHUNKS):
            line = _line(stream, spare)
            found = _CHUNK.fullmatch(line)
            if found is None:
                raise Problem(HTTPStatus.BAD_REQUEST, "a chunk must begin with its size in hex")
            size = int(found[1], 16)
            spare -= len(line) - len(found[1]) - len(_END)
            if not size:
                while (line := _line(stream, spare)) != _END:
                    spare -= len(line)
                return bytes(body)
            if len(body) + size > self._most:
                raise self._too_large("more")
            body += _read(stream, size)
            if _read(stream, len(_END)) != _END:
                raise Problem(HTTPStatus.BAD_REQUEST, "a chunk is longer than it says")
        raise self._too_large(f"{MOST_CHUNKS} chunks")

    def _too_large(self, length: str) -> Problem:
        message = f"a body has at most {self._most} bytes, got {length}"
        return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message)


def expects_continue(head: Head) -> bool:
    """Return whether the client waits for a permission before it sends the body.

    Raises:
        Problem: If it expects anything else.
    """
    expected = head.headers.get("expect")
    if expected is not None and expected.lower() != "100-continue":
        raise Problem(HTTPStatus.EXPECTATION_FAILED, "expected `Expect: 100-continue` or none")
    return expected is not None and bool(head.minor)


def _is_chunked(head: Head) -> bool:
    """Return whether the body comes in chunks.

    Raises:
        Problem: If it is encoded otherwise, or two programs could read its length differently.
    """
    coding = head.headers.get("transfer-encoding")
    if coding is None:
        return False
    if "content-length" in head.headers or not head.minor:
        reason = "a body comes with Content-Length or, over HTTP/1.1, in chunks"
        raise Problem(HTTPStatus.BAD_REQUEST, reason)
    if coding.lower() != "chunked":
        reason = "expected Transfer-Encoding: chunked or a Content-Length"
        raise Problem(HTTPStatus.NOT_IMPLEMENTED, reason)
    return True


def _line(stream: BufferedIOBase, most: int) -> bytes:
    """Return the next line with its end.

    Args:
        stream: The connection.
        most: The largest number of bytes that it may have.

    Raises:
        Problem: If it is longer.
        ConnectionError: If the peer leaves before its end.
    """
    most = min(most, MAX_LINE_BYTES)
    line = stream.readline(most + 1)
    if len(line) > most:
        reason = "the extensions and trailers of a body are too long"
        raise Problem(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, reason)
    if not line.endswith(b"\n"):
        raise ConnectionError("the body ended early")
    return line


def _read(stream: BufferedIOBase, length: int) -> bytes:
    """Return the next bytes.

    Args:
        stream: The connection.
        length: Their number.

    Raises:
        ConnectionError: If the peer leaves before their end.
    """
    data = stream.read(length)
    if len(data) < length:
        raise ConnectionError("the body ended early")
    return data
