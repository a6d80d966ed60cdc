"""`atari serve` compared with OpenEnv's own server, each with pong in RGB in its own process."""

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from http.client import HTTPConnection
from random import Random

import numpy as np
from numpy.typing import NDArray

from atari_cli.client import AtariEnv
from atari_cli.environment import AtariEnvironment
from atari_cli.model import StepResult
from atari_cli.wire.openenv_json import result_json
from benchmarks.report import Row
from benchmarks.serve.servers import official_client, ours, prebuilt, upstream
from benchmarks.timing import Effort, rate, ratio, seconds, side_by_side

_BATCH = 32
_JSON = {"Content-Type": "application/json"}


def http_steps(effort: Effort) -> list[Row]:
    """Compare POST /step with http.client on a kept connection."""
    with ours() as server, upstream() as other:
        figures = side_by_side(
            {
                "atari serve": _http(server.port, effort.pick(500, 20)),
                "upstream": _http(other.port, effort.pick(20, 2)),
            },
            effort.repeats,
        )
    value = ratio(figures, "atari serve", "upstream")
    return [Row("HTTP `/step` over upstream's", value, 100, figures, "requests/s")]


def official_steps(effort: Effort) -> list[Row]:
    """Compare servers with OpenEnv's newest client; each has one in a separate process."""
    steps = effort.pick(300, 20)
    with ExitStack() as stack:
        enter = stack.enter_context
        ports = {
            "atari serve": enter(ours()).port,
            "upstream": enter(upstream()).port,
            "prebuilt reply": enter(prebuilt(_reply())),
        }
        clients = {name: enter(official_client(port)) for name, port in ports.items()}
        figures = side_by_side(
            {name: _official(client.play, steps) for name, client in clients.items()},
            effort.pick(15, 1),
        )
    over = "WebSocket with the official client on both, over "
    return [
        Row(f"{over}{what}", ratio(figures, "atari serve", other), limit, figures, "steps/s")
        for what, other, limit in (
            ("upstream", "upstream", 1.6),
            ("one prebuilt reply", "prebuilt reply", 0.85),
        )
    ]


def our_steps(effort: Effort) -> list[Row]:
    """Compare our client and server with OpenEnv's and with an environment in this process.

    The pixels of each step are read, except with OpenEnv's client, which has lists of integers.
    """
    steps = effort.pick(600, 2 * _BATCH)
    with ExitStack() as stack:
        enter = stack.enter_context
        server, other = enter(ours()), enter(upstream())
        client = enter(AtariEnv(base_url=server.url).sync())
        environment = enter(AtariEnvironment("pong"))
        actions = _actions(steps)

        def play_here() -> int:
            return _play(environment.step, actions)

        def play_there() -> int:
            return _play(client.step, actions)

        def play_batches() -> int:
            for start in range(0, steps, _BATCH):
                for result in client.step_many(actions[start : start + _BATCH]):
                    _check_screen(result.observation.pixels)
            return steps

        official = enter(official_client(other.port))
        figures = side_by_side(
            {
                "in-process": rate(play_here, lambda: environment.reset(seed=0)),
                "atari.v1": rate(play_there, lambda: client.reset(seed=0)),
                "step_many": rate(play_batches, lambda: client.reset(seed=0)),
                "official client on upstream": _official(official.play, effort.pick(150, 20)),
            },
            effort.pick(15, 1),
        )
    return [
        Row(what, ratio(figures, above, below), limit, figures, "steps/s")
        for what, above, below, limit in (
            (
                "WebSocket, our client over the official one on upstream",
                "atari.v1",
                "official client on upstream",
                25,
            ),
            ("WebSocket, our client over in-process", "atari.v1", "in-process", 0.5),
            (f"`step_many`, batches of {_BATCH}, over in-process", "step_many", "in-process", 0.9),
        )
    ]


def first_health(effort: Effort) -> list[Row]:
    """Measure the time from the command to the first healthy reply."""

    def start(serve: Callable[[], object]) -> Callable[[], float]:
        def measure() -> float:
            with ExitStack() as stack:
                return seconds(lambda: stack.enter_context(serve()))  # type: ignore[arg-type]

        return measure

    contestants = {"atari serve": start(ours), "upstream": start(upstream)}
    figures = side_by_side(contestants, effort.repeats)
    value = sorted(figures["atari serve"])[len(figures["atari serve"]) // 2]
    what = "from the command to the first `/health`"
    return [Row(what, value, 1.0, figures, "s", unit="s", at_most=True)]


def _http(port: int, requests: int) -> Callable[[], float]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    body = json.dumps({"action": {"action_id": 2}})

    def ask(path: str, text: str) -> None:
        connection.request("POST", path, text, _JSON)
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"POST {path}: {response.status}")

    def play() -> int:
        for _ in range(requests):
            ask("/step", body)
        return requests

    return rate(play, lambda: ask("/reset", "{}"))


def _official(play: Callable[[int], float], steps: int) -> Callable[[], float]:
    return lambda: play(steps)


def _play(step: Callable[[int], StepResult], actions: Sequence[int]) -> int:
    for action in actions:
        _check_screen(step(action).observation.pixels)
    return len(actions)


def _check_screen(screen: NDArray[np.uint8]) -> None:
    if screen.shape != (210, 160, 3):
        raise RuntimeError(f"not a screen: {screen.shape}")


def _actions(steps: int) -> list[int]:
    """Return the actions that OpenEnv's client also plays; too few to end an episode."""
    draw = Random(0)
    return [draw.randrange(6) for _ in range(steps)]


def _reply() -> bytes:
    """Return the reply to a step, as `atari serve` sends it."""
    with AtariEnvironment("pong") as environment:
        environment.reset(seed=0)
        result = environment.step(2)
        text = b"".join(result_json(result, environment.state))
    return b'{"type":"observation","data":%b}' % text
