"""A server in a container of its own, by docker or podman, and the client that owns it."""

import asyncio
import os
import secrets
import shutil
import subprocess
import threading
import weakref
from collections.abc import Generator, Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from atari_cli.client.options import Options
from atari_cli.client.sync_env import SyncAtariEnv
from atari_cli.errors import ContainerFailed, MissingDependency

if TYPE_CHECKING:
    from atari_cli.client.env import AtariEnv

ENGINES: Final = ("docker", "podman")
PORT: Final = 8000
STOP_SECONDS: Final = 5

_POLL_SECONDS: Final = 0.1
_ENGINE_SECONDS: Final = 30.0
_LOG_LINES: Final = 5


class Container:
    """A running container with a server that answers; `start_container` starts one.

    It is removed by `remove`, when nobody has it any more, and at the end of the program.

    Attributes:
        name: The container's name.
        url: Where its server is, on this machine alone.
    """

    def __init__(self, engine: str, name: str, url: str) -> None:
        self.name = name
        self.url = url
        self._removal = weakref.finalize(self, _stop_and_remove, engine, name, os.getpid())

    def remove(self) -> None:
        """Stop and remove the container; removing it twice is fine."""
        self._removal()


class ContainerEnv:
    """A client whose container is still to be started: what `AtariEnv.from_docker_image` returns.

    `await` it or write it in `async with` for an AtariEnv; call its `.sync()` or write it in `with`
    for a SyncAtariEnv. Closing the client removes the container.
    """

    def __init__(
        self,
        image: str,
        variables: Mapping[str, str],
        engine: str | None,
        seconds: float,
        options: Mapping[str, Any],
    ) -> None:
        self._image = image
        self._variables = dict(variables)
        self._engine = engine
        self._seconds = seconds
        self._options = dict(options)
        self._client: SyncAtariEnv | AtariEnv | None = None

    def sync(self) -> SyncAtariEnv:
        """Start the container and return a client whose calls block.

        Raises:
            ContainerFailed: If it does not start, or its server does not answer.
            MissingDependency: If there is neither docker nor podman.
        """
        return SyncAtariEnv(self._with(self._start(threading.Event())))

    def __enter__(self) -> SyncAtariEnv:
        self._client = client = self.sync()
        try:
            return client.connect()
        except BaseException:
            client.close()
            raise

    def __exit__(self, *error: object) -> None:
        if isinstance(self._client, SyncAtariEnv):
            self._client.close()

    def __await__(self) -> "Generator[Any, None, AtariEnv]":
        return self._open().__await__()

    async def __aenter__(self) -> "AtariEnv":
        client = await self._open()
        self._client = client
        return client

    async def __aexit__(self, *error: object) -> None:
        if self._client is not None and not isinstance(self._client, SyncAtariEnv):
            await self._client.close()

    async def _open(self) -> "AtariEnv":
        from atari_cli.client.env import AtariEnv

        cancelled = threading.Event()
        starting = asyncio.ensure_future(asyncio.to_thread(self._start, cancelled))
        try:
            container = await asyncio.shield(starting)
        except asyncio.CancelledError:
            cancelled.set()
            with suppress(ContainerFailed, MissingDependency):
                # It may have been ready at the very moment.
                (await starting).remove()
            raise
        client = AtariEnv(_options=self._with(container))
        try:
            return await client.connect()
        except BaseException:
            await client.close()
            raise

    def _start(self, cancelled: threading.Event) -> Container:
        Options(**self._options)  # a wrong one is known before there is a container
        return start_container(self._image, self._variables, self._engine, self._seconds, cancelled)

    def _with(self, container: Container) -> Options:
        return Options(**{**self._options, "base_url": container.url, "container": container})


def find_engine() -> str:
    """Return the program that runs containers; MissingDependency if there is none."""
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
    cancelled: threading.Event | None = None,
) -> Container:
    """Start a container and wait until its server answers.

    Args:
        image: The image.
        variables: Its environment variables.
        engine: `docker` or `podman`; the one that there is if None.
        seconds: How long its server may take.
        cancelled: Another thread sets it to have this one give up.

    Raises:
        ContainerFailed: If it does not start or does not answer; it is removed then.
        MissingDependency: If there is no such engine.
    """
    engine = engine or find_engine()
    cancelled = cancelled or threading.Event()
    name = f"atari-{secrets.token_hex(6)}"
    given = [f"--env={key}={value}" for key, value in variables.items()]
    # From this machine alone; the engine chooses a port that is free.
    command = ["run", "--detach", "--name", name, "--publish", f"127.0.0.1::{PORT}", *given, image]
    try:
        _run(engine, command, cancelled)
        url = _published(engine, name)
        _wait_until_healthy(engine, name, url, seconds, cancelled)
        return Container(engine, name, url)
    except BaseException:
        _remove(engine, name)
        raise


def _run(engine: str, command: list[str], cancelled: threading.Event) -> None:
    """Run the image, which may have to be fetched first."""
    try:
        process = subprocess.Popen(
            [engine, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
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
    """Return where the container's port is reached."""
    found = _ask(engine, "port", name, f"{PORT}/tcp").partition("\n")[0].strip()
    host, _, port = found.rpartition(":")
    if not port.isdecimal():
        raise ContainerFailed(_ended(engine, name))
    return f"http://{host}:{port}"


def _wait_until_healthy(
    engine: str, name: str, url: str, seconds: float, cancelled: threading.Event
) -> None:
    due = monotonic() + seconds
    next_look = monotonic() + 1.0
    while not _is_healthy(url):
        _check(cancelled)
        if monotonic() >= next_look:
            next_look = monotonic() + 1.0
            if _ask(engine, "inspect", "--format", "{{.State.Running}}", name).strip() == "false":
                raise ContainerFailed(_ended(engine, name))
        if monotonic() >= due:
            log = _last_lines(_ask(engine, "logs", "--tail", str(_LOG_LINES), name))
            raise ContainerFailed(
                f"the server of container {name} did not answer within {seconds:g} s; "
                f"its log ends: {log}"
            )
        cancelled.wait(_POLL_SECONDS)


def _is_healthy(url: str) -> bool:
    connection = HTTPConnection(url.removeprefix("http://"), timeout=2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _check(cancelled: threading.Event) -> None:
    if cancelled.is_set():
        raise ContainerFailed("starting the container was cancelled")


def _ended(engine: str, name: str) -> str:
    log = _last_lines(_ask(engine, "logs", "--tail", str(_LOG_LINES), name))
    return f"container {name} ended as soon as it started; its log ends: {log}"


def _ask(engine: str, *command: str) -> str:
    """Return what the engine prints, on both streams; a container logs to either."""
    try:
        done = subprocess.run(
            [engine, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_ENGINE_SECONDS,
            start_new_session=True,  # a terminal's Ctrl-C is for this program alone
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def _stop_and_remove(engine: str, name: str, owner: int) -> None:
    if os.getpid() != owner:
        return  # a fork of the program has a copy of the client, but not the container
    try:
        _ask(engine, "stop", "--time", str(STOP_SECONDS), name)
    finally:  # also at Ctrl-C
        _remove(engine, name)


def _remove(engine: str, name: str) -> None:
    _ask(engine, "rm", "--force", "--volumes", name)


def _last_lines(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " | ".join(lines[-_LOG_LINES:]) or "nothing"
