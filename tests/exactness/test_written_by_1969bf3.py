"""Files written by commit 1969bf3 remain readable for ever (fixtures/1969bf3/README.md)."""

import json
import shutil
import zlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atari_cli.config import PLAY_SETTINGS, EnvironmentConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.games import find_game
from atari_cli.play.game_run import GameRun
from atari_cli.play.saved.high_scores import HighScores, Score, Variation
from atari_cli.play.saved.slots import Slots
from atari_cli.recording import HUMAN, Recording, load_recording, recover, verify

WRITTEN = Path(__file__).parent / "fixtures" / "1969bf3"
EXPECTED: dict[str, Any] = json.loads((WRITTEN / "expected.json").read_text("utf-8"))
ALE = "0.12.1"
plays_the_same = pytest.mark.skipif(
    version("ale-py") != ALE, reason="another ale_py may play the same inputs differently"
)
each_recording = pytest.mark.parametrize("name", EXPECTED["recordings"])
each_slot = pytest.mark.parametrize("game", EXPECTED["slots"])


def recorded(name: str) -> Path:
    return WRITTEN / "recordings" / f"{name}.npz"


def new_run(game: str) -> GameRun:
    """Return a new game with the settings of `atari play`."""
    return GameRun(EnvironmentConfig(**{**PLAY_SETTINGS, "game": game}))


def load(slots: Slots, run: GameRun) -> Recording:
    """Continue from slot 3 as `atari play` does, and return its recording."""
    saved = slots.load(3, run.environment.config)
    run.resume(saved)
    assert run.catch_up(saved, 200)
    return saved


