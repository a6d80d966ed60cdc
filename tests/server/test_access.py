"""Hosts, origins, content types and tokens: who may ask, and who may not."""

import base64

import pytest

from atari_cli.config import ServeConfig
from atari_cli.server.access import check_content_type, check_host, check_origin, check_token
from tests.server.conftest import Start

PLAIN = ServeConfig()


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "10.1.2.3", "atari", "box:80"],
)
def test_this_machines_names_pass(host: str) -> None:
    assert check_host({"host": host}, PLAIN) is None


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "", "localhost.evil.example"]
)
def test_other_names_are_refused_unless_allowed(host: str) -> None:
    refusal = check_host({"host": host}, PLAIN)
    assert refusal is not None
    assert refusal.status == 421
    assert "--allow-host" in refusal.reason
    assert check_host({"host": host}, ServeConfig(allow_hosts=("*",))) is None
    named = ServeConfig(allow_hosts=(host.partition(":")[0] or "x",))
    assert (check_host({"host": host}, named) is None) is bool(host)


def test_programs_and_our_own_pages_pass() -> None:
    assert check_origin({}, PLAIN) is None
    own = {"origin": "http://localhost:8000", "host": "localhost:8000"}
    assert check_origin(own, PLAIN) is None
    assert check_origin({"sec-fetch-site": "same-origin"}, PLAIN) is None


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
    refusal = check_origin(headers, PLAIN)
    assert refusal is not None
    assert refusal.status == 403
    if "origin" in headers:
        assert check_origin(headers, ServeConfig(allow_origins=(headers["origin"],))) is None


def test_a_form_of_a_page_is_refused() -> None:
    form = {"content-type": "text/plain", "origin": "http://localhost"}
    refusal = check_content_type(form)
    assert refusal is not None
    assert refusal.status == 415
    assert check_content_type({"content-type": "text/plain"}) is None
    assert check_content_type({**form, "content-type": "application/json; charset=utf-8"}) is None


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"user:{password}".encode()).decode()


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer secret"},
        {"authorization": "bearer secret"},
        {"authorization": basic("secret")},
        {"cookie": "a=b; atari_token=secret"},
    ],
)
def test_a_token_may_be_shown_in_three_ways(headers: dict[str, str]) -> None:
    assert check_token(headers, ServeConfig(token="secret")) is None


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
    ],
)
def test_without_the_token_nobody_passes(headers: dict[str, str]) -> None:
    refusal = check_token(headers, ServeConfig(token="secret"))
    assert refusal is not None
    assert refusal.status == 401
    assert check_token(headers, PLAIN) is None


def test_the_server_asks_for_all_of_it(start: Start) -> None:
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
