"""The arrays of an episode that grows in memory, by step and by frame."""

from array import array
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from atari_cli.games import Game
from atari_cli.model import Progress, StepResult
from atari_cli.recording.format.schema import (
    DTYPES,
    PICTURES,
    Episode,
    array_shapes,
    digest,
    progress,
)
from atari_cli.recording.step_proof import StepProof
from atari_cli.validation import whole_number

_TYPECODES: Final = {"u1": "B", "b1": "B", "f4": "f", "u4": "I"}


class GrowingArrays:
    """An episode's arrays without pictures: 17 bytes per step, 1 per frame, with paddles 5.

    Args:
        game: The game; paddle games have strengths.
    """

    def __init__(self, game: Game) -> None:
        self._columns: dict[str, array[Any]] = {
            name: array(_TYPECODES[DTYPES[name].str[1:]])
            for name in array_shapes(game, 0, 0)
            if name not in PICTURES
        }
        # How many frames had been played after the reset and after each step.
        self._frames = array("I")

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self._columns["actions"])

    @property
    def last_actor(self) -> int | None:
        """The actor of the last step; None before the first."""
        return self._columns["actors"][-1] if self.steps else None

    @property
    def state_hash(self) -> int:
        """The hash after the last step, or after the reset."""
        return int(self._columns["hashes"][-1])

    def step(self, action: int, actor: int, result: StepResult, proof: StepProof) -> None:
        """Add a step.

        Args:
            action: The action as an ALE code.
            actor: `POLICY` or `HUMAN`.
            result: The result of the step.
            proof: The proof after the step.
        """
        columns = self._columns
        columns["actions"].append(action)
        columns["actors"].append(actor)
        columns["rewards"].append(result.reward)
        columns["terminations"].append(result.terminated)
        columns["truncations"].append(result.truncated)
        columns["lives"].append(result.observation.lives)
        self.add_state(proof)

    def cut(self, steps: int) -> None:
        """Keep the first steps and discard the later ones.

        Raises:
            InvalidSetting: If there are fewer steps.
        """
        frames = self.frames(steps)
        for name, column in self._columns.items():
            kept = frames if name in ("frame_actions", "strengths") else steps
            del column[kept + (name == "hashes") :]
        del self._frames[steps + 1 :]

    def frames(self, steps: int) -> int:
        """Return how many frames had been played after a step.

        Raises:
            InvalidSetting: As `cut`.
        """
        return self._frames[whole_number(0, self.steps)("steps", steps)]

    def progress(self, steps: int) -> Progress:
        """Return the progress after a step.

        Raises:
            InvalidSetting: As `cut`.
        """
        return progress(self._columns, steps, self.frames(steps))

    def episode(self, header: dict[str, Any]) -> Episode:
        """Return a copy of the episode so far.

        Args:
            header: Its header; totals and digest are added.
        """
        arrays = {name: np.array(column, DTYPES[name]) for name, column in self._columns.items()}
        complete = header | {"totals": _totals(arrays)}
        complete["digest"] = digest(complete, arrays)
        return Episode(complete, arrays)

    def add_state(self, proof: StepProof) -> None:
        """Add the state after the reset; `step` adds that after a step."""
        columns = self._columns
        columns["hashes"].append(proof.state_hash)
        columns["frame_actions"].frombytes(proof.codes)
        if "strengths" in columns:
            columns["strengths"].frombytes(proof.strengths)
        self._frames.append(len(columns["frame_actions"]))


def _totals(arrays: dict[str, NDArray[Any]]) -> dict[str, int | float | bool]:
    return {
        "steps": len(arrays["actions"]),
        "frames": len(arrays["frame_actions"]),
        "score": float(arrays["rewards"].sum(dtype=np.float64)),
        "terminated": bool(arrays["terminations"][-1:].any()),
        "truncated": bool(arrays["truncations"][-1:].any()),
    }
