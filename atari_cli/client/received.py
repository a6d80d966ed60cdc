"""Observations from a server; their arrays are made on first use."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atari_cli.actions import ACTION_NAMES, action_code, action_index
from atari_cli.errors import InvalidAction, ServerError
from atari_cli.model import AtariObservation, Bytes, Frame, StepResult
from atari_cli.pictures.png import pixels_png
from atari_cli.wire.json_text import Json


class ReceivedObservation(AtariObservation):
    """An observation from a server.

    Attributes:
        reward: The reward of its step, where programs for OpenEnv look for it.
        done: Whether the episode has ended.
        metadata: `game_name`, `action_meanings`, `terminated`, `truncated`, `seed`, and
            what else the server sends.
    """

    __slots__ = ("done", "metadata", "reward")

    reward: float
    done: bool
    metadata: dict[str, Any]

    def model_dump(self) -> dict[str, Any]:
        """Return OpenEnv's fields by name, with the screen as a list of integers."""
        own = {"done": self.done, "reward": self.reward, "metadata": self.metadata}
        return {**own, **super().model_dump()}


@dataclass(slots=True)
class ReceivedResult(StepResult):
    """The result of a client's `reset` or `step`.

    Attributes:
        observation: The observation, with the fields that OpenEnv's programs expect in it.
    """

    observation: ReceivedObservation

    @property
    def metadata(self) -> dict[str, Any]:
        """That of the observation, where OpenEnv's newer clients have it as well."""
        return self.observation.metadata


class _Scratch(threading.local):
    """One array for each thread; allocating it per screen would double the time."""

    array = np.empty(0, np.uint64)

    def pairs(self, length: int) -> NDArray[np.uint64]:
        if len(self.array) != length:
            self.array = np.empty(length, np.uint64)
        return self.array


_scratch = _Scratch()


class ReceivedEpisode:
    """An episode as a server described it: what its results have in common.

    Args:
        data: The description, with the keys of `atari.v1`.

    Attributes:
        session_id: The session's id; None if the server does not report it.
        watch_key: The key by which others may watch; None likewise.
        game_name: The game.
        obs_type: `rgb`, `grayscale` or `ram`.
        screen_shape: The shape of an observation.
        legal_actions: The indices of the action set.
        action_meanings: Their names.
        seed: The episode's seed; None if the server does not report it.
        palette: The RGB colours of palette indices, (256, 3) as bytes; None if screens are not sent
            as palette indices.
    """

    def __init__(self, data: Json) -> None:
        self.session_id: str | None = data.get("session_id")
        self.watch_key: str | None = data.get("watch")
        self.game_name = str(data.get("game_name"))
        self.obs_type = str(data.get("obs_type"))
        self.screen_shape = tuple(int(length) for length in data["screen_shape"])
        self.legal_actions: list[int] = list(data["legal_actions"])
        self.action_meanings: list[str] = list(data.get("action_meanings") or ())
        self.seed: int | None = data.get("seed")
        colours = data.get("palette")
        self.palette = None if colours is None else np.array(colours, np.uint8).tobytes()
        self._codes = _codes(self.action_meanings)

    @property
    def screen_size(self) -> int:
        """Size of a screen in bytes, as it is sent."""
        return prod(self.screen_shape) // (1 if self.palette is None else 3)

    def index(self, action: Any) -> int:
        """Return the index of an action, given as an index or a name.

        Raises:
            InvalidAction: If it is not in the action set.
        """
        # Without ALE's names, actions are known by index only.
        if self._codes:
            return action_index(action, self._codes)
        if action not in self.legal_actions:
            raise InvalidAction(f"expected an action from {self.legal_actions}, got {action!r}")
        return int(action)

    def result(self, frame: Frame, data: Json) -> ReceivedResult:
        """Return a result of this episode.

        Args:
            frame: Its screen.
            data: The fields that `atari.v1` has for it, and `metadata` with any others.
        """
        terminated, truncated = bool(data["terminated"]), bool(data["truncated"])
        observation = ReceivedObservation(
            frame,
            self.screen_shape,
            self.legal_actions.copy(),  # a list of the caller's own
            self.action_meanings,
            data["lives"],
            data["episode_frame_number"],
            data["frame_number"],
        )
        observation.reward = reward = float(data["reward"] or 0)
        observation.done = terminated or truncated
        observation.metadata = {
            "game_name": self.game_name,
            "action_meanings": self.action_meanings,
            "terminated": terminated,
            "truncated": truncated,
            "seed": self.seed,
            **data.get("metadata", {}),
        }
        return ReceivedResult(observation, reward, terminated, truncated)


