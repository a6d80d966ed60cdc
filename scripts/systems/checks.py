"""The checks of every bed: the games, and recordings made on either system."""

import shutil
import sys
from pathlib import Path
from typing import Final

from scripts.systems.bed import ROOT, Bed

NATIVE: Final = Bed("this system", ROOT, (sys.executable,))
RECORDINGS: Final = {
    "pong-tracker": ("pong", "--policy", "tracker", "--max-frames", "1000"),
    "breakout-random": (
        *("breakout", "--repeat-action-prob", "0.25", "--noop-max", "30", "--max-frames", "1000"),
    ),
    "qbert-random": ("qbert", "--no-screens", "--frameskip", "3", "--max-frames", "600"),
}
"""Arguments of `atari record`, by the beginning of the file's name."""


def check_games(bed: Bed, *games: str) -> None:
    """Compare the hashes of games.

    Args:
        bed: The other system.
        games: Their ids; all games if there is none.

    Raises:
        CalledProcessError: If a game differs.
        ValueError: If the comparison ended before its result.
    """
    if "games equal" not in bed.run("-m", "tests.exactness.systems", *games):
        raise ValueError(f"the comparison ended early on {bed.name}")


def check_recordings(bed: Bed) -> None:
    """Make the same recordings here and there, and verify each on the other system.

    Args:
        bed: The other system.

    Raises:
        CalledProcessError: If a recording cannot be made or differs when it is played again.
    """
    here, there = record(NATIVE, bed.folder / "here"), record(bed, bed.folder / "there")
    for path in here:
        replay(bed, path)
    for path in there:
        replay(NATIVE, path)
    print(f"{len(here)} recordings made here verified on {bed.name}, {len(there)} made there here")


def record(bed: Bed, folder: Path) -> list[Path]:
    """Make the recordings on a system and return them, sorted.

    Args:
        bed: The system.
        folder: The folder for the recordings; an earlier one is replaced.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for arguments in RECORDINGS.values():
        bed.run("-m", "atari_cli", "record", *arguments, "--no-video", "--out", relative(folder))
    return sorted(folder.glob("*.npz"))


def replay(bed: Bed, path: Path) -> None:
    """Verify a recording on a system.

    Args:
        bed: The system.
        path: The recording.
    """
    bed.run("-m", "atari_cli", "replay", relative(path))


def relative(path: Path) -> str:
    """Return a path from the checkout's root, with slashes, as every system reads it."""
    return path.relative_to(ROOT).as_posix()
