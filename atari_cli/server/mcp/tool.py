"""A tool that a language model may call: what it takes and returns, and how it is called."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import cache
from inspect import Parameter, signature
from types import MappingProxyType
from typing import Annotated, Any, Final, Generic, NamedTuple, TypeVar, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.json_schema import GenerateJsonSchema

from atari_cli.errors import AtariError, UnknownSession
from atari_cli.server.mcp.caller import Caller
from atari_cli.wire.descriptions import describe
from atari_cli.wire.json_text import Json
from atari_cli.wire.models import error_list

_MOST_PROBLEMS: Final = 3

MOST_LETTERS: Final = 200
"""Characters of a name, a query or an id."""

Text = Annotated[str, Field(max_length=MOST_LETTERS)]

Data = TypeVar("Data", bound=BaseModel)


class ToolReply(NamedTuple, Generic[Data]):
    """The reply of a tool.

    Attributes:
        data: The reply for programs.
        picture: A PNG file; None without one.
        text: The same as the data for a language model; None if it is `str(data)`.
    """

    data: Data
    picture: bytes | None = None
    text: str | None = None

    def result(self) -> Json:
        """Return the result of the call."""
        text = str(self.data) if self.text is None else self.text
        content: list[dict[str, Any]] = [{"type": "text", "text": text}]
        if self.picture is not None:
            data = b64encode(self.picture).decode()
            content.append({"type": "image", "data": data, "mimeType": "image/png"})
        return {
            "content": content,
            "structuredContent": self.data.model_dump(),
            "isError": False,
        }


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
        more: The types of the arguments that the function takes as `**`; each may be left out.
    """

    def made(run: Callable[..., ToolReply[Any]]) -> Tool:
        takes = _arguments_of(run, more)
        [returns] = get_args(run.__annotations__["return"])
        text = describe(run).text
        return Tool(run.__name__, title, text, takes, returns, run, only_reads)

    return made


def call(tool: Tool, arguments: Json, caller: Caller) -> Json:
    """Return the result of a call; a mistake of the language model is a result that explains it.

    Args:
        tool: The tool.
        arguments: Its arguments, unchecked; null means that one is left out.
        caller: The caller.
    """
    arguments = {name: value for name, value in arguments.items() if value is not None}
    try:
        return tool.run(caller, **dict(tool.takes.model_validate(arguments))).result()
    except ValidationError as problem:
        return _refusal(_explained(problem, tool))
    except UnknownSession as problem:
        return _refusal(f"{problem}: call new_game without session_id, which starts one")
    except AtariError as problem:
        return _refusal(str(problem).replace("`atari games`", "list_games"))


def _arguments_of(run: Callable[..., Any], more: Mapping[str, Any]) -> type[BaseModel]:
    """Return the model of a tool's arguments; an unknown name is a mistake."""
    types, about = get_type_hints(run, include_extras=True), describe(run).items
    fields: dict[str, Any] = {}
    for name, parameter in signature(run).parameters.items():
        if parameter.kind is Parameter.KEYWORD_ONLY:
            default = ... if parameter.default is Parameter.empty else parameter.default
            fields[name] = types[name], Field(default, description=about.get(name))
    for name, kind in more.items():
        fields[name] = kind, Field(None, description=about.get(name))
    title = run.__name__.title().replace("_", "") + "Arguments"
    return create_model(title, __config__=ConfigDict(extra="forbid"), **fields)


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


def _refusal(reason: str) -> Json:
    """Return the result of a call that did nothing, with one line that says why."""
    line = " ".join(reason.split())
    return {"content": [{"type": "text", "text": line}], "isError": True}


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
