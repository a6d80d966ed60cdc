"""The reply of a tool in MCP's form: text, the same as data, and a picture."""

from base64 import b64encode
from typing import Any, NamedTuple

from pydantic import BaseModel

from atari_cli.wire.json_text import Json


class ToolReply(NamedTuple):
    """The reply of a tool.

    Attributes:
        text: The text for a language model.
        data: The same for programs.
        picture: A PNG file; None without one.
    """

    text: str
    data: BaseModel
    picture: bytes | None = None

    def result(self) -> Json:
        """Return the result of the call."""
        content: list[dict[str, Any]] = [{"type": "text", "text": self.text}]
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
