"""Heads of requests are read strictly: anything ambiguous is refused."""

from io import BytesIO

import pytest

from atari_cli.server.transport.messages import Problem
from atari_cli.server.transport.request_head import Head, read_head


def read(text: str) -> Head | None:
    return read_head(BytesIO(text.replace("\n", "\r\n").encode("latin-1")))


def get(*headers: str, target: str = "/", version: str = "HTTP/1.1") -> Head:
    head = read("\n".join([f"GET {target} {version}", *headers, "", ""]))
    assert head is not None
    return head


def refused(text: str) -> int:
    with pytest.raises(Problem) as raised:
        read(text)
    return raised.value.response.status.value


def test_a_head_is_split_into_its_parts() -> None:
    head = get("Host: localhost:8000", "X-A:  b c\t", "x-a: d", target="/a%62?x=1&y=&x=%41")
    assert (head.method, head.path, head.query) == ("GET", "/ab", {"x": "A", "y": ""})
    assert head.headers == {"host": "localhost:8000", "x-a": "b c, d"}


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/", "/"),
        ("http://localhost:8000/health?x", "/health"),
        ("http://localhost", "/"),
        ("//evil.example/health", "//evil.example/health"),
        ("*", "*"),
        ("/%ff%0d%0a", "/�\r\n"),
    ],
)
def test_a_target_has_a_path(target: str, path: str) -> None:
    assert get(target=target).path == path


def test_several_cookie_headers_are_joined() -> None:
    assert get("Cookie: a=1", "Cookie: b=2").headers["cookie"] == "a=1; b=2"


@pytest.mark.parametrize(
    ("version", "connection", "keeps"),
    [
        ("HTTP/1.1", "", True),
        ("HTTP/1.1", "close", False),
        ("HTTP/1.1", "TE, Close", False),
        ("HTTP/1.0", "", False),
        ("HTTP/1.0", "Keep-Alive", True),
    ],
)
def test_a_connection_is_kept_or_closed_as_the_client_asks(
    version: str, connection: str, keeps: bool
) -> None:
    assert get(f"Connection: {connection}", version=version).keeps_alive is keeps


@pytest.mark.parametrize("text", ["", "GET", "GET / HTTP/1.1\nHost: a\n"])
def test_an_incomplete_head_gives_none(text: str) -> None:
    assert read(text) is None


def test_empty_lines_before_a_request_are_skipped() -> None:
    head = read("\n\nGET / HTTP/1.1\n\n")
    assert head is not None


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("GET /\n\n", 400),
        ("GET  / HTTP/1.1\n\n", 400),
        ("GET / HTTP/1.1 \n\n", 400),
        ("GET /\x00 HTTP/1.1\n\n", 400),
        ("GET /ä HTTP/1.1\n\n", 400),
        ("G(T / HTTP/1.1\n\n", 400),
        ("GET / HTTP/2.0\n\n", 505),
        ("GET / HTTP/1.1\nHost\n\n", 400),
        ("GET / HTTP/1.1\nHost : a\n\n", 400),
        ("GET / HTTP/1.1\n: a\n\n", 400),
        ("GET / HTTP/1.1\nX: a\n folded\n\n", 400),
        ("GET / HTTP/1.1\nX: a\x00b\n\n", 400),
        ("GET / HTTP/1.1\nX: a\rY: b\n\n", 400),
        ("GET / HTTP/1.1\nHost: a\nHost: a\n\n", 400),
        ("POST / HTTP/1.1\nContent-Length: 1\nContent-Length: 1\n\n", 400),
        ("GET /" + "x" * 8192 + " HTTP/1.1\n\n", 414),
        ("GET / HTTP/1.1\nX: " + "x" * 8192 + "\n\n", 431),
        ("GET / HTTP/1.1\n" + ("X: " + "x" * 8000 + "\n") * 5 + "\n", 431),
        ("GET / HTTP/1.1\n" + "X: 1\n" * 101 + "\n", 431),
        ("\n" * 20_000, 431),
    ],
)
def test_invalid_or_overlong_heads_are_refused(text: str, status: int) -> None:
    assert refused(text) == status
