"""HTTP requests and responses as plain values that know no socket."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final, NamedTuple

from atari_cli.wire.json_text import Piece, to_json

TAB_HEADER: Final = "X-Atari-Tab"
SESSION_HEADER: Final = "X-Atari-Session"
WATCH_HEADER: Final = "X-Atari-Watch"


class Request(NamedTuple):
    """An HTTP request.

    Attributes:
        method: Such as `GET`.
        path: Without query.
        query: The last value of each name.
        headers: By names in lower case.
        body: The bytes that came after the head.
        owner: Who asks: what a default session belongs to.
        is_local: Whether the peer is on this machine.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    owner: str
    is_local: bool


class Response(NamedTuple):
    """A reply to an HTTP request.

    Attributes:
        status: The status.
        body: The bytes, which a reply to HEAD only counts.
        more: What follows them, in pieces.
        content_type: What they are.
        headers: More headers.
        route: The template of the path that was asked for, for the figures; `none` is no such path.
    """

    status: HTTPStatus
    body: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    route: str = "none"
    more: Sequence[Piece] = ()

    @property
    def size(self) -> int:
        """Bytes of the whole body."""
        return len(self.body) + sum(map(len, self.more))


def tab_owner(owner: str, tab: str) -> str:
    """Return what the default session of a browser's tab belongs to; apart from that of programs.

    Raises:
        Problem: If the tab's name is none.
    """
    if not re.fullmatch(r"[\w-]{0,64}", tab, re.ASCII):
        raise Problem(HTTPStatus.BAD_REQUEST, "a tab's name has up to 64 letters and digits")
    return f"{owner} tab {tab}"


class Problem(Exception):
    """Ends a request with a status and what stands under `detail`."""

    def __init__(
        self, status: HTTPStatus, detail: object, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(status, detail)
        self.response = Response(status, to_json({"detail": detail}), headers=headers)
