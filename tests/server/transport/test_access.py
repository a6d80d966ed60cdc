"""Access rules for hosts, origins, content types and tokens."""

import base64
import logging
import socket
from collections.abc import Callable, Mapping

import pytest

from atari_cli.config import ServeConfig
from atari_cli.server.transport.access import (
    check_content_type,
    check_host,
    check_origin,
    check_token,
    cookie,
)
from atari_cli.server.transport.messages import Problem
from tests.server.conftest import Start

PLAIN = ServeConfig()
SECRET = ServeConfig(token="secret")
Check = Callable[[Mapping[str, str], ServeConfig], None]


def refused(check: Check, headers: dict[str, str], config: ServeConfig = PLAIN) -> str | None:
    """Return the status and reason of a refusal, or None if the request passes."""
    try:
        check(headers, config)
    except Problem as problem:
        return f"{problem.response.status.value} {problem.args[1]}"
    return None


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "10.1.2.3", "atari", "box:80"],
)
def test_names_of_this_machine_pass(host: str) -> None:
    assert refused(check_host, {"host": host}) is None


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "", "localhost.evil.example"]
)
def test_other_names_are_refused_unless_allowed(host: str) -> None:
    reason = str(refused(check_host, {"host": host}))
    assert reason.startswith("421 ")
    assert "--allow-host" in reason
    assert refused(check_host, {"host": host}, ServeConfig(allow_hosts=("*",))) is None
    for known in (host, host.partition(":")[0].upper()):
        named = ServeConfig(allow_hosts=(known or "x",))
        assert (refused(check_host, {"host": host}, named) is None) is bool(host)


def test_programs_and_the_servers_own_pages_pass() -> None:
    assert refused(check_origin, {}) is None
    own = {"origin": "http://localhost:8000", "host": "localhost:8000"}
    assert refused(check_origin, own) is None
    assert refused(check_origin, {"sec-fetch-site": "same-origin"}) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example", "host": "localhost:8000"},
        {"origin": "null", "host": "localhost:8000"},
        {"origin": "http://localhost:9999", "host": "localhost:8000"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_other_pages_are_refused_unless_allowed(headers: dict[str, str]) -> None:
    assert str(refused(check_origin, headers)).startswith("403 ")
    if "origin" in headers:
        allowed = ServeConfig(allow_origins=(headers["origin"],))
        assert refused(check_origin, headers, allowed) is None


def test_a_form_sent_by_a_page_is_refused() -> None:
    def check(headers: Mapping[str, str], config: ServeConfig) -> None:
        check_content_type(headers)

    form = {"content-type": "text/plain", "origin": "http://localhost"}
    assert str(refused(check, form)).startswith("415 ")
    assert refused(check, {"content-type": "text/plain"}) is None
    assert refused(check, {**form, "content-type": "application/json; charset=utf-8"}) is None


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"user:{password}".encode()).decode()


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer secret"},
        {"authorization": "bearer secret"},
        {"authorization": basic("secret")},
        {"cookie": "a=b; " + cookie("secret", {}).partition(";")[0]},
    ],
)
def test_a_token_can_be_sent_in_three_ways(headers: dict[str, str]) -> None:
    assert refused(check_token, headers, SECRET) is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer"},
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer secret2"},
        {"authorization": basic("wrong")},
        {"authorization": "Basic %%%"},
        {"cookie": "atari_token="},
        {"cookie": "atari_token=secret"},
        {"authorization": "Bearer wrong", "cookie": cookie("secret", {}).partition(";")[0]},
    ],
)
def test_requests_without_the_token_are_refused(headers: dict[str, str]) -> None:
    assert str(refused(check_token, headers, SECRET)).startswith("401 ")
    assert refused(check_token, headers) is None


def test_the_server_applies_all_access_rules(start: Start) -> None:
    ways = start(token="secret")
    refused = ways.ask("GET", "/metadata")
    assert refused.status == 401
    assert "Bearer" in refused.headers["www-authenticate"]
    assert ways.ask("GET", "/health").status == 200
    shown = {"Authorization": "Bearer secret"}
    assert ways.ask("GET", "/metadata", **shown).status == 200
    assert ways.ask("GET", "/metadata", Host="evil.example", **shown).status == 421
    assert ways.ask("POST", "/reset", Origin="https://evil.example", **shown).status == 403
    form = ways.ask("POST", "/reset", {}, Sec_Fetch_Site="same-origin", **shown)
    assert form.status == 415


