"""JSON in general: documents to text and back, within limits."""

from typing import Any, Final

import orjson

Json = dict[str, Any]

Piece = bytes | memoryview
"""A part of a message, flat, which is sent without a copy."""

MOST_LEVELS: Final = 100


def to_json(document: object) -> bytes:
    """Return a document as JSON; arrays become lists, and numbers that JSON lacks become null."""
    return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)


def from_json(text: bytes | str | memoryview) -> Any:
    """Return the document in a JSON text.

    Raises:
        ValueError: If it is not JSON, or nested too deeply to be encoded again.
    """
    if isinstance(text, memoryview):
        text = bytes(text)
    opening = (b"[", b"{") if isinstance(text, bytes) else ("[", "{")
    document = orjson.loads(text)
    if sum(map(text.count, opening)) > MOST_LEVELS and _is_deep(document):  # type: ignore[arg-type]
        raise ValueError(f"nested more than {MOST_LEVELS} levels deep")
    return document


def _is_deep(document: Any) -> bool:
    level = [document] if isinstance(document, dict | list) else []
    for _ in range(MOST_LEVELS):
        inner = [part.values() if isinstance(part, dict) else part for part in level]
        level = [part for parts in inner for part in parts if isinstance(part, dict | list)]
        if not level:
            return False
    return True
