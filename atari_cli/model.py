"""What flows between the rooms: actions, observations, results, summaries, and the Policy protocol.

Names and fields are OpenEnv's where it has them, else Gymnasium's.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, overload, runtime_checkable

import numpy as np
from numpy.typing import DTypeLike, NDArray

from atari_cli.actions import ACTION_NAMES

Bytes = NDArray[np.uint8]
"""An array of uint8: pixels, palette indices, RAM or sound samples."""


@dataclass(slots=True)
class AtariAction:
    """An action as OpenEnv's clients send it; only `action_id` is acted on.

    Attributes:
        action_id: An index into the environment's action set, not an ALE code.
    """

    action_id: int
    game_name: str = "pong"
    obs_type: str = "rgb"
    full_action_space: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class AtariState:
    """An environment's episode and settings, as OpenEnv's `state` gives them.

    Attributes:
        episode_id: Name of the episode; None before the first reset.
        step_count: Steps since the last reset.
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
    """Where an observation's arrays come from; nothing is converted before it is asked for."""

    def pixels(self) -> Bytes:
        """Return the observation in its obs_type's shape, uint8."""

    def indices(self) -> Bytes:
        """Return the screen as palette indices, (height, 160) uint8."""

    def ram(self) -> Bytes:
        """Return the console's RAM, (128,) uint8."""

    def audio(self) -> Bytes:
        """Return the sound samples of the last frame, (512,) uint8, silence 128."""


class AtariObservation:
    """What an agent sees after a reset or a step.

    Attributes:
        screen_shape: (height, 160, 3) for rgb, (height, 160) for grayscale, (128,) for ram.
        legal_actions: The indices 0…n-1 of the action set.
        action_meanings: The names of these actions.
        lives: Lives left as ALE counts them; 0 throughout in games without lives.
        episode_frame_number: ALE's count of frames in this episode; not 0 at first in 16 games.
        frame_number: Frames over all episodes of this environment.
    """

    __slots__ = (
        "_frame",
        "_pixels",
        "action_meanings",
        "episode_frame_number",
        "frame_number",
        "legal_actions",
        "lives",
        "screen_shape",
    )

    def __init__(
        self,
        frame: Frame,
        screen_shape: tuple[int, ...],
        legal_actions: Sequence[int],
        action_meanings: Sequence[str],
        lives: int,
        episode_frame_number: int,
        frame_number: int,
    ) -> None:
        self._frame = frame
        self._pixels: Bytes | None = None
        self.screen_shape = screen_shape
        self.legal_actions = legal_actions
        self.action_meanings = action_meanings
        self.lives = lives
        self.episode_frame_number = episode_frame_number
        self.frame_number = frame_number

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
        """The screen as palette indices, (height, 160) uint8, whatever the obs_type is."""
        return self._frame.indices()

    @property
    def ram(self) -> Bytes:
        """The console's RAM, (128,) uint8, whatever the obs_type is."""
        return self._frame.ram()

    @property
    def audio(self) -> Bytes:
        """Sound samples of the last frame, (512,) uint8, silence 128; needs `sound=True`."""
        return self._frame.audio()

    def with_actions(self, codes: Sequence[int]) -> "AtariObservation":
        """Return the same observation for an agent whose action set is `codes`, as ALE codes."""
        return AtariObservation(
            self._frame,
            self.screen_shape,
            tuple(range(len(codes))),
            tuple(ACTION_NAMES[code] for code in codes),
            self.lives,
            self.episode_frame_number,
            self.frame_number,
        )

    def __repr__(self) -> str:
        return (
            f"AtariObservation(shape={self.screen_shape}, lives={self.lives}, "
            f"episode_frame_number={self.episode_frame_number})"
        )


@dataclass(slots=True)
class StepResult:
    """What `reset` and `step` return.

    Attributes:
        reward: ALE's raw reward summed over the frames of the step; 0 after a reset.
        terminated: The game is over.
        truncated: The episode reached `max_frames`.
    """

    observation: AtariObservation
    reward: float
    terminated: bool
    truncated: bool

    @property
    def done(self) -> bool:
        """Whether the episode has ended, either way."""
        return self.terminated or self.truncated


class Progress(NamedTuple):
    """A moment of an episode, as `AtariEnvironment.go_back` takes it.

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
    """Where a policy comes from; it can be pickled, so that each worker loads its own copy.

    Attributes:
        name: The policy as the user spelled it.
        deterministic: True if the policy draws nothing at random, None if that is unknown.
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
        terminated: The game was over.
        truncated: The episode reached `max_frames`. Neither is set in an episode that was cut.
    """

    episode: int
    seed: int
    score: float
    steps: int
    frames: int
    terminated: bool
    truncated: bool

    def as_json(self) -> dict[str, int | float | bool]:
        """Return the summary with the field names of `atari rollout --json`."""
        return {
            "episode": self.episode,
            "seed": self.seed,
            "return": self.score,
            "steps": self.steps,
            "frames": self.frames,
            "terminated": self.terminated,
            "truncated": self.truncated,
        }
