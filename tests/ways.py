"""The ways to play: in-process, and over the wire with each client. All implement `Way`.

Another client, such as upstream's, is one more class here or in its own test file.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from http.client import HTTPConnection
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

import numpy as np

from atari_cli import AtariAction, AtariEnv, AtariEnvironment, StepResult, SyncAtariEnv
from atari_cli.model import AtariState, Bytes
from tests.server.conftest import Ways


class Refused(Exception):
    """Raised by each way when a request is refused, whatever its client raises."""


class Seen(NamedTuple):
    """The result of a reset or a step, as every way returns it."""

    pixels: Bytes
    screen: list[int]
    legal_actions: list[int]
    lives: int
    frames: tuple[int, int]
    reward: float
    done: bool


class Way(Protocol):
    """A way to play one session; it is closed as a context manager.

    Attributes:
        over_the_wire: Whether a step before the first reset begins an episode, and one after its
            end repeats the last observation. In-process both are ResetNeeded.
    """

    over_the_wire: bool

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...
    def reset(self, **options: Any) -> Seen:
        """Start an episode: `seed`, `episode_id` and settings; Refused if one is wrong."""

    def step(self, action: int) -> Seen:
        """Play an action; Refused if it is not in the action set."""

    def state(self) -> dict[str, Any]:
        """Return `episode_id`, `step_count`, `game_name` and other values."""


def seen(result: StepResult) -> Seen:
    """Convert our own result."""
    observation = result.observation
    return Seen(
        observation.pixels.copy(),
        list(observation.screen),
        list(observation.legal_actions),
        observation.lives,
        (observation.episode_frame_number, observation.frame_number),
        result.reward,
        result.done,
    )


def seen_reply(reply: dict[str, Any]) -> Seen:
    """Convert OpenEnv's JSON."""
    found = reply["observation"]
    return Seen(
        np.array(found["screen"], np.uint8).reshape(found["screen_shape"]),
        found["screen"],
        found["legal_actions"],
        found["lives"],
        (found["episode_frame_number"], found["frame_number"]),
        reply["reward"],
        reply["done"],
    )


def as_dict(state: AtariState) -> dict[str, Any]:
    return {name: getattr(state, name) for name in AtariState.__slots__}


class InProcess:
    """The environment itself."""

    over_the_wire = False

    def __init__(self, ways: Ways) -> None:
        self._environment = AtariEnvironment()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._environment.close()

    def reset(self, **options: Any) -> Seen:
        try:
            return seen(self._environment.reset(**options))
        except ValueError as wrong:
            raise Refused(str(wrong)) from wrong

    def step(self, action: int) -> Seen:
        try:
            return seen(self._environment.step(AtariAction(action_id=action)))
        except ValueError as wrong:
            raise Refused(str(wrong)) from wrong

    def state(self) -> dict[str, Any]:
        return as_dict(self._environment.state)


class Blocking:
    """`AtariEnv(...).sync()`."""

    over_the_wire = True

    def __init__(self, ways: Ways) -> None:
        self._env: SyncAtariEnv = AtariEnv(base_url=ways.server.url).sync()

    def __enter__(self) -> Self:
        self._env.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._env.__exit__(*error)

    def reset(self, **options: Any) -> Seen:
        try:
            return seen(self._env.reset(**options))
        except ValueError as wrong:
            raise Refused(str(wrong)) from wrong

    def step(self, action: int) -> Seen:
        try:
            return seen(self._env.step(AtariAction(action_id=action)))
        except ValueError as wrong:
            raise Refused(str(wrong)) from wrong

    def state(self) -> dict[str, Any]:
        return as_dict(self._env.state())


class Awaited:
    """`AtariEnv(...)` in its own event loop."""

    over_the_wire = True

    def __init__(self, ways: Ways) -> None:
        self._env = AtariEnv(base_url=ways.server.url)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._runner = self._stack.enter_context(asyncio.Runner())
        self._runner.run(self._env.__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._stack:
            self._runner.run(self._env.__aexit__(kind, error, trace))

    def reset(self, **options: Any) -> Seen:
        try:
            return seen(self._run(lambda: self._env.reset(**options)))
        except ValueError as wrong:
            raise Refused(str(wrong)) from wrong

    def step(self, action: int) -> Seen:
        try:
            return seen(self._run(lambda: self._env.step(AtariAction(action_id=action))))
        except ValueError as wrong:
            raise Refused(str(wrong)) from wrong

    def state(self) -> dict[str, Any]:
        return as_dict(self._run(self._env.state))

    def _run(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """Make a call within the event loop, outside which it would block."""

        async def made() -> Any:
            return await call()

        return self._runner.run(made())


class Http:
    """OpenEnv's JSON over HTTP, with the standard library."""

    over_the_wire = True

    def __init__(self, ways: Ways) -> None:
        self._connection = HTTPConnection(*ways.address, timeout=30)
        self._headers: dict[str, str] = {}

    def __enter__(self) -> Self:
        session = self._ask("POST", "/sessions", {})["session_id"]
        self._headers = {"X-Atari-Session": session}
        return self

    def __exit__(self, *error: object) -> None:
        self._ask("DELETE", f"/sessions/{self._headers['X-Atari-Session']}")
        self._connection.close()

    def reset(self, **options: Any) -> Seen:
        return seen_reply(self._ask("POST", "/reset", options))

    def step(self, action: int) -> Seen:
        return seen_reply(self._ask("POST", "/step", {"action": {"action_id": action}}))

    def state(self) -> dict[str, Any]:
        return dict(self._ask("GET", "/state"))

    def _ask(self, method: str, path: str, document: object = None) -> Any:
        body = None if document is None else json.dumps(document)
        self._connection.request(method, path, body, self._headers)
        response = self._connection.getresponse()
        text = response.read()
        if response.status == 422:
            raise Refused(text.decode())
        assert response.status in (200, 201), text
        return json.loads(text)
