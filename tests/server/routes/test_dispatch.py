"""Each path has its handler; a request without a route gets a reply that says why."""

import pytest

from atari_cli.config import ServeConfig
from atari_cli.server.routes.route import Route
from atari_cli.server.routes.table import ROUTES
from tests.server.conftest import Start, Ways


def tagged(tag: str) -> list[Route]:
    """Return the routes of a group."""
    return [route for route in ROUTES if route.tag == tag]


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "PATCH", "TRACE", "BREW"])
@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/health", "GET, HEAD"), ("/reset", "POST"), ("/sessions", "GET, HEAD, POST")],
)
def test_other_methods_get_405_with_the_allowed_ones(
    ways: Ways, method: str, path: str, allowed: str
) -> None:
    reply = ways.ask(method, path)
    assert (reply.status, reply.headers["allow"]) == (405, allowed)
    assert reply.body == {"detail": "Method Not Allowed"}


def test_a_trailing_slash_is_redirected(ways: Ways) -> None:
    reply = ways.ask("POST", "/reset/?a=b%0d%0ac")
    assert (reply.status, reply.headers["location"]) == (307, "../reset?a=b%0D%0Ac")
    assert ways.ask("GET", "/web/").status == 200


@pytest.mark.parametrize(
    "path", ["/nowhere/", "//evil.example/splits/", "//evil.example/", "/%2f/"]
)
def test_no_path_redirects_to_another_host(ways: Ways, path: str) -> None:
    assert ways.ask("GET", path).status == 404


def test_a_path_may_have_escapes_which_do_no_harm(ways: Ways) -> None:
    assert ways.ask("GET", "/he%61lth").status == 200
    reply = ways.ask("GET", "/a%0d%0aSet-Cookie:x/splits/")
    assert reply.headers["location"] == "../splits"
    assert "set-cookie" not in reply.headers


def test_foreign_pages_cannot_change_anything(ways: Ways) -> None:
    own = f"http://localhost:{ways.address[1]}"
    page = {"Host": own.removeprefix("http://"), "Origin": own, "Content_Type": "application/json"}
    assert ways.ask("POST", "/reset", {"obs_type": "ram"}, **page).status == 200
    page["Origin"] = "https://evil.example"
    assert ways.ask("POST", "/reset", {}, **page).status == 403
    assert ways.ask("DELETE", "/sessions/x", **page).status == 403
    assert ways.ask("GET", "/health", **page).status == 200


def test_requests_in_the_default_form_of_curl_work(ways: Ways) -> None:
    head = "POST /reset HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    form = "Content-Type: application/x-www-form-urlencoded\r\n"
    body = '{"obs_type": "ram"}'
    for request in (f"{head}\r\n", f"{head}{form}Content-Length: {len(body)}\r\n\r\n{body}"):
        assert ways.send(request.encode()).startswith(b"HTTP/1.1 200 ")


def test_health_requires_neither_host_nor_token(start: Start) -> None:
    ways = start(token="secret")
    assert ways.send(b"GET /health HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    assert ways.send(b"GET /metrics HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 421 ")


def test_a_stopping_server_is_not_healthy(ways: Ways) -> None:
    ways.server._context.is_stopping = True
    reply = ways.ask("GET", "/health")
    assert (reply.status, reply.body) == (503, {"status": "unhealthy"})
    assert reply.headers["connection"] == "close"


def test_production_mode_leaves_out_steps_and_keeps_the_page() -> None:
    config = ServeConfig(mode="production")
    left_out = [route for route in ROUTES if not route.is_served(config)]
    assert left_out == tagged("Episodes")
    assert [route.path for route in left_out] == ["/reset", "/step", "/state"]


def test_disabling_the_page_leaves_out_only_the_page() -> None:
    config = ServeConfig(web=False)
    left_out = [route for route in ROUTES if not route.is_served(config)]
    assert left_out == tagged("Page")
    assert {"/", "/web", "/web/", "/web/login"} <= {route.path for route in left_out}
    assert all(route.path == "/" or route.path.startswith("/web") for route in left_out)


@pytest.mark.parametrize("route", tagged("Task API"), ids=lambda route: route.id)
def test_the_name_of_the_environment_is_case_insensitive(ways: Ways, route: Route) -> None:
    path = route.path.replace("{name}", "ATARI_env")
    assert ways.ask(route.method, path, route.example).status == 200


def test_a_page_of_an_allowed_origin_can_send_json_and_read_the_reply(start: Start) -> None:
    ways = start(token="t", allow_origins=("https://lab.example",))
    asked = {"Access_Control_Request_Method": "POST"}
    for origin, status in (("https://lab.example", 200), ("https://evil.example", 401)):
        preflight = ways.ask("OPTIONS", "/reset", Origin=origin, **asked)
        allowed = preflight.headers.get("access-control-allow-origin")
        assert (preflight.status, allowed) == (status, origin if status == 200 else None)
    page = {"Origin": "https://lab.example", "Content_Type": "application/json"}
    reply = ways.ask("POST", "/reset", {"obs_type": "ram"}, Authorization="Bearer t", **page)
    assert (reply.status, reply.headers["vary"]) == (200, "Origin")
    assert reply.headers["access-control-allow-origin"] == "https://lab.example"


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        ("POST", "/reset", {}, None, 401),
        ("POST", "/reset", {"Authorization": "Bearer t", "Content_Type": "text/plain"}, None, 415),
        ("POST", "/reset", {"Authorization": "Bearer t"}, "x" * (2 << 20), 413),
        ("POST", "/step", {"Authorization": "Bearer t"}, [1], 422),
        ("GET", "/nowhere", {"Authorization": "Bearer t"}, None, 404),
        ("PUT", "/reset", {"Authorization": "Bearer t"}, None, 405),
        ("GET", "/metadata", {"Authorization": "Bearer t", "Host": "other.example"}, None, 421),
        ("GET", "/ws", {"Upgrade": "websocket"}, None, 401),
    ],
)
def test_a_page_of_an_allowed_origin_can_read_why_it_was_refused(
    start: Start, method: str, path: str, headers: dict[str, str], body: object, status: int
) -> None:
    ways = start(token="t", allow_origins=("https://lab.example",))
    page = {"Origin": "https://lab.example", "Content_Type": "application/json"}
    reply = ways.ask(method, path, body, **{**page, **headers})
    assert (reply.status, "detail" in reply.body) == (status, True)
    assert reply.headers["access-control-allow-origin"] == "https://lab.example"


def test_a_page_of_an_allowed_origin_may_send_and_read_every_header_of_ours(start: Start) -> None:
    ways = start(allow_origins=("https://lab.example",))
    asked = {"Access_Control_Request_Method": "POST", "Origin": "https://lab.example"}
    headers = ways.ask("OPTIONS", "/web/step", **asked).headers
    routes = [route for route in ROUTES if route.is_served(ServeConfig())]
    sent = {one.name for route in routes for one in route.parameters if one.place == "header"}
    read = {name for route in routes for reply in route.replies for name in reply.headers}
    assert sent <= set(headers["access-control-allow-headers"].split(", "))
    # A page reads these without permission, or never does.
    free = {"Cache-Control", "ETag", "Location"}
    assert read - free <= set(headers["access-control-expose-headers"].split(", "))


def test_other_origins_cannot_read_replies(ways: Ways) -> None:
    for headers in ({}, {"Origin": "null"}, {"Origin": "https://evil.example"}):
        reply = ways.ask("GET", "/metadata", **headers)
        assert not [name for name in reply.headers if name.startswith("access-control")]
