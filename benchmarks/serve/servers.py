"""Servers and clients in separate processes, to be measured from here."""

import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from benchmarks.virtual import Peers, newest_peers, outside

_HERE = Path(__file__).parent
_HOST = "127.0.0.1"
_START_SECONDS = 60.0


class Served:
    """A healthy server.

    Attributes:
        port: The port on which it listens on this machine.
        process: The process.
    """

    def __init__(self, port: int, process: subprocess.Popen[Any]) -> None:
        self.port = port
        self.process = process

    @property
    def url(self) -> str:
        return f"http://{_HOST}:{self.port}"

    def resident(self) -> float:
        """Return its resident memory in MB."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text("ascii").split()[1])
        return pages * 4096 / 1e6


@contextmanager
def ours(game: str = "pong") -> Iterator[Served]:
    """Run `atari serve` with its defaults."""
    port = free_port()
    command = [sys.executable, "-m", "atari_cli", "serve", game, "--port", str(port)]
    with _served([*command, "--log-level", "error"], port) as server:
        yield server


@contextmanager
def upstream() -> Iterator[Served]:
    """Run OpenEnv's server with an Atari environment, pong."""
    port = free_port()
    program = _HERE / "upstream_server.py"
    with _served([str(peers().program("python")), str(program), str(port)], port) as server:
        yield server


@contextmanager
def prebuilt(reply: bytes) -> Iterator[int]:
    """Run a server that always sends the same reply; yield its port."""
    command = [sys.executable, str(_HERE / "prebuilt_server.py")]
    with _ended(
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    ) as process:
        assert process.stdin and process.stdout
        process.stdin.write(reply)
        process.stdin.close()
        yield int(process.stdout.readline())


class OfficialClient:
    """OpenEnv's newest client in a separate process, connected to a server."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def play(self, steps: int) -> float:
        """Play the first steps of an episode and return the steps per second."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{steps}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())


@contextmanager
def official_client(port: int) -> Iterator[OfficialClient]:
    """Connect OpenEnv's client."""
    program = str(_HERE / "official_client.py")
    command = [str(peers().program("python")), program, f"http://{_HOST}:{port}"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=outside({})
    )
    with _ended(process):
        assert process.stdout
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("OpenEnv's client did not connect")
        yield OfficialClient(process)


def peers() -> Peers:
    """Return the peers' virtual environment, creating it if needed."""
    environment = newest_peers()
    environment.make()
    return environment


def free_port() -> int:
    """Return a port that was free just now."""
    with socket.create_server((_HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def _served(command: Sequence[str], port: int) -> Iterator[Served]:
    # Its output would only disturb the table.
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=outside({})
    )
    with _ended(process):
        _wait_until_healthy(port, process)
        yield Served(port, process)


def _wait_until_healthy(port: int, process: subprocess.Popen[Any]) -> None:
    due = monotonic() + _START_SECONDS
    while monotonic() < due and process.poll() is None:
        connection = HTTPConnection(_HOST, port, timeout=5)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except (OSError, HTTPException):
            sleep(0.005)
        finally:
            connection.close()
    raise RuntimeError(f"a server did not start: {process.args!r}")


@contextmanager
def _ended(process: subprocess.Popen[Any]) -> Iterator[subprocess.Popen[Any]]:
    """Yield a process and end it."""
    with process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
