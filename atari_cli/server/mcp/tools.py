"""The tools: what each is called, takes and returns, and what a call of it answers.

OpenEnv reserves the names reset, step, state and close.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ValidationError
from pydantic.json_schema import GenerateJsonSchema

from atari_cli.errors import AtariError, UnknownSession
from atari_cli.server.mcp import arguments as take
from atari_cli.server.mcp import tools_play
from atari_cli.server.mcp.caller import Caller
from atari_cli.server.mcp.reply import Reply, refusal
from atari_cli.server.mcp.report import Played, Sight, Status
from atari_cli.server.mcp.tools_catalogue import GameFacts, Games, game_info, list_games
from atari_cli.wire.json_text import Json
from atari_cli.wire.models import error_list

_MOST_PROBLEMS: Final = 3


class Tool(NamedTuple):
    """A tool.

    Attributes:
        name: How it is called.
        title: What it is for people.
        description: What a language model is told of it.
        takes: The model of its arguments.
        returns: The model of its structured content.
        run: What answers.
        only_reads: Nothing changes.
    """

    name: str
    title: str
    description: str
    takes: type[BaseModel]
    returns: type[BaseModel]
    run: Callable[[Any, Caller], Reply]
    only_reads: bool = False

    def listed(self) -> Json:
        """Return the tool as `tools/list` has it."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": schema(self.takes),
            "outputSchema": schema(self.returns),
            "annotations": {
                "title": self.title,
                "readOnlyHint": self.only_reads,
                "destructiveHint": False,
                "openWorldHint": False,
            },
        }


def call(tool: Tool, arguments: Json, caller: Caller) -> Json:
    """Return the result of a call; what the model did wrong is a result, too, that says so."""
    try:
        return tool.run(tool.takes.model_validate(arguments), caller).result()
    except ValidationError as problem:
        return refusal(_told(problem, tool))
    except UnknownSession as problem:
        return refusal(f"{problem}: call new_game without session_id, which starts one")
    except AtariError as problem:
        return refusal(str(problem).replace("`atari games`", "list_games"))


@cache
def schema(model: type[BaseModel]) -> Json:
    """Return the JSON Schema of a model in one piece: some clients follow no references."""
    found = model.model_json_schema(mode="serialization", schema_generator=_Untitled)
    parts = found.pop("$defs", {})
    return dict(_inlined(found, parts))


class _Untitled(GenerateJsonSchema):
    """Leaves out the titles of fields, which only repeat their names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def _inlined(part: Any, parts: Json) -> Any:
    if isinstance(part, list):
        return [_inlined(item, parts) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _inlined(parts[part["$ref"].removeprefix("#/$defs/")], parts)
    return {key: _inlined(value, parts) for key, value in part.items()}


def _told(problem: ValidationError, tool: Tool) -> str:
    found = error_list(problem)[:_MOST_PROBLEMS]
    wrong = {name for item in found for name in item["loc"][:1]}
    taken = [
        f"{name} ({field.description})" if name in wrong and field.description else name
        for name, field in tool.takes.model_fields.items()
    ]
    return f"{'; '.join(map(_mistake, found))}; {tool.name} takes {', '.join(taken)}"


def _mistake(item: Json) -> str:
    where = ".".join(map(str, item["loc"]))
    if item["type"] == "missing":
        return f"{where} is missing"
    if item["type"] == "model_type":  # pydantic would name our class
        return f"{where}: Input should be an object, got {str(item['input'])[:100]!r}"
    return f"{where}: {item['msg']}, got {str(item['input'])[:100]!r}"


_ALL: Final = (
    Tool(
        "list_games",
        "List games",
        "Lists the Atari 2600 games that can be played, all or those that are searched for.",
        take.ListGames,
        Games,
        list_games,
        only_reads=True,
    ),
    Tool(
        "game_info",
        "About a game",
        "Tells a game's actions, modes, difficulties and lives, scores of others, and what its "
        "memory will say.",
        take.GameInfo,
        GameFacts,
        game_info,
        only_reads=True,
    ),
    Tool(
        "new_game",
        "Start a game",
        "Starts a game, in place of the one before. It stands still until press.",
        take.NewGame,
        tools_play.Begun,
        tools_play.new_game,
    ),
    Tool(
        "press",
        "Press keys",
        "Plays named actions one after another, each for a number of steps, and stops if the game "
        "ends. Returns reward, score, lives, at which steps something happened, and where the "
        "screen changed.",
        take.Press,
        Played,
        tools_play.press,
    ),
    Tool(
        "screen",
        "Look at the screen",
        "Returns the picture as PNG, and in words where something stands out on it.",
        take.Screen,
        Sight,
        tools_play.screen,
        only_reads=True,
    ),
    Tool(
        "status",
        "How the game stands",
        "Tells score, lives, steps, actions and what the game's memory says.",
        take.InSession,
        Status,
        tools_play.status,
        only_reads=True,
    ),
    Tool(
        "save_state",
        "Save the moment",
        f"Keeps this moment under a name, up to {tools_play.MOST_SAVED} of them; one with the same "
        "name is replaced.",
        take.SaveState,
        tools_play.Saved,
        tools_play.save_state,
    ),
    Tool(
        "restore_state",
        "Go back to a moment",
        "Goes back to a moment that save_state kept, score and game included.",
        take.RestoreState,
        Status,
        tools_play.restore_state,
    ),
)

TOOLS: Final = {tool.name: tool for tool in _ALL}
"""The tools by name."""
