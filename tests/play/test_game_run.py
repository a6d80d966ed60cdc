import random
import re
import shutil
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from atari_cli.actions import FIRE, LEFT, NOOP, RIGHT
from atari_cli.config import RecordConfig
from atari_cli.errors import RecordingError, ReplayMismatch
from atari_cli.play.game_run import GameRun
from atari_cli.recording import HUMAN, POLICY, Episode, Recording, load_recording, recover, verify
from tests.play.sessions import make_run

VARIATIONS: list[Any] = [
    ("breakout", {}),
    ("pong", {"frameskip": 4, "noop_max": 30}),
    ("qbert", {"repeat_action_probability": 0.25}),
    pytest.param(
        "ms_pacman",
        {"noop_max": 30, "frameskip": 4, "repeat_action_probability": 0.25},
        marks=pytest.mark.slow,
    ),
    ("tic_tac_toe_3d", {"frameskip": 3}),
]


def play(run: GameRun, steps: int, seed: int = 0, actor: int = HUMAN) -> Episode:
    """Play at random, with varying paddle strengths where the settings allow them."""
    draw = random.Random(seed)
    config = run.environment.config
    turns = run.environment.game.uses_paddles and not config.repeat_action_probability
    for _ in range(steps):
        run.step(draw.randrange(18), actor, draw.choice([1.0, 0.5, 7.25]) if turns else 1.0)
    return run.live.episode()


def prove(run: GameRun) -> Recording:
    file = run.finish()
    assert file is not None
    recording = load_recording(file)
    verify(recording)
    return recording


def same(run: GameRun, episode: Episode) -> bool:
    mine = run.live.episode()
    return all(np.array_equal(mine.arrays[name], episode.arrays[name]) for name in episode.arrays)


def resume(run: GameRun, episode: Episode) -> None:
    """Continue from the end of an episode."""
    run.resume(episode)
    assert run.catch_up(episode, episode.steps)


def resumed_steps(run: GameRun, episode: Episode) -> int:
    """Continue from the end of an episode; return the number of steps played to get there."""
    with patch.object(run, "step", wraps=run.step) as step:
        resume(run, episode)
    return step.call_count


@pytest.mark.parametrize(("game", "settings"), VARIATIONS)
def test_a_run_resumes_another_branch_of_its_game(
    tmp_path: Path, game: str, settings: dict[str, Any]
) -> None:
    run = make_run(tmp_path, game, **settings)
    episode = play(run, 50, seed=1)
    screen = run.environment.emulator.screen().copy()
    run.back_to(30)
    play(run, 25, seed=2)
    assert resumed_steps(run, episode) <= 20, "the common beginning was played again"
    assert same(run, episode)
    assert np.array_equal(run.environment.emulator.screen(), screen)
    play(run, 10, seed=3)
    assert prove(run).steps == 60


@pytest.mark.parametrize(("game", "settings"), VARIATIONS)
def test_a_run_resumes_another_game(tmp_path: Path, game: str, settings: dict[str, Any]) -> None:
    other = make_run(tmp_path, game, **settings)
    other.begin_next()
    episode = play(other, 30, seed=1)
    other.finish()
    run = make_run(tmp_path, game, **settings)
    play(run, 10, seed=2)
    prove(run)
    resume(run, episode)
    assert same(run, episode)
    assert run.is_past_of(episode)
    play(run, 10, seed=3)
    recording = prove(run)
    assert recording.steps == 40
    assert recording.header["created"] == episode.header["created"]


