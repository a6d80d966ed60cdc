"""Screens are sent as differences without loss, in a few hundred bytes."""

import random

import numpy as np
import pytest

from atari_cli import AtariEnvironment
from atari_cli.model import Bytes
from atari_cli.wire.atari_v1 import unpack_message
from atari_cli.wire.json_text import Json, to_json
from atari_cli.wire.screen_deltas import ScreenDeltas, episode_message

MOST = 1 << 20


class Page:
    """A client that keeps the screen and sound that it received."""

    def __init__(self) -> None:
        self.shown = np.zeros(0, np.uint8)
        self.sound = np.zeros(0, np.uint8)

    def take(self, message: bytes) -> Json:
        header, payload = unpack_message(message, MOST)
        data = header["data"]
        values = np.frombuffer(payload, np.uint8)
        change, self.sound = np.split(values, [len(values) - data["sound"]])
        self.shown = change if data["key"] else self.shown ^ change
        return dict(data)


def environment(game: str) -> AtariEnvironment:
    return AtariEnvironment(game, frameskip=1, sound=True, full_action_space=True)


def shown(screen: Bytes, ram: Bytes) -> Bytes:
    return np.concatenate((screen.reshape(-1), ram))


@pytest.mark.parametrize(("game", "most"), [("pong", 400), ("ms_pacman", 600)])
def test_a_client_receives_every_screen_and_sound(game: str, most: int) -> None:
    played, differences, page, chance = environment(game), ScreenDeltas(), Page(), random.Random(0)
    observation = played.reset(seed=1).observation
    sizes = []
    for step in range(200):
        screen, ram, sound = observation.indices, observation.ram, observation.audio
        message = b"".join(differences.pack({"number": step}, screen, ram, sound))
        sizes.append(len(message))
        data = page.take(message)
        assert (data["number"], data["key"], data["sound"]) == (step, step == 0, 512)
        assert np.array_equal(page.shown, shown(screen, ram))
        assert np.array_equal(page.sound, sound)
        observation = played.step(chance.randrange(18)).observation
    assert np.mean(sizes[1:]) < most


def test_the_first_screen_and_each_of_a_new_size_are_sent_whole() -> None:
    differences, page = ScreenDeltas(), Page()

    def key(height: int) -> bool:
        screen, ram = np.full((height, 160), height, np.uint8), np.zeros(128, np.uint8)
        is_key = page.take(b"".join(differences.pack({}, screen, ram, None)))["key"]
        assert np.array_equal(page.shown, shown(screen, ram))
        assert not len(page.sound)
        return bool(is_key)

    assert [key(210), key(210), key(250), key(250)] == [True, False, True, False]
    differences.begin()
    assert key(250)


def test_an_episode_message_has_everything_that_a_page_needs() -> None:
    played = environment("breakout")
    played.reset(seed=5)
    message = episode_message(played.state, 2, {"axis": "x"}, None)
    data = message["data"]
    assert (message["type"], data["number"], data["seed"], data["fps"]) == ("episode", 2, 5, 60)
    assert (data["game_name"], data["display_name"], data["height"]) == (
        "breakout",
        "Breakout - Breakaway IV",
        210,
    )
    assert (data["mode"], data["difficulty"]) == (0, 0)
    assert len(data["action_meanings"]) == len(data["legal_actions"]) == 18
    assert data["palette"].shape == (256, 3)
    assert "session_id" not in data
    assert episode_message(played.state, 2, None, "me")["data"]["session_id"] == "me"
    assert to_json(message)
