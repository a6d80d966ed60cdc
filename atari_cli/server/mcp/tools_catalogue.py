"""The tools about the catalogue of games."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, Field

from atari_cli.actions import ACTION_NAMES
from atari_cli.games import Game, find_game, search_games
from atari_cli.server.mcp.caller import Caller
from atari_cli.server.mcp.labels import HINTS, LABELS
from atari_cli.server.mcp.reply import ToolReply
from atari_cli.server.mcp.schemas import Arguments, GameName, Text
from atari_cli.server.mcp.tool import tool


class ListGamesArguments(Arguments):
    """Arguments of `list_games`."""

    search: Annotated[Text, Field(description="Part of a title, id or publisher.")] = ""
    max_actions: Annotated[
        int | None,
        Field(ge=1, le=len(ACTION_NAMES), description="Only games with at most this many actions."),
    ] = None


class GameEntry(BaseModel):
    """A game in a list."""

    game: str
    title: str
    year: int | None
    actions: Annotated[int, Field(description="Number of actions that it uses.")]

    def __str__(self) -> str:
        facts = (self.title, self.year, f"{self.actions} actions")
        return f"{self.game}: {', '.join(map(str, filter(None, facts)))}"


class GameList(BaseModel):
    """The result of `list_games`."""

    games: list[GameEntry]


class GameInfoArguments(Arguments):
    """Arguments of `game_info`."""

    game: GameName


class GameFacts(BaseModel):
    """The result of `game_info`."""

    game: str
    title: str
    year: int | None
    publisher: str | None
    actions: list[str]
    more_actions: Annotated[list[str], Field(description="Those of full_action_space.")]
    modes: list[int]
    default_mode: int
    difficulties: list[int]
    default_difficulty: int
    lives: Annotated[int, Field(description="At the start; 0 if ALE counts none.")]
    width: int
    height: int
    frames_per_second: int
    random_score: Annotated[float | None, Field(description="Mean of a random player.")]
    human_score: Annotated[float | None, Field(description="Mean of a human tester.")]
    hint: str | None
    memory: Annotated[dict[str, str], Field(description="Facts that results read from memory.")]

    @classmethod
    def of(cls, game: Game) -> Self:
        """Return the facts of a game."""
        same: dict[str, Any] = {
            name: value for name, value in game.as_json().items() if name in cls.model_fields
        }
        more = [code for code in game.legal_actions if code not in game.minimal_actions]
        return cls(
            **same,
            game=game.id,
            actions=[ACTION_NAMES[code] for code in game.minimal_actions],
            more_actions=[ACTION_NAMES[code] for code in more],
            frames_per_second=game.fps,
            hint=HINTS.get(game.id),
            memory={label.name: label.meaning for label in LABELS.get(game.id, ())},
        )


@tool(
    "List games",
    "Lists the Atari 2600 games that can be played, or those that match a search.",
    GameList,
    only_reads=True,
)
def list_games(arguments: ListGamesArguments, caller: Caller) -> ToolReply:
    """Return the games that match a search.

    Args:
        arguments: The arguments of the call.
        caller: Who calls.
    """
    most = arguments.max_actions or len(ACTION_NAMES)
    found = [
        GameEntry(game=game.id, title=game.title, year=game.year, actions=len(game.minimal_actions))
        for game in search_games(arguments.search)
        if len(game.minimal_actions) <= most
    ]
    text = "\n".join(map(str, found)) or "No game matches; omit `search` to list all 104."
    return ToolReply(text, GameList(games=found))


@tool(
    "About a game",
    "Returns actions, modes, difficulties and lives of a game, reference scores, and the facts "
    "that are read from its memory.",
    GameFacts,
    only_reads=True,
)
def game_info(arguments: GameInfoArguments, caller: Caller) -> ToolReply:
    """Return the facts of a game.

    Args:
        arguments: The arguments of the call.
        caller: Who calls.
    """
    game = find_game(arguments.game)
    facts = GameFacts.of(game)
    scores = f"random player {facts.random_score}, human {facts.human_score}"
    named = (f"{game.title} ({game.id})", game.publisher, game.year)
    lines = [
        ", ".join(map(str, filter(None, named))),
        f"actions: {', '.join(facts.actions)}",
        f"more with full_action_space: {', '.join(facts.more_actions)}"
        if facts.more_actions
        else "",
        f"modes: {_numbers(game.modes)}, at first {game.default_mode}",
        f"difficulties: {_numbers(game.difficulties)}, at first {game.default_difficulty}",
        f"lives: {game.lives or 'not counted'}",
        f"screen: {game.width} × {game.height}, {game.fps} frames a second",
        f"scores: {scores}" if game.random_score is not None else "",
        facts.hint or "",
        *(f"memory: {name}, {meaning}" for name, meaning in facts.memory.items()),
    ]
    return ToolReply("\n".join(line for line in lines if line), facts)


def _numbers(values: tuple[int, ...]) -> str:
    return ", ".join(map(str, values))
