"""`atari rollout`: play episodes with a policy and show statistics."""

import re
import sys
from collections.abc import Sequence
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Final

import typer

from atari_cli.cli.options import (
    Json,
    Overwrite,
    Policy,
    Seed,
    optional,
    parse_seed,
    takes_environment,
)
from atari_cli.cli.output import check_out_file, note, print_json, print_table, write_out_file
from atari_cli.config import EnvironmentConfig, RolloutConfig

if TYPE_CHECKING:
    from atari_cli.model import EpisodeSummary
    from atari_cli.rollout import Summary

_RAY_ADDRESS: Final = re.compile(r"auto|local|ray://\S+|(\[[\da-f:]+\]|[\w.\-]+):\d+")
_NOTHING_IS_RANDOM: Final = (
    "nothing is random without sticky actions and no-op starts; try --repeat-action-prob 0.25"
)


def name_ray_address(words: Sequence[str]) -> list[str]:
    """Return the command line with `--ray`'s optional address, `local` if missing."""
    named: list[str] = []
    for index, word in enumerate(words):
        named.append(word)
        if word == "--ray" and not _RAY_ADDRESS.fullmatch("".join(words[index + 1 : index + 2])):
            named.append("local")
    return named


@takes_environment
def rollout(
    environment: EnvironmentConfig,
    policy: Policy = "random",
    episodes: Annotated[
        int | None, optional("Number of episodes to play.", RolloutConfig.DEFAULT_EPISODES)
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="Total number of steps to play, instead of --episodes.")
    ] = None,
    seed: Seed = str(RolloutConfig.seed),
    workers: Annotated[
        int | None, optional("Number of processes.", "1, or every CPU with --ray")
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(
            help="Play on the Ray cluster at an address, or on one started here.",
            metavar="[ADDRESS]",
        ),
    ] = None,
    json: Json = False,
    out: Annotated[
        Path | None, typer.Option(help="Write the episodes to this .json or .csv file.")
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Play episodes and show their statistics.

    The same seed gives the same episodes on any number of workers.
    """
    from atari_cli.api.policies import find_policy
    from atari_cli.cli.progress import progress_sinks
    from atari_cli.rollout import Collect, RayBackend, repeats_itself, run_episodes

    check_out_file(out, overwrite)
    source = find_policy(policy, environment)
    config = RolloutConfig(
        episodes=episodes,
        steps=steps,
        seed=parse_seed(seed),
        workers=RolloutConfig.workers if workers is None else workers,
    )
    repeats = repeats_itself(environment, source)
    if repeats and config.episodes != 1:
        note(f"all episodes will be the same: {_NOTHING_IS_RANDOM}")
    collected = Collect()
    started = perf_counter()
    try:
        with ExitStack() as stack:
            sinks = [collected, *stack.enter_context(progress_sinks(config))]
            backend = None if ray is None else stack.enter_context(RayBackend(ray, workers))
            # Keep what a policy prints out of the results.
            stack.enter_context(redirect_stdout(sys.stderr))
            run_episodes(environment, source, config, sinks, backend)
    finally:
        seconds = perf_counter() - started
        _report(collected.episodes, environment, seconds, json, out, may_repeat=repeats is None)


def _report(
    episodes: "Sequence[EpisodeSummary]",
    environment: EnvironmentConfig,
    seconds: float,
    json: bool,
    out: Path | None,
    may_repeat: bool,
) -> None:
    """Print and write the finished episodes, also those of a run that was interrupted."""
    if not episodes:
        return
    from atari_cli.games import find_game
    from atari_cli.rollout import summarise

    summary = summarise(episodes, find_game(environment.game), seconds)
    rows = [episode.as_json() for episode in episodes]
    document = {"episodes": rows, "summary": summary.as_json()}
    # The file first: the reader of stdout may be gone.
    if out is not None:
        write_out_file(out, document, rows)
        note(f"wrote {out}")
    if json:
        print_json(document)
    else:
        _print_summary(summary)
    if may_repeat and summary.identical:
        note(f"all {len(episodes)} episodes have the same return and length: {_NOTHING_IS_RANDOM}")


def _print_summary(summary: "Summary") -> None:

    low, high = summary.interval
    cut = summary.episodes - summary.complete
    rows = [
        ("episodes", f"{summary.episodes:,}" + (f" ({cut} cut)" if cut else "")),
        ("return mean", f"{summary.mean:,.2f}"),
        ("  95 % interval", f"{low:,.2f} … {high:,.2f}"),
        ("  standard deviation", f"{summary.standard_deviation:,.2f}"),
        ("  median", f"{summary.median:,.1f}"),
        ("  interquartile mean", f"{summary.interquartile_mean:,.2f}"),
        ("  min … max", f"{summary.lowest:,.0f} … {summary.highest:,.0f}"),
        ("length mean", f"{summary.mean_steps:,.0f} steps, {summary.mean_frames:,.0f} frames"),
    ]
    if summary.human_normalised is not None:
        rows.append(("human-normalised", f"{summary.human_normalised:.1%}"))
    if summary.steps_per_second and summary.frames_per_second:
        speed = (
            f"{summary.steps_per_second:,.0f} steps/s, {summary.frames_per_second:,.0f} frames/s"
        )
        rows.append(("speed", speed))
    print_table(("", ""), rows, show_header=False)
