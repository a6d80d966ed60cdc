"""OpenEnv's replies as JSON text, and JSON in general.

Replies are written from arrays, since a screen of 100,800 integers takes most of a step's time.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import orjson

from atari_cli.model import AtariState, StepResult

Json = dict[str, Any]


def result_json(result: StepResult, state: AtariState, ignored: Sequence[str] = ()) -> bytes:
    """Return a result as the JSON object that replies to a reset or a step."""
    observation = result.observation
    metadata: Json = {
        "game_name": state.game_name,
        "action_meanings": observation.action_meanings,
        "terminated": result.terminated,
        "truncated": result.truncated,
        "seed": state.seed,
    }
    if ignored:
        metadata["ignored"] = list(ignored)
    document = {
        "observation": {
            "screen": observation.pixels.reshape(-1),
            "screen_shape": observation.screen_shape,
            "legal_actions": observation.legal_actions,
            "lives": observation.lives,
            "episode_frame_number": observation.episode_frame_number,
            "frame_number": observation.frame_number,
            "metadata": metadata,
        },
        "reward": result.reward,
        "done": result.done,
        "metadata": metadata,
    }
    return to_json(document)


def state_json(state: AtariState) -> bytes:
    """Return a state as JSON."""
    return orjson.dumps(asdict(state))


def to_json(document: object) -> bytes:
    """Return a document as JSON; arrays are lists, and numbers that JSON has not become null."""
    return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)


def from_json(text: bytes | str | memoryview) -> Any:
    """Return the document that a JSON text holds.

    Raises:
        ValueError: If it is no JSON.
    """
    return orjson.loads(text)
