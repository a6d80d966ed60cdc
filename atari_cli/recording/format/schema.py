"""The recording format, version 1: header, arrays, digest. See docs/recording-format.md.

An episode is a header and arrays, from a journal or from an NPZ file.
"""

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from atari_cli.actions import NOOP
from atari_cli.config import EnvironmentConfig
from atari_cli.emulator import RAM_SIZE
from atari_cli.errors import RecordingError
from atari_cli.games import Game, find_game
from atari_cli.model import Progress
from atari_cli.sink import EpisodeStart
from atari_cli.validation import check_seed
from atari_cli.version import __version__

FORMAT: Final = "atari-recording"
VERSION: Final = 1

DTYPES: Final[dict[str, np.dtype[Any]]] = {
    "actions": np.dtype("u1"),
    "actors": np.dtype("u1"),
    "rewards": np.dtype("<f4"),
    "terminations": np.dtype("?"),
    "truncations": np.dtype("?"),
    "lives": np.dtype("u1"),
    "hashes": np.dtype("<u4"),
    "frame_actions": np.dtype("u1"),
    "strengths": np.dtype("<f4"),
    "screens": np.dtype("u1"),
    "ram": np.dtype("u1"),
    "palette": np.dtype("u1"),
}
"""The dtype of each array, in the order of the file."""

POLICY: Final = 0
"""In `actors`: a policy chose the action."""

HUMAN: Final = 1
"""In `actors`: a human chose the action."""

PICTURES: Final = ("screens", "ram", "palette")
"""The arrays that may be omitted, all of them together."""

_TEXTS: Final = ("game", "rom_md5", "ale_py", "atari_cli", "policy", "created")
_INPUTS: Final = ("actions", "actors", "frame_actions", "strengths")


@dataclass(frozen=True)
class Episode:
    """A recorded episode.

    Attributes:
        header: The header, as described in docs/recording-format.md.
        arrays: The arrays by name, without screens and ram, which are not kept in memory.
    """

    header: dict[str, Any]
    arrays: Mapping[str, NDArray[Any]]

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.arrays["actions"])

    @cached_property
    def config(self) -> EnvironmentConfig:
        """The settings of the episode's environment."""
        return EnvironmentConfig(**self.header["settings"])

    @property
    def game(self) -> Game:
        """The game that was played."""
        return find_game(self.header["game"])


def new_header(start: EpisodeStart) -> dict[str, Any]:
    """Return the header of a new episode, without totals and digest."""
    environment = start.environment
    emulator, game = environment.emulator, environment.game
    chosen = {"mode": emulator.mode, "difficulty": emulator.difficulty}
    return {
        "format": FORMAT,
        "version": VERSION,
        "game": game.id,
        "rom_md5": game.md5,
        "ale_py": ale_version(),
        "atari_cli": __version__,
        "settings": asdict(environment.config) | chosen,
        "seed": environment.state.seed,
        "run_seed": start.run_seed,
        "episode": start.episode,
        "policy": printable(start.policy),
        "fps": game.fps,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def printable(text: str) -> str:
    """Return a text with `?` for what cannot be printed, as required in a header."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def check_header(header: Any) -> None:
    """Check everything in a header that other code relies on, except totals and digest.

    Raises:
        ValueError, TypeError or LookupError: If a field is missing or invalid.
    """
    if not isinstance(header, dict):
        raise ValueError("its header is not a JSON object")
    for name in _TEXTS:
        # Messages show these; a terminal might act on control characters.
        if not isinstance(header[name], str) or not header[name].isprintable():
            raise ValueError(f"{name} in its header is not plain text")
    for name in ("seed", "run_seed", "episode"):
        check_seed(name, header[name])
    settings = EnvironmentConfig(**header["settings"])
    if header["settings"].keys() != asdict(settings).keys():
        raise ValueError("its header does not have every setting")
    game = find_game(header["game"])
    if not header["game"] == settings.game == game.id:
        raise ValueError(f"its game is {header['game']!r}, but its settings say {settings.game!r}")
    if header["fps"] != game.fps:
        raise ValueError(f"it says {header['fps']!r} frames/s, but {game.id} has {game.fps}")


def array_shapes(game: Game, steps: int, frames: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of each array of an episode, given its steps and frames.

    Args:
        game: The game.
        steps: Number of steps.
        frames: Number of frames, from the boot on.
    """
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(DTYPES, (steps,))
    shapes |= {"hashes": (steps + 1,), "frame_actions": (frames,), "strengths": (frames,)}
    shapes |= {"screens": (steps + 1, game.height, game.width), "ram": (steps + 1, RAM_SIZE)}
    shapes["palette"] = (256, 3)
    if not game.uses_paddles:
        del shapes["strengths"]
    return shapes


def progress(arrays: Mapping[str, Any], steps: int, frames: int) -> Progress:
    """Return the progress of an episode after a step.

    Args:
        arrays: The episode's arrays, from numpy or the `array` module.
        steps: Steps played.
        frames: Frames played since the boot.
    """
    rewards = np.asarray(arrays["rewards"], DTYPES["rewards"])[:steps]
    return Progress(
        steps=steps,
        frames=frames,
        score=float(rewards.sum(dtype=np.float64)),
        reward=float(rewards[-1]) if steps else 0.0,
        last_action=int(arrays["actions"][steps - 1]) if steps else NOOP,
    )


def digest(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return the SHA-256 of the header, without its digest, and of the input arrays.

    Args:
        header: The header.
        arrays: The arrays of the episode, by name.
    """
    rest = {name: value for name, value in header.items() if name != "digest"}
    sha = hashlib.sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode())
    for name in _INPUTS:
        if name in arrays:
            sha.update(arrays[name].data)
    return sha.hexdigest()


def ale_version() -> str:
    """Return the version of the installed ale_py."""
    return importlib.metadata.version("ale-py")


def check_machine(header: Mapping[str, Any], source: object) -> None:
    """Check that a recording was made with the ale_py and the ROM that are installed.

    Args:
        header: The recording's header.
        source: Name of the recording, for the message.

    Raises:
        RecordingError: If it was not; the message names both and what to do.
    """
    here = ale_version()
    if header["ale_py"] != here:
        raise RecordingError(
            f"{source} was recorded with ale_py {header['ale_py']}, but {here} is installed; "
            f"install that version: pip install ale-py=={header['ale_py']}"
        )
    game = find_game(header["game"])
    if header["rom_md5"] != game.md5:
        raise RecordingError(
            f"{source} was recorded with a ROM of MD5 {header['rom_md5']}, "
            f"but {game.id} here has {game.md5}; use the ale_py that it was recorded with"
        )
