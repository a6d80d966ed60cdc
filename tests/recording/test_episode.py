"""An episode's files appear together and complete, or not at all, and are small."""

import random
from pathlib import Path

import numpy as np
import pytest

from atari_cli.environment import AtariEnvironment
from atari_cli.recording import Recorder
from atari_cli.recording.episode import EpisodeWriter
from atari_cli.recording.format.schema import Episode, new_header
from atari_cli.recording.growing_arrays import GrowingArrays
from atari_cli.recording.step_proof import StepProof
from atari_cli.sink import EpisodeStart
from tests.recording.episodes import plain, read_arrays, record


def write_some(npz: Path, **options: object) -> tuple[EpisodeWriter, Episode, StepProof]:
    """Write the pictures of the reset and of three steps of an episode."""
    environment = AtariEnvironment("pong")
    result = environment.reset(seed=1)
    header = new_header(EpisodeStart(0, 0, "random", environment, result))
    proof = StepProof(environment.emulator)
    proof.update()
    arrays = GrowingArrays(environment.game)
    arrays.add_state(proof)
    writer = EpisodeWriter(npz, header, plain(npz.parent, **options))
    writer.add(proof, [])
    for action in (0, 1, 2):
        result = environment.step(action)
        proof.update()
        arrays.step(environment.last_action, 1, result, proof)
        writer.add(proof, [])
    return writer, arrays.episode(header), proof


def test_no_file_has_its_final_name_before_the_end(tmp_path: Path) -> None:
    writer, episode, proof = write_some(tmp_path / "x.npz")
    assert not list(tmp_path.glob("*.npz"))
    assert writer.finish(tmp_path / "x.npz", episode) == [tmp_path / "x.npz"]
    assert [file.name for file in tmp_path.iterdir()] == ["x.npz"]
    arrays = read_arrays(tmp_path / "x.npz")
    assert arrays["actors"].tolist() == [1, 1, 1]
    assert np.array_equal(arrays["screens"][-1], proof.pictures["screens"])
    assert np.array_equal(arrays["ram"][-1], proof.pictures["ram"])


def test_an_abandoned_episode_leaves_nothing_behind(tmp_path: Path) -> None:
    writer, episode, _ = write_some(tmp_path / "x.npz")
    (tmp_path / "x.npz").mkdir()
    with pytest.raises(OSError, match="directory|Access"):
        writer.finish(tmp_path / "x.npz", episode)
    writer.abandon()
    assert [file.name for file in tmp_path.iterdir()] == ["x.npz"]


def test_abandoning_a_finished_episode_deletes_nothing(tmp_path: Path) -> None:
    writer, episode, _ = write_some(tmp_path / "x.npz")
    writer.finish(tmp_path / "x.npz", episode)
    writer.abandon()
    assert (tmp_path / "x.npz").exists()


def test_screens_and_ram_can_be_left_out(tmp_path: Path) -> None:
    writer, episode, _ = write_some(tmp_path / "x.npz", screens=False)
    writer.finish(tmp_path / "x.npz", episode)
    assert not {"screens", "ram", "palette"} & read_arrays(tmp_path / "x.npz").keys()


def follow_the_ball(ram: np.ndarray, chance: random.Random) -> str:
    """Keep the ball of Breakout in play; RAM addresses from AtariARI (Anand et al. 2019)."""
    ball, paddle = int(ram[99]), int(ram[72])
    moves = ["FIRE", "RIGHT" if ball > paddle else "LEFT"]
    return chance.choices(moves, [1, 9])[0]


@pytest.mark.parametrize("game", ["pong", "breakout", "ms_pacman"])
def test_a_step_takes_at_most_six_bytes_without_screens(tmp_path: Path, game: str) -> None:
    """The size of an episode of one step is that of the header, which every episode has."""
    config = plain(tmp_path, screens=False, overwrite=True)
    header_size = record(tmp_path, game, 1, config=config).stat().st_size
    environment = AtariEnvironment(game)
    result = environment.reset(seed=1)
    recorder = Recorder(config)
    recorder.begin(EpisodeStart(0, 0, "test", environment, result))
    chance = random.Random(1)
    steps = 1
    while not result.done and steps < 1000:
        if game == "breakout":
            result = environment.step(follow_the_ball(result.observation.ram, chance))
        else:
            result = environment.step(chance.randrange(len(environment.action_codes)))
        recorder.step(environment.last_action, result)
        steps += 1
    recorder.close()
    assert steps > 500
    assert (recorder.written[0].stat().st_size - header_size) / steps <= 6
