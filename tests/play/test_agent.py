import random
from pathlib import Path

import numpy as np
import pytest

from atari_cli.environment import AtariEnvironment
from atari_cli.errors import PolicyFailed
from atari_cli.games import find_game
from atari_cli.play.agent import Agent
from atari_cli.policies import find_policy
from atari_cli.recording import POLICY
from atari_cli.rollout import run_episode
from tests.play.sessions import PATIENT, make_run

CODES = find_game("breakout").minimal_actions

GAMBLER = """
import random
import numpy as np

def policy(observation):
    return (random.randrange(4) + np.random.randint(4)) % len(observation.legal_actions)
"""
RESETS = """
class Policy:
    def reset(self, seed):
        self.seed = seed

    def __call__(self, observation):
        return self.seed % 4
"""


def agent(folder: Path, source: str, patience: float = PATIENT) -> Agent:
    (folder / "policy.py").write_text(source, "utf-8")
    return Agent(
        find_policy(str(folder / "policy.py"), "breakout", CODES), CODES, patience=patience
    )


@pytest.mark.parametrize("source", [GAMBLER, RESETS])
def test_an_agent_plays_the_same_games_as_in_a_rollout(tmp_path: Path, source: str) -> None:
    player = agent(tmp_path, source)
    run = make_run(tmp_path, frameskip=4, max_frames=200)
    environment = AtariEnvironment("breakout", frameskip=4, max_frames=200)
    policy = find_policy(str(tmp_path / "policy.py"), "breakout", CODES).load()
    for game in range(2):
        player.begin(run.live.header["seed"], game)
        while not run.is_over:
            choice = player.choose(run.result.observation)
            assert choice is not None
            run.step(choice, POLICY)
        expected = run_episode(environment, policy, episode=game)
        assert environment.emulator.inputs == run.environment.emulator.inputs
        assert expected.frames == run.environment.emulator.frames
        run.finish()
        run.begin_next()
    player.close()


def drawn_from_numpy() -> str:
    """The state of NumPy's global generator."""
    return repr(np.random.get_state(legacy=False))


def test_the_random_generators_are_restored(tmp_path: Path) -> None:
    player = agent(tmp_path, GAMBLER)
    before = random.getstate(), drawn_from_numpy()
    run = make_run(tmp_path)
    for game in range(2):
        player.begin(seed=game, game=game)
        player.choose(run.result.observation)
    player.close()
    player.close()
    assert (random.getstate(), drawn_from_numpy()) == before


@pytest.mark.parametrize("action", ["4", "-1", "'UP'", "None", "1 / 0"])
def test_an_invalid_action_is_reported(tmp_path: Path, action: str) -> None:
    player = agent(tmp_path, f"def policy(observation):\n    return {action}\n")
    player.begin(seed=1, game=3)
    with pytest.raises(PolicyFailed, match="episode 3"):
        player.choose(make_run(tmp_path).result.observation)
    player.close()


def test_an_agent_sees_its_own_action_set(tmp_path: Path) -> None:
    source = "def policy(observation):\n    return observation.action_meanings[-1]\n"
    player = agent(tmp_path, source)
    player.begin(seed=1, game=0)
    assert player.choose(make_run(tmp_path).result.observation) == CODES[-1]
    player.close()
