"""The results of a run: provenance, the journal of an interrupted run, and resuming it."""

import csv
import hashlib
import json
import os
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any, Self

import pytest

from atari_cli.api.policies import find_policy
from atari_cli.config import EnvironmentConfig, RolloutConfig
from atari_cli.errors import InvalidSetting, OutputError, PolicyFailed, WorkerLost
from atari_cli.rollout import Results, run_episodes
from atari_cli.rollout.work import Advance, EpisodeOutcome, EpisodePlayer, EpisodeTask, RunSpec
from atari_cli.seeding import episode_seed
from atari_cli.version import __version__

CONFIG = EnvironmentConfig("breakout", repeat_action_probability=0.25, max_frames=120)
RANDOM = find_policy("random", CONFIG)
FORMATS = pytest.mark.parametrize("name", ["run.json", "run.csv"])


class Reversed:
    """A backend that plays the last episode first, and is lost after some."""

    def __init__(self, lost_after: int) -> None:
        self.lost_after = lost_after
        self.played: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def play(
        self, spec: RunSpec, tasks: Iterable[EpisodeTask]
    ) -> Generator[EpisodeOutcome | Advance, None, None]:
        player = EpisodePlayer(spec)
        for task in reversed(list(tasks)):
            if len(self.played) == self.lost_after:
                raise WorkerLost("it is gone")
            self.played.append(task.episode)
            yield player.play(task)


def play(
    path: Path,
    rollout: RolloutConfig,
    *,
    resume: bool = False,
    lost_after: int | None = None,
    config: EnvironmentConfig = CONFIG,
    policy: Any = RANDOM,
) -> list[int]:
    """Play a run and write its file; return which episodes were played, in their order."""
    backend = Reversed(10**9 if lost_after is None else lost_after)
    results = Results(config, policy, rollout, path, resume=resume)
    with results:
        run_episodes(config, policy, rollout, [results], backend, results.earlier)
    results.write()
    return backend.played


def interrupt(path: Path, rollout: RolloutConfig, after: int) -> Path:
    """Break a run off after some episodes; return its journal."""
    with pytest.raises(WorkerLost):
        play(path, rollout, lost_after=after)
    assert not path.exists()
    return path.with_name(f"{path.name}.partial.jsonl")


@FORMATS
def test_a_resumed_run_equals_an_uninterrupted_one_byte_for_byte(tmp_path: Path, name: str) -> None:
    ten = RolloutConfig(episodes=10)
    (tmp_path / "whole").mkdir()
    play(tmp_path / "whole" / name, ten)
    broken = tmp_path / name
    journal = interrupt(broken, ten, after=4)
    assert play(broken, ten, resume=True) == [5, 4, 3, 2, 1, 0]
    assert broken.read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert not journal.exists()


