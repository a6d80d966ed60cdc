"""The table of tools, and how one is called.

OpenEnv reserves the names reset, step, state and close.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ValidationError

from atari_cli.errors import AtariError, UnknownSession
from atari_cli.server.mcp import tools_catalogue, tools_play
from atari_cli.server.mcp.caller import Caller
from atari_cli.server.mcp.reply import Reply, refusal
from atari_cli.server.mcp.report import PressResult, ScreenResult, Status
from atari_cli.server.mcp.schemas import schema
from atari_cli.server.sessions.saved_states import MOST_SAVED
from atari_cli.wire.json_text import Json
from atari_cli.wire.models import error_list

_MOST_PROBLEMS: Final = 3


class Tool(NamedTuple):
    """A tool.

    Attributes:
        name: Its name in the protocol.
        title: Its name for people.
        description: What it does, for a language model.
        takes: The model of its arguments.
        returns: The model of its structured content.
        run: The function that answers a call.
        only_reads: Whether it changes nothing.
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
    """Return the result of a call; a mistake of the language model is a result that explains it.

    Args:
        tool: The tool.
        arguments: Its arguments, unchecked.
        caller: The caller.
    """
    try:
        return tool.run(tool.takes.model_validate(arguments), caller).result()
    except ValidationError as problem:
        return refusal(_explained(problem, tool))
    except UnknownSession as problem:
        return refusal(f"{problem}: call new_game without session_id, which starts one")
    except AtariError as problem:
        return refusal(str(problem).replace("`atari games`", "list_games"))


def _explained(problem: ValidationError, tool: Tool) -> str:
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
        "Lists the Atari 2600 games that can be played, or those that match a search.",
        tools_catalogue.ListGamesArguments,
        tools_catalogue.GameList,
        tools_catalogue.list_games,
        only_reads=True,
    ),
    Tool(
        "game_info",
        "About a game",
        "Returns actions, modes, difficulties and lives of a game, reference scores, and the facts "
        "that are read from its memory.",
        tools_catalogue.GameInfoArguments,
        tools_catalogue.GameFacts,
        tools_catalogue.game_info,
        only_reads=True,
    ),
    Tool(
        "new_game",
        "Start a game",
        "Starts a game, in place of the previous one. It waits for press.",
        tools_play.NewGameArguments,
        tools_play.NewGameResult,
        tools_play.new_game,
    ),
    Tool(
        "press",
        "Press keys",
        "Plays named actions one after another, each for a number of steps, and stops if the game "
        "ends. Returns reward, score, lives, the steps at which something happened, and where the "
        "screen changed.",
        tools_play.PressArguments,
        PressResult,
        tools_play.press,
    ),
    Tool(
        "screen",
        "Look at the screen",
        "Returns the picture as PNG, and a list in words of what stands out on it.",
        tools_play.ScreenArguments,
        ScreenResult,
        tools_play.screen,
        only_reads=True,
    ),
    Tool(
        "status",
        "State of the game",
        "Returns score, lives, steps, actions and the known values in the game's memory.",
        tools_play.SessionArguments,
        Status,
        tools_play.status,
        only_reads=True,
    ),
    Tool(
        "save_state",
        "Save the game",
        f"Saves the game under a name, up to {MOST_SAVED} times; a game with the "
        "same name is replaced.",
        tools_play.SaveArguments,
        tools_play.SaveResult,
        tools_play.save_state,
    ),
    Tool(
        "restore_state",
        "Restore a saved game",
        "Goes back to what save_state saved, score and game included.",
        tools_play.RestoreArguments,
        Status,
        tools_play.restore_state,
    ),
)

TOOLS: Final = {tool.name: tool for tool in _ALL}
"""The tools by name."""
