"""The tools about the catalogue of games."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from atari_cli.actions import ACTION_NAMES
from atari_cli.games import Game, find_game, search_games
from atari_cli.server.mcp.caller import Caller
from atari_cli.server.mcp.labels import HINTS, LABELS
from atari_cli.server.mcp.tool import Text, ToolReply, tool
from atari_cli.wire.descriptions import described_by
from atari_cli.wire.models import GameDescription


class GameEntry(BaseModel):
    """A game in a list."""

    model_config = ConfigDict(json_schema_extra=described_by(Game))

    game: Annotated[str, Field(description="The id of the game.")]
    title: str
    year: int | None
    actions: Annotated[int, Field(description="Number of actions that it uses.")]

    def __str__(self) -> str:
        facts = (self.title, self.year, f"{self.actions} actions")
        return f"{self.game}: {', '.join(map(str, filter(None, facts)))}"


class GameList(BaseModel):
    """The result of `list_games`."""

    games: Annotated[list[GameEntry], Field(description="The games, by id.")]


class GameFacts(GameDescription):
    """The result of `game_info`."""

    game: Annotated[str, Field(description="The id of the game.")]
    more_actions: Annotated[
        list[str], Field(description="Names of the further actions of full_action_space.")
    ]
    width: int
    height: int
    frames_per_second: Annotated[int, Field(description="60 or, for PAL, 50.")]
    random_score: float | None
    human_score: float | None
    hint: Annotated[str | None, Field(description="How to play it, if known.")]
    memory: Annotated[dict[str, str], Field(description="Facts that results read from memory.")]

    @classmethod
    def of(cls, game: Game) -> Self:
        """Return the facts of a game."""
        more = [code for code in game.legal_actions if code not in game.minimal_actions]
        known = game.as_json() | {
            "game": game.id,
            "actions": [ACTION_NAMES[code] for code in game.minimal_actions],
            "more_actions": [ACTION_NAMES[code] for code in more],
            "frames_per_second": game.fps,
            "hint": HINTS.get(game.id),
            "memory": {label.name: label.meaning for label in LABELS.get(game.id, ())},
        }
        return cls.model_validate(known)

    def __str__(self) -> str:
        named = (f"{self.title} ({self.game})", self.publisher, self.year)
        more, scores = ", ".join(self.more_actions), (self.random_score, self.human_score)
        lines = [
            ", ".join(map(str, filter(None, named))),
            f"actions: {', '.join(self.actions)}",
            f"more with full_action_space: {more}" if more else "",
            f"modes: {_numbers(self.modes)}, at first {self.default_mode}",
            f"difficulties: {_numbers(self.difficulties)}, at first {self.default_difficulty}",
            f"lives: {self.lives or 'not counted'}",
            f"screen: {self.width} × {self.height}, {self.frames_per_second} frames a second",
            "scores: random player {}, human {}".format(*scores) if scores[0] is not None else "",
            self.hint or "",
            *(f"memory: {name}, {meaning}" for name, meaning in self.memory.items()),
        ]
        return "\n".join(line for line in lines if line)


@tool("List games", only_reads=True)
def list_games(
    caller: Caller,
    *,
    search: Text = "",
    max_actions: Annotated[int | None, Field(ge=1, le=len(ACTION_NAMES))] = None,
) -> ToolReply[GameList]:
    """Return the Atari 2600 games that can be played, or those that match a search.

    Args:
        caller: The caller.
        search: Part of a title, id or publisher.
        max_actions: Only games with at most this many actions.
    """
    most = max_actions or len(ACTION_NAMES)
    found = [
        GameEntry(game=game.id, title=game.title, year=game.year, actions=len(game.minimal_actions))
        for game in search_games(search)
        if len(game.minimal_actions) <= most
    ]
    text = "\n".join(map(str, found)) or "No game matches; omit `search` to list all 104."
    return ToolReply(GameList(games=found), text=text)


@tool("About a game", only_reads=True)
def game_info(caller: Caller, *, game: Text) -> ToolReply[GameFacts]:
    """Return actions, modes, difficulties and lives of a game, reference scores, and its memory.

    The facts of memory are those that the results of `press` and `status` read from it.

    Args:
        caller: The caller.
        game: A game in any spelling.
    """
    return ToolReply(GameFacts.of(find_game(game)))


def _numbers(values: list[int]) -> str:
    return ", ".join(map(str, values))
