"""The JSON Schemas of the tools, and the parts that the arguments of several tools share."""

from functools import cache
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema

from atari_cli.wire.json_text import Json

MOST_LETTERS: Final = 200
"""Characters of a name, a query or an id."""

Text = Annotated[str, Field(max_length=MOST_LETTERS)]
GameName = Annotated[str, Field(max_length=MOST_LETTERS, description="A game in any spelling.")]


class Arguments(BaseModel):
    """Arguments of a tool; an unknown name is a mistake."""

    model_config = ConfigDict(extra="forbid")


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
