"""The arrays grow step by step, can be cut, and give an episode with its totals."""

from typing import Any

import numpy as np
import pytest

from atari_cli.environment import AtariEnvironment
from atari_cli.errors import InvalidSetting
from atari_cli.model import Progress
from atari_cli.recording.format.schema import DTYPES, array_shapes, new_header
from atari_cli.recording.growing_arrays import GrowingArrays
from atari_cli.recording.step_proof import StepProof
from atari_cli.sink import EpisodeStart

CODES = ("RIGHT", "FIRE", "LEFT", "NOOP", "RIGHT", "RIGHT")


class Play:
    """An episode whose steps are added to columns."""

    def __init__(self, game: str = "breakout") -> None:
        self.environment = AtariEnvironment(game, noop_max=9, frameskip=3)
        result = self.environment.reset(seed=5)
        self.header = new_header(EpisodeStart(0, 0, "test", self.environment, result))
        self.columns = GrowingArrays(self.environment.game)
        self.proof = StepProof(self.environment.emulator)
        self.proof.update()
        self.columns.add_state(self.proof)
        self.progress = [self.present(0.0)]

    def step(self, action: str) -> None:
        result = self.environment.step(action)
        self.proof.update()
        self.columns.step(self.environment.last_action, 1, result, self.proof)
        self.progress.append(self.present(result.reward))

    def present(self, reward: float) -> Progress:
        environment = self.environment
        summary = environment.summary()
        steps, frames, score = summary.steps, summary.frames, summary.score
        return Progress(steps, frames, score, reward, environment.last_action)


@pytest.mark.parametrize("game", ["breakout", "ms_pacman"])
def test_the_arrays_have_the_dtypes_and_shapes_of_a_recording(game: str) -> None:
    play = Play(game)
    for _ in range(4):
        play.step("RIGHT")
    arrays = play.columns.episode(play.header).arrays
    frames = play.environment.emulator.frames
    for name, shape in array_shapes(play.environment.game, 4, frames).items():
        if name not in ("screens", "ram", "palette"):
            assert (arrays[name].dtype, arrays[name].shape) == (DTYPES[name], shape)
    assert ("strengths" in arrays) == (game == "breakout")


def test_a_cut_restores_the_arrays_of_the_given_step() -> None:
    play = Play()
    episodes = [play.columns.episode(play.header)]
    for code in CODES:
        play.step(code)
        episodes.append(play.columns.episode(play.header))
    for steps in (6, 5, 2, 0):
        play.columns.cut(steps)
        episode = play.columns.episode(play.header)
        assert play.columns.steps == steps
        assert episode.header == episodes[steps].header
        for name, values in episode.arrays.items():
            assert np.array_equal(values, episodes[steps].arrays[name]), name


def test_an_episode_is_a_copy_that_later_steps_do_not_change() -> None:
    play = Play()
    play.step("FIRE")
    episode = play.columns.episode(play.header)
    play.step("LEFT")
    assert episode.steps == 1
    assert "totals" not in play.header


def test_progress_equals_that_of_the_environment_at_each_step() -> None:
    play = Play("ms_pacman")
    while play.environment.summary().score < 50:
        play.step("RIGHT" if play.environment.state.step_count % 40 < 20 else "LEFT")
    assert play.progress[-1].reward > 0
    steps = range(len(play.progress))
    assert [play.columns.progress(step) for step in steps] == play.progress


@pytest.mark.parametrize("steps", [-1, 3, 1.5])
def test_steps_after_the_last_are_refused(steps: Any) -> None:
    play = Play()
    for code in CODES[:2]:
        play.step(code)
    with pytest.raises(InvalidSetting, match="steps must be a whole number from 0 to 2"):
        play.columns.cut(steps)
    with pytest.raises(InvalidSetting, match="steps must be a whole number from 0 to 2"):
        play.columns.progress(steps)
    assert play.columns.steps == 2
