"""Every route behaves as its row says: its examples work, and its statuses are the real ones."""

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from atari_cli.server.routes.errors import Refusal
from atari_cli.server.routes.route import Access, Route
from atari_cli.server.routes.table import ROUTES
from atari_cli.wire.json_text import from_json, to_json
from tests.server.conftest import Start, Ways
from tests.server.routes.test_recordings import recorded

SESSION = "X-Atari-Session"
EVERY = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.id)
QUICK = [route for route in ROUTES if route.path != "/web/episode.mp4"]
"""All routes except the video, which takes seconds: test_recordings.py makes one."""


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def ask(
    ways: Ways,
    route: Route,
    body: object = None,
    values: dict[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send a request to a route, with its examples unless other values are given."""
    path, named = route.path, dict(headers or {})
    for parameter in route.parameters:
        value = (values or {}).get(parameter.name, parameter.example)
        if parameter.place == "path":
            path = path.replace(f"{{{parameter.name}}}", value)
        elif value and parameter.place == "header":
            named.setdefault(parameter.name, value)
    if body is None:
        body = route.example
    sent = body if isinstance(body, bytes | None) else to_json(body)
    connection: HTTPConnection = ways.connection()
    connection.request(route.method, path, sent, named)
    response = connection.getresponse()
    found = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, found, response.read())


@pytest.mark.parametrize("route", QUICK, ids=lambda route: route.id)
def test_the_example_of_a_route_gets_the_first_reply(
    ways: Ways, route: Route, tmp_path: Path
) -> None:
    identity = ways.ask("POST", "/web/reset", {"obs_type": "ram"}).headers["x-atari-session"]
    ways.ask("POST", "/web/step", {"action": {"action_id": 0}})
    body = recorded(tmp_path, steps=5)[0].read_bytes() if route.path == "/web/replay" else None
    answer = ask(ways, route, body, {"identity": identity})
    expected = route.replies[0]
    assert answer.status == expected.status, answer.body
    if expected.model:
        assert answer.headers["content-type"] == "application/json"
        expected.model.model_validate(from_json(answer.body))
    elif expected.media:
        assert answer.headers["content-type"] in expected.media
    assert not [name for name in expected.headers if name.lower() not in answer.headers]


def token(start: Start, route: Route) -> Answer:
    return ask(start(token="secret"), route)


def origin(start: Start, route: Route) -> Answer:
    return ask(start(), route, headers={"Origin": "https://other.example"})


def host(start: Start, route: Route) -> Answer:
    return ask(start(), route, headers={"Host": "other.example"})


def media(start: Start, route: Route) -> Answer:
    own = {"Sec-Fetch-Site": "same-origin", "Content-Type": "text/plain"}
    return ask(start(), route, headers=own)


def length(start: Start, route: Route) -> Answer:
    return ask(start(), route, b"", headers={"Content-Length": str(1 << 30)})


def document(start: Start, route: Route) -> Answer:
    return ask(start(), route, b"[")


SHARED: dict[HTTPStatus, Callable[[Start, Route], Answer]] = {
    HTTPStatus.UNAUTHORIZED: token,
    HTTPStatus.FORBIDDEN: origin,
    HTTPStatus.MISDIRECTED_REQUEST: host,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: media,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: length,
    HTTPStatus.UNPROCESSABLE_ENTITY: document,
}
"""Requests that are refused with each status by the routes that document it."""


@EVERY
@pytest.mark.parametrize("status", list(SHARED), ids=lambda status: status.name.lower())
def test_a_route_replies_with_a_status_only_if_it_is_documented(
    start: Start, route: Route, status: HTTPStatus
) -> None:
    answer = SHARED[status](start, route)
    documented = {reply.status for reply in route.replies} | route.all_refusals().keys()
    if route.path == "/web/login" and status == HTTPStatus.UNAUTHORIZED:
        assert route.access is Access.PAGE  # refused because of the token in its body
    assert (answer.status == status) is (status in documented), answer
    if answer.status >= HTTPStatus.BAD_REQUEST:
        Refusal.model_validate(from_json(answer.body))


def with_session(route: Route) -> bool:
    return any(parameter.name == SESSION for parameter in route.parameters)


@EVERY
def test_unknown_names_and_sessions_get_404_if_it_is_documented(ways: Ways, route: Route) -> None:
    values = {"identity": "none", "name": "none.js", "game": "none"}
    if route.path.startswith("/{name}"):
        values["name"] = "none"
    headers = {SESSION: "none"} if with_session(route) else {}
    answer = ask(ways, route, None, values, headers)
    is_documented = HTTPStatus.NOT_FOUND in route.all_refusals()
    assert (answer.status == HTTPStatus.NOT_FOUND) is is_documented, answer


@EVERY
def test_an_unchanged_file_is_not_sent_again(ways: Ways, route: Route) -> None:
    first = ask(ways, route) if route.method == "GET" and not with_session(route) else None
    tag = first.headers.get("etag") if first else None
    is_documented = HTTPStatus.NOT_MODIFIED in {reply.status for reply in route.replies}
    assert (tag is not None) is is_documented
    if tag:
        assert ask(ways, route, headers={"If-None-Match": tag}).status == HTTPStatus.NOT_MODIFIED


def special() -> Iterator[Any]:
    """Yield refusals that only a few routes have, each with a request that gets it."""
    bad_tab, bad_key = {"X-Atari-Tab": "."}, {"Mcp-Session-Id": "short"}
    for route in ROUTES:
        for status in route.refusals.keys() - {HTTPStatus.NOT_FOUND}:
            headers: dict[str, str] = {}
            values: object = None
            if status == HTTPStatus.BAD_REQUEST:
                if route.path.endswith("/task"):
                    values = {"split": "games", "index": -1}
                else:
                    headers = bad_key if route.path == "/mcp" else bad_tab
            elif status == HTTPStatus.UNPROCESSABLE_ENTITY:
                values = b"not a recording"
            elif status == HTTPStatus.UNAUTHORIZED:
                continue  # by the test of shared statuses
            elif status == HTTPStatus.INTERNAL_SERVER_ERROR:
                continue  # by test_recordings.py, which breaks the encoder
            elif status == HTTPStatus.NOT_IMPLEMENTED:
                continue  # by test_film.py, which takes the encoder away
            elif status == HTTPStatus.SERVICE_UNAVAILABLE and route.path == "/web/replay":
                continue  # below
            yield pytest.param(route, status, values, headers, id=f"{route.id}-{status.value}")


@pytest.mark.parametrize(("route", "status", "body", "headers"), list(special()))
def test_a_route_gives_its_documented_refusals(
    start: Start, route: Route, status: HTTPStatus, body: object, headers: dict[str, str]
) -> None:
    is_full = status == HTTPStatus.SERVICE_UNAVAILABLE
    # Clients of a proxy that names none of them have no default session.
    is_unknown = status == HTTPStatus.BAD_REQUEST and route.tag == "Episodes"
    ways = start(max_sessions=1 if is_full else 8, trust_proxy=is_unknown)
    if is_full:
        assert ways.ask("POST", "/sessions").status == HTTPStatus.CREATED
    elif status == HTTPStatus.CONFLICT:
        ways.ask("POST", "/web/reset", {"obs_type": "ram"})
    answer = ask(ways, route, body, headers=headers)
    assert answer.status == status, answer
    Refusal.model_validate(from_json(answer.body))
