"""A tool that a language model may call, and how it is called."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, get_type_hints

from pydantic import BaseModel, ValidationError

from atari_cli.errors import AtariError, UnknownSession
from atari_cli.server.mcp.caller import Caller
from atari_cli.server.mcp.reply import ToolReply, refusal
from atari_cli.server.mcp.schemas import schema
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
    run: Callable[[Any, Caller], ToolReply]
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


def tool(
    title: str, description: str, returns: type[BaseModel], only_reads: bool = False
) -> Callable[[Callable[[Any, Caller], ToolReply]], Tool]:
    """Return a decorator that makes a tool of the function that answers its calls.

    The tool has the function's name, and takes the model that annotates its `arguments`.

    Args:
        title: Its name for people.
        description: Its effect, for a language model.
        returns: The model of its structured content.
        only_reads: Whether it changes nothing.
    """

    def made(run: Callable[[Any, Caller], ToolReply]) -> Tool:
        takes = get_type_hints(run)["arguments"]
        return Tool(run.__name__, title, description, takes, returns, run, only_reads)

    return made


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
