"""Descriptions of functions and of fields, read from docstrings.

So readers of the code, users of the API and language models read one text.
"""

import inspect
import re
from collections.abc import Callable
from typing import Any, NamedTuple

_SECTION = re.compile(r"\n\n(?:Args|Attributes|Raises|Returns):\n")
_ITEM = re.compile(r"^    (\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)


class Description(NamedTuple):
    """The parts of a docstring.

    Attributes:
        summary: Its first line.
        details: What follows, up to the first section such as `Args:`.
        items: The text about each name in its sections, and about each property of a class.
    """

    summary: str
    details: str
    items: dict[str, str]

    @property
    def text(self) -> str:
        """The summary and the details."""
        return f"{self.summary} {self.details}".strip()


def describe(subject: object) -> Description:
    """Return the parts of the docstring of a function, class or property."""
    text = inspect.getdoc(subject) or ""
    summary, _, details = _SECTION.split(text)[0].partition("\n")
    items = {name: " ".join(found.split()) for name, found in _ITEM.findall(text)}
    for name, value in getattr(subject, "__dict__", {}).items():
        if isinstance(value, property):
            items[name] = describe(value).text
    return Description(summary, " ".join(details.split()), items)


def described_by(*classes: type) -> Callable[[dict[str, Any]], None]:
    """Return a `json_schema_extra` for pydantic that describes the fields of a model.

    A field without a description gets that of the attribute of the same name, in which None is
    written `null`, as in JSON.

    Args:
        classes: The classes with these attributes; the first that describes one is used.
    """

    def describe_fields(schema: dict[str, Any]) -> None:
        known = [describe(kind).items for kind in classes]
        for name, field in schema["properties"].items():
            text = next((items[name] for items in known if name in items), None)
            if text and "description" not in field:
                field["description"] = re.sub(r"\bNone\b", "null", text)

    return describe_fields
