"""HTTP requests and responses as plain values that know no socket."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final, NamedTuple
from urllib.parse import quote, urlencode

from atari_cli.wire.json_text import Piece, to_json

TAB_HEADER: Final = "X-Atari-Tab"
SESSION_HEADER: Final = "X-Atari-Session"
WATCH_HEADER: Final = "X-Atari-Watch"

TAB: Final = "[A-Za-z0-9_-]{0,64}"
"""The names that a tab may have."""

INVALID_TAB: Final = "a tab's name has up to 64 letters and digits"


class Request(NamedTuple):
    """An HTTP request.

    Attributes:
        method: Such as `GET`.
        path: Without query.
        query: The last value of each name.
        headers: By names in lower case.
        body: The bytes that came after the head.
        owner: The client, to which a default session belongs; None if it has none.
        is_local: Whether the peer is on this machine.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    owner: str | None
    is_local: bool


class Response(NamedTuple):
    """A reply to an HTTP request.

    Attributes:
        status: The status.
        body: The bytes, which a reply to HEAD only counts.
        content_type: Their media type.
        headers: Further headers.
        route: The path of the route, with its variables in braces; `none` if there is none.
        more: What follows the body, in pieces.
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


def json_response(
    document: object,
    status: HTTPStatus = HTTPStatus.OK,
    headers: tuple[tuple[str, str], ...] = (),
) -> Response:
    """Return a reply with a JSON document.

    Args:
        document: The document.
        status: The status.
        headers: Further headers.
    """
    return Response(status, to_json(document), headers=headers)


def redirect(
    status: HTTPStatus,
    place: str,
    query: Mapping[str, str],
    *headers: tuple[str, str],
    fragment: str = "",
) -> Response:
    """Return the reply that names the address to ask instead.

    Args:
        status: The status.
        place: The path from that of the request, as a link: a proxy may put a prefix before both.
        query: The query.
        headers: Further headers.
        fragment: The part after `#`, which only the page reads.
    """
    address = quote(place) + (f"?{urlencode(query)}" if query else "")
    address += f"#{fragment}" if fragment else ""
    return json_response({"detail": "see Location"}, status, (("Location", address), *headers))


def tab_owner(owner: str | None, tab: str) -> str:
    """Return the owner of the default session of a browser's tab, which is not that of programs.

    Args:
        owner: The client, if it is known.
        tab: The tab's name.

    Raises:
        Problem: If the tab's name is not valid.
    """
    if not re.fullmatch(TAB, tab, re.ASCII):
        raise Problem(HTTPStatus.BAD_REQUEST, INVALID_TAB)
    return f"{owner} tab {tab}"


class Problem(Exception):
    """Ends a request with a status and a `detail` that says why."""

    def __init__(
        self, status: HTTPStatus, detail: object, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(status, detail)
        self.response = json_response({"detail": detail}, status, headers)
