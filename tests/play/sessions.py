"""Sessions for tests: short games in a temporary folder, driven tick by tick."""

import random
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from atari_cli.config import PLAY_SETTINGS, EnvironmentConfig, PlayConfig, RecordConfig
from atari_cli.games import find_game
from atari_cli.play.agent import Agent
from atari_cli.play.game_run import GameRun
from atari_cli.play.interface import Command, Inputs, View
from atari_cli.play.play_session import PlaySession
from atari_cli.play.saved.shelf import Shelf
from atari_cli.policies import find_policy
from atari_cli.recording import Recording, load_recording, verify

Value = TypeVar("Value")
PATIENT = 60.0
"""Seconds to wait for agents and files, so that no tick passes without them on a busy machine."""


def settings(game: str = "breakout", **others: Any) -> EnvironmentConfig:
    return EnvironmentConfig(**{**PLAY_SETTINGS, "game": game, **others})


def make_run(folder: Path, game: str = "breakout", policy: str = "human", **others: Any) -> GameRun:
    files = RecordConfig(out=folder, video=False, screens=False)
    return GameRun(settings(game, **others), files, policy)


class Game:
    """A session that a test plays, in a folder."""

    def __init__(
        self,
        folder: Path,
        game: str = "breakout",
        policy: str | None = None,
        games: int | None = None,
        step: bool = False,
        patience: float = PATIENT,
        **others: Any,
    ) -> None:
        self.folder = folder
        self.run = make_run(folder, game, policy or "human", **others)
        self.shelf = Shelf(folder / "data", find_game(game))
        config = PlayConfig(out=folder, step=step)
        codes = find_game(game).minimal_actions
        source = find_policy(policy, game, codes) if policy else None
        agent = Agent(source, codes, patience=patience) if source else None
        self.session = PlaySession(self.run, config, self.shelf, agent, games, patience)
        self.view = self.tick()

    @property
    def steps(self) -> int:
        return self.run.live.steps

    def tick(self, *commands: Command, ticks: int = 1, **inputs: Any) -> View:
        """Let ticks pass; the commands are given in the first."""
        for _ in range(ticks):
            self.view = self.session.tick(Inputs(commands=commands, **inputs), lambda: False)
            commands, inputs = (), {**inputs, "touched": False}
        return self.view

    def hold(self, command: Command, ticks: int = 1) -> View:
        return self.tick(ticks=ticks, held=frozenset({command}))

    def wander(self, ticks: int, seed: int = 0) -> None:
        """Play at random, each action for some frames."""
        draw = random.Random(seed)
        while ticks > 0:
            length = min(ticks, draw.randint(1, 12))
            self.tick(ticks=length, code=draw.randrange(18))
            ticks -= length

    def put_away(self) -> Recording:
        """End the session and return its last recording, which must verify."""
        self.session.close()
        file = self.shelf.played[-1].file
        assert file is not None
        recording = load_recording(file)
        verify(recording)
        return recording


def until(ask: Callable[[], Value]) -> Value:
    """Return the value of a function once it is true, as it will be soon."""
    end = monotonic() + 30.0
    while not (value := ask()):
        assert monotonic() < end, "it did not come true in time"
    return value
