"""The binary messages of `atari.v1`, in both directions (docs/protocol.md)."""

import struct
import zlib
from collections.abc import Sequence
from typing import Any, Final

from atari_cli.errors import ServerError
from atari_cli.games import find_game, palette
from atari_cli.model import AtariState, StepResult
from atari_cli.wire.json_text import Json, Piece, from_json, to_json

SUBPROTOCOL: Final = "atari.v1"
MEDIA_TYPE: Final = "application/vnd.atari.v1"

TAKEN_OVER: Final = 4001
"""The code of a WebSocket that is closed because another takes its place."""

MOST_ACTIONS: Final = 256
"""Maximum number of actions in one message: the reply with their RGB screens has 8.6 MB."""

_MOST_REMEMBERED: Final = 4096
"""Sessions of one client whose episode is remembered."""

_LENGTH: Final = struct.Struct("<I")
_LEVEL: Final = 3
"""zlib's: as fast as level 1 here, with a third fewer bytes."""


def pack_message(header: Json, payload: Sequence[Piece], compress: bool) -> tuple[Piece, ...]:
    """Return a message in pieces: length of the header and header, then those of the payload.

    Args:
        header: The header.
        payload: The pieces of the payload, in order.
        compress: Whether the payload is compressed.
    """
    if compress:
        payload = (zlib.compress(b"".join(payload), _LEVEL),)
        header = {**header, "compression": "zlib"}
    text = to_json(header)
    return (_LENGTH.pack(len(text)) + text, *payload)


def unpack_message(message: bytes, most: int) -> tuple[Json, bytes | memoryview]:
    """Return the header and the payload of a message.

    Args:
        message: The message.
        most: Maximum size of the payload, in bytes.

    Raises:
        ServerError: If it is not such a message.
    """
    try:
        (length,) = _LENGTH.unpack_from(message)
        if length > len(message) - _LENGTH.size:
            raise ValueError("its header is cut off")
        view = memoryview(message)
        header = from_json(view[_LENGTH.size : _LENGTH.size + length])
        payload: bytes | memoryview = view[_LENGTH.size + length :]
        if header.get("compression") == "zlib":
            inflate = zlib.decompressobj()
            payload = inflate.decompress(payload, most)
            if not inflate.eof:
                raise ValueError("the payload is too long or cut off")
        elif len(payload) > most:
            raise ValueError("the payload is too long")
    except (ValueError, AttributeError, struct.error, zlib.error) as error:
        raise ServerError(f"the server sent a message that is not {SUBPROTOCOL}: {error}") from None
    return header, payload


class ResultEncoder:
    """Encodes results for one client, each episode with the first that the client gets of it."""

    def __init__(self) -> None:
        self._known: dict[str, AtariState] = {}  # the episode last described, by session

    def encode(
        self,
        session_id: str,
        watch_key: str,
        ignored: Sequence[str],
        result: StepResult,
        state: AtariState,
    ) -> tuple[Json, memoryview]:
        """Return the data of a header about a result, and the screen as a payload holds it.

        Args:
            session_id: The session's id.
            watch_key: The key by which others may watch.
            ignored: Names of the settings of the reset that were ignored.
            result: The result.
            state: The state when its episode began; one object for all results of an episode.
        """
        observation = result.observation
        data: Json = {
            "reward": result.reward,
            "terminated": result.terminated,
            "truncated": result.truncated,
            "lives": observation.lives,
            "episode_frame_number": observation.episode_frame_number,
            "frame_number": observation.frame_number,
        }
        if self._known.get(session_id) is not state:
            data["episode"] = _episode_data(result, state, session_id, watch_key, ignored)
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[session_id] = state
        # Palette indices for rgb: the client has the palette.
        shown = observation.indices if state.obs_type == "rgb" else observation.pixels
        return data, shown.reshape(-1).data


def _episode_data(
    result: StepResult, state: AtariState, session_id: str, watch_key: str, ignored: Sequence[str]
) -> Json:
    """Return the data of a header about an episode."""
    observation = result.observation
    data: dict[str, Any] = {
        "session_id": session_id,
        "watch": watch_key,
        "episode_id": state.episode_id,
        "seed": state.seed,
        "game_name": state.game_name,
        "obs_type": state.obs_type,
        "legal_actions": observation.legal_actions,
        "action_meanings": observation.action_meanings,
        "screen_shape": observation.screen_shape,
        "ignored": list(ignored),
    }
    if state.obs_type == "rgb":
        data["palette"] = palette(find_game(state.game_name).tv)
    return data
