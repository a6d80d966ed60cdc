"""`atari rollout`: play episodes with a policy and show statistics."""

import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Final

import typer

from atari_cli.cli.options import (
    JsonOption,
    OverwriteOption,
    PolicyArgumentOption,
    PolicyOption,
    SeedOption,
    described,
    optional,
    parse_seed,
    parse_workers,
    read_arguments,
    takes_environment,
)
from atari_cli.cli.output import note, print_json, print_table, stdout_reserved
from atari_cli.config import EnvironmentConfig, RolloutConfig
from atari_cli.errors import OutputError
from atari_cli.system.signals import ended_like_ctrl_c

if TYPE_CHECKING:
    from atari_cli.rollout import Results, RunCounts, Summary

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
    policy: PolicyOption = "random",
    policy_arg: PolicyArgumentOption = None,
    episodes: Annotated[
        int | None, optional("Number of episodes to play.", RolloutConfig.DEFAULT_EPISODES)
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="Total number of steps to play, instead of --episodes.")
    ] = None,
    first_episode: Annotated[
        int, typer.Option(help="Start with episode K of the same run.")
    ] = RolloutConfig.first_episode,
    seed: SeedOption = str(RolloutConfig.seed),
    workers: Annotated[
        str | None,
        typer.Option(
            help=described("Number of processes.", "1, or every CPU with --ray"),
            metavar="INTEGER|auto",
            show_default=False,
        ),
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(
            help="Play on the Ray cluster at an address, or on one started here.",
            metavar="[ADDRESS]",
        ),
    ] = None,
    json: JsonOption = False,
    out: Annotated[
        Path | None, typer.Option(help="Write the episodes to this .json or .csv file.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue the run in --out, if there is one.")
    ] = False,
    overwrite: OverwriteOption = False,
) -> None:
    """Play episodes and show their statistics.

    The same seed gives the same episodes on any number of workers.
    """
    from atari_cli.api.policies import find_policy
    from atari_cli.cli.progress import progress_sinks
    from atari_cli.rollout import RayBackend, Results, repeats_itself, run_episodes

    source = find_policy(policy, environment, read_arguments(policy_arg))
    processes = None if workers is None else parse_workers(workers)
    config = RolloutConfig(
        episodes=episodes,
        steps=steps,
        seed=parse_seed(seed),
        first_episode=first_episode,
        workers=RolloutConfig.workers if processes is None else processes,
    )
    repeats = repeats_itself(environment, source)
    if repeats and config.episodes != 1:
        note(f"all episodes will be the same: {_NOTHING_IS_RANDOM}")
    results = Results(
        environment, source, config, out, resume=resume, overwrite=overwrite, warn=note
    )
    if results.earlier:
        note(f"{len(results.earlier):,} episodes of {out} are kept and not played again")
    started = perf_counter()
    try:
        with results, ended_like_ctrl_c(), ExitStack() as stack:
            sinks = [results, *stack.enter_context(progress_sinks(config))]
            backend = None if ray is None else stack.enter_context(RayBackend(ray, processes))
            stack.enter_context(stdout_reserved())
            run_episodes(environment, source, config, sinks, backend, results.earlier)
    finally:
        # The reader of stdout may be gone, and the disk full: neither must cost the other.
        try:
            if results.episodes:
                _show(results, perf_counter() - started, json, may_repeat=repeats is None)
        finally:
            _keep(results, out)


def _show(results: "Results", seconds: float, json: bool, may_repeat: bool) -> None:
    """Print the finished episodes, also those of a run that was interrupted."""
    summary = results.summary(seconds)
    if json:
        print_json(results.as_json())
    else:
        _print_summary(results, summary)
    if may_repeat and summary.identical:
        same = f"all {summary.episodes} episodes have the same return and length"
        note(f"{same}: {_NOTHING_IS_RANDOM}")


def _keep(results: "Results", out: Path | None) -> None:
    """Write the file of a run that ended; name the journal of one that was interrupted."""
    if out is None:
        return
    if results.counts.interrupted:
        if results.kept:
            note(f"{out} is not written; episodes kept for --resume: {results.kept:,}")
    elif results.episodes:
        try:
            written = out.with_name(results.write().name)
            if written != out:
                note(f"another program has {out} open")
            note(f"wrote {written}")
        except OutputError as error:
            if results.error is None:
                raise
            note(f"atari: {error}")  # the run has failed, too


def _print_summary(results: "Results", summary: "Summary") -> None:
    run = results.run
    spread = summary.standard_deviation
    rows = [
        ("game", run.game),
        ("policy", run.policy),
        ("  SHA-256", run.policy_sha256),
        ("settings", _listed(run.changed_settings()) or "default"),
        ("seed", run.seed),
        ("versions", _listed(run.versions)),
        ("episodes", _amount(results.counts)),
        ("return mean", f"{summary.mean:,.2f}"),
        ("  95 % interval", summary.interval and "{:,.2f} … {:,.2f}".format(*summary.interval)),
        ("  standard deviation", None if spread is None else f"{spread:,.2f}"),
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
    print_table(("", ""), [row for row in rows if row[1] is not None], show_header=False)


def _listed(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _amount(counts: "RunCounts") -> str:
    """Return the number of episodes, and of those that are missing or cut."""
    planned = f" of {counts.planned:,}" if counts.planned not in {None, counts.played} else ""
    notes = [
        f"{counts.failed:,} failed" if counts.failed else "",
        f"{counts.cut:,} cut" if counts.cut else "",
        "interrupted" if counts.interrupted else "",
    ]
    return f"{counts.played:,}{planned}" + "".join(f", {note}" for note in notes if note)
