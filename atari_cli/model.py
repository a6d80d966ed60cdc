"""The values that modules exchange: actions, observations, results, summaries, policies.

Names and fields are those of OpenEnv where it has them, else those of Gymnasium.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple, Protocol, overload, runtime_checkable

import numpy as np
from numpy.typing import DTypeLike, NDArray

from atari_cli.actions import ACTION_NAMES

Bytes = NDArray[np.uint8]
"""An array of uint8: pixels, palette indices, RAM or sound samples."""


class Dumped:
    """A value that becomes plain data by the methods of OpenEnv's models."""

    __slots__ = ()

    def model_dump(self) -> dict[str, Any]:
        """Return its fields by name."""
        return asdict(self)  # type: ignore[call-overload, no-any-return]

    def model_dump_json(self) -> str:
        """Return its fields as JSON."""
        return json.dumps(self.model_dump())


@dataclass(slots=True)
class AtariAction(Dumped):
    """An action as OpenEnv's clients send it; every field except `action_id` is ignored.

    Attributes:
        action_id: An index into the environment's action set, not an ALE code.
        game_name: Ignored: the environment knows its game.
        obs_type: Ignored: a setting of the environment.
        full_action_space: Ignored: a setting of the environment.
        metadata: Ignored; free for the client's notes.
    """

    action_id: int
    game_name: str = "pong"
    obs_type: str = "rgb"
    full_action_space: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class AtariState(Dumped):
    """An environment's episode and settings, as OpenEnv's `state` returns them.

    Attributes:
        episode_id: Name of the episode; None before the first reset.
        step_count: Steps since the last reset.
        game_name: The id of the game.
        obs_type: `rgb`, `grayscale` or `ram`.
        full_action_space: Whether all 18 actions are allowed, not just the game's minimal set.
        mode: The game mode by ALE's number; the game's default if None.
        difficulty: The difficulty by ALE's number; the game's default if None.
        repeat_action_probability: Chance that a frame repeats the previous action.
        frameskip: Frames per step.
        noop_max: An episode starts with 1 to `noop_max` frames of NOOP; 0 means none.
        max_frames: An episode is truncated after this many frames; 0 means never.
        seed: The seed of the episode; None before the first reset.
    """

    episode_id: str | None
    step_count: int
    game_name: str
    obs_type: str
    full_action_space: bool
    mode: int | None
    difficulty: int | None
    repeat_action_probability: float
    frameskip: int
    noop_max: int
    max_frames: int
    seed: int | None


class Screen(Sequence[int]):
    """An observation's pixels as one flat row-major sequence of integers, without a copy."""

    __slots__ = ("_flat",)

    def __init__(self, flat: Bytes) -> None:
        self._flat = flat

    def __len__(self) -> int:
        return len(self._flat)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> "Screen": ...
    def __getitem__(self, index: int | slice) -> "int | Screen":
        if isinstance(index, slice):
            return Screen(self._flat[index])
        return int(self._flat[index])

    def __iter__(self) -> Iterator[int]:
        return iter(self._flat.tolist())

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self._flat, dtype=dtype, copy=copy)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Screen | Sequence | np.ndarray) and not isinstance(other, str):
            return len(other) == len(self) and bool(np.all(self._flat == np.asarray(other)))
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # an array's view is mutable

    def __repr__(self) -> str:
        return f"Screen({len(self)} values)"


class Frame(Protocol):
    """The source of an observation's arrays; nothing is converted before it is requested."""

    def pixels(self) -> Bytes:
        """Return the observation in its obs_type's shape, uint8."""

    def indices(self) -> Bytes:
        """Return the screen as palette indices, (height, 160) uint8."""

    def ram(self) -> Bytes:
        """Return the console's RAM, (128,) uint8."""

    def audio(self) -> Bytes:
        """Return the sound samples of the last frame, (512,) uint8, silence 128."""

    def png(self) -> bytes | None:
        """Return the screen as a PNG file; None if it is not known."""


