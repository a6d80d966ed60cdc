"""`atari record`: play episodes with a policy and write them to files."""

import os
import signal
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from atari_cli.cli.options import (
    JsonOption,
    PolicyArgumentOption,
    PolicyOption,
    SeedOption,
    optional,
    parse_seed,
    read_arguments,
    takes_config,
    takes_environment,
)
from atari_cli.cli.output import note, print_json, stdout_reserved
from atari_cli.config import VIDEO_FORMATS, EnvironmentConfig, RecordConfig, RolloutConfig
from atari_cli.errors import InvalidSetting
from atari_cli.system.shell import quoted
from atari_cli.system.signals import captured, ended_like_ctrl_c

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from atari_cli.model import EpisodeSummary

_OPTIONS: Final = {
    "out": typer.Option(help="Output folder."),
    "format": typer.Option(help="Video format.", metavar="|".join(VIDEO_FORMATS)),
    "scale": typer.Option(help="Video pixels per Atari pixel."),
    "video": typer.Option("--video/--no-video", help="Write a video next to each NPZ file."),
    "screens": typer.Option(
        "--screens/--no-screens", help="Store the screen and RAM of each step."
    ),
    "overwrite": typer.Option("--overwrite", help="Replace existing files."),
}


@takes_environment
@partial(takes_config, config=RecordConfig, options=_OPTIONS)
def record(
    environment: EnvironmentConfig,
    config: RecordConfig,
    policy: PolicyOption = "random",
    policy_arg: PolicyArgumentOption = None,
    episodes: Annotated[int | None, optional("Number of episodes to record.", 1)] = None,
    first_episode: Annotated[
        int, typer.Option(help="Start with episode K of the same `atari rollout`.")
    ] = RolloutConfig.first_episode,
    best_of: Annotated[
        int | None, optional("Play N episodes and keep only the best.", "keep all")
    ] = None,
    seed: SeedOption = str(RolloutConfig.seed),
    json: JsonOption = False,
) -> None:
    """Play episodes and write them to files.

    Each episode becomes an NPZ file and a video.
    """
    from atari_cli.api.policies import find_policy
    from atari_cli.api.record import record as record_episodes
    from atari_cli.cli.commands.recover import recover_first
    from atari_cli.cli.progress import progress_sinks
    from atari_cli.rollout import Collect

    run = RolloutConfig(
        episodes=_amount(episodes, best_of), seed=parse_seed(seed), first_episode=first_episode
    )
    source = find_policy(policy, environment, read_arguments(policy_arg))
    recover_first(config.out)
    collected = Collect()
    written: list[Path] = []
    try:
        with (
            progress_sinks(run) as bars,
            ended_like_ctrl_c(),
            _stopping(config.out),
            stdout_reserved(),
        ):
            record_episodes(
                environment,
                source,
                run,
                config,
                best_only=best_of is not None,
                sinks=[collected, *bars],
                wrote=written.append,
                warn=note,
            )
    finally:
        _report(collected.episodes, written, json)


@contextmanager
def _stopping(out: Path) -> "Iterator[None]":
    """Report at the first Ctrl-C that the files are being finished, which may take a while."""
    messages = [f"finishing; Ctrl-C again leaves that to `atari recover {quoted(out)}`\n"]

    def stop(number: int, frame: object) -> None:
        # Not through sys.stderr, which the signal may have interrupted.
        with suppress(OSError):
            while messages:
                os.write(2, messages.pop().encode(errors="replace"))
        raise KeyboardInterrupt

    with captured([signal.SIGINT], stop):
        yield


def _amount(episodes: int | None, best_of: int | None) -> int:
    """Return the number of episodes to play: one if neither option is given."""
    if episodes is not None and best_of is not None:
        raise InvalidSetting("give --episodes or --best-of, not both")
    if best_of is not None and best_of < 1:
        raise InvalidSetting(f"--best-of must be a whole number of 1 or more, got {best_of}")
    return next(amount for amount in (episodes, best_of, 1) if amount is not None)


def _report(episodes: "Sequence[EpisodeSummary]", written: list[Path], json: bool) -> None:
    """Print the episodes and files, also those of a run that was interrupted."""
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
