"""After going back, an environment continues as if it had not, its randomness included."""

import random
from typing import Any

import numpy as np
import pytest

from atari_cli.emulator import RewindingEmulator
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import EmulatorError, ResetNeeded
from atari_cli.model import Progress, StepResult
from tests.exactness.traces import fingerprint, held_codes

Seen = tuple[Any, ...]


def rewinding(game: str = "pong", **settings: Any) -> AtariEnvironment:
    return AtariEnvironment(game, make_emulator=RewindingEmulator, **settings)


def seen(environment: AtariEnvironment, result: StepResult) -> Seen:
    """Return everything that can be observed after a step."""
    return (
        fingerprint(environment.emulator),
        (result.reward, result.terminated, result.truncated),
        result.observation.frame_number,
        environment.summary(),
        environment.last_action,
    )


def progress(environment: AtariEnvironment, result: StepResult) -> Progress:
    summary = environment.summary()
    return Progress(
        summary.steps, summary.frames, summary.score, result.reward, environment.last_action
    )


def straight(
    environment: AtariEnvironment, actions: list[int]
) -> tuple[list[Seen], list[Progress]]:
    """Return the trace of an episode of seed 5, its reset first, and the progress at each step."""
    result = environment.reset(seed=5)
    trace, moments = [seen(environment, result)], [progress(environment, result)]
    for action in actions:
        if result.done:
            break
        result = environment.step(action % len(environment.action_codes))
        trace.append(seen(environment, result))
        moments.append(progress(environment, result))
    return trace, moments


@pytest.mark.parametrize("frameskip", [1, 4])
@pytest.mark.parametrize("sticky", [0.0, 0.25])
@pytest.mark.parametrize("game", ["breakout", "tetris"])
def test_going_back_and_forth_changes_nothing(game: str, sticky: float, frameskip: int) -> None:
    settings: dict[str, Any] = {
        "repeat_action_probability": sticky,
        "frameskip": frameskip,
        "noop_max": 30,
        "max_frames": 500,
    }
    actions, draw = held_codes(2, 500), random.Random(1)
    with AtariEnvironment(game, **settings) as never:
        expected, _ = straight(never, actions)
        codes = never.emulator.inputs
        with rewinding(game, **settings) as environment:
            trace, moments = straight(environment, actions)
            assert trace == expected
            step = len(trace) - 1
            for _ in range(12):
                step = draw.randrange(step + 1)
                assert seen(environment, environment.go_back(moments[step])) == expected[step]
                for _ in range(draw.randrange(1, 60)):
                    if expected[step][1][1:] != (False, False):
                        break
                    action = actions[step] % len(environment.action_codes)
                    step += 1
                    assert seen(environment, environment.step(action)) == expected[step]
            assert environment.emulator.inputs[0] == codes[0][: environment.emulator.frames]


def test_other_actions_after_going_back_make_another_episode() -> None:
    settings: dict[str, Any] = {"repeat_action_probability": 0.25, "frameskip": 1}
    with rewinding(**settings) as environment, AtariEnvironment("pong", **settings) as never:
        _, moments = straight(environment, [2] * 100)
        environment.go_back(moments[40])
        for action in [3] * 100:
            result = environment.step(action)
        expected, _ = straight(never, [2] * 40 + [3] * 100)
        assert seen(environment, result) == expected[-1]
        assert environment.emulator.inputs == never.emulator.inputs


def test_the_end_of_a_game_can_be_undone() -> None:
    with rewinding("breakout", frameskip=4) as environment:
        _, moments = straight(environment, [1] * 2000)
        with pytest.raises(ResetNeeded, match="has ended"):
            environment.step(0)
        assert not environment.go_back(moments[-2]).done
        assert environment.step(1).terminated
        assert environment.go_back(moments[-1]).terminated


def test_observations_keep_their_content_when_the_environment_goes_back() -> None:
    with rewinding(sound=True, frameskip=1) as environment:
        _, moments = straight(environment, [2] * 60)
        held = environment.step(1).observation
        screen, ram = environment.emulator.screen_rgb(), environment.emulator.ram()
        audio = environment.emulator.audio()
        environment.go_back(moments[3])
        assert np.array_equal(held.pixels, screen)
        assert np.array_equal(held.ram, ram)
        assert np.array_equal(held.audio, audio)


def test_kept_frames_show_the_step_gone_back_to() -> None:
    with rewinding("ms_pacman", keep_frames=True) as environment:
        _, moments = straight(environment, [2] * 60)
        environment.go_back(moments[10])
        (frame,) = environment.frames
        assert np.array_equal(frame.screen, environment.emulator.screen())
        environment.step(0)
        assert len(environment.frames) == 4


def test_going_back_needs_earlier_steps_and_a_rewinding_emulator() -> None:
    somewhere = Progress(steps=1, frames=4, score=0.0, reward=0.0, last_action=0)
    with rewinding() as environment:
        with pytest.raises(ResetNeeded):
            environment.go_back(somewhere)
        environment.reset(seed=1)
        with pytest.raises(EmulatorError, match="expected a frame from 0 to 0, got 4"):
            environment.go_back(somewhere)
        assert environment.state.step_count == 0
    with AtariEnvironment("pong") as environment:
        environment.reset(seed=1)
        environment.step(0)
        with pytest.raises(EmulatorError, match="make_emulator=RewindingEmulator"):
            environment.go_back(somewhere)
