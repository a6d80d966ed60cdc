"""`atari record`: play episodes with a policy and write them to files."""

import os
import signal
import sys
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from atari_cli.cli.options import Json, Overwrite, Policy, Seed, parse_seed, takes_environment
from atari_cli.config import VIDEO_FORMATS, EnvironmentConfig, RecordConfig, RolloutConfig
from atari_cli.errors import InvalidSetting, RecordingError
from atari_cli.system.signals import captured

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from atari_cli.model import EpisodeSummary


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(takes_environment(record))


def record(
    environment: EnvironmentConfig,
    policy: Policy = "random",
    episodes: Annotated[
        int | None, typer.Option(help="Episodes to record.", show_default="1")
    ] = None,
    first_episode: Annotated[
        int, typer.Option(help="Start with episode K of the run, as `atari rollout` plays it.")
    ] = RolloutConfig.first_episode,
    best_of: Annotated[
        int | None,
        typer.Option(help="Play N episodes and keep the best.", show_default="keep all"),
    ] = None,
    seed: Seed = str(RolloutConfig.seed),
    out: Annotated[Path, typer.Option(help="Folder of the files.")] = RecordConfig.out,
    video_format: Annotated[
        str, typer.Option("--format", help="Video format.", metavar="|".join(VIDEO_FORMATS))
    ] = RecordConfig.format,
    scale: Annotated[int, typer.Option(help="Video pixels per Atari pixel.")] = RecordConfig.scale,
    video: Annotated[
        bool, typer.Option("--video/--no-video", help="Write a video beside each NPZ file.")
    ] = RecordConfig.video,
    screens: Annotated[
        bool,
        typer.Option("--screens/--no-screens", help="Store each step's screen and RAM."),
    ] = RecordConfig.screens,
    overwrite: Overwrite = RecordConfig.overwrite,
    json: Json = False,
) -> None:
    """Play episodes with a policy and write them as NPZ files and videos."""
    from atari_cli.cli.commands.recover import recover_first
    from atari_cli.cli.policies import find_source
    from atari_cli.cli.progress import progress_sinks
    from atari_cli.recording import BestOf, Recorder, check_free
    from atari_cli.rollout import Collect, run_episodes

    files = RecordConfig(
        out=out,
        video=video,
        format=video_format,
        scale=scale,
        screens=screens,
        overwrite=overwrite,
    )
    run = RolloutConfig(
        episodes=_amount(episodes, best_of), seed=parse_seed(seed), first_episode=first_episode
    )
    environment = replace(environment, sound=video and video_format != "gif")
    source = find_source(policy, environment)
    recover_first(out)
    indices = range(first_episode, first_episode + (run.episodes or 0))
    check_free(files, environment.game, source.name, run.seed, indices)
    recorder = BestOf(files) if best_of else Recorder(files)
    collected = Collect()
    try:
        with progress_sinks(run) as sinks, _stopping(out), redirect_stdout(sys.stderr):
            run_episodes(environment, source, run, [recorder, collected, *sinks])
    finally:
        _report(collected.episodes, recorder.written, json)
    if not recorder.written:
        raise RecordingError("nothing was recorded: no episode got to its first step")


@contextmanager
def _stopping(out: Path) -> "Iterator[None]":
    """Report at the first Ctrl-C that the files are being finished, which may take a while."""
    messages = [f"finishing; Ctrl-C again leaves that to `atari recover {out}`\n"]

    def stop(number: int, frame: object) -> None:
        # Not through sys.stderr, which the signal may have interrupted.
        with suppress(OSError):
            while messages:
                os.write(2, messages.pop().encode(errors="replace"))
        raise KeyboardInterrupt

    with captured([signal.SIGINT], stop):
        yield


def _amount(episodes: int | None, best_of: int | None) -> int:
    """Return how many episodes to play: one if neither option is given."""
    if episodes is not None and best_of is not None:
        raise InvalidSetting("give --episodes or --best-of, not both")
    if best_of is not None and best_of < 1:
        raise InvalidSetting(f"--best-of must be a whole number of 1 or more, got {best_of}")
    return next(amount for amount in (episodes, best_of, 1) if amount is not None)


def _report(episodes: "Sequence[EpisodeSummary]", written: list[Path], json: bool) -> None:
    """Print what was played and written; a run that was broken off keeps it."""
    from atari_cli.cli.output import print_json

    if json:
        rows = [episode.as_json() for episode in episodes]
        print_json({"episodes": rows, "files": [str(path) for path in written]})
        return
    for episode in episodes:
        end = "game over" if episode.terminated else "truncated" if episode.truncated else "cut"
        print(
            f"episode {episode.episode}: return {episode.score:g}, {episode.steps:,} steps, "
            f"{episode.frames:,} frames, {end}"
        )
    for path in written:
        print(f"wrote {path}")
