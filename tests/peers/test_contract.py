"""The contract of every way to play, checked with OpenEnv's newest client."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any, Self

import pytest

from benchmarks.virtual import Peers, outside
from tests import test_contract
from tests.peers.conftest import SCRIPTS
from tests.server.conftest import Ways, start, ways
from tests.ways import Refused, Seen, Way, seen_reply

__all__ = ["start", "ways"]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("newest peers")]

# Its tests are collected here once more, with the fixture `way` of this file.
globals().update(
    {name: test for name, test in vars(test_contract).items() if name.startswith("test_")}
)


class Upstream:
    """OpenEnv's client, running in the Python of its virtual environment."""

    over_the_wire = True

    def __init__(self, process: "subprocess.Popen[str]", url: str) -> None:
        self._process = process
        self._url = url

    def __enter__(self) -> Self:
        self._ask("open", self._url)
        return self

    def __exit__(self, *error: object) -> None:
        self._ask("close")

    def reset(self, **options: Any) -> Seen:
        return seen_reply(self._ask("reset", options))

    def step(self, action: int) -> Seen:
        return seen_reply(self._ask("step", action))

    def state(self) -> dict[str, Any]:
        return dict(self._ask("state"))

    def _ask(self, *request: Any) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        reply = json.loads(self._process.stdout.readline())
        if isinstance(reply, dict) and "refused" in reply:
            raise Refused(reply["refused"])
        return reply


@pytest.fixture(scope="module")
def upstream(newest: Peers) -> Iterator["subprocess.Popen[str]"]:
    """The process, which takes seconds to start."""
    command = [str(newest.program("python")), str(SCRIPTS / "contract_client.py")]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=outside({}), **pipes) as process:
        yield process
        assert process.stdin
        process.stdin.close()


@pytest.fixture
def way(upstream: "subprocess.Popen[str]", ways: Ways) -> Iterator[Way]:
    with Upstream(upstream, ways.server.url) as opened:
        yield opened
