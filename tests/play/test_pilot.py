"""The pilot decides who plays the next step, and which action."""

from pathlib import Path

import pytest

from atari_cli.actions import FIRE, LEFT, NOOP, RIGHT
from atari_cli.emulator.paddle import units
from atari_cli.errors import ReplayMismatch
from atari_cli.games import find_game
from atari_cli.play.agent import Agent
from atari_cli.play.game_run import GameRun
from atari_cli.play.interface import Inputs
from atari_cli.play.pilot import HumanAndAgent, RecordedPilot
from atari_cli.policies import find_policy
from atari_cli.recording import HUMAN, POLICY
from tests.play.sessions import PATIENT, make_run


def with_agent(folder: Path, step_mode: bool = False) -> tuple[GameRun, HumanAndAgent]:
    run = make_run(folder, policy="repeat:RIGHT")
    codes = find_game("breakout").minimal_actions
    agent = Agent(find_policy("repeat:RIGHT", "breakout", codes), codes, patience=PATIENT)
    pilot = HumanAndAgent(run, agent, step_mode)
    pilot.begin_game()
    return run, pilot


def test_human_and_agent_take_turns(tmp_path: Path) -> None:
    run, pilot = with_agent(tmp_path)
    names, said = [], []
    for _ in range(3):
        pilot.play(Inputs(code=LEFT))
        names.append(pilot.name)
        said.append(pilot.hand_over())
    assert names == ["repeat:RIGHT", "human", "repeat:RIGHT"]
    assert said == ["you play", "repeat:RIGHT plays", "you play"]
    arrays = run.live.episode().arrays
    assert arrays["actions"].tolist() == [RIGHT, LEFT, RIGHT]
    assert arrays["actors"].tolist() == [POLICY, HUMAN, POLICY]
    pilot.close()


def test_without_an_agent_the_human_plays(tmp_path: Path) -> None:
    pilot = HumanAndAgent(make_run(tmp_path), None, step_mode=False)
    assert (pilot.name, pilot.is_human) == ("human", True)
    assert "--policy" in pilot.hand_over()
    assert pilot.is_human


def test_step_mode_waits_only_for_the_human(tmp_path: Path) -> None:
    _, pilot = with_agent(tmp_path, step_mode=True)
    assert not pilot.must_wait()
    pilot.hand_over()
    assert pilot.decides_each_step
    assert pilot.must_wait()
    pilot.close()


def test_a_paddle_moves_to_the_pointed_position(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    HumanAndAgent(run, None, step_mode=False).play(Inputs(code=FIRE, paddle=0.25))
    assert abs(run.environment.emulator.paddle - units(run.environment.game, 0.25)) <= 1


def test_a_recording_is_played_to_its_end(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    for code in (FIRE, LEFT, NOOP):
        run.step(code, HUMAN)
    episode = run.live.episode()
    run.back_to(0)
    pilot = RecordedPilot(run, episode)
    while not pilot.must_wait():
        pilot.play(Inputs(code=RIGHT))
    assert run.live.episode().arrays["actions"].tolist() == [FIRE, LEFT, NOOP]


def test_a_game_that_is_over_waits(tmp_path: Path) -> None:
    run = make_run(tmp_path, max_frames=2)
    pilots = HumanAndAgent(run, None, step_mode=False), RecordedPilot(run, run.live.episode())
    for _ in range(2):
        run.step(NOOP, HUMAN)
    assert [pilot.must_wait() for pilot in pilots] == [True, True]
    with pytest.raises(ReplayMismatch):
        pilots[1].play(Inputs())
