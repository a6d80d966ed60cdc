"""A server in its own container, by docker or podman."""

import os
import secrets
import shutil
import subprocess
import threading
import weakref
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from atari_cli.config import ServeConfig
from atari_cli.errors import ContainerFailed, MissingDependency
from atari_cli.system.container_health import is_healthy

ENGINES: Final = ("docker", "podman")
STOP_SECONDS: Final = 5

_POLL_SECONDS: Final = 0.1
_ENGINE_SECONDS: Final = 30.0
_LOG_LINES: Final = 5
_OWN_GROUP: Final = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
"""With this on Windows, and in a new session elsewhere, Ctrl-C does not reach the engine."""


class Container:
    """A running container with a server that answers; `start_container` starts one.

    It is removed by `remove`, by the garbage collector, or at the end of the program.

    Args:
        engine: The program that runs containers.
        name: The container's name.
        url: Where its server is.

    Attributes:
        name: The container's name.
        url: The URL of its server, reachable from this machine only.
        remove: Stops and removes the container; calling it again does nothing.
    """

    def __init__(self, engine: str, name: str, url: str) -> None:
        self.name = name
        self.url = url
        self.remove = weakref.finalize(self, _stop_and_remove, engine, name, os.getpid())


class OwnContainer:
    """Starts a container and stops it, for a client that has its own server.

    Args:
        image: The image.
        variables: Its environment variables.
        engine: The program that runs containers; None for docker if installed, else podman.
        seconds: How long its server may take to answer.
        port: The port of this machine at which to publish the server; None for a free one.
    """

    def __init__(
        self,
        image: str,
        variables: Mapping[str, str],
        engine: str | None,
        seconds: float,
        port: int | None,
    ) -> None:
        self._given = image, variables, engine, seconds, port
        self._container: Container | None = None

    def start(self, cancelled: threading.Event) -> str:
        """Start it, as `start_container` does, and return the URL of its server."""
        self._container = start_container(*self._given, cancelled)
        return self._container.url

    def stop(self) -> None:
        """Stop and remove it, if it runs."""
        if self._container:
            self._container.remove()
            self._container = None


def find_engine() -> str:
    """Return the program that runs containers.

    Raises:
        MissingDependency: If neither is installed.
    """
    for engine in ENGINES:
        if shutil.which(engine):
            return engine
    raise MissingDependency(
        f"a container needs {' or '.join(ENGINES)}, and neither is installed; "
        "or start a server with `atari serve` and give its URL to AtariEnv"
    )


def start_container(
    image: str,
    variables: Mapping[str, str],
    engine: str | None = None,
    seconds: float = 30.0,
    port: int | None = None,
    cancelled: threading.Event | None = None,
) -> Container:
    """Start a container and return it when its server answers.

    Args:
        image: The image.
        variables: Its environment variables.
        engine: The program that runs containers; None for docker if installed, else podman.
        seconds: How long its server may take to answer.
        port: The port of this machine at which to publish the server; None for a free one.
        cancelled: Another thread sets it to make this one give up.

    Raises:
        ContainerFailed: If it does not start or does not answer; it is removed then.
        MissingDependency: If the engine is not installed.
    """
    engine = engine or find_engine()
    cancelled = cancelled or threading.Event()
    name = f"atari-{secrets.token_hex(6)}"
    given = [f"--env={key}={value}" for key, value in variables.items()]
    # Published on this machine only; the engine chooses a free port if there is none.
    published = f"127.0.0.1:{port or ''}:{ServeConfig.port}"
    command = ["run", "--detach", "--name", name, "--publish", published, *given, image]
    try:
        _run(engine, command, cancelled)
        url = _published(engine, name)
        _wait_until_healthy(engine, name, url, seconds, cancelled)
        return Container(engine, name, url)
    except BaseException:
        _remove(engine, name)
        raise


def _run(engine: str, command: list[str], cancelled: threading.Event) -> None:
    """Run the image, which the engine may have to pull first."""
    try:
        process = subprocess.Popen(
            [engine, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
            creationflags=_OWN_GROUP,
        )
    except OSError as error:
        raise MissingDependency(f"cannot run {engine}: {error.strerror}") from None
    with process:
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    _, said = process.communicate(timeout=_POLL_SECONDS)
                    break
                _check(cancelled)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise ContainerFailed(f"{engine} cannot run {command[-1]}: {_last_lines(said)}")


def _published(engine: str, name: str) -> str:
    """Return the URL at which the container's port is published."""
    found = _ask(engine, "port", name, f"{ServeConfig.port}/tcp").partition("\n")[0].strip()
    host, _, port = found.rpartition(":")
    if not port.isdecimal():
        raise _failed(engine, name, f"container {name} ended as soon as it started")
    return f"http://{host}:{port}"


def _wait_until_healthy(
    engine: str, name: str, url: str, seconds: float, cancelled: threading.Event
) -> None:
    address = urlsplit(url)
    due = monotonic() + seconds
    next_check = monotonic() + 1.0
    while not is_healthy(address.hostname or "", address.port or 0):
        _check(cancelled)
        if monotonic() >= next_check:
            next_check = monotonic() + 1.0
            if _ask(engine, "inspect", "--format", "{{.State.Running}}", name).strip() == "false":
                raise _failed(engine, name, f"container {name} ended as soon as it started")
        if monotonic() >= due:
            late = f"the server in container {name} did not answer within {seconds:g} s"
            raise _failed(engine, name, late)
        cancelled.wait(_POLL_SECONDS)


def _check(cancelled: threading.Event) -> None:
    if cancelled.is_set():
        raise ContainerFailed("starting the container was cancelled")


def _failed(engine: str, name: str, why: str) -> ContainerFailed:
    """Return the error for a container that failed, with the end of its log."""
    log = _last_lines(_ask(engine, "logs", "--tail", str(_LOG_LINES), name))
    return ContainerFailed(f"{why}; its log ends: {log}")


def _ask(engine: str, *command: str) -> str:
    """Return the output of an engine command: both streams, since a container logs to either."""
    try:
        done = subprocess.run(
            [engine, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_ENGINE_SECONDS,
            start_new_session=True,
            creationflags=_OWN_GROUP,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def _stop_and_remove(engine: str, name: str, owner: int) -> None:
    if os.getpid() != owner:
        return  # a forked process has a copy of the client but does not own the container
    try:
        _ask(engine, "stop", "--time", str(STOP_SECONDS), name)
    finally:  # also at Ctrl-C
        _remove(engine, name)


def _remove(engine: str, name: str) -> None:
    _ask(engine, "rm", "--force", "--volumes", name)


def _last_lines(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " | ".join(lines[-_LOG_LINES:]) or "nothing"
