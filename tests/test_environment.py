"""The rules of an episode: settings, seeds, sticky actions, no-ops, its end, saved states."""

from typing import Any

import numpy as np
import pytest

from atari_cli.config import EnvironmentConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import (
    EmulatorError,
    InvalidAction,
    InvalidSetting,
    InvalidState,
    ResetNeeded,
    UnknownGame,
)
from atari_cli.model import AtariAction
from atari_cli.seeding import NOOPS, STICKY, Stream, episode_seed
from tests.exactness.traces import held_codes, play_steps


def test_it_can_be_created_without_arguments_with_a_game_or_with_a_config() -> None:
    assert AtariEnvironment().state.game_name == "pong"
    assert AtariEnvironment("Breakout", obs_type="ram").reset().observation.screen_shape == (128,)
    assert AtariEnvironment(EnvironmentConfig("ALE/Freeway-v5")).game.id == "freeway"


@pytest.mark.parametrize(
    ("obs_type", "shape"), [("rgb", (210, 160, 3)), ("grayscale", (210, 160)), ("ram", (128,))]
)
def test_observations_have_the_shape_of_their_type(obs_type: str, shape: tuple[int, ...]) -> None:
    with AtariEnvironment("pong", obs_type=obs_type) as environment:
        observation = environment.reset(seed=1).observation
        assert observation.screen_shape == observation.pixels.shape == shape
        assert observation.pixels.dtype == np.uint8
        assert len(observation.screen) == observation.pixels.size
        assert observation.screen == observation.pixels.reshape(-1).tolist()
        assert observation.ram.shape == (128,)


def test_an_observation_keeps_the_pixels_of_its_step() -> None:
    """Pixels requested later are those of the observation's step, not of the current one."""
    for obs_type in ("rgb", "grayscale", "ram"):
        with AtariEnvironment("ms_pacman", obs_type=obs_type) as environment:
            environment.reset(seed=1)
            early, late = [], []
            for action in held_codes(1, 30):
                late.append(environment.step(action % 9).observation)
            environment.reset(seed=1)
            for action in held_codes(1, 30):
                early.append(environment.step(action % 9).observation.pixels)
            assert all(np.array_equal(a.pixels, b) for a, b in zip(late, early, strict=True))


def test_screens_can_be_read_as_flat_sequences() -> None:
    with AtariEnvironment() as environment:
        screen = environment.reset().observation.screen
        assert isinstance(screen[0], int)
        assert screen[:6] == list(screen)[:6]
        assert screen[-1] == np.asarray(screen)[-1]
        assert screen != [0]


def test_actions_are_indices_names_or_openenv_actions() -> None:
    with AtariEnvironment("pong") as environment:
        environment.reset(seed=0)
        actions: list[Any] = [3, "LEFT", AtariAction(3), np.int64(3)]
        for action in actions:
            environment.step(action)
            assert environment.last_action == 4


@pytest.mark.parametrize("action", [6, -1, "UP", "HOP", 2.0, None, AtariAction(99)])
def test_an_action_outside_the_set_is_refused_and_not_played(action: object) -> None:
    with AtariEnvironment("pong") as environment:
        environment.reset(seed=0)
        with pytest.raises(InvalidAction, match="RIGHT|unknown action|index or name"):
            environment.step(action)  # type: ignore[arg-type]
        assert environment.state.step_count == 0


def test_the_full_action_space_has_18_actions() -> None:
    with AtariEnvironment("pong", full_action_space=True) as environment:
        observation = environment.reset().observation
        assert observation.legal_actions == tuple(range(18))
        assert observation.action_meanings[2] == "UP"


def test_a_step_requires_a_running_episode() -> None:
    with AtariEnvironment("pong", max_frames=8) as environment:
        with pytest.raises(ResetNeeded):
            environment.step(0)
        environment.reset()
        assert not environment.step(0).done
        assert environment.step(0).truncated
        with pytest.raises(ResetNeeded, match="has ended"):
            environment.step(0)
        environment.reset()
        environment.close()
        with pytest.raises(ResetNeeded):
            environment.step(0)
        assert not environment.reset().done


def test_max_frames_truncates_an_episode_by_the_frame_counter_of_ale() -> None:
    with AtariEnvironment("berzerk", max_frames=50) as environment:
        start = environment.reset(seed=0).observation.episode_frame_number
        trace = play_steps(environment, [0] * 100)
        assert start == 20
        assert len(trace) == 8
        assert trace[-1][3] is True
        assert environment.summary().frames == 30


