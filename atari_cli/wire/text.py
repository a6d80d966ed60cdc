"""OpenEnv's replies as JSON text, and JSON in general.

A screen of 100,800 integers takes most of a reply's time. Its digits are looked up, and written
into a buffer that is used again: memory that is new for each reply would cost as much once more.
"""

import threading
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from math import prod
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from atari_cli.games import find_game, palette
from atari_cli.model import AtariState, StepResult

Json = dict[str, Any]

_DIGITS: Final = np.array([f"{number:>3}," for number in range(256)], "S4").view(np.uint32)
"""Each byte as three digits and a comma: JSON allows the spaces before a number."""

_MOST_LEVELS: Final = 100


@lru_cache(maxsize=2)
def _colour_digits(tv: str) -> NDArray[np.uint32]:
    """Return the digits of the colours of palette indices, (256, 3)."""
    return _DIGITS[palette(tv)]


class _Scratch(threading.local):
    """Each thread's own buffer."""

    buffer = bytearray()


_scratch: Final = _Scratch()


def result_json(
    result: StepResult,
    state: AtariState,
    ignored: Sequence[str] = (),
    opening: bytes = b"",
    closing: bytes = b"",
) -> memoryview:
    """Return a result as the JSON object that replies to a reset or a step.

    Args:
        result: The result.
        state: The state after it.
        ignored: Keys of the request that mean nothing here.
        opening: Text to put before the object.
        closing: Text to put after it.

    Returns:
        The text, in a buffer that the next call of the same thread writes over.
    """
    observation = result.observation
    metadata: Json = {
        "game_name": state.game_name,
        "action_meanings": observation.action_meanings,
        "terminated": result.terminated,
        "truncated": result.truncated,
        "seed": state.seed,
    }
    if ignored:
        metadata["ignored"] = list(ignored)
    inner = {
        "screen_shape": observation.screen_shape,
        "legal_actions": observation.legal_actions,
        "lives": observation.lives,
        "episode_frame_number": observation.episode_frame_number,
        "frame_number": observation.frame_number,
        "metadata": metadata,
    }
    outer = {"reward": result.reward, "done": result.done, "metadata": metadata}
    head = opening + b'{"observation":{"screen":['
    head += b" " * (-len(head) % _DIGITS.itemsize)  # numpy writes best to aligned places
    tail = b"],%b,%b%b" % (to_json(inner)[1:], to_json(outer)[1:], closing)
    if state.obs_type == "rgb":  # from the palette's digits: there is no need of an RGB array
        table, values = _colour_digits(find_game(state.game_name).tv), observation.indices
    else:
        table, values = _DIGITS, observation.pixels
    shape = (values.size, *table.shape[1:])
    start, end = len(head), len(head) + _DIGITS.itemsize * prod(shape)
    size = end - 1 + len(tail)  # over the last comma
    if len(_scratch.buffer) < size:
        _scratch.buffer = bytearray(size)
    text = memoryview(_scratch.buffer)[:size]
    text[:start] = head
    digits = np.frombuffer(_scratch.buffer, np.uint32, prod(shape), start).reshape(shape)
    table.take(values.reshape(-1), axis=0, out=digits, mode="clip")  # else numpy checks and copies
    text[end - 1 :] = tail
    return text


def state_json(state: AtariState) -> bytes:
    """Return a state as JSON."""
    return to_json(asdict(state))


def to_json(document: object) -> bytes:
    """Return a document as JSON; arrays are lists, and numbers that JSON has not become null."""
    return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)


def from_json(text: bytes | str | memoryview) -> Any:
    """Return the document that a JSON text holds.

    Raises:
        ValueError: If it is no JSON, or nested so deeply that to show it again would fail.
    """
    if isinstance(text, memoryview):
        text = bytes(text)
    opening = (b"[", b"{") if isinstance(text, bytes) else ("[", "{")
    document = orjson.loads(text)
    if sum(map(text.count, opening)) > _MOST_LEVELS and _is_deep(document):  # type: ignore[arg-type]
        raise ValueError(f"nested more than {_MOST_LEVELS} levels deep")
    return document


def _is_deep(document: Any) -> bool:
    level = [document] if isinstance(document, dict | list) else []
    for _ in range(_MOST_LEVELS):
        inner = [part.values() if isinstance(part, dict) else part for part in level]
        level = [part for parts in inner for part in parts if isinstance(part, dict | list)]
        if not level:
            return False
    return True
