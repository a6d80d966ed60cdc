"""The state of a game and what has happened in it, as data, as text and as a picture."""

from collections.abc import Collection
from typing import Annotated, Any, Final, Literal, Self

import numpy as np
from pydantic import BaseModel, Field, PrivateAttr

from atari_cli.actions import ACTION_NAMES
from atari_cli.model import StepResult
from atari_cli.pictures.png import png
from atari_cli.server.mcp.changes import Move, Region, changed, movements, regions, standing_out
from atari_cli.server.mcp.labels import labelled
from atari_cli.server.sessions.view import EpisodeView

Stop = Literal["life", "reward", "change"]
"""Reasons to end a series of steps: a lost life, a reward, a screen unlike the one before them."""

SCALE: Final = 2
MOST_SCALE: Final = 4
"""Pixels of a picture per Atari pixel."""

MOST_EVENTS: Final = 30
MOST_CHANGES: Final = 8
MOST_OBJECTS: Final = 24


class Standing(BaseModel):
    """The state of a game."""

    session_id: Annotated[str, Field(description="For clients that keep no session.")]
    game: Annotated[str, Field(description="The id of the game.")]
    seed: Annotated[int, Field(description="The seed that it was started with.")]
    score: Annotated[float, Field(description="Sum of the rewards of this game.")]
    lives: Annotated[int, Field(description="Always 0 if ALE counts none in this game.")]
    steps: Annotated[int, Field(description="Steps since new_game.")]
    frames: Annotated[int, Field(description="Frames since new_game.")]
    terminated: Annotated[bool, Field(description="The game is over.")]
    truncated: Annotated[bool, Field(description="It was truncated at max_frames.")]
    memory: Annotated[dict[str, int], Field(description="Known values in the game's memory.")]

    @classmethod
    def of(cls, view: EpisodeView, **more: Any) -> Self:
        """Return the state of a session's game: the facts that the class has fields for.

        Args:
            view: The game.
            more: Further fields of a subclass.
        """
        return cls.model_validate(
            {
                "seed": view.summary.seed,
                "score": view.summary.score,
                "steps": view.summary.steps,
                "frames": view.summary.frames,
                "terminated": view.summary.terminated,
                "truncated": view.summary.truncated,
                "session_id": view.session_id,
                "game": view.game.id,
                "lives": view.result.observation.lives,
                "memory": labelled(view.game.id, view.result.observation.ram),
                "frameskip": view.config.frameskip,
                "actions": [ACTION_NAMES[code] for code in view.action_codes],
                "saved": list(view.saved),
                **more,
            }
        )

    def __str__(self) -> str:
        """Return it as text, one fact per line."""
        fate = "game over" if self.terminated else "cut" if self.truncated else "going on"
        lives = f", lives {self.lives}" if self.lives else ""
        lines = [
            f"{self.game}, seed {self.seed}, {fate}: score {self.score:g}{lives}, "
            f"step {self.steps}, frame {self.frames}"
        ]
        if self.memory:
            pairs = (f"{name} {value}" for name, value in self.memory.items())
            lines.append(f"memory: {', '.join(pairs)}")
        return "\n".join(lines)


class Status(Standing):
    """The state of a game, and what presses do not change."""

    frameskip: Annotated[int, Field(description="Frames of a step.")]
    actions: Annotated[list[str], Field(description="Names that press takes.")]
    saved: Annotated[list[str], Field(description="Names that restore_state takes.")]

    @property
    def means(self) -> str:
        """The actions, and the length of a step."""
        frames = "a frame" if self.frameskip == 1 else f"{self.frameskip} frames"
        return f"actions: {', '.join(self.actions)}; a step is {frames}"


class Event(BaseModel):
    """A step that earned a reward or changed the lives."""

    step: Annotated[int, Field(description="Since new_game.")]
    reward: Annotated[float, Field(description="Earned by the step.")]
    lives: Annotated[int, Field(description="Left after the step.")]

    def __str__(self) -> str:
        what = [f"{self.reward:+g}"] if self.reward else []
        what += [f"lives {self.lives}"] if self.lives or not what else []
        return f"step {self.step}: {', '.join(what)}"


