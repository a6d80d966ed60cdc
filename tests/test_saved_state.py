"""Saved states are restored exactly, or refused."""

import json
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from atari_cli.emulator import Emulator
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import InvalidState
from atari_cli.games import find_game
from atari_cli.saved_state import _EMULATOR, _ENVIRONMENT, pack, unpack
from tests.exactness.traces import fingerprint, held_codes, play_frames, play_steps


@pytest.fixture(params=["pong", "qbert"])
def emulator(request: pytest.FixtureRequest) -> Emulator:
    """One game that is restored from ALE's state, and one from its inputs."""
    return Emulator(find_game(request.param))


HEADER, CODES, STRENGTHS, STATE, SCREEN = range(5)


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (HEADER, lambda text: b"no JSON"),
        (HEADER, lambda text: b"[]"),
        (HEADER, lambda text: b"[" * 100_000),
        (HEADER, lambda text: text.replace(b'"ale_seed": 0', b'"ale_seed": "0"')),
        (HEADER, lambda text: text.replace(b'"ale_seed": 0', b'"ale_seed": 9999999999')),
        (HEADER, lambda text: text.replace(b'"mode": 0', b'"mode": 1')),
        (CODES, lambda codes: codes[:-1]),
        (CODES, lambda codes: codes[:-1] + b"\xff"),
        (STRENGTHS, lambda strengths: strengths[:-1]),
        (STRENGTHS, lambda strengths: strengths[:-4] + np.float32(np.nan).tobytes()),
        (STRENGTHS, lambda strengths: strengths[:-4] + np.float32(100.5).tobytes()),
        (SCREEN, lambda screen: screen[:-1]),
    ],
)
def test_inconsistent_parts_are_refused(emulator: Emulator, part: int, change: Any) -> None:
    play_frames(emulator, held_codes(1, 40))
    parts = unpack(_EMULATOR, emulator.save(), 5)
    play_frames(emulator, held_codes(2, 40))
    before = fingerprint(emulator), bytes(emulator.inputs[0])
    assert change(parts[part]) != parts[part]
    parts[part] = change(parts[part])
    with pytest.raises(InvalidState):
        emulator.restore(pack(_EMULATOR, *parts))
    assert (fingerprint(emulator), bytes(emulator.inputs[0])) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state[:100],
        lambda state: b"x" * len(state),
        lambda state: bytes(len(state)),
        lambda state: state[:28] + b"\xff" + state[29:],
    ],
    ids=["cut", "nonsense", "zeros", "a wrong length within"],
)
def test_a_state_that_ale_cannot_read_is_refused(change: Callable[[bytes], bytes]) -> None:
    emulator = Emulator(find_game("pong"))
    play_frames(emulator, held_codes(1, 40))
    parts = unpack(_EMULATOR, emulator.save(), 5)
    play_frames(emulator, held_codes(3, 40))
    before = fingerprint(emulator), bytes(emulator.inputs[0])
    wrong = [*parts[:STATE], change(parts[STATE]), parts[SCREEN]]
    with pytest.raises(InvalidState, match="ALE does not know the saved state"):
        emulator.restore(pack(_EMULATOR, *wrong))
    assert (fingerprint(emulator), bytes(emulator.inputs[0])) == before


def test_inputs_that_lead_to_another_screen_are_refused_without_any_change() -> None:
    emulator = Emulator(find_game("qbert"))
    play_frames(emulator, held_codes(1, 200))
    parts = unpack(_EMULATOR, emulator.save(), 5)
    parts[SCREEN] = bytes(len(parts[SCREEN]))
    play_frames(emulator, held_codes(2, 40))
    before, saved = fingerprint(emulator), emulator.save()
    with pytest.raises(InvalidState, match="lead to another screen"):
        emulator.restore(pack(_EMULATOR, *parts))
    assert fingerprint(emulator) == before
    rest = play_frames(emulator, held_codes(3, 60))
    emulator.restore(saved)
    assert play_frames(emulator, held_codes(3, 60)) == rest


@pytest.mark.parametrize(
    "change",
    [
        {"config": {"colour": "red"}},
        {"config": {"game": "pogn"}},
        {"config": None},
        {"config": {"game": "pong", "mode": 77}},
        {"seeds": [1]},
        {"seeds": [1, -1]},
        {"seed": "1"},
        {"sticky_drawn": -1},
        {"steps": None},
        {"score": "high"},
        {"last_action": None},
        {"episode_id": 7},
        {"outcome": [0.0, False]},
        {"outcome": [0.0, "no", False]},
    ],
)
def test_invalid_fields_of_an_environment_are_refused(change: dict[str, Any]) -> None:
    with AtariEnvironment("pong", repeat_action_probability=0.25) as environment:
        environment.reset(seed=1)
        play_steps(environment, held_codes(1, 20))
        text, emulator_state = unpack(_ENVIRONMENT, environment.save(), 2)
        wrong = json.dumps(json.loads(text) | change).encode()
        before = environment.state, environment.summary(), fingerprint(environment.emulator)
        with pytest.raises(InvalidState):
            environment.restore(pack(_ENVIRONMENT, wrong, emulator_state))
        assert before == (
            (environment.state, environment.summary(), fingerprint(environment.emulator))
        )
        environment.step(0)


def test_packed_parts_can_be_unpacked() -> None:
    parts = [b"", b"one", bytes(100_000)]
    packed = pack(b"MAGIC", *parts)
    assert unpack(b"MAGIC", packed, 3) == parts
    assert len(packed) < 1000


def test_damage_is_detected() -> None:
    packed = pack(b"MAGIC", b"some bytes", b"more")
    for wrong in (b"", b"MAGIC", packed[:-1], packed[:7], packed.replace(b"M", b"N", 1)):
        with pytest.raises(InvalidState):
            unpack(b"MAGIC", wrong, 2)
    for index in range(5, len(packed)):
        flipped = bytearray(packed)
        flipped[index] ^= 0x10
        with pytest.raises(InvalidState, match="damaged"):
            unpack(b"MAGIC", bytes(flipped), 2)


def signed(content: bytes) -> bytes:
    """Return a container with a correct checksum for any content."""
    body = zlib.compress(content)
    return b"MAGIC" + struct.pack("<I", zlib.crc32(body)) + body


@pytest.mark.parametrize(
    "content",
    [
        b"",
        struct.pack("<I", 2**32 - 1),
        struct.pack("<III", 2, 1, 2) + b"12",
        struct.pack("<II", 1, 2) + b"12",
        pytest.param(bytes(300 << 20), marks=pytest.mark.slow),
    ],
    ids=["nothing", "too many parts", "too short", "another number of parts", "a bomb"],
)
def test_malicious_containers_are_refused(content: bytes) -> None:
    with pytest.raises(InvalidState, match="damaged"):
        unpack(b"MAGIC", signed(content), 2)
