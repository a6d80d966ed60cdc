"""High scores: the best ten of each game, mode and difficulty, in one small file."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, Final, NamedTuple

from atari_cli.errors import RecordingError
from atari_cli.games import find_game
from atari_cli.play.interface import Row
from atari_cli.system.files import rename, whole_file, writing
from atari_cli.system.locking import locked

MOST: Final = 10
"""Scores kept per variation."""

_FORMAT: Final = "atari-scores"
_VERSION: Final = 1
_TYPES: Final = {"score": (int, float), "frames": (int,), "date": (str,), "player": (str,)}


class Variation(NamedTuple):
    """A game in a mode and difficulty; only the scores of one variation are compared.

    Attributes:
        game: The id of the game.
        mode: The game mode by ALE's number.
        difficulty: The difficulty by ALE's number.
    """

    game: str
    mode: int
    difficulty: int


@dataclass(frozen=True, slots=True)
class Score:
    """One high score.

    Attributes:
        score: Sum of the rewards.
        frames: Frames played since the boot.
        date: When the game ended, in UTC, in ISO 8601.
        player: Who played: `human`, or `human, tracker` if the tracker played a part.
        recording: The recording's file; None without one.
    """

    score: float
    frames: int
    date: str
    player: str
    recording: str | None = None

    @property
    def day(self) -> str:
        """The day on which the game ended where this program runs, as YYYY-MM-DD."""
        return datetime.fromisoformat(self.date).astimezone().date().isoformat()


Scores = dict[Variation, list[Score]]
"""The scores of each variation, the best first."""


class HighScores:
    """The high scores in `<folder>/scores.json`; several programs may add to them at once.

    Add only games that have ended (`terminated`), as in an arcade: an abandoned game, or one cut by
    `max_frames`, has no final score, and in games such as Pong one could leave with a lead.

    A damaged file is moved to `scores.json.broken-1` or the next free number.

    Args:
        folder: The folder of the file; created by the first score.

    Attributes:
        note: A message about a damaged file that was moved, else empty.
    """

    def __init__(self, folder: Path) -> None:
        self.note = ""
        self._folder = folder
        self._path = folder / "scores.json"

    def add(self, variation: Variation, score: Score) -> None:
        """Add a score, unless ten others are as good.

        Args:
            variation: The game, mode and difficulty that were played.
            score: The score.

        Raises:
            RecordingError: If the file cannot be read or written; it is unchanged then.
        """
        with writing(self._path):
            self._folder.mkdir(parents=True, exist_ok=True)
            with locked(self._folder / "scores.lock"):
                scores = self._read_or_move()
                scores[variation] = ranked([*scores.get(variation, []), score])
                self._write(scores)

    def best(self, variation: Variation) -> list[Score]:
        """Return the scores of a variation, the best first.

        Raises:
            RecordingError: As `all`.
        """
        return self.all().get(variation, [])

    def all(self) -> Scores:
        """Return the scores of every variation that has any, sorted, the best first in each.

        Raises:
            RecordingError: If the file cannot be read, or is damaged and cannot be moved.
        """
        try:
            return dict(sorted(self._read().items()))
        except ValueError:
            pass  # read again with the lock: another program may have moved it meanwhile
        with writing(self._path), locked(self._folder / "scores.lock"):
            return dict(sorted(self._read_or_move().items()))

    def _read_or_move(self) -> Scores:
        """Return the scores; a damaged file is moved and counts as empty."""
        try:
            return self._read()
        except ValueError as error:
            names = (self._path.with_name(f"scores.json.broken-{number}") for number in count(1))
            aside = next(path for path in names if not path.exists())
            rename(self._path, aside)
            self.note = f"{self._path} was damaged ({error}) and is now {aside.name}"
            return {}

    def _read(self) -> Scores:
        """Return the scores; ValueError if the file is damaged."""
        try:
            document = json.loads(self._path.read_bytes(), parse_constant=_no_number)
        except FileNotFoundError:
            return {}
        except OSError as error:
            reason = error.strerror or error
            raise RecordingError(f"cannot read {self._path}: {reason}; make it readable") from error
        except RecursionError:
            raise ValueError("it is nested too deep") from None
        return self._parsed(document)

    def _parsed(self, document: Any) -> Scores:
        if not isinstance(document, dict) or document.get("format") != _FORMAT:
            raise ValueError(f"it does not say that it is {_FORMAT}")
        if document.get("version") != _VERSION:
            raise RecordingError(
                f"{self._path} has version {document.get('version')!r}, expected {_VERSION}; "
                "a newer atari may read it"
            )
        scores: Scores = {}
        try:
            for entry in document["variations"]:
                best = scores.setdefault(_variation(entry), [])
                best += map(_score, entry["scores"])
                best.sort(key=lambda score: -score.score)
        except (LookupError, TypeError, OverflowError) as error:
            raise ValueError("an entry is not as it must be") from error
        return scores

    def _write(self, scores: Scores) -> None:
        """Replace the file at once; one that does not fit on the disk leaves the old one."""
        document = {"format": _FORMAT, "version": _VERSION, "variations": as_json(scores)}
        with whole_file(self._path) as part, part.open("w", encoding="utf-8") as file:
            json.dump(document, file, indent=1, allow_nan=False)


def ranked(scores: Iterable[Score]) -> list[Score]:
    """Return the ten best of scores, the best first; of equal ones the earlier is first."""
    return sorted(scores, key=lambda score: -score.score)[:MOST]


def as_json(scores: Scores) -> list[dict[str, Any]]:
    """Return the scores of each variation as in the file."""
    return [
        variation._asdict() | {"scores": [asdict(score) for score in best]}
        for variation, best in scores.items()
    ]


def score_rows(variation: Variation, scores: Sequence[Score], rank: int | None) -> list[Row]:
    """Return a page of a variation's scores; `>` marks a rank.

    Args:
        variation: The game, mode and difficulty.
        scores: Its scores, the best first.
        rank: The rank to mark, from 1; None for none.
    """
    game = find_game(variation.game)
    rows: list[Row] = [
        (f"{game.id}, mode {variation.mode}, difficulty {variation.difficulty}",),
        ("",),
    ]
    for number, score in enumerate(scores, start=1):
        mark = ">" if number == rank else ""
        time = played_time(score.frames, game.fps)
        rows.append((mark, str(number), f"{score.score:.10g}", time, score.day, score.player))
    return rows


def played_time(frames: int, fps: int) -> str:
    """Return the duration of frames in minutes and seconds: `3:07`.

    Args:
        frames: The number of frames.
        fps: Frames per second of the game.
    """
    minutes, seconds = divmod(frames // fps, 60)
    return f"{minutes}:{seconds:02d}"


def _no_number(name: str) -> float:
    raise ValueError(f"it has {name}, which is not JSON")


def _variation(entry: dict[str, Any]) -> Variation:
    variation = Variation(_text(entry["game"]), entry["mode"], entry["difficulty"])
    if type(variation.mode) is not int or type(variation.difficulty) is not int:
        raise TypeError
    return variation


def _score(entry: dict[str, Any]) -> Score:
    score = Score(**entry)
    for name, types in _TYPES.items():
        if type(getattr(score, name)) not in types:
            raise TypeError
    datetime.fromisoformat(score.date)
    if not math.isfinite(score.score):
        raise ValueError("a score is infinite")
    recording = None if score.recording is None else _text(score.recording)
    return replace(score, player=_text(score.player), recording=recording)


def _text(text: Any) -> str:
    """Return a text without control characters, which a terminal might act on."""
    if not isinstance(text, str):
        raise TypeError
    return "".join(letter if letter.isprintable() else "?" for letter in text)
