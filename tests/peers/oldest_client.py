"""Runs cases of OpenEnv's oldest client at a server; prints their results as JSON.

python oldest_client.py '{"NAME": ["CASE", "URL"], …}'
"""

import json
import sys
from collections.abc import Callable
from typing import Any

from openenv.core.client_types import StepResult
from openenv.core.env_client import EnvClient

Data = dict[str, Any]


class Client(EnvClient[Data, Data, Data]):
    """A client with plain dictionaries, because this release has no generic client."""

    def _step_payload(self, action: Data) -> Data:
        return action

    def _parse_result(self, payload: Data) -> StepResult[Data]:
        return StepResult(
            observation=payload["observation"], reward=payload["reward"], done=payload["done"]
        )

    def _parse_state(self, payload: Data) -> Data:
        return payload


def sync_episode(url: str) -> Any:
    with Client(base_url=url) as client:
        first = client.reset(seed=7, episode_id="mine")
        steps = [client.step({"action_id": action}) for action in (2, 3, 2)]
        state = client.state()
    results = [
        {"observation": result.observation, "reward": result.reward, "done": result.done}
        for result in (first, *steps)
    ]
    return {"results": results, "state": state}


def errors(url: str) -> Any:
    with Client(base_url=url) as client:
        client.reset(seed=1)
        messages = [
            message_of(client.step, {"action_id": 99}),
            message_of(client.step, {"action": 1}),
        ]
        frame = client.step({"action_id": 0}).observation["frame_number"]
    return {"messages": messages, "frame": frame}


def reconnect(url: str) -> Any:
    client = Client(base_url=url)
    frames = []
    for _ in range(3):
        with client:
            client.reset(seed=1)
            frames.append(client.step({"action_id": 0}).observation["frame_number"])
    return frames


def ending(url: str) -> Any:
    with Client(base_url=url) as client:
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
    with Client(base_url=url) as client:
        client.reset()
        message = message_of(Client(base_url=url).reset)
        still = client.step({"action_id": 0}).observation["frame_number"]
    with Client(base_url=url) as later:
        return {"message": message, "still": still, "later": later.reset().done}


def reset(url: str) -> Any:
    with Client(base_url=url) as client:
        return client.reset().done


def refused(url: str) -> Any:
    return message_of(Client(base_url=url).reset)


def message_of(call: Callable[..., object], *given: object, **named: object) -> str:
    try:
        call(*given, **named)
    except Exception as error:
        return str(error)
    raise AssertionError("there was no error")


if __name__ == "__main__":
    cases = json.loads(sys.argv[1])
    print(json.dumps({name: globals()[case](*given) for name, (case, *given) in cases.items()}))
