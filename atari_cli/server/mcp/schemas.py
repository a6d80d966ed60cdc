"""The models of the tools' arguments, made from their functions, and the JSON Schemas of models."""

from collections.abc import Callable, Mapping
from functools import cache
from inspect import Parameter, signature
from typing import Annotated, Any, Final, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.json_schema import GenerateJsonSchema

from atari_cli.wire.descriptions import describe
from atari_cli.wire.json_text import Json

MOST_LETTERS: Final = 200
"""Characters of a name, a query or an id."""

Text = Annotated[str, Field(max_length=MOST_LETTERS)]


def arguments_of(run: Callable[..., Any], more: Mapping[str, Any]) -> type[BaseModel]:
    """Return the model of a tool's arguments; an unknown name is a mistake.

    Args:
        run: The function that answers calls: its keyword arguments, as its docstring describes
            them.
        more: The types of the arguments that it takes as `**`; each may be left out.
    """
    types = get_type_hints(run, include_extras=True)
    fields = {
        name: (types[name], parameter.default)
        for name, parameter in signature(run).parameters.items()
        if parameter.kind is Parameter.KEYWORD_ONLY
    } | {name: (kind, None) for name, kind in more.items()}
    about = describe(run).items
    described: dict[str, Any] = {
        name: (kind, Field(... if default is Parameter.empty else default, description=about[name]))
        for name, (kind, default) in fields.items()
    }
    title = run.__name__.title().replace("_", "") + "Arguments"
    return create_model(title, __config__=ConfigDict(extra="forbid"), **described)


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
