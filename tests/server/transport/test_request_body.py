"""The length of a body must be plain and within the limit."""

import pytest

from atari_cli.server.transport.messages import Problem
from atari_cli.server.transport.request_body import body_length
from tests.server.transport.test_request_head import get


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Transfer-Encoding: chunked", 501),
        ("Content-Length: -1", 400),
        ("Content-Length: +1", 400),
        ("Content-Length: 1, 1", 400),
        ("Content-Length: 0x10", 400),
        ("Content-Length: ²", 400),
        ("Content-Length:", 400),
        (f"Content-Length: {(1 << 20) + 1}", 413),
        ("Content-Length: " + "9" * 5000, 413),
    ],
)
def test_an_invalid_or_excessive_length_is_refused(header: str, status: int) -> None:
    with pytest.raises(Problem) as raised:
        body_length(get(header))
    assert raised.value.response.status == status


def test_a_body_has_the_declared_length_or_is_empty() -> None:
    assert body_length(get()) == 0
    assert body_length(get("Content-Length: 007")) == 7
