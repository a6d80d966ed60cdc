"""One contract for every way to play: reset, step, state, errors, an episode's end, seeds."""

from collections.abc import Iterator

import numpy as np
import pytest

from atari_cli.errors import ResetNeeded
from tests.server.conftest import Ways, start, ways
from tests.ways import Awaited, Blocking, Http, InProcess, Refused, Seen, Way

__all__ = ["start", "ways"]

ACTIONS = [0, 2, 3, 2, 5, 1, 4, 2, 2, 3]


@pytest.fixture(params=[InProcess, Blocking, Awaited, Http, "plain Blocking", "plain Awaited"])
def way(
    request: pytest.FixtureRequest, ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Way]:
    """Each way in turn; our clients also as they talk to a server without `atari.v1`."""
    kind = request.param
    if isinstance(kind, str):
        for shell in ("sync_socket", "async_socket"):
            monkeypatch.setattr(f"atari_cli.client.{shell}.SUBPROTOCOL", "unheard.of")
        kind = {"plain Blocking": Blocking, "plain Awaited": Awaited}[kind]
    with kind(ways) as opened:
        yield opened


def same(one: Seen, other: Seen) -> bool:
    """Compare all but the count of frames over the session, which only OpenEnv's JSON has."""
    rest = [(*found[2:4], found.frames[0], *found[5:]) for found in (one, other)]
    return np.array_equal(one.pixels, other.pixels) and rest[0] == rest[1]


def episode(way: Way, seed: int) -> list[Seen]:
    settings = {"game": "breakout", "obs_type": "ram", "repeat_action_probability": 0.5}
    first = way.reset(seed=seed, noop_max=30, full_action_space=True, **settings)
    return [first, *(way.step(action) for action in ACTIONS)]


def test_a_reset_shows_the_first_screen(way: Way) -> None:
    first = way.reset(seed=0)
    assert first.pixels.shape == (210, 160, 3)
    assert first.pixels.dtype == np.uint8
    assert first.screen == first.pixels.reshape(-1).tolist()
    assert (first.legal_actions, first.lives) == ([0, 1, 2, 3, 4, 5], 0)
    assert (first.reward, first.done) == (0, False)


def test_a_step_plays_its_frames(way: Way) -> None:
    way.reset(seed=0)
    result = way.step(2)
    assert (result.frames, result.done) == ((4, 4), False)
    way.reset(frameskip=2)
    assert way.step(2).frames[0] == 2


@pytest.mark.parametrize(
    ("settings", "shape"),
    [
        ({"obs_type": "grayscale"}, (210, 160)),
        ({"obs_type": "ram"}, (128,)),
        ({"game": "air_raid"}, (250, 160, 3)),
    ],
)
def test_settings_of_a_reset_are_kept(
    way: Way, settings: dict[str, str], shape: tuple[int, ...]
) -> None:
    assert way.reset(**settings).pixels.shape == shape
    assert way.reset().pixels.shape == shape
    assert way.step(0).pixels.shape == shape


def test_an_episode_with_the_id_of_the_last_one_is_new(way: Way) -> None:
    way.reset(seed=1, episode_id="e")
    again = way.reset(seed=2, episode_id="e", obs_type="ram", full_action_space=True)
    assert again.pixels.shape == (128,)
    assert len(again.legal_actions) == 18
    assert way.state()["seed"] == 2


def test_the_state_names_the_episode(way: Way) -> None:
    before = way.state()
    assert (before["episode_id"], before["step_count"]) == (None, 0)
    way.reset(seed=7, episode_id="mine", game="Breakout", frameskip=3)
    way.step(0)
    state = way.state()
    expected = {"episode_id": "mine", "step_count": 1, "game_name": "breakout", "seed": 7}
    assert {**state, **expected, "frameskip": 3} == state


@pytest.mark.parametrize("action", [6, -1, 99])
def test_an_action_outside_the_set_is_refused_and_not_played(way: Way, action: int) -> None:
    way.reset(seed=0)
    with pytest.raises(Refused, match="expected an action from 0 NOOP, 1 FIRE, 2 RIGHT"):
        way.step(action)
    assert way.state()["step_count"] == 0
    assert way.step(0).frames == (4, 4)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"game": "pogn"}, "pong"),
        ({"frameskip": 0}, "frameskip"),
        ({"obs_type": "colour"}, "rgb, grayscale, ram"),
        ({"mode": 99}, "mode"),
        ({"seed": -1}, "seed|0"),
    ],
)
def test_an_invalid_setting_is_refused_and_the_session_continues(
    way: Way, settings: dict[str, object], words: str
) -> None:
    way.reset(seed=0)
    way.step(0)
    with pytest.raises(Refused, match=words):
        way.reset(**settings)
    assert way.state()["step_count"] == 1
    assert way.step(0).frames == (8, 8)


def test_an_episode_ends_and_a_reset_starts_another(way: Way) -> None:
    way.reset(seed=0, max_frames=8, obs_type="ram")
    assert not way.step(0).done
    last = way.step(0)
    assert last.done
    if way.over_the_wire:
        again = way.step(0)
        assert same(again, last._replace(reward=0.0))
        assert way.state()["step_count"] == 2
    else:
        with pytest.raises(ResetNeeded):
            way.step(0)
    assert not way.reset().done


def test_a_step_before_the_first_reset_starts_an_episode_or_is_refused(way: Way) -> None:
    if way.over_the_wire:
        assert way.step(0).frames == (4, 4)
        assert way.state()["step_count"] == 1
    else:
        with pytest.raises(ResetNeeded):
            way.step(0)


def test_the_same_seed_gives_the_same_episode_everywhere(way: Way, ways: Ways) -> None:
    expected = episode(InProcess(ways), seed=11)
    assert all(map(same, episode(way, seed=11), expected))
    # Again, after another episode; only the count of frames over all episodes differs.
    for once, again in zip(expected, episode(way, seed=11), strict=True):
        assert np.array_equal(once.pixels, again.pixels)
        assert (once.reward, once.frames[0]) == (again.reward, again.frames[0])


def test_screens_are_the_same_everywhere(way: Way, ways: Ways) -> None:
    own = InProcess(ways)
    for settings in ({"game": "seaquest"}, {"game": "air_raid", "obs_type": "grayscale"}):
        assert same(way.reset(seed=5, **settings), own.reset(seed=5, **settings))
        for action in (1, 2, 3):
            assert same(way.step(action), own.step(action))