def test_a_request_is_refused_before_its_body_is_read(start: Start) -> None:
    ways = start(token="secret")
    with socket.create_connection(ways.address, timeout=30) as connection:
        head = "POST /reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n"
        connection.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("page", ["/", "/web", "/web/", "/docs"])
def test_a_browser_sends_the_token_once_and_then_has_a_cookie(
    start: Start, page: str, caplog: pytest.LogCaptureFixture
) -> None:
    ways = start(token="secret")
    with caplog.at_level(logging.DEBUG, logger="atari"):
        wrong = ways.ask("GET", f"{page}?token=wrong")
        reply = ways.ask("GET", f"{page}?a=b%26c&token=secret")
    itself = "./" + page.rpartition("/")[2]
    assert (wrong.status, wrong.headers["location"]) == (303, f"{itself}#wrong-token")
    assert "set-cookie" not in wrong.headers
    assert (reply.status, reply.headers["location"]) == (303, f"{itself}?a=b%26c")
    shown = reply.headers["set-cookie"]
    assert "HttpOnly" in shown
    assert "SameSite=Lax" in shown
    assert "secret" not in shown + caplog.text
    assert ways.ask("GET", page, Cookie=shown.partition(";")[0]).status in {200, 307}
    assert ways.ask("GET", page).status == (401 if page == "/docs" else reply_to_all(page))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_servers_at_different_ports_of_a_host_do_not_log_each_other_out(
    start: Start, host: str
) -> None:
    names, kept = [f"{host}:8000", f"{host}:8001", host], list[str]()
    servers = [start(token=f"secret{number}") for number in range(3)]
    for name, ways in zip(names, servers, strict=True):
        login = ways.ask(
            "POST", "/web/login", {"token": ways.server._context.config.token}, Host=name
        )
        kept.append(login.headers["set-cookie"].partition(";")[0])
    browser = {"Cookie": "; ".join(kept)}
    for name, ways in zip(names, servers, strict=True):
        assert ways.ask("GET", "/web/games.json", Host=name, **browser).status == 200


def reply_to_all(page: str) -> int:
    """Return the status without a token: the page itself asks for it."""
    return 200 if page == "/web/" else 307


@pytest.mark.parametrize(
    ("origin", "sites"),
    [
        ("", "SameSite=Lax"),
        ("http://localhost:8000", "SameSite=Lax"),
        ("https://games.example.com", "SameSite=None; Secure; Partitioned"),
    ],
)
def test_over_https_a_page_in_a_frame_of_another_site_has_the_cookie(
    origin: str, sites: str
) -> None:
    assert cookie("secret", {"origin": origin}).endswith(f"; Path=/; HttpOnly; {sites}")


def test_the_refusal_of_a_page_says_by_which_name_the_server_was_asked() -> None:
    behind_a_proxy = {"origin": "https://games.example.com", "host": "127.0.0.1:8000"}
    reason = str(refused(check_origin, behind_a_proxy))
    assert "https://games.example.com" in reason
    assert "asked for as 127.0.0.1:8000: a proxy must pass on Host" in reason


def test_requests_of_a_page_do_not_cause_a_login_prompt(start: Start) -> None:
    """With Basic, the browser would show its own prompt over the page."""
    ways = start(token="secret")
    for headers in ({"Sec_Fetch_Mode": "cors"}, {"X_Atari_Page": "1"}):
        reply = ways.ask("GET", "/web/games.json", **headers)
        assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
    reply = ways.ask("GET", "/docs", Sec_Fetch_Mode="navigate")
    assert "Basic" in reply.headers["www-authenticate"]


def test_a_token_in_the_address_is_accepted_only_for_pages(start: Start) -> None:
    ways = start(token="secret")
    assert ways.ask("GET", "/metadata?token=secret").status == 401
    assert ways.ask("POST", "/reset?token=secret").status == 401


def test_a_token_is_not_shown_in_the_settings() -> None:
    assert "secret" not in repr(SECRET)
