"""The catalogue of games: a name in any spelling to a game, its facts, its ROM and its colours.

`catalogue.json` holds what ALE says about each game; `scripts/make_catalogue.py` writes it, and
`make_catalogue.py --check` compares it with the installed ALE.
"""

import hashlib
import importlib.resources
import importlib.util
import json
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from atari_cli.errors import EmulatorError, InvalidSetting, MissingDependency, UnknownGame
from atari_cli.validation import check_type, did_you_mean, letters

if TYPE_CHECKING:
    from atari_cli.model import Bytes

TWO_PLAYER_ROMS: Final = ("combat", "joust", "maze_craze", "warlords")
"""ROMs that ship with ALE but end the process when its one-player interface loads them."""

_LONGEST_NAME: Final = 200
"""A name of megabytes would take seconds to compare with each game."""

_GYMNASIUM_ID: Final = re.compile(
    r"(?:ALE/)?(?P<name>.*?)(?:-ram)?(?:Deterministic|NoFrameskip)?(?:-v\d+)?", re.IGNORECASE
)


@dataclass(frozen=True)
class Game:
    """A game that ALE can play, with the facts of the catalogue.

    Attributes:
        id: The ROM's name in snake_case.
        title: The cartridge's title; it may differ from the id (`pong` is on Video Olympics).
        year: The year of this edition; None if it is not known.
        publisher: Who published this edition; None if it is not known.
        md5: MD5 of the ROM file.
        minimal_actions: ALE codes of the actions that the game uses, in ALE's order.
        legal_actions: ALE codes of `full_action_space`: 18, but 9 in two games without FIRE.
        modes: The modes that ALE can set.
        difficulties: The difficulties that ALE can set.
        default_mode: The mode in which the game starts if none is set.
        default_difficulty: The difficulty at the start if none is set; not always in
            `difficulties` (backgammon).
        width: Pixels per line, 160 in every game.
        height: Lines of the screen.
        tv: The television system, `NTSC` or `PAL`.
        lives: Lives after the boot; 0 if ALE counts none in this game.
        uses_paddles: LEFT and RIGHT turn a paddle, by a strength.
        random_score: Published mean score of a random player (Mnih et al. 2015 and others).
        human_score: Published mean score of a human (Wang et al. 2016).
        players: The most players of any mode, as far as known; ALE itself plays one.
    """

    id: str
    title: str
    year: int | None
    publisher: str | None
    md5: str
    minimal_actions: tuple[int, ...]
    legal_actions: tuple[int, ...]
    modes: tuple[int, ...]
    difficulties: tuple[int, ...]
    default_mode: int
    default_difficulty: int
    width: int
    height: int
    tv: str
    lives: int
    uses_paddles: bool
    players: int
    random_score: float | None
    human_score: float | None

    @property
    def fps(self) -> int:
        """Frames per second of the console: 60 for NTSC, 50 for PAL."""
        return 60 if self.tv == "NTSC" else 50

    @property
    def display_name(self) -> str:
        """The name to show: the title, after the name of the id if the two differ.

        Some games are better known than their cartridges: `Pong (Video Olympics)`.
        """
        if letters(self.id)[:4] in letters(self.title):
            return self.title
        return f"{self.id.replace('_', ' ').title()} ({self.title})"

    @property
    def gymnasium_id(self) -> str:
        """The id in Gymnasium's registry, such as `ALE/MsPacman-v5`."""
        return f"ALE/{self.id.title().replace('_', '')}-v5"

    def action_set(self, full: bool) -> tuple[int, ...]:
        """Return the ALE codes of the full action set, or of the minimal one."""
        return self.legal_actions if full else self.minimal_actions

    def choose_mode(self, mode: int | None) -> int:
        """Return a mode, or the default for None.

        Raises:
            InvalidSetting: If the game does not have the mode.
        """
        return self._choose("mode", mode, self.default_mode, self.modes)

    def choose_difficulty(self, difficulty: int | None) -> int:
        """Return a difficulty, or the default for None.

        Raises:
            InvalidSetting: If the game does not have the difficulty.
        """
        return self._choose("difficulty", difficulty, self.default_difficulty, self.difficulties)

    def _choose(self, name: str, value: int | None, default: int, valid: tuple[int, ...]) -> int:
        if value is None:
            return default
        # A default need not be among the valid ones, which are those that ALE can set.
        if value not in (default, *valid):
            choices = ", ".join(map(str, valid))
            raise InvalidSetting(f"{self.id} has no {name} {value}; expected one of {choices}")
        return value

    def as_json(self) -> dict[str, Any]:
        """Return every fact by name: those of the catalogue and those that follow from them."""
        derived = ("display_name", "fps", "gymnasium_id")
        return vars(self) | {name: getattr(self, name) for name in derived}


@cache
def all_games() -> tuple[Game, ...]:
    """Return every game that ALE can play with one player, by id."""
    return tuple(_game(entry) for entry in _catalogue()["games"])


