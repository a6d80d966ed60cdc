"""The description of a function, read from its docstring.

So readers of the code, users of the API and language models read one text.
"""

import inspect
import re
from typing import NamedTuple

_SECTION = re.compile(r"\n\n(?:Args|Attributes|Raises|Returns):\n")
_ITEM = re.compile(r"^    (\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)


class Description(NamedTuple):
    """The parts of a docstring.

    Attributes:
        summary: Its first line.
        details: What follows, up to the first section such as `Args:`.
        items: The text about each name in its sections.
    """

    summary: str
    details: str
    items: dict[str, str]

    @property
    def text(self) -> str:
        """The summary and the details."""
        return f"{self.summary} {self.details}".strip()


def describe(subject: object) -> Description:
    """Return the parts of the docstring of a function or class."""
    text = inspect.getdoc(subject) or ""
    summary, _, details = _SECTION.split(text)[0].partition("\n")
    items = {name: " ".join(found.split()) for name, found in _ITEM.findall(text)}
    return Description(summary, " ".join(details.split()), items)
