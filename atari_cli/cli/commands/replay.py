"""`atari replay`: prove a recording, watch it, or make its video or its screens."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from atari_cli.cli.options import Json, Overwrite
from atari_cli.config import VIDEO_FORMATS, PlayConfig, RecordConfig
from atari_cli.errors import InvalidSetting

if TYPE_CHECKING:
    from atari_cli.recording import Recording


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(replay)


def replay(
    file: Annotated[Path, typer.Argument(help="A recording: an NPZ file of `atari record`.")],
    video: Annotated[
        Path | None,
        typer.Option(help="Write a video; its ending is one of " + ", ".join(VIDEO_FORMATS) + "."),
    ] = None,
    npz: Annotated[
        Path | None,
        typer.Option(help="Write the recording again, with the screen and RAM of each step."),
    ] = None,
    scale: Annotated[int, typer.Option(help="Video pixels per Atari pixel.")] = RecordConfig.scale,
    window: Annotated[
        bool, typer.Option("--window", help="Show it in a window; T plays on from there.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Show it in this terminal; T plays on from there.")
    ] = False,
    first_step: Annotated[
        int, typer.Option("--from", help="Show it or write the video from this step on.")
    ] = 0,
    out: Annotated[
        Path, typer.Option(help="Folder of what you play after taking over.")
    ] = PlayConfig.out,
    any_version: Annotated[
        bool, typer.Option("--any-version", help="Try a recording of another ale_py version.")
    ] = False,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Prove a recording bit for bit, watch it, or make its video or its screens."""
    from atari_cli.cli.output import note
    from atari_cli.cli.progress import progress_bar
    from atari_cli.recording import (
        check_add_screens,
        check_render_video,
        load_recording,
        render_video,
    )

    shows = window or watch
    if shows:
        option = "--window" if window else "--watch"
        others = {"--watch": window and watch, "--video": video, "--npz": npz, "--json": json}
        _refuse_others(option, [name for name, is_given in others.items() if is_given])
    if first_step and not (shows or video):
        expected = "--window, --watch or --video"
        raise InvalidSetting(f"--from goes with {expected}: the proof takes every step")
    config = None if video is None else _video_config(video, scale, overwrite)
    if npz is not None and npz.suffix != ".npz":
        raise InvalidSetting(f"--npz must end in .npz, got {npz}")
    recording = load_recording(file, any_version)
    if shows:
        _show(recording, watch, PlayConfig(out=out), first_step)
        return
    if video is not None and config is not None:
        check_render_video(recording, video, config, first_step)
    if npz is not None:
        check_add_screens(recording, npz, overwrite)
    _prove(recording, npz, overwrite)
    if video is not None and config is not None:
        with progress_bar(f"writing {video}", recording.steps) as advance:
            render_video(recording, video, config, first_step, advance)
        note(f"wrote {video}")
    _report(recording, json)


def _refuse_others(option: str, others: list[str]) -> None:
    """Refuse options beside one that shows the recording and does nothing else."""
    if others:
        raise InvalidSetting(
            f"{option} shows the recording and does nothing else: leave out {' and '.join(others)}"
        )


def _show(recording: "Recording", in_terminal: bool, config: PlayConfig, first_step: int) -> None:
    """Show a recording until its end, and what is played from where the viewer took over."""
    from atari_cli.cli.commands.play import open_front_end, report
    from atari_cli.play.start import watch

    outcome = watch(recording, config, open_front_end(in_terminal), first_step)
    report(outcome, recording.game.id, in_terminal)


def _video_config(video: Path, scale: int, overwrite: bool) -> RecordConfig:
    """Return how a video is written."""
    video_format = video.suffix.removeprefix(".").lower()
    if video_format not in VIDEO_FORMATS:
        expected = ", ".join(f".{name}" for name in VIDEO_FORMATS)
        raise InvalidSetting(f"--video must end in one of {expected}, got {video}")
    return RecordConfig(out=video.parent, format=video_format, scale=scale, overwrite=overwrite)


def _prove(recording: "Recording", npz: Path | None, overwrite: bool) -> None:
    """Play a recording again and compare it; write what was played if there is a file to write."""
    from atari_cli.cli.output import note
    from atari_cli.cli.progress import progress_bar
    from atari_cli.recording import add_screens, verify

    if npz is None:
        with progress_bar("verifying", recording.steps) as advance:
            verify(recording, advance)
        return
    with progress_bar(f"writing {npz}", recording.steps) as advance:
        add_screens(recording, npz, overwrite, advance)
    note(f"wrote {npz}")


def _report(recording: "Recording", json: bool) -> None:
    from atari_cli.cli.output import print_json

    header = recording.header
    totals: dict[str, Any] = header["totals"]
    if json:
        print_json(header | {"verified": True})
        return
    seconds = totals["frames"] / header["fps"]
    print(
        f"{recording.path}: {header['game']}, {header['policy']}, return {totals['score']:g}, "
        f"{totals['steps']:,} steps, {totals['frames']:,} frames ({seconds:.1f} s)"
    )
    print("verified: every step is the same, bit for bit")
