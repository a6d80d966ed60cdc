"""Heads are read as h11 reads them, except for intended differences, each with its reason."""

from io import BytesIO

import h11
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from atari_cli.server.transport.messages import Problem
from atari_cli.server.transport.request_body import Body
from atari_cli.server.transport.request_head import MAX_HEAD_BYTES, Head, read_head

TOKENS = some.from_regex(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}", fullmatch=True)
TARGETS = some.from_regex(r"/[!-~]{0,20}|\*|http://[a-z.:0-9]{1,12}(/[!-~]{0,10})?", fullmatch=True)
SPACES = some.sampled_from(["", " ", "\t", "  \t "])
VALUES = some.text(
    some.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=30
)
NAMES = TOKENS | some.sampled_from(
    ["Host", "Content-Length", "Transfer-Encoding", "Cookie", "Connection", "Expect", "X-A", "x-a"]
)
METHODS = TOKENS | some.sampled_from(["GET", "POST", "DELETE", "HEAD", "OPTIONS"])


@some.composite
def heads(draw: some.DrawFn) -> bytes:
    """Make valid heads, with any allowed names, values and whitespace."""
    lines = [f"{draw(METHODS)} {draw(TARGETS)} HTTP/1.{draw(some.sampled_from('01'))}"]
    names = draw(some.lists(NAMES, max_size=6))
    for name in ["Host", *names] if draw(some.booleans()) else names:
        lines.append(f"{name}:{draw(SPACES)}{draw(VALUES)}{draw(SPACES)}")
    return "\r\n".join([*lines, "\r\n"]).encode("latin-1")


@some.composite
def damaged_heads(draw: some.DrawFn) -> bytes:
    """Make heads in which a few bytes are changed, inserted or removed."""
    head = bytearray(draw(heads()))
    for _ in range(draw(some.integers(1, 3))):
        place = draw(some.integers(0, len(head) - 1))
        new = draw(
            some.sampled_from([b"", b"\r", b"\n", b"\r\n", b" ", b"\t", b":", b"\0", b"\x80"])
        )
        head[place : place + draw(some.integers(0, 2))] = new
    return bytes(head)


def ours(data: bytes) -> Head | str | None:
    """Return a head as we read it: a reason if it is refused, None if it is incomplete."""
    try:
        return read_head(BytesIO(data))
    except Problem as problem:
        return str(problem.args[1])


def theirs(data: bytes) -> h11.Request | str | None:
    """Return a head as h11 reads it: a reason if it is refused, None if it is incomplete."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)
    connection.receive_data(data)
    try:
        event = connection.next_event()
    except h11.RemoteProtocolError as error:
        return str(error)
    return event if isinstance(event, h11.Request) else None


STRICTER = {
    "came twice": "h11 joins the values of a header that has one, or keeps both",
    "is not `Name: value`": "h11 unfolds lines that begin with a blank; RFC 9112 lets us refuse",
    "this server speaks HTTP/1.1": "h11 leaves the version to its caller",
}
"""Heads that we refuse and h11 accepts: words of our reason, and why."""

LAXER = {
    "Missing mandatory Host": "access.check_host refuses it with 421; /health needs none",
    "bad Content-Length": "`Body` refuses it, and h11 checks what we read later",
    "Only Transfer-Encoding: chunked": "`Body` refuses it with 501",
    "no request line received": "RFC 9112 (2.2) has servers ignore empty lines at the start",
}
"""Heads that we accept and h11 refuses: words of its reason, and why."""


def joined(request: h11.Request) -> dict[str, str]:
    """Return h11's headers in our form: one value for each name."""
    found: dict[str, str] = {}
    for raw, value in request.headers:
        name, text = raw.decode(), value.decode("latin-1")
        separator = "; " if name == "cookie" else ", "
        found[name] = f"{found[name]}{separator}{text}" if name in found else text
    return found


def compare(data: bytes) -> None:
    """Check that both read a head in the same way, or differ as intended."""
    mine, other = ours(data), theirs(data)
    if isinstance(mine, Head) and isinstance(other, h11.Request):
        assert (mine.method, mine.target) == (other.method.decode(), other.target.decode())
        assert f"1.{mine.minor}" == other.http_version.decode()
        assert mine.headers == joined(other)
    elif isinstance(other, h11.Request):
        assert isinstance(mine, str), f"h11 read {data!r}, we wait for more"
        assert any(words in mine for words in STRICTER), (mine, data)
    elif isinstance(mine, Head):
        assert isinstance(other, str), f"we read {data!r}, h11 waits for more"
        assert any(words in other for words in LAXER), (other, data)
        if "Content-Length" in other or "Transfer-Encoding" in other:
            with pytest.raises(Problem):
                Body(mine)


@settings(deadline=None, derandomize=True)
@given(heads())
@example(b"GET /a?b HTTP/1.1\r\nHost: a\r\nX-A: \t b \r\nx-a:c\r\n\r\n")
@example(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n")
@example(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n")
def test_a_head_is_read_as_h11_reads_it(data: bytes) -> None:
    compare(data)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(damaged_heads())
@example(b"GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n")
@example(b"GET / HTTP/1.1\r\nHost: a\r\nX-A : b\r\n\r\n")
@example(b"GET / HTTP/1.1\r\nHost: a\r\nX-A: b\rX-B: c\r\n\r\n")
@example(b"GET / HTTP/1.1\nHost: a\n\n")
@example(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
@example(b"GET / HTTP/2.0\r\nHost: a\r\n\r\n")
def test_a_damaged_head_is_read_as_h11_reads_it_or_refused(data: bytes) -> None:
    compare(data)
