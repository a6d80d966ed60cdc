"""A body has a plain length or comes in chunks, within the limits either way (RFC 9112)."""

from io import BufferedReader, BytesIO

import pytest

from atari_cli.server.transport import request_body
from atari_cli.server.transport.messages import Problem
from atari_cli.server.transport.request_body import Body
from tests.server.transport.test_request_head import get

CHUNKED = "Transfer-Encoding: chunked"


def chunked(data: bytes, most: int = 100) -> bytes:
    """Return the body that arrives in chunks."""
    return Body(get(CHUNKED), most).read(BufferedReader(BytesIO(data)))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (["Content-Length: -1"], 400),
        (["Content-Length: +1"], 400),
        (["Content-Length: 1, 1"], 400),
        (["Content-Length: 0x10"], 400),
        (["Content-Length: ²"], 400),
        (["Content-Length:"], 400),
        ([f"Content-Length: {(1 << 20) + 1}"], 413),
        (["Content-Length: " + "9" * 5000], 413),
        ([CHUNKED, "Content-Length: 1"], 400),
        (["Transfer-Encoding: gzip"], 501),
        (["Transfer-Encoding: gzip, chunked"], 501),
        (["Transfer-Encoding: chunked, chunked"], 501),
        (["Transfer-Encoding: xchunked"], 501),
        (["Transfer-Encoding:"], 501),
    ],
)
def test_an_unclear_or_excessive_length_is_refused(headers: list[str], status: int) -> None:
    with pytest.raises(Problem) as raised:
        Body(get(*headers))
    assert raised.value.response.status == status


def test_chunks_need_http_1_1() -> None:
    with pytest.raises(Problem) as raised:
        Body(get(CHUNKED)._replace(minor=0))
    assert raised.value.response.status == 400


def test_a_body_has_the_declared_length_or_is_empty() -> None:
    assert Body(get()).length == 0
    assert Body(get("Content-Length: 007")).length == 7
    assert Body(get("Content-Length: 3")).read(BufferedReader(BytesIO(b"abcd"))) == b"abc"


@pytest.mark.parametrize(
    ("data", "body"),
    [
        (b"0\r\n\r\n", b""),
        (b"3\r\nabc\r\n0\r\n\r\n", b"abc"),
        (b"3\r\nabc\r\n1\r\nd\r\n00\r\n\r\n", b"abcd"),
        (b"00000C\r\n0123456789ab\r\n0\r\n\r\n", b"0123456789ab"),
        (b"a\r\n" + b"\r\n" * 6 + b"0\r\n\r\n", b"\r\n" * 5),
        (b'1;name=value;other="a b"\r\nx\r\n0;last\r\n\r\n', b"x"),
        (b"1 \r\nx\r\n0\r\nX-Check: 1\r\nHost: evil\r\n\r\n", b"x"),
    ],
)
def test_chunks_are_joined_without_extensions_and_trailers(data: bytes, body: bytes) -> None:
    rest = BufferedReader(BytesIO(data + b"GET / HTTP/1.1"))
    assert Body(get(CHUNKED)).read(rest) == body
    assert rest.read() == b"GET / HTTP/1.1"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"x\r\n", 400),
        (b"-1\r\n", 400),
        (b"+1\r\nx\r\n", 400),
        (b"0x1\r\nx\r\n", 400),
        (b"1_0\r\n", 400),
        (b"\r\n", 400),
        (b" 1\r\nx\r\n", 400),
        (b"1\nx\n0\n\n", 400),
        (b"3\r\nabcd\r\n0\r\n\r\n", 400),
        (b"1;\x00\r\nx\r\n", 400),
        (b"65\r\n", 413),
        (b"64\r\n" + b"x" * 100 + b"\r\n1\r\n", 413),
        (b"ffffffff\r\n", 413),
        (b"fffffffffffffffff\r\n", 400),
        (b"1;" + b"x" * 9000 + b"\r\n", 431),
        (b"0\r\n" + b"X: 1\r\n" * 9000 + b"\r\n", 431),
    ],
)
def test_wrong_or_excessive_chunks_are_refused(data: bytes, status: int) -> None:
    with pytest.raises(Problem) as raised:
        chunked(data)
    assert raised.value.response.status == status


@pytest.mark.parametrize("data", [b"", b"3", b"3\r\nab", b"3\r\nabc", b"0\r\n", b"0\r\nX: 1\r\n"])
def test_a_body_that_ends_early_is_a_lost_connection(data: bytes) -> None:
    with pytest.raises(ConnectionError):
        chunked(data)
    with pytest.raises(ConnectionError):
        Body(get("Content-Length: 19")).read(BufferedReader(BytesIO(data)))


def test_the_number_of_chunks_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_body, "MOST_CHUNKS", 3)
    assert chunked(b"1\r\nx\r\n" * 2 + b"0\r\n\r\n") == b"xx"
    with pytest.raises(Problem) as raised:
        chunked(b"1\r\nx\r\n" * 3 + b"0\r\n\r\n")
    assert raised.value.response.status == 413