class ReceivedFrame:
    """A `Frame` (model.py) with a screen that was sent.

    Args:
        payload: Palette indices of an episode with a palette, else the observation.
        episode: The episode.
    """

    __slots__ = ("_episode", "_payload")

    def __init__(self, payload: bytes | memoryview | Bytes, episode: ReceivedEpisode) -> None:
        if len(payload) != episode.screen_size:
            raise ValueError(f"a screen of {episode.screen_size} bytes has {len(payload)}")
        self._payload = payload
        self._episode = episode

    def __reduce__(self) -> tuple[type["ReceivedFrame"], tuple[bytes, ReceivedEpisode]]:
        return ReceivedFrame, (bytes(self._payload), self._episode)

    def pixels(self) -> Bytes:
        """Return the observation in its obs_type's shape, uint8."""
        flat, shape = np.frombuffer(self._payload, np.uint8), self._episode.screen_shape
        if self._episode.palette is None:
            return flat.copy().reshape(shape)
        # Two pixels at a time, in a third of the time of one by one; every screen is 160 wide.
        pairs = _scratch.pairs(len(flat) // 2)
        _pair_colours(self._episode.palette).take(flat.view("<u2"), out=pairs, mode="clip")
        # Each pair is six bytes, written as eight; the next pair overwrites the two of padding.
        pixels = np.empty(6 * len(pairs) + 2, np.uint8)
        np.ndarray(len(pairs), np.uint64, pixels, strides=(6,))[...] = pairs
        return pixels[:-2].reshape(shape)

    def indices(self) -> Bytes:
        """Return the screen as palette indices, (height, 160) uint8."""
        if self._episode.palette is None:
            raise ServerError("palette indices are sent only with obs_type='rgb', over atari.v1")
        flat = np.frombuffer(self._payload, np.uint8)
        return flat.copy().reshape(self._episode.screen_shape[:2])

    def ram(self) -> Bytes:
        """Return the console's RAM, (128,) uint8."""
        if self._episode.obs_type != "ram":
            raise ServerError("a server sends the RAM only with reset(obs_type='ram')")
        return self.pixels()

    def audio(self) -> Bytes:
        """Raise ServerError: a server sends no sound."""
        raise ServerError("a server sends no sound; AtariEnvironment(sound=True) keeps it")

    def png(self) -> bytes | None:
        """Return the screen as a PNG file; None if the RAM was sent instead."""
        return None if self._episode.obs_type == "ram" else pixels_png(self.pixels())


class MissingFrame:
    """A `Frame` of a step whose screen was not requested."""

    def _missing(self) -> Bytes:
        raise ServerError("this screen was not sent: step_many requested the last one only")

    pixels = indices = ram = audio = _missing

    def png(self) -> None:
        """Return None."""


def _codes(meanings: Sequence[str]) -> tuple[int, ...]:
    """Return ALE's codes of actions; an empty tuple if ALE does not know one of the names.

    The names are ALE's, or those of its Python enumeration (`Action.NOOP`).
    """
    names = [str(meaning).rpartition(".")[2] for meaning in meanings]
    return tuple(map(action_code, names)) if set(names) <= set(ACTION_NAMES) else ()


@lru_cache(maxsize=4)
def _pair_colours(palette: bytes) -> NDArray[np.uint64]:
    """Return the colours of two neighbouring pixels by their indices, read as one number.

    They are six bytes and two of padding: numpy is much faster with items of a power of two.
    """
    colours = np.frombuffer(palette, np.uint8).reshape(256, 3)
    pairs = np.zeros((256, 256, 8), np.uint8)
    pairs[:, :, :3] = colours  # little endian: the left pixel is the low byte
    pairs[:, :, 3:6] = colours[:, None]
    return pairs.reshape(-1).view(np.uint64)
