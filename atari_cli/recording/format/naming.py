"""The names of a recording's files, and checks that none is replaced without permission."""

import re
import unicodedata
from itertools import chain, count
from pathlib import Path
from typing import Final

from atari_cli.config import RecordConfig
from atari_cli.errors import RecordingError, RecordingExists
from atari_cli.games import find_game
from atari_cli.system.files import is_replaceable, write_failure

_LONGEST_POLICY: Final = 40


def episode_path(config: RecordConfig, game: str, policy: str, run_seed: int, episode: int) -> Path:
    """Return an episode's NPZ file: `<out>/<game>-<policy>-s<run seed>-<episode>.npz`.

    Args:
        config: Where the files go.
        game: The game's id.
        policy: The policy as the user spelled it.
        run_seed: Seed of the run.
        episode: Index of the episode in the run.
    """
    return Path(config.out) / f"{game}-{policy_slug(policy)}-s{run_seed}-{episode:03d}.npz"


def episode_files(npz: Path, config: RecordConfig) -> list[Path]:
    """Return the files of an episode: NPZ, then video.

    Args:
        npz: The NPZ file.
        config: The files to write.
    """
    return [npz, npz.with_suffix(f".{config.format}")] if config.video else [npz]


def journal_path(npz: Path) -> Path:
    """Return the path of the journal of an episode, given its NPZ file."""
    return npz.with_suffix(".journal")


def policy_slug(policy: str) -> str:
    """Return a policy's name as part of a file name: lower case, no folder, no extension.

    `repeat:FIRE` is `repeat-fire`, `agents/my_agent.py(depth=3)` is `my-agent-depth-3`; letters
    and digits of any script stay.
    """
    policy, _, arguments = unicodedata.normalize("NFC", policy).partition("(")
    # One letter before a colon is a Windows drive.
    match = re.match(r"(\w{2,}):", policy)
    kind, name = (match[1], policy[match.end() :]) if match else ("", policy)
    name = re.split(r"[\\/]", name)[-1]
    name = re.sub(r"\.\w{1,5}$", "", name)
    words = re.findall(r"[^\W_]+", f"{kind} {name} {arguments}".lower())
    return "-".join(words)[:_LONGEST_POLICY].strip("-") or "policy"


def check_free(
    config: RecordConfig, game: str, policy: str, run_seed: int, episodes: range
) -> None:
    """Check that the files of episodes can be written without replacing others.

    It looks at the existing files, not at each name: a run may have a thousand million.

    Args:
        config: The files to write, and where.
        game: The game's id or name.
        policy: The policy as the user spelled it.
        run_seed: Seed of the run.
        episodes: Indices of the episodes in the run.

    Raises:
        RecordingExists: If a file already exists and `config.overwrite` is not set.
    """
    prefix = episode_path(config, find_game(game).id, policy, run_seed, 0).stem[: -len("000")]
    folder = Path(config.out)
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        number = path.stem.removeprefix(prefix)
        if path.name.startswith(prefix) and number.isdecimal() and int(number) in episodes:
            check_target(path.with_suffix(".npz"), config)


def check_target(npz: Path, config: RecordConfig) -> None:
    """Check that the files of an episode can be written without replacing others.

    Args:
        npz: The NPZ file of an episode.
        config: The files to write of it.

    Raises:
        RecordingExists: As `check_free`.
    """
    for target in episode_files(npz, config):
        check_file(target, config.overwrite)


def final_path(npz: Path, config: RecordConfig, has_ended: bool) -> Path:
    """Return the path for an episode's NPZ file: its name, or the first free of `<name>-2.npz` ….

    Only an episode that has ended replaces another, only with `config.overwrite`, and only if no
    other program keeps one of its files open.

    Args:
        npz: The NPZ file.
        config: The files to write of the episode.
        has_ended: Whether the episode has ended, rather than been interrupted.
    """
    if has_ended and config.overwrite and all(map(is_replaceable, episode_files(npz, config))):
        return npz
    others = (npz.with_stem(f"{npz.stem}-{number}") for number in count(2))
    return next(
        path
        for path in chain([npz], others)
        if not any(target.exists() for target in episode_files(path, config))
    )


def check_file(path: Path, overwrite: bool) -> None:
    """Check that a file can be written without replacing another.

    Args:
        path: The file.
        overwrite: Whether it may be replaced.

    Raises:
        RecordingExists: If it exists and may not be replaced.
    """
    if path.exists() and not overwrite:
        raise RecordingExists(f"{path} already exists; pass overwrite=True or choose another path")


def check_place(path: Path, overwrite: bool) -> None:
    """Check, before long work, that a file can be written in an existing folder.

    Args:
        path: The file.
        overwrite: Whether it may be replaced.

    Raises:
        RecordingExists: As `check_file`.
        RecordingError: If its folder does not exist.
    """
    check_file(path, overwrite)
    if not path.parent.is_dir():
        raise RecordingError(f"cannot write {path}: {path.parent} is not a folder; make it one")


def write_error(path: Path, error: OSError) -> RecordingError:
    """Return the error for a file that could not be written: path, reason and what to do.

    Args:
        path: The file.
        error: The error of the system.
    """
    return RecordingError(write_failure(path, error))
