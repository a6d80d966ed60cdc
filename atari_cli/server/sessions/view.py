"""A session's episode as values to read, which can change nothing, and as one to play."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from atari_cli.config import EnvironmentConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.games import Game
from atari_cli.model import AtariState, EpisodeSummary, StepResult

AnyReply = TypeVar("AnyReply")
Encode = Callable[[StepResult, AtariState], AnyReply]
"""Makes a reply of a result and the state when its episode began."""


class EpisodeView(NamedTuple):
    """A session's episode after its last reset or step.

    Attributes:
        session_id: The session's id.
        episode: Number of the episode in its session, from 1.
        game: The game.
        config: The settings in force.
        action_codes: The action set as ALE codes.
        state: The episode and its settings.
        summary: The episode so far.
        result: What its last reset or step returned.
        saved: Names of the session's saved states, sorted.
    """

    session_id: str
    episode: int
    game: Game
    config: EnvironmentConfig
    action_codes: tuple[int, ...]
    state: AtariState
    summary: EpisodeSummary
    result: StepResult
    saved: tuple[str, ...]


class Playing(NamedTuple):
    """An episode while one caller plays it: `Session.play` passes it.

    Attributes:
        view: Returns a view of the episode.
        step: Plays an action and returns the result.
    """

    view: Callable[[], EpisodeView]
    step: Callable[[int], StepResult]


def view_of(
    environment: AtariEnvironment,
    result: StepResult,
    session_id: str,
    episode: int,
    saved: tuple[str, ...],
) -> EpisodeView:
    """Return the view of an environment in an episode.

    Args:
        environment: The environment.
        result: What its last reset or step returned.
        session_id: The session's id.
        episode: Number of the episode in its session.
        saved: Names of the session's saved states.
    """
    return EpisodeView(
        session_id,
        episode,
        environment.game,
        environment.config,
        tuple(environment.action_codes),
        environment.state,
        environment.summary(),
        result,
        saved,
    )
