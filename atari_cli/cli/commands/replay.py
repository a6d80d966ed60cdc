"""`atari replay`: verify a recording, watch it, or make its video or its screens."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from atari_cli.cli.options import JsonOption, OverwriteOption
from atari_cli.cli.output import note, print_json
from atari_cli.config import VIDEO_FORMATS, PlayConfig, RecordConfig
from atari_cli.errors import InvalidSetting, ReplayMismatch
from atari_cli.system.signals import ended_like_ctrl_c

if TYPE_CHECKING:
    from atari_cli.recording import Recording


def replay(
    file: Annotated[
        Path, typer.Argument(help="Recording: an NPZ file of `atari record` or `atari play`.")
    ],
    video: Annotated[
        Path | None,
        typer.Option(
            help=f"Write a video; its name ends in {', '.join(VIDEO_FORMATS[:-1])} or "
            f"{VIDEO_FORMATS[-1]}."
        ),
    ] = None,
    npz: Annotated[
        Path | None,
        typer.Option(help="Write a copy of the recording with the screen and RAM of each step."),
    ] = None,
    scale: Annotated[int, typer.Option(help="Video pixels per Atari pixel.")] = RecordConfig.scale,
    window: Annotated[
        bool, typer.Option("--window", help="Show it in a window; T plays on from there.")
    ] = False,
    terminal: Annotated[
        bool,
        typer.Option("--terminal", help="Show it in this terminal; T plays on from there."),
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="The former name of --terminal.", hidden=True)
    ] = False,
    first_step: Annotated[
        int, typer.Option("--from", help="First step to show or to write to the video.")
    ] = 0,
    out: Annotated[
        Path, typer.Option(help="Output folder of what you play after taking over.")
    ] = PlayConfig.out,
    any_version: Annotated[
        bool, typer.Option("--any-version", help="Accept a recording of another ale_py version.")
    ] = False,
    overwrite: OverwriteOption = False,
    json: JsonOption = False,
) -> None:
    """Verify or watch a recording, or convert it.

    It plays the recorded actions again and compares every step, bit for bit.
    """
    from atari_cli.cli.progress import progress_bar
    from atari_cli.recording import (
        check_add_screens,
        check_render_video,
        load_recording,
        render_video,
    )

    terminal = terminal or watch
    if shows := window or terminal:
        others = {"--terminal": window and terminal, "--video": video, "--npz": npz, "--json": json}
        _refuse("--window" if window else "--terminal", others)
    if first_step and not (shows or video):
        raise InvalidSetting("--from needs --window, --terminal or --video: every step is verified")
    config = None if video is None else _video_config(video, scale, overwrite)
    if npz is not None and npz.suffix != ".npz":
        raise InvalidSetting(f"--npz must end in .npz, got {npz}")
    recording = load_recording(file, any_version)
    if shows:
        _show(recording, terminal, PlayConfig(out=out), first_step)
        return
    if video is not None and config is not None:
        check_render_video(recording, video, config, first_step)
    if npz is not None:
        check_add_screens(recording, npz, overwrite)
    with ended_like_ctrl_c():
        try:
            _verify(recording, npz, overwrite)
        except ReplayMismatch as error:
            if json:
                found = {"verified": False, "step": error.step, "differs": list(error.differences)}
                print_json(recording.header | found)
            raise
        if video is not None and config is not None:
            with progress_bar(f"writing {video}", recording.steps) as advance:
                render_video(recording, video, config, first_step, advance)
            note(f"wrote {video}")
    _report(recording, json)


def _refuse(option: str, others: Mapping[str, object]) -> None:
    """Refuse options that are given with one that only shows the recording."""
    if given := [name for name, value in others.items() if value]:
        raise InvalidSetting(f"{option} only shows the recording: leave out {' and '.join(given)}")


def _show(recording: "Recording", terminal: bool, config: PlayConfig, first_step: int) -> None:
    """Show a recording, and report the games that the viewer played after taking over."""
    from atari_cli.api.play import watch_recording
    from atari_cli.cli.commands.play import report

    outcome = watch_recording(recording, config, first_step=first_step, terminal=terminal)
    report(outcome, recording.game.id, terminal)


def _video_config(video: Path, scale: int, overwrite: bool) -> RecordConfig:
    """Return the settings of a video, by its file's name."""
    video_format = video.suffix.removeprefix(".").lower()
    if video_format not in VIDEO_FORMATS:
        expected = ", ".join(f".{name}" for name in VIDEO_FORMATS)
        raise InvalidSetting(f"--video must end in one of {expected}, got {video}")
    return RecordConfig(out=video.parent, format=video_format, scale=scale, overwrite=overwrite)


def _verify(recording: "Recording", npz: Path | None, overwrite: bool) -> None:
    """Play a recording again and compare it; with a file to write, write it with screens too."""
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