def test_a_step_stops_when_the_game_ends() -> None:
    with AtariEnvironment("breakout", frameskip=100) as environment:
        environment.reset(seed=0)
        trace = play_steps(environment, [1] * 100)
        assert trace[-1][2] is True
        assert environment.summary().frames < 100 * len(trace)


def test_rewards_are_summed_over_the_frames_of_a_step() -> None:
    returns = set()
    for frameskip in (1, 4):
        with AtariEnvironment("pong", frameskip=frameskip, max_frames=1200) as environment:
            environment.reset(seed=0)
            play_steps(environment, [0] * 1200)
            returns.add(environment.summary().score)
    assert len(returns) == 1
    assert returns.pop() < 0


def test_sticky_actions_repeat_the_last_executed_action_as_the_seed_determines() -> None:
    def executed(seed: int, probability: float) -> list[int]:
        with AtariEnvironment(
            "pong", frameskip=1, repeat_action_probability=probability
        ) as environment:
            environment.reset(seed=seed)
            play_steps(environment, [2, 3] * 300)
            return list(environment.emulator.inputs[0])

    asked = [3, 4] * 300
    assert executed(1, 0.0) == asked
    assert executed(1, 1.0) == [0] * 600
    draws = Stream(1, STICKY)
    stuck = [draws.draw() < 2**62 for _ in asked]
    assert 0.2 < sum(stuck) / len(stuck) < 0.3
    expected = [0]
    for code, keeps in zip(asked, stuck, strict=True):
        expected.append(expected[-1] if keeps else code)
    assert executed(1, 0.25) == expected[1:]
    assert executed(2, 0.25) != expected[1:]


def test_the_number_of_no_ops_follows_from_the_seed() -> None:
    with AtariEnvironment("pong", noop_max=30) as environment:
        lengths = set()
        for seed in range(20):
            environment.reset(seed=seed)
            codes = environment.emulator.inputs[0]
            assert len(codes) == 1 + Stream(seed, NOOPS).below(30)
            assert not any(codes)
            lengths.add(len(codes))
        assert len(lengths) > 5


def test_the_same_seed_gives_the_same_episode() -> None:
    actions = held_codes(4, 80)
    traces = []
    for _ in range(2):
        with AtariEnvironment("boxing", repeat_action_probability=0.5, noop_max=9) as environment:
            environment.reset(seed=3)
            traces.append(play_steps(environment, actions))
            environment.reset()
            traces.append(play_steps(environment, actions))
    assert traces[0] == traces[2]
    assert traces[1] == traces[3]
    assert traces[0] != traces[1]


def test_resets_without_a_seed_follow_the_last_seed_given() -> None:
    with AtariEnvironment() as environment:
        environment.reset(seed=5)
        assert environment.state.seed == 5
        environment.reset()
        assert environment.state.seed == episode_seed(5, 1)
    with AtariEnvironment() as one, AtariEnvironment() as other:
        one.reset(), other.reset()
        assert one.state.seed != other.state.seed


def test_settings_given_to_reset_are_kept_and_a_new_game_drops_mode_and_difficulty() -> None:
    with AtariEnvironment("pong", mode=1, difficulty=2) as environment:
        environment.reset(obs_type="ram", episode_id="mine")
        environment.reset()
        state = environment.state
        assert (state.obs_type, state.mode, state.difficulty) == ("ram", 1, 2)
        assert state.episode_id != "mine"
        environment.reset(game="Space Invaders", frameskip=2)
        state = environment.state
        assert (state.game_name, state.mode, state.difficulty) == ("space_invaders", None, None)
        assert state.frameskip == 2


def test_an_invalid_setting_changes_nothing() -> None:
    with AtariEnvironment("pong") as environment:
        environment.reset(seed=1)
        environment.step(2)
        before = environment.state
        wrong: list[dict[str, Any]] = [
            {"game": "pongg"},
            {"mode": 77},
            {"frameskip": 0},
            {"seed": -1},
            {"colour": "red"},
            {"game": "breakout", "obs_type": "smell"},
        ]
        for settings in wrong:
            with pytest.raises(InvalidSetting):
                environment.reset(**settings)
            assert environment.state == before
        environment.step(2)
    with pytest.raises(UnknownGame, match="pong"):
        AtariEnvironment("pongg")