@FORMATS
def test_ten_episodes_and_ten_more_equal_twenty(tmp_path: Path, name: str) -> None:
    (tmp_path / "whole").mkdir()
    twenty = RolloutConfig(episodes=20)
    play(tmp_path / "whole" / name, twenty)
    play(tmp_path / name, RolloutConfig(episodes=10))
    assert play(tmp_path / name, twenty, resume=True) == list(range(19, 9, -1))
    assert (tmp_path / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@FORMATS
def test_resuming_a_complete_run_plays_nothing(tmp_path: Path, name: str) -> None:
    play(tmp_path / name, RolloutConfig(episodes=3))
    before = (tmp_path / name).read_bytes()
    assert play(tmp_path / name, RolloutConfig(episodes=3), resume=True) == []
    assert (tmp_path / name).read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_resume_begins_a_run_if_there_is_no_file_yet(tmp_path: Path) -> None:
    assert play(tmp_path / "run.json", RolloutConfig(episodes=2), resume=True) == [1, 0]


@FORMATS
def test_a_budget_of_steps_can_be_resumed_and_raised(tmp_path: Path, name: str) -> None:
    """The episode that the smaller budget cut is played again."""
    (tmp_path / "whole").mkdir()
    run = Results(CONFIG, RANDOM, RolloutConfig(steps=200), tmp_path / name)
    with run:
        run_episodes(CONFIG, RANDOM, RolloutConfig(steps=200), [run])
    run.write()
    assert run.counts.cut == 1
    for path, resume in [(tmp_path / name, True), (tmp_path / "whole" / name, False)]:
        longer = RolloutConfig(steps=300)
        run = Results(CONFIG, RANDOM, longer, path, resume=resume)
        with run:
            run_episodes(CONFIG, RANDOM, longer, [run], played=run.earlier)
        run.write()
        assert sum(episode.steps for episode in run.episodes) == 300
    assert (tmp_path / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.parametrize("torn", [b'{"episode": 3, "se', b'{"episode": 3}', b"\x00\x00\n", b"\n"])
def test_an_episode_whose_line_is_incomplete_is_played_again(tmp_path: Path, torn: bytes) -> None:
    journal = interrupt(tmp_path / "run.json", RolloutConfig(episodes=6), after=2)
    with journal.open("ab") as file:
        file.write(torn)
    assert play(tmp_path / "run.json", RolloutConfig(episodes=6), resume=True) == [3, 2, 1, 0]


def test_a_journal_is_neither_overwritten_nor_ignored(tmp_path: Path) -> None:
    journal = interrupt(tmp_path / "run.json", RolloutConfig(episodes=6), after=2)
    before = journal.read_bytes()
    with pytest.raises(OutputError, match=r"run\.json\.partial\.jsonl keeps the episodes of a run"):
        Results(CONFIG, RANDOM, RolloutConfig(episodes=6), tmp_path / "run.json")
    assert journal.read_bytes() == before
    fresh = Results(
        CONFIG, RANDOM, RolloutConfig(episodes=6), tmp_path / "run.json", overwrite=True
    )
    with fresh:
        assert fresh.earlier == []
    assert not journal.exists()


def change_policy(path: Path) -> dict[str, Any]:
    (path / "policy.py").write_text("def policy(observation):\n    return 2\n")
    return {"policy": find_policy(str(path / "policy.py"), CONFIG)}


@pytest.mark.parametrize("broken", [False, True])
@FORMATS
@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (change_policy, r"policy_sha256 [0-9a-f]{64}, not [0-9a-f]{64}"),
        (lambda _: {"config": EnvironmentConfig("breakout")}, "max_frames 120, not 108000"),
        (lambda _: {"config": EnvironmentConfig("pong")}, "game breakout, not pong"),
        (lambda _: {"rollout": RolloutConfig(episodes=4, seed=5)}, "run_seed 0, not 5"),
    ],
)
def test_another_run_is_refused_and_the_difference_is_named(
    tmp_path: Path,
    broken: bool,
    name: str,
    change: Callable[[Path], dict[str, Any]],
    difference: str,
) -> None:
    (tmp_path / "policy.py").write_text("def policy(observation):\n    return 1\n")
    policy = find_policy(str(tmp_path / "policy.py"), CONFIG)
    four = RolloutConfig(episodes=4)
    path = tmp_path / name
    if broken:
        with pytest.raises(WorkerLost):
            play(path, four, policy=policy, lost_after=2)
    else:
        play(path, four, policy=policy)
    other: dict[str, Any] = {"config": CONFIG, "policy": policy, "rollout": four}
    with pytest.raises(InvalidSetting, match=difference):
        Results(path=path, resume=True, **other | change(tmp_path))


@pytest.mark.parametrize(
    ("other", "rollout", "difference"),
    [
        ("tracker", RolloutConfig(episodes=2, first_episode=2), "policy tracker, not random"),
        ("random", RolloutConfig(episodes=2, first_episode=2, seed=9), "run_seed 9, not 0"),
        ("random", RolloutConfig(episodes=2), "has episode 0 twice"),
    ],
)
def test_rows_of_another_run_in_the_file_are_refused(
    tmp_path: Path, other: str, rollout: RolloutConfig, difference: str
) -> None:
    path, added = tmp_path / "run.csv", tmp_path / "added.csv"
    play(path, RolloutConfig(episodes=2))
    play(added, rollout, policy=find_policy(other, CONFIG))
    merged = path.read_text() + "".join(added.read_text().splitlines(keepends=True)[1:])
    path.write_text(merged)
    with pytest.raises(InvalidSetting, match=difference):
        play(path, RolloutConfig(episodes=6), resume=True)
    assert path.read_text() == merged


@FORMATS
@pytest.mark.parametrize("is_interrupted", [False, True])
def test_an_episode_with_another_seed_is_refused(
    tmp_path: Path, name: str, is_interrupted: bool
) -> None:
    path, four = tmp_path / name, RolloutConfig(episodes=4)
    if is_interrupted:
        file = interrupt(path, four, after=2)
    else:
        file = path
        play(path, four)
    seed = str(episode_seed(0, 3))
    assert file.read_text().count(seed) == 1
    file.write_text(file.read_text().replace(seed, "7"))
    with pytest.raises(InvalidSetting, match="episode 3 has seed 7, not"):
        play(path, four, resume=True)


def test_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    play(path, RolloutConfig(episodes=2))
    path.write_text(path.read_text().replace(f'"{__version__}"', '"0.0.9"'))
    with pytest.raises(InvalidSetting, match=f"atari_cli 0.0.9, not {__version__}"):
        play(path, RolloutConfig(episodes=2), resume=True)


@FORMATS
@pytest.mark.parametrize(
    "fewer", [{"episodes": 3}, {"episodes": 9, "first_episode": 2}, {"steps": 40}]
)
def test_resume_drops_no_episode_of_the_file(
    tmp_path: Path, name: str, fewer: dict[str, int]
) -> None:
    play(tmp_path / name, RolloutConfig(episodes=5))
    with pytest.raises(InvalidSetting, match="ask for everything that it has"):
        play(tmp_path / name, RolloutConfig(**fewer), resume=True)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.json", "{}"),
        ("run.json", "[1]"),
        ("run.json", '{"run": {"game": "pong"}, "episodes": []}'),
        ("run.json", "nothing"),
        ("run.csv", ""),
        ("run.csv", "episode,return\n0,x\n"),
        ("run.csv", "\x00\n"),
        ("run.csv", 200_000 * "x"),
    ],
)
def test_resume_leaves_a_foreign_file_alone(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InvalidSetting, match="is not a file of results"):
        play(tmp_path / name, RolloutConfig(episodes=2), resume=True)
    assert (tmp_path / name).read_text() == content