@dataclass(slots=True, eq=False, repr=False)
class AtariObservation(Dumped):
    """The observation of an agent after a reset or a step.

    Attributes:
        screen_shape: (height, 160, 3) for rgb, (height, 160) for grayscale, (128,) for ram.
        legal_actions: The indices 0…n-1 of the action set.
        action_meanings: The names of these actions.
        lives: Lives left as ALE counts them; always 0 in games without lives.
        episode_frame_number: ALE's count of frames in this episode; in 16 games it does not start
            at 0.
        frame_number: Frames of this episode since the boot, no-ops included.
    """

    _frame: Frame
    screen_shape: tuple[int, ...]
    legal_actions: Sequence[int]
    action_meanings: Sequence[str]
    lives: int
    episode_frame_number: int
    frame_number: int
    _pixels: Bytes | None = field(default=None, init=False)

    @property
    def pixels(self) -> Bytes:
        """The observation as a uint8 array of `screen_shape`."""
        if self._pixels is None:
            self._pixels = self._frame.pixels()
        return self._pixels

    @property
    def screen(self) -> Screen:
        """The observation flattened row-major, as OpenEnv sends it."""
        return Screen(self.pixels.reshape(-1))

    @property
    def indices(self) -> Bytes:
        """The screen as palette indices, (height, 160) uint8, for every obs_type."""
        return self._frame.indices()

    @property
    def ram(self) -> Bytes:
        """The console's RAM, (128,) uint8, for every obs_type."""
        return self._frame.ram()

    @property
    def audio(self) -> Bytes:
        """Sound samples of the last frame, (512,) uint8, silence 128; needs `sound=True`."""
        return self._frame.audio()

    def with_actions(self, codes: Sequence[int]) -> "AtariObservation":
        """Return the same observation for an agent with another action set, given as ALE codes."""
        return AtariObservation(
            self._frame,
            self.screen_shape,
            tuple(range(len(codes))),
            tuple(ACTION_NAMES[code] for code in codes),
            self.lives,
            self.episode_frame_number,
            self.frame_number,
        )

    def model_dump(self) -> dict[str, Any]:
        """Return OpenEnv's fields by name, with the screen as a list of integers."""
        return {
            "screen": self.pixels.reshape(-1).tolist(),
            "screen_shape": list(self.screen_shape),
            "legal_actions": list(self.legal_actions),
            "lives": self.lives,
            "episode_frame_number": self.episode_frame_number,
            "frame_number": self.frame_number,
        }

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.pixels, dtype=dtype, copy=copy)

    def _repr_png_(self) -> bytes | None:
        """Return the picture that notebooks show."""
        return self._frame.png()

    def __repr__(self) -> str:
        return (
            f"AtariObservation(shape={self.screen_shape}, lives={self.lives}, "
            f"episode_frame_number={self.episode_frame_number})"
        )


@dataclass(slots=True)
class StepResult:
    """The result of `reset` and `step`.

    Attributes:
        observation: The observation after the step.
        reward: ALE's raw reward summed over the frames of the step; 0 after a reset.
        terminated: Whether the game is over.
        truncated: Whether the episode reached `max_frames`.
    """

    observation: AtariObservation
    reward: float
    terminated: bool
    truncated: bool

    @property
    def done(self) -> bool:
        """Whether the episode has ended: the game is over, or it reached `max_frames`."""
        return self.terminated or self.truncated


class Progress(NamedTuple):
    """A point in an episode, for `AtariEnvironment.go_back`.

    Attributes:
        steps: Steps played.
        frames: Frames emulated since the boot, no-ops included.
        score: Sum of the rewards.
        reward: Reward of the last step; 0 after the reset.
        last_action: ALE code of the last step's action; NOOP after the reset.
    """

    steps: int
    frames: int
    score: float
    reward: float
    last_action: int


Policy = Callable[[AtariObservation], int | str]
"""Maps an observation to an action: an index into the action set or an action's name.

A policy that is an object may also have `reset(seed)`, called before each episode.
"""


@runtime_checkable
class PolicySource(Protocol):
    """A source of a policy; it can be pickled, so that each worker loads its own copy.

    Attributes:
        name: The policy as the user spelled it.
        deterministic: Whether the policy draws nothing at random; None if that is unknown.

    A source may also have `sha256`, the hash of the text or model that decides its actions.
    """

    name: str
    deterministic: bool | None

    def load(self) -> Policy:
        """Return a new policy, ready for its first episode."""


@dataclass(frozen=True, slots=True)
class EpisodeSummary:
    """One finished episode.

    Attributes:
        episode: Index of the episode in its run.
        seed: The episode's own seed.
        score: Sum of the rewards.
        steps: Steps played.
        frames: Frames emulated since the boot, no-ops included.
        terminated: Whether the game was over.
        truncated: Whether the episode reached `max_frames`. An episode that was cut is neither.
    """

    episode: int
    seed: int
    score: float
    steps: int
    frames: int
    terminated: bool
    truncated: bool

    @property
    def complete(self) -> bool:
        """Whether the episode ended on its own, in either way."""
        return self.terminated or self.truncated

    def as_json(self) -> dict[str, int | float | bool]:
        """Return the summary with the field names of `atari rollout --json`."""
        fields = asdict(self)
        return {"return" if name == "score" else name: fields[name] for name in fields}
