"""`atari recover`: finish interrupted recordings."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from atari_cli.cli.options import described
from atari_cli.cli.output import note
from atari_cli.config import RecordConfig
from atari_cli.errors import AtariError, InvalidSetting
from atari_cli.system.signals import ended_like_ctrl_c


def recover(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help=described("Folder of the recordings.", RecordConfig.out), show_default=False
        ),
    ] = None,
    video: Annotated[
        bool, typer.Option("--video/--no-video", help="Write the videos, too.")
    ] = RecordConfig.video,
) -> None:
    """Finish interrupted recordings.

    Rebuilds the files of recordings whose program was killed.
    """
    if folder is None:
        folder = RecordConfig.out  # without it, nothing has been recorded here
    elif not folder.exists():
        raise InvalidSetting(f"{folder} does not exist; name the folder of the recordings")
    if folder.exists() and not folder.is_dir():
        raise InvalidSetting(f"expected a folder of recordings, got {folder}")
    written: list[Path] = []
    removed: list[Path] = []
    try:
        with ended_like_ctrl_c():
            _recover(folder, written, removed, video=video)
    finally:
        for path in written:
            print(f"wrote {path}")
        _report(removed)
    if not written and not removed:
        note(f"nothing to recover in {folder}")


def recover_first(folder: Path) -> None:
    """Finish the interrupted recordings in a folder; a failure does not stop a new recording."""
    if not any(path.suffix in {".journal", ".part"} for path in folder.glob("*")):
        # An empty progress bar would flash up before each game.
        return

    recovered: list[Path] = []
    removed: list[Path] = []
    try:
        _recover(folder, recovered, removed, only_locked=True)
    except AtariError as error:
        note(f"atari: {error}")
    for path in recovered:
        note(f"recovered {path}, which an interrupted recording left unfinished")
    _report(removed)


def _report(removed: Iterable[Path]) -> None:
    for path in removed:
        note(f"removed the beginning of {path}, a video whose program was killed")


def _recover(folder: Path, written: list[Path], removed: list[Path], **options: bool) -> None:
    """Finish the interrupted recordings in a folder.

    Args:
        folder: The folder.
        written: The list to which each file that was written is added.
        removed: The list to which each video that was removed is added.
        options: Further options of `recover`.
    """
    from atari_cli.cli.progress import progress_bar
    from atari_cli.recording import recover as recover_recordings

    with progress_bar("recovering") as advance:
        recover_recordings(folder, advance, written.append, removed=removed.append, **options)
