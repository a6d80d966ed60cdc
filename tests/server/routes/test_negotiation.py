"""Over HTTP, a result is sent as JSON, as a binary message or as a picture."""

import io

import imageio.v3 as imageio
import numpy as np
import pytest

from atari_cli import AtariEnvironment
from atari_cli.server.routes.negotiation import JSON, PNG, asked_for, is_compressed
from atari_cli.server.transport.messages import Problem, Request
from atari_cli.wire.atari_v1 import MEDIA_TYPE, unpack_message
from tests.server.conftest import Ways


def request(encoding: str | None = None, accept: str | None = None) -> Request:
    query = {} if encoding is None else {"encoding": encoding}
    headers = {} if accept is None else {"accept": accept}
    return Request("POST", "/step", query, headers, b"", "me", True)


def fetch(ways: Ways, path: str, **headers: str) -> tuple[dict[str, str], bytes]:
    connection = ways.connection()
    connection.request("POST", path, '{"seed": 1}', headers)
    response = connection.getresponse()
    return {name.lower(): value for name, value in response.headers.items()}, response.read()


def test_a_binary_message_has_the_screen_and_the_episode(ways: Ways) -> None:
    headers, body = fetch(ways, "/reset?encoding=atari.v1&compression=zlib")
    assert headers["content-type"] == MEDIA_TYPE
    header, payload = unpack_message(body, 1 << 20)
    episode = header["data"]["episode"]
    assert episode["session_id"] == headers["x-atari-session"]
    screen = np.array(episode["palette"], np.uint8)[np.frombuffer(payload, np.uint8)]
    expected = AtariEnvironment("pong").reset(seed=1).observation.pixels
    assert np.array_equal(screen.reshape(expected.shape), expected)
    assert len(body) < 10_000


def test_a_picture_shows_the_screen(ways: Ways) -> None:
    headers, body = fetch(ways, "/reset", Accept="image/png")
    assert headers["content-type"] == PNG
    assert headers["x-atari-reward"] == "0"
    assert headers["x-atari-terminated"] == headers["x-atari-truncated"] == "false"
    expected = AtariEnvironment("pong").reset(seed=1).observation.pixels
    assert np.array_equal(imageio.imread(io.BytesIO(body)), expected)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("text/html", JSON),
        ("application/json, image/png", JSON),
        ("image/png, application/json", PNG),
        ("image/*;q=0.8", PNG),
        (f"text/plain, {MEDIA_TYPE}", MEDIA_TYPE),
    ],
)
def test_the_first_known_media_type_is_chosen(accept: str | None, kind: str) -> None:
    assert asked_for(request(accept=accept)) == kind


def test_the_query_takes_precedence_over_the_header(ways: Ways) -> None:
    assert asked_for(request("json", PNG)) == JSON
    with pytest.raises(Problem):
        asked_for(request("gif"))
    reply = ways.ask("POST", "/reset?encoding=gif")
    assert reply.status == 422
    assert reply.body == {"detail": "encoding must be one of json, atari.v1, png, got 'gif'"}


@pytest.mark.parametrize(
    ("query", "is_local", "expected"),
    [("", True, False), ("", False, True), ("zlib", True, True), ("none", False, False)],
)
def test_payloads_are_compressed_for_other_machines(
    query: str, is_local: bool, expected: bool
) -> None:
    assert is_compressed({"compression": query}, is_local) is expected
