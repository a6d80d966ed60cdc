"""Screens as differences, in the play mode of `atari.v1` (docs/protocol.md)."""

import zlib
from typing import Any, Final

import numpy as np

from atari_cli.actions import ACTION_NAMES
from atari_cli.games import find_game, palette
from atari_cli.model import AtariState, Bytes
from atari_cli.wire.atari_v1 import pack_message
from atari_cli.wire.json_text import Json, Piece

_LEVEL: Final = 1
_WINDOW_BITS: Final = 15
_MEMORY: Final = 8


class ScreenDeltas:
    """Packs screens, each as a difference to the one before.

    XOR leaves almost nothing but zeros, of which deflate's runs are both the fastest and the
    shortest: 120 bytes for a frame of Pong.
    """

    def __init__(self) -> None:
        self._last: Bytes | None = None

    def begin(self) -> None:
        """Send the next screen whole."""
        self._last = None

    def pack(self, data: Json, screen: Bytes, ram: Bytes, sound: Bytes | None) -> tuple[Piece, ...]:
        """Return a `screen` message.

        Args:
            data: The data of its header, to which `key` and `sound` are added.
            screen: Palette indices, (height, 160) uint8.
            ram: (128,) uint8.
            sound: (512,) uint8; None if there is no sound.
        """
        now = np.concatenate((screen.reshape(-1), ram))
        is_key = self._last is None or len(self._last) != len(now)
        change = now if is_key else now ^ self._last  # type: ignore[operator]  # it is there
        self._last = now
        deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS, _MEMORY, zlib.Z_RLE)
        packed = deflate.compress(change.data)
        if sound is not None:
            packed += deflate.compress(sound.data)
        data = {**data, "key": is_key, "sound": 0 if sound is None else len(sound)}
        header = {"type": "screen", "compression": "zlib", "data": data}
        return pack_message(header, (packed + deflate.flush(),), compress=False)


def episode_message(
    state: AtariState, number: int, paddle: Json | None, session_id: str | None
) -> Json:
    """Return the message that precedes the first screen of an episode.

    Args:
        state: The episode and its settings.
        number: Number of the episode in its session.
        paddle: How the paddle moves what it steers; None for a joystick.
        session_id: The session's id; None for spectators.
    """
    game = find_game(state.game_name)
    codes = game.action_set(state.full_action_space)
    data: dict[str, Any] = {
        "number": number,
        "episode_id": state.episode_id,
        "seed": state.seed,
        "game_name": game.id,
        "display_name": game.display_name,
        "mode": game.choose_mode(state.mode),
        "difficulty": game.choose_difficulty(state.difficulty),
        "frameskip": state.frameskip,
        "repeat_action_probability": state.repeat_action_probability,
        "noop_max": state.noop_max,
        "max_frames": state.max_frames,
        "obs_type": state.obs_type,
        "fps": game.fps,
        "height": game.height,
        "legal_actions": list(range(len(codes))),
        "action_meanings": [ACTION_NAMES[code] for code in codes],
        "paddle": paddle,
        "palette": palette(game.tv),
    }
    if session_id is not None:
        data["session_id"] = session_id
    return {"type": "episode", "data": data}
