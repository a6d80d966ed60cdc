"""An Atari environment on OpenEnv's own server, with which `atari serve` is compared.

It runs in the peers' virtual environment, which has no `atari_cli`. Each step does the same as the
`atari_env` of OpenEnv's repository, which is not published as a package: ALE's RGB screen becomes a
list of integers in a pydantic observation, which the server converts to JSON.

    python benchmarks/serve/upstream_server.py PORT [SESSIONS]
"""

import os
import sys
from typing import Any

import uvicorn
from ale_py import ALEInterface, LoggerMode, roms
from openenv.core.env_server import create_app
from openenv.core.env_server.interfaces import Environment
from openenv.core.env_server.types import Action, Observation, State

FRAMESKIP = 4


class AtariAction(Action):
    action_id: int
    game_name: str = "pong"
    obs_type: str = "rgb"
    full_action_space: bool = False


class AtariObservation(Observation):
    screen: list[int]
    screen_shape: list[int]
    legal_actions: list[int]
    lives: int = 0
    episode_frame_number: int = 0
    frame_number: int = 0


class Atari(Environment):
    SUPPORTS_CONCURRENT_SESSIONS = True

    def __init__(self) -> None:
        super().__init__()
        ALEInterface.setLoggerMode(LoggerMode.Error)
        self._ale = ALEInterface()
        self._ale.setFloat("repeat_action_probability", 0.0)
        rom = roms.get_rom_path(os.environ.get("ATARI_GAME", "pong"))
        assert rom is not None
        self._ale.loadROM(rom)
        self._actions = self._ale.getMinimalActionSet()
        self._shape = [*self._ale.getScreenDims(), 3]
        self._state = State(episode_id=None, step_count=0)

    def reset(
        self, seed: int | None = None, episode_id: str | None = None, **others: Any
    ) -> AtariObservation:
        self._ale.reset_game()
        self._state = State(episode_id=episode_id, step_count=0)
        return self._observe(0.0)

    def step(
        self, action: AtariAction, timeout_s: float | None = None, **others: Any
    ) -> AtariObservation:
        reward = 0
        for _ in range(FRAMESKIP):
            reward += self._ale.act(self._actions[action.action_id])
            if self._ale.game_over():
                break
        self._state.step_count += 1
        return self._observe(float(reward))

    @property
    def state(self) -> State:
        return self._state

    def _observe(self, reward: float) -> AtariObservation:
        return AtariObservation(
            screen=self._ale.getScreenRGB().flatten().tolist(),
            screen_shape=self._shape,
            legal_actions=list(range(len(self._actions))),
            lives=self._ale.lives(),
            episode_frame_number=self._ale.getEpisodeFrameNumber(),
            frame_number=self._ale.getFrameNumber(),
            done=self._ale.game_over(),
            reward=reward,
            metadata={"action_meanings": [str(action) for action in self._actions]},
        )


if __name__ == "__main__":
    port, sessions = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    app = create_app(
        Atari, AtariAction, AtariObservation, env_name="atari_env", max_concurrent_envs=sessions
    )
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