def test_frame_numbers_are_those_of_the_episode() -> None:
    with AtariEnvironment("pong", max_frames=40, noop_max=5) as environment:
        for _ in range(2):
            observation = environment.reset(seed=0).observation
            noops = len(environment.emulator.inputs[0])
            assert observation.frame_number == observation.episode_frame_number == noops > 0
            assert environment.step(0).observation.frame_number == noops + 4
            play_steps(environment, [0] * 3)


def test_frames_are_kept_if_requested() -> None:
    with AtariEnvironment("pong", keep_frames=True, sound=True, noop_max=5) as environment:
        result = environment.reset(seed=0)
        assert len(environment.frames) == 1 + len(environment.emulator.inputs[0])
        result = environment.step(0)
        assert len(environment.frames) == 4
        last = environment.frames[-1]
        assert last.audio is not None
        assert np.array_equal(last.audio, result.observation.audio)
        assert np.array_equal(last.screen, environment.emulator.screen())


def test_a_saved_state_contains_the_whole_environment() -> None:
    with AtariEnvironment("pong", repeat_action_probability=0.25) as environment:
        environment.reset(seed=1, episode_id="kept")
        play_steps(environment, held_codes(1, 40))
        saved, state, summary = environment.save(), environment.state, environment.summary()
        rest = play_steps(environment, held_codes(2, 40))
        environment.reset()
        next_seed = environment.state.seed
    with AtariEnvironment("breakout") as other:
        result = other.restore(saved)
        assert other.state == state
        assert other.summary() == summary
        assert np.array_equal(result.observation.pixels, other.emulator.screen_rgb())
        assert play_steps(other, held_codes(2, 40)) == rest
        other.reset()
        assert other.state.seed == next_seed
        for wrong in (b"", saved[:-3], saved[:30]):
            with pytest.raises(InvalidState):
                other.restore(wrong)


def test_analog_strength_requires_sticky_actions_to_be_off() -> None:
    with AtariEnvironment("pong", repeat_action_probability=0.25) as environment:
        environment.reset()
        with pytest.raises(InvalidAction, match="needs repeat_action_probability 0"):
            environment.step("RIGHT", strength=0.5)


@pytest.mark.parametrize("name", ["breakout", "ALE/Breakout-v5", "Breakout - Breakaway IV"])
def test_mode_and_difficulty_belong_to_the_game_in_any_spelling(name: str) -> None:
    config = EnvironmentConfig(name, mode=4, difficulty=1)
    for environment in (AtariEnvironment(config), AtariEnvironment(name, mode=4, difficulty=1)):
        with environment:
            assert (environment.emulator.mode, environment.emulator.difficulty) == (4, 1)
            environment.reset(game="BREAKOUT")
            assert (environment.emulator.mode, environment.emulator.difficulty) == (4, 1)
    with pytest.raises(InvalidSetting, match="has no mode 77"):
        AtariEnvironment(name, mode=77)


def test_a_refused_strength_plays_no_step() -> None:
    with AtariEnvironment("pong") as environment:
        environment.reset(seed=0)
        for strength in (-1.0, 101.0, float("nan")):
            with pytest.raises(InvalidAction, match="strength from 0 to 100"):
                environment.step("RIGHT", strength)
        assert environment.state.step_count == 0


def test_an_emulator_advanced_from_outside_is_detected() -> None:
    with AtariEnvironment("pong") as environment:
        observation = environment.reset(seed=0).observation
        environment.emulator.act(0)
        assert environment.reset(seed=0).observation.frame_number == 0
        with pytest.raises(EmulatorError, match="moved on without its environment"):
            observation.ram  # noqa: B018  # reading it is what fails


@pytest.mark.parametrize("value", [3, 2.5, ["pong"], {"game": "pong"}, b"pong"])
def test_an_environment_takes_a_name_or_settings(value: Any) -> None:
    with pytest.raises(InvalidSetting, match="expected a game's name or EnvironmentConfig, got"):
        AtariEnvironment(value)


@pytest.mark.parametrize("value", ["abc", None, 3, ["abc"]])
def test_restore_takes_bytes(value: Any) -> None:
    with pytest.raises(InvalidState, match="expected the bytes of a saved state, got "):
        AtariEnvironment("pong").restore(value)
