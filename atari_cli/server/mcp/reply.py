"""The reply of a tool in MCP's form: text, the same as data, and a picture."""

from base64 import b64encode
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel

from atari_cli.wire.json_text import Json

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


def refusal(reason: str) -> Json:
    """Return the result of a call that did nothing, with one line that says why."""
    line = " ".join(reason.split())
    return {"content": [{"type": "text", "text": line}], "isError": True}
