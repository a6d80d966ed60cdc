"""The head of an HTTP request: bytes in, its parts out, read strictly (RFC 9112).

A request that two programs read differently can be smuggled past a proxy, so everything doubtful is
refused: a header that comes twice but must not, a folded line, a length that is not a plain number.
"""

import re
from http import HTTPStatus
from io import BufferedIOBase
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote

from atari_cli.server.transport.messages import Problem

MAX_LINE_BYTES: Final = 8 << 10
MAX_HEAD_BYTES: Final = 32 << 10
MAX_HEADERS: Final = 100

_REQUEST: Final = re.compile(rb"([!#$%&'*+.^_`|~\w-]+) ([\x21-\x7e]+) HTTP/(\d)\.(\d)\r?\n")
_HEADER: Final = re.compile(rb"([!#$%&'*+.^_`|~\w-]+):([^\x00-\x08\x0a-\x1f\x7f]*)\r?\n")
_ONCE: Final = {
    "authorization", "content-length", "content-type", "expect", "host", "origin",
    "transfer-encoding", "x-atari-session",
}  # fmt: skip


class Head(NamedTuple):
    """The head of a request.

    Attributes:
        method: Such as `GET`.
        target: Path and query, as they came.
        minor: The x of HTTP/1.x.
        headers: By names in lower case.
    """

    method: str
    target: str
    minor: int
    headers: dict[str, str]

    @property
    def raw_path(self) -> str:
        """The path as it came: visible ASCII."""
        return re.sub("^https?://[^/?]*", "", self.target).partition("?")[0] or "/"

    @property
    def path(self) -> str:
        """The path without its escapes."""
        return unquote(self.raw_path)

    @property
    def query(self) -> dict[str, str]:
        """The last value of each name in the query."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def keeps_alive(self) -> bool:
        """Whether the connection stays open for another request."""
        return not self.has("connection", "close") and (
            self.minor > 0 or self.has("connection", "keep-alive")
        )

    @property
    def is_upgrade(self) -> bool:
        """Whether it asks for a WebSocket."""
        return self.has("upgrade", "websocket")

    def has(self, name: str, word: str) -> bool:
        """Return whether a header that is a list of words has one.

        Args:
            name: The header's name, in lower case.
            word: The word, in lower case.
        """
        return word in (part.strip().lower() for part in self.headers.get(name, "").split(","))


def read_head(stream: BufferedIOBase) -> Head | None:
    """Return the next head; None if the peer leaves before its end.

    Raises:
        Problem: If it is wrong.
    """
    lines: list[bytes] = []
    size = 0
    while True:
        line = stream.readline(MAX_LINE_BYTES + 1)
        size += len(line)
        if len(line) > MAX_LINE_BYTES and not lines:
            raise Problem(HTTPStatus.REQUEST_URI_TOO_LONG, "the first line is too long")
        if len(line) > MAX_LINE_BYTES or size > MAX_HEAD_BYTES or len(lines) > MAX_HEADERS:
            raise Problem(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the headers are too long")
        if not line.endswith(b"\n"):
            return None
        if line in (b"\r\n", b"\n"):
            if lines:
                return parse_head(lines)
            continue  # empty lines before a request are ignored
        lines.append(line)


def parse_head(lines: list[bytes]) -> Head:
    """Return the head that consists of lines, each with its line break.

    Raises:
        Problem: If it is wrong.
    """
    first = _REQUEST.fullmatch(lines[0])
    if first is None:
        raise Problem(HTTPStatus.BAD_REQUEST, "the first line must be METHOD /path HTTP/1.1")
    if first[3] != b"1":
        raise Problem(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "this server speaks HTTP/1.1")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        header = _HEADER.fullmatch(line)
        if header is None:
            raise Problem(HTTPStatus.BAD_REQUEST, "a line of the head is not `Name: value`")
        name, value = header[1].decode().lower(), header[2].strip(b" \t").decode("latin-1")
        if name in headers and name in _ONCE:
            raise Problem(HTTPStatus.BAD_REQUEST, f"the header {name} came twice")
        separator = "; " if name == "cookie" else ", "
        headers[name] = f"{headers[name]}{separator}{value}" if name in headers else value
    return Head(first[1].decode(), first[2].decode(), int(first[4]), headers)