class PressResult(Standing):
    """The state of a game after keys were pressed, and what that did."""

    steps_played: Annotated[
        int, Field(description="Fewer than requested if the game ended or stop_on ended them.")
    ]
    stopped_by: Annotated[Stop | None, Field(description="The one of stop_on that ended them.")]
    reward: Annotated[float, Field(description="Earned by these steps.")]
    events: Annotated[
        list[Event], Field(description="Steps that earned a reward or changed the lives.")
    ]
    events_left_out: Annotated[int, Field(description="Number of further events.")]
    moves: Annotated[list[Move], Field(description="Things that are elsewhere than before.")]
    changed_percent: Annotated[float, Field(description="Of the screen, from before to after.")]
    changes: Annotated[list[Region], Field(description="Other changes.")]
    changes_left_out: Annotated[int, Field(description="Number of further moves and changes.")]
    _memory_before: dict[str, int] = PrivateAttr(default_factory=dict)

    def __str__(self) -> str:
        """Return the news, as short as possible: a model reads it after each decision."""
        facts = [f"score {self.score:g}" + f" ({self.reward:+g})" * bool(self.reward)]
        facts += [f"lives {self.lives}"] * bool(self.lives)
        facts += ["game over"] * self.terminated + ["cut"] * self.truncated
        facts += [f"stopped by {self.stopped_by}"] * bool(self.stopped_by)
        played = f"{self.steps_played} step{'s' * (self.steps_played != 1)}"
        lines = [f"{played} to {self.steps}: {', '.join(facts)}"]
        if not (self.stopped_by and len(self.events) == 1):  # the facts say it
            lines += map(str, self.events)
        if self.events_left_out:
            lines.append(f"and {self.events_left_out} more such steps")
        known, before = self.memory.items(), self._memory_before
        new = [f"{name} {value}" for name, value in known if before.get(name) != value]
        new += [f"no {name}" for name in before if name not in self.memory]
        changes = [f"{region.place} {region.colour_word}" for region in self.changes]
        for head, found in (("", new), ("moved: ", self.moves), ("changed: ", changes)):
            if found:
                lines.append(head + ", ".join(map(str, found)))
        if self.changes_left_out:
            lines.append(f"and {self.changes_left_out} more")
        if not self.changed_percent:
            lines.append("nothing changed on the screen")
        return "\n".join(lines)


class ScreenResult(BaseModel):
    """The things on the screen."""

    game: Annotated[str, Field(description="The id of the game.")]
    width: Annotated[int, Field(description="Pixels per line of the unscaled screen.")]
    height: Annotated[int, Field(description="Lines of the unscaled screen.")]
    scale: Annotated[int, Field(description="Pixels of the picture per pixel of the screen.")]
    steps: Annotated[int, Field(description="Steps since new_game.")]
    objects: Annotated[
        list[Region], Field(description="Regions whose colour is not the usual one of their rows.")
    ]
    objects_left_out: Annotated[int, Field(description="Number of further, smaller objects.")]

    @classmethod
    def of(cls, view: EpisodeView, scale: int) -> Self:
        """Return a description of a game's screen.

        Args:
            view: The game.
            scale: Pixels of the picture per Atari pixel.
        """
        screen = view.result.observation.indices
        objects, left_out = regions(standing_out(screen), screen, view.game.tv, MOST_OBJECTS)
        height, width = screen.shape
        return cls(
            game=view.game.id,
            width=width,
            height=height,
            scale=scale,
            steps=view.summary.steps,
            objects=objects,
            objects_left_out=left_out,
        )

    def __str__(self) -> str:
        """Return it as text."""
        what = f"{self.game} at step {self.steps}, {self.width} × {self.height} pixels"
        return f"{what}, {self.scale} times as large; standing out from the rows" + _listed(
            self.objects, self.objects_left_out
        )


def picture(view: EpisodeView, scale: int = SCALE) -> bytes:
    """Return a game's screen as a PNG file.

    Args:
        view: The game.
        scale: Pixels of the picture per Atari pixel.
    """
    return png(view.result.observation.indices, view.game, scale)


class StepNotes:
    """Collects the events of a series of steps.

    Args:
        before: The game before them.
        stop_on: Reasons to end them.
    """

    def __init__(self, before: EpisodeView, stop_on: Collection[Stop] = ()) -> None:
        observation = before.result.observation
        self._begun = before.summary
        self._screen = observation.indices
        self._memory = labelled(before.game.id, observation.ram)
        self._lives = observation.lives
        self._step = before.summary.steps
        self._events: list[Event] = []
        self._stop_on = stop_on
        self._stopped_by: Stop | None = None

    @property
    def is_over(self) -> bool:
        """Whether something has happened that ends the series."""
        return self._stopped_by is not None

    def add(self, result: StepResult) -> None:
        """Note the result of a step."""
        self._step += 1
        lives = result.observation.lives
        if result.reward or lives != self._lives:
            self._events.append(Event(step=self._step, reward=result.reward, lives=lives))
        if "life" in self._stop_on and lives < self._lives:
            self._stopped_by = "life"
        elif "reward" in self._stop_on and result.reward:
            self._stopped_by = "reward"
        elif "change" in self._stop_on:
            is_same = np.array_equal(self._screen, result.observation.indices)
            self._stopped_by = None if is_same else "change"
        self._lives = lives

    def result(self, after: EpisodeView) -> PressResult:
        """Return the effect of the steps, with the game after them."""
        screen, tv = after.result.observation.indices, after.game.tv
        moves, rest = movements(self._screen, screen, tv)
        changes, left_out = regions(rest, screen, tv, max(0, MOST_CHANGES - len(moves)))
        played = PressResult.of(
            after,
            steps_played=after.summary.steps - self._begun.steps,
            stopped_by=self._stopped_by,
            reward=after.summary.score - self._begun.score,
            events=self._events[:MOST_EVENTS],
            events_left_out=max(0, len(self._events) - MOST_EVENTS),
            moves=moves[:MOST_CHANGES],
            changed_percent=round(100 * float(changed(self._screen, screen).mean()), 2),
            changes=changes,
            changes_left_out=left_out + max(0, len(moves) - MOST_CHANGES),
        )
        played._memory_before = self._memory
        return played


def _listed(found: list[Region], left_out: int) -> str:
    more = [f"and {left_out} more"] if left_out else []
    return "".join(f"\n- {item}" for item in (*found, *more))
