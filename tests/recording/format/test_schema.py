"""The digest covers header and inputs; the header identifies recordings of another ALE or ROM."""

from typing import Any

import numpy as np
import pytest

from atari_cli.environment import AtariEnvironment
from atari_cli.errors import RecordingError
from atari_cli.games import find_game
from atari_cli.recording.format.schema import (
    ale_version,
    array_shapes,
    check_machine,
    digest,
    new_header,
)
from atari_cli.sink import EpisodeStart


def new_episode_header(**settings: Any) -> dict[str, Any]:
    environment = AtariEnvironment("pong", **settings)
    result = environment.reset(seed=4)
    return new_header(EpisodeStart(2, 9, "tracker", environment, result))


def test_the_header_describes_the_episode_and_its_settings() -> None:
    header = new_episode_header(frameskip=3)
    assert (header["format"], header["version"]) == ("atari-recording", 1)
    assert (header["seed"], header["run_seed"], header["episode"]) == (4, 9, 2)
    assert (header["game"], header["policy"], header["fps"]) == ("pong", "tracker", 60)
    assert header["settings"]["frameskip"] == 3
    assert header["created"].endswith("+00:00")


def test_the_header_names_the_default_mode_and_difficulty_of_the_game() -> None:
    settings = new_episode_header()["settings"]
    game = find_game("pong")
    chosen = (settings["mode"], settings["difficulty"])
    assert chosen == (game.default_mode, game.default_difficulty)


def test_only_games_with_paddles_have_strengths() -> None:
    assert array_shapes(find_game("breakout"), 2, 8)["strengths"] == (8,)
    assert "strengths" not in array_shapes(find_game("ms_pacman"), 2, 8)


def test_shapes_follow_from_game_steps_and_frames() -> None:
    shapes = array_shapes(find_game("adventure"), 5, 22)
    assert shapes["actions"] == (5,)
    assert shapes["frame_actions"] == (22,)
    assert shapes["hashes"] == (6,)
    assert shapes["screens"] == (6, 250, 160)
    assert shapes["ram"] == (6, 128)


def test_the_digest_covers_the_header_and_every_input() -> None:
    header = {"game": "pong", "seed": 1}
    inputs = ("actions", "actors", "frame_actions", "strengths")
    arrays = {name: np.arange(4, dtype="u1") for name in inputs}
    whole = digest(header, arrays)
    assert digest({"seed": 1, "game": "pong", "digest": "other"}, arrays) == whole
    assert digest(header | {"seed": 2}, arrays) != whole
    for name in inputs:
        changed = arrays | {name: arrays[name][::-1].copy()}
        assert digest(header, changed) != whole, name


def test_another_ale_is_named_with_advice() -> None:
    header = new_episode_header() | {"ale_py": "0.1.2"}
    with pytest.raises(RecordingError, match="ale-py==0.1.2") as error:
        check_machine(header, "x.npz")
    assert ale_version() in str(error.value)


def test_another_rom_is_named() -> None:
    header = new_episode_header() | {"rom_md5": "0" * 32}
    with pytest.raises(RecordingError, match=f"MD5 {'0' * 32}.*{find_game('pong').md5}"):
        check_machine(header, "x.npz")