def go_on(environment: AtariEnvironment) -> list[str]:
    """Play 30 fixed actions; return a checksum of screen and RAM, and the reward, for each."""
    trace = []
    for step in range(30):
        result = environment.step(step // 3 * 5 % len(environment.action_codes))
        screen, ram = result.observation.indices, result.observation.ram
        seen = zlib.crc32(ram.tobytes(), zlib.crc32(screen.tobytes()))
        trace.append(f"{seen:08x} {result.reward:g}")
    return trace


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of slots and high scores, as a copy that may change."""
    return Path(shutil.copytree(WRITTEN / "data", tmp_path / "data"))


def test_every_fixture_is_read() -> None:
    stems = {
        folder: {file.stem for file in (WRITTEN / folder).iterdir()}
        for folder in ("recordings", "states")
    }
    assert stems == {folder: EXPECTED[folder].keys() for folder in stems}


@each_recording
def test_a_recording_still_has_its_content(name: str) -> None:
    expected = EXPECTED["recordings"][name]
    recording = load_recording(recorded(name), any_version=True)
    header, arrays = recording.header, recording.arrays
    assert (header["ale_py"], header["atari_cli"], header["version"]) == (ALE, "0.1.0", 1)
    assert header["totals"] == expected["totals"]
    assert header["digest"] == expected["digest"]
    assert recording.steps == expected["totals"]["steps"]
    assert arrays["rewards"].sum() == expected["totals"]["score"]
    assert zlib.crc32(arrays["hashes"].tobytes()) == expected["hashes"]
    pictures = {
        kind: zlib.crc32(b"".join(map(bytes, rows))) for kind, rows in recording.pictures().items()
    }
    assert pictures == expected["pictures"]


@plays_the_same
@each_recording
def test_a_recording_still_verifies(name: str) -> None:
    played: list[int] = []
    verify(load_recording(recorded(name)), played.append)
    assert sum(played) == 1 + EXPECTED["recordings"][name]["totals"]["steps"]


def test_a_recording_has_the_settings_that_it_was_made_with() -> None:
    made_with: dict[str, dict[str, Any]] = {
        "air_raid-random-s0-000": {"mode": 2},
        "boxing-random-s4-000": {"obs_type": "ram", "difficulty": 1},
        "ms_pacman-random-s1-000": {"repeat_action_probability": 0.25},
        "seaquest-random-s3-000": {"full_action_space": True, "frameskip": 3},
        "space_invaders-random-s2-000": {"noop_max": 30},
    }
    for name, expected in made_with.items():
        config = load_recording(recorded(name), any_version=True).config
        assert {setting: getattr(config, setting) for setting in expected} == expected


def test_a_game_by_hand_contains_its_actors_and_paddle_strengths() -> None:
    name = "breakout-human-tracker-s7-000"
    recording = load_recording(recorded(name), any_version=True)
    assert recording.header["policy"] == "human, tracker"
    assert np.array_equal(np.unique(recording.arrays["actors"]), [0, 1])
    assert np.array_equal(np.unique(recording.arrays["strengths"]), [0.5, 1.0])


@plays_the_same
def test_journals_are_recovered_completely(tmp_path: Path) -> None:
    shutil.copytree(WRITTEN / "journals", tmp_path, dirs_exist_ok=True)
    by_hand, by_policy = recover(tmp_path)
    assert sorted(tmp_path.iterdir()) == [by_hand, by_policy]

    assert by_hand.name == "breakout-human-tracker-s7-000.npz"
    recording = load_recording(by_hand)
    expected = EXPECTED["journals"][by_hand.stem]
    assert {name: recording.arrays[name].tobytes().hex() for name in expected} == expected
    assert (recording.steps, recording.has_screens) == (110, False)
    verify(recording)

    assert by_policy.name == "freeway-killer-s0-000.npz"
    recording = load_recording(by_policy)
    codes = find_game("freeway").minimal_actions
    assert recording.arrays["actions"].tolist() == [codes[call // 4 % 3] for call in range(1, 41)]
    assert recording.has_screens
    verify(recording)


@plays_the_same
@each_slot
def test_a_game_continues_from_a_slot_as_it_did(data: Path, game: str) -> None:
    slots, run = Slots(data, find_game(game)), new_run(game)
    score = EXPECTED["slots"][game]["score"]
    assert slots.describe(3) == f"{game}, score {score:.10g}, 0:03"
    saved = load(slots, run)
    assert saved.header["totals"]["frames"] == 200
    verify(saved)
    assert go_on(run.environment) == EXPECTED["slots"][game]["trace"]


@plays_the_same
@each_slot
def test_a_slot_is_overwritten_and_its_previous_content_kept(data: Path, game: str) -> None:
    slots, run = Slots(data, find_game(game)), new_run(game)
    previous = slots.path(3).with_suffix(".previous.npz")
    assert load_recording(previous).steps == 80
    saved = load(slots, run)
    run.step(0, HUMAN)
    slots.save(3, run.write)
    after = slots.load(3, run.environment.config)
    verify(after)
    assert np.array_equal(after.arrays["hashes"][:-1], saved.arrays["hashes"])
    assert load_recording(previous).header == saved.header


def test_high_scores_are_listed_and_a_new_one_is_ranked_among_them(data: Path) -> None:
    breakout, pong = Variation("breakout", 0, 0), Variation("pong", 0, 1)
    file = "/home/ada/recordings/breakout-human-s0-000.npz"
    best = Score(31.0, 9000, "2026-11-30T21:22:23+00:00", "human, tracker", file)
    second = Score(12.0, 5405, "2026-11-29T01:02:03+00:00", "human")
    lost = Score(-21.0, 3600, "2026-12-01T00:00:00+00:00", "human")
    board = HighScores(data)
    assert board.all() == {breakout: [best, second], pong: [lost]}
    new = Score(20.0, 7200, "2030-01-01T00:00:00+00:00", "human")
    board.add(breakout, new)
    assert HighScores(data).all() == {breakout: [best, new, second], pong: [lost]}
    assert board.note == ""


@plays_the_same
@pytest.mark.parametrize("game", EXPECTED["states"])
def test_an_episode_continues_from_a_saved_state_as_it_did(game: str) -> None:
    expected = EXPECTED["states"][game]
    environment = AtariEnvironment()
    environment.restore((WRITTEN / "states" / f"{game}.state").read_bytes())
    state, summary = environment.state, environment.summary()
    assert (state.game_name, state.episode_id) == (game, expected["episode_id"])
    assert (summary.seed, summary.steps) == (expected["seed"], expected["steps"])
    assert (summary.score, summary.frames) == (expected["score"], expected["frames"])
    assert go_on(environment) == expected["trace"]
    environment.reset()
    assert environment.state.seed == expected["next_seed"]