def test_the_file_says_what_was_played(tmp_path: Path) -> None:
    text = "def policy(observation):\n    return 1\n"
    (tmp_path / "fire.py").write_text(text)
    policy = find_policy(str(tmp_path / "fire.py"), CONFIG)
    rollout = RolloutConfig(episodes=2, seed=3)
    play(tmp_path / "run.json", rollout, policy=policy)
    play(tmp_path / "run.csv", rollout, policy=policy)
    document = json.loads((tmp_path / "run.json").read_text())
    run = document["run"]
    assert run["policy_sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert (run["game"], run["seed"]) == ("breakout", 3)
    assert run["settings"]["max_frames"] == 120
    assert run["settings"]["mode"] == 0
    assert set(run["versions"]) == {"atari_cli", "ale_py", "numpy", "python"}
    assert [run[name] for name in ("planned", "played", "failed", "cut")] == [2, 2, 0, 0]
    assert "per_second" not in json.dumps(document)
    raw = (tmp_path / "run.csv").read_bytes()
    assert b"\r" not in raw
    rows = list(csv.DictReader(raw.decode().splitlines()))
    assert [float(row["return"]) for row in rows] == [
        episode["return"] for episode in document["episodes"]
    ]
    for row in rows:
        assert row["policy_sha256"] == run["policy_sha256"]
        assert (row["run_seed"], row["max_frames"], row["atari_cli"]) == ("3", "120", __version__)


def test_a_failed_episode_is_missing_and_counted(tmp_path: Path) -> None:
    class Failing:
        def reset(self, seed: int) -> None:
            self.fails = seed % 2 == 0

        def __call__(self, observation: object) -> int:
            if self.fails:
                raise ValueError("no idea")
            return 1

    rollout = RolloutConfig(episodes=8)
    results = Results(CONFIG, find_policy("random", CONFIG), rollout, tmp_path / "run.json")
    with pytest.raises(PolicyFailed), results:
        run_episodes(CONFIG, Failing, rollout, [results])
    results.write()
    counts = results.counts
    assert 0 < counts.failed < 8
    assert (counts.planned, counts.played + counts.failed, counts.interrupted) == (8, 8, False)
    assert len(json.loads((tmp_path / "run.json").read_text())["episodes"]) == counts.played


def test_an_interrupted_run_counts_up_to_the_first_missing_episode(tmp_path: Path) -> None:
    rollout = RolloutConfig(episodes=6)
    results = Results(CONFIG, RANDOM, rollout, tmp_path / "run.json")
    with pytest.raises(WorkerLost), results:
        run_episodes(CONFIG, RANDOM, rollout, [results], Reversed(lost_after=4))
    assert (results.counts.played, results.counts.interrupted) == (0, True)
    assert results.journal is not None
    assert len(results.journal.read_text().splitlines()) == 1 + 4


@pytest.mark.parametrize("fewer", [{"episodes": 2}, {"episodes": 9, "first_episode": 4}])
def test_resume_drops_no_episode_of_the_journal(tmp_path: Path, fewer: dict[str, int]) -> None:
    journal = interrupt(tmp_path / "run.json", RolloutConfig(episodes=6), after=4)
    before = journal.read_bytes()
    with pytest.raises(InvalidSetting, match="which is not to be played: ask for everything"):
        Results(CONFIG, RANDOM, RolloutConfig(**fewer), tmp_path / "run.json", resume=True)
    assert journal.read_bytes() == before


def test_a_journal_that_is_full_is_mentioned_once_and_the_run_goes_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warnings: list[str] = []
    rollout = RolloutConfig(episodes=3)
    results = Results(CONFIG, RANDOM, rollout, tmp_path / "run.json", warn=warnings.append)
    with results, monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda file, line: 0)
        run_episodes(CONFIG, RANDOM, rollout, [results])
    assert (len(results.episodes), results.kept, len(warnings)) == (3, 0, 1)
    assert "No space left" in warnings[0]
    results.write()
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


@FORMATS
def test_a_file_that_another_program_has_open_costs_no_result(
    tmp_path: Path, hold: Callable[[Path], object], name: str
) -> None:
    path, rollout = tmp_path / name, RolloutConfig(episodes=3)
    play(path, rollout)
    expected = path.read_bytes()
    path.write_text("old")
    hold(path)
    results = Results(CONFIG, RANDOM, rollout, path, overwrite=True)
    with results:
        run_episodes(CONFIG, RANDOM, rollout, [results])
    assert results.journal
    hold(results.journal)
    other = path.with_stem("run-2")
    assert results.write() == other
    assert (path.read_text(), other.read_bytes()) == ("old", expected)
