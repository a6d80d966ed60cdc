"""A tool that a language model may call, and how it is called."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, get_args

from pydantic import BaseModel, ValidationError

from atari_cli.errors import AtariError, UnknownSession
from atari_cli.server.mcp.caller import Caller
from atari_cli.server.mcp.reply import ToolReply, refusal
from atari_cli.server.mcp.schemas import arguments_of, schema
from atari_cli.wire.descriptions import describe
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
        run: The function that answers a call of a caller.
        only_reads: Whether it changes nothing.
    """

    name: str
    title: str
    description: str
    takes: type[BaseModel]
    returns: type[BaseModel]
    run: Callable[..., ToolReply[Any]]
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
    title: str, only_reads: bool = False, more: Mapping[str, Any] = MappingProxyType({})
) -> Callable[[Callable[..., ToolReply[Any]]], Tool]:
    """Return a decorator that makes a tool of the function that answers its calls.

    The function has the tool's name. Its docstring describes the tool and its arguments, which are
    its keyword arguments. Its return annotation has the model of the structured content.

    Args:
        title: Its name for people.
        only_reads: Whether it changes nothing.
        more: The types of the arguments that the function takes as `**`.
    """

    def made(run: Callable[..., ToolReply[Any]]) -> Tool:
        takes = arguments_of(run, more)
        [returns] = get_args(run.__annotations__["return"])
        text = describe(run).text
        return Tool(run.__name__, title, text, takes, returns, run, only_reads)

    return made


def call(tool: Tool, arguments: Json, caller: Caller) -> Json:
    """Return the result of a call; a mistake of the language model is a result that explains it.

    Args:
        tool: The tool.
        arguments: Its arguments, unchecked.
        caller: The caller.
    """
    try:
        return tool.run(caller, **dict(tool.takes.model_validate(arguments))).result()
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
