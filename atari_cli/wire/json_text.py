"""OpenEnv's replies as JSON text, and JSON in general.

The 100,800 integers of a screen take most of a reply's time. Rows repeat, within a screen and from
step to step, so the text of each row is cached, and sent without a copy.
"""

from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any, Final

import numpy as np
import orjson

from atari_cli.games import find_game, palette
from atari_cli.model import AtariState, Bytes, StepResult

Json = dict[str, Any]

Piece = bytes | memoryview
"""A part of a message, flat, which is sent without a copy."""

_ROW_BYTES: Final = 160
_MOST_ROWS: Final = 4096
MOST_LEVELS: Final = 100


class _Rows(dict[bytes, bytes]):
    """The numbers of each row as JSON text with a trailing comma; at most 6.5 MB in RGB.

    Args:
        colours: What the bytes of a row are indices of, (256, 3); None if they are the numbers.
    """

    def __init__(self, colours: Bytes | None) -> None:
        self._colours = colours

    def __missing__(self, row: bytes) -> bytes:
        values = np.frombuffer(row, np.uint8)
        numbers = values if self._colours is None else self._colours[values].reshape(-1)
        if len(self) >= _MOST_ROWS:
            self.clear()
        text = self[row] = to_json(numbers)[1:-1] + b","
        return text


@lru_cache(maxsize=3)
def _rows(tv: str | None) -> _Rows:
    """Return the rows of a colour system; with None, of bytes that are not palette indices."""
    return _Rows(None if tv is None else palette(tv))


def result_json(result: StepResult, state: AtariState, ignored: Sequence[str] = ()) -> list[Piece]:
    """Return a result as the JSON object that replies to a reset or a step, in pieces.

    Args:
        result: The result.
        state: The state after it.
        ignored: Keys of the request that have no meaning here.
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
    if state.obs_type == "rgb":  # from palette indices: no RGB array is needed
        rows, screen = _rows(find_game(state.game_name).tv), observation.indices.tobytes()
    else:
        rows, screen = _rows(None), observation.pixels.tobytes()
    starts = range(0, len(screen), _ROW_BYTES)
    pieces: list[Piece] = [rows[screen[start : start + _ROW_BYTES]] for start in starts]
    pieces[-1] = memoryview(pieces[-1])[:-1]  # without the last comma
    tail = b"],%b,%b" % (to_json(inner)[1:], to_json(outer)[1:])
    return [b'{"observation":{"screen":[', *pieces, tail]


def state_json(state: AtariState) -> bytes:
    """Return a state as JSON."""
    return to_json(asdict(state))


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
