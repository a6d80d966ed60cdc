"""Messages of atari.v1 are read as they were written, and anything else is refused."""

import zlib

import pytest

from atari_cli import AtariEnvironment
from atari_cli.errors import ServerError
from atari_cli.wire.atari_v1 import (
    ResultEncoder,
    pack_message,
    unpack_message,
)


@pytest.mark.parametrize("compress", [False, True])
def test_a_message_is_read_as_it_was_written(compress: bool) -> None:
    message = b"".join(
        pack_message({"type": "observation", "id": 3}, (b"\x00\x01" * 499, b"\x00\x01"), compress)
    )
    header, payload = unpack_message(message, 1000)
    assert (header["type"], header["id"]) == ("observation", 3)
    assert bytes(payload) == b"\x00\x01" * 500
    assert (len(message) < 200) is compress


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x01\x00",
        b"\xff\xff\xff\xff{}",
        b"\x02\x00\x00\x00[]",
        b"\x02\x00\x00\x00{",
        b"\x02\x00\x00\x00{}" + bytes(1001),
        b"".join(pack_message({"compression": "zlib"}, (b"no zlib",), False)),
        b"".join(pack_message({"compression": "zlib"}, (zlib.compress(b"cut off")[:-3],), False)),
        b"".join(pack_message({}, (bytes(1001),), True)),
        b"".join(pack_message({}, (bytes(1 << 24),), True)),
    ],
)
def test_bytes_that_are_not_a_message_are_refused(message: bytes) -> None:
    with pytest.raises(ServerError, match=r"the server sent a message that is not atari\.v1"):
        unpack_message(message, 1000)


def test_the_payload_of_an_rgb_screen_is_its_palette_indices() -> None:
    environment = AtariEnvironment("pong")
    result = environment.reset(seed=0)
    data, screen = ResultEncoder().encode("me", "key", ["colour"], result, environment.state)
    episode = data["episode"]
    assert screen.nbytes == 210 * 160
    assert episode["palette"].shape == (256, 3)
    assert (episode["session_id"], episode["watch"]) == ("me", "key")
    assert episode["ignored"] == ["colour"]
    assert data["reward"] == 0.0


@pytest.mark.parametrize(("obs_type", "size"), [("grayscale", 210 * 160), ("ram", 128)])
def test_other_observations_have_no_palette(obs_type: str, size: int) -> None:
    environment = AtariEnvironment("pong", obs_type=obs_type)
    result = environment.reset(seed=0)
    data, screen = ResultEncoder().encode("me", "key", (), result, environment.state)
    assert screen.nbytes == size
    assert "palette" not in data["episode"]


def test_each_episode_is_described_once() -> None:
    environment, encoder = AtariEnvironment("pong"), ResultEncoder()
    result, first = environment.reset(seed=0), environment.state
    second = environment.state
    told = [
        "episode" in encoder.encode(session, "key", (), result, state)[0]
        for session, state in (("a", first), ("a", first), ("b", first), ("a", second))
    ]
    assert told == [True, False, True, True]
