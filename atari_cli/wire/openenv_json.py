"""OpenEnv's replies as JSON text.

The 100,800 integers of a screen take most of a reply's time. Rows repeat, within a screen and from
step to step, so the text of each row is cached, and sent without a copy.
"""

from collections.abc import Sequence
from dataclasses import asdict
from functools import cache, lru_cache
from typing import Final

import numpy as np

from atari_cli.games import find_game, palette
from atari_cli.model import AtariState, Bytes, StepResult
from atari_cli.wire.json_text import Json, Piece, to_json

_ROW_BYTES: Final = 160
_MOST_ROWS: Final = 4096


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


@cache
def _rows_of(game_name: str) -> _Rows:
    """Return the rows of a game's colour system."""
    return _rows(find_game(game_name).tv)


def result_json(
    result: StepResult,
    state: AtariState,
    earlier_frames: int = 0,
    ignored: Sequence[str] = (),
) -> list[Piece]:
    """Return a result as the JSON object that replies to a reset or a step, in pieces.

    Args:
        result: The result.
        state: The state after it.
        earlier_frames: Frames of the session's earlier episodes, which `frame_number` includes.
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
        "frame_number": earlier_frames + observation.frame_number,
        "metadata": metadata,
    }
    done = result.terminated or result.truncated
    outer = {"observation": inner, "reward": result.reward, "done": done, "metadata": metadata}
    if state.obs_type == "rgb":  # from palette indices: no RGB array is needed
        rows, screen = _rows_of(state.game_name), observation.indices.tobytes()
    else:
        rows, screen = _rows(None), observation.pixels.tobytes()
    starts = range(0, len(screen), _ROW_BYTES)
    pieces: list[Piece] = [rows[screen[start : start + _ROW_BYTES]] for start in starts]
    pieces[-1] = memoryview(pieces[-1])[:-1]  # without the last comma
    start, rest = b'{"observation":{', to_json(outer)
    return [start + b'"screen":[', *pieces, b"],", memoryview(rest)[len(start) :]]


def state_json(state: AtariState) -> bytes:
    """Return a state as JSON."""
    return to_json(asdict(state))
