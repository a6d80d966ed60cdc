"""Real peers, each in its own virtual environment."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from benchmarks.virtual import Peers, newest_peers, oldest_peers, outside
from tests.server.conftest import start as start  # a fixture is found by its name

SCRIPTS = Path(__file__).parent


@pytest.fixture(scope="session")
def newest() -> Peers:
    """The newest `openenv`, and schemathesis."""
    peers = newest_peers()
    peers.make()
    return peers


@pytest.fixture(scope="session")
def oldest() -> Peers:
    """The oldest `openenv`."""
    peers = oldest_peers()
    peers.make()
    return peers


def run(
    peers: Peers, program: str, *arguments: str, folder: Path | None = None, **variables: str
) -> str:
    """Run a program of a virtual environment that must succeed, and return its output."""
    command = [str(peers.program(program)), *arguments]
    variables = outside(variables)
    done = subprocess.run(
        command, capture_output=True, text=True, env=variables, cwd=folder, timeout=300, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def run_cases(peers: Peers, script: str, cases: dict[str, list[str]]) -> dict[str, Any]:
    """Run named cases of a client in one process, because it takes seconds to start."""
    found: dict[str, Any] = json.loads(
        run(peers, "python", str(SCRIPTS / script), json.dumps(cases))
    )
    return found
