"""The part of OpenEnv's contract that no JSON Schema can express, for schemathesis.

Scalars are read leniently: `true` is 1, and "2" is 2. A body with no other fault is valid; every
other invalid one must be refused.
"""

from typing import Any

import schemathesis
from jsonschema_rs import validator_for
from schemathesis.core import NotSet

_TRUE, _FALSE = {"1", "true", "t", "yes", "y", "on"}, {"0", "false", "f", "no", "n", "off"}


@schemathesis.hook
def filter_case(context: Any, case: Any) -> bool:
    """Leave out an invalid body that becomes valid when it is read leniently."""
    if not case.meta or not case.meta.generation.mode.is_negative or not case.operation.body:
        return True
    document = case.operation.schema.raw_schema
    media = case.operation.definition.raw["requestBody"]["content"].get("application/json", {})
    if "schema" not in media:
        return True
    schema = {**media["schema"], "components": document["components"]}
    validator = validator_for(schema)
    if isinstance(case.body, bytes | NotSet):  # not JSON, or no body at all
        return True
    read = lax(case.body, media["schema"], document)
    return validator.is_valid(case.body) or not validator.is_valid(read)


def lax(value: Any, schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """Return a value as it is read where the schema wants scalars."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if isinstance(value, dict):
        known = schema.get("properties", {})
        return {key: lax(item, known.get(key, {}), document) for key, item in value.items()}
    kinds = {schema.get("type"), *(choice.get("type") for choice in schema.get("anyOf", []))}
    return scalar(value, kinds)


def scalar(value: Any, kinds: set[str | None]) -> Any:
    if isinstance(value, list | dict) or value is None:
        return value
    text = str(value).strip().lower()
    if "boolean" in kinds and text in _TRUE | _FALSE | {"1.0", "0.0"}:
        return text in _TRUE or text == "1.0"
    if {"integer", "number"} & kinds:
        number = _number(value)
        if number is not None and ("number" in kinds or number.is_integer()):
            return int(number) if number.is_integer() else number
    return value


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 2**63 else None
