"""Rollouts on Ray: batches, a missing library, and real clusters that lose nodes and workers."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest

from atari_cli.config import EnvironmentConfig, RolloutConfig
from atari_cli.errors import MissingDependency, WorkerLost
from atari_cli.model import EpisodeSummary
from atari_cli.rollout import RayBackend, run_episodes
from atari_cli.rollout.ray import _Batch, _Batches
from atari_cli.rollout.work import Advance, EpisodeTask

ROOT = Path(__file__).parent.parent.parent

# One at a time: two clusters on two cores starve each other.
CLUSTER = pytest.mark.xdist_group("ray")

SCRIPT = """
import os, random, signal, sys
from pathlib import Path
from atari_cli.config import EnvironmentConfig, RolloutConfig
from atari_cli.errors import PolicyFailed, UnknownPolicy, WorkerLost
from atari_cli.rollout import Collect, RayBackend, run_episodes
from atari_cli.seeding import episode_seed
from atari_cli.sink import Sink

CONFIG = EnvironmentConfig(
    "breakout", repeat_action_probability=0.25, noop_max=30, max_frames=400
)

def by_chance(observation):
    return random.randrange(len(observation.legal_actions))
"""


def played(steps: int) -> EpisodeSummary:
    return EpisodeSummary(0, 0, 0.0, steps, 4 * steps, True, False)


def script(text: str, *arguments: str) -> str:
    """Run a script in a separate process, so that Ray leaves nothing here; return its output."""
    done = subprocess.run(
        [sys.executable, "-", *arguments],
        input=SCRIPT + textwrap.dedent(text),
        env={**os.environ, "PYTHONPATH": str(ROOT), "RAY_raylet_start_wait_time_s": "240"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def next_of(batches: _Batches) -> _Batch:
    batch = batches.next()
    assert batch is not None
    return batch


def test_batches_grow_until_they_take_about_a_second() -> None:
    batches = _Batches(EpisodeTask(episode) for episode in range(100))
    assert len(next_of(batches).tasks) == 1
    told = list(batches.count([played(30)], 0.1))
    assert told == [Advance(30), played(30)]
    assert len(next_of(batches).tasks) == 10
    list(batches.count([played(30)] * 10, 10.0))
    assert len(next_of(batches).tasks) == 1


def test_the_size_of_a_batch_of_instant_episodes_is_limited() -> None:
    batches = _Batches(EpisodeTask(episode) for episode in range(5000))
    list(batches.count([played(0)], 0.0))
    assert len(next_of(batches).tasks) == 1000


def test_a_lost_batch_is_repeated_before_the_next() -> None:
    batches = _Batches([EpisodeTask(0), EpisodeTask(1)])
    lost = _Batch((EpisodeTask(0),), tries=2)
    assert next_of(batches).tasks == (EpisodeTask(0),)
    batches.put_back(lost)
    assert batches.next() is lost
    assert next_of(batches).tasks == (EpisodeTask(1),)
    assert batches.next() is None


def test_without_ray_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    config = EnvironmentConfig("breakout", max_frames=8)
    with (
        RayBackend() as backend,
        pytest.raises(MissingDependency, match=r'pip install "atari-cli\[ray\]"'),
    ):
        run_episodes(config, lambda _: 0, RolloutConfig(episodes=1), backend=backend)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (
            b"Unauthenticated: RPC error: InvalidAuthToken: missing\n",
            "token; set RAY_AUTH_MODE=token",
        ),
        (b"Failed to get cluster ID\n", "nobody is there"),
    ],
)
def test_a_cluster_that_does_not_answer_gets_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    printed: bytes,
    expected: str,
) -> None:
    """Ray prints a line each second for twenty seconds, and then raises another error."""

    def init(**options: object) -> None:
        os.write(2, printed * 20)
        raise ConnectionError("nobody is there")

    stub = SimpleNamespace(
        is_initialized=lambda: False,
        init=init,
        _private=SimpleNamespace(worker=SimpleNamespace()),
    )
    monkeypatch.setattr("atari_cli.rollout.ray._import_ray", lambda: stub)
    config = EnvironmentConfig("breakout", max_frames=8)
    with RayBackend("auto") as backend, pytest.raises(WorkerLost, match=expected):
        run_episodes(config, lambda _: 0, RolloutConfig(episodes=1), backend=backend)
    assert capfd.readouterr().err == ""


@CLUSTER
@pytest.mark.slow
def test_a_cluster_that_loses_a_node_gives_the_results_of_this_machine() -> None:
    out = script(
        """
        import ray
        from ray.cluster_utils import Cluster

        class LosesNode(Sink):
            def end(self, summary):
                if summary.episode == 2:
                    cluster.remove_node(node, allow_graceful=False)

        expected = run_episodes(CONFIG, by_chance, RolloutConfig(episodes=40))
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
        cluster.add_node(num_cpus=1)
        node = cluster.add_node(num_cpus=1)
        cluster.wait_for_nodes()
        with RayBackend(cluster.address) as backend:
            run = RolloutConfig(episodes=40)
            assert run_episodes(CONFIG, by_chance, run, [LosesNode()], backend) == expected
            assert run_episodes(CONFIG, by_chance, run, backend=backend) == expected
        assert not ray.is_initialized()
        with RayBackend(cluster.address, workers=1) as backend:
            assert run_episodes(CONFIG, by_chance, RolloutConfig(episodes=1), backend=backend)
        cluster.shutdown()
        print("the same")
        """
    )
    assert out.endswith("the same\n")


@CLUSTER
@pytest.mark.slow
def test_a_cluster_started_here_survives_lost_workers_and_failing_policies(
    tmp_path: Path,
) -> None:
    out = script(
        """
        marker = Path(sys.argv[1]) / "died"
        seeds = [episode_seed(0, episode) for episode in range(6)]

        class Fatal:
            def __call__(self, observation):
                return by_chance(observation)

        class DiesOnce(Fatal):
            def reset(self, seed):
                if seed == seeds[4] and not marker.exists():
                    marker.touch()
                    os.kill(os.getpid(), signal.SIGKILL)

        class DiesAlways(Fatal):
            def reset(self, seed):
                if seed == seeds[4]:
                    os.kill(os.getpid(), signal.SIGKILL)

        class Fails(Fatal):
            def reset(self, seed):
                if seed == seeds[1]:
                    raise ValueError("not this one")

        class Missing:
            name, deterministic = "missing", None

            def load(self):
                raise UnknownPolicy("there is no such file")

        expected = run_episodes(CONFIG, by_chance, RolloutConfig(episodes=6))
        with RayBackend("local", workers=2) as backend:
            run = RolloutConfig(episodes=6)
            assert run_episodes(CONFIG, DiesOnce, run, backend=backend) == expected
            assert marker.exists()
            budget = RolloutConfig(steps=150)
            assert run_episodes(CONFIG, by_chance, budget, backend=backend) == run_episodes(
                CONFIG, by_chance, budget
            )
            for policy, error, kept in (
                (DiesAlways, WorkerLost, None),
                (Fails, PolicyFailed, [expected[0], *expected[2:]]),
                (Missing(), UnknownPolicy, []),
            ):
                collected = Collect()
                try:
                    run_episodes(CONFIG, policy, RolloutConfig(episodes=6), [collected], backend)
                except error as caught:
                    print(caught)
                assert kept is None or collected.episodes == kept
                assert all(episode in expected for episode in collected.episodes)
        """,
        str(tmp_path),
    )
    assert out.count("\n") == 3, out
    lost, failed, missing = out.splitlines()
    assert lost.startswith("a worker on Ray was lost 3 times: ")
    assert failed == "the policy raised ValueError: not this one in episode 1"
    assert missing == "there is no such file"


@CLUSTER
@pytest.mark.slow
def test_an_unreachable_cluster_is_reported_in_one_line() -> None:
    out = script(
        """
        try:
            run_episodes(CONFIG, by_chance, backend=RayBackend("127.0.0.1:1"))
        except WorkerLost as error:
            print(error)
        """
    )
    assert out.startswith("no Ray cluster at 127.0.0.1:1: ")
    assert out.count("\n") == 1