def find_game(name: str) -> Game:
    """Return the game with a name in any spelling: ROM id, title or Gymnasium id, in any case.

    Raises:
        UnknownGame: If no game has that name; the message names up to three near ones.
    """
    if not isinstance(name, str) or len(name) > _LONGEST_NAME:
        expected = f"game must be a name of up to {_LONGEST_NAME} characters"
        raise UnknownGame(f"{expected}, got {str(name)[:_LONGEST_NAME]!r}")
    spelling = _plain(name)
    game = _games_by_spelling().get(spelling)
    if game is not None:
        return game
    for rom in TWO_PLAYER_ROMS:
        if spelling == letters(rom):
            raise UnknownGame(
                f"{rom} needs two players, but ALE plays with one; choose another game"
            )
    meanings = {known: found.id for known, found in _games_by_spelling().items()}
    hint = did_you_mean(spelling, meanings, most=3) or ";"
    raise UnknownGame(f"no game is called {name!r}{hint} `atari games` lists all")


def search_games(query: str) -> list[Game]:
    """Return the games whose id, title or publisher contains the query, by id.

    Case, spaces and punctuation are ignored; an empty query finds all games.

    Raises:
        InvalidSetting: If the query is not a text.
    """
    check_type("query", query, str)
    wanted = _plain(query)
    if query.strip() and not wanted:
        return []  # punctuation alone is part of no name
    return [
        game
        for game in all_games()
        if any(wanted in letters(text) for text in (game.id, game.title, game.publisher or ""))
    ]


def rom_path(game: Game) -> Path:
    """Return the file of a game's ROM: from `ALE_ROMS_DIR` if that is set, else from ale_py.

    Raises:
        EmulatorError: If the file is missing, unreadable or not the ROM that the catalogue knows.
        MissingDependency: If ale_py is not installed.
    """
    folder = os.environ.get("ALE_ROMS_DIR")
    path = (Path(folder) if folder else _ale_roms()) / f"{game.id}.bin"
    remedy = "unset ALE_ROMS_DIR or put the ROM there" if folder else "reinstall ale-py"
    try:
        md5 = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    except OSError as error:
        raise EmulatorError(f"cannot read the ROM {path}: {error.strerror}; {remedy}") from error
    if md5 != game.md5:
        raise EmulatorError(f"{path} has MD5 {md5}, expected {game.md5}; {remedy}")
    return path


@cache
def palette(tv: str) -> "Bytes":
    """Return ALE's colours as a read-only array of shape (256, 3), uint8: `palette[screen]` is RGB.

    Args:
        tv: `NTSC` or `PAL`.
    """
    return _table(tv, "rgb").reshape(256, 3)


@cache
def gray_palette(tv: str) -> "Bytes":
    """Return ALE's gray values as a read-only array of shape (256,), uint8.

    An even index has round(0.2989 R + 0.587 G + 0.114 B) of its colour. An odd index, which some
    games show, has the blue of the next colour: ALE's own lookup is off by one there, and past
    its table for index 255, whose value is what ALE 0.12.1 gave.

    Args:
        tv: `NTSC` or `PAL`.
    """
    return _table(tv, "gray")


def human_normalised(game: Game, score: float) -> float | None:
    """Return (score - random) / (human - random), as in Mnih et al. 2015.

    Args:
        game: The game.
        score: A mean score.

    Returns:
        None if the game has no reference scores.
    """
    if game.random_score is None or game.human_score is None:
        return None
    return (score - game.random_score) / (game.human_score - game.random_score)


@cache
def _catalogue() -> dict[str, Any]:
    text = importlib.resources.files("atari_cli").joinpath("catalogue.json").read_text("utf-8")
    catalogue: dict[str, Any] = json.loads(text)
    return catalogue


def _game(entry: dict[str, Any]) -> Game:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()
    }
    return Game(**values)


@cache
def _games_by_spelling() -> dict[str, Game]:
    """Return the games by the letters of each name: title, its part before a dash, id and so on."""
    spellings = {letters(game.title.split(" - ")[0]): game for game in all_games()}
    spellings |= {letters(game.title): game for game in all_games()}
    spellings |= {letters(game.display_name): game for game in all_games()}
    return spellings | {letters(game.id): game for game in all_games()}


def _plain(name: str) -> str:
    """Return the letters of a name without what Gymnasium's ids add to it."""
    match = _GYMNASIUM_ID.fullmatch(name.strip())
    return letters(match["name"] if match else name)


def _ale_roms() -> Path:
    """Return the folder of the ROMs in ale_py, found without the cost of importing it."""
    package = importlib.util.find_spec("ale_py")
    if package is None or package.origin is None:
        raise MissingDependency("ale_py is not installed; run `pip install ale-py`")
    return Path(package.origin).parent / "roms"


def _table(tv: str, name: str) -> "Bytes":
    import numpy as np

    return np.frombuffer(bytes.fromhex("".join(_catalogue()["palettes"][tv][name])), np.uint8)
