"""Runs cases of OpenEnv's newest client at a server; prints their results as JSON.

python newest_client.py '{"NAME": ["CASE", "URL"], …}'
"""

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

from openenv.core import EnvClient, GenericEnvClient
from openenv.core.client_types import StepResult
from openenv.core.env_server.types import Action, Observation, State


class AtariAction(Action):
    """The action that OpenEnv's Atari client sends."""

    action_id: int
    game_name: str = "pong"
    obs_type: str = "rgb"
    full_action_space: bool = False


class AtariObservation(Observation):
    """The observation that OpenEnv's Atari client reads."""

    screen: list[int]
    screen_shape: list[int]
    legal_actions: list[int]
    lives: int
    episode_frame_number: int
    frame_number: int


class AtariState(State):
    """The state that OpenEnv's Atari client reads."""

    game_name: str
    obs_type: str
    full_action_space: bool
    mode: int | None
    difficulty: int | None
    repeat_action_probability: float
    frameskip: int


class TypedClient(EnvClient[AtariAction, AtariObservation, AtariState]):
    """A client with typed models, like those of OpenEnv's packages."""

    def _step_payload(self, action: AtariAction) -> dict[str, Any]:
        fields = ("action_id", "game_name", "obs_type", "full_action_space")
        return {name: getattr(action, name) for name in fields}

    def _parse_result(self, payload: dict[str, Any]) -> StepResult[AtariObservation]:
        outcome = {"done": payload["done"], "reward": payload["reward"]}
        observation = AtariObservation(**payload["observation"], **outcome)
        return StepResult(observation=observation, **outcome)

    def _parse_state(self, payload: dict[str, Any]) -> AtariState:
        return AtariState(**payload)


def told(result: Any) -> dict[str, Any]:
    return {"observation": result.observation, "reward": result.reward, "done": result.done}


def sync_episode(url: str) -> Any:
    with GenericEnvClient(base_url=url).sync() as client:
        first = client.reset(seed=7, episode_id="mine")
        steps = [client.step({"action_id": action}) for action in (2, 3, 2)]
        state = client.state()
    return {"results": [told(result) for result in (first, *steps)], "state": state}


def async_episode(url: str) -> Any:
    return asyncio.run(play_async(url))


async def play_async(url: str) -> Any:
    async with GenericEnvClient(base_url=url) as client:
        first = await client.reset(seed=7, episode_id="mine")
        steps = [await client.step({"action_id": action}) for action in (2, 3, 2)]
        state = await client.state()
    return {"results": [told(result) for result in (first, *steps)], "state": state}


def typed_models(url: str) -> Any:
    with TypedClient(base_url=url).sync() as client:
        client.reset()
        result = client.step(AtariAction(action_id=2))
        return {
            "shape": result.observation.screen_shape,
            "length": len(result.observation.screen),
            "meanings": result.observation.metadata["action_meanings"],
            "state": client.state().model_dump(),
        }


def errors(url: str) -> Any:
    """Each error is reported, and the session continues."""
    with GenericEnvClient(base_url=url).sync() as client:
        client.reset(seed=1)
        messages = [
            message_of(client.step, {"action_id": 99}),
            message_of(client.step, {"action": 1}),
        ]
        frame = client.step({"action_id": 0}).observation["frame_number"]
    return {"messages": messages, "frame": frame}


def settings(url: str) -> Any:
    with GenericEnvClient(base_url=url).sync() as client:
        return [message_of(client.reset, **wrong) for wrong in ({"mode": 77}, {"game": "pomg"})]


def reconnect(url: str) -> Any:
    """After a close the same client gets a new session; no session is left over."""
    client = GenericEnvClient(base_url=url).sync()
    frames = []
    for _ in range(3):
        with client:
            client.reset(seed=1)
            frames.append(client.step({"action_id": 0}).observation["frame_number"])
    return frames


def ending(url: str) -> Any:
    with GenericEnvClient(base_url=url).sync() as client:
        client.reset(seed=1, max_frames=10)
        results = [client.step({"action_id": 0}) for _ in range(5)]
        again = client.reset(seed=1)
    return {
        "done": [result.done for result in results],
        "frames": [result.observation["frame_number"] for result in results],
        "truncated": [result.observation["metadata"]["truncated"] for result in results],
        "again": again.done,
    }


def full(url: str) -> Any:
    """At a server that allows one session."""
    with GenericEnvClient(base_url=url).sync() as client:
        client.reset()
        message = message_of(GenericEnvClient(base_url=url).sync().reset)
        still = client.step({"action_id": 0}).observation["frame_number"]
    with GenericEnvClient(base_url=url).sync() as later:
        return {"message": message, "still": still, "later": later.reset().done}


def siblings(url: str) -> Any:
    """Sessions of one client are independent."""
    with GenericEnvClient(base_url=url).sync() as client:
        other = client.new_session()
        client.reset(seed=1)
        other.reset(seed=1)
        client.step({"action_id": 0})
        client.step({"action_id": 0})
        return [session.state()["step_count"] for session in (client, other)]


def header(url: str, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    with GenericEnvClient(base_url=url, headers=headers).sync() as client:
        return client.reset().done


def reset(url: str) -> Any:
    with GenericEnvClient(base_url=url).sync() as client:
        return client.reset().done


def refused(url: str) -> Any:
    return message_of(GenericEnvClient(base_url=url).sync().reset)


def message_of(call: Callable[..., object], *given: object, **named: object) -> str:
    try:
        call(*given, **named)
    except Exception as error:
        return str(error)
    raise AssertionError("there was no error")


if __name__ == "__main__":
    cases = json.loads(sys.argv[1])
    print(json.dumps({name: globals()[case](*given) for name, (case, *given) in cases.items()}))
