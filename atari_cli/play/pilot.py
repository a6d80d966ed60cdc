"""The players of a game: a human and an agent, who may hand over to each other at any time."""

from typing import TYPE_CHECKING, Final, Protocol

from atari_cli.emulator.paddle import held_action
from atari_cli.play.game_run import GameRun
from atari_cli.play.interface import Inputs
from atari_cli.recording import HUMAN, POLICY, Episode

if TYPE_CHECKING:
    from atari_cli.play.agent import Agent

_LONG: Final = 10
"""Ticks after which a word says that the agent thinks: half a second or so."""


class Pilot(Protocol):
    """Plays a run step by step."""

    def must_wait(self) -> bool:
        """Return whether there is no step to play now."""

    def play(self, inputs: Inputs) -> bool:
        """Play the next step; return False if it is not decided yet."""


class HumanAndAgent:
    """The pilot of a game in play: a human, or an agent until the human takes over.

    Args:
        run: The game.
        agent: The agent, which plays first; None without one.
        step_mode: Whether the game waits for each decision of the human.

    Attributes:
        is_human: Whether the human plays now.

    Raises:
        PolicyFailed: If the agent fails; in the methods.
    """

    def __init__(self, run: GameRun, agent: "Agent | None", step_mode: bool) -> None:
        self.is_human = agent is None
        self._run, self._agent, self._step_mode = run, agent, step_mode
        self._ticks_of_thought = 0

    @property
    def name(self) -> str:
        """The name of who plays now: `human`, or the policy's."""
        return "human" if self._agent is None or self.is_human else self._agent.name

    @property
    def decides_each_step(self) -> bool:
        """Whether the game waits for the human to decide each step."""
        return self._step_mode and self.is_human

    def must_wait(self) -> bool:
        """Return whether the game is over or the next step is the human's to decide."""
        return self._run.is_over or self.decides_each_step

    @property
    def is_thinking(self) -> bool:
        """Whether the game has waited for the agent for a while."""
        return not self.is_human and self._ticks_of_thought > _LONG

    def play(self, inputs: Inputs) -> bool:
        """Play the next step; return False if the agent has not decided yet."""
        environment = self._run.environment
        if self._agent and not self.is_human:
            environment.keep_observation()
            choice = self._agent.choose(self._run.result.observation)
            self._ticks_of_thought = self._ticks_of_thought + 1 if choice is None else 0
            if choice is None:
                return False
            self._run.step(choice, POLICY)
            return True
        code, strength = held_action(
            environment.emulator, environment.config, inputs.code, inputs.paddle
        )
        self._run.step(code, HUMAN, strength)
        return True

    def hand_over(self) -> str:
        """Let the other play, and return a message for the human."""
        if self._agent is None:
            return "no agent is here; start with --policy to have one"
        self.is_human = not self.is_human
        return "you play" if self.is_human else f"{self.name} plays"

    def begin_game(self) -> None:
        """Prepare the agent for a game that was just reset."""
        if self._agent:
            self._agent.begin(self._run.live.header["seed"], self._run.number)

    def close(self) -> None:
        """Close the agent."""
        if self._agent:
            self._agent.close()


class RecordedPilot:
    """The pilot of a recording that is watched: plays what was recorded.

    Args:
        run: The game, which began as the recording's did.
        episode: The recording.
    """

    def __init__(self, run: GameRun, episode: Episode) -> None:
        self._run, self._episode = run, episode

    def must_wait(self) -> bool:
        """Return whether the game or the recording is at its end."""
        return self._run.is_over or self._run.live.steps == self._episode.steps

    def play(self, inputs: Inputs) -> bool:
        """Play the next recorded step."""
        self._run.play_next(self._episode)
        return True
