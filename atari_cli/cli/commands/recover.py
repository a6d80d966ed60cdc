"""`atari recover`: finish interrupted recordings."""

from pathlib import Path
from typing import Annotated

import typer

from atari_cli.cli.output import note
from atari_cli.config import RecordConfig
from atari_cli.errors import AtariError, InvalidSetting


def recover(
    folder: Annotated[Path, typer.Argument(help="Folder of the recordings.")] = RecordConfig.out,
) -> None:
    """Finish interrupted recordings.

    Rebuilds the files of recordings whose program was killed.
    """
    if not folder.is_dir():
        raise InvalidSetting(f"expected a folder of recordings, got {folder}")
    written: list[Path] = []
    try:
        _recover(folder, written)
    finally:
        for path in written:
            print(f"wrote {path}")
    if not written:
        note(f"nothing to recover in {folder}")


def recover_first(folder: Path) -> None:
    """Finish the interrupted recordings in a folder; a failure does not stop a new recording."""
    if not any(folder.glob("*.journal")):
        # An empty progress bar would flash up before each game.
        return

    recovered: list[Path] = []
    try:
        _recover(folder, recovered)
    except AtariError as error:
        note(f"atari: {error}")
    for path in recovered:
        note(f"recovered {path}, which an interrupted recording left unfinished")


def _recover(folder: Path, written: list[Path]) -> None:
    """Finish the interrupted recordings in a folder, and add each file to `written`."""
    from atari_cli.cli.progress import progress_bar
    from atari_cli.recording import recover as recover_recordings

    with progress_bar("recovering") as advance:
        recover_recordings(folder, advance, written.append)
