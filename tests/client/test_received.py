"""Observations from a server, whose arrays are created on first use."""

import copy
import pickle

import numpy as np
import pytest
from imageio.v3 import imread

from atari_cli.client.received import MissingFrame, ReceivedEpisode, ReceivedFrame
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import InvalidAction, ServerError
from atari_cli.games import find_game, palette

ROW = {
    "reward": 1,
    "terminated": True,
    "truncated": False,
    "lives": 2,
    "episode_frame_number": 4,
    "frame_number": 8,
}


def about(**changes: object) -> ReceivedEpisode:
    data = {"screen_shape": [128], "legal_actions": [0, 1], "obs_type": "ram"}
    return ReceivedEpisode({**data, "action_meanings": ["NOOP", "FIRE"], **changes})


@pytest.mark.parametrize("game", ["pong", "seaquest", "air_raid"])
def test_indices_become_the_exact_colours(game: str) -> None:
    environment = AtariEnvironment(game)
    seen = environment.reset(seed=0).observation
    colours = palette(find_game(game).tv).tolist()
    episode = about(screen_shape=list(seen.screen_shape), palette=colours, obs_type="rgb")
    # A payload may begin at any address in its message.
    payload = memoryview(b"x" + seen.indices.tobytes())[1:]
    frame = ReceivedFrame(payload, episode)
    assert np.array_equal(frame.pixels(), seen.pixels)
    assert np.array_equal(frame.indices(), seen.indices)
    frame.pixels()[:] = 0  # the caller gets a copy
    assert np.array_equal(frame.pixels(), seen.pixels)
    with pytest.raises(ServerError, match="obs_type='ram'"):
        frame.ram()
    with pytest.raises(ServerError, match="no sound"):
        frame.audio()


def test_ram_is_both_pixels_and_ram() -> None:
    frame = ReceivedFrame(bytes(range(128)), about())
    assert frame.ram().tolist() == frame.pixels().tolist() == list(range(128))
    with pytest.raises(ServerError, match="palette indices"):
        frame.indices()


def test_a_screen_of_another_size_is_an_error() -> None:
    with pytest.raises(ValueError, match="a screen of 128 bytes has 3"):
        ReceivedFrame(b"abc", about())


def test_a_result_has_our_fields_and_those_of_openenv() -> None:
    episode = about(seed=3, game_name="pong")
    result = episode.result(ReceivedFrame(bytes(128), episode), ROW)
    assert (result.reward, result.done, result.terminated) == (1.0, True, True)
    seen = result.observation
    assert (seen.reward, seen.done) == (1.0, True)
    assert seen.metadata == {
        "game_name": "pong",
        "action_meanings": ["NOOP", "FIRE"],
        "terminated": True,
        "truncated": False,
        "seed": 3,
    }
    assert seen.screen == [0] * 128


def test_reading_a_screen_that_was_not_requested_says_so() -> None:
    result = about().result(MissingFrame(), ROW)
    with pytest.raises(ServerError, match="the last one only"):
        _ = result.observation.pixels


@pytest.mark.parametrize(
    ("meanings", "action", "index"),
    [
        (["NOOP", "FIRE"], "fire", 1),
        (["Action.NOOP", "Action.FIRE"], "FIRE", 1),
        (["NOOP", "FIRE"], np.int64(1), 1),
        (["left", "jump"], 1, 1),
        ([], np.int64(1), 1),
    ],
)
def test_an_action_is_an_index_or_a_name(meanings: list[str], action: int, index: int) -> None:
    assert about(action_meanings=meanings).index(action) == index


@pytest.mark.parametrize("meanings", [["NOOP", "FIRE"], []])
@pytest.mark.parametrize("action", [2, -1, "UP", None, 0.5])
def test_an_action_outside_the_set_is_an_error(meanings: list[str], action: int) -> None:
    with pytest.raises(InvalidAction):
        about(action_meanings=meanings).index(action)


def test_a_result_can_be_copied_and_pickled() -> None:
    episode = about()
    result = episode.result(ReceivedFrame(memoryview(bytes(range(128))), episode), ROW)
    for again in (copy.deepcopy(result), pickle.loads(pickle.dumps(result))):
        assert again.observation.screen == list(range(128))
        assert again.observation.metadata == result.observation.metadata
        assert again.reward == 1


def test_a_notebook_shows_the_screens_that_were_sent() -> None:
    episode = about()
    assert episode.result(ReceivedFrame(bytes(128), episode), ROW).observation._repr_png_() is None
    assert episode.result(MissingFrame(), ROW).observation._repr_png_() is None
    gray = about(obs_type="grayscale", screen_shape=[210, 160])
    shown = gray.result(ReceivedFrame(bytes(210 * 160), gray), ROW).observation._repr_png_()
    assert shown
    assert imread(shown, extension=".png").shape == (210, 160)


def test_each_observation_has_its_own_list_of_legal_actions() -> None:
    episode = about()
    for _ in range(2):
        seen = episode.result(ReceivedFrame(bytes(128), episode), ROW).observation
        seen.legal_actions.remove(0)  # type: ignore[attr-defined]
