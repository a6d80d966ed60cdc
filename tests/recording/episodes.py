"""Episodes for the tests of recordings: played at random, and tampered with."""

import json
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atari_cli.config import RecordConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.recording import BestOf, LiveEpisode, Recorder
from atari_cli.recording.episode import EpisodeWriter
from atari_cli.recording.format.schema import digest
from atari_cli.sink import EpisodeStart, Sink

Arrays = dict[str, NDArray[Any]]
Change = Callable[[dict[str, Any], Arrays], None]


def plain(out: Path, **options: Any) -> RecordConfig:
    """Return settings without a video."""
    settings: dict[str, Any] = {"out": out, "video": False} | options
    return RecordConfig(**settings)


def play(
    sink: Sink,
    environment: AtariEnvironment,
    steps: int,
    *,
    episode: int = 0,
    seed: int = 7,
    policy: str = "random",
    strengths: Iterable[float] = (),
) -> None:
    """Begin an episode and play random steps, fewer if the game ends; notify the sink of both."""
    result = environment.reset(seed=seed + episode)
    sink.begin(EpisodeStart(episode, seed, policy, environment, result))
    chance = random.Random(seed)
    strengths = iter(strengths)
    while steps and not result.done:
        action = chance.randrange(len(environment.action_codes))
        result = environment.step(action, next(strengths, 1.0))
        sink.step(environment.last_action, result)
        steps -= 1


def record(
    out: Path,
    game: str = "pong",
    steps: int = 40,
    *,
    config: RecordConfig | None = None,
    strengths: Iterable[float] = (),
    **settings: Any,
) -> Path:
    """Record an episode and return its NPZ file."""
    recorder = Recorder(config or plain(out))
    environment = AtariEnvironment(game, keep_frames=recorder.needs_frames, **settings)
    play(recorder, environment, steps, strengths=strengths)
    recorder.end(environment.summary())
    return recorder.written[0]


def read_arrays(path: Path) -> Arrays:
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def read_header(path: Path) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(read_arrays(path)["header"].tobytes())
    return header


def rewrite(path: Path, change: Change, sign: bool = True) -> None:
    """Change a recording's header or arrays; `sign` updates the digest."""
    arrays = read_arrays(path)
    header = json.loads(arrays.pop("header").tobytes())
    change(header, arrays)
    if sign:
        header["digest"] = digest(header, arrays)
    text = np.frombuffer(json.dumps(header).encode(), np.uint8)
    written: dict[str, Any] = {"header": text} | arrays
    np.savez_compressed(path, **written)


def go_live(
    game: str = "breakout", out: Path | None = None, *, policy: str = "human", **settings: Any
) -> tuple[AtariEnvironment, LiveEpisode]:
    """Begin an episode that can go back; without `out`, in memory only."""
    environment = AtariEnvironment(game, **settings)
    result = environment.reset(seed=7)
    start = EpisodeStart(0, 7, policy, environment, result)
    return environment, LiveEpisode(start, plain(out, screens=False) if out else None)


def finish(live: LiveEpisode) -> Path:
    """End an episode that has files, and return its recording."""
    (path,) = live.finish()
    return path


def abandon(sink: Recorder | BestOf) -> None:
    """Close the journal of the episode in play, as the end of its process does."""
    assert sink._live is not None
    abandon_live(sink._live)


def writer_of(recorder: Recorder) -> EpisodeWriter:
    """Return the writer of the episode in play."""
    assert recorder._live is not None
    assert recorder._live._writer is not None
    return recorder._live._writer


def abandon_live(live: LiveEpisode) -> None:
    """Close the journal of an episode, as the end of its process does."""
    assert live._journal is not None
    live._journal.close()


def play_live(
    environment: AtariEnvironment, live: LiveEpisode, steps: int, chance: random.Random
) -> None:
    """Play random steps, fewer if the game ends; human and policy take turns."""
    for step in range(steps):
        if environment.summary().terminated:
            return
        is_sticky = environment.config.repeat_action_probability > 0
        strength = 1.0 if is_sticky else chance.choice((1.0, 0.5))
        result = environment.step(chance.randrange(len(environment.action_codes)), strength)
        live.step(environment.last_action, step // 5 % 2, result)


def go_back(environment: AtariEnvironment, live: LiveEpisode, steps: int) -> None:
    """Go back in an episode by playing its first steps again, and cut it."""
    recorded = live.episode()
    codes, strengths = environment.action_codes, recorded.arrays.get("strengths")
    environment.reset(seed=recorded.header["seed"])
    for code in recorded.arrays["actions"][:steps].tolist():
        frames = environment.emulator.frames
        strength = 1.0 if strengths is None else float(strengths[frames])
        environment.step(codes.index(code), strength)
    live.cut(steps)