def test_resuming_a_rewound_episode_plays_only_the_rest_of_it(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    episode = play(run, 30)
    run.back_to(10)
    assert resumed_steps(run, episode) == 20


def test_resuming_an_earlier_step_plays_nothing(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    episode = play(run, 10)
    play(run, 10, seed=1)
    assert (resumed_steps(run, episode), run.live.steps) == (0, 10)


def test_a_resumed_game_has_its_actors_even_if_all_actions_are_equal(tmp_path: Path) -> None:
    run = make_run(tmp_path, policy="random")
    for actor in [HUMAN] * 20:
        run.step(NOOP, actor)
    episode = run.live.episode()
    run.back_to(10)
    for actor in [POLICY] * 10:
        run.step(NOOP, actor)
    resume(run, episode)
    assert prove(run).arrays["actors"].tolist() == [HUMAN] * 20


def test_an_episode_that_does_not_replay_is_reported(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    episode = play(run, 20)
    episode.arrays["hashes"][-1] ^= 1
    run.back_to(5)
    with pytest.raises(ReplayMismatch, match="step 20"):
        resume(run, episode)
    assert prove(run).steps == 20


def test_a_game_that_ends_before_its_recording_is_reported_but_playable(
    tmp_path: Path,
) -> None:
    episode = play(make_run(tmp_path), 60)
    run = make_run(tmp_path, max_frames=40)
    with pytest.raises(ReplayMismatch, match="step 41"):
        resume(run, episode)
    assert run.is_over
    run.back_to(20)
    play(run, 5)
    assert prove(run).steps == 25


def test_a_game_cannot_be_rewound_beyond_its_start(tmp_path: Path) -> None:
    run = make_run(tmp_path, noop_max=30)
    start = run.environment.emulator.screen().copy()
    play(run, 40)
    run.back_to(0)
    assert run.live.steps == run.score == 0
    assert np.array_equal(run.environment.emulator.screen(), start)
    run.back_to(0)
    play(run, 3)
    run.back_to(7)
    assert prove(run).steps == 3


def test_a_run_without_a_step_leaves_no_file(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    assert len(list(tmp_path.iterdir())) == 1, "its journal"
    assert run.finish() is None
    assert not list(tmp_path.iterdir())


def test_each_game_of_a_run_has_its_own_seed_and_file(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    play(run, 3)
    first = prove(run)
    run.begin_next()
    play(run, 3)
    second = prove(run)
    assert first.header["seed"] != second.header["seed"]
    assert [first.path.name, second.path.name] == [
        "breakout-human-s0-000.npz",
        "breakout-human-s0-001.npz",
    ]


@pytest.mark.parametrize(
    ("policy", "actors", "player"),
    [
        ("human", [HUMAN], "human"),
        ("random", [POLICY], "random"),
        ("random", [HUMAN], "human"),
        ("random", [POLICY, HUMAN], "human, random"),
    ],
)
def test_the_header_names_who_has_played(
    tmp_path: Path, policy: str, actors: list[int], player: str
) -> None:
    run = make_run(tmp_path, policy=policy)
    for actor in actors:
        run.step(FIRE, actor)
    assert run.player == player
    assert prove(run).header["policy"] == player


def test_an_actor_whose_steps_were_rewound_has_not_played(tmp_path: Path) -> None:
    run = make_run(tmp_path, policy="random")
    run.step(LEFT, POLICY)
    run.step(RIGHT, HUMAN)
    assert run.last_actor == HUMAN
    run.back_to(1)
    assert (run.player, run.last_actor) == ("random", POLICY)
    run.back_to(0)
    assert run.last_actor == POLICY


def test_an_agent_remains_named_after_any_number_of_saves(tmp_path: Path) -> None:
    """A game that an agent played still names the agent after a human has saved it."""
    agents = make_run(tmp_path, policy="random")
    episode: Episode = play(agents, 5, actor=POLICY)
    for seconds in range(2):
        human = make_run(tmp_path)
        human.live.header["created"] = f"2000-01-01T00:00:0{seconds}+00:00"
        resume(human, episode)
        human.write(tmp_path / "slot.npz")
        episode = load_recording(tmp_path / "slot.npz")
        assert episode.header["policy"] == "random"


def test_a_later_game_that_cannot_be_recorded_is_played_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    run = make_run(folder)
    play(run, 5)
    prove(run)
    shutil.rmtree(folder)
    folder.touch()
    run.begin_next()
    assert run.live.failure is not None
    assert run.live.failure.startswith(f"cannot write {folder}")
    assert run.live.failure.endswith("this game is not recorded")
    assert play(run, 5).steps == 5
    assert run.finish() is None


def test_the_first_game_of_a_run_must_be_recordable(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    folder.touch()
    with pytest.raises(RecordingError, match=f"cannot write {re.escape(str(folder))}"):
        make_run(folder)


def test_an_action_that_the_game_does_not_have_is_a_noop(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    run.environment.action_codes = (NOOP, FIRE)
    run.step(LEFT, HUMAN)
    assert run.environment.last_action == NOOP


def test_a_resumed_game_is_recovered_into_its_own_file(tmp_path: Path) -> None:
    """The process was killed after it wrote the file and before it ended the journal."""
    other = make_run(tmp_path / "other")
    play(other, 10)
    other.live.header["created"] = "2026-01-01T00:00:00+00:00"
    files = RecordConfig(out=tmp_path, video=False, screens=False)
    run = GameRun(replace(other.environment.config), files, first=prove(other))
    play(run, 20)
    (journal,) = tmp_path.glob("*.journal")
    data = journal.read_bytes()
    file = prove(run).path
    journal.write_bytes(data)
    assert recover(tmp_path) == [file]
    file.unlink()
    journal.write_bytes(data)
    assert recover(tmp_path) == [file]
    assert load_recording(file).header["created"] == "2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize("actors", [(POLICY,), (POLICY, HUMAN), (HUMAN,)])
def test_a_recovered_game_names_who_has_played(tmp_path: Path, actors: tuple[int, ...]) -> None:
    run = make_run(tmp_path, policy="random")
    for actor in actors:
        play(run, 10, actor=actor)
    (journal,) = tmp_path.glob("*.journal")
    data = journal.read_bytes()
    expected = prove(run)
    expected.path.unlink()
    journal.write_bytes(data)
    (file,) = recover(tmp_path)
    assert load_recording(file).header == expected.header


def test_a_run_can_begin_as_a_recording_and_catch_up_with_it(tmp_path: Path) -> None:
    first = make_run(tmp_path)
    first.begin_next()
    episode = play(first, 10)
    run = GameRun(replace(first.environment.config), first=episode)
    assert run.is_past_of(episode)
    run.catch_up(episode, 7)
    assert run.live.steps == 7
    run.play_next(episode)
    assert np.array_equal(run.live.episode().arrays["hashes"], episode.arrays["hashes"][:9])


@pytest.mark.parametrize(
    ("minutes", "megabytes"),
    [
        pytest.param(10, 5, marks=pytest.mark.slow),
        pytest.param(60, 25, marks=pytest.mark.long),
    ],
)
def test_a_long_game_takes_little_memory_and_a_minute_can_be_rewound_exactly(
    tmp_path: Path, minutes: int, megabytes: int
) -> None:
    """The game is the one whose keyframes take the most memory."""
    last = 3600 * minutes
    minute_before = last - 3600
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        run = make_run(tmp_path, "elevator_action")
        run.environment.keep_frames = False
        emulator = run.environment.emulator
        draw, screens = random.Random(0), dict[int, bytes]()
        while (frame := run.live.steps) < last:
            if run.is_over:
                run.back_to(frame - 900)
            elif frame % 9 == 0:
                code = draw.randrange(18)
            run.step(code, HUMAN)
            if run.live.steps in (minute_before, last):
                screens[run.live.steps] = emulator.screen().tobytes() + emulator.ram().tobytes()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (after - before) / 1e6 < megabytes
    whole = run.live.episode()
    run.back_to(minute_before)
    assert emulator.screen().tobytes() + emulator.ram().tobytes() == screens[minute_before]
    run.catch_up(whole, last)
    assert emulator.screen().tobytes() + emulator.ram().tobytes() == screens[last]
    assert same(run, whole)
    prove(run)
