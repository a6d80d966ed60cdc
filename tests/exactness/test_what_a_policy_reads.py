"""Whatever a policy can read is a property of its episode, wherever the episode is played.

The policy here reads every public field of its observations, adds all to a hash, and chooses its
actions by it. It writes the hashes of each episode to a file named after the episode's seed.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from atari_cli import AtariEnv
from atari_cli.api.record import record
from atari_cli.config import (
    PLAY_SETTINGS,
    EnvironmentConfig,
    PlayConfig,
    RecordConfig,
    RolloutConfig,
)
from atari_cli.model import PolicySource
from atari_cli.play.start import play
from atari_cli.policies import find_policy
from atari_cli.rollout import run_episodes
from atari_cli.seeding import episode_seed
from atari_cli.system.pacing import Pacer
from tests.play.front_ends import Script
from tests.rollout.test_ray import CLUSTER, script
from tests.server.conftest import Ways, start, ways

__all__ = ["start", "ways"]

EPISODES = 3
SEED = 5
CONFIG = EnvironmentConfig("space_invaders", repeat_action_probability=0.25, max_frames=400)

POLICY = """
import hashlib
from pathlib import Path

import numpy as np

from atari_cli.errors import AtariError
from atari_cli.model import AtariObservation

LEFT_OUT = {left_out!r}
NAMES = [
    name
    for name in dir(AtariObservation)
    if name[0] != "_" and name not in LEFT_OUT and not callable(getattr(AtariObservation, name))
]


class Reader:
    def reset(self, seed):
        self.file = Path({folder!r}) / str(seed)
        self.hash = hashlib.sha256()
        self.digests = []

    def __call__(self, observation):
        for name in NAMES:
            try:
                value = np.asarray(getattr(observation, name))
            except AtariError as error:
                value = np.asarray(type(error).__name__)
            self.hash.update(name.encode() + str(value.shape).encode() + value.tobytes())
        self.digests.append(self.hash.hexdigest())
        self.file.write_text("\\n".join(self.digests))
        return self.hash.digest()[0] % len(observation.legal_actions)
"""


class Reading:
    """Plays with the policy and returns what it read, by the seed of the episode.

    Args:
        folder: A folder that nobody else uses.
        left_out: Names of fields not to read.
    """

    def __init__(self, folder: Path, *left_out: str) -> None:
        self._folder = folder / "read"
        self._folder.mkdir(parents=True)
        self.file = folder / "reader.py"
        text = POLICY.replace("{folder!r}", repr(str(self._folder)))
        self.file.write_text(text.replace("{left_out!r}", repr(left_out)))
        self.source: PolicySource = find_policy(f"{self.file}:Reader", CONFIG.game)

    def files(self) -> dict[int, Sequence[str]]:
        return {int(path.name): path.read_text().split() for path in self._folder.iterdir()}

    def rollout(self, **run: Any) -> dict[int, Sequence[str]]:
        run_episodes(CONFIG, self.source, RolloutConfig(seed=SEED, **{"episodes": EPISODES} | run))
        return self.files()


@pytest.fixture
def expected(tmp_path: Path) -> dict[int, Sequence[str]]:
    read = Reading(tmp_path / "expected").rollout()
    assert set(read) == {episode_seed(SEED, episode) for episode in range(EPISODES)}
    assert len({digests[-1] for digests in read.values()}) == EPISODES
    return read


def test_a_policy_reads_the_same_on_several_workers(
    tmp_path: Path, expected: dict[int, Sequence[str]]
) -> None:
    assert Reading(tmp_path / "workers").rollout(workers=2) == expected


def test_a_policy_reads_the_same_if_its_episode_is_the_first(
    tmp_path: Path, expected: dict[int, Sequence[str]]
) -> None:
    found = Reading(tmp_path / "last").rollout(episodes=1, first_episode=EPISODES - 1)
    assert found == {seed: expected[seed] for seed in found}
    assert len(found) == 1


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({}, marks=pytest.mark.slow),
        pytest.param({"format": "gif"}, marks=pytest.mark.slow),
        {"video": False},
    ],
)
def test_a_policy_reads_the_same_while_it_is_recorded(
    tmp_path: Path, expected: dict[int, Sequence[str]], files: dict[str, Any]
) -> None:
    reading = Reading(tmp_path / "recorded")
    run = RolloutConfig(episodes=EPISODES, seed=SEED)
    record(CONFIG, reading.source, run, RecordConfig(out=tmp_path / "out", scale=1, **files))
    assert reading.files() == expected


def test_a_policy_reads_the_same_while_a_person_watches(
    tmp_path: Path, expected: dict[int, Sequence[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pacer, "seconds_to_wait", lambda pacer: 0.0)
    reading = Reading(tmp_path / "watched")
    settings = {
        **PLAY_SETTINGS,
        "frameskip": CONFIG.frameskip,
        "max_frames": CONFIG.max_frames,
        "repeat_action_probability": CONFIG.repeat_action_probability,
    }
    config = PlayConfig(out=tmp_path / "out")
    environment = EnvironmentConfig(CONFIG.game, **settings)
    play(environment, config, lambda *given: Script(), reading.source, SEED, EPISODES)
    assert reading.files() == expected


def test_a_policy_reads_the_same_from_a_server(tmp_path: Path, ways: Ways) -> None:
    """A server sends neither the RAM next to a picture nor sound."""
    expected = Reading(tmp_path / "expected", "ram", "audio").rollout()
    reading = Reading(tmp_path / "served", "ram", "audio")
    policy: Any = reading.source.load()
    settings: dict[str, Any] = {
        "game": CONFIG.game,
        "repeat_action_probability": CONFIG.repeat_action_probability,
        "max_frames": CONFIG.max_frames,
    }
    with AtariEnv(base_url=ways.server.url).sync() as env:
        for seed in expected:
            policy.reset(seed)
            result = env.reset(seed=seed, **settings)
            while not result.done:
                result = env.step(policy(result.observation))
    assert reading.files() == expected


@pytest.mark.slow
@CLUSTER
def test_a_policy_reads_the_same_on_ray(tmp_path: Path, expected: dict[int, Sequence[str]]) -> None:
    reading = Reading(tmp_path / "ray")
    text = """
    from atari_cli.policies import find_policy
    source = find_policy(sys.argv[1], "space_invaders")
    config = EnvironmentConfig(
        "space_invaders", repeat_action_probability=0.25, max_frames=400
    )
    with RayBackend("local", workers=2) as backend:
        run_episodes(config, source, RolloutConfig(episodes=3, seed=5), backend=backend)
    """
    script(text, f"{reading.file}:Reader")
    assert reading.files() == expected
